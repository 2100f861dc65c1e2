//! A follow-up: something owed to a patient within a window of time.
//!
//! It is open until it is done or cancelled. Whether an open one is upcoming, due or overdue
//! follows from its window and the present instant and is never stored, so that nothing has to run
//! at midnight. An appointment made for it moves it by its own life: while the appointment stands
//! the follow-up is booked, when it is completed the follow-up is done, and when it is cancelled or
//! the patient does not come the follow-up is due again.
//!
//! Reports of chest pain, breathlessness, fever, weakness or spreading redness after a needle
//! (pneumothorax, infection, a nerve or the cord) cannot wait: completing a follow-up with one of
//! them raises an urgent call.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;

use super::protocol::DueWindow;

id! {
    /// Names a follow-up.
    pub(crate) struct FollowUpId
}

text_enum! {
    /// How a patient is followed up.
    pub(crate) enum FollowUpKind {
        Visit = "visit",
        Call = "call",
        Message = "message",
        Questionnaire = "questionnaire",
    }
}

text_enum! {
    /// What is stored: the rest follows from the window and the appointment.
    pub(crate) enum Stage {
        Open = "open",
        Done = "done",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Where a follow-up stands at an instant.
    pub(crate) enum FollowUpStatus {
        Upcoming = "upcoming",
        Due = "due",
        Overdue = "overdue",
        Booked = "booked",
        Done = "done",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What a patient may report when asked for adverse events.
    pub(crate) enum AdverseSymptom {
        ChestPain = "chest_pain",
        Breathlessness = "breathlessness",
        Fever = "fever",
        Weakness = "weakness",
        SpreadingRedness = "spreading_redness",
        Soreness = "soreness",
        Bruising = "bruising",
        Bleeding = "bleeding",
        Dizziness = "dizziness",
        WorseHeadache = "worse_headache",
        Other = "other",
    }
}

impl AdverseSymptom {
    /// Whether someone has to look into it at once.
    pub(crate) const fn is_red_flag(self) -> bool {
        matches!(
            self,
            Self::ChestPain
                | Self::Breathlessness
                | Self::Fever
                | Self::Weakness
                | Self::SpreadingRedness
        )
    }
}

/// The appointment made for a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkedAppointment {
    pub(super) id: Uuid,
    pub(super) status: String,
    pub(super) starts_at: DateTime<Utc>,
    /// That of its location.
    pub(super) zone: Tz,
}

/// What an appointment means for the follow-up it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Fallen,
    Stands,
    Kept,
}

impl LinkedAppointment {
    fn standing(&self) -> Standing {
        match self.status.as_str() {
            "cancelled" | "no_show" => Standing::Fallen,
            "completed" => Standing::Kept,
            _ => Standing::Stands,
        }
    }
}

/// What came of a follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    pub(super) text: Option<String>,
    pub(super) adverse_symptoms: Vec<AdverseSymptom>,
    pub(super) relief_percent: Option<i16>,
    pub(super) next_step: Option<String>,
}

/// Which procedure and which step of a protocol asked for a follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    pub(super) procedure_id: Option<Uuid>,
    pub(super) protocol_id: Option<Uuid>,
    pub(super) protocol_step: Option<String>,
    pub(super) raised_by: Option<FollowUpId>,
}

/// Something owed to a patient within a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FollowUp {
    pub(super) id: FollowUpId,
    pub(super) patient_id: PatientId,
    pub(super) kind: FollowUpKind,
    pub(super) reason: String,
    pub(super) window: DueWindow,
    pub(super) origin: Origin,
    pub(super) urgent: bool,
    pub(super) stage: Stage,
    pub(super) appointment: Option<LinkedAppointment>,
    pub(super) outcome: Outcome,
    pub(super) cancel_reason: Option<String>,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) closed_by: Option<Uuid>,
    pub(super) version: Version,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// A follow-up is not open any more, or is not in a state to be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the follow-up is {0}")]
pub(crate) struct WrongStatus(pub(super) FollowUpStatus);

/// An open follow-up that was done; made by [`FollowUp::complete`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(super) follow_up: FollowUp,
    /// The urgent call that a red flag raises.
    pub(super) urgent: Option<FollowUp>,
}

/// An open follow-up that is not needed any more; made by [`FollowUp::cancel`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cancellation {
    pub(super) follow_up: FollowUp,
}

/// An open follow-up with the appointment made for it; made by [`FollowUp::book`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booking {
    pub(super) follow_up: FollowUp,
}

/// An urgent call is overdue after this.
const URGENT_WITHIN: TimeDelta = TimeDelta::hours(4);
const URGENT_REASON: &str =
    "To talk about what you told us; call us or emergency services if it gets worse";

impl FollowUp {
    /// A new follow-up that nothing has happened to.
    pub(crate) fn new(
        patient_id: PatientId,
        (kind, reason): (FollowUpKind, &str),
        window: DueWindow,
        origin: Origin,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: FollowUpId::fresh(now),
            patient_id,
            kind,
            reason: reason.to_owned(),
            window,
            origin,
            urgent: false,
            stage: Stage::Open,
            appointment: None,
            outcome: Outcome::default(),
            cancel_reason: None,
            closed_at: None,
            closed_by: None,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }

    /// Where it stands at `now`.
    pub(crate) fn status(&self, now: DateTime<Utc>) -> FollowUpStatus {
        match (
            self.stage,
            self.appointment.as_ref().map(LinkedAppointment::standing),
        ) {
            (Stage::Done, _) | (Stage::Open, Some(Standing::Kept)) => FollowUpStatus::Done,
            (Stage::Cancelled, _) => FollowUpStatus::Cancelled,
            (Stage::Open, Some(Standing::Stands)) => FollowUpStatus::Booked,
            (Stage::Open, Some(Standing::Fallen) | None) => self.window.status(now),
        }
    }

    /// Records what came of it; also of one whose appointment was kept, which has no words yet.
    pub(crate) fn complete(
        mut self,
        outcome: Outcome,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Completion, WrongStatus> {
        if self.stage != Stage::Open {
            return Err(WrongStatus(self.status(now)));
        }
        let flagged = outcome
            .adverse_symptoms
            .iter()
            .any(|symptom| symptom.is_red_flag());
        let urgent = flagged.then(|| self.urgent_call(now));
        self.close(Stage::Done, by, now);
        self.outcome = outcome;
        Ok(Completion {
            follow_up: self,
            urgent,
        })
    }

    /// Takes it off the list, with the reason.
    pub(crate) fn cancel(
        mut self,
        reason: &str,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Cancellation, WrongStatus> {
        if let status @ (FollowUpStatus::Done | FollowUpStatus::Cancelled) = self.status(now) {
            Err(WrongStatus(status))
        } else {
            self.close(Stage::Cancelled, by, now);
            self.cancel_reason = Some(reason.to_owned());
            Ok(Cancellation { follow_up: self })
        }
    }

    /// Refuses one that has an appointment or needs none any more.
    pub(crate) fn check_bookable(&self, now: DateTime<Utc>) -> Result<(), WrongStatus> {
        match self.status(now) {
            FollowUpStatus::Upcoming | FollowUpStatus::Due | FollowUpStatus::Overdue => Ok(()),
            status => Err(WrongStatus(status)),
        }
    }

    /// Ties it to the appointment made for it.
    pub(crate) fn book(
        mut self,
        appointment: LinkedAppointment,
        now: DateTime<Utc>,
    ) -> Result<Booking, WrongStatus> {
        self.check_bookable(now)?;
        self.appointment = Some(appointment);
        self.move_on(now);
        Ok(Booking { follow_up: self })
    }

    fn urgent_call(&self, now: DateTime<Utc>) -> Self {
        let window = DueWindow {
            due_from: now,
            due_by: now + URGENT_WITHIN,
        };
        let origin = Origin {
            procedure_id: self.origin.procedure_id,
            raised_by: Some(self.id),
            ..Origin::default()
        };
        let call = (FollowUpKind::Call, URGENT_REASON);
        Self {
            urgent: true,
            ..Self::new(self.patient_id, call, window, origin, now)
        }
    }

    fn close(&mut self, stage: Stage, by: Uuid, now: DateTime<Utc>) {
        self.stage = stage;
        self.closed_at = Some(now);
        self.closed_by = Some(by);
        self.move_on(now);
    }

    fn move_on(&mut self, now: DateTime<Utc>) {
        self.version = self.version.next();
        self.updated_at = now;
    }
}

impl DueWindow {
    fn status(self, now: DateTime<Utc>) -> FollowUpStatus {
        if now < self.due_from {
            FollowUpStatus::Upcoming
        } else if now < self.due_by {
            FollowUpStatus::Due
        } else {
            FollowUpStatus::Overdue
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn due_between(from: i64, by: i64) -> FollowUp {
        let window = DueWindow {
            due_from: at(from),
            due_by: at(by),
        };
        let patient_id = PatientId::fresh(at(0));
        FollowUp::new(
            patient_id,
            (FollowUpKind::Visit, "Why"),
            window,
            Origin::default(),
            at(0),
        )
    }

    fn appointment(status: &str) -> LinkedAppointment {
        LinkedAppointment {
            id: Uuid::nil(),
            status: status.into(),
            starts_at: at(30),
            zone: Tz::UTC,
        }
    }

    fn reporting(symptoms: &[AdverseSymptom]) -> Outcome {
        Outcome {
            adverse_symptoms: symptoms.to_vec(),
            ..Outcome::default()
        }
    }

    #[test]
    fn a_follow_up_is_upcoming_then_due_then_overdue() {
        let follow_up = due_between(24, 72);
        let statuses = [23, 24, 71, 72].map(|hour| follow_up.status(at(hour)).as_str());
        assert_eq!(statuses, ["upcoming", "due", "due", "overdue"]);
    }

    #[test]
    fn the_life_of_its_appointment_moves_it() {
        for (status, expected) in [
            ("booked", "booked"),
            ("confirmed", "booked"),
            ("in_progress", "booked"),
            ("completed", "done"),
            ("cancelled", "due"),
            ("no_show", "due"),
        ] {
            let booked = due_between(24, 72)
                .book(appointment("booked"), at(1))
                .unwrap();
            let mut follow_up = booked.follow_up;
            follow_up.appointment = Some(appointment(status));
            assert_eq!(follow_up.status(at(40)).as_str(), expected, "{status}");
        }
    }

    #[test]
    fn one_that_is_booked_cannot_be_booked_twice_unless_the_appointment_fell_through() {
        let mut follow_up = due_between(0, 9)
            .book(appointment("booked"), at(1))
            .unwrap()
            .follow_up;
        let refused = follow_up.clone().book(appointment("booked"), at(2));
        assert_eq!(refused, Err(WrongStatus(FollowUpStatus::Booked)));
        follow_up.appointment = Some(appointment("cancelled"));
        assert!(follow_up.book(appointment("booked"), at(2)).is_ok());
    }

    #[test]
    fn what_is_closed_stays_closed() {
        let by = Uuid::nil();
        let done = due_between(0, 9)
            .complete(Outcome::default(), by, at(1))
            .unwrap()
            .follow_up;
        assert_eq!(done.status(at(99)), FollowUpStatus::Done);
        assert!(
            done.clone()
                .complete(Outcome::default(), by, at(2))
                .is_err()
        );
        assert!(done.clone().cancel("no", by, at(2)).is_err());
        assert!(done.book(appointment("booked"), at(2)).is_err());
        let cancelled = due_between(0, 9)
            .cancel("Moved away", by, at(1))
            .unwrap()
            .follow_up;
        assert_eq!(cancelled.status(at(99)), FollowUpStatus::Cancelled);
        assert!(cancelled.complete(Outcome::default(), by, at(2)).is_err());
    }

    #[test]
    fn words_can_still_be_added_when_the_appointment_was_kept() {
        let mut follow_up = due_between(0, 9);
        follow_up.appointment = Some(appointment("completed"));
        assert!(follow_up.clone().cancel("no", Uuid::nil(), at(1)).is_err());
        assert!(
            follow_up
                .complete(Outcome::default(), Uuid::nil(), at(1))
                .is_ok()
        );
    }

    #[test]
    fn every_red_flag_raises_an_urgent_call_and_soreness_does_not() {
        let flags = AdverseSymptom::ALL
            .iter()
            .filter(|symptom| symptom.is_red_flag());
        let words: Vec<&str> = flags.map(|symptom| symptom.as_str()).collect();
        assert_eq!(
            words,
            [
                "chest_pain",
                "breathlessness",
                "fever",
                "weakness",
                "spreading_redness"
            ]
        );
        for symptom in AdverseSymptom::ALL {
            let original = due_between(0, 9);
            let completion = original
                .clone()
                .complete(reporting(&[*symptom]), Uuid::nil(), at(5))
                .unwrap();
            assert_eq!(completion.urgent.is_some(), symptom.is_red_flag());
            if let Some(urgent) = completion.urgent {
                assert!(urgent.urgent && urgent.status(at(5)) == FollowUpStatus::Due);
                assert_eq!(urgent.status(at(9)), FollowUpStatus::Overdue);
                assert_eq!(urgent.origin.raised_by, Some(original.id));
            }
        }
    }
}
