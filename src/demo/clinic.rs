//! The clinic itself: where it is, who works there and when, and what can be booked.
//!
//! One location is in New York, where clocks change twice a year, and one in Phoenix, where they
//! never do, so that every calendar of the demo meets both rules.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use uuid::Uuid;

use super::dice::Dice;
use super::rows::{LocationRow, ProviderRow, RoomRow, Rows, TemplateRow, TypeRow, WindowRow};

/// The zone of the practice as a whole.
pub(super) const ZONE: Tz = chrono_tz::America::New_York;

/// What can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    NewPatient,
    FollowUp,
    Injections,
}

impl Kind {
    pub(super) const fn minutes(self) -> i32 {
        match self {
            Self::NewPatient => 60,
            Self::FollowUp => 30,
            Self::Injections => 45,
        }
    }

    /// Minutes that provider and room are blocked before and after.
    pub(super) const fn buffers(self) -> (i32, i32) {
        match self {
            Self::NewPatient | Self::FollowUp => (0, 0),
            Self::Injections => (5, 10),
        }
    }

    /// Starts lie on this grid of minutes.
    pub(super) const fn grid(self) -> i32 {
        match self {
            Self::NewPatient => 30,
            Self::FollowUp | Self::Injections => 15,
        }
    }

    const fn name_and_color(self) -> (&'static str, &'static str) {
        match self {
            Self::NewPatient => ("New patient", "#2a7f9e"),
            Self::FollowUp => ("Follow-up", "#5b8c5a"),
            Self::Injections => ("Trigger point injections", "#b5651d"),
        }
    }
}

/// Someone who sees patients, and where they do.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) location_id: Uuid,
    pub(super) room_id: Uuid,
    pub(super) zone: Tz,
    pub(super) weekdays: &'static [Weekday],
    /// Minutes past midnight at which a window opens and closes.
    pub(super) windows: &'static [(u32, u32)],
}

/// The clinic as the story needs it.
#[derive(Debug, Clone)]
pub(super) struct Clinic {
    pub(super) practice_id: Uuid,
    pub(super) opened_at: DateTime<Utc>,
    pub(super) new_patient: Uuid,
    pub(super) follow_up: Uuid,
    pub(super) injections: Uuid,
    pub(super) providers: Vec<Provider>,
    pub(super) front_desk: Uuid,
}

impl Clinic {
    pub(super) const fn type_id(&self, kind: Kind) -> Uuid {
        match kind {
            Kind::NewPatient => self.new_patient,
            Kind::FollowUp => self.follow_up,
            Kind::Injections => self.injections,
        }
    }

    /// The location of each provider, once.
    pub(super) fn locations(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.providers.iter().map(|one| one.location_id).collect();
        ids.dedup();
        ids
    }
}

use Weekday::{Fri, Mon, Thu, Tue, Wed};

const WHOLE_DAY: &[(u32, u32)] = &[(480, 720), (780, 1020)];
const LATER_DAY: &[(u32, u32)] = &[(540, 780), (840, 1080)];
const LONG_MORNING: &[(u32, u32)] = &[(450, 780)];

type Person = (
    &'static str,
    &'static str,
    &'static [Weekday],
    &'static [(u32, u32)],
);
type Site = (&'static str, Tz, &'static str, [Person; 2]);

const SITES: [Site; 2] = [
    (
        "Riverside, New York (made-up)",
        ZONE,
        "12 Sample Quay, New York, NY 10000",
        [
            ("Maya Okafor", "MD", &[Mon, Tue, Wed, Thu, Fri], WHOLE_DAY),
            ("Elias Lindqvist", "DO", &[Mon, Tue, Thu, Fri], LATER_DAY),
        ],
    ),
    (
        "Desert Ridge, Phoenix (made-up)",
        chrono_tz::America::Phoenix,
        "80 Sample Mesa, Phoenix, AZ 85000",
        [
            ("Rosa Delgado", "MD", &[Mon, Tue, Wed, Thu], WHOLE_DAY),
            ("Tomas Becker", "PA-C", &[Mon, Wed, Thu, Fri], LONG_MORNING),
        ],
    ),
];

/// Opens the clinic: its locations, rooms, people and hours.
pub(super) fn found(
    practice_id: Uuid,
    (opened_at, today): (DateTime<Utc>, NaiveDate),
    front_desk: Uuid,
    dice: &mut Dice,
    rows: &mut Rows,
) -> Clinic {
    let mut clinic = Clinic {
        practice_id,
        opened_at,
        new_patient: dice.id(opened_at),
        follow_up: dice.id(opened_at),
        injections: dice.id(opened_at),
        providers: Vec::new(),
        front_desk,
    };
    for kind in [Kind::NewPatient, Kind::FollowUp, Kind::Injections] {
        rows.appointment_types.push(appointment_type(&clinic, kind));
    }
    let valid_from = today.checked_sub_days(Days::new(120)).unwrap_or(today);
    for site in SITES {
        open_site(&mut clinic, site, valid_from, dice, rows);
    }
    clinic
}

/// Opens a location with two rooms and a provider for each.
fn open_site(
    clinic: &mut Clinic,
    (name, zone, address, people): Site,
    valid_from: NaiveDate,
    dice: &mut Dice,
    rows: &mut Rows,
) {
    let (practice_id, opened_at) = (clinic.practice_id, clinic.opened_at);
    let location_id = dice.id(opened_at);
    rows.locations.push(LocationRow {
        practice_id,
        id: location_id,
        name,
        time_zone: zone.name(),
        address,
        version: 1,
        created_at: opened_at,
        updated_at: opened_at,
    });
    for (person, room) in people.into_iter().zip(["Room 1", "Room 2"]) {
        let room_id = dice.id(opened_at);
        rows.rooms.push(RoomRow {
            practice_id,
            id: room_id,
            location_id,
            name: room,
            version: 1,
            created_at: opened_at,
            updated_at: opened_at,
        });
        let (name, credentials, weekdays, windows) = person;
        let provider = Provider {
            id: dice.id(opened_at),
            user_id: dice.id(opened_at),
            location_id,
            room_id,
            zone,
            weekdays,
            windows,
        };
        rows.providers.push(ProviderRow {
            practice_id,
            id: provider.id,
            user_id: Some(provider.user_id),
            name,
            credentials,
            version: 1,
            created_at: opened_at,
            updated_at: opened_at,
        });
        weekly_hours(clinic, &provider, valid_from, dice, rows);
        clinic.providers.push(provider);
    }
}

fn appointment_type(clinic: &Clinic, kind: Kind) -> TypeRow {
    let (name, color) = kind.name_and_color();
    let (buffer_before_minutes, buffer_after_minutes) = kind.buffers();
    TypeRow {
        practice_id: clinic.practice_id,
        id: clinic.type_id(kind),
        name,
        duration_minutes: kind.minutes(),
        buffer_before_minutes,
        buffer_after_minutes,
        needs_room: true,
        patient_bookable: kind != Kind::Injections,
        min_lead_minutes: 1440,
        max_ahead_days: 90,
        cancel_cutoff_minutes: 1440,
        start_every_minutes: kind.grid(),
        color,
        version: 1,
        created_at: clinic.opened_at,
        updated_at: clinic.opened_at,
    }
}

fn weekly_hours(
    clinic: &Clinic,
    provider: &Provider,
    valid_from: NaiveDate,
    dice: &mut Dice,
    rows: &mut Rows,
) {
    let template_id = dice.id(clinic.opened_at);
    rows.availability_templates.push(TemplateRow {
        practice_id: clinic.practice_id,
        id: template_id,
        provider_id: provider.id,
        location_id: provider.location_id,
        valid_from,
        created_at: clinic.opened_at,
        updated_at: clinic.opened_at,
    });
    for weekday in provider.weekdays {
        for (opens_at, closes_at) in provider.windows {
            rows.availability_windows.push(WindowRow {
                practice_id: clinic.practice_id,
                id: dice.id(clinic.opened_at),
                template_id,
                weekday: weekday_word(*weekday),
                opens_at: wall_clock(*opens_at),
                closes_at: wall_clock(*closes_at),
                appointment_type_ids: Vec::new(),
            });
        }
    }
}

/// The wall-clock time that many minutes past midnight.
pub(super) fn wall_clock(minutes: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or_default()
}

const fn weekday_word(weekday: Weekday) -> &'static str {
    match weekday {
        Mon => "monday",
        Tue => "tuesday",
        Wed => "wednesday",
        Thu => "thursday",
        Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}
