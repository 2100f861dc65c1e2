//! The follow-ups of procedures, and their results.
//!
//! The steps are those of the shipped protocol: a call after one to three days, a visit after two
//! to four weeks, questionnaires after six and twelve. Most are done in time, some are still open.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::local_time::{local_date, local_day_bounds};

use super::calendar::{Appointment, Status};
use super::clinic::{Clinic, Provider};
use super::course::relief;
use super::dice::Dice;
use super::people::{Person, Response};
use super::present::{Present, day_from};
use super::rows::{AttemptRow, FollowUpRow, Rows};

/// A session that asks for follow-ups.
pub(super) struct Session<'a> {
    pub(super) person: &'a Person,
    pub(super) provider: &'a Provider,
    pub(super) procedure_id: Uuid,
    pub(super) done_at: DateTime<Utc>,
    /// The visit booked to look at the result.
    pub(super) review: Option<&'a Appointment>,
}

/// The questions that every call asks.
const SCREEN: [&str; 11] = [
    "chest_pain",
    "breathlessness",
    "fever",
    "weakness",
    "spreading_redness",
    "soreness",
    "bruising",
    "bleeding",
    "dizziness",
    "worse_headache",
    "other",
];

const LASTING: &str = "How your headaches have been since the treatment";

/// Writes the follow-ups of a session as they stand now.
pub(super) fn record(
    clinic: &Clinic,
    session: &Session<'_>,
    present: Present,
    (dice, rows): (&mut Dice, &mut Rows),
) {
    let call = (
        session.done_at + TimeDelta::hours(24),
        session.done_at + TimeDelta::hours(72),
    );
    let mut first_call = open(clinic, session, ("call", "first_call"), call, dice);
    "How you have been in the first days after the treatment".clone_into(&mut first_call.reason);
    let tries = telephone(&mut first_call, clinic, session, present, dice);
    rows.follow_up_attempts.extend(tries);
    let mut visit = open(
        clinic,
        session,
        ("visit", "review_visit"),
        days(session, 14, 28),
        dice,
    );
    "Looking at the treated muscles and what has changed".clone_into(&mut visit.reason);
    review(&mut visit, session);
    rows.follow_ups.extend([first_call, visit]);
    for (step, from, to) in [
        ("questionnaire_6_weeks", 42, 49),
        ("questionnaire_12_weeks", 84, 91),
    ] {
        let window = days(session, from, to);
        let mut asked = open(clinic, session, ("questionnaire", step), window, dice);
        answer(&mut asked, session, present, dice);
        rows.follow_ups.push(asked);
    }
}

/// Whole calendar days where the session was.
fn days(session: &Session<'_>, from: i32, to: i32) -> (DateTime<Utc>, DateTime<Utc>) {
    let done_on = local_date(session.provider.zone, session.done_at);
    let day = |count| local_day_bounds(session.provider.zone, day_from(done_on, count));
    (
        day(from).map_or(session.done_at, |day| day.starts_at()),
        day(to).map_or(session.done_at, |day| day.ends_at()),
    )
}

fn open(
    clinic: &Clinic,
    session: &Session<'_>,
    (kind, step): (&'static str, &'static str),
    (due_from, due_by): (DateTime<Utc>, DateTime<Utc>),
    dice: &mut Dice,
) -> FollowUpRow {
    FollowUpRow {
        practice_id: clinic.practice_id,
        id: dice.id(session.done_at),
        patient_id: session.person.id,
        kind,
        reason: LASTING.to_owned(),
        due_from,
        due_by,
        procedure_id: Some(session.procedure_id),
        protocol_step: Some(step),
        appointment_id: None,
        urgent: false,
        status: "open",
        attempt_count: 0,
        last_attempt_at: None,
        outcome: None,
        symptoms_asked: None,
        adverse_symptoms: Vec::new(),
        relief_percent: None,
        next_step: None,
        cancel_reason: None,
        closed_at: None,
        closed_by: None,
        version: 1,
        created_at: session.done_at,
        updated_at: session.done_at,
    }
}

fn close(row: &mut FollowUpRow, status: &'static str, at: DateTime<Utc>, by: Uuid) {
    row.status = status;
    row.closed_at = Some(at);
    row.closed_by = Some(by);
    row.version += 1;
    row.updated_at = at;
}

fn telephone(
    row: &mut FollowUpRow,
    clinic: &Clinic,
    session: &Session<'_>,
    present: Present,
    dice: &mut Dice,
) -> Vec<AttemptRow> {
    let called_at = row.due_from + TimeDelta::hours(i64::from(dice.between(1, 30)));
    let luck = dice.between(1, 100);
    if called_at >= present.now || luck <= 4 {
        return Vec::new();
    }
    if luck <= 8 {
        return in_vain(row, clinic, (called_at, present), dice);
    }
    close(row, "done", called_at, session.provider.user_id);
    let (text, symptoms) = match dice.between(1, 100) {
        ..=45 => ("Sore for a day, better since.", vec!["soreness"]),
        46..=60 => ("A small bruise, no other complaints.", vec!["bruising"]),
        61..=67 => (
            "Light-headed on the way home, well since.",
            vec!["dizziness"],
        ),
        _ => ("No complaints.", Vec::new()),
    };
    row.outcome = Some(text.to_owned());
    row.adverse_symptoms = symptoms;
    row.relief_percent = Some(eased(session.person.response, dice));
    row.symptoms_asked = Some(SCREEN.to_vec());
    row.next_step = Some("Stretch, keep moving, come to the review visit.");
    Vec::new()
}

/// Two tries: the first got no answer, and an hour later a message was left. The call stays due.
fn in_vain(
    row: &mut FollowUpRow,
    clinic: &Clinic,
    (called_at, present): (DateTime<Utc>, Present),
    dice: &mut Dice,
) -> Vec<AttemptRow> {
    let again = called_at + TimeDelta::hours(1);
    let tries = [(called_at, "no_answer"), (again, "left_message")];
    let mut attempts = Vec::new();
    for (attempted_at, result) in tries.into_iter().filter(|(at, _)| *at < present.now) {
        row.attempt_count += 1;
        row.last_attempt_at = Some(attempted_at);
        row.version += 1;
        row.updated_at = attempted_at;
        attempts.push(AttemptRow {
            practice_id: clinic.practice_id,
            id: dice.id(attempted_at),
            patient_id: row.patient_id,
            follow_up_id: row.id,
            result,
            attempted_by: clinic.front_desk,
            attempted_at,
        });
    }
    attempts
}

fn eased(response: Response, dice: &mut Dice) -> i16 {
    match response {
        Response::Good => 5 * dice.small(11, 17),
        Response::Partial => 5 * dice.small(6, 9),
        Response::None => 5 * dice.small(0, 3),
    }
}

fn review(row: &mut FollowUpRow, session: &Session<'_>) {
    let Some(appointment) = session.review else {
        return;
    };
    row.appointment_id = Some(appointment.id);
    row.version += 1;
    if appointment.status == Status::Completed {
        close(row, "done", appointment.ends_at(), session.provider.user_id);
        let relieved = relief(
            session.person.response,
            &[session.done_at],
            appointment.starts_at,
        );
        row.relief_percent = i16::try_from(relieved).ok();
        row.outcome = Some(format!("Seen; about {relieved} % better than before."));
    }
}

fn answer(row: &mut FollowUpRow, session: &Session<'_>, present: Present, dice: &mut Dice) {
    let answered_at = row.due_from + TimeDelta::hours(i64::from(dice.between(10, 150)));
    if answered_at >= present.now || dice.chance(14) {
        return;
    }
    close(row, "done", answered_at, session.provider.user_id);
    let relieved = relief(session.person.response, &[session.done_at], answered_at);
    row.relief_percent = i16::try_from(relieved).ok();
    row.outcome = Some("Questionnaire returned.".to_owned());
}
