//! The practice as a whole: its name, the zone of everything not tied to one location, how long its
//! waitlist waits for people, and how much patients book ahead.
//!
//! The slug is what people type at sign-in and what the control tables know the practice by; it
//! is shown here and changed nowhere.

mod routes;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, StepUp, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::platform::text::TextEnum;

pub(super) use routes::configure;

use super::time_zone::TimeZone;

action!(
    /// Reading what the practice is called and where it is.
    Read, "practice.read", practice, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Renaming the practice, moving it to another zone, or changing its waitlist and its limits.
    Change, "practice.change", practice, [Admin], done_by People
);

/// How long the waitlist waits for people, in minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WaitlistTerms {
    offer_minutes: i32,
    notice_minutes: i32,
}

impl WaitlistTerms {
    /// As long as an offer stands; never past the start of what is offered.
    pub(crate) fn offered_for(self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.offer_minutes))
    }

    /// Nothing is offered that begins sooner: there would be no time to answer and to come.
    pub(crate) fn least_notice(self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.notice_minutes))
    }
}

/// The practice.
struct Profile {
    id: Uuid,
    slug: String,
    name: String,
    time_zone: TimeZone,
    waitlist: WaitlistTerms,
    /// As many appointments still to come as patients book for one patient.
    most_booked_ahead: i32,
    sign_in: SignInTerms,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is to be changed: nothing where nothing is said.
struct ProfileChanges {
    name: Option<String>,
    time_zone: Option<TimeZone>,
    waitlist_offer_minutes: Option<i32>,
    waitlist_notice_minutes: Option<i32>,
    most_booked_ahead: Option<i32>,
    second_factor_roles: Option<Vec<Role>>,
    step_up_for: Option<Vec<StepUp>>,
}

/// How strictly people sign in.
struct SignInTerms {
    /// Roles that need a second factor.
    second_factor_roles: Vec<Role>,
    /// Acts before which it is asked for again.
    step_up_for: Vec<StepUp>,
}

/// Each word once, in the order of the set.
fn once<T: TextEnum>(words: &[T]) -> Vec<T> {
    let named = |word: &&T| words.iter().any(|given| given.as_str() == word.as_str());
    T::ALL.iter().filter(named).copied().collect()
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

/// The name of the practice, as it stands on what it hands out.
pub(crate) async fn practice_name(transaction: &OpenTransaction<'_>) -> Stored<String> {
    store::name(transaction).await
}

/// As many appointments still to come as an account of a patient may have booked for one patient.
pub(crate) async fn most_booked_ahead(transaction: &OpenTransaction<'_>) -> Stored<i64> {
    store::most_booked_ahead(transaction).await
}

/// How long the waitlist of the practice waits for people.
pub(crate) async fn waitlist_terms(transaction: &OpenTransaction<'_>) -> Stored<WaitlistTerms> {
    store::waitlist_terms(transaction).await
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
    let waitlist = &mut profile.waitlist;
    waitlist.offer_minutes = changes
        .waitlist_offer_minutes
        .unwrap_or(waitlist.offer_minutes);
    waitlist.notice_minutes = changes
        .waitlist_notice_minutes
        .unwrap_or(waitlist.notice_minutes);
    profile.most_booked_ahead = changes
        .most_booked_ahead
        .unwrap_or(profile.most_booked_ahead);
    if let Some(roles) = &changes.second_factor_roles {
        profile.sign_in.second_factor_roles = once(roles);
    }
    if let Some(acts) = &changes.step_up_for {
        profile.sign_in.step_up_for = once(acts);
    }
    profile.version = profile.version.next();
    profile.updated_at = transaction.now();
    store::update(transaction, &profile).await?;
    transaction.touch_record("practice", profile.id);
    Ok(profile)
}
