//! The headache diary: one entry a day.
//!
//! A headache day is a calendar day with headache of any kind. A migraine day is one that the
//! patient calls migraine or, where they do not say, a headache of half an hour or more with two of
//! the four features of its pain and one of its company (ICHD-3 1.1 C and D), with an aura, or
//! treated with a triptan or ergot.
//!
//! Memory of pain fades within days, so an entry can be made or corrected for two weeks only, and
//! never ahead. What was written down in time elsewhere, on paper or in an app, is taken over by staff and
//! marked as retrospective, with its source. What the days add up to is in [`super::diary_periods`].

use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

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
    /// What the patient calls it; `None` lets the features decide.
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
    /// Where it was taken over from afterwards; `None` for a day written in time.
    pub(super) taken_over: Option<TakenOver>,
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
}

/// A day that staff took over afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakenOver {
    /// Such as a paper diary, or the name of an app.
    pub(super) source: String,
    /// The user.
    pub(super) by: Uuid,
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

/// The days that are wanted, both included.
#[derive(Debug, Default)]
pub(crate) struct DiarySpan {
    pub(super) from: Option<NaiveDate>,
    pub(super) to: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
