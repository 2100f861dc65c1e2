//! Whether a rule set can be published.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;

use super::rule_set::{LONGEST_SPAN, RuleSet};

/// Why a rule set cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetRefused {
    #[error("a rule set needs a version")]
    NoVersion,
    #[error("{0} must be above zero")]
    NotPositive(&'static str),
    #[error("{0} must not lie above the figure that blocks")]
    WarningAboveBlock(&'static str),
    #[error("{0} is listed twice")]
    Duplicate(String),
    #[error("{0} must be a whole number from 1 to 10000")]
    NotAWholeSpan(&'static str),
    #[error("the reduction factor lies between 0 and 1")]
    FactorOutOfRange,
    #[error("a rule needs a message and a source: {0}")]
    Unexplained(String),
    #[error("{0} of the shipped rules is missing")]
    Missing(String),
    #[error("{0} is no answer of the checklist, finding or laboratory value that is recorded")]
    NeverTrue(String),
    #[error("the figure that blocks lies above the maximum itself")]
    BlockAboveMaximum,
}

impl RuleSet {
    /// Checks a set before it is published.
    pub fn validate(&self) -> Result<(), RuleSetRefused> {
        if self.version.trim().is_empty() {
            return Err(RuleSetRefused::NoVersion);
        }
        let factor = self.local_anaesthetic.reduction.factor.value;
        if factor <= Decimal::ZERO || factor > Decimal::ONE {
            return Err(RuleSetRefused::FactorOutOfRange);
        }
        if self.local_anaesthetic.block_fraction.value > Decimal::ONE {
            return Err(RuleSetRefused::BlockAboveMaximum);
        }
        self.validate_limits()?;
        self.validate_positive()?;
        self.validate_order()?;
        self.validate_spans()?;
        self.validate_rows()?;
        if self.names_every_source() {
            Ok(())
        } else {
            Err(RuleSetRefused::Unexplained("a figure".to_owned()))
        }
    }

    fn validate_order(&self) -> Result<(), RuleSetRefused> {
        let anaesthetic = &self.local_anaesthetic;
        let steroid = &self.corticosteroid;
        let toxin = &self.botulinum_toxin;
        for (name, warn, block) in [
            (
                "warn_fraction",
                &anaesthetic.warn_fraction,
                &anaesthetic.block_fraction,
            ),
            (
                "session_warn_milligrams",
                &steroid.session_warn_milligrams,
                &steroid.session_block_milligrams,
            ),
            (
                "site_warn_ml",
                &self.site.site_warn_ml,
                &self.site.site_block_ml,
            ),
            ("minimum_sites", &toxin.minimum_sites, &toxin.maximum_sites),
            ("minimum_units", &toxin.minimum_units, &toxin.maximum_units),
            (
                "epinephrine warn_micrograms",
                &self.epinephrine.warn_micrograms,
                &self.epinephrine.block_micrograms,
            ),
            (
                "epinephrine at_risk_block_micrograms",
                &self.epinephrine.at_risk_block_micrograms,
                &self.epinephrine.block_micrograms,
            ),
            (
                "adult_minimum_kg",
                &self.weight.adult_minimum_kg,
                &self.weight.adult_maximum_kg,
            ),
        ] {
            if warn.value <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive(name));
            }
            if warn.value > block.value {
                return Err(RuleSetRefused::WarningAboveBlock(name));
            }
        }
        Ok(())
    }

    /// Spans of time are whole numbers, or a window would quietly be another one.
    fn validate_spans(&self) -> Result<(), RuleSetRefused> {
        for (name, span) in [
            ("stale_after_days", &self.weight.stale_after_days),
            ("window_hours", &self.local_anaesthetic.window_hours),
            ("steroid interval_days", &self.corticosteroid.interval_days),
            ("same_place_months", &self.corticosteroid.same_place_months),
            ("steroid session_hours", &self.corticosteroid.session_hours),
            ("toxin session_hours", &self.botulinum_toxin.session_hours),
            ("day_hours", &self.vitamin_b12.day_hours),
            ("toxin interval_days", &self.botulinum_toxin.interval_days),
            ("same_place_days", &self.site.same_place_days),
            ("observation_minutes", &self.site.observation_minutes),
            (
                "long_observation_minutes",
                &self.site.long_observation_minutes,
            ),
            ("opened_vial_days", &self.solution.opened_vial_days),
            (
                "opened_single_dose_hours",
                &self.solution.opened_single_dose_hours,
            ),
            (
                "reconstituted_toxin_hours",
                &self.solution.reconstituted_toxin_hours,
            ),
            ("epinephrine window_hours", &self.epinephrine.window_hours),
            ("bilateral_lung_hours", &self.site.bilateral_lung_hours),
            ("change_days", &self.weight.change_days),
            ("adult_from_years", &self.weight.adult_from_years),
        ] {
            let is_short = span.value <= Decimal::from(LONGEST_SPAN);
            if span.value <= Decimal::ZERO || !span.value.fract().is_zero() || !is_short {
                return Err(RuleSetRefused::NotAWholeSpan(name));
            }
        }
        Ok(())
    }

    fn validate_limits(&self) -> Result<(), RuleSetRefused> {
        let mut seen = BTreeSet::new();
        for limit in &self.local_anaesthetic.limits {
            if !seen.insert(limit.ingredient.as_str()) {
                return Err(RuleSetRefused::Duplicate(limit.ingredient.clone()));
            }
            for ceiling in std::iter::once(&limit.plain).chain(&limit.with_vasoconstrictor) {
                let lower = ceiling.milligrams_per_kg.min(ceiling.absolute_milligrams);
                if lower <= Decimal::ZERO {
                    return Err(RuleSetRefused::NotPositive("a maximum dose"));
                }
            }
        }
        let mut seen = BTreeSet::new();
        for row in &self.corticosteroid.equivalents {
            if !seen.insert(row.ingredient.as_str()) {
                return Err(RuleSetRefused::Duplicate(row.ingredient.clone()));
            }
            if row.equivalent_milligrams <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive("a steroid equivalent"));
            }
        }
        Ok(())
    }

    /// Other figures that would switch a rule off.
    fn validate_positive(&self) -> Result<(), RuleSetRefused> {
        let (steroid, b12, toxin) = (
            &self.corticosteroid,
            &self.vitamin_b12,
            &self.botulinum_toxin,
        );
        for (name, figure) in [
            (
                "minimum_vasoconstrictor_mcg_per_ml",
                &self.local_anaesthetic.minimum_vasoconstrictor_mcg_per_ml,
            ),
            ("same_place_sessions", &steroid.same_place_sessions),
            ("session_warn_micrograms", &b12.session_warn_micrograms),
            ("day_warn_micrograms", &b12.day_warn_micrograms),
            ("suspicious_milligrams", &b12.suspicious_milligrams),
            ("units_per_site", &toxin.units_per_site),
            ("total_warn_ml", &self.site.total_warn_ml),
            (
                "long_observation_fraction",
                &self.site.long_observation_fraction,
            ),
            (
                "ideal_weight_above_bmi",
                &self.weight.ideal_weight_above_bmi,
            ),
            ("ideal_base_kg_male", &self.weight.ideal_base_kg_male),
            ("ideal_base_kg_female", &self.weight.ideal_base_kg_female),
            ("ideal_base_height_cm", &self.weight.ideal_base_height_cm),
            ("ideal_step_cm", &self.weight.ideal_step_cm),
            ("change_fraction", &self.weight.change_fraction),
        ] {
            if figure.value <= Decimal::ZERO {
                return Err(RuleSetRefused::NotPositive(name));
            }
        }
        Ok(())
    }

    /// Whether every figure and row says where it comes from.
    fn names_every_source(&self) -> bool {
        fn is_named(value: &Value) -> bool {
            match value {
                Value::Object(members) => members.iter().all(|(name, member)| match member {
                    Value::String(text) => name != "source" || !text.trim().is_empty(),
                    other => is_named(other),
                }),
                Value::Array(items) => items.iter().all(is_named),
                _ => true,
            }
        }
        serde_json::to_value(self).is_ok_and(|content| is_named(&content))
    }

    fn validate_rows(&self) -> Result<(), RuleSetRefused> {
        for row in &self.contraindications {
            if row.message.trim().is_empty() || row.source.trim().is_empty() {
                return Err(RuleSetRefused::Unexplained(row.code.clone()));
            }
            if let Some(word) = row
                .trigger
                .never_true()
                .or_else(|| row.only_if.never_true())
            {
                return Err(RuleSetRefused::NeverTrue(word.to_owned()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Change, changed};
    use super::*;

    #[test]
    fn a_set_that_protects_nobody_is_refused() {
        let table: [(Change, RuleSetRefused); 12] = [
            (
                |r| r.local_anaesthetic.window_hours.value = Decimal::ZERO,
                RuleSetRefused::NotAWholeSpan("window_hours"),
            ),
            (
                |r| r.site.same_place_days.value = "1.5".parse().unwrap(),
                RuleSetRefused::NotAWholeSpan("same_place_days"),
            ),
            (
                |r| r.weight.stale_after_days.value = "10001".parse().unwrap(),
                RuleSetRefused::NotAWholeSpan("stale_after_days"),
            ),
            (|r| r.version = " ".to_owned(), RuleSetRefused::NoVersion),
            (
                |r| r.local_anaesthetic.reduction.factor.value = Decimal::ZERO,
                RuleSetRefused::FactorOutOfRange,
            ),
            (
                |r| r.local_anaesthetic.reduction.factor.value = Decimal::TWO,
                RuleSetRefused::FactorOutOfRange,
            ),
            (
                |r| r.local_anaesthetic.warn_fraction.value = Decimal::TWO,
                RuleSetRefused::WarningAboveBlock("warn_fraction"),
            ),
            (
                |r| r.site.site_warn_ml.value = Decimal::ZERO,
                RuleSetRefused::NotPositive("site_warn_ml"),
            ),
            (
                |r| {
                    r.local_anaesthetic
                        .limits
                        .push(r.local_anaesthetic.limits[0].clone());
                },
                RuleSetRefused::Duplicate("lidocaine".to_owned()),
            ),
            (
                |r| r.local_anaesthetic.limits[0].plain.milligrams_per_kg = Decimal::ZERO,
                RuleSetRefused::NotPositive("a maximum dose"),
            ),
            (
                |r| r.corticosteroid.equivalents[0].equivalent_milligrams = Decimal::ZERO,
                RuleSetRefused::NotPositive("a steroid equivalent"),
            ),
            (
                |r| r.contraindications[0].source.clear(),
                RuleSetRefused::Unexplained("allergy_la_amide".to_owned()),
            ),
        ];
        for (spoil, refused) in table {
            let rules = changed(spoil);
            assert_eq!(rules.validate(), Err(refused));
        }
        let mut rules = RuleSet::shipped().unwrap();
        let first = rules.corticosteroid.equivalents[0].clone();
        rules.corticosteroid.equivalents.push(first.clone());
        assert_eq!(
            rules.validate(),
            Err(RuleSetRefused::Duplicate(first.ingredient))
        );
    }

    #[test]
    fn a_figure_on_its_bound_is_accepted() {
        let table: [Change; 5] = [
            |r| r.local_anaesthetic.reduction.factor.value = Decimal::ONE,
            |r| r.local_anaesthetic.warn_fraction.value = Decimal::ONE,
            |r| r.site.site_warn_ml.value = r.site.site_block_ml.value,
            |r| r.botulinum_toxin.minimum_units.value = r.botulinum_toxin.maximum_units.value,
            |r| r.weight.stale_after_days.value = Decimal::from(LONGEST_SPAN),
        ];
        for (index, change) in table.into_iter().enumerate() {
            let rules = changed(change);
            assert_eq!(rules.validate(), Ok(()), "row {index}");
        }
    }

    #[test]
    fn a_rule_that_can_never_speak_is_refused() {
        let table: [(Change, RuleSetRefused); 11] = [
            (
                |r| {
                    let conditions = &mut r.contraindications[0].trigger.conditions;
                    conditions.push("K77-K70".to_owned());
                },
                RuleSetRefused::NeverTrue("K77-K70".to_owned()),
            ),
            (
                |r| {
                    let only_if = &mut r.contraindications[0].only_if;
                    only_if.skin_preparations.push("soap".to_owned());
                },
                RuleSetRefused::NeverTrue("soap".to_owned()),
            ),
            (
                |r| {
                    let only_if = &mut r.contraindications[0].only_if;
                    only_if.unless_answers.push("sleepy".to_owned());
                },
                RuleSetRefused::NeverTrue("sleepy".to_owned()),
            ),
            (
                |r| {
                    let anaesthetic = &mut r.local_anaesthetic;
                    anaesthetic.minimum_vasoconstrictor_mcg_per_ml.value = Decimal::ZERO;
                },
                RuleSetRefused::NotPositive("minimum_vasoconstrictor_mcg_per_ml"),
            ),
            (
                |r| {
                    r.contraindications[0]
                        .trigger
                        .answers
                        .push("sleepy".to_owned());
                },
                RuleSetRefused::NeverTrue("sleepy".to_owned()),
            ),
            (
                |r| {
                    r.contraindications[0]
                        .trigger
                        .site_findings
                        .push("freckle".to_owned());
                },
                RuleSetRefused::NeverTrue("freckle".to_owned()),
            ),
            (
                |r| r.local_anaesthetic.block_fraction.value = "1.000001".parse().unwrap(),
                RuleSetRefused::BlockAboveMaximum,
            ),
            (
                |r| r.site.total_warn_ml.value = Decimal::ZERO,
                RuleSetRefused::NotPositive("total_warn_ml"),
            ),
            (
                |r| r.corticosteroid.session_hours.value = Decimal::ZERO,
                RuleSetRefused::NotAWholeSpan("steroid session_hours"),
            ),
            (
                |r| r.vitamin_b12.day_hours.source = " ".to_owned(),
                RuleSetRefused::Unexplained("a figure".to_owned()),
            ),
            (
                |r| r.corticosteroid.equivalents[0].source.clear(),
                RuleSetRefused::Unexplained("a figure".to_owned()),
            ),
        ];
        for (spoil, refused) in table {
            let rules = changed(spoil);
            assert_eq!(rules.validate(), Err(refused));
        }
    }
}
