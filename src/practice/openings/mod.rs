//! Times that became free, and the calls to look at the waitlist because of them.
//!
//! Bookings and changed hours give up times. Each records it in the transaction that gives the time
//! up; the waitlist decides what follows.

mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) use store::{call_waitlist, open_times};

use super::locations::LocationId;
use super::providers::ProviderId;

/// A time of a provider at a location that became free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opening {
    /// Whose time.
    pub(crate) provider_id: ProviderId,
    /// Where.
    pub(crate) location_id: LocationId,
    /// Its start.
    pub(crate) starts_at: DateTime<Utc>,
    /// Its end, not included.
    pub(crate) ends_at: DateTime<Utc>,
    /// The appointment that gave it up, where one did; whose that is, is not for here to say.
    pub(crate) appointment_id: Option<Uuid>,
}
