//! The sealed trail: proof that no act was changed, taken out, put in or moved afterwards.
//!
//! Every few seconds a worker takes the acts that were recorded since and makes them leaves of a Merkle tree, one tree
//! for each practice (RFC 9162). It signs the root and keeps it as a note. Whoever keeps such a note outside
//! of the database (a file, a mail, another host) can say later whether what was sealed then is still
//! there, even when the owner of the database has rewritten all of it. What was recorded in the last few
//! seconds is not sealed yet; the verifier says how much that is.

mod leaf;
mod merkle;
mod note;
mod seal;
mod store;
mod verify;

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use uuid::Uuid;

use crate::platform::access::{May, Permit, job};
use crate::platform::database::{Database, Stored, Transaction};
use crate::platform::problem::Problem;

pub(crate) use seal::seal_trail;
pub(crate) use verify::{TrailFault, Verified};

/// So many acts are read at a time.
const AT_ONCE: i64 = 10_000;
/// Before every act.
const BEGINNING: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// The key that signs the trails of this database.
#[derive(Clone)]
pub(crate) struct TrailKey(SigningKey);

impl TrailKey {
    /// A key of these 32 secret bytes.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    const fn pair(&self) -> &SigningKey {
        &self.0
    }
}

/// Verifying the trail. The action that does it says that it may.
pub(crate) enum VerifyTrail {}

/// Verifies the trail of the practice; `kept` is a checkpoint that was kept elsewhere.
pub(crate) async fn verify_trail(
    transaction: &Transaction<'_, impl May<VerifyTrail>>,
    key: &TrailKey,
    kept: Option<&str>,
) -> Stored<Verified> {
    verify::verify(transaction, key, kept).await
}

job!(
    /// Verifying the trail from the command line.
    VerifyByCommand, "audit_events.verify_by_command", practice
);

impl May<VerifyTrail> for VerifyByCommand {}

/// Verifies the trail of a practice from the command line.
pub(crate) async fn verify_by_command(
    database: &Database,
    key: &TrailKey,
    practice_id: Uuid,
    kept: Option<&str>,
) -> Result<Verified, Problem> {
    let permit = Permit::<VerifyByCommand>::of_job(database.clone(), practice_id);
    permit
        .transaction(async |transaction| Ok(verify_trail(transaction, key, kept).await?))
        .await
}
