//! When providers are there, as booking and slot search ask it: many providers and locations at
//! once, in one statement.

mod store;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::{Interval, IntervalSet};

use super::affected::{AffectedCause, lift_affected, note_affected};
use super::appointment_types::{AppointmentType, AppointmentTypeId};
use super::hours::ProviderHours;
use super::locations::LocationId;
use super::openings::{Opening, call_waitlist, open_times};
use super::providers::ProviderId;
use store::BookedRow;

/// Whose hours, where and when.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleQuery {
    /// These providers; every provider of the practice when none.
    pub(crate) provider_ids: Option<Vec<Uuid>>,
    /// This location; every location when none.
    pub(crate) location_id: Option<Uuid>,
    /// Hours that share an instant with it are given.
    pub(crate) range: Interval,
}

/// One provider's hours at one location.
#[derive(Debug, Clone)]
pub(crate) struct LocationSchedule {
    /// The provider.
    pub(crate) provider_id: Uuid,
    /// The location.
    pub(crate) location_id: Uuid,
    /// The zone of the location.
    pub(crate) zone: Tz,
    /// When the provider is there.
    pub(crate) hours: ProviderHours,
    /// The rooms of the location, by name.
    pub(crate) room_ids: Vec<Uuid>,
}

/// The hours asked for, by provider and location.
///
/// A pair without any hours in the range is left out, unless both the providers and the location
/// were named: then every pair that exists is there, so that staff can book outside all hours.
pub(crate) async fn schedules(
    transaction: &OpenTransaction<'_>,
    query: &ScheduleQuery,
) -> Stored<Vec<LocationSchedule>> {
    let found = store::load(transaction, query, None).await?;
    Ok(found.into_schedules(query.names_pairs()))
}

/// As [`schedules`], and the type of appointment they are wanted for, in the same statement;
/// nothing when there is no such type.
pub(crate) async fn schedules_with_type(
    transaction: &OpenTransaction<'_>,
    query: &ScheduleQuery,
    id: AppointmentTypeId,
) -> Stored<Option<(AppointmentType, Vec<LocationSchedule>)>> {
    let mut found = store::load(transaction, query, Some(id)).await?;
    let appointment_type = found.take_appointment_type();
    Ok(appointment_type.map(|of| (of, found.into_schedules(query.names_pairs()))))
}

impl ScheduleQuery {
    const fn names_pairs(&self) -> bool {
        self.provider_ids.is_some() && self.location_id.is_some()
    }
}

/// Whether there is such a provider.
pub(super) async fn provider_exists(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
) -> Stored<bool> {
    store::provider_exists(transaction, provider_id).await
}

/// Holds the hours of a provider alone, before they are changed; false when there is none.
pub(super) async fn lock_to_change(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
) -> Stored<bool> {
    store::lock_one(transaction, provider_id).await
}

/// Holds the hours of every provider alone, before something changes that all of them keep to.
pub(super) async fn lock_all_to_change(transaction: &OpenTransaction<'_>) -> Stored<()> {
    store::lock_all(transaction).await
}

/// Whose hours change, where and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affected {
    /// Of this provider; of every provider when none.
    pub(super) provider_id: Option<ProviderId>,
    /// At this location; at every location when none.
    pub(super) location_id: Option<LocationId>,
    /// What shares an instant with it; all that is ahead when none.
    pub(super) range: Option<Interval>,
}

/// How far ahead new hours are offered to those who wait.
const OPENED_AHEAD: TimeDelta = TimeDelta::days(366);

/// Hours that are about to be changed, as they were.
pub(super) struct HoursBefore {
    affected: Affected,
    /// Nothing when the change is of the past alone.
    query: Option<ScheduleQuery>,
    schedules: Vec<LocationSchedule>,
}

impl HoursBefore {
    /// Reads them; they are locked already.
    pub(super) async fn read(
        transaction: &OpenTransaction<'_>,
        affected: Affected,
    ) -> Stored<Self> {
        let (now, last) = (transaction.now(), transaction.now() + OPENED_AHEAD);
        let range = affected.range.map_or_else(
            || Interval::new(now, last),
            |range| Interval::new(range.starts_at().max(now), range.ends_at().min(last)),
        );
        let query = range.map(|range| affected.query(range));
        let schedules = match &query {
            Some(query) => schedules(transaction, query).await?,
            None => Vec::new(),
        };
        Ok(Self {
            affected,
            query,
            schedules,
        })
    }

    /// Offers to those who wait what the change has opened, and lifts what fits again from the list
    /// of affected appointments.
    pub(super) async fn open_what_is_new(self, transaction: &OpenTransaction<'_>) -> Stored<()> {
        let (fitting, _) = sorted_out(transaction, self.affected).await?;
        lift_affected(transaction, &fitting).await?;
        let Some(query) = &self.query else {
            return Ok(());
        };
        let before: BTreeMap<_, _> = self
            .schedules
            .iter()
            .map(|schedule| (schedule.pair(), &schedule.hours))
            .collect();
        let none = ProviderHours::default();
        let after = schedules(transaction, query).await?;
        let freed = after.iter().flat_map(|schedule| {
            let (provider_id, location_id) = schedule.pair();
            let before = before.get(&schedule.pair()).copied().unwrap_or(&none);
            let opened = schedule.hours.opened_since(before, &query.range);
            let openings = opened.as_slice().iter().map(|span| Opening {
                provider_id: provider_id.into(),
                location_id: location_id.into(),
                starts_at: span.starts_at(),
                ends_at: span.ends_at(),
                appointment_id: None,
            });
            openings.collect::<Vec<_>>()
        });
        let freed: Vec<Opening> = freed.collect();
        open_times(transaction, &freed, transaction.now()).await
    }
}

impl LocationSchedule {
    const fn pair(&self) -> (Uuid, Uuid) {
        (self.provider_id, self.location_id)
    }
}

impl Affected {
    fn query(&self, range: Interval) -> ScheduleQuery {
        ScheduleQuery {
            provider_ids: self.provider_id.map(|id| vec![id.uuid()]),
            location_id: self.location_id.map(LocationId::uuid),
            range,
        }
    }
}

/// The appointments still to come that lie outside the hours as they are now. They stay booked, and
/// stand on the list of affected appointments from now on; every one of them is audited as read.
/// Offers in the time are looked at again by the waitlist.
pub(super) async fn appointments_outside(
    transaction: &OpenTransaction<'_>,
    affected: Affected,
    cause: AffectedCause,
) -> Stored<Vec<Uuid>> {
    let (fitting, outside) = sorted_out(transaction, affected).await?;
    let touched = outside.iter().map(|row| (row.id, row.patient_id));
    transaction.touch_all("appointment", touched);
    let outside: Vec<Uuid> = outside.into_iter().map(|row| row.id).collect();
    lift_affected(transaction, &fitting).await?;
    note_affected(transaction, cause, &outside).await?;
    call_waitlist(transaction, transaction.now()).await?;
    Ok(outside)
}

/// The appointments still to come that fit the hours, and those that do not.
async fn sorted_out(
    transaction: &OpenTransaction<'_>,
    affected: Affected,
) -> Stored<(Vec<Uuid>, Vec<BookedRow>)> {
    let booked = store::booked_ahead(transaction, affected).await?;
    let spans: IntervalSet = booked.iter().filter_map(BookedRow::span).collect();
    let Some(range) = spans.hull() else {
        return Ok((Vec::new(), Vec::new()));
    };
    let schedules = schedules(transaction, &affected.query(range)).await?;
    let (fitting, outside): (Vec<BookedRow>, Vec<BookedRow>) = booked
        .into_iter()
        .partition(|row| row.is_within(&schedules));
    Ok((fitting.into_iter().map(|row| row.id).collect(), outside))
}

impl BookedRow {
    fn span(&self) -> Option<Interval> {
        Interval::new(self.starts_at, self.ends_at)
    }

    fn is_within(&self, schedules: &[LocationSchedule]) -> bool {
        let schedule = schedules.iter().find(|schedule| {
            schedule.provider_id == self.provider_id && schedule.location_id == self.location_id
        });
        schedule.zip(self.span()).is_some_and(|(schedule, span)| {
            schedule
                .hours
                .open_intervals(self.appointment_type_id, &span)
                .contains(&span)
        })
    }
}

/// Keeps the hours of a provider as they are until this transaction ends, as other bookings do at
/// the same time; false when there is no such provider.
pub(crate) async fn lock_schedule(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
) -> Stored<bool> {
    store::lock_shared(transaction, provider_id).await
}
