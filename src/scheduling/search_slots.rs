//! Searching free slots. Never writes, and asks the database three times at most, however many
//! providers there are and however far the search goes.
//!
//! Hours are known by their rules and cost the same for a day as for three months; bookings are
//! rows. So bookings are read for the first days alone, as many as will do unless the practice is
//! all but booked up, and for the rest of the time only when those were not enough.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::{
    AppointmentType, AppointmentTypeId, LocationId, LocationSchedule, ProviderId, ScheduleQuery,
    schedules_with_type,
};

use super::calendars::{Calendars, Whom, appointment_rules, caller_rules};
use super::slots::{self, Slot, SlotPage, SlotPosition, SlotSearch};

action!(
    /// Searching free slots.
    SearchSlots, "slots.search", practice, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// The longest that an appointment with its buffers can reach past its start, and before it.
const LONGEST_REACH: TimeDelta = TimeDelta::hours(12);
/// Bookings are read for this long at least.
const FIRST_DAYS: i64 = 2;
/// A provider has a free slot in so many days, unless all but booked up.
const DAYS_A_SLOT: i64 = 4;

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchFor {
    pub(super) appointment_type_id: AppointmentTypeId,
    /// When it may begin.
    pub(super) starts: Interval,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
    /// Whom it is for; a patient who does not say means all they may book for.
    pub(super) patient_id: Option<Uuid>,
}

/// Start, provider and location of the slot before a page.
pub(super) type SlotKey = (DateTime<Utc>, Uuid, Uuid);

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub(super) enum SearchError {
    #[error("no such type of appointment")]
    UnknownType,
    #[error("no patient of the caller")]
    UnknownPatient,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for SearchError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::UnknownType => {
                Problem::field("#/query/appointment_type_id", "names nothing here")
            }
            Self::UnknownPatient => Problem::field("#/query/patient_id", "names nothing here"),
            Self::Database(error) => error.into(),
        }
    }
}

/// The slots that the caller could book as things stand, by start, provider and location.
pub(super) async fn search_slots(
    transaction: &Transaction<'_, SearchSlots>,
    wanted: &SearchFor,
    window: &Window<SlotKey>,
) -> Result<SlotPage, SearchError> {
    let whom = whom(transaction, wanted.patient_id)?;
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
    let found = schedules_with_type(transaction, &query, wanted.appointment_type_id).await?;
    let (appointment_type, schedules) = found.ok_or(SearchError::UnknownType)?;
    let limit = usize::try_from(window.size).unwrap_or_default();
    let found = match search(transaction, &appointment_type, starts, window) {
        None => Vec::new(),
        Some(search) => {
            let wanted = limit.saturating_add(1);
            collect(
                transaction,
                (&appointment_type, &schedules),
                &whom,
                (search, wanted),
            )
            .await?
        }
    };
    Ok(SlotPage::of(found, limit))
}

fn whom(
    transaction: &Transaction<'_, SearchSlots>,
    named: Option<Uuid>,
) -> Result<Whom, SearchError> {
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
    Ok(Whom {
        patient_ids,
        moved_ids: Vec::new(),
    })
}

/// Nothing when there is nothing that the caller could book.
fn search(
    transaction: &Transaction<'_, SearchSlots>,
    appointment_type: &AppointmentType,
    starts: Interval,
    window: &Window<SlotKey>,
) -> Option<SlotSearch> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && !appointment_type.rules.patient_bookable {
        return None;
    }
    let rules = appointment_rules(&appointment_type.rules);
    let caller = caller_rules(transaction, &rules);
    let after = window
        .after
        .map(|(starts_at, provider_id, location_id)| SlotPosition {
            starts_at,
            provider_id,
            location_id,
        });
    // What lies before the caller's first start or behind the last, or before the page, need not
    // be read.
    let from = starts.starts_at().max(caller.earliest);
    let from = after.map_or(from, |after| from.max(after.starts_at));
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
    transaction: &Transaction<'_, SearchSlots>,
    (appointment_type, schedules): (&AppointmentType, &[LocationSchedule]),
    whom: &Whom,
    (search, wanted): (SlotSearch, usize),
) -> Result<Vec<Slot>, DatabaseError> {
    let mut found: Vec<Slot> = Vec::new();
    if schedules.is_empty() {
        return Ok(found);
    }
    for starts in parts(search.starts, wanted, schedules.len()) {
        let read = (&starts, whom);
        let calendars = Calendars::of(transaction, appointment_type, schedules, read).await?;
        if calendars.awaits_review() {
            break;
        }
        let part = SlotSearch { starts, ..search };
        let missing = wanted.saturating_sub(found.len());
        found.extend(slots::slots(&calendars.all(), part).take(missing));
        if found.len() >= wanted {
            break;
        }
    }
    Ok(found)
}

/// The first days, and the rest of the time.
fn parts(starts: Interval, wanted: usize, desks: usize) -> impl Iterator<Item = Interval> {
    let slots_a_desk = wanted.div_ceil(desks.max(1));
    let days = i64::try_from(slots_a_desk)
        .unwrap_or(i64::MAX)
        .saturating_mul(DAYS_A_SLOT)
        .saturating_add(FIRST_DAYS);
    let cut = TimeDelta::try_days(days)
        .and_then(|days| starts.starts_at().checked_add_signed(days))
        .map_or(starts.ends_at(), |cut| cut.min(starts.ends_at()));
    [
        Interval::new(starts.starts_at(), cut),
        Interval::new(cut, starts.ends_at()),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: i64, to: i64) -> Interval {
        let day = |day| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        Interval::new(day(from), day(to)).unwrap()
    }

    #[test]
    fn bookings_are_read_for_the_first_days_and_then_for_the_rest() {
        let parts = |wanted, desks| parts(days(0, 60), wanted, desks).collect::<Vec<_>>();
        assert_eq!(parts(2, 20), [days(0, 6), days(6, 60)]);
        assert_eq!(parts(51, 20), [days(0, 14), days(14, 60)]);
        assert_eq!(parts(51, 1), [days(0, 60)]);
        assert_eq!(parts(usize::MAX, 1), [days(0, 60)]);
    }
}
