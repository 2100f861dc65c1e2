//! Times that the practice offers to a patient: found, kept by a hold, and booked later.
//!
//! The waitlist uses these functions. A time is offered by the rules for patients. It can be booked
//! until the offer ends, even when that is inside the lead time by then.

use chrono::{DateTime, TimeDelta, Utc};

use crate::patients::PatientId;
use crate::platform::access::May;
use crate::platform::database::{Stored, Transaction};
use crate::platform::intervals::Interval;
use crate::practice::{AppointmentType, LocationSchedule, Opening, ScheduleQuery, schedules};

use super::appointment::Place;
use super::appointment_view::AppointmentView;
use super::book::{Book, BookAppointment, book_wanted};
use super::book_error::BookError;
use super::check;
use super::chosen::Chosen;
use super::claim::Cause;
use super::desk::Desk;
use super::hold::{Hold, HoldId};
use super::hold_slot::HoldSlot;
use super::load_calendars::{Calendars, ProviderAt, appointment_rules};
use super::provider_calendar::CallerRules;
use super::slots::Slot;
use super::store;
use super::take;
use super::wanted::{ForPatients, Wanted};

/// Returns the starts in the opening that some patient could book now. No start is earlier than
/// `not_before`. Whether a start suits one patient is checked by [`choose_for`].
pub(crate) async fn starts_in(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    appointment_type: &AppointmentType,
    opening: &Opening,
    not_before: DateTime<Utc>,
) -> Stored<Vec<Slot>> {
    let rules = appointment_rules(&appointment_type.rules);
    let mut caller = CallerRules::for_patient(transaction.now(), &rules);
    caller.earliest = caller.earliest.max(not_before);
    let from = opening.starts_at.max(caller.earliest);
    let Some(starts) = Interval::new(from, opening.ends_at) else {
        return Ok(Vec::new());
    };
    let at = ProviderAt {
        provider_id: opening.provider_id,
        location_id: opening.location_id,
    };
    let anybody = ForPatients::default();
    let calendars = Calendars::load(transaction, appointment_type, at, &starts, &anybody).await?;
    let calendars = calendars.all();
    let desks = calendars.iter().map(|calendar| Desk {
        calendar,
        rules,
        caller,
    });
    Ok(desks.flat_map(|desk| desk.offers(starts)).collect())
}

/// Whether the provider's hours still hold the place. Bookings are not looked at: a hold keeps it.
pub(crate) async fn still_open(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    appointment_type: &AppointmentType,
    place: &Place,
) -> Stored<bool> {
    let rules = appointment_rules(&appointment_type.rules);
    let Some(blocked) = rules.blocked_span(place.starts_at) else {
        return Ok(false);
    };
    let query = ScheduleQuery {
        provider_ids: Some(vec![place.provider_id.uuid()]),
        location_id: Some(place.location_id.uuid()),
        range: blocked,
    };
    let schedules = schedules(transaction, &query).await?;
    let Some(needed) = rules.appointment_span(place.starts_at) else {
        return Ok(false);
    };
    let is_there = |schedule: &LocationSchedule| {
        let type_id = appointment_type.id.uuid();
        schedule
            .hours
            .open_intervals(type_id, &needed)
            .contains(&needed)
    };
    Ok(schedules.iter().any(is_there))
}

/// Checks the start for one patient by the rules of every booking. Returns `None` when a rule or
/// another booking of theirs stands against it.
pub(crate) async fn choose_for(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    patient_id: PatientId,
    slot: &Slot,
    appointment_type: &AppointmentType,
) -> Stored<Option<Chosen>> {
    let wanted = Wanted {
        appointment_type_id: appointment_type.id,
        provider_id: slot.provider_id.into(),
        location_id: slot.location_id.into(),
        starts_at: slot.starts_at,
        duration_minutes: None,
        room_id: None,
        is_overridden: false,
        is_promised: true,
        patients: patient_id.into(),
    };
    let end = slot.starts_at + TimeDelta::microseconds(1);
    let Some(start) = Interval::new(slot.starts_at, end) else {
        return Ok(None);
    };
    let calendars = check::calendars_for(transaction, &wanted, appointment_type, &start).await?;
    let chosen = check::choose_in(transaction, &wanted, appointment_type, &calendars);
    Ok(chosen.ok().map(|(chosen, _)| chosen))
}

/// Keeps the time by a hold. Returns its place with the room that was won, or `None` when another
/// booking won the time first.
pub(crate) async fn hold_promised(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    hold: &Hold,
    chosen: &Chosen,
) -> Stored<Option<Place>> {
    store::insert_hold(transaction, hold).await?;
    let cause = Cause::Hold {
        id: hold.id,
        expires_at: hold.expires_at,
    };
    match take::take(transaction, cause, None, chosen).await {
        Ok(room_id) => Ok(Some(Place {
            room_id,
            ..hold.place
        })),
        Err(BookError::Database(error)) => Err(error),
        Err(_) => {
            store::drop_holds(transaction, &[hold.id]).await?;
            Ok(None)
        }
    }
}

/// Deletes the holds of offers that ended.
pub(crate) async fn drop_promised(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    ids: &[HoldId],
) -> Stored<()> {
    store::drop_holds(transaction, ids).await
}

/// Deletes the openings that are over or were booked again.
pub(crate) async fn clear_taken_openings(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
) -> Stored<()> {
    store::clear_taken_openings(transaction).await
}

/// Books a time that the practice offered. The lead time is not checked again: it held when the
/// time was offered.
pub(crate) async fn book_promised(
    transaction: &Transaction<'_, impl May<Book>>,
    command: &BookAppointment,
) -> Result<AppointmentView, BookError> {
    let wanted = Wanted {
        is_promised: true,
        ..command.wanted()
    };
    book_wanted(transaction, command, wanted).await
}
