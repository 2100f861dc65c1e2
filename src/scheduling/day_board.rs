//! The front desk's day: who is where, how long they have waited, and who is next.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::local_time;
use crate::practice::{AffectedCause, AppointmentTypeId, LocationId, ProviderId, RoomId};

use super::appointment::AppointmentId;
use super::appointment_status::{Act, Status};

/// Which day, at which location and of which provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayOf {
    /// `None` means today, in the zone of each location.
    pub(super) date: Option<NaiveDate>,
    pub(super) location_id: Option<LocationId>,
    pub(super) provider_id: Option<ProviderId>,
}

/// A day, with a column for each provider on duty or booked.
#[derive(Debug, Hash)]
pub(super) struct DayBoard {
    /// The requested date, or today.
    pub(super) date: NaiveDate,
    pub(super) columns: Vec<Column>,
}

/// One provider's day.
#[derive(Debug, Hash)]
pub(super) struct Column {
    pub(super) provider: Named<ProviderId>,
    /// By their start.
    pub(super) appointments: Vec<DayAppointment>,
}

/// Something with a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Named<Id> {
    pub(super) id: Id,
    pub(super) name: String,
}

impl<Id> Named<Id> {
    pub(super) const fn new(id: Id, name: String) -> Self {
        Self { id, name }
    }
}

/// The facts of an appointment that the front desk needs at a glance.
#[derive(Debug, Hash)]
pub(super) struct DayAppointment {
    pub(super) id: AppointmentId,
    pub(super) status: Status,
    pub(super) patient: Named<PatientId>,
    pub(super) provider: Named<ProviderId>,
    pub(super) location: Named<LocationId>,
    /// The zone of the location.
    pub(super) zone: Tz,
    pub(super) room: Option<Named<RoomId>>,
    pub(super) appointment_type: Named<AppointmentTypeId>,
    /// The colour of the type, `#rrggbb`.
    pub(super) color: String,
    pub(super) starts_at: DateTime<Utc>,
    /// Later than `starts_at`; buffers are not part of it.
    pub(super) ends_at: DateTime<Utc>,
    pub(super) reason: Option<String>,
    /// What staff note for each other.
    pub(super) note: Option<String>,
    /// Where the patient is called.
    pub(super) phone: Option<String>,
    /// How the patient is called, where that is another name.
    pub(super) preferred_name: Option<String>,
    pub(super) pronouns: Option<String>,
    pub(super) affected_by: Option<AffectedCause>,
    pub(super) arrived_at: Option<DateTime<Utc>>,
    pub(super) roomed_at: Option<DateTime<Utc>>,
    pub(super) started_at: Option<DateTime<Utc>>,
    /// What the caller may do next.
    pub(super) allowed: Vec<Act>,
    pub(super) version: Version,
}

impl Column {
    /// The next patient to be seen: the earliest one who has arrived, else the earliest one
    /// expected.
    pub(super) fn next(&self) -> Option<AppointmentId> {
        let all = || self.appointments.iter();
        let is_here =
            |next: &&DayAppointment| matches!(next.status, Status::Arrived | Status::Roomed);
        let is_expected =
            |next: &&DayAppointment| matches!(next.status, Status::Booked | Status::Confirmed);
        let next = all().find(is_here).or_else(|| all().find(is_expected));
        next.map(|next| next.id)
    }
}

impl DayAppointment {
    /// How long the patient has waited, or waited before being seen; `None` before the arrival.
    pub(super) fn waiting_minutes(&self, now: DateTime<Utc>) -> Option<i64> {
        let waits = matches!(
            self.status,
            Status::Arrived | Status::Roomed | Status::InProgress | Status::Completed
        );
        let arrived_at = self.arrived_at.filter(|_| waits)?;
        let until = self.started_at.unwrap_or(now);
        Some((until - arrived_at).num_minutes().max(0))
    }

    /// How long the patient is late; `None` when they are not, or are here.
    pub(super) fn late_minutes(&self, now: DateTime<Utc>) -> Option<i64> {
        let late = (now - self.starts_at).num_minutes();
        Some(late).filter(|late| *late > 0 && self.status.is_ahead())
    }

    /// Whether the appointment starts on the day, or lasts into it.
    pub(super) fn is_of(&self, day: NaiveDate) -> bool {
        let last_instant = self.ends_at - TimeDelta::microseconds(1);
        local_time::local_date(self.zone, self.starts_at) == day
            || self.status.occupies() && local_time::local_date(self.zone, last_instant) == day
    }
}
