//! Reads the calendars that slots are computed from: hours and bookings of many providers, in two
//! statements.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::{self, WallClock};
use crate::platform::pipeline::pipelined;
use crate::practice::{
    AppointmentType, LocationId, LocationSchedule, ProviderId, ScheduleQuery, TypeRules, schedules,
};

use super::group::GroupOf;
use super::occupancy::{Occupancy, Resources, Rooms};
use super::provider_calendar::{
    AppointmentRules, CallerRules, Group, Groups, LocationCalendar, PatientCalendar,
    ProviderCalendar, RoomCalendar,
};
use super::store;
use super::wanted::ForPatients;

/// The rules of a type of appointment that a calendar must fulfil.
pub(super) const fn appointment_rules(rules: &TypeRules) -> AppointmentRules {
    AppointmentRules {
        duration_minutes: rules.duration_minutes,
        buffer_before_minutes: rules.buffer_before_minutes,
        buffer_after_minutes: rules.buffer_after_minutes,
        needs_room: rules.needs_room,
        capacity: rules.capacity,
        start_every_minutes: rules.start_every_minutes,
        min_lead_minutes: rules.min_lead_minutes,
        max_ahead_days: rules.max_ahead_days,
    }
}

/// The starts that the caller of this transaction can book.
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

/// One provider at one location.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProviderAt {
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
}

/// The calendars of some providers at some locations, for one type of appointment.
pub(super) struct Calendars {
    locations: BTreeMap<Uuid, LocationCalendar>,
    open: Vec<OpenHours>,
    busy: BTreeMap<Uuid, IntervalSet>,
    never: IntervalSet,
    range: Interval,
    awaits_review: bool,
    has_person: bool,
}

/// Hours and bookings of one provider at one location in a range, for any type of appointment.
#[derive(Debug)]
pub(super) struct Found {
    schedules: Vec<LocationSchedule>,
    taken: Occupancy,
    range: Interval,
}

impl Found {
    /// Reads hours and bookings in one round trip.
    pub(super) async fn load(
        transaction: &OpenTransaction<'_>,
        at: ProviderAt,
        range: Interval,
        patients: &ForPatients,
    ) -> Stored<Self> {
        let query = ScheduleQuery {
            provider_ids: Some(vec![at.provider_id.uuid()]),
            location_id: Some(at.location_id.uuid()),
            range,
        };
        let people = patients.patient_ids.iter().copied();
        let resources = Resources {
            ids: people.chain([at.provider_id.uuid()]).collect(),
            rooms: Rooms {
                location_ids: vec![at.location_id.uuid()],
                before: range.ends_at(),
            },
            with_seats: true,
        };
        let (schedules, taken) = pipelined!(
            schedules(transaction, &query),
            store::busy(transaction, &resources, &range, patients),
        )?;
        Ok(Self {
            schedules,
            taken,
            range,
        })
    }

    pub(super) fn calendars(
        &self,
        appointment_type: &AppointmentType,
        patients: &ForPatients,
    ) -> Calendars {
        let of = (&self.range, patients.patient_ids.as_slice());
        Calendars::new(appointment_type, &self.schedules, &self.taken, of)
    }
}

struct OpenHours {
    provider_id: Uuid,
    location_id: Uuid,
    hours: IntervalSet,
    groups: Groups,
}

impl Calendars {
    /// Reads the calendars that decide every start in `starts`.
    pub(super) async fn load(
        transaction: &OpenTransaction<'_>,
        appointment_type: &AppointmentType,
        at: ProviderAt,
        starts: &Interval,
        patients: &ForPatients,
    ) -> Stored<Self> {
        let rules = appointment_rules(&appointment_type.rules);
        let range = rules.reach(starts).unwrap_or(*starts);
        let found = Found::load(transaction, at, range, patients).await?;
        Ok(found.calendars(appointment_type, patients))
    }

    /// Reads the bookings that decide every start in `starts`; the hours were read before. Bookings
    /// of rooms are read only for starts before `rooms_until`.
    pub(super) async fn of(
        transaction: &OpenTransaction<'_>,
        appointment_type: &AppointmentType,
        schedules: &[LocationSchedule],
        (starts, rooms_until, patients): (&Interval, DateTime<Utc>, &ForPatients),
    ) -> Stored<Self> {
        let rules = appointment_rules(&appointment_type.rules);
        let range = rules.reach(starts).unwrap_or(*starts);
        let providers = schedules.iter().map(|schedule| schedule.provider_id);
        let people: BTreeSet<Uuid> = providers
            .chain(patients.patient_ids.iter().copied())
            .collect();
        let resources = Resources {
            ids: people.into_iter().collect(),
            rooms: rooms(&rules, schedules, rooms_until),
            with_seats: rules.capacity.get() > 1,
        };
        let taken = store::busy(transaction, &resources, &range, patients).await?;
        let read = (starts, &taken, patients);
        Ok(Self::of_taken(appointment_type, schedules, read))
    }

    /// Makes the calendars of bookings that were read before.
    pub(super) fn of_taken(
        appointment_type: &AppointmentType,
        schedules: &[LocationSchedule],
        (starts, taken, patients): (&Interval, &Occupancy, &ForPatients),
    ) -> Self {
        let rules = appointment_rules(&appointment_type.rules);
        let range = rules.reach(starts).unwrap_or(*starts);
        let of = (&range, patients.patient_ids.as_slice());
        Self::new(appointment_type, schedules, taken, of)
    }

    /// Adds the bookings of rooms that decide every start in `starts`.
    pub(super) async fn add_rooms(
        &mut self,
        transaction: &OpenTransaction<'_>,
        (rules, schedules): (&AppointmentRules, &[LocationSchedule]),
        starts: &Interval,
    ) -> Stored<()> {
        let range = rules.reach(starts).unwrap_or(*starts);
        let resources = Resources {
            rooms: rooms(rules, schedules, starts.ends_at()),
            ..Resources::default()
        };
        let nobody = ForPatients::default();
        let taken = store::busy(transaction, &resources, &range, &nobody).await?;
        let rooms = self.locations.values_mut().flat_map(|at| &mut at.rooms);
        for room in rooms {
            let more = taken.spans.get(&room.room_id).into_iter().flatten();
            let spans = room.busy.as_slice().iter().chain(more);
            room.busy = spans.copied().collect();
        }
        Ok(())
    }

    fn new(
        appointment_type: &AppointmentType,
        schedules: &[LocationSchedule],
        taken: &Occupancy,
        (range, patient_ids): (&Interval, &[Uuid]),
    ) -> Self {
        let sets = taken.spans.iter();
        let busy: BTreeMap<Uuid, IntervalSet> = sets
            .map(|(id, spans)| (*id, spans.iter().copied().collect()))
            .collect();
        let elsewhere = patient_ids.iter().filter_map(|id| busy.get(id));
        let elsewhere: IntervalSet = elsewhere
            .flat_map(|set| set.as_slice().iter().copied())
            .collect();
        let mut locations = BTreeMap::new();
        let mut open = Vec::with_capacity(schedules.len());
        for schedule in schedules {
            open.push(OpenHours {
                provider_id: schedule.provider_id,
                location_id: schedule.location_id,
                hours: schedule
                    .hours
                    .open_intervals(appointment_type.id.uuid(), range),
                groups: groups(appointment_type, schedule, taken),
            });
            locations
                .entry(schedule.location_id)
                .or_insert_with(|| LocationCalendar {
                    location_id: schedule.location_id,
                    clock: WallClock::over(schedule.zone, range),
                    rooms: room_calendars(&schedule.room_ids, &busy),
                    patient: PatientCalendar {
                        busy: elsewhere.clone(),
                        too_close: too_close(&appointment_type.rules, schedule.zone, taken),
                    },
                });
        }
        Self {
            locations,
            open,
            busy,
            never: IntervalSet::default(),
            range: *range,
            awaits_review: taken.awaits_review,
            has_person: taken.has_person,
        }
    }

    /// Starts before this can be decided: hours and bookings were read as far as they reach.
    pub(super) fn decided_until(&self, rules: &AppointmentRules) -> Option<DateTime<Utc>> {
        let after = i64::from(rules.duration_minutes.get()) + i64::from(rules.buffer_after_minutes);
        self.range
            .ends_at()
            .checked_sub_signed(TimeDelta::minutes(after))
    }

    /// Whether a provider must review something before anything is booked for the patients.
    pub(super) const fn awaits_review(&self) -> bool {
        self.awaits_review
    }

    /// Whether one of the patients is a person in use.
    pub(super) const fn has_person(&self) -> bool {
        self.has_person
    }

    /// One calendar for each provider and location.
    pub(super) fn all(&self) -> Vec<ProviderCalendar<'_>> {
        self.open
            .iter()
            .filter_map(|open| {
                Some(ProviderCalendar {
                    provider_id: open.provider_id,
                    location: self.locations.get(&open.location_id)?,
                    open: open.hours.clone(),
                    busy: self.busy.get(&open.provider_id).unwrap_or(&self.never),
                    groups: open.groups.clone(),
                })
            })
            .collect()
    }
}

/// The rooms of an appointment that starts before this.
fn rooms(
    rules: &AppointmentRules,
    schedules: &[LocationSchedule],
    starts_before: DateTime<Utc>,
) -> Rooms {
    let ids = schedules.iter().map(|schedule| schedule.location_id);
    let ids: BTreeSet<Uuid> = ids.filter(|_| rules.needs_room).collect();
    let last = rules.blocked_span(starts_before);
    Rooms {
        location_ids: ids.into_iter().collect(),
        before: last.map_or(starts_before, |span| span.ends_at()),
    }
}

fn room_calendars(room_ids: &[Uuid], busy: &BTreeMap<Uuid, IntervalSet>) -> Vec<RoomCalendar> {
    let calendar = |room_id: &Uuid| RoomCalendar {
        room_id: *room_id,
        busy: busy.get(room_id).cloned().unwrap_or_default(),
    };
    room_ids.iter().map(calendar).collect()
}

/// The starts that are too close to another appointment of the patient, by local days.
fn too_close(rules: &TypeRules, zone: Tz, taken: &Occupancy) -> IntervalSet {
    let Some(own) = rules.min_interval_days else {
        return IntervalSet::default();
    };
    let others = taken.kept_apart.iter();
    others
        .filter_map(|other| {
            let days = own.get().max(other.days.unsigned_abs());
            days_around(zone, other.starts_at, u64::from(days))
        })
        .collect()
}

/// The local days that are fewer than so many days away.
fn days_around(zone: Tz, instant: DateTime<Utc>, days: u64) -> Option<Interval> {
    let date = local_time::local_date(zone, instant);
    let first = date.checked_sub_days(Days::new(days.saturating_sub(1)))?;
    let past = date.checked_add_days(Days::new(days))?;
    let midnight = |date| local_time::resolve(zone, date, NaiveTime::MIN).first();
    Interval::new(midnight(first), midnight(past))
}

/// The groups of the type that the provider has at the location.
fn groups(
    appointment_type: &AppointmentType,
    schedule: &LocationSchedule,
    taken: &Occupancy,
) -> Groups {
    let rules = appointment_rules(&appointment_type.rules);
    let seats = rules.all_seats();
    if seats.is_empty() {
        return Groups::new();
    }
    let of = GroupOf {
        appointment_type_id: appointment_type.id,
        location_id: schedule.location_id.into(),
    };
    let before = TimeDelta::minutes(i64::from(rules.buffer_before_minutes));
    let mut groups = Groups::new();
    let occupied = taken.seats.iter();
    for seat in occupied.filter(|seat| seat.resource_id == schedule.provider_id) {
        let starts_at = seat.span.starts_at() + before;
        // A session of another length than the type has now cannot be joined.
        if rules.blocked_span(starts_at) != Some(seat.span) {
            continue;
        }
        let rooms = schedule.room_ids.iter().copied().map(Some);
        let room_id = rooms.chain([None]).find(|room_id| {
            of.session_id(schedule.provider_id, *room_id, starts_at) == seat.session_id
        });
        if let Some(room_id) = room_id {
            let group = groups.entry(starts_at).or_insert_with(|| Group {
                room_id,
                free_seats: seats.clone(),
            });
            group.free_seats.retain(|free| *free != seat.number);
        }
    }
    groups
}
