//! Searches free slots. It never writes, and sends at most three statements, for any number of
//! providers and any range.
//!
//! Hours are rules and cost the same for a day as for three months. Bookings are rows. Those of
//! providers are read for the whole range, together with the hours when a provider is named. Those
//! of rooms are read for the first days only. If these days give too few slots, the first day on
//! which a provider is free is found without rooms, and the rooms are read from there.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::{
    AppointmentType, AppointmentTypeId, LocationId, LocationSchedule, ProviderId, ScheduleQuery,
    schedules_with_type,
};

use super::clock_wishes::ClockWishes;
use super::load_calendars::{Calendars, appointment_rules, caller_rules};
use super::merge_slots::{SlotPage, SlotSearch, slots};
use super::occupancy::{Occupancy, OfOne};
use super::provider_calendar::AppointmentRules;
use super::slots::{Slot, SlotPosition};
use super::store;
use super::wanted::ForPatients;

action!(
    /// Searching free slots.
    SearchSlots, "slots.search", calendar, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// No appointment with its buffers reaches further than this before or after its start.
const LONGEST_REACH: TimeDelta = TimeDelta::hours(12);
/// Bookings of rooms are first read for two days when any provider will do, and for a week when one
/// is named.
const FIRST_DAYS: TimeDelta = TimeDelta::days(2);
const FIRST_DAYS_OF_ONE: TimeDelta = TimeDelta::days(8);

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchFor {
    pub(super) appointment_type_id: AppointmentTypeId,
    /// When it may begin.
    pub(super) starts: Interval,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
    /// The patient; patients who name none search for every person they can book for.
    pub(super) patient_id: Option<Uuid>,
    pub(super) wishes: ClockWishes,
}

/// Start, provider and location of the slot before a page.
pub(super) type SlotKey = (DateTime<Utc>, Uuid, Uuid);

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub(super) enum SearchError {
    #[error("no such type of appointment")]
    UnknownType,
    #[error("no patient that the caller could book for")]
    UnknownPatient,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for SearchError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::UnknownType => Problem::field(
                "#/query/appointment_type_id",
                "is no type of appointment of this practice",
            ),
            Self::UnknownPatient => Problem::field(
                "#/query/patient_id",
                "is archived, or no patient that you can book for",
            ),
            Self::Database(error) => error.into(),
        }
    }
}

/// Returns the slots that the caller can book now, by start, provider and location.
pub(super) async fn search_slots(
    transaction: &Transaction<'_, impl May<SearchSlots>>,
    wanted: &SearchFor,
    window: &Window<SlotKey>,
) -> Result<SlotPage, SearchError> {
    found_slots(transaction, wanted, window).await
}

/// Does what [`search_slots`] does, for use cases that need slots themselves.
pub(super) async fn found_slots(
    transaction: &OpenTransaction<'_>,
    wanted: &SearchFor,
    window: &Window<SlotKey>,
) -> Result<SlotPage, SearchError> {
    let patients = patients(transaction, wanted.patient_id)?;
    let starts = wanted.starts;
    let query = ScheduleQuery {
        provider_ids: wanted.provider_id.map(|id| vec![id.uuid()]),
        location_id: wanted.location_id.map(LocationId::uuid),
        range: Interval::new(
            starts.starts_at() - LONGEST_REACH,
            starts.ends_at() + LONGEST_REACH,
        )
        .unwrap_or(starts),
    };
    let hours = schedules_with_type(transaction, &query, wanted.appointment_type_id);
    let (found, read) = match wanted.provider_id {
        Some(provider_id) => {
            let bookings = read_of_one(transaction, wanted, provider_id, (window, &patients));
            let (hours, read) = pipelined!(hours, bookings)?;
            (hours, Some(read))
        }
        None => (hours.await?, None),
    };
    let (appointment_type, schedules) = found.ok_or(SearchError::UnknownType)?;
    let limit = usize::try_from(window.size).unwrap_or_default();
    let found = match search(transaction, &appointment_type, starts, window) {
        None => Vec::new(),
        Some(search) => {
            let practice = (&appointment_type, schedules.as_slice());
            let at_most = limit.saturating_add(1);
            let of = (wanted.patient_id, &patients, read);
            let wished = (search, wanted.wishes, at_most);
            collect(transaction, practice, of, wished).await?
        }
    };
    Ok(SlotPage::of(found, limit))
}

/// How far beyond the range the next free time is searched.
const LOOKED_BEYOND: TimeDelta = TimeDelta::days(92);

/// Returns the first slot after the range, for a search that found none.
pub(super) async fn next_free(
    transaction: &Transaction<'_, impl May<SearchSlots>>,
    wanted: &SearchFor,
) -> Result<Option<Slot>, SearchError> {
    let from = wanted.starts.ends_at();
    let Some(beyond) = Interval::new(from, from + LOOKED_BEYOND) else {
        return Ok(None);
    };
    let wanted = SearchFor {
        starts: beyond,
        ..*wanted
    };
    let window = Window {
        after: None,
        size: 1,
    };
    let page = found_slots(transaction, &wanted, &window).await?;
    Ok(page.slots.into_iter().next())
}

/// Bookings that were read.
struct Bookings {
    taken: Occupancy,
    /// Bookings of rooms were read only for starts before this.
    rooms_until: DateTime<Utc>,
}

/// Reads the bookings of one provider without waiting for the hours.
async fn read_of_one(
    transaction: &OpenTransaction<'_>,
    wanted: &SearchFor,
    provider_id: ProviderId,
    (window, patients): (&Window<SlotKey>, &ForPatients),
) -> Result<Bookings, DatabaseError> {
    let from = first_start(wanted.starts, transaction.now(), window);
    let starts = Interval::new(from, wanted.starts.ends_at()).unwrap_or(wanted.starts);
    let rooms_until = starts.ends_at().min(starts.starts_at() + FIRST_DAYS_OF_ONE);
    let of_one = OfOne {
        appointment_type_id: wanted.appointment_type_id,
        provider_id,
        location_id: wanted.location_id,
        rooms_until,
    };
    let taken = store::busy_of_one(transaction, &of_one, &starts, patients).await?;
    Ok(Bookings { taken, rooms_until })
}

/// The first start that is searched: not before the caller's first start, and not before the page.
fn first_start(
    starts: Interval,
    earliest: DateTime<Utc>,
    window: &Window<SlotKey>,
) -> DateTime<Utc> {
    let from = starts.starts_at().max(earliest);
    window.after.map_or(from, |after| from.max(after.0))
}

fn patients(
    transaction: &OpenTransaction<'_>,
    named: Option<Uuid>,
) -> Result<ForPatients, SearchError> {
    let principal = transaction.principal();
    let is_patient = principal.role == Role::Patient;
    let patient_ids = match named {
        Some(id) if is_patient && !principal.patient_ids.contains(&id) => {
            return Err(SearchError::UnknownPatient);
        }
        Some(id) => {
            transaction.touch("patient", id, id);
            vec![id]
        }
        None if is_patient => principal.patient_ids.clone(),
        None => Vec::new(),
    };
    Ok(ForPatients {
        patient_ids,
        moved_ids: Vec::new(),
    })
}

/// Returns `None` when the caller cannot book anything.
fn search(
    transaction: &OpenTransaction<'_>,
    appointment_type: &AppointmentType,
    starts: Interval,
    window: &Window<SlotKey>,
) -> Option<SlotSearch> {
    let is_patient = transaction.principal().role == Role::Patient;
    let of_type = &appointment_type.rules;
    if !of_type.active || is_patient && !of_type.patient_bookable {
        return None;
    }
    let rules = appointment_rules(of_type);
    let caller = caller_rules(transaction, &rules);
    let after = window
        .after
        .map(|(starts_at, provider_id, location_id)| SlotPosition {
            starts_at,
            provider_id,
            location_id,
        });
    let from = first_start(starts, caller.earliest, window);
    let until = caller
        .latest
        .checked_add_signed(TimeDelta::microseconds(1))
        .map_or(starts.ends_at(), |latest| starts.ends_at().min(latest));
    Some(SlotSearch {
        rules,
        caller,
        starts: Interval::new(from, until)?,
        after,
    })
}

async fn collect(
    transaction: &OpenTransaction<'_>,
    (appointment_type, schedules): (&AppointmentType, &[LocationSchedule]),
    (named, patients, read): (Option<Uuid>, &ForPatients, Option<Bookings>),
    (search, wishes, wanted): (SlotSearch, ClockWishes, usize),
) -> Result<Vec<Slot>, SearchError> {
    if schedules.is_empty() {
        return Ok(Vec::new());
    }
    let starts = &search.starts;
    let (mut calendars, rooms_until) = if let Some(Bookings { taken, rooms_until }) = read {
        let read = (starts, &taken, patients);
        let calendars = Calendars::of_taken(appointment_type, schedules, read);
        (calendars, rooms_until)
    } else {
        let rooms_until = starts.ends_at().min(starts.starts_at() + FIRST_DAYS);
        let read = (starts, rooms_until, patients);
        let calendars = Calendars::of(transaction, appointment_type, schedules, read).await?;
        (calendars, rooms_until)
    };
    if named.is_some() && !calendars.has_person() {
        return Err(SearchError::UnknownPatient);
    }
    if calendars.awaits_review() {
        return Ok(Vec::new());
    }
    let within = |starts| SlotSearch { starts, ..search };
    let (first, rest) = first_and_rest(search.starts, rooms_until);
    let mut found: Vec<Slot> = Vec::new();
    if let Some(first) = first {
        let all = calendars.all();
        let suiting = slots(&all, within(first)).filter(|slot| wishes.suit(slot));
        found.extend(suiting.take(wanted));
    }
    let missing = wanted.saturating_sub(found.len());
    let Some(rest) = rest.filter(|_| missing > 0) else {
        return Ok(found);
    };
    let wherever = SlotSearch {
        rules: AppointmentRules {
            needs_room: false,
            ..search.rules
        },
        ..within(rest)
    };
    let candidate = slots(&calendars.all(), wherever).find(|slot| wishes.suit(slot));
    let rest = candidate.and_then(|slot| Interval::new(slot.starts_at, rest.ends_at()));
    if let Some(rest) = rest {
        if search.rules.needs_room {
            let of = (&search.rules, schedules);
            calendars.add_rooms(transaction, of, &rest).await?;
        }
        let all = calendars.all();
        let suiting = slots(&all, within(rest)).filter(|slot| wishes.suit(slot));
        found.extend(suiting.take(missing));
    }
    Ok(found)
}

/// Splits the range into the time whose rooms were read and the rest.
fn first_and_rest(
    starts: Interval,
    rooms_until: DateTime<Utc>,
) -> (Option<Interval>, Option<Interval>) {
    let (from, to) = (starts.starts_at(), starts.ends_at());
    (
        Interval::new(from, rooms_until.min(to)),
        Interval::new(rooms_until.max(from), to),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_whose_rooms_are_read_and_the_rest_are_the_whole() {
        let day = |day| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        let days = |from, to| Interval::new(day(from), day(to));
        for (from, to, first, rest) in [
            (0, 60, days(0, 2), days(2, 60)),
            (0, 2, days(0, 2), None),
            (0, 1, days(0, 1), None),
            (3, 60, None, days(3, 60)),
        ] {
            let whole = Interval::new(day(from), day(to)).unwrap();
            assert_eq!(first_and_rest(whole, day(2)), (first, rest));
        }
    }
}
