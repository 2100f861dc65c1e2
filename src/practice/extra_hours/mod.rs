//! Extra hours: when a provider is at a location beside the weekly hours, once.

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
use super::locations::LocationId;

use super::providers::ProviderId;
use super::schedules::{
    Affected, HoursBefore, appointments_outside, lock_to_change, provider_exists,
};
use super::span::Part;
use super::time_zone::TimeZone;

id! {
    /// Names extra hours.
    pub(crate) struct ExtraHoursId
}

action!(
    /// Reading extra hours.
    Read, "extra_hours.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Adding extra hours.
    Add, "extra_hours.add", practice, [Admin]
);
action!(
    /// Taking extra hours back, and learning which appointments fell into it.
    Remove, "extra_hours.remove", record, [Admin]
);

/// Extra hours to be added.
struct NewExtraHours {
    provider_id: ProviderId,
    location_id: LocationId,
    span: Interval,
}

/// Extra hours.
struct ExtraHours {
    id: ExtraHoursId,
    provider_id: ProviderId,
    location_id: LocationId,
    span: Interval,
    time_zone: TimeZone,
}

impl ExtraHours {
    const fn affected(&self) -> Affected {
        Affected {
            provider_id: Some(self.provider_id),
            location_id: Some(self.location_id),
            range: Some(self.span),
        }
    }
}

/// Why extra hours was not read, added or removed.
#[derive(Debug, thiserror::Error)]
enum ExtraHoursError {
    #[error("no such thing")]
    NotFound,
    #[error("no such location")]
    NoSuchLocation,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ExtraHoursError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NoSuchLocation => Problem::field("/location_id", "names no location"),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    provider_id: ProviderId,
    part: &Part,
) -> Result<Vec<ExtraHours>, ExtraHoursError> {
    if !provider_exists(transaction, provider_id).await? {
        return Err(ExtraHoursError::NotFound);
    }
    Ok(store::list(transaction, provider_id, part).await?)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    provider_id: ProviderId,
    id: ExtraHoursId,
) -> Result<ExtraHours, ExtraHoursError> {
    store::find(transaction, provider_id, id)
        .await?
        .ok_or(ExtraHoursError::NotFound)
}

async fn add(
    transaction: &Transaction<'_, Add>,
    new: &NewExtraHours,
) -> Result<ExtraHours, ExtraHoursError> {
    if !lock_to_change(transaction, new.provider_id).await? {
        return Err(ExtraHoursError::NotFound);
    }
    let time_zone = store::zone(transaction, new.location_id)
        .await?
        .ok_or(ExtraHoursError::NoSuchLocation)?;
    let added = ExtraHours {
        id: ExtraHoursId::fresh(transaction.now()),
        provider_id: new.provider_id,
        location_id: new.location_id,
        span: new.span,
        time_zone,
    };
    let before = HoursBefore::read(transaction, added.affected()).await?;
    store::insert(transaction, &added).await?;
    before.open_what_is_new(transaction).await?;
    Ok(added)
}

async fn remove(
    transaction: &Transaction<'_, Remove>,
    provider_id: ProviderId,
    id: ExtraHoursId,
) -> Result<Vec<Uuid>, ExtraHoursError> {
    if !lock_to_change(transaction, provider_id).await? {
        return Err(ExtraHoursError::NotFound);
    }
    let removed = store::find(transaction, provider_id, id)
        .await?
        .ok_or(ExtraHoursError::NotFound)?;
    store::delete(transaction, provider_id, id).await?;
    Ok(appointments_outside(transaction, removed.affected(), AffectedCause::Hours).await?)
}
