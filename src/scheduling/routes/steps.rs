//! Acts on an appointment: move, cancel, undo, and the steps of the day.

use std::num::NonZeroU32;

use actix_web::post;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::timestamp::Timestamp;
use crate::practice::{LocationId, ProviderId, RoomId};
use crate::scheduling::appointment::{AppointmentId, Cancellation};
use crate::scheduling::appointment_status::CancelReason;
use crate::scheduling::cancel::{Cancel, cancel};
use crate::scheduling::change::{ChangeError, MoveError};
use crate::scheduling::hold::HoldId;
use crate::scheduling::miss::{MissError, miss};
use crate::scheduling::record_step::{RecordStep, Step, record_step};
use crate::scheduling::reschedule::{Reschedule, RescheduleAppointment, reschedule};
use crate::scheduling::show_to_room::show_to_room;
use crate::scheduling::undo::{Undo, WhyUndone, undo};

use super::bodies::{AppointmentBody, Optional, OverrideBody, shown, text};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(reschedule_appointment)
        .service(cancel_appointment)
        .service(undo_appointment)
        .service(room_appointment)
        .service(confirm_appointment)
        .service(check_in_appointment)
        .service(start_appointment)
        .service(complete_appointment)
        .service(no_show_appointment);
}

/// Where an appointment is moved to. A field that is left out keeps its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RescheduleAppointmentBody {
    starts_at: Timestamp,
    /// For staff: another length. When it is left out, the present length is kept, whatever length
    /// the type has now.
    #[schema(value_type = Option<i32>, minimum = 5, maximum = 480)]
    duration_minutes: Option<NonZeroU32>,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
    /// Only this room. When it is left out, the present room is kept if it is free then.
    room_id: Option<RoomId>,
    /// The caller's hold on the new time; it is used up.
    hold_id: Option<HoldId>,
    /// For staff: moves it against hours, grid, lead time and a pending review. It never moves it
    /// to a time that is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
    /// Why it is moved; the history shows it.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

impl RescheduleAppointmentBody {
    fn command(&self) -> Result<RescheduleAppointment, Problem> {
        let mut errors = Vec::new();
        let overriding = self
            .overriding
            .as_ref()
            .map(|overriding| overriding.reason.as_str());
        let override_reason = text("/override/reason", overriding, &mut errors);
        let note = text("/note", self.note.as_deref(), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(RescheduleAppointment {
            starts_at: self.starts_at.0,
            duration_minutes: self.duration_minutes,
            provider_id: self.provider_id,
            location_id: self.location_id,
            room_id: self.room_id,
            hold_id: self.hold_id,
            override_reason,
            note,
        })
    }
}

/// Moves an appointment to another time, provider or location; it keeps its id.
///
/// The old time is given up only if the new one is won. A confirmed appointment has the status
/// `booked` again, unless only its room is another one.
#[utoipa::path(
    operation_id = "rescheduleAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = RescheduleAppointmentBody,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[post("/appointments/{appointment_id}/reschedule")]
async fn reschedule_appointment(
    permit: Permit<Reschedule>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Json<RescheduleAppointmentBody>,
) -> Result<Answer, Problem> {
    let command = body.command()?;
    permit
        .transaction(async |transaction| {
            reschedule(transaction, id.0, &if_match, &command).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// Why an appointment is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelAppointmentBody {
    reason_code: CancelReason,
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

impl CancelAppointmentBody {
    fn cancellation(&self) -> Result<Cancellation, Problem> {
        let mut errors = Vec::new();
        let note = text("/note", self.note.as_deref(), &mut errors);
        if errors.is_empty() {
            Ok(Cancellation::told(self.reason_code, note))
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// Cancels an appointment. The time is free again at once.
#[utoipa::path(
    operation_id = "cancelAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = CancelAppointmentBody,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[post("/appointments/{appointment_id}/cancel")]
async fn cancel_appointment(
    permit: Permit<Cancel>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Json<CancelAppointmentBody>,
) -> Result<Answer, Problem> {
    let cancellation = body.cancellation()?;
    permit
        .transaction(async |transaction| {
            cancel(transaction, id.0, &if_match, cancellation.clone()).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// A note about the step that is undone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoAppointmentBody {
    /// Why it is undone; the history shows it.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    /// For staff: brings the appointment back against hours, grid and lead time. It never brings it
    /// back to a time that is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

impl UndoAppointmentBody {
    fn why(&self) -> Result<WhyUndone, Problem> {
        let mut errors = Vec::new();
        let overriding = self.overriding.as_ref().map(|given| given.reason.as_str());
        let why = WhyUndone {
            note: text("/note", self.note.as_deref(), &mut errors),
            override_reason: text("/override/reason", overriding, &mut errors),
        };
        if errors.is_empty() {
            Ok(why)
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// Takes back the last step of an appointment.
///
/// A cancelled or missed appointment takes its time again. A moved one goes back to its earlier
/// time, provider and location, and to its earlier room if that is free. Both are checked like a
/// booking, except that the start may have passed, and are refused when the time is taken. An
/// appointment with a visit cannot go back to before the patient was seen; once the visit is
/// signed, no step can be undone. The body may be left out.
#[utoipa::path(
    operation_id = "undoAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = Option<UndoAppointmentBody>,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[post("/appointments/{appointment_id}/undo")]
async fn undo_appointment(
    permit: Permit<Undo>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Optional<UndoAppointmentBody>,
) -> Result<Answer, Problem> {
    let why = body.0.map(|body| body.why()).transpose()?;
    let why = why.unwrap_or_default();
    permit
        .transaction(async |transaction| {
            undo(transaction, id.0, &if_match, &why).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// The room the patient is shown to; the booked room when it is left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoomAppointmentBody {
    room_id: Option<RoomId>,
}

/// Records that the patient is in a room: the booked one, or another one that is free.
///
/// The body may be left out.
#[utoipa::path(
    operation_id = "roomAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = Option<RoomAppointmentBody>,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[post("/appointments/{appointment_id}/room")]
async fn room_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Optional<RoomAppointmentBody>,
) -> Result<Answer, Problem> {
    let room_id = body.0.and_then(|body| body.room_id);
    permit
        .transaction(async |transaction| {
            show_to_room(transaction, id.0, &if_match, room_id).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// Records that the patient has confirmed the appointment.
#[utoipa::path(
    operation_id = "confirmAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<ChangeError>
    )
)]
#[post("/appointments/{appointment_id}/confirm")]
async fn confirm_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    step(&permit, id.0, &if_match, Step::Confirm, None).await
}

/// Why a step is recorded on another day than that of the appointment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordOnAnotherDayBody {
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

/// Records that the patient has arrived.
///
/// On another day than that of the appointment this is 422 `booking-rule` with the rule
/// `another_day`, unless the body gives an `override` with a reason. The body may be left out.
#[utoipa::path(
    operation_id = "checkInAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = Option<RecordOnAnotherDayBody>,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<ChangeError>
    )
)]
#[post("/appointments/{appointment_id}/check-in")]
async fn check_in_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Optional<RecordOnAnotherDayBody>,
) -> Result<Answer, Problem> {
    step(&permit, id.0, &if_match, Step::CheckIn, body.0).await
}

/// Records that the provider has begun.
///
/// On another day than that of the appointment this is 422 `booking-rule` with the rule
/// `another_day`, unless the body gives an `override` with a reason. The body may be left out.
#[utoipa::path(
    operation_id = "startAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = Option<RecordOnAnotherDayBody>,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<ChangeError>
    )
)]
#[post("/appointments/{appointment_id}/start")]
async fn start_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Optional<RecordOnAnotherDayBody>,
) -> Result<Answer, Problem> {
    step(&permit, id.0, &if_match, Step::Start, body.0).await
}

/// Records that the appointment is over. The time stays taken.
#[utoipa::path(
    operation_id = "completeAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<ChangeError>
    )
)]
#[post("/appointments/{appointment_id}/complete")]
async fn complete_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    step(&permit, id.0, &if_match, Step::Complete, None).await
}

/// A note about a missed appointment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoShowAppointmentBody {
    /// Why, if it is known; the history shows it.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// Records that the patient did not come, once the start has passed. The rest of the time is free
/// again.
///
/// The body may be left out.
#[utoipa::path(
    operation_id = "noShowAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = Option<NoShowAppointmentBody>,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MissError>
    )
)]
#[post("/appointments/{appointment_id}/no-show")]
async fn no_show_appointment(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Optional<NoShowAppointmentBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let note = body.0.and_then(|body| body.note);
    let note = text("/note", note.as_deref(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    permit
        .transaction(async |transaction| {
            miss(transaction, id.0, &if_match, note.as_deref()).await?;
            shown(transaction, id.0).await
        })
        .await
}

async fn step(
    permit: &Permit<RecordStep>,
    id: AppointmentId,
    if_match: &IfMatch,
    step: Step,
    on_another_day: Option<RecordOnAnotherDayBody>,
) -> Result<Answer, Problem> {
    let overriding = on_another_day.and_then(|body| body.overriding);
    let override_reason = OverrideBody::reason_of(overriding.as_ref())?;
    permit
        .transaction(async |transaction| {
            let why = override_reason.as_deref();
            record_step(transaction, id, if_match, step, why).await?;
            shown(transaction, id).await
        })
        .await
}
