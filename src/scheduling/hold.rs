//! A slot that is kept for a moment.

use chrono::{DateTime, Utc};

use crate::platform::id::id;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};

use super::appointment::Place;

id! {
    /// Names a hold.
    pub(crate) struct HoldId
}

/// A slot that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: HoldId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) place: Place,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A slot to be held.
#[derive(Debug, Clone)]
pub(crate) struct NewHold {
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) starts_at: DateTime<Utc>,
}
