//! The places where the practice sees patients, each in its own time zone.
//!
//! A location that moves to another zone keeps its weekly hours as wall-clock times; appointments
//! made before keep their instants. The answer to the change names those that lie outside the hours
//! then.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::affected::{AffectedCause, AllOf, note_all_ahead};
use super::listing::{NAME_TAKEN, NameKey, name_taken};
use super::schedules::{Affected, HoursBefore, appointments_outside, lock_all_to_change};
use super::time_zone::TimeZone;

id! {
    /// Names a location.
    pub(crate) struct LocationId
}

action!(
    /// Reading the locations of the practice.
    Read, "locations.read", practice, [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Adding a location.
    Add, "locations.add", practice, [Admin]
);
action!(
    /// Changing a location, and learning which appointments fall outside its hours then.
    Change, "locations.change", record, [Admin]
);

/// A place where the practice sees patients.
struct Location {
    id: LocationId,
    details: LocationDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// A location as it is now, and who was booked outside its hours then.
struct LocationChanged {
    location: Location,
    appointments_outside: Vec<Uuid>,
}

/// What is known of a location.
#[derive(Clone)]
struct LocationDetails {
    name: String,
    time_zone: TimeZone,
    address: Option<String>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct LocationChanges {
    name: Option<String>,
    time_zone: Option<TimeZone>,
    address: Option<Option<String>>,
}

/// Why a location was not read, added or changed.
#[derive(Debug, thiserror::Error)]
enum LocationError {
    #[error("no such location")]
    NotFound,
    #[error("another location has this name")]
    NameTaken,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for LocationError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("locations_name_unique") {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for LocationError {
    const TYPES: &'static [&'static ProblemType] = &[&NAME_TAKEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NameTaken => name_taken(),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn read(
    transaction: &Transaction<'_, Read>,
    id: LocationId,
) -> Result<Location, LocationError> {
    store::find(transaction, id)
        .await?
        .ok_or(LocationError::NotFound)
}

async fn list(
    transaction: &Transaction<'_, Read>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Location>> {
    store::list(transaction, updated_since, window).await
}

async fn add(
    transaction: &Transaction<'_, Add>,
    details: &LocationDetails,
) -> Result<Location, LocationError> {
    let now = transaction.now();
    let added = Location {
        id: LocationId::fresh(now),
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &added).await?;
    Ok(added)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    id: LocationId,
    if_match: &IfMatch,
    changes: &LocationChanges,
) -> Result<LocationChanged, LocationError> {
    let affected = Affected {
        provider_id: None,
        location_id: Some(id),
        range: None,
    };
    let mut before = None;
    if changes.time_zone.is_some() {
        // Weekly hours move with the zone, under every provider who has some here.
        lock_all_to_change(transaction).await?;
        before = Some(HoursBefore::read(transaction, affected).await?);
    }
    let mut location = store::lock(transaction, id)
        .await?
        .ok_or(LocationError::NotFound)?;
    if_match.require(location.version)?;
    let details = &mut location.details;
    if let Some(name) = &changes.name {
        details.name.clone_from(name);
    }
    let zone_before = details.time_zone;
    details.time_zone = changes.time_zone.unwrap_or(zone_before);
    let has_other_clock = details.time_zone != zone_before;
    if let Some(address) = &changes.address {
        details.address.clone_from(address);
    }
    location.version = location.version.next();
    location.updated_at = transaction.now();
    store::update(transaction, &location).await?;
    let mut outside = Vec::new();
    if let Some(before) = before {
        before.open_what_is_new(transaction).await?;
        outside = appointments_outside(transaction, affected, AffectedCause::TimeZone).await?;
        // The instants stay, so every appointment reads another time on the clock.
        if has_other_clock {
            note_all_ahead(transaction, AllOf::Location(id.uuid())).await?;
        }
    } else {
        transaction.touch_all("appointment", std::iter::empty());
    }
    Ok(LocationChanged {
        location,
        appointments_outside: outside,
    })
}
