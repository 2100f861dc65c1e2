//! An admin says which identity at the provider is which user.

use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::finish::IDENTITY_TAKEN;
use super::store::{self, LinkRow, NewLink};

action!(
    /// Seeing with which identity a user signs in.
    ReadIdentity, "identities.read", practice, [Admin, Auditor]
);
action!(
    /// Linking a user with an identity at the provider, or parting the two.
    LinkIdentity, "identities.link", practice, [Admin], step_up RoleChanges
);

static NO_PROVIDER: ProblemType = ProblemType::new(
    "no-identity-provider",
    409,
    "The practice has named no OpenID provider yet",
);

/// Why nothing was linked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("no such user or link here")]
    NotFound,
    #[error("no provider")]
    NoProvider,
    #[error("linked with somebody else")]
    Taken,
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for LinkError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("provider_subjects_pkey") {
            Self::Taken
        } else if error.breaks("provider_subjects_membership_exists") {
            Self::NotFound
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for LinkError {
    const TYPES: &'static [&'static ProblemType] =
        &[&problem::NOT_FOUND, &NO_PROVIDER, &IDENTITY_TAKEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NoProvider => Problem::new(&NO_PROVIDER),
            Self::Taken => Problem::new(&IDENTITY_TAKEN),
            Self::Database(error) => error.into(),
        }
    }
}

/// Links the user with this subject, in place of an earlier one.
pub(super) async fn link(
    transaction: &Transaction<'_, LinkIdentity>,
    user_id: Uuid,
    subject: &str,
) -> Result<LinkRow, LinkError> {
    if !store::is_member(transaction, user_id).await? {
        return Err(LinkError::NotFound);
    }
    let provider = store::read_provider(transaction).await?;
    let provider = provider.ok_or(LinkError::NoProvider)?;
    store::delete_link(transaction, user_id).await?;
    let link = NewLink {
        practice_id: transaction.practice_id(),
        issuer: &provider.issuer,
        subject,
        user_id,
        linked_at: transaction.now(),
        linked_by: Some(transaction.principal().user_id),
    };
    store::insert_link(transaction.connection(), &link).await?;
    transaction.touch_record("user", user_id);
    let linked = store::read_link(transaction, user_id).await?;
    linked.ok_or(LinkError::NotFound)
}

/// Parts the two; sessions go on until they end.
pub(super) async fn part(
    transaction: &Transaction<'_, LinkIdentity>,
    user_id: Uuid,
) -> Result<(), LinkError> {
    if !store::delete_link(transaction, user_id).await? {
        return Err(LinkError::NotFound);
    }
    transaction.touch_record("user", user_id);
    Ok(())
}

/// The identity that a user is linked with.
pub(super) async fn read(
    transaction: &Transaction<'_, ReadIdentity>,
    user_id: Uuid,
) -> Result<LinkRow, LinkError> {
    let found = store::read_link(transaction, user_id).await?;
    found.ok_or(LinkError::NotFound)
}
