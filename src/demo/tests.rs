//! The story holds together before a database sees it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::people::Response;
use super::rows::Rows;
use super::story::{Story, tell};

fn a_wednesday() -> DateTime<Utc> {
    "2026-03-11T15:10:00Z".parse().unwrap()
}

fn relief_in_diary(story: &Story, response: Response) -> (f64, f64) {
    let (mut before, mut after) = ((0, 0), (0, 0));
    for person in story
        .people
        .iter()
        .filter(|one| one.response == response && one.keeps_diary)
    {
        let procedures = story
            .rows
            .procedures
            .iter()
            .filter(|one| one.patient_id == person.id);
        let Some(first) = procedures.filter_map(|one| one.completed_at).min() else {
            continue;
        };
        for entry in story
            .rows
            .diary_entries
            .iter()
            .filter(|one| one.patient_id == person.id)
        {
            let days = (entry.entry_date - first.date_naive()).num_days();
            let counted = match days {
                ..=-1 => &mut before,
                4..=40 => &mut after,
                _ => continue,
            };
            counted.0 += i32::from(entry.headache);
            counted.1 += 1;
        }
    }
    let share = |(headaches, days): (i32, i32)| f64::from(headaches) / f64::from(days);
    (share(before), share(after))
}

#[test]
fn the_same_instant_makes_the_same_rows() {
    assert!(tell(a_wednesday()).rows == tell(a_wednesday()).rows);
}

type Span = (DateTime<Utc>, DateTime<Utc>);

#[test]
fn nobody_and_no_room_is_in_two_places_at_a_time() {
    let Rows {
        resource_bookings, ..
    } = tell(a_wednesday()).rows;
    let mut spans: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    for booking in &resource_bookings {
        spans
            .entry(booking.resource_id)
            .or_default()
            .push((booking.starts_at, booking.ends_at));
    }
    for taken in spans.values_mut() {
        taken.sort();
        for pair in taken.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "{pair:?}");
        }
    }
}

#[test]
fn headaches_fall_after_needles_for_those_who_respond_and_stay_for_those_who_do_not() {
    let story = tell(a_wednesday());
    let (before, after) = relief_in_diary(&story, Response::Good);
    assert!(after < before * 0.6, "{before} to {after}");
    let (before, after) = relief_in_diary(&story, Response::None);
    assert!(after > before * 0.85, "{before} to {after}");
}

#[test]
fn points_persist_resolve_and_recur() {
    let story = tell(a_wednesday());
    for course in ["new", "persistent", "resolved", "recurred"] {
        let count = story
            .rows
            .palpations
            .iter()
            .filter(|one| one.course == course)
            .count();
        assert!(count > 20, "{count} {course}");
    }
}

#[test]
fn a_lot_holds_what_came_in_less_what_was_drawn() {
    let story = tell(a_wednesday());
    for lot in &story.rows.lots {
        let moved = story
            .rows
            .stock_movements
            .iter()
            .filter(|one| one.lot_id == lot.id);
        let left: rust_decimal::Decimal = moved.map(|one| one.change_ml.0).sum();
        assert_eq!(left, lot.remaining_ml.0);
    }
    let recalled = story
        .rows
        .lots
        .iter()
        .find(|lot| lot.status == "recalled")
        .unwrap();
    assert!(
        story
            .rows
            .solution_components
            .iter()
            .any(|one| one.lot_id == recalled.id)
    );
}

#[test]
fn no_more_is_injected_than_was_drawn_up() {
    let story = tell(a_wednesday());
    for solution in &story.rows.solutions {
        let injected: rust_decimal::Decimal = story
            .rows
            .injections
            .iter()
            .filter(|one| one.solution_id == Some(solution.id))
            .map(|one| one.volume_ml.0)
            .sum();
        assert!(injected > rust_decimal::Decimal::ZERO && injected <= solution.volume_ml.0);
    }
}

#[test]
fn whoever_signs_in_as_a_patient_has_a_past_and_something_before_them() {
    for hours in 0..60 {
        let now = a_wednesday() + chrono::TimeDelta::hours(hours * 5);
        let story = tell(now);
        for person in story.people.iter().take(2) {
            let theirs = |id: Uuid| id == person.id;
            assert!(story.rows.visits.iter().any(|one| theirs(one.patient_id)));
            assert!(
                story
                    .rows
                    .procedures
                    .iter()
                    .any(|one| theirs(one.patient_id))
            );
            assert!(
                story
                    .rows
                    .follow_ups
                    .iter()
                    .any(|one| theirs(one.patient_id) && one.status == "open")
            );
            let expected = |status: &str| ["booked", "confirmed"].contains(&status);
            assert!(story.rows.appointments.iter().any(|one| {
                theirs(one.patient_id) && one.starts_at > now && expected(one.status)
            }));
        }
    }
}

#[test]
fn the_day_board_of_a_morning_shows_every_state() {
    let story = tell(a_wednesday());
    let now = a_wednesday();
    let today = story
        .rows
        .appointments
        .iter()
        .filter(|one| (one.starts_at - now).abs() < chrono::TimeDelta::hours(9));
    let states: Vec<&str> = today.map(|one| one.status).collect();
    for status in ["completed", "in_progress", "confirmed"] {
        assert!(states.contains(&status), "{status}: {states:?}");
    }
    assert!(
        states.iter().any(|one| ["arrived", "roomed"].contains(one)),
        "{states:?}"
    );
}

#[test]
fn nothing_has_happened_that_is_yet_to_come() {
    let now = a_wednesday();
    let rows = tell(now).rows;
    assert!(
        rows.appointment_changes
            .iter()
            .all(|one| one.changed_at <= now)
    );
    assert!(rows.signatures.iter().all(|one| one.signed_at <= now));
    assert!(
        rows.follow_ups
            .iter()
            .filter_map(|one| one.closed_at)
            .all(|at| at <= now)
    );
    assert!(rows.injections.iter().all(|one| one.injected_at <= now));
    assert!(rows.diary_entries.iter().all(|one| one.updated_at <= now));
}
