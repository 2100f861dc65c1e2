//! A follow-up: a call, visit, message or questionnaire that is due within a window of time.
//!
//! It is open until it is done or cancelled. Whether an open one is upcoming, due or overdue
//! follows from its window and the present instant and is never stored, so that nothing has to run
//! at midnight. An appointment made for it moves it by its own life: while the appointment stands
//! the follow-up is booked, when it is completed the follow-up is done, and when it is cancelled or
//! the patient does not come the follow-up is due again. Each step of the appointment writes that
//! down with itself, so that the version of a follow-up changes whenever what is shown of it does.
//!
//! A call asks every question of the screen for adverse events and ends with the relief in percent
//! and what comes next; without them it did not reach the patient, and is an attempt that leaves
//! the follow-up due.
//!
//! Reports of chest pain, breathlessness, fever, weakness or spreading redness after a needle
//! (pneumothorax, infection, a nerve or the cord) cannot wait: completing a follow-up with one of
//! them raises an urgent call.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::procedures::ProcedureId;
use crate::scheduling::AppointmentStanding;

use super::due_window::DueWindow;
use super::follow_up_outcome::{Outcome, Unasked};
use super::follow_up_status::{FollowUpStatus, Stage, WrongStatus};

id! {
    /// Names a follow-up.
    pub(crate) struct FollowUpId
}

id! {
    /// Names one version of a protocol.
    pub(crate) struct ProtocolId
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
    /// Why a try to reach a patient did not reach them.
    pub(crate) enum AttemptResult {
        NoAnswer = "no_answer",
        LeftMessage = "left_message",
        Busy = "busy",
        WrongNumber = "wrong_number",
        CallBackLater = "call_back_later",
    }
}

/// How many tries did not reach the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Attempts {
    pub(super) count: i16,
    pub(super) last_at: Option<DateTime<Utc>>,
}

/// The procedure and the step of a protocol that a follow-up comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    pub(super) procedure_id: Option<ProcedureId>,
    pub(super) protocol_id: Option<ProtocolId>,
    pub(super) protocol_step: Option<String>,
    pub(super) raised_by: Option<FollowUpId>,
}

/// A call, visit, message or questionnaire that is due within a window of time.
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
    pub(super) appointment: Option<AppointmentStanding>,
    pub(super) attempts: Attempts,
    pub(super) outcome: Outcome,
    pub(super) cancel_reason: Option<String>,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) closed_by: Option<Uuid>,
    pub(super) version: Version,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// Why the result of a follow-up was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CompleteRefused {
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("a call must ask for more")]
    Unasked(Vec<Unasked>),
}

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

/// A try that did not reach the patient of an open follow-up; made by [`FollowUp::try_in_vain`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(super) follow_up: FollowUp,
    pub(super) result: AttemptResult,
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
    /// A new open follow-up.
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
            attempts: Attempts::default(),
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
        let stands = |appointment: &AppointmentStanding| !appointment.has_fallen_through();
        match self.stage {
            Stage::Done => FollowUpStatus::Done,
            Stage::Cancelled => FollowUpStatus::Cancelled,
            Stage::Open if self.appointment.as_ref().is_some_and(stands) => FollowUpStatus::Booked,
            Stage::Open => self.window.status(now),
        }
    }

    /// Records the result; also of a follow-up whose appointment was kept and that has no result yet.
    pub(crate) fn complete(
        mut self,
        outcome: Outcome,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Completion, CompleteRefused> {
        let awaits_words = self.stage == Stage::Done && self.outcome.text.is_none();
        if self.stage != Stage::Open && !awaits_words {
            return Err(WrongStatus(self.status(now)).into());
        }
        if self.kind == FollowUpKind::Call {
            outcome.check_call().map_err(CompleteRefused::Unasked)?;
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

    /// Cancels it, with the reason.
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

    /// Counts a try that did not reach the patient; the follow-up stays as due as it was.
    pub(crate) fn try_in_vain(
        mut self,
        result: AttemptResult,
        now: DateTime<Utc>,
    ) -> Result<Attempt, WrongStatus> {
        if self.stage != Stage::Open {
            return Err(WrongStatus(self.status(now)));
        }
        self.attempts = Attempts {
            count: self.attempts.count.saturating_add(1),
            last_at: Some(now),
        };
        self.move_on(now);
        Ok(Attempt {
            follow_up: self,
            result,
        })
    }

    /// Rejects a follow-up that has an appointment, is done or was cancelled.
    pub(crate) fn check_bookable(&self, now: DateTime<Utc>) -> Result<(), WrongStatus> {
        match self.status(now) {
            FollowUpStatus::Upcoming | FollowUpStatus::Due | FollowUpStatus::Overdue => Ok(()),
            status => Err(WrongStatus(status)),
        }
    }

    /// Records the appointment that was made for it.
    pub(crate) fn book(
        mut self,
        appointment: AppointmentStanding,
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

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use crate::care::adverse_symptom::AdverseSymptom;
    use crate::scheduling::{AppointmentId, Status as AppointmentStatus};

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

    fn appointment(status: AppointmentStatus) -> AppointmentStanding {
        AppointmentStanding {
            id: AppointmentId::fresh(at(0)),
            status,
            starts_at: at(30),
            zone: Tz::UTC,
        }
    }

    fn reporting(symptoms: &[AdverseSymptom]) -> Outcome {
        Outcome {
            text: Some("Told".to_owned()),
            symptoms_asked: Some(AdverseSymptom::ALL.to_vec()),
            adverse_symptoms: symptoms.to_vec(),
            relief_percent: Some(40),
            next_step: Some("Stretch".to_owned()),
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
            (AppointmentStatus::Booked, "booked"),
            (AppointmentStatus::Confirmed, "booked"),
            (AppointmentStatus::InProgress, "booked"),
            (AppointmentStatus::Cancelled, "due"),
            (AppointmentStatus::NoShow, "due"),
        ] {
            let booked = due_between(24, 72)
                .book(appointment(AppointmentStatus::Booked), at(1))
                .unwrap();
            let mut follow_up = booked.follow_up;
            follow_up.appointment = Some(appointment(status));
            assert_eq!(follow_up.status(at(40)).as_str(), expected, "{status}");
        }
    }

    #[test]
    fn one_that_is_booked_cannot_be_booked_twice_unless_the_appointment_fell_through() {
        let mut follow_up = due_between(0, 9)
            .book(appointment(AppointmentStatus::Booked), at(1))
            .unwrap()
            .follow_up;
        let refused = follow_up
            .clone()
            .book(appointment(AppointmentStatus::Booked), at(2));
        assert_eq!(refused, Err(WrongStatus(FollowUpStatus::Booked)));
        follow_up.appointment = Some(appointment(AppointmentStatus::Cancelled));
        assert!(
            follow_up
                .book(appointment(AppointmentStatus::Booked), at(2))
                .is_ok()
        );
    }

    #[test]
    fn what_is_closed_stays_closed() {
        let by = Uuid::nil();
        let done = due_between(0, 9)
            .complete(reporting(&[]), by, at(1))
            .unwrap()
            .follow_up;
        assert_eq!(done.status(at(99)), FollowUpStatus::Done);
        assert!(done.clone().complete(reporting(&[]), by, at(2)).is_err());
        assert!(done.clone().cancel("no", by, at(2)).is_err());
        let try_again = done.clone().try_in_vain(AttemptResult::Busy, at(2));
        assert_eq!(try_again, Err(WrongStatus(FollowUpStatus::Done)));
        assert!(
            done.book(appointment(AppointmentStatus::Booked), at(2))
                .is_err()
        );
        let cancelled = due_between(0, 9)
            .cancel("Moved away", by, at(1))
            .unwrap()
            .follow_up;
        assert_eq!(cancelled.status(at(99)), FollowUpStatus::Cancelled);
        assert!(cancelled.complete(reporting(&[]), by, at(2)).is_err());
    }

    #[test]
    fn only_a_call_must_ask_more_than_for_words() {
        let call = FollowUp {
            kind: FollowUpKind::Call,
            ..due_between(0, 9)
        };
        let complete = |outcome| call.clone().complete(outcome, Uuid::nil(), at(1));
        assert!(complete(reporting(&[])).is_ok());
        let nothing = Outcome {
            text: Some("Well".to_owned()),
            ..Outcome::default()
        };
        let all = vec![Unasked::Screen, Unasked::Relief, Unasked::NextStep];
        assert_eq!(
            complete(nothing.clone()),
            Err(CompleteRefused::Unasked(all))
        );
        assert!(
            due_between(0, 9)
                .complete(nothing, Uuid::nil(), at(1))
                .is_ok()
        );
    }

    #[test]
    fn tries_in_vain_are_counted_and_leave_it_due() {
        let first = due_between(0, 9)
            .try_in_vain(AttemptResult::NoAnswer, at(1))
            .unwrap();
        let second = first
            .follow_up
            .try_in_vain(AttemptResult::LeftMessage, at(2))
            .unwrap();
        let tried = second.follow_up;
        assert_eq!(
            (tried.attempts.count, tried.attempts.last_at),
            (2, Some(at(2)))
        );
        assert_eq!(tried.status(at(3)), FollowUpStatus::Due);
        assert_eq!(tried.version, Version::FIRST.next().next());
    }

    #[test]
    fn words_can_still_be_added_when_the_appointment_was_kept() {
        let mut follow_up = due_between(0, 9);
        follow_up.appointment = Some(appointment(AppointmentStatus::Completed));
        follow_up.stage = Stage::Done;
        assert_eq!(follow_up.status(at(99)), FollowUpStatus::Done);
        assert!(follow_up.clone().cancel("no", Uuid::nil(), at(1)).is_err());
        let told = follow_up
            .complete(reporting(&[]), Uuid::nil(), at(1))
            .unwrap();
        assert!(
            told.follow_up
                .complete(reporting(&[]), Uuid::nil(), at(2))
                .is_err()
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
