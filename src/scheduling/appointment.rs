//! An appointment over its whole life, and what may happen to it when.
//!
//! What happens is a [`Change`], and only the methods here make one, so that nothing is written
//! that the table of [`Status::after`] does not allow. A step can be undone as long as nothing
//! happened after it but steps that were undone themselves, and as long as no visit stands on it;
//! a move is a step like any other, and undoing it is a move back.
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
        /// No step of its life: it changes no status, and nothing takes it back.
        ChangeReason = "change_reason",
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
    /// table: where it leads is for the history to say, and whether, for the appointment. Neither is
    /// [`Act::ChangeReason`], which leads nowhere.
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

    /// Whether the patient is seen or was, which is when there can be a visit.
    pub(crate) const fn is_seen(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed)
    }

    /// Whether nothing more comes of an appointment that stands here, unless it is undone.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::NoShow)
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
    /// Whether the patient would not or could not come: neither the practice's doing, nor a mistake,
    /// nor a day on which nobody could.
    pub(crate) const fn is_of_patient(self) -> bool {
        !matches!(
            self,
            Self::ProviderUnavailable | Self::Duplicate | Self::Weather
        )
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

/// Of an appointment, what decides which acts apply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) undoable_steps: i16,
}

impl Standing {
    /// What may happen next.
    pub(crate) fn allowed(&self) -> Vec<Act> {
        let is_step = |act: &Act| self.status.after(*act).is_some();
        let steps = Act::ALL.iter().copied().filter(is_step);
        steps
            .chain((self.undoable_steps > 0).then_some(Act::Undo))
            .collect()
    }
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
    /// Why the patient comes, as told last.
    pub(crate) reason: Option<String>,
    /// Why staff booked against a rule.
    pub(crate) override_reason: Option<String>,
    /// There exactly while the appointment is cancelled.
    pub(crate) cancellation: Option<Cancellation>,
    /// The series it was booked in.
    pub(crate) series: Option<Occurrence>,
    pub(crate) milestones: Milestones,
    /// How many steps can be taken back, one after the other.
    pub(crate) undoable_steps: i16,
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

    /// Why, where that was said; for [`Act::ChangeReason`], why the patient came until then.
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
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) room_id: Option<RoomId>,
    pub(crate) starts_at: DateTime<Utc>,
}

/// The last step that was not undone, and the one before it, which undoing leads back to.
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

    /// The time that is free once the appointment gives up its place.
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
        // What was said of the old place.
        after.override_reason = None;
        Ok(change(Act::Reschedule, after))
    }

    /// The patient comes for this, or for nothing that was told. No step: there is none to undo
    /// for it, and those before it can still be undone.
    pub(crate) fn change_reason(
        &self,
        reason: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        if self.status.is_over() {
            return Err(self.wrong_status());
        }
        let after = Self {
            reason,
            ..self.next_version(self.status, now)
        };
        Ok(Change {
            reason: self.reason.clone(),
            ..change(Act::ChangeReason, after)
        })
    }

    /// The step that undoing takes back. `history` is all that happened, in order.
    pub(crate) fn last_step(&self, history: &[PastStep]) -> Result<LastStep, WrongStatus> {
        let mut steps = Vec::with_capacity(history.len());
        for step in history {
            match step.act {
                Act::Undo => drop(steps.pop()),
                Act::ChangeReason => {}
                _ => steps.push(*step),
            }
        }
        match steps.as_slice() {
            [.., before, last] => Ok(LastStep {
                act: last.act,
                before: *before,
            }),
            _ => Err(self.wrong_status()),
        }
    }

    /// The last step was a mistake, and this is where the appointment is without it.
    pub(crate) fn undo(&self, last: &LastStep, place: Place, now: DateTime<Utc>) -> Change {
        let status = last.before.status;
        let mut after = self.next_version(status, now);
        after.undoable_steps -= 1;
        after.place = place;
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
        change(Act::Undo, after)
    }

    /// What decides which acts apply.
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
            allowed: self.allowed(),
            detail: None,
        }
    }

    /// Refuses to take back a step that the visit of the appointment stands on: none while it is
    /// there that leads to before the patient was seen, and none at all once it is signed.
    pub(crate) fn require_undoable(
        &self,
        last: &LastStep,
        visit: Option<VisitState>,
    ) -> Result<(), WrongStatus> {
        let detail = match visit {
            Some(VisitState::Signed) => "Its visit is signed.",
            Some(VisitState::Open) if !last.before.status.is_seen() => "It has a visit.",
            Some(VisitState::Open) | None => return Ok(()),
        };
        let mut refused = self.wrong_status();
        refused.allowed.retain(|act| *act != Act::Undo);
        refused.detail = Some(detail);
        Err(refused)
    }

    fn step(&self, act: Act, now: DateTime<Utc>) -> Result<Self, WrongStatus> {
        let status = self.status.after(act).ok_or_else(|| self.wrong_status())?;
        let mut after = self.next_version(status, now);
        after.undoable_steps += 1;
        Ok(after)
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
            undoable_steps: 0,
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
            Act::ChangeReason => appointment.change_reason(Some("Neck pain".to_owned()), NOW),
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
                    assert!(before.allowed().contains(&act));
                } else {
                    let refused = outcome.unwrap_err();
                    assert_eq!(refused.status, *from, "{act} from {from}");
                    assert!(!refused.allowed.contains(&act));
                }
            }
        }
    }

    /// The appointment after these steps, and its history.
    fn happen(acts: &[Act]) -> (Appointment, Vec<PastStep>) {
        let mut now = appointment(Status::Booked);
        let mut history = vec![line(Act::Book, &now)];
        for act in acts {
            let outcome = if *act == Act::Reschedule {
                now.reschedule(an_hour_later(now.place), NOW)
            } else {
                carry_out(&now, *act).unwrap()
            };
            now = outcome.unwrap().after().clone();
            history.push(line(*act, &now));
        }
        (now, history)
    }

    fn line(act: Act, after: &Appointment) -> PastStep {
        PastStep {
            act,
            status: after.status,
            provider_id: after.place.provider_id,
            location_id: after.place.location_id,
            room_id: after.place.room_id,
            starts_at: after.place.starts_at,
        }
    }

    fn an_hour_later(place: Place) -> Place {
        Place {
            starts_at: place.starts_at + TimeDelta::hours(1),
            ends_at: place.ends_at + TimeDelta::hours(1),
            ..place
        }
    }

    #[test]
    fn steps_are_undone_one_by_one_back_to_the_booking() {
        let (mut now, mut history) = happen(&[Act::Confirm, Act::CheckIn, Act::Cancel]);
        for expected in [Status::Arrived, Status::Confirmed, Status::Booked] {
            assert!(now.allowed().contains(&Act::Undo));
            let last = now.last_step(&history).unwrap();
            now = now.undo(&last, now.place, NOW).after().clone();
            assert_eq!(now.status, expected);
            assert_eq!(now.cancellation, None);
            history.push(line(Act::Undo, &now));
        }
        assert!(!now.allowed().contains(&Act::Undo));
        assert_eq!(
            now.last_step(&history).unwrap_err().allowed,
            appointment(Status::Booked).allowed()
        );
    }

    #[test]
    fn a_move_is_undone_to_where_and_what_the_appointment_was_before() {
        let (moved, history) = happen(&[Act::Confirm, Act::Reschedule, Act::Reschedule]);
        let last = moved.last_step(&history).unwrap();
        assert_eq!(last.act, Act::Reschedule);
        assert_eq!(last.before.starts_at, NOW + TimeDelta::hours(1));
        assert_eq!(last.before.status, Status::Booked);
        let (once, history) = happen(&[Act::Confirm, Act::Reschedule]);
        let last = once.last_step(&history).unwrap();
        let before = appointment(Status::Booked).place;
        assert_eq!(last.before.starts_at, before.starts_at);
        let back = once.undo(&last, before, NOW).after().clone();
        assert_eq!((back.status, back.place), (Status::Confirmed, before));
        assert_eq!(back.undoable_steps, 1);
    }

    #[test]
    fn steps_that_a_visit_stands_on_stay() {
        let (completed, history) = happen(&[Act::CheckIn, Act::Start, Act::Complete]);
        let (in_progress, earlier) = happen(&[Act::CheckIn, Act::Start]);
        let reopened = completed.last_step(&history).unwrap();
        let unseen = in_progress.last_step(&earlier).unwrap();
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
    fn why_the_patient_comes_changes_until_it_is_over_and_keeps_what_was_told() {
        for status in Status::ALL.iter().copied() {
            let mut before = appointment(status);
            before.reason = Some("Headache".to_owned());
            before.undoable_steps = 3;
            let outcome = before.change_reason(None, NOW);
            let is_over = matches!(
                status,
                Status::Completed | Status::Cancelled | Status::NoShow
            );
            if is_over {
                assert_eq!(outcome.unwrap_err(), before.wrong_status(), "{status}");
                continue;
            }
            let change = outcome.unwrap();
            assert_eq!(change.reason(), Some("Headache"), "{status}");
            let expected = Appointment {
                reason: None,
                version: before.version.next(),
                ..before
            };
            assert_eq!(change.after(), &expected);
        }
    }

    #[test]
    fn undoing_passes_over_what_is_no_step() {
        let acts = [
            Act::ChangeReason,
            Act::Confirm,
            Act::ChangeReason,
            Act::CheckIn,
            Act::ChangeReason,
        ];
        let (mut now, mut history) = happen(&acts);
        assert_eq!(now.undoable_steps, 2);
        for (act, expected) in [
            (Act::CheckIn, Status::Confirmed),
            (Act::Confirm, Status::Booked),
        ] {
            let last = now.last_step(&history).unwrap();
            assert_eq!(last.act, act);
            now = now.undo(&last, now.place, NOW).after().clone();
            assert_eq!(now.status, expected);
            history.push(line(Act::Undo, &now));
            now = now.change_reason(None, NOW).unwrap().after().clone();
            history.push(line(Act::ChangeReason, &now));
        }
        assert!(now.last_step(&history).is_err());
        assert!(!now.allowed().contains(&Act::Undo));
    }

    #[test]
    fn undoing_forgets_when_the_step_was_reached() {
        let (arrived, history) = happen(&[Act::CheckIn]);
        assert_eq!(arrived.milestones.arrived_at, Some(NOW));
        let last = arrived.last_step(&history).unwrap();
        let undone = arrived.undo(&last, arrived.place, NOW);
        assert_eq!(undone.after().milestones, Milestones::default());
    }
}
