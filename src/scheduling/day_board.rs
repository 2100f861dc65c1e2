//! The front desk's day: who is where, waiting how long, and who is next.
//!
//! It hangs on a wall and is asked for again and again. Who asks with the entity tag of what they
//! have is told that nothing changed, which shows nobody's data: a line of the audit trail, and not
//! one for each appointment. How long somebody has waited is no change of its own.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::etag::{self, IfNoneMatch, Version};
use crate::platform::local_time;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId};

use super::appointment::{Act, AppointmentId, Status};
use super::read;
use super::store;

action!(
    /// Looking at the day.
    ViewDay, "appointments.day_board", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// A day, by the providers who have something to do on it.
#[derive(Debug, Hash)]
pub(super) struct DayBoard {
    /// The date that was asked for; each location's own today when none was.
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

/// Of an appointment, what the front desk looks for at a glance.
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
    /// Of the type, `#rrggbb`.
    pub(super) color: String,
    pub(super) starts_at: DateTime<Utc>,
    /// Later than `starts_at`; buffers are not part of it.
    pub(super) ends_at: DateTime<Utc>,
    pub(super) reason: Option<String>,
    pub(super) arrived_at: Option<DateTime<Utc>>,
    pub(super) roomed_at: Option<DateTime<Utc>>,
    pub(super) started_at: Option<DateTime<Utc>>,
    /// What the caller may do with it next.
    pub(super) allowed: Vec<Act>,
    pub(super) version: Version,
}

impl Column {
    /// Who is seen next: of those who are here the one whose turn came first, else the next one
    /// who is expected.
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
    /// How long the patient has waited to be seen, or did wait; nothing before they arrived.
    pub(super) fn waiting_minutes(&self, now: DateTime<Utc>) -> Option<i64> {
        let waits = matches!(
            self.status,
            Status::Arrived | Status::Roomed | Status::InProgress | Status::Completed
        );
        let arrived_at = self.arrived_at.filter(|_| waits)?;
        let until = self.started_at.unwrap_or(now);
        Some((until - arrived_at).num_minutes().max(0))
    }

    /// Whether it begins on the day, or lasts into it.
    fn is_of(&self, day: NaiveDate) -> bool {
        let last_instant = self.ends_at - TimeDelta::microseconds(1);
        local_time::local_date(self.zone, self.starts_at) == day
            || self.status.occupies() && local_time::local_date(self.zone, last_instant) == day
    }
}

/// The day at a location, or at all of them, with who came the evening before and is there past
/// midnight. A provider who names no location gets their own day.
pub(super) async fn view_day(
    transaction: &Transaction<'_, ViewDay>,
    date: Option<NaiveDate>,
    location_id: Option<LocationId>,
    known: &IfNoneMatch,
) -> Stored<Seen> {
    let now = transaction.now();
    let provider_id = if location_id.is_none() {
        read::own_provider(transaction)
    } else {
        None
    };
    let of = store::DayOf {
        date,
        location_id,
        provider_id,
    };
    let near = date.unwrap_or_else(|| now.date_naive());
    let (appointments, on_duty) = store::of_day(transaction, of, near).await?;
    let is_of_day = |appointment: &DayAppointment| {
        let today = || local_time::local_date(appointment.zone, now);
        appointment.is_of(date.unwrap_or_else(today))
    };
    let appointments: Vec<_> = appointments.into_iter().filter(is_of_day).collect();
    let shown: Vec<(Uuid, Uuid)> = appointments
        .iter()
        .map(|appointment| (appointment.id.uuid(), appointment.patient.id.uuid()))
        .collect();
    let board = DayBoard {
        date: near,
        columns: columns(on_duty, appointments),
    };
    let etag = etag::weak(&board);
    if known.knows(&etag) {
        transaction.touch_all("day_board", []);
        return Ok(Seen::Before(etag));
    }
    transaction.touch_all("appointment", shown);
    Ok(Seen::Now(board, etag))
}

/// A board, and the entity tag by which a client knows it again.
pub(super) enum Seen {
    /// The client has it.
    Before(String),
    Now(DayBoard, String),
}

/// A column for everybody who is on duty or has an appointment, by name.
fn columns(on_duty: Vec<Named<ProviderId>>, appointments: Vec<DayAppointment>) -> Vec<Column> {
    let empty = |provider: Named<ProviderId>| Column {
        provider,
        appointments: Vec::new(),
    };
    let on_duty = on_duty
        .into_iter()
        .map(|provider| (provider.id, empty(provider)));
    let mut columns: BTreeMap<ProviderId, Column> = on_duty.collect();
    for appointment in appointments {
        let column = columns
            .entry(appointment.provider.id)
            .or_insert_with(|| empty(appointment.provider.clone()));
        column.appointments.push(appointment);
    }
    let mut columns: Vec<Column> = columns.into_values().collect();
    columns.sort_by(|one, other| {
        let by_name = one.provider.name.cmp(&other.provider.name);
        by_name.then(one.provider.id.cmp(&other.provider.id))
    });
    columns
}
