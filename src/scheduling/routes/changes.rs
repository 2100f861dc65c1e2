//! Changes that keep the status of an appointment: its details, its room, and a swap.

use std::num::NonZeroU32;

use actix_web::{patch, post, put};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::PathId;
use crate::practice::{AppointmentTypeId, RoomId};
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::change::MoveError;
use crate::scheduling::change_details::{ChangeDetails, NewDetails, change_details};
use crate::scheduling::read;
use crate::scheduling::record_step::RecordStep;
use crate::scheduling::show_to_room::give_room;
use crate::scheduling::swap::{Swap, SwapAppointments, SwapError, swap};

use super::bodies::{AppointmentBody, OverrideBody, shown, text};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(swap_appointments)
        .service(change_appointment)
        .service(give_appointment_room);
}

/// The changes. A field that is left out keeps its value; null clears a text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeAppointmentBody {
    /// Why the patient comes. Patients can change only this.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    reason: Option<Option<String>>,
    /// What staff note for each other; patients never see it.
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1000)]
    note: Option<Option<String>>,
    /// Another type brings its length, unless `duration_minutes` names one.
    appointment_type_id: Option<AppointmentTypeId>,
    /// Another length than the type has.
    #[schema(value_type = Option<i32>, minimum = 5, maximum = 480)]
    duration_minutes: Option<NonZeroU32>,
    /// Who comes instead of the present patient.
    patient_id: Option<PatientId>,
    /// For staff: changes type, length or patient against hours, interval and a pending review.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

impl ChangeAppointmentBody {
    fn details(&self) -> Result<NewDetails, Problem> {
        let mut errors = Vec::new();
        let overriding = self.overriding.as_ref().map(|given| given.reason.as_str());
        let mut cleared = |pointer, given: Option<&Option<String>>| {
            given.map(|given| text(pointer, given.as_deref(), &mut errors))
        };
        let reason = cleared("/reason", self.reason.as_ref());
        let note = cleared("/note", self.note.as_ref());
        let override_reason = text("/override/reason", overriding, &mut errors);
        require_none(errors)?;
        Ok(NewDetails {
            reason,
            note,
            appointment_type_id: self.appointment_type_id,
            duration_minutes: self.duration_minutes,
            patient_id: self.patient_id,
            override_reason,
        })
    }
}

fn require_none(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(errors))
    }
}

/// Changes an appointment: why the patient comes, the note, the type, the length, the patient.
///
/// It keeps its id, its start and its status until it is completed, cancelled or missed; the note
/// can be changed then, too. None of this is a step: `allowed` does not name it, and undoing skips
/// it. Another type, length or patient is checked like a booking and is refused when the time is
/// taken. Use `reschedule` for another time or provider.
#[utoipa::path(
    operation_id = "changeAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = ChangeAppointmentBody,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[patch("/appointments/{appointment_id}")]
async fn change_appointment(
    permit: Permit<ChangeDetails>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Json<ChangeAppointmentBody>,
) -> Result<Answer, Problem> {
    let details = body.details()?;
    permit
        .transaction(async |transaction| {
            change_details(transaction, id.0, &if_match, &details).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// The room of an appointment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppointmentRoomBody {
    /// Null gives the room up, where the type needs none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    room_id: Option<RoomId>,
}

/// Gives an appointment another room for the same time; its status stays.
#[utoipa::path(
    operation_id = "giveAppointmentRoom", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment."), IfMatch),
    request_body = AppointmentRoomBody,
    responses(
        (status = 200, description = "As it is now.", body = AppointmentBody),
        Refused<MoveError>
    )
)]
#[put("/appointments/{appointment_id}/room")]
async fn give_appointment_room(
    permit: Permit<RecordStep>,
    id: PathId<AppointmentId>,
    if_match: IfMatch,
    body: Json<AppointmentRoomBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            give_room(transaction, id.0, &if_match, body.room_id).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// Two appointments that are to be swapped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SwapAppointmentsBody {
    first_id: AppointmentId,
    second_id: AppointmentId,
    /// Swaps them against hours, grid, lead time and a pending review.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
    /// Why they are swapped; the history shows it.
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// Two appointments after they were swapped.
#[derive(Serialize, ToSchema)]
struct SwappedBody {
    first: AppointmentBody,
    second: AppointmentBody,
}

/// Swaps two appointments: each gets provider, location, room and start of the other.
///
/// Both keep their ids, lengths and statuses. Either both are swapped or none: 409 `slot-taken`
/// says what is not free.
#[utoipa::path(
    operation_id = "swapAppointments", tag = "scheduling", context_path = "/api/v1",
    request_body = SwapAppointmentsBody,
    params(Once),
    responses(
        (status = 200, description = "Both as they are now.", body = SwappedBody),
        Refused<SwapError>
    )
)]
#[post("/appointments/swap")]
async fn swap_appointments(
    permit: Permit<Swap>,
    once: Once,
    body: Json<SwapAppointmentsBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let overriding = body.overriding.as_ref().map(|given| given.reason.as_str());
    let command = SwapAppointments {
        first_id: body.first_id,
        second_id: body.second_id,
        override_reason: text("/override/reason", overriding, &mut errors),
        note: text("/note", body.note.as_deref(), &mut errors),
    };
    require_none(errors)?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            swap(transaction, &command).await?;
            Answer::ok(&SwappedBody {
                first: read::view(transaction, command.first_id).await?.into(),
                second: read::view(transaction, command.second_id).await?.into(),
            })
        })
        .await
}
