//! What may happen to an appointment when.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::etag::Version;

use super::appointment::*;
use super::appointment_status::*;

const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

fn appointment(status: Status) -> Appointment {
    let id = Uuid::from_u128(7);
    Appointment {
        id: id.into(),
        patient_id: id.into(),
        appointment_type_id: id.into(),
        place: Place {
            provider_id: id.into(),
            location_id: id.into(),
            room_id: None,
            starts_at: NOW,
            ends_at: NOW + TimeDelta::minutes(30),
        },
        status,
        reason: None,
        note: None,
        override_reason: None,
        cancellation: None,
        series: None,
        milestones: Milestones::default(),
        undoable_steps: 0,
        version: Version::FIRST,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn cancellation() -> Cancellation {
    Cancellation::told(CancelReason::Weather, None)
}

fn carry_out(appointment: &Appointment, act: Act) -> Option<Result<Change, WrongStatus>> {
    Some(match act {
        Act::Book | Act::Undo => return None,
        Act::ChangeReason => appointment.change_reason(Some("Neck pain".to_owned()), NOW),
        Act::Confirm => appointment.confirm(NOW),
        Act::CheckIn => appointment.check_in(NOW),
        Act::Room => appointment.show_to_room(None, NOW),
        Act::Start => appointment.start(NOW),
        Act::Complete => appointment.complete(NOW),
        Act::Cancel => appointment.cancel(cancellation(), NOW),
        Act::NoShow => appointment.miss(NOW),
        Act::Reschedule => appointment.reschedule(an_hour_later(appointment.place), NOW),
        Act::ChangeRoom => appointment.change_room(Some(Uuid::from_u128(8).into()), NOW),
        Act::Swap => appointment.swap(an_hour_later(appointment.place), NOW),
        Act::ChangeType => {
            let of_type = appointment.appointment_type_id;
            appointment.change_type(of_type, appointment.place, NOW)
        }
        Act::ReplacePatient => appointment.replace_patient(Uuid::from_u128(8).into(), NOW),
        Act::ChangeNote => appointment.change_note(Some("Call first".to_owned()), NOW),
    })
}

#[test]
fn only_what_the_table_names_can_happen() {
    use Status as S;
    let table = [
        (Act::Confirm, vec![(S::Booked, S::Confirmed)]),
        (
            Act::CheckIn,
            vec![(S::Booked, S::Arrived), (S::Confirmed, S::Arrived)],
        ),
        (
            Act::Room,
            vec![(S::Arrived, S::Roomed), (S::Roomed, S::Roomed)],
        ),
        (
            Act::Start,
            vec![(S::Arrived, S::InProgress), (S::Roomed, S::InProgress)],
        ),
        (Act::Complete, vec![(S::InProgress, S::Completed)]),
        (
            Act::Cancel,
            vec![
                (S::Booked, S::Cancelled),
                (S::Confirmed, S::Cancelled),
                (S::Arrived, S::Cancelled),
                (S::Roomed, S::Cancelled),
            ],
        ),
        (
            Act::NoShow,
            vec![(S::Booked, S::NoShow), (S::Confirmed, S::NoShow)],
        ),
        (
            Act::Reschedule,
            vec![(S::Booked, S::Booked), (S::Confirmed, S::Booked)],
        ),
    ];
    for (act, steps) in table {
        for from in Status::ALL {
            let expected = steps.iter().find(|step| step.0 == *from).map(|step| step.1);
            let before = appointment(*from);
            let outcome = carry_out(&before, act).unwrap();
            if let Some(to) = expected {
                let after = outcome.unwrap().after().clone();
                assert_eq!(after.status, to, "{act} from {from}");
                assert_eq!(after.version, before.version.next());
                assert!(before.allowed().contains(&act));
            } else {
                let refused = outcome.unwrap_err();
                assert_eq!(refused.status, *from, "{act} from {from}");
                assert!(!refused.allowed.contains(&act));
            }
        }
    }
}

#[test]
fn what_keeps_the_status_is_allowed_by_the_status_and_keeps_what_was_confirmed() {
    use Status as S;
    let table = [
        (
            Act::ChangeRoom,
            vec![
                S::Booked,
                S::Confirmed,
                S::Arrived,
                S::Roomed,
                S::InProgress,
            ],
        ),
        (
            Act::ChangeType,
            vec![
                S::Booked,
                S::Confirmed,
                S::Arrived,
                S::Roomed,
                S::InProgress,
            ],
        ),
        (
            Act::ReplacePatient,
            vec![S::Booked, S::Confirmed, S::Arrived, S::Roomed],
        ),
        (Act::Swap, vec![S::Booked, S::Confirmed]),
        (Act::ChangeNote, S::ALL.to_vec()),
    ];
    for (act, statuses) in table {
        for from in S::ALL {
            let outcome = carry_out(&appointment(*from), act).unwrap();
            match outcome {
                Ok(change) => assert_eq!(change.after().status, *from, "{act}"),
                Err(refused) => assert_eq!(refused.status, *from, "{act}"),
            }
            let is_allowed = carry_out(&appointment(*from), act).unwrap().is_ok();
            assert_eq!(is_allowed, statuses.contains(from), "{act} from {from}");
        }
    }
    let confirmed = appointment(S::Confirmed);
    let mut place = confirmed.place;
    place.room_id = Some(Uuid::from_u128(8).into());
    let moved = confirmed.reschedule(place, NOW).unwrap();
    assert_eq!(
        moved.after().status,
        S::Confirmed,
        "only the room is another one"
    );
}

/// The appointment after these steps, and its history.
fn happen(acts: &[Act]) -> (Appointment, Vec<PastStep>) {
    let mut now = appointment(Status::Booked);
    let mut history = vec![line(Act::Book, &now)];
    for act in acts {
        let outcome = if *act == Act::Reschedule {
            now.reschedule(an_hour_later(now.place), NOW)
        } else {
            carry_out(&now, *act).unwrap()
        };
        now = outcome.unwrap().after().clone();
        history.push(line(*act, &now));
    }
    (now, history)
}

fn line(act: Act, after: &Appointment) -> PastStep {
    PastStep {
        act,
        status: after.status,
        provider_id: after.place.provider_id,
        location_id: after.place.location_id,
        room_id: after.place.room_id,
        starts_at: after.place.starts_at,
    }
}

fn an_hour_later(place: Place) -> Place {
    Place {
        starts_at: place.starts_at + TimeDelta::hours(1),
        ends_at: place.ends_at + TimeDelta::hours(1),
        ..place
    }
}

#[test]
fn steps_are_undone_one_by_one_back_to_the_booking() {
    let (mut now, mut history) = happen(&[Act::Confirm, Act::CheckIn, Act::Cancel]);
    for expected in [Status::Arrived, Status::Confirmed, Status::Booked] {
        assert!(now.allowed().contains(&Act::Undo));
        let last = now.last_step(&history).unwrap();
        now = now.undo(&last, now.place, NOW).after().clone();
        assert_eq!(now.status, expected);
        assert_eq!(now.cancellation, None);
        history.push(line(Act::Undo, &now));
    }
    assert!(!now.allowed().contains(&Act::Undo));
    assert_eq!(
        now.last_step(&history).unwrap_err().allowed,
        appointment(Status::Booked).allowed()
    );
}

#[test]
fn a_move_is_undone_to_where_and_what_the_appointment_was_before() {
    let (moved, history) = happen(&[Act::Confirm, Act::Reschedule, Act::Reschedule]);
    let last = moved.last_step(&history).unwrap();
    assert_eq!(last.act, Act::Reschedule);
    assert_eq!(last.before.starts_at, NOW + TimeDelta::hours(1));
    assert_eq!(last.before.status, Status::Booked);
    let (once, history) = happen(&[Act::Confirm, Act::Reschedule]);
    let last = once.last_step(&history).unwrap();
    let before = appointment(Status::Booked).place;
    assert_eq!(last.before.starts_at, before.starts_at);
    let back = once.undo(&last, before, NOW).after().clone();
    assert_eq!((back.status, back.place), (Status::Confirmed, before));
    assert_eq!(back.undoable_steps, 1);
}

#[test]
fn steps_that_a_visit_stands_on_stay() {
    let (completed, history) = happen(&[Act::CheckIn, Act::Start, Act::Complete]);
    let (in_progress, earlier) = happen(&[Act::CheckIn, Act::Start]);
    let reopened = completed.last_step(&history).unwrap();
    let unseen = in_progress.last_step(&earlier).unwrap();
    let (open, signed) = (Some(VisitState::Open), Some(VisitState::Signed));
    assert_eq!(completed.require_undoable(&reopened, None), Ok(()));
    assert_eq!(completed.require_undoable(&reopened, open), Ok(()));
    assert_eq!(in_progress.require_undoable(&unseen, None), Ok(()));
    for refused in [
        completed.require_undoable(&reopened, signed),
        in_progress.require_undoable(&unseen, open),
        in_progress.require_undoable(&unseen, signed),
    ] {
        assert!(!refused.unwrap_err().allowed.contains(&Act::Undo));
    }
}

#[test]
fn why_the_patient_comes_changes_until_it_is_over_and_keeps_what_was_told() {
    for status in Status::ALL.iter().copied() {
        let mut before = appointment(status);
        before.reason = Some("Headache".to_owned());
        before.undoable_steps = 3;
        let outcome = before.change_reason(None, NOW);
        let is_over = matches!(
            status,
            Status::Completed | Status::Cancelled | Status::NoShow
        );
        if is_over {
            assert_eq!(
                outcome.unwrap_err(),
                before.wrong_status(Act::ChangeReason),
                "{status}"
            );
            continue;
        }
        let change = outcome.unwrap();
        assert_eq!(change.reason(), Some("Headache"), "{status}");
        let expected = Appointment {
            reason: None,
            version: before.version.next(),
            ..before
        };
        assert_eq!(change.after(), &expected);
    }
}

#[test]
fn undoing_passes_over_what_is_no_step() {
    let acts = [
        Act::ChangeReason,
        Act::Confirm,
        Act::ChangeReason,
        Act::CheckIn,
        Act::ChangeReason,
    ];
    let (mut now, mut history) = happen(&acts);
    assert_eq!(now.undoable_steps, 2);
    for (act, expected) in [
        (Act::CheckIn, Status::Confirmed),
        (Act::Confirm, Status::Booked),
    ] {
        let last = now.last_step(&history).unwrap();
        assert_eq!(last.act, act);
        now = now.undo(&last, now.place, NOW).after().clone();
        assert_eq!(now.status, expected);
        history.push(line(Act::Undo, &now));
        now = now.change_reason(None, NOW).unwrap().after().clone();
        history.push(line(Act::ChangeReason, &now));
    }
    assert!(now.last_step(&history).is_err());
    assert!(!now.allowed().contains(&Act::Undo));
}

#[test]
fn undoing_forgets_when_the_step_was_reached() {
    let (arrived, history) = happen(&[Act::CheckIn]);
    assert_eq!(arrived.milestones.arrived_at, Some(NOW));
    let last = arrived.last_step(&history).unwrap();
    let undone = arrived.undo(&last, arrived.place, NOW);
    assert_eq!(undone.after().milestones, Milestones::default());
}
