//! The slot search held against a naive model, minute by minute.
//!
//! The model reads the rules off the wall clock: for every minute it asks whether the clock of the
//! location shows a time inside a window, whether anything blocks the provider, whether a room is
//! free, whether a group can be joined, and then looks for runs of such minutes. It knows no intervals, no grid and no change of
//! clocks. Random calendars lie around days on which clocks change; `PROPTEST_CASES=10000` makes
//! the long run.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::ops::Range;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::desk::Desk;
use super::merge_slots::{SlotPage, SlotSearch, slots};
use super::provider_calendar::{
    AppointmentRules, CallerRules, Group, Groups, LocationCalendar, PatientCalendar,
    ProviderCalendar, RoomCalendar,
};
use super::slots::SlotPosition;
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::WallClock;
use crate::practice::{AvailabilityTemplate, ProviderHours, Weekday, WeeklyWindow};

const CASES: u32 = 2_000;
const WANTED_TYPE: Uuid = Uuid::from_u128(0xA);
const OTHER_TYPE: Uuid = Uuid::from_u128(0xB);

/// Minutes from midnight UTC of the scenario's date that the model knows about.
const KNOWN: Range<i64> = -2 * 1_440..4 * 1_440;

/// Zones with the dates around which they are searched.
const EVENTFUL_DAYS: [(Tz, &str); 13] = [
    (Tz::America__New_York, "2026-03-08"),
    (Tz::America__New_York, "2026-11-01"),
    (Tz::America__New_York, "2026-12-31"),
    (Tz::Europe__London, "2026-03-29"),
    (Tz::Europe__London, "2026-10-25"),
    (Tz::Australia__Lord_Howe, "2026-04-05"),
    (Tz::Australia__Lord_Howe, "2026-10-04"),
    (Tz::Asia__Kathmandu, "2026-07-01"),
    (Tz::Asia__Kathmandu, "2026-12-31"),
    (Tz::America__Havana, "2026-03-08"),
    (Tz::America__Havana, "2026-11-01"),
    (Tz::Pacific__Apia, "2011-12-30"),
    (Tz::Pacific__Apia, "2026-04-05"),
];

const ZONES: [Tz; 6] = [
    Tz::America__New_York,
    Tz::Europe__London,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::America__Havana,
    Tz::Pacific__Apia,
];

/// A span of minutes from midnight UTC of the scenario's date.
type Minutes = Range<i64>;

#[derive(Debug, Clone)]
struct TemplatePlan {
    valid_from: i64,
    valid_until: Option<i64>,
    weekly: Vec<WeeklyWindow>,
}

/// A provider at one of the locations.
#[derive(Debug, Clone)]
struct PostPlan {
    provider: usize,
    location: usize,
    templates: Vec<TemplatePlan>,
    extra_hours: Vec<Minutes>,
    /// Starts of groups, and how many places are left in each.
    groups: Vec<(i64, i16)>,
}

#[derive(Debug, Clone)]
struct ProviderPlan {
    time_off: Vec<Minutes>,
    busy: Vec<Minutes>,
}

#[derive(Debug, Clone)]
struct LocationPlan {
    closures: Vec<Minutes>,
    rooms: Vec<Vec<Minutes>>,
    patient_busy: Vec<Minutes>,
    too_close: Vec<Minutes>,
}

#[derive(Debug, Clone)]
struct Question {
    rules: AppointmentRules,
    starts: Minutes,
    now: i64,
    asked_by_patient: bool,
    page_size: usize,
}

#[derive(Debug, Clone)]
struct Scenario {
    date: NaiveDate,
    zones: [Tz; 2],
    posts: Vec<PostPlan>,
    providers: Vec<ProviderPlan>,
    locations: Vec<LocationPlan>,
    question: Question,
}

fn whole_minutes(minute: u32) -> NaiveTime {
    NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap()
}

fn span() -> impl Strategy<Value = Minutes> {
    (-1_600_i64..4_600, 1_i64..300).prop_map(|(from, length)| from..from + length)
}

fn spans(most: usize) -> impl Strategy<Value = Vec<Minutes>> {
    prop::collection::vec(span(), 0..=most)
}

fn weekly_window() -> impl Strategy<Value = WeeklyWindow> {
    let time = || {
        let quarter = (0_u32..96).prop_map(|quarter| quarter * 15);
        prop_oneof![3 => quarter, 1 => 0_u32..1_440].prop_map(whole_minutes)
    };
    let types = prop_oneof![
        3 => Just(vec![]),
        1 => Just(vec![WANTED_TYPE, OTHER_TYPE]),
        1 => Just(vec![OTHER_TYPE]),
    ];
    (prop::sample::select(Weekday::ALL), time(), time(), types).prop_map(
        |(weekday, from, to, appointment_type_ids)| WeeklyWindow {
            weekday,
            from,
            to,
            appointment_type_ids,
        },
    )
}

/// Windows that no template refuses: those that contradict an earlier one are left out.
fn weekly() -> impl Strategy<Value = Vec<WeeklyWindow>> {
    prop::collection::vec(weekly_window(), 0..10).prop_map(|proposed| {
        let mut kept = Vec::new();
        for window in proposed {
            kept.push(window);
            let any_date = NaiveDate::default();
            let template = AvailabilityTemplate::new(Tz::UTC, any_date, None, kept.clone());
            if template.is_err() {
                kept.pop();
            }
        }
        kept
    })
}

fn template() -> impl Strategy<Value = TemplatePlan> {
    let valid_until = prop::option::of(0_i64..3);
    (-3_i64..2, valid_until, weekly()).prop_map(|(valid_from, days, weekly)| TemplatePlan {
        valid_from,
        valid_until: days.map(|days| valid_from + days),
        weekly,
    })
}

fn post(provider: usize, location: usize) -> impl Strategy<Value = PostPlan> {
    let templates = prop::collection::vec(template(), 0..3);
    let groups = prop::collection::vec((-96_i64..192, 0_i16..3), 0..6);
    (templates, spans(2), groups).prop_map(move |(templates, extra_hours, groups)| PostPlan {
        provider,
        location,
        templates,
        extra_hours,
        groups: groups
            .into_iter()
            .map(|(quarter, free)| (quarter * 15, free))
            .collect(),
    })
}

fn provider() -> impl Strategy<Value = ProviderPlan> {
    (spans(1), spans(8)).prop_map(|(time_off, busy)| ProviderPlan { time_off, busy })
}

fn location() -> impl Strategy<Value = LocationPlan> {
    let rooms = prop::collection::vec(spans(8), 0..3);
    (spans(1), rooms, spans(2), spans(1)).prop_map(|(closures, rooms, patient_busy, too_close)| {
        LocationPlan {
            closures,
            rooms,
            patient_busy,
            too_close,
        }
    })
}

fn rules() -> impl Strategy<Value = AppointmentRules> {
    let every = prop::sample::select(vec![1_u32, 5, 7, 10, 15, 20, 30, 45, 50, 60, 90, 1_440]);
    let positive = |minutes| NonZeroU32::new(minutes).unwrap();
    let buffer = || prop_oneof![Just(0_u32), 1_u32..40];
    (
        every,
        1_u32..100,
        buffer(),
        buffer(),
        any::<bool>(),
        prop_oneof![2 => Just(1_u32), 1 => 2_u32..5],
        0_u32..2_000,
        0_u32..3,
    )
        .prop_map(
            move |(every, duration, before, after, needs_room, capacity, lead, ahead)| {
                AppointmentRules {
                    duration_minutes: positive(duration),
                    buffer_before_minutes: before,
                    buffer_after_minutes: after,
                    needs_room,
                    capacity: positive(capacity),
                    start_every_minutes: positive(every),
                    min_lead_minutes: lead,
                    max_ahead_days: ahead,
                }
            },
        )
}

fn question() -> impl Strategy<Value = Question> {
    let starts = (-1_440_i64..1_440, 1_i64..2_880).prop_map(|(from, length)| from..from + length);
    (
        rules(),
        starts,
        -2_000_i64..1_000,
        any::<bool>(),
        1_usize..9,
    )
        .prop_map(
            |(rules, starts, now, asked_by_patient, page_size)| Question {
                rules,
                starts,
                now,
                asked_by_patient,
                page_size,
            },
        )
}

fn scenario() -> impl Strategy<Value = Scenario> {
    (
        prop::sample::select(&EVENTFUL_DAYS[..]),
        prop::sample::select(&ZONES[..]),
        (post(0, 0), post(0, 1), post(1, 0)),
        [provider(), provider()],
        [location(), location()],
        question(),
    )
        .prop_map(
            |((zone, date), other_zone, posts, providers, locations, question)| Scenario {
                date: date.parse().unwrap(),
                zones: [zone, other_zone],
                posts: vec![posts.0, posts.1, posts.2],
                providers: providers.to_vec(),
                locations: locations.to_vec(),
                question,
            },
        )
}

impl Scenario {
    fn at(&self, minute: i64) -> DateTime<Utc> {
        self.date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(minute)
    }

    fn interval(&self, minutes: &Minutes) -> Interval {
        Interval::new(self.at(minutes.start), self.at(minutes.end)).unwrap()
    }

    fn set(&self, spans: &[Minutes]) -> IntervalSet {
        spans.iter().map(|span| self.interval(span)).collect()
    }

    fn provider_id(provider: usize) -> Uuid {
        Uuid::from_u128(0x100 - u128::try_from(provider).unwrap())
    }

    fn location_id(location: usize) -> Uuid {
        Uuid::from_u128(0x200 + u128::try_from(location).unwrap())
    }

    fn room_id(location: usize, room: usize) -> Uuid {
        Uuid::from_u128(0x300 + u128::try_from(location * 10 + room).unwrap())
    }

    /// The bookings that a query would find: only those that the question reaches.
    fn busy_in_reach(&self, spans: &[Minutes]) -> IntervalSet {
        let reach = self
            .question
            .rules
            .reach(&self.interval(&self.question.starts))
            .unwrap();
        let found = spans.iter().map(|span| self.interval(span));
        found.filter(|booked| booked.overlaps(&reach)).collect()
    }

    fn hours(&self, post: &PostPlan) -> ProviderHours {
        let template = |plan: &TemplatePlan| {
            AvailabilityTemplate::new(
                self.zones[post.location],
                self.date + TimeDelta::days(plan.valid_from),
                plan.valid_until
                    .map(|until| self.date + TimeDelta::days(until)),
                plan.weekly.clone(),
            )
            .unwrap()
        };
        ProviderHours {
            templates: post.templates.iter().map(template).collect(),
            extra_hours: self.set(&post.extra_hours),
            time_off: self.set(&self.providers[post.provider].time_off),
            closures: self.set(&self.locations[post.location].closures),
        }
    }

    fn location_calendars(&self) -> Vec<LocationCalendar> {
        let room = |location, (index, busy): (usize, &Vec<Minutes>)| RoomCalendar {
            room_id: Self::room_id(location, index),
            busy: self.busy_in_reach(busy),
        };
        self.locations
            .iter()
            .enumerate()
            .map(|(index, plan)| LocationCalendar {
                location_id: Self::location_id(index),
                clock: WallClock::over(self.zones[index], &self.interval(&self.question.starts)),
                rooms: plan
                    .rooms
                    .iter()
                    .enumerate()
                    .map(|each| room(index, each))
                    .collect(),
                patient: PatientCalendar {
                    busy: self.set(&plan.patient_busy),
                    too_close: self.set(&plan.too_close),
                },
            })
            .collect()
    }

    fn provider_busy(&self) -> Vec<IntervalSet> {
        (0..self.providers.len())
            .map(|provider| self.busy_in_reach(&self.provider_spans(provider)))
            .collect()
    }

    /// What blocks a provider: single bookings, and the groups at every location.
    fn provider_spans(&self, provider: usize) -> Vec<Minutes> {
        let posts = self.posts.iter().filter(|post| post.provider == provider);
        let groups = posts.flat_map(|post| self.groups(post).into_keys());
        let blocked = groups.map(|start| self.blocked(start));
        blocked
            .chain(self.providers[provider].busy.iter().cloned())
            .collect()
    }

    fn blocked(&self, start: i64) -> Minutes {
        let rules = &self.question.rules;
        let end = start + i64::from(rules.duration_minutes.get());
        start - i64::from(rules.buffer_before_minutes)..end + i64::from(rules.buffer_after_minutes)
    }

    /// The groups of a type that has groups, by the minute they start.
    fn groups(&self, post: &PostPlan) -> BTreeMap<i64, Vec<i16>> {
        let has_groups = self.question.rules.capacity.get() > 1;
        let groups = post.groups.iter().filter(|_| has_groups);
        groups
            .map(|(start, free)| (*start, (1..=*free).collect()))
            .collect()
    }

    fn calendars<'calendars>(
        &self,
        locations: &'calendars [LocationCalendar],
        busy: &'calendars [IntervalSet],
    ) -> Vec<ProviderCalendar<'calendars>> {
        let reach = self
            .question
            .rules
            .reach(&self.interval(&self.question.starts))
            .unwrap();
        self.posts
            .iter()
            .map(|post| ProviderCalendar {
                provider_id: Self::provider_id(post.provider),
                location: &locations[post.location],
                open: self.hours(post).open_intervals(WANTED_TYPE, &reach),
                busy: &busy[post.provider],
                groups: self.group_calendar(post),
            })
            .collect()
    }

    fn group_calendar(&self, post: &PostPlan) -> Groups {
        let group = |(start, free_seats)| {
            let room_id = Some(Self::room_id(post.location, 7));
            let group = Group {
                room_id,
                free_seats,
            };
            (self.at(start), group)
        };
        self.groups(post).into_iter().map(group).collect()
    }

    fn caller(&self) -> CallerRules {
        let now = self.at(self.question.now);
        if self.question.asked_by_patient {
            CallerRules::for_patient(now, &self.question.rules)
        } else {
            CallerRules::for_staff(now)
        }
    }

    fn search(&self) -> SlotSearch {
        SlotSearch {
            rules: self.question.rules,
            caller: self.caller(),
            starts: self.interval(&self.question.starts),
            after: None,
        }
    }
}

/// What a wall clock shows: the date and the minute of the day.
type Reading = (NaiveDate, u32);

/// What a wall clock shows at each known minute.
type Readings = Rc<Vec<Reading>>;

/// What the wall clock of the zone shows at each known minute.
fn readings(zone: Tz, date: NaiveDate) -> Readings {
    thread_local! {
        static SEEN: RefCell<HashMap<(Tz, NaiveDate), Readings>> = RefCell::default();
    }
    let read = || {
        let midnight = date.and_time(NaiveTime::MIN).and_utc();
        let reading = |minute| {
            let local = (midnight + TimeDelta::minutes(minute)).with_timezone(&zone);
            (local.date_naive(), local.hour() * 60 + local.minute())
        };
        Rc::new(KNOWN.map(reading).collect())
    };
    SEEN.with_borrow_mut(|seen| Rc::clone(seen.entry((zone, date)).or_insert_with(read)))
}

fn covers(spans: &[Minutes], minute: i64) -> bool {
    spans.iter().any(|span| span.contains(&minute))
}

/// The naive model of one provider at one location.
struct Model<'scenario> {
    scenario: &'scenario Scenario,
    post: &'scenario PostPlan,
    readings: Readings,
    open: Vec<bool>,
    busy: Vec<Minutes>,
    groups: BTreeMap<i64, Vec<i16>>,
}

impl<'scenario> Model<'scenario> {
    fn new(scenario: &'scenario Scenario, post: &'scenario PostPlan) -> Self {
        let readings = readings(scenario.zones[post.location], scenario.date);
        let mut model = Self {
            scenario,
            post,
            readings,
            open: Vec::new(),
            busy: scenario.provider_spans(post.provider),
            groups: scenario.groups(post),
        };
        let starts = &scenario.question.starts;
        let last = starts.end + i64::from(scenario.question.rules.duration_minutes.get());
        model.open = (starts.start..last)
            .map(|minute| model.is_open(minute))
            .collect();
        model
    }

    fn reading(&self, minute: i64) -> Reading {
        self.readings[usize::try_from(minute - KNOWN.start).unwrap()]
    }

    fn is_open(&self, minute: i64) -> bool {
        let scenario = self.scenario;
        if covers(&scenario.locations[self.post.location].closures, minute)
            || covers(&scenario.providers[self.post.provider].time_off, minute)
        {
            return false;
        }
        let reading = self.reading(minute);
        covers(&self.post.extra_hours, minute)
            || self
                .post
                .templates
                .iter()
                .any(|template| self.is_in_template(template, reading))
    }

    fn is_in_template(&self, template: &TemplatePlan, (date, minute): Reading) -> bool {
        let opened_on = |date: NaiveDate, window: &WeeklyWindow| {
            let day = (date - self.scenario.date).num_days();
            Weekday::of(date) == window.weekday
                && template.valid_from <= day
                && template.valid_until.is_none_or(|until| day <= until)
        };
        template.weekly.iter().any(|window| {
            let [from, to] =
                [window.from, window.to].map(|time| time.num_seconds_from_midnight() / 60);
            let is_meant = window.appointment_type_ids != [OTHER_TYPE];
            let yesterday = date.pred_opt().unwrap();
            let is_inside = if from < to {
                opened_on(date, window) && from <= minute && minute < to
            } else {
                (opened_on(date, window) && from <= minute)
                    || (opened_on(yesterday, window) && minute < to)
            };
            is_meant && is_inside
        })
    }

    /// The rooms that could be used, when an appointment at that minute is offered.
    fn offer(&self, start: i64) -> Option<Vec<Uuid>> {
        let question = &self.scenario.question;
        let rules = &question.rules;
        let end = start + i64::from(rules.duration_minutes.get());
        let is_in_time = if question.asked_by_patient {
            start - question.now >= i64::from(rules.min_lead_minutes)
                && start - question.now <= i64::from(rules.max_ahead_days) * 1_440
        } else {
            start >= question.now
        };
        let is_on_grid = self
            .reading(start)
            .1
            .is_multiple_of(rules.start_every_minutes.get());
        let open_from = |minute: i64| usize::try_from(minute - question.starts.start).unwrap();
        if !is_in_time
            || !is_on_grid
            || self.open[open_from(start)..open_from(end)].contains(&false)
        {
            return None;
        }
        let location = &self.scenario.locations[self.post.location];
        if covers(&location.too_close, start)
            || (start..end).any(|minute| covers(&location.patient_busy, minute))
        {
            return None;
        }
        if self.groups.get(&start).is_some_and(|free| !free.is_empty()) {
            return Some(vec![Scenario::room_id(self.post.location, 7)]);
        }
        let mut blocked = self.scenario.blocked(start);
        let is_free = |busy: &[Minutes]| blocked.clone().all(|minute| !covers(busy, minute));
        let rooms = &location.rooms;
        let free_rooms: Vec<Uuid> = rooms
            .iter()
            .enumerate()
            .filter(|(_, busy)| rules.needs_room && is_free(busy))
            .map(|(room, _)| Scenario::room_id(self.post.location, room))
            .collect();
        let provider_is_free = blocked.all(|minute| !covers(&self.busy, minute));
        let has_room = !rules.needs_room || !free_rooms.is_empty();
        (provider_is_free && has_room).then_some(free_rooms)
    }

    fn offers(&self) -> impl Iterator<Item = (SlotPosition, Vec<Uuid>)> {
        self.scenario.question.starts.clone().filter_map(|minute| {
            let position = SlotPosition {
                starts_at: self.scenario.at(minute),
                provider_id: Scenario::provider_id(self.post.provider),
                location_id: Scenario::location_id(self.post.location),
            };
            Some((position, self.offer(minute)?))
        })
    }
}

fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(CASES),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_search_offers_what_a_minute_by_minute_model_offers(scenario in scenario()) {
        let locations = scenario.location_calendars();
        let busy = scenario.provider_busy();
        let calendars = scenario.calendars(&locations, &busy);
        let models: Vec<Model> =
            scenario.posts.iter().map(|post| Model::new(&scenario, post)).collect();
        let mut expected: Vec<_> = models.iter().flat_map(Model::offers).collect();
        expected.sort();

        let found: Vec<_> = slots(&calendars, scenario.search()).collect();
        let answers: Vec<_> =
            found.iter().map(|slot| (slot.position(), slot.free_room_ids.clone())).collect();
        prop_assert_eq!(answers, expected);

        let duration = TimeDelta::minutes(scenario.question.rules.duration_minutes.get().into());
        prop_assert!(found.iter().all(|slot| slot.ends_at - slot.starts_at == duration));

        let mut paged = Vec::new();
        let mut search = scenario.search();
        for _ in 0..=found.len() {
            let size = scenario.question.page_size;
            let page = SlotPage::of(slots(&calendars, search).take(size + 1).collect(), size);
            paged.extend(page.slots);
            let Some(next) = page.next else { break };
            search.after = Some(next);
        }
        prop_assert_eq!(paged, found);

        let (rules, caller) = (scenario.question.rules, scenario.caller());
        for (calendar, model) in calendars.iter().zip(&models) {
            let desk = Desk { calendar, rules, caller };
            for minute in scenario.question.starts.clone().step_by(5) {
                let checked = desk.check(scenario.at(minute), None).ok();
                prop_assert_eq!(checked.map(|slot| slot.free_room_ids), model.offer(minute));
            }
        }
    }
}
