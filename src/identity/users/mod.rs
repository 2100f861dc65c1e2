//! The users of a practice: seeing them, changing what they are, keeping them out.
//!
//! A change here ends the user's sessions in the practice at once. Staff roles change into one
//! another; patients are invited to their record and are nothing else. A user who is a provider stays
//! one until the provider is no longer theirs. The last admin who can sign in stays.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;
pub(super) use store::lock_practice;

use store::UserRow;

action!(
    /// Seeing the users of the practice.
    ReadUsers, "users.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Changing what a user is, or whether they may sign in.
    ChangeUser, "users.change", practice, [Admin], step_up RoleChanges
);

static LAST_ADMIN: ProblemType = ProblemType::new(
    "last-admin",
    409,
    "A practice keeps an admin who can sign in",
);
static USER_IS_PROVIDER: ProblemType = ProblemType::new(
    "user-is-provider",
    409,
    "The user is a provider; take the user from the provider first",
);

/// The changes; a field that is `None` stays.
struct UserChanges {
    role: Option<Role>,
    disabled: Option<bool>,
}

/// Which users are listed; all of it must fit.
#[derive(Clone, Copy)]
struct UserFilter {
    role: Option<Role>,
    /// Those that changed then or later.
    updated_since: Option<DateTime<Utc>>,
}

/// Name and id of the row before a page.
type NameKey = (String, Uuid);

/// Why a user was not read or changed.
#[derive(Debug, thiserror::Error)]
enum UserError {
    #[error("no such user here")]
    NotFound,
    #[error("the last admin")]
    LastAdmin,
    #[error("is a provider")]
    IsProvider,
    #[error("patients are patients")]
    OnlyStaff,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for UserError {
    const TYPES: &'static [&'static ProblemType] = &[&LAST_ADMIN, &USER_IS_PROVIDER];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::LastAdmin => Problem::new(&LAST_ADMIN),
            Self::IsProvider => Problem::new(&USER_IS_PROVIDER),
            Self::OnlyStaff => Problem::field("/role", "changes among the roles of staff only"),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Auditors do not see who the patients are.
fn sees_patients(transaction: &Transaction<'_, ReadUsers>) -> bool {
    transaction.principal().role != Role::Auditor
}

async fn list(
    transaction: &Transaction<'_, ReadUsers>,
    filter: UserFilter,
    window: &Window<NameKey>,
) -> Stored<Vec<UserRow>> {
    store::list(transaction, filter, sees_patients(transaction), window).await
}

async fn read(transaction: &Transaction<'_, ReadUsers>, id: Uuid) -> Result<UserRow, UserError> {
    let found = store::find(transaction, id).await?;
    found
        .filter(|user| user.role != Role::Patient || sees_patients(transaction))
        .ok_or(UserError::NotFound)
}

async fn change(
    transaction: &Transaction<'_, ChangeUser>,
    id: Uuid,
    if_match: &IfMatch,
    changes: &UserChanges,
) -> Result<UserRow, UserError> {
    // One change at a time in a practice, or two admins could disable one another.
    store::lock_practice(transaction).await?;
    let mut user = store::find(transaction, id)
        .await?
        .ok_or(UserError::NotFound)?;
    if_match.require(user.version)?;
    let was_admin = user.is_active_admin();
    let before = (user.role, user.is_disabled());
    if let Some(role) = changes.role.filter(|role| *role != user.role) {
        if role == Role::Patient || user.role == Role::Patient {
            return Err(UserError::OnlyStaff);
        }
        if user.provider_id.is_some() {
            return Err(UserError::IsProvider);
        }
        user.role = role;
    }
    if let Some(disabled) = changes.disabled {
        let since = user.suspended_at.unwrap_or_else(|| transaction.now());
        user.suspended_at = disabled.then_some(since);
    }
    user.version = user.version.next();
    user.updated_at = transaction.now();
    store::update(transaction, &user).await?;
    if was_admin && !user.is_active_admin() && !store::has_active_admin(transaction).await? {
        return Err(UserError::LastAdmin);
    }
    if before != (user.role, user.is_disabled()) {
        store::end_sessions(transaction, id).await?;
    }
    transaction.touch_record("user", id);
    Ok(user)
}
