//! The keys of a service account: handing one out, and taking it back.

use chrono::{DateTime, Utc};

use crate::identity::set_up::secret;
use crate::platform::access::ServiceKey;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::account::{Key, LONGEST_LIFE, ServiceAccountId, ServiceKeyId};
use super::change::ManageServiceAccounts;
use super::store;

static TWO_KEYS: ProblemType = ProblemType::new(
    "two-keys",
    409,
    "The service account has two keys; take one of them back first",
);

/// Why no key was handed out or taken back.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    #[error("no such key")]
    NotFound,
    #[error("two keys")]
    TwoKeys,
    #[error("ends in the past, or too late")]
    ExpiryOutOfRange,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for KeyError {
    const TYPES: &'static [&'static ProblemType] = &[&TWO_KEYS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::TwoKeys => Problem::new(&TWO_KEYS),
            Self::ExpiryOutOfRange => {
                Problem::field("/expires_at", "must lie in the future, within 365 days")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Hands out a key, until `expires_at` or for as long as a key can be good. The text is returned here and stored
/// nowhere.
pub(super) async fn hand_out(
    transaction: &Transaction<'_, ManageServiceAccounts>,
    account_id: ServiceAccountId,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(Key, String), KeyError> {
    let now = transaction.now();
    let latest = now + LONGEST_LIFE;
    let expires_at = expires_at.unwrap_or(latest);
    if expires_at <= now || expires_at > latest {
        return Err(KeyError::ExpiryOutOfRange);
    }
    // One key at a time, so that two admins do not take one place.
    store::lock(transaction, account_id).await?;
    let found = store::find(transaction, account_id).await?;
    let account = found.ok_or(KeyError::NotFound)?;
    let (place, expired) = account.place_for_key(now).ok_or(KeyError::TwoKeys)?;
    if let Some(expired) = expired {
        store::revoke_key(transaction, account_id, expired).await?;
    }
    let mut name = [0; 6];
    name.iter_mut()
        .zip(secret())
        .for_each(|(byte, random)| *byte = random);
    let (made, text) = ServiceKey::make(name, secret());
    let key = Key {
        id: ServiceKeyId::fresh(now),
        place,
        prefix: made.prefix,
        created_at: now,
        expires_at,
        last_used_at: None,
    };
    store::insert_key(transaction, account_id, &key, &made.hash).await?;
    transaction.touch_record("service_account_key", key.id);
    Ok((key, text))
}

/// Takes a key back; the very next request with it is refused.
pub(super) async fn take_back(
    transaction: &Transaction<'_, ManageServiceAccounts>,
    account_id: ServiceAccountId,
    key_id: ServiceKeyId,
) -> Result<(), KeyError> {
    // The account is one of this practice.
    store::lock(transaction, account_id).await?;
    let found = store::find(transaction, account_id).await?;
    found.ok_or(KeyError::NotFound)?;
    if !store::revoke_key(transaction, account_id, key_id).await? {
        return Err(KeyError::NotFound);
    }
    transaction.touch_record("service_account_key", key_id);
    Ok(())
}
