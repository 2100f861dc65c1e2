//! Weekly hours over HTTP.

use actix_web::{get, put};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{Paged, PathId};
use crate::platform::timestamp::Timestamp;
use crate::practice::hours::{Weekday, WeeklyWindow};
use crate::practice::locations::LocationId;
use crate::practice::providers::ProviderId;
use crate::practice::time_zone::TimeZone;

use super::{
    Availability, AvailabilityError, AvailabilityFilter, AvailabilityId, AvailabilitySet, Read,
    Set, SetAvailability, list, set,
};

/// Adds the operations on weekly hours.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_availability)
        .service(set_availability);
}

/// A time on the clock on the wall, to the minute.
#[derive(Clone, Copy, PartialEq, Eq)]
struct WallClock(NaiveTime);

impl<'de> Deserialize<'de> for WallClock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = NaiveTime::parse_from_str(&text, "%H:%M").ok().map(Self);
        time.ok_or_else(|| D::Error::custom("must be a time such as 08:30"))
    }
}

impl Serialize for WallClock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%H:%M"))
    }
}

/// A window that recurs every week, in wall-clock time of the location.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WeeklyWindowBody {
    /// The day on which it opens.
    weekday: Weekday,
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "08:00")]
    from: WallClock,
    /// When it is not after `from`, it is on the next day.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "12:30")]
    to: WallClock,
    /// The only types it is kept for; left out or empty, it is open to all.
    #[serde(default)]
    #[schema(max_items = 20)]
    appointment_type_ids: Option<Vec<Uuid>>,
}

/// A provider's weekly hours at a location from a date on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetAvailabilityBody {
    location_id: LocationId,
    /// First local date; what was set from here on before is replaced.
    valid_from: NaiveDate,
    /// Last local date; until further notice when it is left out.
    valid_until: Option<NaiveDate>,
    /// No windows at all mean that the provider is not there.
    #[schema(max_items = 70)]
    weekly: Vec<WeeklyWindowBody>,
}

/// A provider's weekly hours at a location over a period.
#[derive(Serialize, ToSchema)]
struct AvailabilityBody {
    id: AvailabilityId,
    provider_id: ProviderId,
    location_id: LocationId,
    /// The zone of the location, in which the windows are meant.
    #[schema(inline)]
    time_zone: TimeZone,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindowBody>,
    updated_at: DateTime<Utc>,
}

/// Hours as they are now, and which appointments lie outside them.
#[derive(Serialize, ToSchema)]
struct AvailabilitySetBody {
    id: AvailabilityId,
    provider_id: ProviderId,
    location_id: LocationId,
    /// The zone of the location, in which the windows are meant.
    #[schema(inline)]
    time_zone: TimeZone,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindowBody>,
    updated_at: DateTime<Utc>,
    /// Booked appointments that lie outside the provider's hours now; they stay booked.
    appointments_outside: Vec<Uuid>,
}

impl From<WeeklyWindow> for WeeklyWindowBody {
    fn from(window: WeeklyWindow) -> Self {
        Self {
            weekday: window.weekday,
            from: WallClock(window.from),
            to: WallClock(window.to),
            appointment_type_ids: Some(window.appointment_type_ids),
        }
    }
}

impl From<Availability> for AvailabilityBody {
    fn from(of: Availability) -> Self {
        Self {
            id: of.id,
            provider_id: of.provider_id,
            location_id: of.location_id,
            time_zone: of.time_zone,
            valid_from: of.valid_from,
            valid_until: of.valid_until,
            weekly: of.weekly.into_iter().map(WeeklyWindowBody::from).collect(),
            updated_at: of.updated_at,
        }
    }
}

impl From<AvailabilitySet> for AvailabilitySetBody {
    fn from(set: AvailabilitySet) -> Self {
        let of = AvailabilityBody::from(set.availability);
        Self {
            id: of.id,
            provider_id: of.provider_id,
            location_id: of.location_id,
            time_zone: of.time_zone,
            valid_from: of.valid_from,
            valid_until: of.valid_until,
            weekly: of.weekly,
            updated_at: of.updated_at,
            appointments_outside: set.appointments_outside,
        }
    }
}

impl SetAvailabilityBody {
    fn command(self, provider_id: ProviderId) -> Result<SetAvailability, Problem> {
        let is_meant = |date: NaiveDate| (1900..2200).contains(&date.year());
        let dates = [
            ("/valid_from", Some(self.valid_from)),
            ("/valid_until", self.valid_until),
        ];
        let errors: Vec<FieldError> = dates
            .into_iter()
            .filter(|(_, date)| date.is_some_and(|date| !is_meant(date)))
            .map(|(pointer, _)| {
                FieldError::new(pointer, "must lie between the years 1900 and 2200")
            })
            .collect();
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let weekly = self.weekly.into_iter().map(|window| WeeklyWindow {
            weekday: window.weekday,
            from: window.from.0,
            to: window.to.0,
            appointment_type_ids: window.appointment_type_ids.unwrap_or_default(),
        });
        Ok(SetAvailability {
            provider_id,
            location_id: self.location_id,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            weekly: weekly.collect(),
        })
    }
}

/// Which hours are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListAvailability {
    /// Only hours at this location.
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<LocationId>,
    /// Only hours that changed at this instant or later: set, or ended by others that follow.
    /// The list leaves out hours that were replaced altogether.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
}

/// Lists a provider's weekly hours, past and to come, by their first day.
#[utoipa::path(
    operation_id = "listAvailability", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ListAvailability, PageParameters),
    responses((status = 200, description = "The hours.", body = Page<AvailabilityBody>))
)]
#[get("/providers/{provider_id}/availability")]
async fn list_availability(
    permit: Permit<Read>,
    id: PathId<ProviderId>,
    query: Paged<ListAvailability>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    let filter = AvailabilityFilter {
        location_id: query.location_id,
        updated_since: query.updated_since.map(|since| since.0),
    };
    permit
        .transaction(async |transaction| {
            let found = list(transaction, id.0, filter, &window).await?;
            let key = |of: &Availability| (of.valid_from, of.id.uuid());
            Answer::ok(&Page::of(found, window.size, key, AvailabilityBody::from))
        })
        .await
}

/// Sets a provider's weekly hours at a location from a date on.
///
/// It replaces all that was set for the location from `valid_from` on, and ends what held until
/// then the day before. Appointments are kept; those that lie outside the hours are named.
#[utoipa::path(
    operation_id = "setAvailability", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider.")),
    request_body = SetAvailabilityBody,
    responses((status = 200, description = "As it is now.", body = AvailabilitySetBody), Refused<AvailabilityError>)
)]
#[put("/providers/{provider_id}/availability")]
async fn set_availability(
    permit: Permit<Set>,
    id: PathId<ProviderId>,
    body: Json<SetAvailabilityBody>,
) -> Result<Answer, Problem> {
    let command = body.into_inner().command(id.0)?;
    permit
        .transaction(async |transaction| {
            Answer::ok(&AvailabilitySetBody::from(
                set(transaction, &command).await?,
            ))
        })
        .await
}
