//! Every appointment of the demo, without double bookings.
//!
//! A patient's appointments follow one another as care does: a first visit, needles a week or so
//! later, a review two to four weeks after, needles again. A missed or cancelled one is made anew a
//! week later. Where that leaves a provider's day thin, other patients come for a short follow-up.
//! A start lies on the grid of its type and within the provider's hours, so that every appointment
//! is one that the service itself would have booked.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::local_time::{local_date, resolve};

use super::clinic::{Clinic, Kind, Provider, wall_clock};
use super::dice::Dice;
use super::people::{Care, Person};
use super::present::{FUTURE_DAYS, PAST_DAYS, Present, day_from, minutes};

/// Fewer than this on a day, and others are booked for a follow-up.
const THIN_DAY: usize = 5;

/// What an appointment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Intake,
    Needles,
    Review,
}

impl Purpose {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Intake => Kind::NewPatient,
            Self::Needles => Kind::Injections,
            Self::Review => Kind::FollowUp,
        }
    }
}

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Booked,
    Confirmed,
    Arrived,
    Roomed,
    InProgress,
    Completed,
    Cancelled,
    NoShow,
}

/// One appointment.
#[derive(Debug, Clone)]
pub(super) struct Appointment {
    pub(super) id: Uuid,
    /// Which of the people.
    pub(super) person: usize,
    pub(super) purpose: Purpose,
    pub(super) status: Status,
    pub(super) booked_at: DateTime<Utc>,
    pub(super) starts_at: DateTime<Utc>,
}

impl Appointment {
    pub(super) fn ends_at(&self) -> DateTime<Utc> {
        self.starts_at + minutes(self.purpose.kind().minutes())
    }

    /// What provider and room are blocked for.
    pub(super) fn blocked(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let (before, after) = self.purpose.kind().buffers();
        (
            self.starts_at - minutes(before),
            self.ends_at() + minutes(after),
        )
    }

    /// Whether it still takes up the provider, the room and the patient.
    pub(super) const fn stands(&self) -> bool {
        !matches!(self.status, Status::Cancelled | Status::NoShow)
    }
}

struct Booker<'a> {
    clinic: &'a Clinic,
    people: &'a [Person],
    present: Present,
    /// Per resource, the spans by their start; none of them overlap.
    taken: BTreeMap<Uuid, BTreeMap<DateTime<Utc>, DateTime<Utc>>>,
    /// How many stand on a day of a provider.
    booked: BTreeMap<(usize, NaiveDate), usize>,
    appointments: Vec<Appointment>,
}

/// Books the appointments of all patients.
pub(super) fn book(
    clinic: &Clinic,
    people: &[Person],
    present: Present,
    dice: &mut Dice,
) -> Vec<Appointment> {
    let mut booker = Booker {
        clinic,
        people,
        present,
        taken: BTreeMap::new(),
        booked: BTreeMap::new(),
        appointments: Vec::new(),
    };
    for (person, who) in people.iter().enumerate() {
        booker.book_course(person, who, &mut dice.apart());
    }
    booker.fill_thin_days(dice);
    let mut appointments = booker.appointments;
    appointments.sort_by_key(|one| (one.starts_at, one.id));
    appointments
}

impl Booker<'_> {
    fn book_course(&mut self, person: usize, who: &Person, dice: &mut Dice) {
        let mut purpose = if who.is_new {
            Purpose::Intake
        } else {
            first_of(who.care)
        };
        let mut day = who.first_day;
        while day <= FUTURE_DAYS {
            let Some((status, on)) = self.place(person, purpose, day, dice) else {
                day += 3;
                continue;
            };
            let is_kept = !matches!(status, Status::Cancelled | Status::NoShow);
            let (next, gap) = if is_kept {
                after(purpose, who.care, dice)
            } else {
                (purpose, dice.between(5, 9))
            };
            (purpose, day) = (next, on + gap);
        }
        let is_expected = |one: &Appointment| {
            one.person == person && one.stands() && one.starts_at > self.present.now
        };
        if who.may_sign_in && !self.appointments.iter().any(is_expected) {
            self.place(person, Purpose::Review, 4, dice);
        }
    }

    /// Finds a start in the week from `day` on and books it.
    fn place(
        &mut self,
        person: usize,
        purpose: Purpose,
        day: i32,
        dice: &mut Dice,
    ) -> Option<(Status, i32)> {
        let provider = self.people.get(person)?.provider;
        for on in day..day + 7 {
            if on > FUTURE_DAYS {
                return None;
            }
            let date = day_from(self.present.today, on);
            let starts = self.free_starts(person, provider, purpose, date);
            if starts.is_empty() {
                continue;
            }
            // The earlier of two, as people fill a day from its beginning.
            let starts_at = *dice.pick(&starts).min(dice.pick(&starts));
            let status = self.status(starts_at, purpose, dice);
            self.record((person, provider), purpose, (starts_at, status), dice);
            return Some((status, on));
        }
        None
    }

    fn record(
        &mut self,
        (person, provider): (usize, usize),
        purpose: Purpose,
        (starts_at, status): (DateTime<Utc>, Status),
        dice: &mut Dice,
    ) {
        let before_all = self.clinic.opened_at;
        let booked_at = starts_at - TimeDelta::minutes(i64::from(dice.between(4_000, 30_000)));
        let booked_at = booked_at
            .min(self.present.now - TimeDelta::hours(2))
            .max(before_all);
        let appointment = Appointment {
            id: dice.id(booked_at),
            person,
            purpose,
            status,
            booked_at,
            starts_at,
        };
        if appointment.stands()
            && let (Some(who), Some(staff)) =
                (self.people.get(person), self.clinic.providers.get(provider))
        {
            let (from, to) = appointment.blocked();
            for resource in [staff.id, staff.room_id] {
                self.taken.entry(resource).or_default().insert(from, to);
            }
            self.taken
                .entry(who.id)
                .or_default()
                .insert(starts_at, appointment.ends_at());
            let date = local_date(staff.zone, starts_at);
            *self.booked.entry((provider, date)).or_default() += 1;
        }
        self.appointments.push(appointment);
    }

    fn free_starts(
        &self,
        person: usize,
        provider: usize,
        purpose: Purpose,
        date: NaiveDate,
    ) -> Vec<DateTime<Utc>> {
        let (Some(who), Some(staff)) =
            (self.people.get(person), self.clinic.providers.get(provider))
        else {
            return Vec::new();
        };
        let kind = purpose.kind();
        let (before, after) = kind.buffers();
        starts_on(staff, date, kind)
            .into_iter()
            .filter(|start| {
                let ends_at = *start + minutes(kind.minutes());
                let (from, to) = (*start - minutes(before), ends_at + minutes(after));
                self.is_free(staff.id, from, to)
                    && self.is_free(staff.room_id, from, to)
                    // A patient comes at most once a day.
                    && self.is_free(who.id, *start - TimeDelta::hours(24), ends_at + TimeDelta::hours(24))
            })
            .collect()
    }

    fn is_free(&self, resource: Uuid, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let last_before = self
            .taken
            .get(&resource)
            .and_then(|spans| spans.range(..to).next_back());
        last_before.is_none_or(|(_, ends_at)| *ends_at <= from)
    }

    fn fill_thin_days(&mut self, dice: &mut Dice) {
        for provider in 0..self.clinic.providers.len() {
            let theirs: Vec<usize> = self
                .people
                .iter()
                .enumerate()
                .filter(|(_, who)| who.provider == provider)
                .map(|(person, _)| person)
                .collect();
            for on in -PAST_DAYS..=FUTURE_DAYS {
                let date = day_from(self.present.today, on);
                // The next three days are busier than those further ahead.
                let wanted = if (0..=3).contains(&on) {
                    THIN_DAY + 3
                } else {
                    THIN_DAY
                };
                let mut tries = 0;
                while self.booked.get(&(provider, date)).copied().unwrap_or(0) < wanted
                    && tries < 12
                {
                    tries += 1;
                    let person = *dice.pick(&theirs);
                    let begun = self
                        .people
                        .get(person)
                        .is_some_and(|who| who.first_day < on);
                    if begun {
                        self.place_on(person, provider, date, dice);
                    }
                }
            }
        }
    }

    fn place_on(&mut self, person: usize, provider: usize, date: NaiveDate, dice: &mut Dice) {
        let starts = self.free_starts(person, provider, Purpose::Review, date);
        if !starts.is_empty() {
            let starts_at = *dice.pick(&starts);
            let status = self.status(starts_at, Purpose::Review, dice);
            self.record(
                (person, provider),
                Purpose::Review,
                (starts_at, status),
                dice,
            );
        }
    }

    /// What has become of an appointment by now.
    fn status(&self, starts_at: DateTime<Utc>, purpose: Purpose, dice: &mut Dice) -> Status {
        let luck = dice.between(1, 100);
        let until = starts_at - self.present.now;
        let ends_at = starts_at + minutes(purpose.kind().minutes());
        let is_today = local_date(super::clinic::ZONE, starts_at) == self.present.today;
        if ends_at <= self.present.now {
            match luck {
                ..=4 => Status::NoShow,
                5..=10 if !is_today => Status::Cancelled,
                _ => Status::Completed,
            }
        } else if until <= TimeDelta::zero() {
            Status::InProgress
        } else if until <= TimeDelta::minutes(20) {
            Status::Roomed
        } else if until <= TimeDelta::minutes(45) {
            Status::Arrived
        } else if luck <= 3 {
            Status::Cancelled
        } else if until <= TimeDelta::days(4) && luck <= 75 {
            Status::Confirmed
        } else {
            Status::Booked
        }
    }
}

const fn first_of(care: Care) -> Purpose {
    match care {
        Care::Medicines => Purpose::Review,
        Care::Injections | Care::Needling | Care::Toxin => Purpose::Needles,
    }
}

/// What follows, and after how many days.
fn after(purpose: Purpose, care: Care, dice: &mut Dice) -> (Purpose, i32) {
    match (purpose, care) {
        (Purpose::Intake, Care::Medicines) => (Purpose::Review, dice.between(25, 35)),
        (Purpose::Intake, _) => (Purpose::Needles, dice.between(6, 12)),
        (Purpose::Needles, Care::Toxin) => (Purpose::Review, dice.between(26, 34)),
        (Purpose::Needles, _) => (Purpose::Review, dice.between(15, 24)),
        // Toxin is given every twelve weeks.
        (Purpose::Review, Care::Toxin) => (Purpose::Needles, dice.between(58, 64)),
        (Purpose::Review, Care::Medicines) => (Purpose::Review, dice.between(28, 42)),
        // Six weeks from needle to needle in the same place.
        (Purpose::Review, _) => (Purpose::Needles, dice.between(27, 34)),
    }
}

/// The starts of a provider's day at which a type could be booked.
fn starts_on(provider: &Provider, date: NaiveDate, kind: Kind) -> Vec<DateTime<Utc>> {
    if !provider.weekdays.contains(&date.weekday()) {
        return Vec::new();
    }
    let (Ok(length), Ok(grid)) = (u32::try_from(kind.minutes()), usize::try_from(kind.grid()))
    else {
        return Vec::new();
    };
    provider
        .windows
        .iter()
        .flat_map(|(opens_at, closes_at)| {
            (*opens_at..=closes_at.saturating_sub(length)).step_by(grid)
        })
        .map(|at| resolve(provider.zone, date, wall_clock(at)).first())
        .collect()
}
