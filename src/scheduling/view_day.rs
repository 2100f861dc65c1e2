//! Shows the front desk's day.
//!
//! The board hangs on a wall and is requested again and again. A client that sends the entity tag
//! of its copy is answered "not modified" when nothing changed; that shows no patient's data, so the
//! audit trail gets one line instead of one for each appointment. How long a patient has waited does
//! not count as a change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::etag::{self, IfNoneMatch};
use crate::platform::local_time;
use crate::practice::{LocationId, ProviderId, ScheduleQuery, practice_zone, schedules};

use super::appointment_status::Status;
use super::day_board::{Column, DayAppointment, DayBoard, DayOf, Named};
use super::read;
use super::store;

action!(
    /// Looking at the day.
    ViewDay, "appointments.day_board", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// Which part of the day is looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct ViewOf {
    /// Today at the location when `None`, or in the practice.
    pub(super) date: Option<NaiveDate>,
    pub(super) location_id: Option<LocationId>,
    pub(super) provider_id: Option<ProviderId>,
    /// Only these; all when empty.
    pub(super) statuses: Vec<Status>,
}

/// The day at a location, or at all of them, with who came the evening before and is there past
/// midnight. A provider who names neither location nor provider gets their own day.
pub(super) async fn view_day(
    transaction: &Transaction<'_, impl May<ViewDay>>,
    view: &ViewOf,
    known: &IfNoneMatch,
) -> Stored<Seen> {
    let zone = zone_of(transaction, view.location_id).await?;
    let today = local_time::local_date(zone, transaction.now());
    let date = view.date.unwrap_or(today);
    let board = board(transaction, view, (date, zone)).await?;
    let etag = etag::weak(&board);
    if known.knows(&etag) {
        transaction.touch_all("day_board", []);
        return Ok(Seen::Before(etag));
    }
    touch_shown(transaction, &board);
    Ok(Seen::Now(board, etag))
}

/// Seven days from a date on, each as its day board shows it.
pub(super) async fn view_week(
    transaction: &Transaction<'_, impl May<ViewDay>>,
    view: &ViewOf,
) -> Stored<Vec<DayBoard>> {
    let zone = zone_of(transaction, view.location_id).await?;
    let today = local_time::local_date(zone, transaction.now());
    let first = view.date.unwrap_or(today);
    let mut week = Vec::new();
    for date in first.iter_days().take(7) {
        let board = board(transaction, view, (date, zone)).await?;
        touch_shown(transaction, &board);
        week.push(board);
    }
    Ok(week)
}

async fn zone_of(transaction: &OpenTransaction<'_>, location_id: Option<LocationId>) -> Stored<Tz> {
    if let Some(location_id) = location_id
        && let Some(zone) = store::zone_of(transaction, location_id).await?
    {
        return Ok(zone);
    }
    Ok(practice_zone(transaction).await?.0)
}

async fn board(
    transaction: &OpenTransaction<'_>,
    view: &ViewOf,
    (date, zone): (NaiveDate, Tz),
) -> Stored<DayBoard> {
    let own = || read::own_provider(transaction).filter(|_| view.location_id.is_none());
    let of = DayOf {
        date: Some(date),
        location_id: view.location_id,
        provider_id: view.provider_id.or_else(own),
    };
    let day = store::of_day(transaction, of).await?;
    let on_duty = on_duty(transaction, of, (date, zone), &day).await?;
    let is_shown = |appointment: &DayAppointment| {
        let statuses = &view.statuses;
        appointment.is_of(date) && (statuses.is_empty() || statuses.contains(&appointment.status))
    };
    let appointments = day.appointments.into_iter().filter(is_shown).collect();
    Ok(DayBoard {
        date,
        columns: columns(on_duty, appointments),
    })
}

/// The providers who work on the day: whose weekly or extra hours are not taken by time off or a
/// closure.
async fn on_duty(
    transaction: &OpenTransaction<'_>,
    of: DayOf,
    (date, zone): (NaiveDate, Tz),
    day: &store::Day,
) -> Stored<Vec<Named<ProviderId>>> {
    let Some(range) = local_time::local_day_bounds(zone, date) else {
        return Ok(Vec::new());
    };
    let query = ScheduleQuery {
        provider_ids: of.provider_id.map(|id| vec![id.uuid()]),
        location_id: of.location_id.map(LocationId::uuid),
        range,
    };
    let schedules = schedules(transaction, &query).await?;
    let works = |provider: &&Named<ProviderId>| {
        let own = schedules
            .iter()
            .filter(|schedule| schedule.provider_id == provider.id.uuid());
        let mut spans = own.flat_map(|schedule| {
            let of_type = |id: &Uuid| schedule.hours.open_intervals(*id, &range);
            day.type_ids.iter().map(of_type).collect::<Vec<_>>()
        });
        spans.any(|open| !open.as_slice().is_empty())
    };
    Ok(day.providers.iter().filter(works).cloned().collect())
}

fn touch_shown(transaction: &OpenTransaction<'_>, board: &DayBoard) {
    let appointments = board.columns.iter().flat_map(|column| &column.appointments);
    let shown: Vec<(Uuid, Uuid)> = appointments
        .map(|appointment| (appointment.id.uuid(), appointment.patient.id.uuid()))
        .collect();
    transaction.touch_all("appointment", shown);
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
