//! Changes what an appointment is about: why the patient comes, the note for staff, type, length and
//! patient.
//!
//! None of these is a step: undoing skips them, and they are changed again instead. They keep the
//! status, so a confirmed appointment stays confirmed. Another type, length or patient is checked
//! like a booking of the same start, except that the start may have passed. The time is given up
//! and taken again in one transaction, so nobody else can get it in between.

use std::num::NonZeroU32;

use crate::patients::PatientId;
use crate::platform::access::{May, Role, action};
use crate::platform::database::{OpenTransaction, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::pipeline::pipelined;
use crate::practice::{AppointmentTypeId, Opening, open_times};

use super::appointment::{Appointment, AppointmentId, Place};
use super::appointment_status::Act;
use super::book_error::BookError;
use super::change::{self, ChangeError, MoveError};
use super::check::{self, Checked};
use super::chosen::Chosen;
use super::claim::{Cause, ResourceKind};
use super::refusals::BookingRule;
use super::store;
use super::take;
use super::wanted::{Claimant, ForPatients, Wanted};

action!(
    /// Changing what an appointment is about; patients change why they come.
    ChangeDetails, "appointments.change_details", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// What is changed. `None` keeps the value, and `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub(super) struct NewDetails {
    /// Why the patient comes.
    pub(super) reason: Option<Option<String>>,
    /// What staff note for each other.
    pub(super) note: Option<Option<String>>,
    pub(super) appointment_type_id: Option<AppointmentTypeId>,
    /// When it is left out, another type brings its own length.
    pub(super) duration_minutes: Option<NonZeroU32>,
    /// Who comes instead.
    pub(super) patient_id: Option<PatientId>,
    /// Why staff change it against hours, interval or a pending review.
    pub(super) override_reason: Option<String>,
}

impl NewDetails {
    /// The first field that only staff can change.
    fn of_staff(&self) -> Option<&'static str> {
        let given = [
            ("note", self.note.is_some()),
            ("appointment_type_id", self.appointment_type_id.is_some()),
            ("duration_minutes", self.duration_minutes.is_some()),
            ("patient_id", self.patient_id.is_some()),
            ("override", self.override_reason.is_some()),
        ];
        given
            .into_iter()
            .find(|(_, given)| *given)
            .map(|(name, _)| name)
    }

    fn is_note_alone(&self) -> bool {
        self.note.is_some() && self.reason.is_none() && !self.is_of_booking()
    }

    /// Whether something changes that was booked.
    const fn is_of_booking(&self) -> bool {
        self.appointment_type_id.is_some()
            || self.duration_minutes.is_some()
            || self.patient_id.is_some()
    }
}

/// Changes an appointment, unless it is over; the note can be changed then, too.
pub(super) async fn change_details(
    transaction: &Transaction<'_, impl May<ChangeDetails>>,
    id: AppointmentId,
    if_match: &IfMatch,
    details: &NewDetails,
) -> Result<Appointment, MoveError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if let Some(field) = details.of_staff().filter(|_| is_patient) {
        return Err(ChangeError::StaffOnly(field).into());
    }
    let before = change::lock(transaction, id, if_match).await?;
    if !details.is_note_alone() {
        before.require(Act::ChangeReason)?;
    }
    let mut appointment = before.clone();
    if details.is_of_booking() {
        appointment = change_booking(transaction, appointment, details).await?;
    }
    let now = transaction.now();
    if let Some(reason) = changed(details.reason.as_ref(), appointment.reason.as_ref()) {
        let change = appointment.change_reason(reason, now)?;
        appointment = change::record(transaction, change).await?;
    }
    if let Some(note) = changed(details.note.as_ref(), appointment.note.as_ref()) {
        let change = appointment.change_note(note, now)?;
        appointment = change::record(transaction, change).await?;
    }
    // A change of nothing, and a change of the patient, are in the audit trail of the earlier one.
    if appointment.version == before.version || appointment.patient_id != before.patient_id {
        transaction.touch("appointment", id, before.patient_id);
    }
    Ok(appointment)
}

/// The text that is wanted, if it is another one.
fn changed(wanted: Option<&Option<String>>, present: Option<&String>) -> Option<Option<String>> {
    wanted.filter(|wanted| wanted.as_ref() != present).cloned()
}

/// What an appointment will be booked for.
struct Booking {
    wanted: Wanted,
    has_other_type: bool,
    /// Who comes instead.
    other_patient_id: Option<PatientId>,
}

impl Booking {
    /// `None` when everything is as it was.
    fn of(appointment: &Appointment, details: &NewDetails) -> Option<Self> {
        let is_overridden = details.override_reason.is_some();
        let present = Wanted::as_it_is(appointment, is_overridden);
        let type_id = details.appointment_type_id;
        let type_id = type_id.unwrap_or(appointment.appointment_type_id);
        let has_other_type = type_id != appointment.appointment_type_id;
        let kept = present.duration_minutes.filter(|_| !has_other_type);
        let duration_minutes = details.duration_minutes.or(kept);
        let other = details.patient_id;
        let other_patient_id = other.filter(|id| *id != appointment.patient_id);
        let has_other_length = duration_minutes != present.duration_minutes;
        if !has_other_type && !has_other_length && other_patient_id.is_none() {
            return None;
        }
        let comes = other_patient_id.unwrap_or(appointment.patient_id);
        Some(Self {
            wanted: Wanted {
                appointment_type_id: type_id,
                duration_minutes,
                patients: ForPatients {
                    patient_ids: vec![comes.uuid()],
                    moved_ids: vec![appointment.id],
                },
                ..present
            },
            has_other_type,
            other_patient_id,
        })
    }
}

async fn change_booking(
    transaction: &OpenTransaction<'_>,
    appointment: Appointment,
    details: &NewDetails,
) -> Result<Appointment, MoveError> {
    let Some(mut booking) = Booking::of(&appointment, details) else {
        return Ok(appointment);
    };
    let claimant = Claimant {
        patient_id: booking.other_patient_id,
        hold_id: None,
    };
    let checked = check::look_up(transaction, &mut booking.wanted, claimant).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown).into());
    }
    if booking.has_other_type && !checked.appointment_type.rules.active {
        return Err(BookError::Rule(BookingRule::TypeRetired).into());
    }
    let mut chosen = choose_room(transaction, &booking.wanted, &checked).await?;
    chosen.prefer(appointment.place.room_id);
    let comes = checked
        .person_id
        .filter(|_| booking.other_patient_id.is_some());
    let comes = comes.unwrap_or(appointment.patient_id);
    let place = take_again(transaction, &appointment, comes, &chosen).await?;
    let now = transaction.now();
    let why = details.override_reason.as_deref();
    let mut after = appointment;
    if booking.has_other_type || place != after.place {
        let change = after.change_type(booking.wanted.appointment_type_id, place, now)?;
        after = change::record(transaction, change.told(None, why)).await?;
    }
    if comes != after.patient_id {
        let change = after.replace_patient(comes, now)?;
        after = change::record(transaction, change.told(None, why)).await?;
    }
    Ok(after)
}

/// Chooses the present start again. When its room does not fit and the type needs one, another room
/// is tried.
async fn choose_room(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    checked: &Checked,
) -> Result<Chosen, BookError> {
    match check::choose_as_before(transaction, wanted, checked).await {
        Err(BookError::Taken(taken))
            if checked.appointment_type.rules.needs_room && taken.kinds == [ResourceKind::Room] =>
        {
            let any_room = Wanted {
                room_id: None,
                ..wanted.clone()
            };
            check::choose_as_before(transaction, &any_room, checked).await
        }
        chosen => chosen,
    }
}

/// Gives up the time and takes it again, and opens to others what is left of it.
async fn take_again(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
    comes: PatientId,
    chosen: &Chosen,
) -> Result<Place, MoveError> {
    let cause = Cause::Appointment(appointment.id);
    // Statements run in the order in which they are sent: the old time is free when the new one is
    // taken.
    let ((), room_id) = pipelined!(
        async { Ok(store::release(transaction, appointment.id, None).await?) },
        take::take(transaction, cause, Some(comes), chosen),
    )?;
    let place = Place {
        room_id,
        ends_at: chosen.span.ends_at(),
        ..appointment.place
    };
    if place.ends_at < appointment.place.ends_at {
        let left = Opening {
            starts_at: place.ends_at,
            ..appointment.place.opening()
        };
        open_times(transaction, &[left], transaction.now()).await?;
    }
    Ok(place)
}
