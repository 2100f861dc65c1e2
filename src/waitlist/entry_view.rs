//! Entries of the waitlist as they are shown and listed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::practice::{AppointmentTypeId, ProviderId};

use super::entry::{Entry, EntryStatus, Offer};

/// An entry with the names of its patient and type, and with its offer.
#[derive(Debug, Clone)]
pub(super) struct EntryView {
    pub(super) entry: Entry,
    /// The person behind the record.
    pub(super) person_id: PatientId,
    pub(super) patient_name: String,
    pub(super) type_name: String,
    pub(super) offer: Option<OfferView>,
}

/// An offer with the names of its provider and location.
#[derive(Debug, Clone)]
pub(super) struct OfferView {
    pub(super) offer: Offer,
    pub(super) provider_name: String,
    pub(super) location_name: String,
    /// The zone of the location.
    pub(super) zone: Tz,
}

/// Which entries are listed. An entry must match every filter.
#[derive(Debug, Default)]
pub(super) struct EntryFilter {
    pub(super) status: Option<EntryStatus>,
    pub(super) patient_id: Option<PatientId>,
    pub(super) appointment_type_id: Option<AppointmentTypeId>,
    /// Entries that this provider would suit.
    pub(super) provider_id: Option<ProviderId>,
    /// Entries that changed then or later.
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// Priority, creation time and id of the entry before a page.
pub(super) type TurnKey = (i16, DateTime<Utc>, Uuid);
