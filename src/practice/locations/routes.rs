//! Locations over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId};
use crate::practice::listing::ListByName;
use crate::practice::time_zone::TimeZone;

use super::{
    Add, Change, Location, LocationChanges, LocationDetails, LocationError, LocationId, Read, add,
    change, list, read,
};

/// Adds the operations on locations.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_locations)
        .service(add_location)
        .service(get_location)
        .service(change_location);
}

/// A location to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddLocationBody {
    #[schema(min_length = 1, max_length = 200, example = "Harbour clinic")]
    name: String,
    #[schema(inline)]
    time_zone: TimeZone,
    #[schema(min_length = 1, max_length = 500)]
    address: Option<String>,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeLocationBody {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    name: Option<String>,
    /// IANA name; weekly hours keep their wall-clock times.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, nullable = false, example = "America/New_York")]
    time_zone: Option<TimeZone>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    address: Option<Option<String>>,
}

/// A location.
#[derive(Serialize, ToSchema)]
struct LocationBody {
    id: LocationId,
    name: String,
    #[schema(inline)]
    time_zone: TimeZone,
    address: Option<String>,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// A location that was changed.
#[derive(Serialize, ToSchema)]
struct ChangedLocationBody {
    #[serde(flatten)]
    location: LocationBody,
    /// Booked appointments that lie outside the hours there now that it is in another time zone;
    /// they stay booked.
    appointments_outside: Vec<Uuid>,
}

impl From<Location> for LocationBody {
    fn from(location: Location) -> Self {
        let details = location.details;
        Self {
            id: location.id,
            name: details.name,
            time_zone: details.time_zone,
            address: details.address,
            version: location.version,
            updated_at: location.updated_at,
        }
    }
}

impl AddLocationBody {
    fn details(&self) -> Result<LocationDetails, Problem> {
        let mut errors = Vec::new();
        let name = trimmed(&self.name, "/name", &mut errors);
        if errors.is_empty() {
            Ok(LocationDetails {
                name,
                time_zone: self.time_zone,
                address: self.address.clone(),
            })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

impl ChangeLocationBody {
    fn changes(&self) -> Result<LocationChanges, Problem> {
        let mut errors = Vec::new();
        let name = self
            .name
            .as_deref()
            .map(|text| trimmed(text, "/name", &mut errors));
        if errors.is_empty() {
            Ok(LocationChanges {
                name,
                time_zone: self.time_zone,
                address: self.address.clone(),
            })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

fn answer(location: Location) -> Result<Answer, Problem> {
    let version = location.version;
    Ok(Answer::ok(&LocationBody::from(location))?.version(version))
}

/// Lists the locations, by name.
#[utoipa::path(
    operation_id = "listLocations", tag = "practice", context_path = "/api/v1",
    params(ListByName, PageParameters),
    responses((status = 200, description = "The locations.", body = Page<LocationBody>))
)]
#[get("/locations")]
async fn list_locations(permit: Permit<Read>, query: Paged<ListByName>) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, query.updated_since(), &window).await?;
            let key = |location: &Location| (location.details.name.clone(), location.id.uuid());
            Answer::ok(&Page::of(found, window.size, key, LocationBody::from))
        })
        .await
}

/// Adds a location.
#[utoipa::path(
    operation_id = "addLocation", tag = "practice", context_path = "/api/v1",
    request_body = AddLocationBody,
    params(Once),
    responses((status = 201, description = "Added.", body = LocationBody), Refused<LocationError>)
)]
#[post("/locations")]
async fn add_location(
    permit: Permit<Add>,
    once: Once,
    body: Json<AddLocationBody>,
) -> Result<Answer, Problem> {
    let details = body.details()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add(transaction, &details).await?;
            let (version, location) = (added.version, format!("/api/v1/locations/{}", added.id));
            Ok(Answer::created(&LocationBody::from(added), location)?.version(version))
        })
        .await
}

/// Reads a location.
#[utoipa::path(
    operation_id = "getLocation", tag = "practice", context_path = "/api/v1",
    params(("location_id" = LocationId, Path, description = "The location.")),
    responses((status = 200, description = "The location.", body = LocationBody))
)]
#[get("/locations/{location_id}")]
async fn get_location(permit: Permit<Read>, id: PathId<LocationId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes a location.
#[utoipa::path(
    operation_id = "changeLocation", tag = "practice", context_path = "/api/v1",
    params(("location_id" = LocationId, Path, description = "The location."), IfMatch),
    request_body = ChangeLocationBody,
    responses(
        (status = 200, description = "As it is now.", body = ChangedLocationBody),
        Refused<LocationError>
    )
)]
#[patch("/locations/{location_id}")]
async fn change_location(
    permit: Permit<Change>,
    id: PathId<LocationId>,
    if_match: IfMatch,
    body: Json<ChangeLocationBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes()?;
    permit
        .transaction(async |transaction| {
            let changed = change(transaction, id.0, &if_match, &changes).await?;
            let version = changed.location.version;
            let body = ChangedLocationBody {
                location: changed.location.into(),
                appointments_outside: changed.appointments_outside,
            };
            Ok(Answer::ok(&body)?.version(version))
        })
        .await
}
