//! Taking back the last step of an appointment.
//!
//! What was cancelled or missed gave up its place. Bringing it back books that place again, under
//! the rules of booking as they are now, and fails when somebody else has it by then. That its time
//! may have begun is no rule against it: it was booked before. What a visit was written for cannot
//! become an appointment that was never seen, and not change at all once the visit is signed.

use crate::platform::access::action;
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;

use super::appointment::{Appointment, AppointmentId, PastStep};
use super::calendars::Whom;
use super::change::{self, ChangeError, MoveError};
use super::place::{self, BookError, Claimant, Wanted};
use super::store::{self, Cause};

action!(
    /// Taking back the last step of an appointment.
    Undo, "appointments.undo", patients, [Admin, FrontDesk, Provider, Assistant]
);

/// More lines than any appointment's history has.
const WHOLE_HISTORY: (i64, i64) = (0, 10_000);

/// What is said about a step that is taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct WhyUndone {
    pub(super) note: Option<String>,
    /// Why staff bring it back against hours, grid or times.
    pub(super) override_reason: Option<String>,
}

/// Takes back the last step.
pub(super) async fn undo(
    transaction: &Transaction<'_, Undo>,
    id: AppointmentId,
    if_match: &IfMatch,
    why: &WhyUndone,
) -> Result<Appointment, MoveError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let history = store::history(transaction, id, WHOLE_HISTORY).await?;
    let history: Vec<PastStep> = history.iter().map(PastStep::from).collect();
    let mut change = appointment.undo(&history, transaction.now())?;
    if appointment.status.is_seen() {
        let visit = store::visit_of(transaction, id).await?;
        appointment.require_undoable(&change, visit)?;
    }
    let note = why.note.as_deref();
    if change.after().status.occupies() && !appointment.status.occupies() {
        bring_back(transaction, &appointment, why).await?;
        change = change.told(note, why.override_reason.as_deref());
    } else {
        change = change.told(note, None);
    }
    Ok(change::record(transaction, change).await?)
}

/// Takes the place again that the appointment had.
async fn bring_back(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    why: &WhyUndone,
) -> Result<(), MoveError> {
    let place = appointment.place;
    let mut wanted = Wanted {
        appointment_type_id: appointment.appointment_type_id,
        provider_id: place.provider_id,
        location_id: place.location_id,
        starts_at: place.starts_at,
        room_id: place.room_id,
        is_overridden: why.override_reason.is_some(),
        is_promised: false,
        whom: Whom {
            patient_ids: vec![appointment.patient_id.uuid()],
            moved_ids: vec![appointment.id],
        },
    };
    let checked = place::look_up(transaction, &mut wanted, Claimant::default()).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown).into());
    }
    place::require_as_before(transaction, &wanted, &checked)?;
    let place = change::place_of(appointment, &checked.appointment_type);
    let place = place.ok_or(ChangeError::NotFound)?;
    let (cause, patient_id) = (
        Cause::Appointment(appointment.id),
        Some(appointment.patient_id),
    );
    place::take(transaction, cause, patient_id, &place).await?;
    Ok(())
}
