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

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey};
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

    /// Signs a text, and says with which key.
    pub(crate) fn sign(&self, text: &str) -> KeySignature {
        KeySignature {
            key: self.0.verifying_key().to_bytes(),
            signature: self.0.sign(text.as_bytes()).to_bytes(),
        }
    }

    /// Whether this key signed a text so.
    pub(crate) fn has_signed(&self, text: &str, signed: &KeySignature) -> bool {
        let key = self.0.verifying_key();
        let signature = Signature::from_bytes(&signed.signature);
        signed.key == key.to_bytes() && key.verify_strict(text.as_bytes(), &signature).is_ok()
    }
}

/// A signature, and the public key that it is checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeySignature {
    key: [u8; 32],
    signature: [u8; 64],
}

impl KeySignature {
    /// The key, then the signature, as they are stored.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.key.as_slice(), self.signature.as_slice()].concat()
    }

    /// Reads what was stored.
    pub(crate) fn stored(bytes: &[u8]) -> Option<Self> {
        let (key, signature) = bytes.split_first_chunk::<32>()?;
        Some(Self {
            key: *key,
            signature: signature.try_into().ok()?,
        })
    }

    /// The public key in Base64.
    pub(crate) fn key_base64(&self) -> String {
        STANDARD.encode(self.key)
    }

    /// The signature in Base64.
    pub(crate) fn signature_base64(&self) -> String {
        STANDARD.encode(self.signature)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_text_and_its_key_and_no_other() {
        let key = TrailKey::new(&[7; 32]);
        let signed = key.sign("sealed");
        assert_eq!(KeySignature::stored(&signed.bytes()), Some(signed));
        assert!(key.has_signed("sealed", &signed));
        assert!(!key.has_signed("altered", &signed));
        let other = TrailKey::new(&[8; 32]);
        assert!(!other.has_signed("sealed", &signed));
        assert!(!key.has_signed("sealed", &other.sign("sealed")));
        for byte in 0..96 {
            let mut bytes = signed.bytes();
            bytes[byte] ^= 1;
            let altered = KeySignature::stored(&bytes).unwrap();
            assert!(!key.has_signed("sealed", &altered), "{byte}");
        }
        assert_eq!(KeySignature::stored(&signed.bytes()[..95]), None);
    }
}
