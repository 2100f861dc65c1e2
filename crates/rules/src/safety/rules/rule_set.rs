//! A rule set: every figure and row, under one version.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::allergy_group::AllergyGroup;
use super::botulinum_toxin::BotulinumToxinRules;
use super::contraindication::ContraindicationRow;
use super::corticosteroid::CorticosteroidRules;
use super::epinephrine::EpinephrineRules;
use super::figure::Figure;
use super::laboratory_age::LaboratoryAge;
use super::local_anaesthetic::LocalAnaestheticRules;
use super::medication_group::{KnownMedicines, MedicationGroup};
use super::shipped;
use super::site::SiteRules;
use super::solution::SolutionRules;
use super::vitamin_b12::VitaminB12Rules;
use super::weight::WeightRules;
use crate::solution::VolumeTolerances;

/// The longest span of time in days, hours, months or minutes that a rule can have.
pub(super) const LONGEST_SPAN: u32 = 10_000;

/// Every figure and row, under one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    pub version: String,
    pub weight: WeightRules,
    pub local_anaesthetic: LocalAnaestheticRules,
    pub corticosteroid: CorticosteroidRules,
    pub vitamin_b12: VitaminB12Rules,
    pub epinephrine: EpinephrineRules,
    pub botulinum_toxin: BotulinumToxinRules,
    pub site: SiteRules,
    pub solution: SolutionRules,
    pub allergy_groups: Vec<AllergyGroup>,
    #[serde(default = "shipped_medication_groups")]
    pub medication_groups: Vec<MedicationGroup>,
    pub known_medicines: KnownMedicines,
    pub laboratory_ages: Vec<LaboratoryAge>,
    pub contraindications: Vec<ContraindicationRow>,
}

fn shipped_medication_groups() -> Vec<MedicationGroup> {
    shipped::part("/medication_groups")
}

impl RuleSet {
    /// The rules that come with the program; every row awaits a clinician's review.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        serde_json::from_str(shipped::TEXT)
    }

    /// The tolerances of recorded volumes.
    pub const fn tolerances(&self) -> VolumeTolerances {
        VolumeTolerances {
            components_ml: self.solution.components_tolerance_ml.value,
            drawn_ml: self.solution.drawn_tolerance_ml.value,
        }
    }

    /// How far into the past its longest window reaches.
    pub fn looks_back_to(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let days = [
            &self.corticosteroid.interval_days,
            &self.botulinum_toxin.interval_days,
            &self.site.same_place_days,
        ];
        let hours = [
            &self.local_anaesthetic.window_hours,
            &self.vitamin_b12.day_hours,
            &self.corticosteroid.session_hours,
            &self.botulinum_toxin.session_hours,
            &self.epinephrine.window_hours,
            &self.site.bilateral_lung_hours,
        ];
        let span = |figure: &Figure| i64::from(figure.whole().unwrap_or(LONGEST_SPAN));
        let months = self.corticosteroid.same_place_months.whole();
        let by_months = now.checked_sub_months(Months::new(months.unwrap_or(LONGEST_SPAN)));
        let spans = days
            .into_iter()
            .map(|figure| TimeDelta::days(span(figure)))
            .chain(
                hours
                    .into_iter()
                    .map(|figure| TimeDelta::hours(span(figure))),
            );
        let starts = spans.map(|span| now.checked_sub_signed(span));
        starts
            .chain([by_months])
            .map(|start| start.unwrap_or(DateTime::UNIX_EPOCH))
            .min()
            .unwrap_or(DateTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::super::local_anaesthetic::DoseCeiling;
    use super::super::sample::{Change, changed};
    use super::*;

    fn shipped() -> RuleSet {
        RuleSet::shipped().unwrap()
    }

    #[test]
    fn the_shipped_rules_can_be_published_and_await_review() {
        let rules = shipped();
        assert_eq!(rules.validate(), Ok(()));
        assert_eq!(rules.version, "2026-12");
        let text = serde_json::to_string(&rules).unwrap();
        assert!(!text.contains("\"reviewed\""));
        assert_eq!(serde_json::from_str::<RuleSet>(&text).unwrap(), rules);
    }

    #[test]
    fn a_set_published_before_is_read_with_what_it_could_not_say() {
        let mut content = serde_json::to_value(shipped()).unwrap();
        content["version"] = "house-1".into();
        let parts = content.as_object_mut().unwrap();
        parts.remove("medication_groups").unwrap();
        let anaesthetic = parts["local_anaesthetic"].as_object_mut().unwrap();
        anaesthetic
            .remove("minimum_vasoconstrictor_mcg_per_ml")
            .unwrap();
        let rules: RuleSet = serde_json::from_value(content).unwrap();
        let mut expected = shipped();
        expected.version = "house-1".to_owned();
        assert_eq!(rules, expected);
        assert_eq!(rules.validate(), Ok(()));
    }

    #[test]
    fn every_published_maximum_is_there() {
        let rules = shipped();
        for (ingredient, plain, with) in [
            ("lidocaine", ("4.5", "300"), Some(("7", "500"))),
            ("bupivacaine", ("2", "175"), Some(("3", "225"))),
            ("levobupivacaine", ("2", "200"), Some(("3", "225"))),
            ("ropivacaine", ("3", "200"), Some(("3", "200"))),
            ("mepivacaine", ("4.5", "350"), Some(("7", "500"))),
            ("procaine", ("10", "600"), None),
            ("chloroprocaine", ("10", "800"), Some(("12", "1000"))),
        ] {
            let rows = &rules.local_anaesthetic.limits;
            let row = rows
                .iter()
                .find(|row| row.ingredient == ingredient)
                .unwrap();
            let figures = |ceiling: &DoseCeiling| {
                (
                    ceiling.milligrams_per_kg.to_string(),
                    ceiling.absolute_milligrams.to_string(),
                )
            };
            let own = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
            assert_eq!(figures(&row.plain), own(plain), "{ingredient}");
            assert_eq!(
                row.with_vasoconstrictor.as_ref().map(figures),
                with.map(own),
                "{ingredient} with epinephrine"
            );
        }
    }

    #[test]
    fn the_past_is_read_as_far_as_the_longest_window_reaches() {
        let table: [(Change, &str); 5] = [
            (|_| {}, "2025-11-22T12:00:00Z"),
            (
                |r| r.corticosteroid.same_place_months.value = Decimal::from(24),
                "2024-11-22T12:00:00Z",
            ),
            (
                |r| r.botulinum_toxin.interval_days.value = Decimal::from(400),
                "2025-10-18T12:00:00Z",
            ),
            (
                |r| r.local_anaesthetic.window_hours.value = Decimal::from(9_600),
                "2025-10-18T12:00:00Z",
            ),
            (
                |r| r.corticosteroid.same_place_months.value = Decimal::from(-1),
                "1970-01-01T00:00:00Z",
            ),
        ];
        for (index, (change, start)) in table.into_iter().enumerate() {
            let rules = changed(change);
            let now = "2026-11-22T12:00:00Z".parse().unwrap();
            let start: DateTime<Utc> = start.parse().unwrap();
            // Ten thousand months lie before the era in which anything was recorded.
            assert_eq!(
                rules.looks_back_to(now).max(DateTime::UNIX_EPOCH),
                start,
                "row {index}"
            );
        }
    }
}
