//! The front desk's day: who is where, waiting how long, and who is next.
//!
//! It hangs on a wall and is asked for again and again. Who asks with the entity tag of what they
//! have is told that nothing changed, which shows nobody's data: a line of the audit trail, and not
//! one for each appointment. How long somebody has waited is no change of its own.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::etag::{self, IfNoneMatch};
use crate::platform::local_time;
use crate::practice::{LocationId, ProviderId};

use super::appointment::{Appointment, Status};
use super::read::{self, AppointmentView};
use super::store;

action!(
    /// Looking at the day.
    ViewDay, "appointments.day_board", patients, [Admin, FrontDesk, Provider, Assistant]
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
    pub(super) provider_id: ProviderId,
    pub(super) provider_name: String,
    /// By their start.
    pub(super) appointments: Vec<AppointmentView>,
}

impl Column {
    /// Who is seen next: of those who are here the one whose turn came first, else the next one
    /// who is expected.
    pub(super) fn next(&self) -> Option<&Appointment> {
        let all = || self.appointments.iter().map(|view| &view.appointment);
        let is_here = |next: &&Appointment| matches!(next.status, Status::Arrived | Status::Roomed);
        let is_expected =
            |next: &&Appointment| matches!(next.status, Status::Booked | Status::Confirmed);
        all().find(is_here).or_else(|| all().find(is_expected))
    }
}

/// How long the patient has waited to be seen, or did wait; nothing before they arrived.
pub(super) fn waiting_minutes(appointment: &Appointment, now: DateTime<Utc>) -> Option<i64> {
    let milestones = appointment.milestones;
    let waits = matches!(
        appointment.status,
        Status::Arrived | Status::Roomed | Status::InProgress | Status::Completed
    );
    let arrived_at = milestones.arrived_at.filter(|_| waits)?;
    let until = milestones.started_at.unwrap_or(now);
    Some((until - arrived_at).num_minutes().max(0))
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
    let near = date.unwrap_or_else(|| now.date_naive());
    let (providers, views) = futures_util::try_join!(
        store::providers_of_day(transaction, near, location_id, provider_id),
        store::of_day(transaction, date, location_id, provider_id),
    )?;
    let is_of_day = |view: &AppointmentView| {
        let day = date.unwrap_or_else(|| local_time::local_date(view.zone, now));
        let place = view.appointment.place;
        let lasts_into_day = || {
            let last_instant = place.ends_at - TimeDelta::microseconds(1);
            view.appointment.status.occupies()
                && local_time::local_date(view.zone, last_instant) == day
        };
        local_time::local_date(view.zone, place.starts_at) == day || lasts_into_day()
    };
    let views: Vec<AppointmentView> = views.into_iter().filter(is_of_day).collect();
    let shown = read::records_in(&views);
    let board = DayBoard {
        date: near,
        columns: columns(providers, views),
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

fn columns(providers: Vec<(ProviderId, String)>, views: Vec<AppointmentView>) -> Vec<Column> {
    let mut columns: BTreeMap<(String, ProviderId), Vec<AppointmentView>> = providers
        .into_iter()
        .map(|(id, name)| ((name, id), Vec::new()))
        .collect();
    for view in views {
        let key = (
            view.provider_name.clone(),
            view.appointment.place.provider_id,
        );
        columns.entry(key).or_default().push(view);
    }
    columns
        .into_iter()
        .map(|((provider_name, provider_id), appointments)| Column {
            provider_id,
            provider_name,
            appointments,
        })
        .collect()
}
