//! Where an appointment stands, for features that refer to one.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::appointment::AppointmentId;
use super::appointment_status::Status;
use super::appointment_view::AppointmentView;

/// What a feature that refers to an appointment knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppointmentStanding {
    pub(crate) id: AppointmentId,
    pub(crate) status: Status,
    pub(crate) starts_at: DateTime<Utc>,
    /// The zone of its location.
    pub(crate) zone: Tz,
}

impl AppointmentStanding {
    /// Whether it was cancelled or missed, so that what it was made for is still to be done.
    pub(crate) const fn has_fallen_through(&self) -> bool {
        !self.status.occupies()
    }
}

impl From<&AppointmentView> for AppointmentStanding {
    fn from(view: &AppointmentView) -> Self {
        Self {
            id: view.appointment.id,
            status: view.appointment.status,
            starts_at: view.appointment.place.starts_at,
            zone: view.zone,
        }
    }
}
