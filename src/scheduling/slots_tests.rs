//! The rules of slots, one by one.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use chrono_tz::{America::New_York, Australia::Lord_Howe};
use uuid::Uuid;

use super::desk::Desk;
use super::merge_slots::{SlotPage, SlotSearch, slots};
use super::provider_calendar::{
    AppointmentRules, CallerRules, Group, Groups, LocationCalendar, PatientCalendar,
    ProviderCalendar, RoomCalendar,
};
use super::slots::SlotRefused;
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::{self, WallClock};

const ANNA: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);
const NORTH: Uuid = Uuid::from_u128(10);
const ROOM_1: Uuid = Uuid::from_u128(21);
const ROOM_2: Uuid = Uuid::from_u128(22);

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A wall-clock time of 4 May 2026 in New York.
fn clock(time: &str) -> DateTime<Utc> {
    at(&format!("2026-05-04T{time}:00-04:00"))
}

fn set(spans: &[(&str, &str)]) -> IntervalSet {
    spans
        .iter()
        .filter_map(|(from, to)| Interval::new(clock(from), clock(to)))
        .collect()
}

fn day() -> Interval {
    Interval::new(clock("00:00"), clock("23:59")).unwrap()
}

fn half_hour() -> AppointmentRules {
    AppointmentRules {
        duration_minutes: NonZeroU32::new(30).unwrap(),
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        needs_room: false,
        capacity: NonZeroU32::MIN,
        start_every_minutes: NonZeroU32::new(15).unwrap(),
        min_lead_minutes: 0,
        max_ahead_days: 60,
    }
}

fn year() -> Interval {
    Interval::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap()
}

fn location(rooms: Vec<RoomCalendar>) -> LocationCalendar {
    LocationCalendar {
        location_id: NORTH,
        clock: WallClock::over(New_York, &year()),
        rooms,
        patient: PatientCalendar::default(),
    }
}

fn room(room_id: Uuid, busy: &[(&str, &str)]) -> RoomCalendar {
    RoomCalendar {
        room_id,
        busy: set(busy),
    }
}

fn search(rules: AppointmentRules) -> SlotSearch {
    let caller = CallerRules::for_staff(clock("00:00"));
    SlotSearch {
        rules,
        caller,
        starts: day(),
        after: None,
    }
}

/// The wall-clock starts offered by one provider in these hours with these bookings.
fn starts(
    rules: AppointmentRules,
    location: &LocationCalendar,
    open: &[(&str, &str)],
    busy: &[(&str, &str)],
) -> Vec<String> {
    let busy = set(busy);
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location,
        open: set(open),
        busy: &busy,
        groups: Groups::new(),
    };
    let caller = CallerRules::for_staff(clock("00:00"));
    Desk {
        calendar: &calendar,
        rules,
        caller,
    }
    .offers(day())
    .map(|slot| {
        slot.starts_at
            .with_timezone(&New_York)
            .format("%H:%M")
            .to_string()
    })
    .collect()
}

fn refusal(rules: AppointmentRules, caller: CallerRules, start: &str) -> Option<SlotRefused> {
    let location = location(vec![room(ROOM_1, &[("09:00", "10:00")])]);
    let busy = set(&[("10:00", "10:30")]);
    let open = set(&[("08:00", "12:00")]);
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open,
        busy: &busy,
        groups: Groups::new(),
    };
    Desk {
        calendar: &calendar,
        rules,
        caller,
    }
    .check(clock(start), None)
    .err()
}

#[test]
fn the_last_slot_ends_when_the_window_does() {
    let offered = starts(half_hour(), &location(vec![]), &[("08:00", "09:00")], &[]);
    assert_eq!(offered, ["08:00", "08:15", "08:30"]);
}

#[test]
fn an_appointment_may_span_two_windows_that_touch() {
    let windows = [("08:00", "08:20"), ("08:20", "08:45")];
    let offered = starts(half_hour(), &location(vec![]), &windows, &[]);
    assert_eq!(offered, ["08:00", "08:15"]);
}

#[test]
fn a_window_that_opens_off_the_grid_offers_the_next_start_on_it() {
    let offered = starts(half_hour(), &location(vec![]), &[("08:05", "08:50")], &[]);
    assert_eq!(offered, ["08:15"]);
}

#[test]
fn buffers_block_the_provider_and_may_reach_outside_the_hours() {
    let rules = AppointmentRules {
        buffer_before_minutes: 15,
        buffer_after_minutes: 15,
        ..half_hour()
    };
    let offered = starts(
        rules,
        &location(vec![]),
        &[("08:00", "11:00")],
        &[("09:15", "09:30")],
    );
    assert_eq!(
        offered,
        [
            "08:00", "08:15", "08:30", "09:45", "10:00", "10:15", "10:30"
        ]
    );
}

#[test]
fn buffers_block_the_room() {
    let rules = AppointmentRules {
        needs_room: true,
        buffer_after_minutes: 15,
        ..half_hour()
    };
    let one_room = location(vec![room(ROOM_1, &[("08:45", "09:00")])]);
    let offered = starts(rules, &one_room, &[("08:00", "09:30")], &[]);
    assert_eq!(offered, ["08:00", "09:00"]);
}

#[test]
fn only_the_rooms_that_are_free_are_named() {
    let rules = AppointmentRules {
        needs_room: true,
        ..half_hour()
    };
    let rooms = vec![
        room(ROOM_1, &[("08:00", "09:00")]),
        room(ROOM_2, &[("08:30", "09:00")]),
    ];
    let location = location(rooms);
    let nothing = IntervalSet::default();
    let open = set(&[("08:00", "09:30")]);
    let calendars = [ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open,
        busy: &nothing,
        groups: Groups::new(),
    }];
    let rooms: Vec<_> = slots(&calendars, search(rules))
        .map(|slot| slot.free_room_ids)
        .collect();
    assert_eq!(rooms, [vec![ROOM_2], vec![ROOM_1, ROOM_2]]);
}

#[test]
fn a_type_that_needs_a_room_is_not_offered_where_there_is_none() {
    let rules = AppointmentRules {
        needs_room: true,
        ..half_hour()
    };
    assert!(starts(rules, &location(vec![]), &[("08:00", "12:00")], &[]).is_empty());
    assert!(!starts(half_hour(), &location(vec![]), &[("08:00", "12:00")], &[]).is_empty());
}

#[test]
fn each_rule_has_a_refusal_of_its_own() {
    let rules = AppointmentRules {
        needs_room: true,
        ..half_hour()
    };
    let caller = CallerRules {
        earliest: clock("08:15"),
        latest: clock("11:15"),
    };
    assert_eq!(refusal(rules, caller, "08:00"), Some(SlotRefused::TooSoon));
    assert_eq!(refusal(rules, caller, "08:15"), None);
    assert_eq!(refusal(rules, caller, "08:20"), Some(SlotRefused::OffGrid));
    assert_eq!(
        refusal(rules, caller, "09:00"),
        Some(SlotRefused::NoRoomFree)
    );
    assert_eq!(
        refusal(rules, caller, "10:00"),
        Some(SlotRefused::ProviderBusy)
    );
    assert_eq!(refusal(rules, caller, "11:15"), None);
    assert_eq!(refusal(rules, caller, "11:30"), Some(SlotRefused::TooFar));
    let staff = CallerRules::for_staff(clock("00:00"));
    assert_eq!(
        refusal(rules, staff, "11:45"),
        Some(SlotRefused::OutsideHours)
    );
}

#[test]
fn a_named_room_must_be_free_itself() {
    let location = location(vec![room(ROOM_1, &[("09:00", "10:00")]), room(ROOM_2, &[])]);
    let nothing = IntervalSet::default();
    let open = set(&[("08:00", "12:00")]);
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open,
        busy: &nothing,
        groups: Groups::new(),
    };
    let caller = CallerRules::for_staff(clock("00:00"));
    let desk = Desk {
        calendar: &calendar,
        rules: half_hour(),
        caller,
    };
    let refused = desk.check(clock("09:00"), Some(ROOM_1));
    assert_eq!(refused, Err(SlotRefused::RoomNotFree));
    assert!(desk.check(clock("09:00"), Some(ROOM_2)).is_ok());
}

#[test]
fn patients_keep_to_lead_time_and_horizon_and_staff_only_to_the_present() {
    let rules = AppointmentRules {
        min_lead_minutes: 120,
        max_ahead_days: 2,
        ..half_hour()
    };
    let now = clock("08:00");
    let patient = CallerRules::for_patient(now, &rules);
    assert_eq!(patient.earliest, clock("10:00"));
    assert_eq!(patient.latest, at("2026-05-06T08:00:00-04:00"));
    let staff = CallerRules::for_staff(now);
    assert_eq!(staff.earliest, now);
    assert!(staff.latest > at("9999-01-01T00:00:00Z"));
}

#[test]
fn slots_of_several_providers_come_in_order_and_page_without_loss() {
    let location = location(vec![]);
    let nothing = IntervalSet::default();
    let calendar = |provider_id, open: &[(&str, &str)]| ProviderCalendar {
        provider_id,
        location: &location,
        open: set(open),
        busy: &nothing,
        groups: Groups::new(),
    };
    let calendars = [
        calendar(BEN, &[("08:00", "09:00")]),
        calendar(ANNA, &[("08:15", "09:00")]),
    ];
    let all: Vec<_> = slots(&calendars, search(half_hour())).collect();
    let order: Vec<_> = all
        .iter()
        .map(|slot| (slot.starts_at, slot.provider_id))
        .collect();
    assert_eq!(
        order,
        [
            (clock("08:00"), BEN),
            (clock("08:15"), ANNA),
            (clock("08:15"), BEN),
            (clock("08:30"), ANNA),
            (clock("08:30"), BEN),
        ]
    );
    let page =
        |search, limit| SlotPage::of(slots(&calendars, search).take(limit + 1).collect(), limit);
    let first = page(search(half_hour()), 2);
    let rest = SlotSearch {
        after: first.next,
        ..search(half_hour())
    };
    let second = page(rest, 3);
    assert_eq!([first.slots, second.slots].concat(), all);
    assert_eq!(second.next, None);
}

#[test]
fn the_grid_keeps_to_the_wall_clock_after_a_half_hour_change() {
    let location = LocationCalendar {
        clock: WallClock::over(Lord_Howe, &year()),
        ..location(vec![])
    };
    let nothing = IntervalSet::default();
    let night = Interval::new(
        at("2026-10-04T01:00:00+10:30"),
        at("2026-10-04T05:00:00+11:00"),
    );
    let open = night.into_iter().collect();
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open,
        busy: &nothing,
        groups: Groups::new(),
    };
    let rules = AppointmentRules {
        start_every_minutes: NonZeroU32::new(60).unwrap(),
        ..half_hour()
    };
    let caller = CallerRules::for_staff(night.unwrap().starts_at());
    let desk = Desk {
        calendar: &calendar,
        rules,
        caller,
    };
    let offered: Vec<_> = desk
        .offers(night.unwrap())
        .map(|slot| slot.starts_at)
        .collect();
    assert_eq!(
        offered,
        [
            at("2026-10-04T01:00:00+10:30"),
            at("2026-10-04T03:00:00+11:00"),
            at("2026-10-04T04:00:00+11:00"),
        ]
    );
}

#[test]
fn a_repeated_hour_is_offered_twice() {
    let location = location(vec![]);
    let nothing = IntervalSet::default();
    let night = Interval::new(
        at("2026-11-01T01:00:00-04:00"),
        at("2026-11-01T02:00:00-05:00"),
    );
    let open = night.into_iter().collect();
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open,
        busy: &nothing,
        groups: Groups::new(),
    };
    let rules = AppointmentRules {
        start_every_minutes: NonZeroU32::new(30).unwrap(),
        ..half_hour()
    };
    let caller = CallerRules::for_staff(night.unwrap().starts_at());
    let desk = Desk {
        calendar: &calendar,
        rules,
        caller,
    };
    let clocks: Vec<_> = desk
        .offers(night.unwrap())
        .map(|slot| local_time::to_zone_rfc3339(slot.starts_at, slot.time_zone))
        .collect();
    assert_eq!(
        clocks,
        [
            "2026-11-01T01:00:00-04:00",
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T01:00:00-05:00",
            "2026-11-01T01:30:00-05:00",
        ]
    );
}

#[test]
fn the_reach_covers_the_buffers_of_the_first_and_the_last_start() {
    let rules = AppointmentRules {
        buffer_before_minutes: 10,
        buffer_after_minutes: 20,
        ..half_hour()
    };
    let starts = Interval::new(clock("08:00"), clock("09:00")).unwrap();
    assert_eq!(
        rules.reach(&starts),
        Interval::new(clock("07:50"), clock("09:50"))
    );
}

/// The wall-clock starts of a type for three at a time, where a group stands at 09:00.
fn group_starts(rules: AppointmentRules, free_seats: Vec<i16>) -> Vec<(String, Vec<i16>)> {
    let location = location(vec![room(ROOM_1, &[("09:00", "09:30")])]);
    let busy = set(&[("09:00", "09:30")]);
    let group = Group {
        room_id: Some(ROOM_1),
        free_seats,
    };
    let calendar = ProviderCalendar {
        provider_id: ANNA,
        location: &location,
        open: set(&[("08:30", "10:00")]),
        busy: &busy,
        groups: Groups::from([(clock("09:00"), group)]),
    };
    let caller = CallerRules::for_staff(clock("00:00"));
    let desk = Desk {
        calendar: &calendar,
        rules,
        caller,
    };
    desk.offers(day())
        .map(|slot| {
            let local = slot.starts_at.with_timezone(&New_York);
            (local.format("%H:%M").to_string(), slot.free_seats)
        })
        .collect()
}

#[test]
fn a_group_is_offered_while_a_place_is_left_and_blocks_everything_else() {
    let rules = AppointmentRules {
        needs_room: true,
        capacity: NonZeroU32::new(3).unwrap(),
        ..half_hour()
    };
    let alone = |time: &str| (time.to_owned(), vec![1, 2, 3]);
    assert_eq!(
        group_starts(rules, vec![2, 3]),
        [
            alone("08:30"),
            ("09:00".to_owned(), vec![2, 3]),
            alone("09:30")
        ]
    );
    assert_eq!(
        group_starts(rules, vec![]),
        [alone("08:30"), alone("09:30")]
    );
}

#[test]
fn days_too_close_to_another_and_times_elsewhere_are_left_out() {
    let mut location = location(vec![]);
    location.patient = PatientCalendar {
        busy: set(&[("09:00", "09:15")]),
        too_close: set(&[("07:00", "08:30")]),
    };
    let open = [("08:00", "10:00")];
    let offered = starts(half_hour(), &location, &open, &[]);
    assert_eq!(offered, ["08:30", "09:15", "09:30"]);
}
