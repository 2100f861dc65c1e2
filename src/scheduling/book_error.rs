//! Why a time was not booked.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use serde::Serialize;
use uuid::Uuid;

use crate::platform::database::DatabaseError;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::schema::resource_bookings;

use super::appointment::AppointmentId;
use super::claim::ResourceKind;
use super::refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
use super::slots::SlotRefused;

/// What somebody else has, and, as far as staff were told, which bookings are in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(super) kinds: Vec<ResourceKind>,
    pub(super) conflicts: Vec<Conflict>,
}

/// A booking or a hold that is in the way, as the member `conflicts` of `/problems/slot-taken`
/// names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName)]
#[diesel(table_name = resource_bookings, check_for_backend(Pg))]
pub(crate) struct Conflict {
    #[diesel(column_name = resource_kind)]
    kind: ResourceKind,
    resource_id: Uuid,
    /// Nothing where it is a hold.
    appointment_id: Option<AppointmentId>,
    /// Buffers included, as for `ends_at`.
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// When a hold ends by itself.
    #[diesel(column_name = expires_at)]
    held_until: Option<DateTime<Utc>>,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BookError {
    /// JSON pointers of the ids.
    #[error("ids that name nothing")]
    Unknown(Vec<&'static str>),
    #[error("nothing can be booked then: {0}")]
    Outside(SlotRefused),
    #[error("a rule does not allow it: {0}")]
    Rule(BookingRule),
    #[error("taken")]
    Taken(Taken),
    #[error("only staff override rules")]
    StaffOnly,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl BookError {
    /// Somebody else has this.
    pub(super) const fn taken(kinds: Vec<ResourceKind>) -> Self {
        Self::Taken(Taken {
            kinds,
            conflicts: Vec::new(),
        })
    }
}

impl Refusal for BookError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SLOT_TAKEN, &OUTSIDE_AVAILABILITY, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Unknown(pointers) => {
                let nothing = |pointer| FieldError::new(pointer, "names nothing here");
                Problem::invalid(pointers.into_iter().map(nothing).collect())
            }
            Self::Outside(refused) => Problem::new(&OUTSIDE_AVAILABILITY)
                .detail(format!("{refused}."))
                .errors(vec![FieldError::new("/starts_at", refused.to_string())]),
            Self::Rule(rule) => rule.problem(),
            Self::Taken(Taken { kinds, conflicts }) => {
                let problem = Problem::new(&SLOT_TAKEN).member("taken", kinds);
                if conflicts.is_empty() {
                    problem
                } else {
                    problem.member("conflicts", conflicts)
                }
            }
            Self::StaffOnly => Problem::new(&problem::NOT_ALLOWED)
                .detail("Only the practice can book against its rules."),
            Self::Database(error) => error.into(),
        }
    }
}

/// The refusal of a start at which nobody is there.
pub(super) const fn nowhere() -> BookError {
    BookError::Outside(SlotRefused::OutsideHours)
}
