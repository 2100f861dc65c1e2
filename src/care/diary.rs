//! The headache diary: one entry a day, and what its days add up to.
//!
//! A headache day is a calendar day with headache of any kind. A migraine day is one that the
//! patient calls migraine or, where they do not say, a headache of half an hour or more with two of
//! the four features of its pain and one of its company (ICHD-3 1.1 C and D), with an aura, or
//! treated with a triptan or ergot.
//!
//! Days are counted in periods of 28 days, normalised by the days that were recorded:
//! `days / recorded × 28`. Fewer than 21 recorded days tell nothing. Memory of pain fades within
//! days, so an entry can be made or corrected for two weeks only, and never ahead.
//!
//! Whether treatment helped is told by the 28 days before the day of the first procedure and the
//! latest 28 since then, each with 21 recorded days, wherever the periods that are shown begin.
//!
//! Two flags look at three consecutive periods. Chronic migraine (ICHD-3 1.3): headache on 15 days
//! or more, migraine on eight or more. Medication overuse (ICHD-3 8.2): headache on 15 days or
//! more with ergot, triptans, opioids, combination analgesics or several classes on ten or more, or
//! simple analgesics on 15 or more. They say "check", and are no diagnosis: five earlier attacks,
//! and what else may explain the headache, no diary knows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;

id! {
    /// Names a diary entry.
    pub(crate) struct DiaryEntryId
}

text_enum! {
    /// What an acute medicine is, as overuse is counted.
    pub(crate) enum MedicineClass {
        Triptan = "triptan",
        Ergot = "ergot",
        Opioid = "opioid",
        CombinationAnalgesic = "combination_analgesic",
        SimpleAnalgesic = "simple_analgesic",
        Other = "other",
    }
}

text_enum! {
    /// What the patient noticed of the headache.
    pub(crate) enum Feature {
        Unilateral = "unilateral",
        Pulsating = "pulsating",
        ModerateOrSevere = "moderate_or_severe",
        AggravatedByActivity = "aggravated_by_activity",
        NauseaOrVomiting = "nausea_or_vomiting",
        Photophobia = "photophobia",
        Phonophobia = "phonophobia",
        Aura = "aura",
    }
}

text_enum! {
    /// What may have set a headache off.
    pub(crate) enum Trigger {
        Environmental = "environmental",
        Dietary = "dietary",
        Lifestyle = "lifestyle",
        Genetic = "genetic",
        MusculoskeletalNeck = "musculoskeletal_neck",
        Hormonal = "hormonal",
        Sleep = "sleep",
        Stress = "stress",
        Other = "other",
    }
}

/// An acute medicine taken on a day; spelt the same in JSON and in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Medicine {
    #[schema(min_length = 1, max_length = 100, example = "sumatriptan")]
    pub(super) name: String,
    pub(super) class: MedicineClass,
    /// How many times it was taken.
    #[schema(minimum = 1, maximum = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) doses: Option<u8>,
}

/// What a patient writes about a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(super) headache: bool,
    /// What the patient calls it; judged by the features where nothing is said.
    pub(super) called_migraine: Option<bool>,
    pub(super) features: Vec<Feature>,
    pub(super) peak_pain_nrs: Option<i16>,
    pub(super) duration_minutes: Option<i32>,
    pub(super) medicines: Vec<Medicine>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) sleep_hours: Option<Decimal>,
    pub(super) stress_nrs: Option<i16>,
    pub(super) note: Option<String>,
}

/// One day in the diary of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiaryEntry {
    pub(super) id: DiaryEntryId,
    /// The record it was written to.
    pub(super) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(super) person_id: PatientId,
    pub(super) entry_date: NaiveDate,
    pub(super) day: Day,
    pub(super) migraine: bool,
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
}

/// Headaches shorter than this do not count as migraine unless the patient says so.
const MIGRAINE_MINUTES: i32 = 30;
/// Pain from which a headache is moderate.
const MODERATE_NRS: i16 = 4;

impl Day {
    /// Whether it counts as a migraine day.
    pub(crate) fn is_migraine(&self) -> bool {
        self.headache
            && self
                .called_migraine
                .unwrap_or_else(|| self.looks_like_migraine())
    }

    fn looks_like_migraine(&self) -> bool {
        let treated = self.medicines.iter().any(|medicine| {
            matches!(
                medicine.class,
                MedicineClass::Triptan | MedicineClass::Ergot
            )
        });
        let has = |feature| self.features.contains(&feature);
        let moderate = has(Feature::ModerateOrSevere)
            || self.peak_pain_nrs.is_some_and(|pain| pain >= MODERATE_NRS);
        let of_its_pain = [
            has(Feature::Unilateral),
            has(Feature::Pulsating),
            moderate,
            has(Feature::AggravatedByActivity),
        ];
        let pain = of_its_pain.iter().filter(|feature| **feature).count() >= 2;
        let company = has(Feature::NauseaOrVomiting)
            || (has(Feature::Photophobia) && has(Feature::Phonophobia));
        let lasted = self
            .duration_minutes
            .is_none_or(|minutes| minutes >= MIGRAINE_MINUTES);
        treated || has(Feature::Aura) || (pain && company && lasted)
    }
}

/// For so many days back an entry can be made or corrected.
pub(crate) const BACK_FILL_DAYS: u64 = 14;

/// Whether the entry of a date can be written today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writable {
    Yes,
    NotYet,
    TooLate,
}

/// Whether the entry of `date` can be written when the wall clock reads `today`.
pub(crate) fn writable(date: NaiveDate, today: NaiveDate) -> Writable {
    let oldest = today
        .checked_sub_days(Days::new(BACK_FILL_DAYS))
        .unwrap_or(NaiveDate::MIN);
    if date > today {
        Writable::NotYet
    } else if date < oldest {
        Writable::TooLate
    } else {
        Writable::Yes
    }
}

/// Days in a period.
pub(crate) const PERIOD_DAYS: u32 = 28;
/// A period with fewer recorded days tells nothing.
const ENOUGH_DAYS: u32 = 21;
/// Periods that the flags look at.
const FLAG_PERIODS: usize = 3;

/// Days per 28, rounded to two places; nothing where too few days were recorded.
pub(crate) fn per_28(days: u32, recorded: u32) -> Option<Decimal> {
    (recorded >= ENOUGH_DAYS).then(|| {
        (Decimal::from(days) * Decimal::from(PERIOD_DAYS) / Decimal::from(recorded)).round_dp(2)
    })
}

/// What the entries of a period add up to, in days.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(super) recorded: u32,
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
    pub(super) headache: bool,
    pub(super) migraine: bool,
    pub(super) peak_pain_nrs: Option<i16>,
    pub(super) classes: BTreeSet<MedicineClass>,
}

impl Counts {
    fn add(&mut self, day: &DayMark) {
        let one = u32::from;
        self.recorded += 1;
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

    /// Whether this many days are at least `threshold` of 28, without rounding.
    fn reaches(&self, days: u32, threshold: u32) -> bool {
        days * PERIOD_DAYS >= threshold * self.recorded
    }

    fn has_chronic_headache(&self) -> bool {
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

    fn quiet_day() -> Day {
        Day {
            headache: false,
            called_migraine: None,
            features: vec![],
            peak_pain_nrs: None,
            duration_minutes: None,
            medicines: vec![],
            triggers: vec![],
            sleep_hours: None,
            stress_nrs: None,
            note: None,
        }
    }

    fn headache(features: &[Feature]) -> Day {
        Day {
            headache: true,
            features: features.to_vec(),
            ..quiet_day()
        }
    }

    #[test]
    fn days_are_normalised_to_28_and_too_few_tell_nothing() {
        assert_eq!(per_28(10, 28), Some(decimal("10.0")));
        assert_eq!(per_28(12, 30), Some(decimal("11.2")));
        assert_eq!(per_28(7, 21), Some(decimal("9.33")));
        assert_eq!(per_28(3, 9), None);
        assert_eq!(per_28(20, 20), None);
    }

    #[test]
    fn migraine_needs_two_features_of_its_pain_and_one_of_its_company() {
        use Feature::{
            AggravatedByActivity, Aura, NauseaOrVomiting, Phonophobia, Photophobia, Pulsating,
            Unilateral,
        };
        assert!(headache(&[Unilateral, Pulsating, NauseaOrVomiting]).is_migraine());
        assert!(
            headache(&[Unilateral, AggravatedByActivity, Photophobia, Phonophobia]).is_migraine()
        );
        assert!(!headache(&[Unilateral, Pulsating, Photophobia]).is_migraine());
        assert!(!headache(&[Unilateral, NauseaOrVomiting]).is_migraine());
        assert!(headache(&[Aura]).is_migraine());
        let severe = Day {
            peak_pain_nrs: Some(4),
            ..headache(&[Pulsating, NauseaOrVomiting])
        };
        assert!(severe.is_migraine());
        let short = Day {
            duration_minutes: Some(29),
            ..severe.clone()
        };
        assert!(!short.is_migraine());
        assert!(
            Day {
                duration_minutes: Some(30),
                ..severe
            }
            .is_migraine()
        );
    }

    #[test]
    fn a_triptan_makes_a_headache_a_migraine_and_the_patient_has_the_last_word() {
        let triptan = Medicine {
            name: "x".into(),
            class: MedicineClass::Triptan,
            doses: None,
        };
        let treated = Day {
            medicines: vec![triptan],
            ..headache(&[])
        };
        assert!(treated.is_migraine());
        assert!(
            !Day {
                called_migraine: Some(false),
                ..treated.clone()
            }
            .is_migraine()
        );
        assert!(
            Day {
                called_migraine: Some(true),
                ..headache(&[])
            }
            .is_migraine()
        );
        assert!(
            !Day {
                headache: false,
                ..treated
            }
            .is_migraine()
        );
    }

    #[test]
    fn an_entry_can_be_written_for_two_weeks_and_never_ahead() {
        let today = date("2028-03-01");
        assert_eq!(writable(today, today), Writable::Yes);
        assert_eq!(writable(date("2028-03-02"), today), Writable::NotYet);
        assert_eq!(writable(date("2028-02-16"), today), Writable::Yes);
        assert_eq!(writable(date("2028-02-15"), today), Writable::TooLate);
    }

    fn month(headache: u32, triptan: u32, simple_analgesic: u32) -> Counts {
        let medication = triptan + simple_analgesic;
        Counts {
            recorded: 28,
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
                recorded: 28,
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
    fn periods_end_today_and_hold_28_days() {
        let today = date("2026-11-22");
        let days: Vec<DayMark> = (0..56_u64)
            .map(|back| DayMark {
                date: today.checked_sub_days(Days::new(back)).unwrap(),
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
