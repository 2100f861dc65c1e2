//! Affected appointments over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::Query;
use crate::platform::timestamp::Timestamp;
use crate::practice::{AffectedCause, LocationId, ProviderId, RoomId};
use crate::scheduling::affected::{
    AffectedFilter, AffectedKey, AffectedStatus, AffectedView, ProposedTime,
};
use crate::scheduling::appointment::{AppointmentId, Cancellation};
use crate::scheduling::appointment_status::CancelReason;
use crate::scheduling::change::MoveError;
use crate::scheduling::read;
use crate::scheduling::work_through_affected::{
    AffectedMove, CancelAffected, KeepAffected, ListAffected, MoveAffected, WorkedThrough,
    cancel_affected, keep_affected, list_affected, move_affected,
};

use super::bodies::{AppointmentBody, OverrideBody, text};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_affected_appointments)
        .service(move_affected_appointments)
        .service(cancel_affected_appointments)
        .service(keep_affected_appointments);
}

/// Which affected appointments. One must match every filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AffectedQuery {
    /// What left them standing.
    #[param(inline, nullable = false)]
    cause: Option<AffectedCause>,
    /// What became of them.
    #[param(inline, nullable = false)]
    status: Option<AffectedStatus>,
    /// Whose they were when they were affected.
    #[param(value_type = Option<Uuid>, nullable = false)]
    provider_id: Option<ProviderId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<LocationId>,
    /// Those that started then or later when they were affected.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Those that started before it.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    /// Whether the next time that fits is searched for each open one; not when it is left out.
    #[param(nullable = false)]
    propose: Option<bool>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The next time that fits. It is not held.
#[derive(Serialize, ToSchema)]
struct ProposedTimeBody {
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    provider_id: ProviderId,
    location_id: LocationId,
    /// IANA zone of the location.
    time_zone: &'static str,
}

/// An affected appointment.
#[derive(Serialize, ToSchema)]
struct AffectedAppointmentBody {
    id: Uuid,
    cause: AffectedCause,
    status: AffectedStatus,
    /// When it was affected.
    noted_at: DateTime<Utc>,
    /// Why staff keep it as it is.
    kept_reason: Option<String>,
    /// The appointment as it is now, with the telephone number of the patient.
    appointment: AppointmentBody,
    /// The next time that fits, where `propose` asked for it and one was found.
    proposed: Option<ProposedTimeBody>,
}

impl From<ProposedTime> for ProposedTimeBody {
    fn from(proposed: ProposedTime) -> Self {
        Self {
            starts_at: to_zone_rfc3339(proposed.starts_at, proposed.zone),
            ends_at: to_zone_rfc3339(proposed.ends_at, proposed.zone),
            provider_id: proposed.provider_id,
            location_id: proposed.location_id,
            time_zone: proposed.zone.name(),
        }
    }
}

impl From<AffectedView> for AffectedAppointmentBody {
    fn from(view: AffectedView) -> Self {
        Self {
            id: view.id,
            cause: view.cause,
            status: view.status,
            noted_at: view.noted_at,
            kept_reason: view.kept_reason,
            appointment: view.appointment.into(),
            proposed: view.proposed.map(ProposedTimeBody::from),
        }
    }
}

/// Lists the appointments that closures, time off, changed hours, rooms, zones, types and providers
/// who left have affected, by start, with what became of each.
///
/// An appointment is `open` until it is moved, cancelled or kept, or until its cause is taken back.
/// With `propose` each open one carries the next time that fits; no two proposals exclude each
/// other, and none is held.
#[utoipa::path(
    operation_id = "listAffectedAppointments", tag = "scheduling", context_path = "/api/v1",
    params(AffectedQuery),
    responses((status = 200, description = "Affected appointments.", body = Page<AffectedAppointmentBody>))
)]
#[get("/affected-appointments")]
async fn list_affected_appointments(
    permit: Permit<ListAffected>,
    query: Query<AffectedQuery>,
) -> Result<Answer, Problem> {
    let window: Window<AffectedKey> = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = AffectedFilter {
        cause: query.cause,
        status: query.status,
        provider_id: query.provider_id,
        location_id: query.location_id,
        from: query.from.map(|from| from.0),
        to: query.to.map(|to| to.0),
    };
    let proposes = query.propose.unwrap_or(false);
    permit
        .transaction(async |transaction| {
            let listed = list_affected(transaction, filter, (&window, proposes)).await?;
            let key = |view: &AffectedView| -> AffectedKey { (view.starts_at, view.id) };
            let page = Page::of(listed, window.size, key, AffectedAppointmentBody::from);
            Answer::ok(&page)
        })
        .await
}

/// Where one affected appointment is moved to. A field that is left out keeps its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AffectedMoveBody {
    appointment_id: AppointmentId,
    starts_at: Timestamp,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
    room_id: Option<RoomId>,
}

/// The affected appointments that are moved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveAffectedBody {
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<AffectedMoveBody>,
    /// Why they are moved; the history of each shows it.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    /// Moves them against hours, grid, lead time and a pending review.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

/// Why one appointment was left as it was.
#[derive(Serialize, ToSchema)]
struct AffectedRefusalBody {
    appointment_id: AppointmentId,
    /// The type of the problem.
    #[serde(rename = "type")]
    kind: String,
    detail: String,
}

/// What was done, and what was refused.
#[derive(Serialize, ToSchema)]
struct WorkedThroughBody {
    /// The appointments as they are now.
    done: Vec<AppointmentBody>,
    /// Those that stay as they were, each with the reason.
    refused: Vec<AffectedRefusalBody>,
}

async fn worked_through(
    transaction: &OpenTransaction<'_>,
    worked: WorkedThrough,
) -> Result<Answer, Problem> {
    let mut done = Vec::new();
    for id in worked.done {
        done.push(read::view(transaction, id).await?.into());
    }
    let refusal = |(appointment_id, problem): (AppointmentId, Problem)| AffectedRefusalBody {
        appointment_id,
        kind: problem.kind(),
        detail: problem.said(),
    };
    let refused = worked.refused.into_iter().map(refusal).collect();
    Answer::ok(&WorkedThroughBody { done, refused })
}

/// Moves affected appointments, all or chosen ones.
///
/// Each is moved by the rules of `reschedule`. What can be moved is moved; what cannot stays as it
/// was and is named in `refused`.
#[utoipa::path(
    operation_id = "moveAffectedAppointments", tag = "scheduling", context_path = "/api/v1",
    params(Once),
    request_body = MoveAffectedBody,
    responses(
        (status = 200, description = "What was moved, and what was not.", body = WorkedThroughBody),
        Refused<MoveError>
    )
)]
#[post("/affected-appointments/move")]
async fn move_affected_appointments(
    permit: Permit<MoveAffected>,
    once: Once,
    body: Json<MoveAffectedBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let overriding = body.overriding.as_ref().map(|given| given.reason.as_str());
    let note = text("/note", body.note.as_deref(), &mut errors);
    let override_reason = text("/override/reason", overriding, &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let moves = body.items.iter().map(|item| AffectedMove {
        appointment_id: item.appointment_id,
        starts_at: item.starts_at.0,
        provider_id: item.provider_id,
        location_id: item.location_id,
        room_id: item.room_id,
    });
    let moves: Vec<AffectedMove> = moves.collect();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let why = (note.as_deref(), override_reason.as_deref());
            let worked = move_affected(transaction, &moves, why).await?;
            worked_through(transaction, worked).await
        })
        .await
}

/// The affected appointments that are cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelAffectedBody {
    #[schema(min_items = 1, max_items = 200)]
    appointment_ids: Vec<AppointmentId>,
    reason_code: CancelReason,
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// Cancels affected appointments. What cannot be cancelled stays as it was and is named.
#[utoipa::path(
    operation_id = "cancelAffectedAppointments", tag = "scheduling", context_path = "/api/v1",
    params(Once),
    request_body = CancelAffectedBody,
    responses(
        (status = 200, description = "What was cancelled, and what was not.", body = WorkedThroughBody),
        Refused<MoveError>
    )
)]
#[post("/affected-appointments/cancel")]
async fn cancel_affected_appointments(
    permit: Permit<CancelAffected>,
    once: Once,
    body: Json<CancelAffectedBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let note = text("/note", body.note.as_deref(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let why = Cancellation::told(body.reason_code, note);
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let worked = cancel_affected(transaction, &body.appointment_ids, &why).await?;
            worked_through(transaction, worked).await
        })
        .await
}

/// The affected appointments that stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeepAffectedBody {
    #[schema(min_items = 1, max_items = 200)]
    appointment_ids: Vec<AppointmentId>,
    /// Why, such as "a colleague steps in".
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Keeps affected appointments as they are; they are no longer flagged.
#[utoipa::path(
    operation_id = "keepAffectedAppointments", tag = "scheduling", context_path = "/api/v1",
    params(Once),
    request_body = KeepAffectedBody,
    responses(
        (status = 200, description = "What is kept, and what was not affected.", body = WorkedThroughBody),
        Refused<MoveError>
    )
)]
#[post("/affected-appointments/keep")]
async fn keep_affected_appointments(
    permit: Permit<KeepAffected>,
    once: Once,
    body: Json<KeepAffectedBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let reason = text("/reason", Some(&body.reason), &mut errors);
    let Some(reason) = reason.filter(|_| errors.is_empty()) else {
        return Err(Problem::invalid(errors));
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let worked = keep_affected(transaction, &body.appointment_ids, &reason).await?;
            worked_through(transaction, worked).await
        })
        .await
}
