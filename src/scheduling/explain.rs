//! Puts into words why a time is refused: with the names, the local times, the reason, and the next
//! free time where the calendars that were read show one. Only a refusal costs these reads.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::platform::access::Role;
use crate::platform::database::OpenTransaction;
use crate::platform::intervals::Interval;
use crate::platform::local_time;
use crate::practice::{AppointmentType, RefusedTime, RoomId, WhyClosed, why_closed};

use super::book_error::{BookError, Outside, Taken};
use super::claim::ResourceKind;
use super::desk::Desk;
use super::load_calendars::{Calendars, appointment_rules, caller_rules};
use super::slots::SlotRefused;
use super::store;
use super::wanted::{ForPatients, Wanted};
use super::wording;

/// What was asked, and what was read to decide it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'reads> {
    pub(super) wanted: &'reads Wanted,
    pub(super) appointment_type: &'reads AppointmentType,
    pub(super) calendars: &'reads Calendars,
}

/// Adds a message to the refusal of a time, and for staff the bookings that block it.
pub(super) async fn explained(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
    refused: BookError,
) -> BookError {
    let outcome = match refused {
        BookError::Outside(outside) => explain_outside(transaction, asked, outside).await,
        BookError::Taken(taken) => explain_taken(transaction, asked, taken).await,
        other => return other,
    };
    outcome.unwrap_or_else(|error| error)
}

async fn explain_outside(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
    outside: Outside,
) -> Result<BookError, BookError> {
    let Some((span, why)) = read_why(transaction, asked).await? else {
        return Ok(BookError::Outside(outside));
    };
    let detail = match outside.refused {
        SlotRefused::OffGrid => off_grid(asked, why.zone),
        SlotRefused::Skipped => outside.detail.clone(),
        _ => closed(asked, &span, &why),
    };
    Ok(BookError::Outside(Outside {
        detail: with_next_free(transaction, asked, why.zone, detail),
        ..outside
    }))
}

async fn read_why(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
) -> Result<Option<(Interval, WhyClosed)>, BookError> {
    let rules = appointment_rules(&asked.appointment_type.rules);
    let Some(span) = rules.appointment_span(asked.wanted.starts_at) else {
        return Ok(None);
    };
    let time = RefusedTime {
        appointment_type_id: asked.appointment_type.id,
        provider_id: asked.wanted.provider_id,
        location_id: asked.wanted.location_id,
        span,
    };
    let why = why_closed(transaction, &time).await?;
    Ok(why.map(|why| (span, why)))
}

fn off_grid(asked: Asked<'_>, zone: Tz) -> String {
    let starts_at = asked.wanted.starts_at;
    let rules = &asked.appointment_type.rules;
    let every = rules.start_every_minutes;
    let starts = format!("{} appointments start {}", rules.name, wording::grid(every));
    let calendars = asked.calendars.all();
    let clock = calendars.first().map(|calendar| &calendar.location.clock);
    match clock.and_then(|clock| clock.on_grid_from(starts_at, every)) {
        Some(next) => format!(
            "{starts}; the next one after {} is {}.",
            wording::clock(starts_at, zone),
            wording::clock(next, zone)
        ),
        None => format!("{starts}."),
    }
}

/// The first reason that applies, from the broadest to the narrowest.
fn closed(asked: Asked<'_>, span: &Interval, why: &WhyClosed) -> String {
    let WhyClosed {
        provider_name: provider,
        location_name: location,
        zone,
        ..
    } = why;
    let day = wording::day(span.starts_at(), *zone);
    if !why.is_provider_active {
        return format!("{provider} has left the practice; choose another provider.");
    }
    if let Some(closure) = &why.closure {
        let closed = if closure.is_of_practice {
            "The practice"
        } else {
            location
        };
        return format!("{closed} is closed on {day} ({}).", closure.reason);
    }
    if why.is_time_off {
        return format!("{provider} is off on {day} (time off).");
    }
    let name = &asked.appointment_type.rules.name;
    let hours = hours_of_day(asked, span.starts_at(), *zone);
    if let Some(elsewhere) = &why.elsewhere {
        return format!("{provider} is at {elsewhere} at this time, not at {location}.");
    }
    if hours.is_empty() {
        return format!("{provider} has no hours for {name} at {location} on {day}.");
    }
    format!(
        "{provider} is at {location} from {} on {day}; {name} would last from {}.",
        wording::list(&hours),
        wording::span(span, *zone)
    )
}

/// The hours of the provider for the type on the local day of this instant.
fn hours_of_day(asked: Asked<'_>, instant: DateTime<Utc>, zone: Tz) -> Vec<String> {
    let day = local_time::local_day_bounds(zone, local_time::local_date(zone, instant));
    let calendars = asked.calendars.all();
    let Some((day, calendar)) = day.zip(calendars.first()) else {
        return Vec::new();
    };
    let open = calendar.open.overlapping(&day);
    open.map(|open| wording::span(open, zone)).collect()
}

/// Adds the next free time, if one lies within the time whose bookings were read.
fn with_next_free(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
    zone: Tz,
    detail: String,
) -> String {
    match next_free(transaction, asked) {
        Some(next) => format!(
            "{detail} Next free: {}, {}.",
            wording::day(next, zone),
            wording::clock(next, zone)
        ),
        None => detail,
    }
}

fn next_free(transaction: &OpenTransaction<'_>, asked: Asked<'_>) -> Option<DateTime<Utc>> {
    let rules = appointment_rules(&asked.appointment_type.rules);
    let calendars = asked.calendars.all();
    let desk = Desk {
        calendar: calendars.first()?,
        rules,
        caller: caller_rules(transaction, &rules),
    };
    let until = asked.calendars.decided_until(&rules)?;
    let starts = Interval::new(asked.wanted.starts_at, until)?;
    let room_id = asked.wanted.room_id.map(RoomId::uuid);
    let fits = |room_id, starts_at| desk.has_room(room_id, starts_at);
    let mut slots = desk.offers(starts);
    let next = slots.find(|slot| room_id.is_none_or(|room_id| fits(room_id, slot.starts_at)))?;
    Some(next.starts_at)
}

async fn explain_taken(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
    taken: Taken,
) -> Result<BookError, BookError> {
    let detail = match read_why(transaction, asked).await? {
        Some((span, why)) => {
            let detail = occupied(asked, &taken.kinds, &span, &why);
            Some(with_next_free(transaction, asked, why.zone, detail))
        }
        None => None,
    };
    let conflicts = if transaction.principal().role == Role::Patient {
        Vec::new()
    } else {
        conflicts(transaction, asked, &taken.kinds).await?
    };
    Ok(BookError::Taken(Taken {
        conflicts,
        detail,
        ..taken
    }))
}

fn occupied(asked: Asked<'_>, kinds: &[ResourceKind], span: &Interval, why: &WhyClosed) -> String {
    let day = wording::day(span.starts_at(), why.zone);
    let when = format!("from {} on {day}", wording::span(span, why.zone));
    let name = &asked.appointment_type.rules.name;
    let (provider, location) = (&why.provider_name, &why.location_name);
    match kinds.first() {
        Some(ResourceKind::Room) if !why.has_room => format!(
            "{location} has no room, and {name} needs one. Choose another location, or add a room."
        ),
        Some(ResourceKind::Room) if asked.wanted.room_id.is_some() => {
            format!("This room is not free {when}.")
        }
        Some(ResourceKind::Room) => format!("No room of {location} is free {when}."),
        Some(ResourceKind::Patient) => format!("The patient has another appointment {when}."),
        _ => format!("{provider} has another booking {when}."),
    }
}

/// The bookings and holds that block the time.
async fn conflicts(
    transaction: &OpenTransaction<'_>,
    asked: Asked<'_>,
    kinds: &[ResourceKind],
) -> Result<Vec<super::book_error::Conflict>, BookError> {
    let wanted = asked.wanted;
    let rules = appointment_rules(&asked.appointment_type.rules);
    let span = if kinds == [ResourceKind::Patient] {
        rules.appointment_span(wanted.starts_at)
    } else {
        rules.blocked_span(wanted.starts_at)
    };
    let Some(span) = span else {
        return Ok(Vec::new());
    };
    let mut ids = Vec::new();
    let mut patients = ForPatients {
        moved_ids: wanted.patients.moved_ids.clone(),
        ..ForPatients::default()
    };
    for kind in kinds {
        match kind {
            ResourceKind::Provider => ids.push(wanted.provider_id.uuid()),
            // When any room would do, all rooms are occupied: none is named.
            ResourceKind::Room => ids.extend(wanted.room_id.map(RoomId::uuid)),
            ResourceKind::Patient => patients
                .patient_ids
                .clone_from(&wanted.patients.patient_ids),
        }
    }
    Ok(store::conflicts(transaction, &ids, &span, &patients).await?)
}
