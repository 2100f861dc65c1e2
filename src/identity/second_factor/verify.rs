//! Checking a code, of the app or from paper. Each is good once.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use crate::identity::sessions::OwnAccount;
use crate::identity::store as accounts;
use crate::identity::throttle::{self, Bucket};
use crate::platform::access::Permit;
use crate::platform::database::{Database, Door, Stored};
use crate::platform::problem::Problem;

use super::recovery_code::RecoveryCode;
use super::{SecondFactorError, app, store};

/// Uses a code up; says whether it was good.
pub(super) async fn use_code(
    connection: &AsyncPgConnection,
    user_id: Uuid,
    code: &str,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let factor = store::lock_factor(connection, user_id).await?;
    let Some(factor) = factor.filter(|factor| factor.activated_at.is_some()) else {
        return Ok(false);
    };
    if let Some(step) = step_of(&factor.secret, code, now) {
        return store::use_step(connection, user_id, step).await;
    }
    let hash = RecoveryCode::read(code).hash();
    store::use_recovery_code(connection, user_id, &hash, now).await
}

/// The half minute that a code of the app is of: the present one, or one beside it.
pub(super) fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let seconds = u64::try_from(now.timestamp()).ok()?;
    let step = app(secret, "").check(code.trim(), seconds)?;
    i64::try_from(step).ok()
}

/// Where guesses of somebody who is signed in are counted.
pub(super) fn bucket(user_id: Uuid) -> Bucket {
    Bucket::of(&format!("second factor of {user_id}"))
}

/// Gives the factor again in a session. What the practice asks it for is open for some minutes.
pub(super) async fn verify(
    permit: &Permit<OwnAccount>,
    database: &Database,
    code: &str,
) -> Result<(), Problem> {
    let (user_id, session_id) = (permit.principal().user_id, permit.principal().session_id);
    permit.transaction(async |_| Ok(())).await?;
    let now = database.now();
    let buckets = [bucket(user_id)];
    database
        .through(Door::SecondFactor, async |connection| {
            if !store::has_second_factor(connection, user_id).await? {
                return Err(SecondFactorError::None.into());
            }
            throttle::count(connection, &buckets, now).await
        })
        .await?;
    let is_good = database
        .through(Door::SecondFactor, async |connection| {
            if !use_code(connection, user_id, code, now).await? {
                return Ok(false);
            }
            throttle::settle(connection, &buckets).await?;
            store::mark_session(connection, session_id, Some(now)).await?;
            Ok(true)
        })
        .await?;
    if is_good {
        Ok(())
    } else {
        Err(SecondFactorError::WrongCode.into())
    }
}

/// What a person is before their factor changes.
pub(super) struct Holder {
    pub(super) email: String,
    pub(super) hash: Option<String>,
}

/// Reads the account of the caller, after asking whether the session holds.
pub(super) async fn holder(
    permit: &Permit<OwnAccount>,
    database: &Database,
) -> Result<Holder, Problem> {
    let principal = permit.principal();
    permit.transaction(async |_| Ok(())).await?;
    database
        .through(Door::SecondFactor, async |connection| {
            let (practice_id, user_id) = (principal.practice_id, principal.user_id);
            let member = accounts::member(connection, practice_id, user_id).await?;
            let member =
                member.ok_or_else(|| Problem::new(&crate::platform::problem::NOT_SIGNED_IN))?;
            let hash = accounts::password_hash(connection, &member.email).await?;
            Ok(Holder {
                email: member.email,
                hash,
            })
        })
        .await
}
