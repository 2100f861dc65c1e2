//! When a follow-up is due.

use chrono::{DateTime, Utc};

/// A follow-up is due from the first instant on, and overdue from the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueWindow {
    pub(super) due_from: DateTime<Utc>,
    pub(super) due_by: DateTime<Utc>,
}
