//! Time off: when a provider is away, at every location.
//!
//! Answered in the zone of the practice, since it is tied to no location.

mod routes;
mod store;

use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::intervals::Interval;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::affected::AffectedCause;
use super::profile::practice_zone;
use super::providers::ProviderId;
use super::schedules::{
    Affected, HoursBefore, appointments_outside, lock_to_change, provider_exists,
};
use super::short_notice::{may_close, too_far_ahead};
use super::span::Part;
use super::time_zone::TimeZone;

id! {
    /// Names time off.
    pub(crate) struct TimeOffId
}

action!(
    /// Reading time off.
    Read, "time_off.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Adding time off, and learning which appointments fall into it.
    Add, "time_off.add", record, [Admin, FrontDesk]
);
action!(
    /// Taking time off back.
    Remove, "time_off.remove", practice, [Admin, FrontDesk]
);

/// Time off to be added.
struct NewTimeOff {
    provider_id: ProviderId,
    span: Interval,
    reason: String,
}

/// Time off.
struct TimeOff {
    id: TimeOffId,
    provider_id: ProviderId,
    span: Interval,
    reason: String,
    time_zone: TimeZone,
}

/// What was added, and who was booked in it.
struct TimeOffAdded {
    added: TimeOff,
    appointments_outside: Vec<Uuid>,
}

/// Why time off was not read, added or removed.
#[derive(Debug, thiserror::Error)]
enum TimeOffError {
    #[error("no such thing")]
    NotFound,
    #[error("only an admin plans so far ahead")]
    TooFarAhead,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for TimeOffError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::TooFarAhead => too_far_ahead(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    provider_id: ProviderId,
    part: &Part,
) -> Result<Vec<TimeOff>, TimeOffError> {
    if !provider_exists(transaction, provider_id).await? {
        return Err(TimeOffError::NotFound);
    }
    Ok(store::list(transaction, provider_id, part).await?)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    provider_id: ProviderId,
    id: TimeOffId,
) -> Result<TimeOff, TimeOffError> {
    store::find(transaction, provider_id, id)
        .await?
        .ok_or(TimeOffError::NotFound)
}

async fn add(
    transaction: &Transaction<'_, Add>,
    new: &NewTimeOff,
) -> Result<TimeOffAdded, TimeOffError> {
    if !lock_to_change(transaction, new.provider_id).await? {
        return Err(TimeOffError::NotFound);
    }
    if !may_close(transaction, new.span) {
        return Err(TimeOffError::TooFarAhead);
    }
    let time_zone = practice_zone(transaction).await?;
    let added = TimeOff {
        id: TimeOffId::fresh(transaction.now()),
        provider_id: new.provider_id,
        span: new.span,
        reason: new.reason.clone(),
        time_zone,
    };
    store::insert(transaction, &added).await?;
    let affected = Affected {
        provider_id: Some(added.provider_id),
        location_id: None,
        range: Some(added.span),
    };
    let appointments_outside =
        appointments_outside(transaction, affected, AffectedCause::TimeOff).await?;
    Ok(TimeOffAdded {
        added,
        appointments_outside,
    })
}

async fn remove(
    transaction: &Transaction<'_, Remove>,
    provider_id: ProviderId,
    id: TimeOffId,
) -> Result<(), TimeOffError> {
    if !lock_to_change(transaction, provider_id).await? {
        return Err(TimeOffError::NotFound);
    }
    let removed = store::find(transaction, provider_id, id)
        .await?
        .ok_or(TimeOffError::NotFound)?;
    if !may_close(transaction, removed.span) {
        return Err(TimeOffError::TooFarAhead);
    }
    let affected = Affected {
        provider_id: Some(provider_id),
        location_id: None,
        range: Some(removed.span),
    };
    let before = HoursBefore::read(transaction, affected).await?;
    store::delete(transaction, provider_id, id).await?;
    Ok(before.open_what_is_new(transaction).await?)
}
