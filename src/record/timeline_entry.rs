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
        /// A dose that was given elsewhere.
        OutsideDose = "outside_dose",
        /// A diary that staff took over.
        Diary = "diary",
    }
}

text_enum! {
    /// What sets an entry apart from what was done here and written down at once.
    pub(crate) enum TimelineMark {
        /// Entered later than it happened.
        LateEntry = "late_entry",
        /// Told of days that are past.
        Retrospective = "retrospective",
        /// Given elsewhere, as it was told.
        ReportedElsewhere = "reported_elsewhere",
        /// Entered in error while the visit was open.
        Void = "void",
        /// An open visit that was given up.
        Discarded = "discarded",
        /// Under a signed visit that was taken back.
        Retracted = "retracted",
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
    pub(super) marks: Vec<TimelineMark>,
}

/// Instant and id of the row before a page.
pub(super) type TimelineKey = (DateTime<Utc>, Uuid);
