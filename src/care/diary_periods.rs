//! What the days of a diary add up to, in periods of 28 days.
//!
//! Days are normalised by the days that were recorded: `days / recorded × 28`. A period with fewer
//! than 21 recorded days has no figures.
//!
//! Two flags look at three consecutive periods. Their definitions speak of days a month, which is 30 days:
//! 14 days of 28 are 15 a month. Both say which days they rest on. Chronic migraine (ICHD-3 1.3): headache on 15 days
//! or more, migraine on eight or more. Medication overuse (ICHD-3 8.2): headache on 15 days or
//! more, with ergot, triptans, opioids, combination analgesics or several classes on ten or more,
//! or simple analgesics on 15 or more. A flag says "check" and is no diagnosis: a diary does not
//! know about five earlier attacks, nor what else may explain the headache.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::platform::text::text_enum;

use super::diary::MedicineClass;

/// Days in a period.
pub(crate) const PERIOD_DAYS: u32 = 28;
/// A period with fewer recorded days has no figures.
const ENOUGH_DAYS: u32 = 21;
/// Days of a month, where a definition speaks of days a month.
const MONTH_DAYS: u32 = 30;
/// Periods that the flags look at.
const FLAG_PERIODS: usize = 3;

/// Days per 28, rounded to two places; `None` when too few days were recorded.
pub(crate) fn per_28(days: u32, recorded: u32) -> Option<Decimal> {
    (recorded >= ENOUGH_DAYS).then(|| {
        (Decimal::from(days) * Decimal::from(PERIOD_DAYS) / Decimal::from(recorded)).round_dp(2)
    })
}

/// What the entries of a period add up to, in days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(super) recorded: u32,
    /// Recorded days that staff took over afterwards.
    pub(super) retrospective: u32,
    pub(super) headache: u32,
    pub(super) migraine: u32,
    /// Days with any acute medicine that can be overused.
    pub(super) medication: u32,
    pub(super) simple_analgesic: u32,
    pub(super) triptan: u32,
    pub(super) ergot: u32,
    pub(super) opioid: u32,
    pub(super) combination_analgesic: u32,
    pub(super) peak_pain: Option<i16>,
    pain_sum: u32,
    pain_days: u32,
}

/// 28 days of a diary, the last of them included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Period {
    pub(super) first_day: NaiveDate,
    pub(super) last_day: NaiveDate,
    pub(super) counts: Counts,
}

impl Period {
    /// The 28 days that end with this one.
    pub(crate) fn ending(
        last_day: NaiveDate,
        days: &BTreeMap<NaiveDate, &DayMark>,
    ) -> Option<Self> {
        let first_day = last_day.checked_sub_days(Days::new(u64::from(PERIOD_DAYS) - 1))?;
        let mut counts = Counts::default();
        for day in days.range(first_day..=last_day).map(|(_, day)| day) {
            counts.add(day);
        }
        Some(Self {
            first_day,
            last_day,
            counts,
        })
    }
}

/// What the statistics need of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayMark {
    pub(super) date: NaiveDate,
    /// Taken over afterwards, from paper or an app.
    pub(super) is_retrospective: bool,
    pub(super) headache: bool,
    pub(super) migraine: bool,
    pub(super) peak_pain_nrs: Option<i16>,
    pub(super) classes: BTreeSet<MedicineClass>,
}

impl Counts {
    fn add(&mut self, day: &DayMark) {
        let one = u32::from;
        self.recorded += 1;
        self.retrospective += one(day.is_retrospective);
        self.headache += one(day.headache);
        self.migraine += one(day.migraine);
        let takes = |class| day.classes.contains(&class);
        self.simple_analgesic += one(takes(MedicineClass::SimpleAnalgesic));
        self.triptan += one(takes(MedicineClass::Triptan));
        self.ergot += one(takes(MedicineClass::Ergot));
        self.opioid += one(takes(MedicineClass::Opioid));
        self.combination_analgesic += one(takes(MedicineClass::CombinationAnalgesic));
        self.medication += one(day
            .classes
            .iter()
            .any(|class| *class != MedicineClass::Other));
        if let Some(pain) = day.peak_pain_nrs {
            self.peak_pain = self.peak_pain.max(Some(pain));
            self.pain_sum += u32::try_from(pain).unwrap_or(0);
            self.pain_days += 1;
        }
    }

    /// Whether enough days were recorded to say anything.
    pub(crate) const fn tell(&self) -> bool {
        self.recorded >= ENOUGH_DAYS
    }

    /// Mean of the worst pain of the days that name it.
    pub(crate) fn mean_peak_pain(&self) -> Option<Decimal> {
        (self.pain_days > 0)
            .then(|| (Decimal::from(self.pain_sum) / Decimal::from(self.pain_days)).round_dp(2))
    }

    /// Whether this many days are at least `threshold` a month, without rounding.
    fn reaches(&self, days: u32, threshold: u32) -> bool {
        days * MONTH_DAYS >= threshold * self.recorded
    }

    pub(super) fn has_chronic_headache(&self) -> bool {
        self.reaches(self.headache, 15)
    }

    fn has_chronic_migraine(&self) -> bool {
        self.has_chronic_headache() && self.reaches(self.migraine, 8)
    }

    fn overuses(&self) -> bool {
        let ten = [
            self.triptan,
            self.ergot,
            self.opioid,
            self.combination_analgesic,
        ];
        let classes = ten
            .iter()
            .chain([&self.simple_analgesic])
            .filter(|days| **days > 0)
            .count();
        ten.iter().any(|days| self.reaches(*days, 10))
            || self.reaches(self.simple_analgesic, 15)
            || (classes >= 2 && self.reaches(self.medication, 10))
    }

    fn has_overuse_headache(&self) -> bool {
        self.has_chronic_headache() && self.overuses()
    }
}

/// The days that a flag looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RestsOn {
    /// First and last of them; `None` without a diary.
    pub(super) span: Option<(NaiveDate, NaiveDate)>,
    pub(super) recorded: u32,
    /// Of these, those that staff took over afterwards.
    pub(super) retrospective: u32,
    /// Which of the periods have days enough.
    pub(super) periods_with_figures: u32,
}

/// What the flags rest on: the days of the latest periods.
pub(crate) fn rests_on(latest_first: &[Period]) -> RestsOn {
    let latest = latest_first.get(..FLAG_PERIODS).unwrap_or(latest_first);
    let sum = |of: fn(&Counts) -> u32| latest.iter().map(|period| of(&period.counts)).sum();
    let ends = latest.last().zip(latest.first());
    RestsOn {
        span: ends.map(|(earliest, last)| (earliest.first_day, last.last_day)),
        recorded: sum(|counts| counts.recorded),
        retrospective: sum(|counts| counts.retrospective),
        periods_with_figures: sum(|counts| u32::from(counts.tell())),
    }
}

text_enum! {
    /// Whether a pattern is in the diary.
    pub(crate) enum Flag {
        Check = "check",
        Absent = "absent",
        InsufficientData = "insufficient_data",
    }
}

/// Counts the days of a diary in periods that end with `today`, the latest first, from the one
/// that holds `earliest` on.
pub(crate) fn periods(days: &[DayMark], earliest: NaiveDate, today: NaiveDate) -> Vec<Period> {
    let length = i64::from(PERIOD_DAYS);
    let count = usize::try_from((today - earliest).num_days() / length).unwrap_or(0) + 1;
    let mut periods: Vec<Period> = (0..count)
        .map_while(|index| {
            let back = u64::from(PERIOD_DAYS).saturating_mul(u64::try_from(index).ok()?);
            let last_day = today.checked_sub_days(Days::new(back))?;
            let first_day = last_day.checked_sub_days(Days::new(u64::from(PERIOD_DAYS) - 1))?;
            Some(Period {
                first_day,
                last_day,
                counts: Counts::default(),
            })
        })
        .collect();
    for day in days {
        let age = (today - day.date).num_days();
        let index = usize::try_from(age.div_euclid(length)).ok();
        if let Some(period) = index.and_then(|index| periods.get_mut(index)) {
            period.counts.add(day);
        }
    }
    periods
}

/// Whether the latest three periods look like chronic migraine.
pub(crate) fn chronic_migraine(latest_first: &[&Counts]) -> Flag {
    in_three_periods(latest_first, Counts::has_chronic_migraine)
}

/// Whether the latest three periods look like headache of medication overuse.
pub(crate) fn medication_overuse(latest_first: &[&Counts]) -> Flag {
    in_three_periods(latest_first, Counts::has_overuse_headache)
}

fn in_three_periods(latest_first: &[&Counts], shows: fn(&Counts) -> bool) -> Flag {
    let latest = latest_first.get(..FLAG_PERIODS).unwrap_or(latest_first);
    if latest.iter().any(|counts| counts.tell() && !shows(counts)) {
        return Flag::Absent;
    }
    let complete = latest.len() == FLAG_PERIODS && latest.iter().all(|counts| counts.tell());
    if complete {
        Flag::Check
    } else {
        Flag::InsufficientData
    }
}

/// Whether monthly migraine days fell far enough from a baseline: by half where migraine is
/// episodic, by three in ten where it is chronic.
pub(crate) fn responds(baseline: Decimal, latest: Decimal, is_chronic: bool) -> Option<bool> {
    (baseline > Decimal::ZERO).then(|| {
        let share = if is_chronic {
            Decimal::new(70, 2)
        } else {
            Decimal::new(50, 2)
        };
        latest <= baseline * share
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_normalised_to_28_and_too_few_tell_nothing() {
        assert_eq!(per_28(10, 28), Some(decimal("10.0")));
        assert_eq!(per_28(12, 30), Some(decimal("11.2")));
        assert_eq!(per_28(7, 21), Some(decimal("9.33")));
        assert_eq!(per_28(3, 9), None);
        assert_eq!(per_28(20, 20), None);
    }

    fn month(headache: u32, triptan: u32, simple_analgesic: u32) -> Counts {
        let medication = triptan + simple_analgesic;
        Counts {
            recorded: MONTH_DAYS,
            headache,
            triptan,
            simple_analgesic,
            medication,
            ..Counts::default()
        }
    }

    fn overuse(months: &[Counts]) -> Flag {
        medication_overuse(&months.iter().collect::<Vec<_>>())
    }

    #[test]
    fn triptans_on_ten_days_for_three_months_are_overuse() {
        assert_eq!(
            overuse(&[month(16, 10, 0), month(16, 10, 0), month(16, 11, 0)]),
            Flag::Check
        );
        assert_eq!(
            overuse(&[month(16, 10, 0), month(16, 9, 0), month(16, 11, 0)]),
            Flag::Absent
        );
    }

    #[test]
    fn nine_triptan_days_are_not() {
        assert_eq!(
            overuse(&[month(16, 9, 0), month(16, 9, 0), month(16, 9, 0)]),
            Flag::Absent
        );
    }

    #[test]
    fn simple_analgesics_are_overused_from_fifteen_days_on() {
        let of = |days| [month(16, 0, days), month(16, 0, days), month(16, 0, days)];
        assert_eq!(overuse(&of(14)), Flag::Absent);
        assert_eq!(overuse(&of(15)), Flag::Check);
    }

    #[test]
    fn several_classes_count_together_from_ten_days_on() {
        let months = [month(16, 6, 8), month(16, 6, 8), month(16, 6, 8)];
        assert_eq!(months[0].medication, 14);
        assert_eq!(overuse(&months), Flag::Check);
        let months = [month(16, 4, 5), month(16, 4, 5), month(16, 4, 5)];
        assert_eq!(overuse(&months), Flag::Absent);
    }

    #[test]
    fn overuse_without_headache_on_fifteen_days_is_not_flagged() {
        assert_eq!(
            overuse(&[month(14, 20, 0), month(14, 20, 0), month(14, 20, 0)]),
            Flag::Absent
        );
    }

    #[test]
    fn a_flag_needs_three_periods_with_enough_days() {
        let full = month(16, 12, 0);
        let thin = Counts {
            recorded: 20,
            ..full.clone()
        };
        assert_eq!(
            overuse(&[full.clone(), full.clone()]),
            Flag::InsufficientData
        );
        assert_eq!(
            overuse(&[full.clone(), thin, full.clone()]),
            Flag::InsufficientData
        );
        assert_eq!(overuse(&[full.clone(), full.clone(), full]), Flag::Check);
        assert_eq!(overuse(&[]), Flag::InsufficientData);
    }

    #[test]
    fn chronic_migraine_is_fifteen_headache_days_with_eight_of_migraine() {
        let flag = |headache, migraine| {
            let counts = Counts {
                recorded: MONTH_DAYS,
                headache,
                migraine,
                ..Counts::default()
            };
            chronic_migraine(&[&counts, &counts, &counts])
        };
        assert_eq!(flag(15, 8), Flag::Check);
        assert_eq!(flag(14, 8), Flag::Absent);
        assert_eq!(flag(15, 7), Flag::Absent);
    }

    #[test]
    fn a_month_of_a_definition_has_30_days() {
        let flag = |headache| {
            let counts = Counts {
                recorded: 28,
                headache,
                migraine: 8,
                ..Counts::default()
            };
            chronic_migraine(&[&counts, &counts, &counts])
        };
        assert_eq!(flag(14), Flag::Check, "14 days of 28 are 15 a month");
        assert_eq!(flag(13), Flag::Absent);
    }

    #[test]
    fn the_flags_say_which_days_they_rest_on() {
        let period = |recorded, retrospective, last_day| Period {
            first_day: date("2026-01-01"),
            last_day: date(last_day),
            counts: Counts {
                recorded,
                retrospective,
                ..Counts::default()
            },
        };
        let periods = [
            period(28, 0, "2026-11-22"),
            period(20, 20, "2026-10-25"),
            period(28, 3, "2026-09-27"),
            period(28, 28, "2026-08-30"),
        ];
        let expected = RestsOn {
            span: Some((date("2026-01-01"), date("2026-11-22"))),
            recorded: 76,
            retrospective: 23,
            periods_with_figures: 2,
        };
        assert_eq!(rests_on(&periods), expected);
        assert_eq!(rests_on(&[]), RestsOn::default());
    }

    #[test]
    fn periods_end_today_and_hold_28_days() {
        let today = date("2026-11-22");
        let days: Vec<DayMark> = (0..56_u64)
            .map(|back| DayMark {
                date: today.checked_sub_days(Days::new(back)).unwrap(),
                is_retrospective: back >= 28,
                headache: back % 2 == 0,
                migraine: false,
                peak_pain_nrs: (back % 2 == 0).then_some(if back < 28 { 4 } else { 8 }),
                classes: BTreeSet::from([MedicineClass::Triptan, MedicineClass::Other]),
            })
            .collect();
        let earliest = days.last().unwrap().date;
        let periods = periods(&days, earliest, today);
        assert_eq!(periods.len(), 2);
        assert_eq!(periods[0].last_day, today);
        assert_eq!(periods[0].first_day, date("2026-10-26"));
        assert_eq!(periods[1].last_day, date("2026-10-25"));
        for (period, pain) in periods.iter().zip([4, 8]) {
            let counts = &period.counts;
            assert_eq!(
                (counts.recorded, counts.headache, counts.medication),
                (28, 14, 28)
            );
            assert_eq!(counts.retrospective, if pain == 8 { 28 } else { 0 });
            assert_eq!(counts.peak_pain, Some(pain));
            assert_eq!(counts.mean_peak_pain(), Some(Decimal::from(pain)));
        }
    }

    #[test]
    fn a_responder_has_half_the_migraine_days_or_three_in_ten_fewer_when_chronic() {
        let ten = Decimal::TEN;
        assert_eq!(responds(ten, decimal("5"), false), Some(true));
        assert_eq!(responds(ten, decimal("5.1"), false), Some(false));
        assert_eq!(responds(ten, decimal("7"), true), Some(true));
        assert_eq!(responds(ten, decimal("7.1"), true), Some(false));
        assert_eq!(responds(Decimal::ZERO, Decimal::ZERO, false), None);
    }
}
