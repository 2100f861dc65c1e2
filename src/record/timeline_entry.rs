//! A line of a timeline.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::Role;
use crate::platform::text::text_enum;

text_enum! {
    /// The kinds of entries on a timeline.
    pub(crate) enum TimelineKind {
        Appointment = "appointment",
        Visit = "visit",
        Procedure = "procedure",
        FollowUp = "follow_up",
        Assessment = "assessment",
    }
}

impl TimelineKind {
    /// The kinds a role may see: an admin runs the calendar, the front desk also calls people, and
    /// those who treat and the patient see everything.
    pub(super) const fn open_to(role: Role) -> &'static [Self] {
        match role {
            Role::Admin => &[Self::Appointment],
            Role::FrontDesk => &[Self::Appointment, Self::FollowUp],
            Role::Provider | Role::Assistant | Role::Patient => Self::ALL,
            Role::Auditor => &[],
        }
    }
}

/// One line of a timeline.
#[derive(Debug, Clone)]
pub(super) struct TimelineEntry {
    pub(super) kind: TimelineKind,
    pub(super) id: Uuid,
    /// When it begins, was begun, is due or was taken.
    pub(super) at: DateTime<Utc>,
    /// The zone of the location, or of the practice.
    pub(super) zone: Tz,
    /// Where it stands, in the words of its kind.
    pub(super) status: String,
    /// What it is about.
    pub(super) title: Option<String>,
}

/// Instant and id of the row before a page.
pub(super) type TimelineKey = (DateTime<Utc>, Uuid);
