//! Affected appointments as the desk works through them: what left each one standing, and what
//! became of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::text::text_enum;
use crate::practice::{AffectedCause, LocationId, ProviderId};

use super::appointment_view::AppointmentView;

text_enum! {
    /// What became of an affected appointment.
    pub(crate) enum AffectedStatus {
        /// Still to be moved, cancelled or kept.
        Open = "open",
        Moved = "moved",
        Cancelled = "cancelled",
        /// Staff keep it as it is, or the patient came all the same.
        Kept = "kept",
        /// The cause was taken back.
        Lifted = "lifted",
    }
}

/// Which affected appointments are listed. One must match every filter.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct AffectedFilter {
    pub(super) cause: Option<AffectedCause>,
    pub(super) status: Option<AffectedStatus>,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
    /// Those that started, when they were affected, then or later.
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
}

/// Start and id of the row before a page.
pub(super) type AffectedKey = (DateTime<Utc>, Uuid);

/// An affected appointment as it is listed.
#[derive(Debug, Clone)]
pub(super) struct AffectedView {
    pub(super) id: Uuid,
    /// When it started then.
    pub(super) starts_at: DateTime<Utc>,
    pub(super) cause: AffectedCause,
    pub(super) status: AffectedStatus,
    pub(super) noted_at: DateTime<Utc>,
    pub(super) kept_reason: Option<String>,
    /// The appointment as it is now.
    pub(super) appointment: AppointmentView,
    /// The next time that fits, where it was asked for and found.
    pub(super) proposed: Option<ProposedTime>,
}

/// A time to which an appointment could be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProposedTime {
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) ends_at: DateTime<Utc>,
    pub(super) zone: Tz,
}
