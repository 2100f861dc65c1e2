//! Extra hours over HTTP.

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
use crate::practice::locations::LocationId;
use crate::practice::providers::ProviderId;
use crate::practice::span::{ListByStart, span};
use crate::practice::time_zone::TimeZone;

use super::{
    Add, ExtraHours, ExtraHoursError, ExtraHoursId, NewExtraHours, Read, Remove, add, list, read,
    remove,
};

/// Adds the operations on extra hours.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_extra_hours)
        .service(add_extra_hours)
        .service(get_extra_hours)
        .service(remove_extra_hours);
}

/// Extra hours to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewExtraHoursBody {
    location_id: LocationId,
    #[schema(inline)]
    starts_at: Timestamp,
    /// At most 7 days later.
    #[schema(inline)]
    ends_at: Timestamp,
}

/// Extra hours.
#[derive(Serialize, ToSchema)]
struct ExtraHoursBody {
    id: ExtraHoursId,
    provider_id: ProviderId,
    location_id: LocationId,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    #[schema(inline)]
    time_zone: TimeZone,
}

/// Who was booked in what was removed.
#[derive(Serialize, ToSchema)]
struct ExtraHoursRemovedBody {
    /// Booked appointments that lie outside the hours now; they stay booked.
    appointments_outside: Vec<Uuid>,
}

impl From<ExtraHours> for ExtraHoursBody {
    fn from(of: ExtraHours) -> Self {
        Self {
            id: of.id,
            provider_id: of.provider_id,
            location_id: of.location_id,
            starts_at: to_zone_rfc3339(of.span.starts_at(), of.time_zone.0),
            ends_at: to_zone_rfc3339(of.span.ends_at(), of.time_zone.0),
            time_zone: of.time_zone,
        }
    }
}

impl NewExtraHoursBody {
    fn command(&self, provider_id: ProviderId) -> Result<NewExtraHours, Problem> {
        let mut errors = Vec::new();
        let span = span(self.starts_at, self.ends_at, 7, &mut errors);
        match span.filter(|_| errors.is_empty()) {
            Some(span) => Ok(NewExtraHours {
                provider_id,
                location_id: self.location_id,
                span,
            }),
            None => Err(Problem::invalid(errors)),
        }
    }
}

/// Lists extra hours, by start.
#[utoipa::path(
    operation_id = "listExtraHours", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ListByStart, PageParameters),
    responses((status = 200, description = "Extra hours.", body = Page<ExtraHoursBody>))
)]
#[get("/providers/{provider_id}/extra-hours")]
async fn list_extra_hours(
    permit: Permit<Read>,
    id: PathId<ProviderId>,
    query: Paged<ListByStart>,
) -> Result<Answer, Problem> {
    let part = query.part(query.window()?);
    permit
        .transaction(async |transaction| {
            let found = list(transaction, id.0, &part).await?;
            let key = |of: &ExtraHours| (of.span.starts_at(), of.id.uuid());
            Answer::ok(&Page::of(
                found,
                part.window.size,
                key,
                ExtraHoursBody::from,
            ))
        })
        .await
}

/// Adds hours beside the weekly ones, for every type of appointment.
#[utoipa::path(
    operation_id = "addExtraHours", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), Once),
    request_body = NewExtraHoursBody,
    responses((status = 201, description = "Added.", body = ExtraHoursBody), Refused<ExtraHoursError>)
)]
#[post("/providers/{provider_id}/extra-hours")]
async fn add_extra_hours(
    permit: Permit<Add>,
    id: PathId<ProviderId>,
    once: Once,
    body: Json<NewExtraHoursBody>,
) -> Result<Answer, Problem> {
    let new = body.command(id.0)?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add(transaction, &new).await?;
            let location = format!(
                "/api/v1/providers/{}/extra-hours/{}",
                added.provider_id, added.id
            );
            Answer::created(&ExtraHoursBody::from(added), location)
        })
        .await
}

/// Reads extra hours.
#[utoipa::path(
    operation_id = "getExtraHours", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ("extra_hours_id" = ExtraHoursId, Path, description = "Which one.")),
    responses((status = 200, description = "As it stands.", body = ExtraHoursBody))
)]
#[get("/providers/{provider_id}/extra-hours/{extra_hours_id}")]
async fn get_extra_hours(
    permit: Permit<Read>,
    ids: PathIds<ProviderId, ExtraHoursId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&ExtraHoursBody::from(
                read(transaction, ids.0, ids.1).await?,
            ))
        })
        .await
}

/// Takes extra hours back.
#[utoipa::path(
    operation_id = "removeExtraHours", tag = "practice", context_path = "/api/v1",
    params(("provider_id" = ProviderId, Path, description = "The provider."), ("extra_hours_id" = ExtraHoursId, Path, description = "Which one.")),
    responses((status = 200, description = "Removed.", body = ExtraHoursRemovedBody), Refused<ExtraHoursError>)
)]
#[delete("/providers/{provider_id}/extra-hours/{extra_hours_id}")]
async fn remove_extra_hours(
    permit: Permit<Remove>,
    ids: PathIds<ProviderId, ExtraHoursId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let appointments_outside = remove(transaction, ids.0, ids.1).await?;
            Answer::ok(&ExtraHoursRemovedBody {
                appointments_outside,
            })
        })
        .await
}
