//! Sessions that several patients share, and the seats in them.
//!
//! A session of a group is not a row. It is what its appointments have in common: type, provider,
//! location, room and start. The session id is derived from these. An exclusion constraint lets two
//! bookings of one provider or room overlap only when they name the same session; a unique index
//! gives each of them a seat of its own. A session keeps its id when its patients are shown to
//! another room. A session whose type now takes more or less time cannot be joined any more,
//! because the time after it may be taken.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::practice::{AppointmentTypeId, LocationId};

/// What the appointments of a group have in common, besides provider, room and start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GroupOf {
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) location_id: LocationId,
}

/// One patient's seat in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(super) session_id: Uuid,
    /// From 1 to the capacity of the type.
    pub(super) number: i16,
}

impl GroupOf {
    /// The id of the session at this start; the same for every caller.
    pub(super) fn session_id(
        self,
        provider_id: Uuid,
        room_id: Option<Uuid>,
        starts_at: DateTime<Utc>,
    ) -> Uuid {
        let mut hash = Sha256::new();
        hash.update(self.appointment_type_id.uuid());
        hash.update(self.location_id.uuid());
        hash.update(provider_id);
        hash.update(room_id.unwrap_or_default());
        hash.update(starts_at.timestamp_micros().to_be_bytes());
        let mut bytes = [0; 16];
        for (byte, digest) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = digest;
        }
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}
