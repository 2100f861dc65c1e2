//! An appointment, and what may happen to it when.
//!
//! Every act is a [`Change`]. Only the methods here make one, so the store never writes an act that
//! the table of [`Status::after`] forbids. The last step that was not undone can be undone, unless
//! the visit of the appointment forbids it. A move is a step like any other; undoing it moves the
//! appointment back. An appointment that is moved to another time or provider is `booked` again,
//! because the patient confirmed the old one. Another room, a swap that the desk arranges, another
//! type or length, and another patient keep the status.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::practice::{AppointmentTypeId, LocationId, Opening, ProviderId, RoomId};

use super::appointment_status::{Act, CancelReason, Standing, Status, VisitState, WrongStatus};

id! {
    /// Names an appointment.
    pub(crate) struct AppointmentId
}

id! {
    /// Names a series of appointments.
    pub(crate) struct SeriesId
}

/// Why the appointment was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cancellation {
    pub(crate) reason_code: CancelReason,
    pub(crate) note: Option<String>,
    /// Whether the patient cancelled after the cut-off.
    pub(crate) is_late: bool,
}

impl Cancellation {
    /// The reason as the caller gives it. Cancelling decides whether it is late.
    pub(crate) const fn told(reason_code: CancelReason, note: Option<String>) -> Self {
        Self {
            reason_code,
            note,
            is_late: false,
        }
    }
}

/// The provider, location, room and time of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) room_id: Option<RoomId>,
    pub(crate) starts_at: DateTime<Utc>,
    /// Later than `starts_at`; buffers are not part of it.
    pub(crate) ends_at: DateTime<Utc>,
}

impl Place {
    /// The length in minutes.
    pub(crate) fn duration_minutes(&self) -> Option<NonZeroU32> {
        let minutes = (self.ends_at - self.starts_at).num_minutes();
        NonZeroU32::new(u32::try_from(minutes).ok()?)
    }

    /// Whether the other place differs in nothing but the room.
    fn differs_only_in_room(&self, other: &Self) -> bool {
        *self
            == Self {
                room_id: self.room_id,
                ..*other
            }
    }

    /// The time that becomes free when this place is given up.
    pub(crate) const fn opening(&self) -> Opening {
        Opening {
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            appointment_id: None,
        }
    }
}

/// Which one of a series an appointment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) series_id: SeriesId,
    /// From 1.
    pub(crate) number: i16,
}

/// When each step was reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Milestones {
    pub(crate) arrived_at: Option<DateTime<Utc>>,
    pub(crate) roomed_at: Option<DateTime<Utc>>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
}

/// An appointment. It keeps its id from booking to completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appointment {
    pub(crate) id: AppointmentId,
    pub(crate) patient_id: PatientId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) place: Place,
    pub(crate) status: Status,
    /// Why the patient comes.
    pub(crate) reason: Option<String>,
    /// What staff note for each other. Patients never see it.
    pub(crate) note: Option<String>,
    /// Why staff booked against a rule.
    pub(crate) override_reason: Option<String>,
    /// Set exactly while the appointment is cancelled.
    pub(crate) cancellation: Option<Cancellation>,
    /// The series it was booked in.
    pub(crate) series: Option<Occurrence>,
    pub(crate) milestones: Milestones,
    /// How many steps can be undone, one after the other.
    pub(crate) undoable_steps: i16,
    pub(crate) version: Version,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// An act, and the appointment after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    act: Act,
    after: Appointment,
    reason: Option<String>,
}

impl Change {
    /// What happened.
    pub(crate) const fn act(&self) -> Act {
        self.act
    }

    /// The appointment as it is now.
    pub(crate) const fn after(&self) -> &Appointment {
        &self.after
    }

    /// Why it was done, if that is known; for [`Act::ChangeReason`], the earlier reason of the
    /// appointment.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Adds a note or, if there is none, the reason of the override.
    pub(crate) fn told(mut self, note: Option<&str>, override_reason: Option<&str>) -> Self {
        if let Some(why) = override_reason {
            self.after.override_reason = Some(why.to_owned());
        }
        self.reason = note.or(override_reason).map(str::to_owned);
        self
    }
}

/// A line of an appointment's history, with the columns that undoing needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PastStep {
    pub(crate) act: Act,
    pub(crate) status: Status,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) room_id: Option<RoomId>,
    pub(crate) starts_at: DateTime<Utc>,
}

/// The last step that was not undone, and the step before it. Undoing leads back to that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastStep {
    pub(crate) act: Act,
    pub(crate) before: PastStep,
}

impl Appointment {
    /// The booking itself, as the first line of the history.
    pub(crate) fn booking(&self) -> Change {
        Change {
            act: Act::Book,
            after: self.clone(),
            reason: self.override_reason.clone(),
        }
    }

    /// The time that becomes free when the appointment gives up its place.
    pub(crate) fn opening(&self) -> Opening {
        Opening {
            appointment_id: Some(self.id.uuid()),
            ..self.place.opening()
        }
    }

    /// The patient says they will come.
    pub(crate) fn confirm(&self, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        Ok(change(Act::Confirm, self.step(Act::Confirm, now)?))
    }

    /// The patient is here.
    pub(crate) fn check_in(&self, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::CheckIn, now)?;
        after.milestones.arrived_at = Some(now);
        Ok(change(Act::CheckIn, after))
    }

    /// The patient is shown to a room: this one, or the one that was booked.
    pub(crate) fn show_to_room(
        &self,
        room_id: Option<RoomId>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::Room, now)?;
        after.place.room_id = room_id.or(self.place.room_id);
        after.milestones.roomed_at = Some(now);
        Ok(change(Act::Room, after))
    }

    /// The provider begins.
    pub(crate) fn start(&self, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::Start, now)?;
        after.milestones.started_at = Some(now);
        Ok(change(Act::Start, after))
    }

    /// It is over.
    pub(crate) fn complete(&self, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::Complete, now)?;
        after.milestones.completed_at = Some(now);
        Ok(change(Act::Complete, after))
    }

    /// It will not take place.
    pub(crate) fn cancel(
        &self,
        cancellation: Cancellation,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::Cancel, now)?;
        let reason = Some(cancellation.reason_code.as_str().to_owned());
        after.cancellation = Some(cancellation);
        after.milestones.cancelled_at = Some(now);
        Ok(Change {
            reason,
            ..change(Act::Cancel, after)
        })
    }

    /// The patient did not come.
    pub(crate) fn miss(&self, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        Ok(change(Act::NoShow, self.step(Act::NoShow, now)?))
    }

    /// It takes place elsewhere or at another time.
    pub(crate) fn reschedule(
        &self,
        place: Place,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.step(Act::Reschedule, now)?;
        after.place = place;
        if self.place.differs_only_in_room(&place) {
            after.status = self.status;
        } else {
            // The override was for the old place.
            after.override_reason = None;
        }
        Ok(change(Act::Reschedule, after))
    }

    /// It takes place in another room at the same time; with no room when `None`.
    pub(crate) fn change_room(
        &self,
        room_id: Option<RoomId>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::ChangeRoom, now)?;
        after.undoable_steps += 1;
        after.place.room_id = room_id;
        Ok(change(Act::ChangeRoom, after))
    }

    /// It gets the place of another appointment, which gets the place of this one.
    pub(crate) fn swap(&self, place: Place, now: DateTime<Utc>) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::Swap, now)?;
        after.undoable_steps += 1;
        after.place = place;
        after.override_reason = None;
        Ok(change(Act::Swap, after))
    }

    /// Changes the type, and the place to what the type or another length needs.
    pub(crate) fn change_type(
        &self,
        appointment_type_id: AppointmentTypeId,
        place: Place,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::ChangeType, now)?;
        after.appointment_type_id = appointment_type_id;
        after.place = place;
        Ok(change(Act::ChangeType, after))
    }

    /// Somebody else comes. The series stays with the patient for whom it was booked.
    pub(crate) fn replace_patient(
        &self,
        patient_id: PatientId,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::ReplacePatient, now)?;
        after.patient_id = patient_id;
        after.series = None;
        Ok(change(Act::ReplacePatient, after))
    }

    /// Changes the note for staff, or clears it.
    pub(crate) fn change_note(
        &self,
        note: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::ChangeNote, now)?;
        after.note = note;
        Ok(change(Act::ChangeNote, after))
    }

    /// Changes the reason, or clears it. This is not a step: it cannot be undone, and the steps
    /// before it still can.
    pub(crate) fn change_reason(
        &self,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let mut after = self.keep(Act::ChangeReason, now)?;
        after.reason = reason;
        Ok(Change {
            reason: self.reason.clone(),
            ..change(Act::ChangeReason, after)
        })
    }

    /// The step that undoing takes back. `history` is the whole history, in order.
    pub(crate) fn last_step(&self, history: &[PastStep]) -> Result<LastStep, WrongStatus> {
        let mut steps = Vec::with_capacity(history.len());
        for step in history {
            match step.act {
                Act::Undo => drop(steps.pop()),
                act if act.is_step() => steps.push(*step),
                _ => {}
            }
        }
        match steps.as_slice() {
            [.., before, last] => Ok(LastStep {
                act: last.act,
                before: *before,
            }),
            _ => Err(self.wrong_status(Act::Undo)),
        }
    }

    /// Takes back the last step; `place` is the place without it.
    pub(crate) fn undo(&self, last: &LastStep, place: Place, now: DateTime<Utc>) -> Change {
        let status = last.before.status;
        let mut after = self.next_version(status, now);
        after.undoable_steps -= 1;
        after.place = place;
        match self.status {
            // Only the room changed.
            _ if status == self.status => {}
            Status::Booked | Status::Confirmed | Status::NoShow => {}
            Status::Arrived => after.milestones.arrived_at = None,
            Status::Roomed => after.milestones.roomed_at = None,
            Status::InProgress => after.milestones.started_at = None,
            Status::Completed => after.milestones.completed_at = None,
            Status::Cancelled => {
                after.milestones.cancelled_at = None;
                after.cancellation = None;
            }
        }
        change(Act::Undo, after)
    }

    /// The columns that decide which acts are allowed.
    pub(crate) const fn standing(&self) -> Standing {
        Standing {
            status: self.status,
            starts_at: self.place.starts_at,
            undoable_steps: self.undoable_steps,
        }
    }

    /// What may happen next.
    pub(crate) fn allowed(&self) -> Vec<Act> {
        self.standing().allowed()
    }

    /// Refuses an act that the status does not allow, before other rules are checked.
    pub(crate) fn require(&self, act: Act) -> Result<(), WrongStatus> {
        if self.status.after(act).is_some() || self.status.keeps(act) {
            Ok(())
        } else {
            Err(self.wrong_status(act))
        }
    }

    /// The refusal of an act that the status does not allow.
    pub(crate) fn wrong_status(&self, act: Act) -> WrongStatus {
        WrongStatus {
            act,
            status: self.status,
            allowed: self.allowed(),
            visit: None,
        }
    }

    /// Refuses to undo a step when the visit of the appointment forbids it. An open visit forbids
    /// going back to before the patient was seen; a signed one forbids every undoing.
    pub(crate) fn require_undoable(
        &self,
        last: &LastStep,
        visit: Option<VisitState>,
    ) -> Result<(), WrongStatus> {
        let is_forbidden = match visit {
            Some(VisitState::Signed) => true,
            Some(VisitState::Open) => !last.before.status.is_seen(),
            None => false,
        };
        if !is_forbidden {
            return Ok(());
        }
        let mut refused = self.wrong_status(Act::Undo);
        refused.allowed.retain(|act| *act != Act::Undo);
        refused.visit = visit;
        Err(refused)
    }

    fn step(&self, act: Act, now: DateTime<Utc>) -> Result<Self, WrongStatus> {
        let status = self
            .status
            .after(act)
            .ok_or_else(|| self.wrong_status(act))?;
        let mut after = self.next_version(status, now);
        after.undoable_steps += 1;
        Ok(after)
    }

    /// The appointment after an act that keeps the status.
    fn keep(&self, act: Act, now: DateTime<Utc>) -> Result<Self, WrongStatus> {
        if self.status.keeps(act) {
            Ok(self.next_version(self.status, now))
        } else {
            Err(self.wrong_status(act))
        }
    }

    fn next_version(&self, status: Status, now: DateTime<Utc>) -> Self {
        Self {
            status,
            version: self.version.next(),
            updated_at: now,
            ..self.clone()
        }
    }
}

const fn change(act: Act, after: Appointment) -> Change {
    Change {
        act,
        after,
        reason: None,
    }
}
