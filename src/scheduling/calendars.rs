//! What slots are computed from: hours and bookings of many providers, read in two statements.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::{Interval, IntervalSet};
use crate::practice::{AppointmentType, LocationSchedule, ScheduleQuery, TypeRules, schedules};

use super::slots::{
    AppointmentRules, CallerRules, LocationCalendar, ProviderCalendar, RoomCalendar,
};
use super::store;

/// What a type of appointment asks of a calendar.
pub(super) const fn appointment_rules(rules: &TypeRules) -> AppointmentRules {
    AppointmentRules {
        duration_minutes: rules.duration_minutes,
        buffer_before_minutes: rules.buffer_before_minutes,
        buffer_after_minutes: rules.buffer_after_minutes,
        needs_room: rules.needs_room,
        start_every_minutes: rules.start_every_minutes,
        min_lead_minutes: rules.min_lead_minutes,
        max_ahead_days: rules.max_ahead_days,
    }
}

/// Which starts are open to the caller of this transaction.
pub(super) fn caller_rules(
    transaction: &OpenTransaction<'_>,
    rules: &AppointmentRules,
) -> CallerRules {
    if transaction.principal().role == Role::Patient {
        CallerRules::for_patient(transaction.now(), rules)
    } else {
        CallerRules::for_staff(transaction.now())
    }
}

/// The calendars of some providers at some locations, for one type of appointment.
pub(super) struct Calendars {
    locations: BTreeMap<Uuid, LocationCalendar>,
    open: Vec<(Uuid, Uuid, IntervalSet)>,
    busy: BTreeMap<Uuid, IntervalSet>,
    never: IntervalSet,
}

impl Calendars {
    /// Reads what decides every start in `starts`.
    pub(super) async fn load(
        transaction: &OpenTransaction<'_>,
        appointment_type: &AppointmentType,
        (provider_id, location_id): (Option<Uuid>, Option<Uuid>),
        starts: &Interval,
    ) -> Stored<Self> {
        let rules = appointment_rules(&appointment_type.rules);
        let range = rules.reach(starts).unwrap_or(*starts);
        let provider_ids = provider_id.map(|id| vec![id]);
        let query = ScheduleQuery {
            provider_ids,
            location_id,
            range,
        };
        let schedules = schedules(transaction, &query).await?;
        let mut resource_ids: Vec<Uuid> = schedules
            .iter()
            .flat_map(|schedule| {
                schedule
                    .room_ids
                    .iter()
                    .copied()
                    .chain([schedule.provider_id])
            })
            .collect();
        resource_ids.sort_unstable();
        resource_ids.dedup();
        let taken = store::busy(transaction, &resource_ids, &range).await?;
        let mut spans: BTreeMap<Uuid, Vec<Interval>> = BTreeMap::new();
        for (resource_id, starts_at, ends_at) in taken {
            spans
                .entry(resource_id)
                .or_default()
                .extend(Interval::new(starts_at, ends_at));
        }
        let busy = spans
            .into_iter()
            .map(|(id, spans)| (id, spans.into_iter().collect()));
        Ok(Self::new(
            appointment_type,
            schedules,
            busy.collect(),
            &range,
        ))
    }

    fn new(
        appointment_type: &AppointmentType,
        schedules: Vec<LocationSchedule>,
        busy: BTreeMap<Uuid, IntervalSet>,
        range: &Interval,
    ) -> Self {
        let mut locations = BTreeMap::new();
        let mut open = Vec::with_capacity(schedules.len());
        for schedule in schedules {
            let hours = schedule
                .hours
                .open_intervals(appointment_type.id.uuid(), range);
            open.push((schedule.provider_id, schedule.location_id, hours));
            locations
                .entry(schedule.location_id)
                .or_insert_with(|| LocationCalendar {
                    location_id: schedule.location_id,
                    zone: schedule.zone,
                    rooms: room_calendars(&schedule.room_ids, &busy),
                });
        }
        Self {
            locations,
            open,
            busy,
            never: IntervalSet::default(),
        }
    }

    /// One calendar for each provider and location.
    pub(super) fn all(&self) -> Vec<ProviderCalendar<'_>> {
        self.open
            .iter()
            .filter_map(|(provider_id, location_id, open)| {
                Some(ProviderCalendar {
                    provider_id: *provider_id,
                    location: self.locations.get(location_id)?,
                    open: open.clone(),
                    busy: self.busy.get(provider_id).unwrap_or(&self.never),
                })
            })
            .collect()
    }
}

fn room_calendars(room_ids: &[Uuid], busy: &BTreeMap<Uuid, IntervalSet>) -> Vec<RoomCalendar> {
    let calendar = |room_id: &Uuid| RoomCalendar {
        room_id: *room_id,
        busy: busy.get(room_id).cloned().unwrap_or_default(),
    };
    room_ids.iter().map(calendar).collect()
}
