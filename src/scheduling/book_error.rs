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

/// A time at which provider, patient or room is not free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(super) kinds: Vec<ResourceKind>,
    /// The bookings that block the time; only staff see them.
    pub(super) conflicts: Vec<Conflict>,
    /// `None` when another booking was made at the same moment.
    pub(super) detail: Option<String>,
}

/// A time outside the hours or the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outside {
    pub(super) refused: SlotRefused,
    pub(super) detail: String,
}

/// An id of the request that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnusableId {
    /// JSON pointer of the id.
    pub(super) pointer: &'static str,
    pub(super) detail: String,
}

/// A booking or a hold that blocks the time, as the member `conflicts` of `/problems/slot-taken`
/// shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName)]
#[diesel(table_name = resource_bookings, check_for_backend(Pg))]
pub(crate) struct Conflict {
    #[diesel(column_name = resource_kind)]
    kind: ResourceKind,
    resource_id: Uuid,
    /// `None` for a hold.
    appointment_id: Option<AppointmentId>,
    /// Buffers included, as for `ends_at`.
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// When a hold ends by itself.
    #[diesel(column_name = expires_at)]
    held_until: Option<DateTime<Utc>>,
}

/// Why a time was not booked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BookError {
    #[error("ids that cannot be used")]
    Unknown(Vec<UnusableId>),
    #[error("outside hours or grid: {}", .0.refused)]
    Outside(Outside),
    #[error("a booking rule forbids it: {0}")]
    Rule(BookingRule),
    #[error("provider, patient or room is not free")]
    Taken(Taken),
    #[error("only staff override rules")]
    StaffOnly,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl BookError {
    /// These resources are not free.
    pub(super) const fn taken(kinds: Vec<ResourceKind>) -> Self {
        Self::Taken(Taken {
            kinds,
            conflicts: Vec::new(),
            detail: None,
        })
    }

    /// The start is outside the hours or the grid.
    pub(super) fn outside(refused: SlotRefused) -> Self {
        Self::Outside(Outside {
            refused,
            detail: refused.to_string(),
        })
    }
}

impl Taken {
    /// What to say: when nothing was looked up, another booking won the time a moment ago.
    pub(super) fn message(&self) -> String {
        self.detail.clone().unwrap_or_else(|| {
            "Another booking was made for this time at the same moment. Search the free slots again."
                .to_owned()
        })
    }
}

impl Refusal for BookError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SLOT_TAKEN, &OUTSIDE_AVAILABILITY, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Unknown(ids) => {
                let fault = |id: UnusableId| FieldError::new(id.pointer, id.detail);
                Problem::invalid(ids.into_iter().map(fault).collect())
            }
            Self::Outside(outside) => Problem::new(&OUTSIDE_AVAILABILITY)
                .detail(outside.detail.clone())
                .errors(vec![FieldError::new("/starts_at", outside.detail)]),
            Self::Rule(rule) => rule.problem(),
            Self::Taken(taken) => {
                let problem = Problem::new(&SLOT_TAKEN)
                    .detail(taken.message())
                    .member("taken", taken.kinds);
                if taken.conflicts.is_empty() {
                    problem
                } else {
                    problem.member("conflicts", taken.conflicts)
                }
            }
            Self::StaffOnly => Problem::new(&problem::NOT_ALLOWED).detail(
                "Only staff can send an override or a note; leave it out, or call the practice.",
            ),
            Self::Database(error) => error.into(),
        }
    }
}

/// The refusal of a start outside all hours.
pub(super) fn nowhere() -> BookError {
    BookError::outside(SlotRefused::OutsideHours)
}
