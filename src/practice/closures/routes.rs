//! Closures over HTTP.

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
use crate::platform::query::{Paged, PathId};
use crate::platform::timestamp::Timestamp;
use crate::practice::locations::LocationId;

use crate::platform::blank::trimmed;
use crate::practice::span::{ListByStart, span};
use crate::practice::time_zone::TimeZone;

use super::{
    Add, Closure, ClosureAdded, ClosureError, ClosureId, NewClosure, Read, Remove, add, list, read,
    remove,
};

/// Adds the operations on closures.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_closures)
        .service(add_closures)
        .service(get_closures)
        .service(remove_closures);
}

/// A closure to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClosureBody {
    /// The location; the whole practice when it is left out.
    location_id: Option<LocationId>,
    #[schema(inline)]
    starts_at: Timestamp,
    /// At most 400 days later.
    #[schema(inline)]
    ends_at: Timestamp,
    #[schema(min_length = 1, max_length = 200, example = "Conference")]
    reason: String,
}

/// A closure.
#[derive(Serialize, ToSchema)]
struct ClosureBody {
    id: ClosureId,
    location_id: Option<LocationId>,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(inline)]
    time_zone: TimeZone,
    reason: String,
}

/// A closure as it was added, and who was booked in it.
#[derive(Serialize, ToSchema)]
struct ClosureAddedBody {
    id: ClosureId,
    location_id: Option<LocationId>,
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

impl From<ClosureAdded> for ClosureAddedBody {
    fn from(added: ClosureAdded) -> Self {
        let of = ClosureBody::from(added.added);
        Self {
            id: of.id,
            location_id: of.location_id,
            starts_at: of.starts_at,
            ends_at: of.ends_at,
            time_zone: of.time_zone,
            reason: of.reason,
            appointments_outside: added.appointments_outside,
        }
    }
}

impl From<Closure> for ClosureBody {
    fn from(of: Closure) -> Self {
        Self {
            id: of.id,
            location_id: of.location_id,
            starts_at: to_zone_rfc3339(of.span.starts_at(), of.time_zone.0),
            ends_at: to_zone_rfc3339(of.span.ends_at(), of.time_zone.0),
            time_zone: of.time_zone,
            reason: of.reason,
        }
    }
}

impl NewClosureBody {
    fn command(&self) -> Result<NewClosure, Problem> {
        let mut errors = Vec::new();
        let span = span(self.starts_at, self.ends_at, 400, &mut errors);
        let reason = trimmed(&self.reason, "/reason", &mut errors);
        match span.filter(|_| errors.is_empty()) {
            Some(span) => Ok(NewClosure {
                location_id: self.location_id,
                span,
                reason,
            }),
            None => Err(Problem::invalid(errors)),
        }
    }
}

/// Lists closures, by start.
#[utoipa::path(
    operation_id = "listClosures", tag = "practice", context_path = "/api/v1",
    params(ListByStart, PageParameters),
    responses((status = 200, description = "Closures.", body = Page<ClosureBody>))
)]
#[get("/closures")]
async fn list_closures(permit: Permit<Read>, query: Paged<ListByStart>) -> Result<Answer, Problem> {
    let part = query.part(query.window()?);
    permit
        .transaction(async |transaction| {
            let found = list(transaction, &part).await?;
            let key = |of: &Closure| (of.span.starts_at(), of.id.uuid());
            Answer::ok(&Page::of(found, part.window.size, key, ClosureBody::from))
        })
        .await
}

/// Closes a location or the whole practice; appointments in it stay booked and are named.
#[utoipa::path(
    operation_id = "addClosure", tag = "practice", context_path = "/api/v1",
    params(Once),
    request_body = NewClosureBody,
    responses((status = 201, description = "Added.", body = ClosureAddedBody), Refused<ClosureError>)
)]
#[post("/closures")]
async fn add_closures(
    permit: Permit<Add>,
    once: Once,
    body: Json<NewClosureBody>,
) -> Result<Answer, Problem> {
    let new = body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let done = add(transaction, &new).await?;
            let added = &done.added;
            let location = format!("/api/v1/closures/{}", added.id);
            Answer::created(&ClosureAddedBody::from(done), location)
        })
        .await
}

/// Reads a closure.
#[utoipa::path(
    operation_id = "getClosure", tag = "practice", context_path = "/api/v1",
    params(("closure_id" = ClosureId, Path, description = "Which one.")),
    responses((status = 200, description = "As it stands.", body = ClosureBody))
)]
#[get("/closures/{closure_id}")]
async fn get_closures(permit: Permit<Read>, id: PathId<ClosureId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&ClosureBody::from(read(transaction, id.0).await?))
        })
        .await
}

/// Takes a closure back.
#[utoipa::path(
    operation_id = "removeClosure", tag = "practice", context_path = "/api/v1",
    params(("closure_id" = ClosureId, Path, description = "Which one.")),
    responses((status = 204, description = "Removed."), Refused<ClosureError>)
)]
#[delete("/closures/{closure_id}")]
async fn remove_closures(
    permit: Permit<Remove>,
    id: PathId<ClosureId>,
) -> Result<HttpResponse, Problem> {
    permit
        .transaction(async |transaction| Ok(remove(transaction, id.0).await?))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
