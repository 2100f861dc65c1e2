//! Appointments as they are shown and listed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::practice::{AffectedCause, LocationId, ProviderId};

use super::appointment::{Appointment, SeriesId};
use super::appointment_status::{Act, Status};

/// An appointment with the names of its patient, provider, location, room and type.
#[derive(Debug, Clone)]
pub(crate) struct AppointmentView {
    pub(crate) appointment: Appointment,
    pub(crate) patient_name: String,
    /// For staff.
    pub(crate) patient_phone: Option<String>,
    pub(crate) provider_name: String,
    pub(crate) location_name: String,
    /// The zone of the location.
    pub(crate) zone: Tz,
    pub(crate) room_name: Option<String>,
    pub(crate) type_name: String,
    /// The colour of the type, `#rrggbb`.
    pub(crate) color: String,
    /// For staff: what has left it standing where it cannot take place, until it is worked through.
    pub(crate) affected_by: Option<AffectedCause>,
    /// What the caller may do next.
    pub(crate) allowed: Vec<Act>,
}

/// Which appointments are listed. An appointment must match every filter.
#[derive(Debug, Default)]
pub(super) struct ListFilter {
    /// Appointments that start then or later.
    pub(super) from: Option<DateTime<Utc>>,
    /// Appointments that start before it.
    pub(super) to: Option<DateTime<Utc>>,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
    pub(super) patient_id: Option<PatientId>,
    pub(super) series_id: Option<SeriesId>,
    pub(super) status: Option<Status>,
    /// Items that changed then or later.
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// Start and id of the row before a page.
pub(super) type ListKey = (DateTime<Utc>, Uuid);
