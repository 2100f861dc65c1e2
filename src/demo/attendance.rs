//! How appointments went: who came when, and every change of state with its instant.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{Appointment, Purpose, Status};
use super::clinic::{Clinic, Provider};
use super::dice::Dice;
use super::people::Person;
use super::present::{Present, minutes};
use super::rows::{AppointmentRow, BookingRow, ChangeRow, Rows};

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Arrived => "arrived",
            Self::Roomed => "roomed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}

/// One step: what was done, what it led to, and when.
type Step = (&'static str, Status, DateTime<Utc>);

/// The steps that led to where an appointment stands.
fn steps(appointment: &Appointment, present: Present, dice: &mut Dice) -> Vec<Step> {
    let starts_at = appointment.starts_at;
    let booked = ("book", Status::Booked, appointment.booked_at);
    let reminded = (starts_at - TimeDelta::days(2)).max(appointment.booked_at + minutes(5));
    let confirmed = (
        "confirm",
        Status::Confirmed,
        reminded.min(present.now - minutes(70)),
    );
    let before_now = |at: DateTime<Utc>, ago: i32| at.min(present.now - minutes(ago));
    let arrived = (
        "check_in",
        Status::Arrived,
        before_now(starts_at - minutes(dice.between(8, 16)), 6),
    );
    let roomed = (
        "room",
        Status::Roomed,
        before_now(starts_at - minutes(dice.between(1, 5)), 2),
    );
    let begun = ("start", Status::InProgress, starts_at);
    let over = (
        "complete",
        Status::Completed,
        appointment.ends_at() - minutes(dice.between(0, 4)),
    );
    match appointment.status {
        Status::Booked => vec![booked],
        Status::Confirmed => vec![booked, confirmed],
        Status::Arrived => vec![booked, confirmed, arrived],
        Status::Roomed => vec![booked, confirmed, arrived, roomed],
        Status::InProgress => vec![booked, confirmed, arrived, roomed, begun],
        Status::Completed => vec![booked, confirmed, arrived, roomed, begun, over],
        Status::Cancelled => {
            let called = (starts_at - TimeDelta::hours(i64::from(dice.between(3, 70))))
                .max(appointment.booked_at + minutes(30));
            vec![
                booked,
                (
                    "cancel",
                    Status::Cancelled,
                    called.min(present.now - minutes(30)),
                ),
            ]
        }
        Status::NoShow => vec![
            booked,
            confirmed,
            ("no_show", Status::NoShow, starts_at + minutes(20)),
        ],
    }
}

const CANCEL_REASONS: [&str; 4] = [
    "patient_request",
    "illness",
    "provider_unavailable",
    "weather",
];

/// Writes an appointment, what it takes up, and its history.
pub(super) fn record(
    clinic: &Clinic,
    (person, provider): (&Person, &Provider),
    appointment: &Appointment,
    present: Present,
    (dice, rows): (&mut Dice, &mut Rows),
) {
    let steps = steps(appointment, present, dice);
    let at = |wanted: Status| {
        steps
            .iter()
            .find(|step| step.1 == wanted)
            .map(|step| step.2)
    };
    let changed_at = steps.last().map_or(appointment.booked_at, |step| step.2);
    rows.appointments.push(AppointmentRow {
        practice_id: clinic.practice_id,
        id: appointment.id,
        patient_id: person.id,
        provider_id: provider.id,
        location_id: provider.location_id,
        room_id: Some(provider.room_id),
        appointment_type_id: clinic.type_id(appointment.purpose.kind()),
        status: appointment.status.word(),
        starts_at: appointment.starts_at,
        ends_at: appointment.ends_at(),
        reason: Some(reason(appointment.purpose)),
        cancel_reason_code: (appointment.status == Status::Cancelled)
            .then(|| *dice.pick(&CANCEL_REASONS)),
        arrived_at: at(Status::Arrived),
        roomed_at: at(Status::Roomed),
        started_at: at(Status::InProgress),
        completed_at: at(Status::Completed),
        cancelled_at: at(Status::Cancelled),
        undoable_steps: i16::try_from(steps.len() - 1).unwrap_or(0),
        version: i64::try_from(steps.len()).unwrap_or(1),
        created_at: appointment.booked_at,
        updated_at: changed_at,
    });
    for (version, (change, status, at)) in (1..).zip(&steps) {
        rows.appointment_changes.push(ChangeRow {
            practice_id: clinic.practice_id,
            id: dice.id(*at),
            appointment_id: appointment.id,
            patient_id: person.id,
            change,
            status: status.word(),
            starts_at: appointment.starts_at,
            provider_id: provider.id,
            location_id: provider.location_id,
            room_id: Some(provider.room_id),
            reason: None,
            version,
            changed_by: clinic.front_desk,
            changed_at: *at,
        });
    }
    take_up(clinic, (person, provider), appointment, (dice, rows));
}

fn take_up(
    clinic: &Clinic,
    (person, provider): (&Person, &Provider),
    appointment: &Appointment,
    (dice, rows): (&mut Dice, &mut Rows),
) {
    if !appointment.stands() {
        return;
    }
    let blocked = appointment.blocked();
    let there = (appointment.starts_at, appointment.ends_at());
    for (resource_kind, resource_id, (starts_at, ends_at), location_id) in [
        ("provider", provider.id, blocked, None),
        (
            "room",
            provider.room_id,
            blocked,
            Some(provider.location_id),
        ),
        ("patient", person.id, there, None),
    ] {
        rows.resource_bookings.push(BookingRow {
            practice_id: clinic.practice_id,
            id: dice.id(appointment.booked_at),
            resource_id,
            resource_kind,
            appointment_id: Some(appointment.id),
            starts_at,
            ends_at,
            location_id,
        });
    }
}

const fn reason(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Intake => "Headaches, first visit",
        Purpose::Needles => "Treatment of trigger points",
        Purpose::Review => "How the headaches have been",
    }
}
