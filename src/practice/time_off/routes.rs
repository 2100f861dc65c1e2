//! Time off over HTTP.

use actix_web::HttpResponse;
use actix_web::{delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId, PathIds};
use crate::platform::timestamp::Timestamp;

use crate::platform::blank::trimmed;
use crate::practice::providers::ProviderId;
use crate::practice::span::{ListByStart, span};
use crate::practice::time_zone::TimeZone;

use super::{
    Add, NewTimeOff, Read, Remove, TimeOff, TimeOffAdded, TimeOffError, TimeOffId, add, list, read,
    remove,
};

/// Adds the operations on time off.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_time_off)
        .service(add_time_off)
        .service(get_time_off)
        .service(remove_time_off);
}

/// Time off to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTimeOffBody {
    #[schema(inline)]
    starts_at: Timestamp,
    /// At most 400 days later.
    #[schema(inline)]
    ends_at: Timestamp,
    #[schema(min_length = 1, max_length = 200, example = "Conference")]
    reason: String,
}

/// Time off.
#[derive(Serialize, ToSchema)]
struct TimeOffBody {
    id: TimeOffId,
    provider_id: ProviderId,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(inline)]
    time_zone: TimeZone,
    reason: String,
}

/// Time off as it was added, and who was booked in it.
#[derive(Serialize, ToSchema)]
struct TimeOffAddedBody {
    id: TimeOffId,
    provider_id: ProviderId,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(inline)]
    time_zone: TimeZone,
    reason: String,
    /// Booked appointments that lie outside the hours now; they stay booked.
    appointments_outside: Vec<Uuid>,
}

impl From<TimeOffAdded> for TimeOffAddedBody {
    fn from(added: TimeOffAdded) -> Self {
        let of = TimeOffBody::from(added.added);
        Self {
            id: of.id,
            provider_id: of.provider_id,
            starts_at: of.starts_at,
            ends_at: of.ends_at,
            time_zone: of.time_zone,
            reason: of.reason,
            appointments_outside: added.appointments_outside,
        }
    }
}

impl From<TimeOff> for TimeOffBody {
    fn from(of: TimeOff) -> Self {
        Self {
            id: of.id,
            provider_id: of.provider_id,
            starts_at: to_zone_rfc3339(of.span.starts_at(), of.time_zone.0),
            ends_at: to_zone_rfc3339(of.span.ends_at(), of.time_zone.0),
            time_zone: of.time_zone,
            reason: of.reason,
        }
    }
}

impl NewTimeOffBody {
    fn command(&self, provider_id: ProviderId) -> Result<NewTimeOff, Problem> {
        let mut errors = Vec::new();
        let span = span(self.starts_at, self.ends_at, 400, &mut errors);
        let reason = trimmed(&self.reason, "/reason", &mut errors);
        match span.filter(|_| errors.is_empty()) {
            Some(span) => Ok(NewTimeOff {
                provider_id,
                span,
                reason,
            }),
            None => Err(Problem::invalid(errors)),
        }
    }
}

/// Lists time off, by start.
#[utoipa::path(
    operation_id = "listTimeOff", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ListByStart, PageParameters),
    responses((status = 200, description = "Time off.", body = Page<TimeOffBody>))
)]
#[get("/providers/{provider_id}/time-off")]
async fn list_time_off(
    permit: Permit<Read>,
    id: PathId<ProviderId>,
    query: Paged<ListByStart>,
) -> Result<Answer, Problem> {
    let part = query.part(query.window()?);
    permit
        .transaction(async |transaction| {
            let found = list(transaction, id.0, &part).await?;
            let key = |of: &TimeOff| (of.span.starts_at(), of.id.uuid());
            Answer::ok(&Page::of(found, part.window.size, key, TimeOffBody::from))
        })
        .await
}

/// Adds time off; appointments in it stay booked and are named.
#[utoipa::path(
    operation_id = "addTimeOff", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), Once),
    request_body = NewTimeOffBody,
    responses((status = 201, description = "Added.", body = TimeOffAddedBody), Refused<TimeOffError>)
)]
#[post("/providers/{provider_id}/time-off")]
async fn add_time_off(
    permit: Permit<Add>,
    id: PathId<ProviderId>,
    once: Once,
    body: Json<NewTimeOffBody>,
) -> Result<Answer, Problem> {
    let new = body.command(id.0)?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let done = add(transaction, &new).await?;
            let added = &done.added;
            let location = format!(
                "/api/v1/providers/{}/time-off/{}",
                added.provider_id, added.id
            );
            Answer::created(&TimeOffAddedBody::from(done), location)
        })
        .await
}

/// Reads time off.
#[utoipa::path(
    operation_id = "getTimeOff", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ("time_off_id" = TimeOffId, Path, description = "Which one.")),
    responses((status = 200, description = "As it stands.", body = TimeOffBody))
)]
#[get("/providers/{provider_id}/time-off/{time_off_id}")]
async fn get_time_off(
    permit: Permit<Read>,
    ids: PathIds<ProviderId, TimeOffId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&TimeOffBody::from(read(transaction, ids.0, ids.1).await?))
        })
        .await
}

/// Takes time off back.
#[utoipa::path(
    operation_id = "removeTimeOff", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ("time_off_id" = TimeOffId, Path, description = "Which one.")),
    responses((status = 204, description = "Removed."), Refused<TimeOffError>)
)]
#[delete("/providers/{provider_id}/time-off/{time_off_id}")]
async fn remove_time_off(
    permit: Permit<Remove>,
    ids: PathIds<ProviderId, TimeOffId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(remove(transaction, ids.0, ids.1).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
