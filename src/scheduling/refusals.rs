//! The problem types of scheduling, shared by its use cases.

pub(super) use crate::platform::problem::WRONG_STATUS;
use crate::platform::problem::{Member, Problem, ProblemType, Refusal, Shape};
use crate::platform::text::text_enum;

use super::appointment_status::WrongStatus;

/// A booking or hold that is in the way.
const CONFLICT: &[Member] = &[
    Member::new("kind", Shape::Text, "Provider, patient or room."),
    Member::new("resource_id", Shape::Id, "The provider, patient or room."),
    Member::new(
        "appointment_id",
        Shape::Nullable(&Shape::Id),
        "The appointment; null for a hold.",
    ),
    Member::new("starts_at", Shape::Instant, "Buffers included."),
    Member::new("ends_at", Shape::Instant, "Buffers included."),
    Member::new(
        "held_until",
        Shape::Nullable(&Shape::Instant),
        "When a hold ends by itself.",
    ),
];

/// An occurrence of a series that was refused.
const REFUSED_OCCURRENCE: &[Member] = &[
    Member::new(
        "occurrence",
        Shape::Number,
        "Its place in the series, from 1.",
    ),
    Member::new(
        "starts_at",
        Shape::Text,
        "When it was to begin, with the offset of the location.",
    ),
    Member::new("type", Shape::Text, "The kind of problem."),
    Member::new(
        "detail",
        Shape::Optional(&Shape::Text),
        "What is wrong with it.",
    ),
    Member::new("taken", Shape::Optional(&Shape::Texts), "What is not free."),
    Member::new(
        "rule",
        Shape::Optional(&Shape::Text),
        "The rule that is broken.",
    ),
];

pub(crate) static SLOT_TAKEN: ProblemType = ProblemType::new(
    "slot-taken",
    409,
    "Provider, patient or room is not free at this time",
)
.with(&[
    Member::new(
        "taken",
        Shape::Texts,
        "What is not free: provider, patient or room.",
    ),
    Member::new(
        "conflicts",
        Shape::Objects(CONFLICT),
        "The bookings and holds that are in the way; only staff see them.",
    ),
    Member::new(
        "refused",
        Shape::Objects(REFUSED_OCCURRENCE),
        "Every occurrence of a series that was refused.",
    ),
]);
pub(crate) static OUTSIDE_AVAILABILITY: ProblemType = ProblemType::new(
    "outside-availability",
    422,
    "Nothing can be booked at this time",
)
.with(&[Member::new(
    "refused",
    Shape::Objects(REFUSED_OCCURRENCE),
    "Every occurrence of a series that was refused.",
)]);
pub(super) static NOTHING_AHEAD: ProblemType = ProblemType::new(
    "nothing-ahead",
    409,
    "Nothing of this series is still to come",
);
pub(crate) static BOOKING_RULE: ProblemType =
    ProblemType::new("booking-rule", 422, "A booking rule does not allow this").with(&[
        Member::new("rule", Shape::Text, "The rule that is broken."),
        Member::new(
            "refused",
            Shape::Objects(REFUSED_OCCURRENCE),
            "Every occurrence of a series that was refused.",
        ),
    ]);

text_enum! {
    /// A booking rule, as the member `rule` of `/problems/booking-rule` names it.
    pub(crate) enum BookingRule {
        /// The start has passed.
        InThePast = "in_the_past",
        /// Patients book at least so long before the start.
        LeadTime = "lead_time",
        /// Patients book at most so long before the start.
        Horizon = "horizon",
        /// Only staff book this type.
        NotPatientBookable = "not_patient_bookable",
        /// The type is not booked any more.
        TypeRetired = "type_retired",
        /// Patients cancel and move at least so long before the start.
        CancelCutoff = "cancel_cutoff",
        /// Patients hold a few slots at a time.
        TooManyHolds = "too_many_holds",
        /// Patients book a limited number of appointments ahead.
        TooManyAhead = "too_many_ahead",
        /// Patients have a limited number of waitlist entries.
        TooManyWaiting = "too_many_waiting",
        /// Two appointments with an interval must be so many days apart.
        MinInterval = "min_interval",
        /// An appointment is a no-show only after its start.
        NotBegun = "not_begun",
        /// A patient is checked in and seen on the day of the appointment.
        AnotherDay = "another_day",
        /// A provider must review something about the patient first.
        AwaitingReview = "awaiting_review",
    }
}

impl BookingRule {
    /// What to tell the caller.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::InThePast => "The start has passed; choose a later one.",
            Self::LeadTime => "It is too late to book this time here; please call the practice.",
            Self::Horizon => "This time is too far ahead to be booked yet; choose an earlier one.",
            Self::NotPatientBookable => {
                "Only the practice books this type of appointment; please call."
            }
            Self::TypeRetired => {
                "This type of appointment is not booked any more; choose another type."
            }
            Self::CancelCutoff => {
                "It is too late to cancel or move this here; please call the practice."
            }
            Self::TooManyHolds => "You hold as many times as you can; let one of them go first.",
            Self::TooManyAhead => {
                "You have reached the limit of appointments booked ahead; please call the practice."
            }
            Self::TooManyWaiting => {
                "You are on the waitlist as often as you can be; withdraw an entry first."
            }
            Self::NotBegun => "The appointment has not started yet; cancel it or move it instead.",
            Self::MinInterval => {
                "This is too close to another appointment of this kind; choose another day."
            }
            Self::AnotherDay => "This appointment is on another day.",
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
        Problem::new(&WRONG_STATUS)
            .detail(self.message())
            .member("current_status", self.status)
            .member("allowed", self.allowed)
    }
}
