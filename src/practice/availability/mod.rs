//! A provider's weekly hours at a location: reading them, and setting them from a date on.
//!
//! What is set replaces all that the provider's hours at the location would have been from
//! `valid_from` on: the period that held until then ends the day before, and later ones go. To
//! have other hours for a while, one sets those, and then the usual ones from the day after.

mod routes;
mod store;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::affected::AffectedCause;
use super::hours::{
    AvailabilityTemplate, TemplateFault, TemplateRefused, WeeklyWindow, WindowFault,
};
use super::locations::LocationId;
use super::providers::ProviderId;
use super::schedules::{
    Affected, HoursBefore, appointments_outside, lock_to_change, provider_exists,
};
use super::time_zone::TimeZone;

id! {
    /// Names the hours of a provider at a location over a period.
    pub(crate) struct AvailabilityId
}

action!(
    /// Reading a provider's weekly hours.
    Read, "availability.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Setting a provider's weekly hours, and learning which appointments fall outside.
    Set, "availability.set", record, [Admin]
);

/// Weekly hours as they are to be from a date on.
struct SetAvailability {
    provider_id: ProviderId,
    location_id: LocationId,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindow>,
}

/// Weekly hours over a period.
struct Availability {
    id: AvailabilityId,
    provider_id: ProviderId,
    location_id: LocationId,
    time_zone: TimeZone,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindow>,
    updated_at: DateTime<Utc>,
}

/// Which hours of a provider are listed; all of it must fit.
#[derive(Clone, Copy)]
struct AvailabilityFilter {
    location_id: Option<LocationId>,
    /// Those that changed then or later.
    updated_since: Option<DateTime<Utc>>,
}

/// Hours as they are now, and who was booked outside them.
struct AvailabilitySet {
    availability: Availability,
    appointments_outside: Vec<Uuid>,
}

/// Why hours were not read or set.
#[derive(Debug, thiserror::Error)]
enum AvailabilityError {
    #[error("no such provider")]
    NotFound,
    #[error("no such hours can be set")]
    Refused(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AvailabilityError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Refused(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

fn field_error(fault: TemplateFault) -> FieldError {
    match fault {
        TemplateFault::EndsBeforeItStarts => {
            FieldError::new("/valid_until", "lies before valid_from")
        }
        TemplateFault::Window {
            index,
            fault: WindowFault::Overlaps { earlier_index },
        } => {
            let detail = format!("overlaps the window at place {earlier_index}");
            FieldError::new(format!("/weekly/{index}"), detail)
        }
        TemplateFault::Window { index, fault } => {
            FieldError::new(format!("/weekly/{index}/to"), fault.to_string())
        }
    }
}

/// The provider's hours from a place on, by their first day.
async fn list(
    transaction: &Transaction<'_, Read>,
    provider_id: ProviderId,
    filter: AvailabilityFilter,
    window: &Window<(NaiveDate, Uuid)>,
) -> Result<Vec<Availability>, AvailabilityError> {
    if !provider_exists(transaction, provider_id).await? {
        return Err(AvailabilityError::NotFound);
    }
    Ok(store::list(transaction, provider_id, filter, window).await?)
}

/// Sets the hours; nothing booked is changed by it.
async fn set(
    transaction: &Transaction<'_, Set>,
    command: &SetAvailability,
) -> Result<AvailabilitySet, AvailabilityError> {
    if !lock_to_change(transaction, command.provider_id).await? {
        return Err(AvailabilityError::NotFound);
    }
    let time_zone = require_sound(transaction, command).await?;
    let mut weekly = command.weekly.clone();
    weekly.sort_by_key(|window| (window.weekday, window.from));
    let availability = Availability {
        id: AvailabilityId::fresh(transaction.now()),
        provider_id: command.provider_id,
        location_id: command.location_id,
        time_zone,
        valid_from: command.valid_from,
        valid_until: command.valid_until,
        weekly,
        updated_at: transaction.now(),
    };
    let affected = Affected {
        provider_id: Some(command.provider_id),
        location_id: Some(command.location_id),
        range: None,
    };
    let before = HoursBefore::read(transaction, affected).await?;
    store::replace(transaction, &availability).await?;
    before.open_what_is_new(transaction).await?;
    let appointments_outside =
        appointments_outside(transaction, affected, AffectedCause::Hours).await?;
    Ok(AvailabilitySet {
        availability,
        appointments_outside,
    })
}

/// The zone of the location, or everything that is wrong with the hours.
async fn require_sound(
    transaction: &Transaction<'_, Set>,
    command: &SetAvailability,
) -> Result<TimeZone, AvailabilityError> {
    let time_zone = store::zone(transaction, command.location_id).await?;
    let mut errors = Vec::new();
    if time_zone.is_none() {
        errors.push(FieldError::new("/location_id", "names no location"));
    }
    let template = AvailabilityTemplate::new(
        time_zone.map_or(Tz::UTC, |zone| zone.0),
        command.valid_from,
        command.valid_until,
        command.weekly.clone(),
    );
    if let Err(TemplateRefused(faults)) = template {
        errors.extend(faults.into_iter().map(field_error));
    }
    errors.extend(unknown_types(transaction, &command.weekly).await?);
    match time_zone.filter(|_| errors.is_empty()) {
        Some(time_zone) => Ok(time_zone),
        None => Err(AvailabilityError::Refused(errors)),
    }
}

async fn unknown_types(
    transaction: &Transaction<'_, Set>,
    weekly: &[WeeklyWindow],
) -> Result<Vec<FieldError>, DatabaseError> {
    let named = weekly
        .iter()
        .flat_map(|window| window.appointment_type_ids.iter().copied());
    let unknown = store::unknown_types(transaction, named.collect()).await?;
    let faults = weekly.iter().enumerate().flat_map(|(index, window)| {
        let ids = window.appointment_type_ids.iter().enumerate();
        ids.filter(|(_, id)| unknown.contains(id))
            .map(move |(place, _)| {
                let pointer = format!("/weekly/{index}/appointment_type_ids/{place}");
                FieldError::new(pointer, "names no appointment type")
            })
    });
    Ok(faults.collect())
}
