//! Closures: when a location, or the whole practice, is closed to everybody.

mod routes;
mod store;

use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::intervals::Interval;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;
pub(crate) use store::closed_times;

use super::affected::AffectedCause;
use super::locations::LocationId;
use super::profile::practice_zone;

use super::schedules::{Affected, HoursBefore, appointments_outside, lock_all_to_change};
use super::short_notice::{may_close, too_far_ahead};
use super::span::Part;
use super::time_zone::TimeZone;

id! {
    /// Names a closure.
    pub(crate) struct ClosureId
}

action!(
    /// Reading closures.
    Read, "closures.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Adding a closure, and learning which appointments fall into it.
    Add, "closures.add", record, [Admin, FrontDesk]
);
action!(
    /// Taking a closure back.
    Remove, "closures.remove", practice, [Admin, FrontDesk]
);

/// A closure to be added.
struct NewClosure {
    location_id: Option<LocationId>,
    span: Interval,
    reason: String,
}

/// A closure.
struct Closure {
    id: ClosureId,
    location_id: Option<LocationId>,
    span: Interval,
    reason: String,
    time_zone: TimeZone,
}

/// What was added, and who was booked in it.
struct ClosureAdded {
    added: Closure,
    appointments_outside: Vec<Uuid>,
}

/// Why a closure was not read, added or removed.
#[derive(Debug, thiserror::Error)]
enum ClosureError {
    #[error("no such thing")]
    NotFound,
    #[error("no such location")]
    NoSuchLocation,
    #[error("only an admin plans so far ahead")]
    TooFarAhead,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ClosureError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NoSuchLocation => Problem::field("/location_id", "names no location"),
            Self::TooFarAhead => too_far_ahead(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    part: &Part,
) -> Result<Vec<Closure>, ClosureError> {
    Ok(store::list(transaction, part).await?)
}

async fn read(transaction: &Transaction<'_, Read>, id: ClosureId) -> Result<Closure, ClosureError> {
    store::find(transaction, id)
        .await?
        .ok_or(ClosureError::NotFound)
}

async fn add(
    transaction: &Transaction<'_, Add>,
    new: &NewClosure,
) -> Result<ClosureAdded, ClosureError> {
    lock_all_to_change(transaction).await?;
    if !may_close(transaction, new.span) {
        return Err(ClosureError::TooFarAhead);
    }
    let time_zone = match new.location_id {
        Some(id) => store::zone(transaction, id)
            .await?
            .ok_or(ClosureError::NoSuchLocation)?,
        None => practice_zone(transaction).await?,
    };
    let added = Closure {
        id: ClosureId::fresh(transaction.now()),
        location_id: new.location_id,
        span: new.span,
        reason: new.reason.clone(),
        time_zone,
    };
    store::insert(transaction, &added).await?;
    let affected = Affected {
        provider_id: None,
        location_id: added.location_id,
        range: Some(added.span),
    };
    let appointments_outside =
        appointments_outside(transaction, affected, AffectedCause::Closure).await?;
    Ok(ClosureAdded {
        added,
        appointments_outside,
    })
}

async fn remove(transaction: &Transaction<'_, Remove>, id: ClosureId) -> Result<(), ClosureError> {
    lock_all_to_change(transaction).await?;
    let removed = store::find(transaction, id)
        .await?
        .ok_or(ClosureError::NotFound)?;
    if !may_close(transaction, removed.span) {
        return Err(ClosureError::TooFarAhead);
    }
    let affected = Affected {
        provider_id: None,
        location_id: removed.location_id,
        range: Some(removed.span),
    };
    let before = HoursBefore::read(transaction, affected).await?;
    store::delete(transaction, id).await?;
    Ok(before.open_what_is_new(transaction).await?)
}
