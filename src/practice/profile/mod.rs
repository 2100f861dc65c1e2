//! The practice as a whole: its name and the zone of everything not tied to one location.
//!
//! The slug is what people type at sign-in and what the control tables know the practice by; it
//! is shown here and changed nowhere.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::time_zone::TimeZone;

action!(
    /// Reading what the practice is called and where it is.
    Read, "practice.read", practice, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Renaming the practice or moving it to another zone.
    Change, "practice.change", practice, [Admin]
);

/// The practice.
struct Profile {
    id: Uuid,
    slug: String,
    name: String,
    time_zone: TimeZone,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is to be changed: nothing where nothing is said.
struct ProfileChanges {
    name: Option<String>,
    time_zone: Option<TimeZone>,
}

/// Why the practice was not read or changed.
#[derive(Debug, thiserror::Error)]
enum ProfileError {
    #[error("no such practice")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ProfileError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// The zone of everything not tied to one location.
pub(crate) async fn practice_zone(transaction: &OpenTransaction<'_>) -> Stored<TimeZone> {
    store::zone(transaction).await
}

async fn read(transaction: &Transaction<'_, Read>) -> Result<Profile, ProfileError> {
    store::find(transaction)
        .await?
        .ok_or(ProfileError::NotFound)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    if_match: &IfMatch,
    changes: &ProfileChanges,
) -> Result<Profile, ProfileError> {
    let mut profile = store::lock(transaction)
        .await?
        .ok_or(ProfileError::NotFound)?;
    if_match.require(profile.version)?;
    if let Some(name) = &changes.name {
        profile.name.clone_from(name);
    }
    profile.time_zone = changes.time_zone.unwrap_or(profile.time_zone);
    profile.version = profile.version.next();
    profile.updated_at = transaction.now();
    store::update(transaction, &profile).await?;
    Ok(profile)
}
