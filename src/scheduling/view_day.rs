//! Shows the front desk's day.
//!
//! The board hangs on a wall and is requested again and again. A client that sends the entity tag
//! of its copy is answered "not modified" when nothing changed; that shows no patient's data, so the
//! audit trail gets one line instead of one for each appointment. How long a patient has waited does
//! not count as a change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::database::{Stored, Transaction};
use crate::platform::etag::{self, IfNoneMatch};
use crate::platform::local_time;
use crate::practice::{LocationId, ProviderId};

use super::day_board::{Column, DayAppointment, DayBoard, DayOf, Named};
use super::read;
use super::store;

action!(
    /// Looking at the day.
    ViewDay, "appointments.day_board", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// The day at a location, or at all of them, with who came the evening before and is there past
/// midnight. A provider who names no location gets their own day.
pub(super) async fn view_day(
    transaction: &Transaction<'_, impl May<ViewDay>>,
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
    let of = DayOf {
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
