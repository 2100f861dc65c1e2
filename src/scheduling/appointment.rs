//! An appointment over its whole life, and what may happen to it when.
//!
//! What happens is a [`Change`], and only the methods here make one, so that nothing is written
//! that the table of [`Status::after`] does not allow. A step can be undone as long as nothing
//! happened after it but steps that were undone themselves, and as long as no visit stands on it.
//! Moving an appointment to another time
//! makes it `booked` again: what was confirmed was the old time.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::practice::{AppointmentTypeId, LocationId, Opening, ProviderId, RoomId};

id! {
    /// Names an appointment.
    pub(crate) struct AppointmentId
}

id! {
    /// Names a series of appointments.
    pub(crate) struct SeriesId
}

text_enum! {
    /// Where an appointment stands.
    pub(crate) enum Status {
        Booked = "booked",
        Confirmed = "confirmed",
        Arrived = "arrived",
        Roomed = "roomed",
        InProgress = "in_progress",
        Completed = "completed",
        Cancelled = "cancelled",
        NoShow = "no_show",
    }
}

text_enum! {
    /// What happens to an appointment.
    pub(crate) enum Act {
        Book = "book",
        Confirm = "confirm",
        CheckIn = "check_in",
        Room = "room",
        Start = "start",
        Complete = "complete",
        Cancel = "cancel",
        NoShow = "no_show",
        Reschedule = "reschedule",
        Undo = "undo",
    }
}

text_enum! {
    /// Why an appointment was cancelled.
    pub(crate) enum CancelReason {
        PatientRequest = "patient_request",
        ProviderUnavailable = "provider_unavailable",
        Illness = "illness",
        Weather = "weather",
        Duplicate = "duplicate",
        NoLongerNeeded = "no_longer_needed",
        Other = "other",
    }
}

impl Status {
    /// Where the act leads from here; nothing where it is not allowed. [`Act::Undo`] is not in the
    /// table: where it leads is for the history to say.
    pub(crate) const fn after(self, act: Act) -> Option<Self> {
        match (self, act) {
            (Self::Booked, Act::Confirm) => Some(Self::Confirmed),
            (Self::Booked | Self::Confirmed, Act::CheckIn) => Some(Self::Arrived),
            (Self::Arrived | Self::Roomed, Act::Room) => Some(Self::Roomed),
            (Self::Arrived | Self::Roomed, Act::Start) => Some(Self::InProgress),
            (Self::InProgress, Act::Complete) => Some(Self::Completed),
            (Self::Booked | Self::Confirmed | Self::Arrived | Self::Roomed, Act::Cancel) => {
                Some(Self::Cancelled)
            }
            (Self::Booked | Self::Confirmed, Act::NoShow) => Some(Self::NoShow),
            (Self::Booked | Self::Confirmed, Act::Reschedule) => Some(Self::Booked),
            _ => None,
        }
    }

    /// What may happen next.
    pub(crate) fn allowed(self) -> Vec<Act> {
        let steps = Act::ALL
            .iter()
            .copied()
            .filter(|act| self.after(*act).is_some());
        // Every status but the first was reached by a step, and a step can be undone.
        steps
            .chain((self != Self::Booked).then_some(Act::Undo))
            .collect()
    }

    /// Whether the patient is seen or was, which is when there can be a visit.
    pub(crate) const fn is_seen(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed)
    }

    /// Whether provider, room and patient are taken by an appointment that stands here.
    pub(crate) const fn occupies(self) -> bool {
        !matches!(self, Self::Cancelled | Self::NoShow)
    }
}

/// How the visit of an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitState {
    Open,
    Signed,
}

/// What was asked does not apply where the appointment stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this does not apply to an appointment that is {status}")]
pub(crate) struct WrongStatus {
    /// Where it stands.
    pub(crate) status: Status,
    /// What does apply there.
    pub(crate) allowed: Vec<Act>,
    /// Why else, where it is not the status alone.
    pub(crate) detail: Option<&'static str>,
}

/// Why it was cancelled, as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cancellation {
    pub(crate) reason_code: CancelReason,
    pub(crate) note: Option<String>,
    /// Whether it was the patient's doing, and after the cut-off.
    pub(crate) is_late: bool,
}

impl Cancellation {
    /// As somebody tells it; whether it was late is for cancelling itself to say.
    pub(crate) const fn told(reason_code: CancelReason, note: Option<String>) -> Self {
        Self {
            reason_code,
            note,
            is_late: false,
        }
    }
}

impl CancelReason {
    /// Whether the patient would not or could not come: neither the practice's doing nor a mistake.
    pub(crate) const fn is_of_patient(self) -> bool {
        !matches!(self, Self::ProviderUnavailable | Self::Duplicate)
    }
}

/// With whom, where and when.
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
    /// The time that is free once nobody has this place any more.
    pub(crate) const fn opening(&self) -> Opening {
        Opening {
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
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

/// An appointment; the same one from booking to completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appointment {
    pub(crate) id: AppointmentId,
    pub(crate) patient_id: PatientId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) place: Place,
    pub(crate) status: Status,
    /// Why the patient comes, as told when booking.
    pub(crate) reason: Option<String>,
    /// Why staff booked against a rule.
    pub(crate) override_reason: Option<String>,
    /// There exactly while the appointment is cancelled.
    pub(crate) cancellation: Option<Cancellation>,
    /// The series it was booked in.
    pub(crate) series: Option<Occurrence>,
    pub(crate) milestones: Milestones,
    pub(crate) version: Version,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// Something that happened to an appointment, and what the appointment is like after it.
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

    /// Why, where that was said.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The same, with what was said about it: a note, or else why it goes against a rule.
    pub(crate) fn told(mut self, note: Option<&str>, override_reason: Option<&str>) -> Self {
        if let Some(why) = override_reason {
            self.after.override_reason = Some(why.to_owned());
        }
        self.reason = note.or(override_reason).map(str::to_owned);
        self
    }
}

/// A line of an appointment's history, as far as undoing has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PastStep {
    pub(crate) act: Act,
    pub(crate) status: Status,
}

/// The status before the last step that has not been undone yet. `history` is in order.
fn before_last_step(history: &[PastStep]) -> Option<Status> {
    let mut reached = Vec::with_capacity(history.len());
    for step in history {
        match step.act {
            Act::Undo => {
                reached.pop();
            }
            Act::Reschedule => {
                reached.clear();
                reached.push(step.status);
            }
            _ => reached.push(step.status),
        }
    }
    reached.pop();
    reached.pop()
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
        Ok(change(Act::Reschedule, after))
    }

    /// The last step was a mistake. `history` is all that happened, in order.
    pub(crate) fn undo(
        &self,
        history: &[PastStep],
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let status = before_last_step(history).ok_or_else(|| self.wrong_status())?;
        let mut after = self.next_version(status, now);
        match self.status {
            Status::Booked | Status::Confirmed | Status::NoShow => {}
            Status::Arrived => after.milestones.arrived_at = None,
            Status::Roomed if status == Status::Roomed => {}
            Status::Roomed => after.milestones.roomed_at = None,
            Status::InProgress => after.milestones.started_at = None,
            Status::Completed => after.milestones.completed_at = None,
            Status::Cancelled => {
                after.milestones.cancelled_at = None;
                after.cancellation = None;
            }
        }
        Ok(change(Act::Undo, after))
    }

    /// Refuses an act that does not apply, before anything else is looked at.
    pub(crate) fn require(&self, act: Act) -> Result<(), WrongStatus> {
        self.status
            .after(act)
            .map(drop)
            .ok_or_else(|| self.wrong_status())
    }

    /// The refusal of whatever does not apply now.
    pub(crate) fn wrong_status(&self) -> WrongStatus {
        WrongStatus {
            status: self.status,
            allowed: self.status.allowed(),
            detail: None,
        }
    }

    /// Refuses to take back a step that the visit of the appointment stands on: none while it is
    /// there that leads to before the patient was seen, and none at all once it is signed.
    pub(crate) fn require_undoable(
        &self,
        undone: &Change,
        visit: Option<VisitState>,
    ) -> Result<(), WrongStatus> {
        let detail = match visit {
            Some(VisitState::Signed) => "Its visit is signed.",
            Some(VisitState::Open) if !undone.after.status.is_seen() => "It has a visit.",
            Some(VisitState::Open) | None => return Ok(()),
        };
        let mut refused = self.wrong_status();
        refused.allowed.retain(|act| *act != Act::Undo);
        refused.detail = Some(detail);
        Err(refused)
    }

    fn step(&self, act: Act, now: DateTime<Utc>) -> Result<Self, WrongStatus> {
        let status = self.status.after(act).ok_or_else(|| self.wrong_status())?;
        Ok(self.next_version(status, now))
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

    fn appointment(status: Status) -> Appointment {
        let id = Uuid::from_u128(7);
        Appointment {
            id: id.into(),
            patient_id: id.into(),
            appointment_type_id: id.into(),
            place: Place {
                provider_id: id.into(),
                location_id: id.into(),
                room_id: None,
                starts_at: NOW,
                ends_at: NOW + TimeDelta::minutes(30),
            },
            status,
            reason: None,
            override_reason: None,
            cancellation: None,
            series: None,
            milestones: Milestones::default(),
            version: Version::FIRST,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn cancellation() -> Cancellation {
        Cancellation::told(CancelReason::Weather, None)
    }

    fn carry_out(appointment: &Appointment, act: Act) -> Option<Result<Change, WrongStatus>> {
        Some(match act {
            Act::Book | Act::Undo => return None,
            Act::Confirm => appointment.confirm(NOW),
            Act::CheckIn => appointment.check_in(NOW),
            Act::Room => appointment.show_to_room(None, NOW),
            Act::Start => appointment.start(NOW),
            Act::Complete => appointment.complete(NOW),
            Act::Cancel => appointment.cancel(cancellation(), NOW),
            Act::NoShow => appointment.miss(NOW),
            Act::Reschedule => appointment.reschedule(appointment.place, NOW),
        })
    }

    #[test]
    fn only_what_the_table_names_can_happen() {
        use Status as S;
        let table = [
            (Act::Confirm, vec![(S::Booked, S::Confirmed)]),
            (
                Act::CheckIn,
                vec![(S::Booked, S::Arrived), (S::Confirmed, S::Arrived)],
            ),
            (
                Act::Room,
                vec![(S::Arrived, S::Roomed), (S::Roomed, S::Roomed)],
            ),
            (
                Act::Start,
                vec![(S::Arrived, S::InProgress), (S::Roomed, S::InProgress)],
            ),
            (Act::Complete, vec![(S::InProgress, S::Completed)]),
            (
                Act::Cancel,
                vec![
                    (S::Booked, S::Cancelled),
                    (S::Confirmed, S::Cancelled),
                    (S::Arrived, S::Cancelled),
                    (S::Roomed, S::Cancelled),
                ],
            ),
            (
                Act::NoShow,
                vec![(S::Booked, S::NoShow), (S::Confirmed, S::NoShow)],
            ),
            (
                Act::Reschedule,
                vec![(S::Booked, S::Booked), (S::Confirmed, S::Booked)],
            ),
        ];
        for (act, steps) in table {
            for from in Status::ALL {
                let expected = steps.iter().find(|step| step.0 == *from).map(|step| step.1);
                let before = appointment(*from);
                let outcome = carry_out(&before, act).unwrap();
                if let Some(to) = expected {
                    let after = outcome.unwrap().after().clone();
                    assert_eq!(after.status, to, "{act} from {from}");
                    assert_eq!(after.version, before.version.next());
                    assert!(from.allowed().contains(&act));
                } else {
                    let refused = outcome.unwrap_err();
                    assert_eq!(refused.status, *from, "{act} from {from}");
                    assert!(!refused.allowed.contains(&act));
                }
            }
        }
    }

    fn happen(steps: &[(Act, Status)]) -> Vec<PastStep> {
        steps
            .iter()
            .map(|&(act, status)| PastStep { act, status })
            .collect()
    }

    #[test]
    fn steps_are_undone_one_by_one_back_to_the_booking() {
        let mut history = happen(&[
            (Act::Book, Status::Booked),
            (Act::Confirm, Status::Confirmed),
            (Act::CheckIn, Status::Arrived),
            (Act::Cancel, Status::Cancelled),
        ]);
        let mut now = appointment(Status::Cancelled);
        now.cancellation = Some(cancellation());
        for expected in [Status::Arrived, Status::Confirmed, Status::Booked] {
            now = now.undo(&history, NOW).unwrap().after().clone();
            assert_eq!(now.status, expected);
            assert_eq!(now.cancellation, None);
            history.push(PastStep {
                act: Act::Undo,
                status: expected,
            });
        }
        assert_eq!(
            now.undo(&history, NOW).unwrap_err().allowed,
            Status::Booked.allowed()
        );
    }

    #[test]
    fn what_was_before_a_move_to_another_time_cannot_be_brought_back() {
        let history = happen(&[
            (Act::Book, Status::Booked),
            (Act::Confirm, Status::Confirmed),
            (Act::Reschedule, Status::Booked),
        ]);
        assert!(appointment(Status::Booked).undo(&history, NOW).is_err());
    }

    #[test]
    fn steps_that_a_visit_stands_on_stay() {
        let seen = happen(&[
            (Act::Book, Status::Booked),
            (Act::CheckIn, Status::Arrived),
            (Act::Start, Status::InProgress),
            (Act::Complete, Status::Completed),
        ]);
        let completed = appointment(Status::Completed);
        let in_progress = appointment(Status::InProgress);
        let reopened = completed.undo(&seen, NOW).unwrap();
        let unseen = in_progress.undo(&seen[..3], NOW).unwrap();
        let (open, signed) = (Some(VisitState::Open), Some(VisitState::Signed));
        assert_eq!(completed.require_undoable(&reopened, None), Ok(()));
        assert_eq!(completed.require_undoable(&reopened, open), Ok(()));
        assert_eq!(in_progress.require_undoable(&unseen, None), Ok(()));
        for refused in [
            completed.require_undoable(&reopened, signed),
            in_progress.require_undoable(&unseen, open),
            in_progress.require_undoable(&unseen, signed),
        ] {
            assert!(!refused.unwrap_err().allowed.contains(&Act::Undo));
        }
    }

    #[test]
    fn undoing_forgets_when_the_step_was_reached() {
        let arrived = appointment(Status::Booked)
            .check_in(NOW)
            .unwrap()
            .after()
            .clone();
        assert_eq!(arrived.milestones.arrived_at, Some(NOW));
        let history = happen(&[(Act::Book, Status::Booked), (Act::CheckIn, Status::Arrived)]);
        let undone = arrived.undo(&history, NOW).unwrap();
        assert_eq!(undone.after().milestones, Milestones::default());
    }
}
