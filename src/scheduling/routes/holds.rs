//! Holds.

use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId};
use crate::scheduling::book_error::BookError;
use crate::scheduling::hold::{Hold, HoldId, NewHold};
use crate::scheduling::hold_slot::{HoldError, HoldSlot, hold, let_go, read_hold};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(place_hold)
        .service(get_hold)
        .service(delete_hold);
}

/// A slot to be held.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceHoldBody {
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    starts_at: Timestamp,
}

/// A slot that is held. Its times are in the zone of the location.
#[derive(Serialize, ToSchema)]
struct HoldBody {
    id: HoldId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    /// The room that is kept, if one is needed.
    room_id: Option<RoomId>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    /// When the hold ends.
    expires_at: DateTime<Utc>,
}

impl HoldBody {
    fn new(hold: &Hold, zone: Tz) -> Self {
        Self {
            id: hold.id,
            appointment_type_id: hold.appointment_type_id,
            provider_id: hold.place.provider_id,
            location_id: hold.place.location_id,
            room_id: hold.place.room_id,
            starts_at: to_zone_rfc3339(hold.place.starts_at, zone),
            ends_at: to_zone_rfc3339(hold.place.ends_at, zone),
            time_zone: zone.name(),
            expires_at: hold.expires_at,
        }
    }
}

/// Holds a slot for five minutes while someone decides.
///
/// Book it with `hold_id`. The hold ends by itself. A patient holds at most three slots.
#[utoipa::path(
    operation_id = "placeHold", tag = "scheduling", context_path = "/api/v1",
    request_body = PlaceHoldBody,
    params(Once),
    responses((status = 201, description = "Held.", body = HoldBody), Refused<BookError>)
)]
#[post("/holds")]
async fn place_hold(
    permit: Permit<HoldSlot>,
    once: Once,
    body: Json<PlaceHoldBody>,
) -> Result<Answer, Problem> {
    let command = NewHold {
        appointment_type_id: body.appointment_type_id,
        provider_id: body.provider_id,
        location_id: body.location_id,
        starts_at: body.starts_at.0,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let (held, zone) = hold(transaction, &command).await?;
            let location = format!("/api/v1/holds/{}", held.id);
            Answer::created(&HoldBody::new(&held, zone), location)
        })
        .await
}

/// Reads a hold of the caller that has not expired.
#[utoipa::path(
    operation_id = "getHold", tag = "scheduling", context_path = "/api/v1",
    params(("hold_id" = HoldId, Path, description = "The hold.")),
    responses((status = 200, description = "The hold.", body = HoldBody), Refused<HoldError>)
)]
#[get("/holds/{hold_id}")]
async fn get_hold(permit: Permit<HoldSlot>, id: PathId<HoldId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (held, zone) = read_hold(transaction, id.0).await?;
            Answer::ok(&HoldBody::new(&held, zone))
        })
        .await
}

/// Releases a hold of the caller.
#[utoipa::path(
    operation_id = "deleteHold", tag = "scheduling", context_path = "/api/v1",
    params(("hold_id" = HoldId, Path, description = "The hold.")),
    responses((status = 204, description = "The slot is free again."), Refused<HoldError>)
)]
#[delete("/holds/{hold_id}")]
async fn delete_hold(
    permit: Permit<HoldSlot>,
    id: PathId<HoldId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(let_go(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
