//! Making, seeing and changing service accounts.

use ipnet::IpNet;
use uuid::Uuid;

use crate::platform::access::{ServiceScope, action};
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::account::{Details, ServiceAccount, ServiceAccountId};
use super::store;

action!(
    /// Seeing the service accounts and their keys.
    ReadServiceAccounts, "service_accounts.read", practice, [Admin], done_by People
);
action!(
    /// Making and changing service accounts and their keys.
    ManageServiceAccounts, "service_accounts.manage", practice, [Admin], step_up RoleChanges, done_by People
);

/// The changes; a field that is `None` stays.
pub(super) struct Changes {
    pub(super) name: Option<String>,
    pub(super) scopes: Option<Vec<ServiceScope>>,
    pub(super) networks: Option<Vec<IpNet>>,
    pub(super) disabled: Option<bool>,
}

/// Why a service account was not made, read or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccountError {
    #[error("no such service account")]
    NotFound,
    #[error("the name is taken")]
    NameTaken,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for AccountError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("service_accounts_name_unique") {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for AccountError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NameTaken => Problem::field(
                "/name",
                "is the name of another service account of this practice",
            ),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Makes an account; it has no key yet.
pub(super) async fn add(
    transaction: &Transaction<'_, ManageServiceAccounts>,
    details: Details,
) -> Result<ServiceAccount, AccountError> {
    let now = transaction.now();
    let account = ServiceAccount {
        id: ServiceAccountId::fresh(now),
        details,
        disabled_at: None,
        created_at: now,
        updated_at: now,
        version: Version::FIRST,
        keys: Vec::new(),
    };
    store::insert(transaction, &account).await?;
    transaction.touch_record("service_account", account.id);
    Ok(account)
}

pub(super) async fn list(
    transaction: &Transaction<'_, ReadServiceAccounts>,
    window: &Window<Uuid>,
) -> Stored<Vec<ServiceAccount>> {
    store::list(transaction, window).await
}

pub(super) async fn read(
    transaction: &Transaction<'_, ReadServiceAccounts>,
    id: ServiceAccountId,
) -> Result<ServiceAccount, AccountError> {
    let found = store::find(transaction, id).await?;
    found.ok_or(AccountError::NotFound)
}

/// Changes an account. Its next request is judged by what it is then.
pub(super) async fn change(
    transaction: &Transaction<'_, ManageServiceAccounts>,
    id: ServiceAccountId,
    if_match: &IfMatch,
    changes: Changes,
) -> Result<ServiceAccount, AccountError> {
    store::lock(transaction, id).await?;
    let found = store::find(transaction, id).await?;
    let mut account = found.ok_or(AccountError::NotFound)?;
    if_match.require(account.version)?;
    let details = &mut account.details;
    details.name = changes.name.unwrap_or_else(|| details.name.clone());
    details.scopes = changes.scopes.unwrap_or_else(|| details.scopes.clone());
    details.networks = changes.networks.unwrap_or_else(|| details.networks.clone());
    if let Some(disabled) = changes.disabled {
        let since = account.disabled_at.unwrap_or_else(|| transaction.now());
        account.disabled_at = disabled.then_some(since);
    }
    account.version = account.version.next();
    account.updated_at = transaction.now();
    store::update(transaction, &account).await?;
    transaction.touch_record("service_account", id);
    Ok(account)
}
