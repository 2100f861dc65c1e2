//! Where a follow-up stands: what is stored of it, and what follows from time and appointment.

use chrono::{DateTime, Utc};

use crate::platform::text::text_enum;

use super::due_window::DueWindow;

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

/// A follow-up is not open any more, or is not in a state to be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the follow-up is {0}")]
pub(crate) struct WrongStatus(pub(super) FollowUpStatus);

impl DueWindow {
    /// Where a follow-up stands at `now` that has no appointment.
    pub(super) fn status(self, now: DateTime<Utc>) -> FollowUpStatus {
        if now < self.due_from {
            FollowUpStatus::Upcoming
        } else if now < self.due_by {
            FollowUpStatus::Due
        } else {
            FollowUpStatus::Overdue
        }
    }
}
