//! The kinds of refusal that scheduling answers with, shared by its use cases.

use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

use super::appointment_status::WrongStatus;

pub(crate) static SLOT_TAKEN: ProblemType =
    ProblemType::new("slot-taken", 409, "This time is taken");
pub(super) static WRONG_STATUS: ProblemType = ProblemType::new(
    "wrong-status",
    409,
    "This does not apply where the appointment stands",
);
pub(crate) static OUTSIDE_AVAILABILITY: ProblemType = ProblemType::new(
    "outside-availability",
    422,
    "Nothing can be booked at this time",
);
pub(super) static NOTHING_AHEAD: ProblemType = ProblemType::new(
    "nothing-ahead",
    409,
    "Nothing of this series is still to come",
);
pub(crate) static BOOKING_RULE: ProblemType =
    ProblemType::new("booking-rule", 422, "A booking rule does not allow this");

text_enum! {
    /// A rule of booking, as the member `rule` of `/problems/booking-rule` names it.
    pub(crate) enum BookingRule {
        /// Nothing is booked into the past.
        InThePast = "in_the_past",
        /// Patients book so long before the start at the latest.
        LeadTime = "lead_time",
        /// Patients book so long before the start at the earliest.
        Horizon = "horizon",
        /// Only staff book this type.
        NotPatientBookable = "not_patient_bookable",
        /// Nothing new of this type is booked.
        TypeRetired = "type_retired",
        /// Patients cancel and move so long before the start at the latest.
        CancelCutoff = "cancel_cutoff",
        /// Patients hold a few slots at a time.
        TooManyHolds = "too_many_holds",
        /// Patients have booked so many appointments still to come at most.
        TooManyAhead = "too_many_ahead",
        /// Patients wait for a few things at a time.
        TooManyWaiting = "too_many_waiting",
        /// Appointments of such types are kept so many days apart.
        MinInterval = "min_interval",
        /// Nobody misses what has not begun.
        NotBegun = "not_begun",
        /// A provider must review something about the patient first.
        AwaitingReview = "awaiting_review",
    }
}

impl BookingRule {
    /// What to tell the caller.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::InThePast => "The appointment would begin in the past.",
            Self::LeadTime => "It is too late to book this time here; please call the practice.",
            Self::Horizon => "This time cannot be booked yet.",
            Self::NotPatientBookable => "Only the practice books this type of appointment.",
            Self::TypeRetired => "This type of appointment is not booked any more.",
            Self::CancelCutoff => "It is too late to change this here; please call the practice.",
            Self::TooManyHolds => "Let go of a slot that you hold first.",
            Self::TooManyAhead => {
                "You have booked as much ahead as you can here; please call the practice."
            }
            Self::TooManyWaiting => "Withdraw something else that you wait for first.",
            Self::NotBegun => "It has not begun yet; cancel it or move it.",
            Self::MinInterval => "It is too close to another appointment of this kind.",
            Self::AwaitingReview => {
                "A provider of the practice must review something before this can be booked."
            }
        }
    }

    pub(crate) fn problem(self) -> Problem {
        Problem::new(&BOOKING_RULE)
            .detail(self.detail())
            .member("rule", self)
    }
}

impl Refusal for WrongStatus {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS];

    fn problem(self) -> Problem {
        let problem = Problem::new(&WRONG_STATUS);
        let problem = match self.detail {
            Some(detail) => problem.detail(detail),
            None => problem,
        };
        problem
            .member("current_status", self.status)
            .member("allowed", self.allowed)
    }
}
