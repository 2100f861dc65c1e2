//! The body weight a dose may be calculated with.
//!
//! A weight that is missing, not positive, from the future, older than the rule allows or most likely a
//! slip is no weight: the dose check then stays open. In obesity the ideal weight counts, because fat takes
//! up little of the drug and the actual weight would allow too much.

use rust_decimal::Decimal;

use super::facts::{PatientFacts, Sex};
use super::given::days_before;
use super::rules::WeightRules;
use crate::exact::{Exact, NotExact};

/// Why no dose can be calculated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WeightUnknown {
    #[error("no weight is recorded")]
    Missing,
    #[error("the recorded weight is too old")]
    Stale,
    #[error("the recorded weight cannot be right")]
    Implausible,
    #[error("the recorded weight is unlikely for an adult")]
    UnlikelyForAdult,
    #[error("the recorded weight lies far from the one measured shortly before")]
    ChangedTooFast,
}

impl From<NotExact> for WeightUnknown {
    fn from(_: NotExact) -> Self {
        Self::Implausible
    }
}

/// The weight for dosing, and whether it is the ideal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DosingWeight {
    pub(super) kilograms: Exact,
    pub(super) is_ideal: bool,
}

/// The body mass index, when height and weight are known.
pub(super) fn body_mass_index(facts: &PatientFacts) -> Option<Exact> {
    let weight = Exact::from_decimal(facts.weight_kg?.value).ok()?;
    let height = Exact::from_decimal(facts.height_cm?).ok()?;
    let square = height.checked_mul(height).ok()?;
    weight
        .checked_mul(Exact::whole(10_000))
        .ok()?
        .checked_div(square)
        .ok()
}

/// The weight a dose may be calculated with, or why there is none.
pub(super) fn dosing_weight(
    facts: &PatientFacts,
    rules: &WeightRules,
) -> Result<DosingWeight, WeightUnknown> {
    let measured = facts.weight_kg.ok_or(WeightUnknown::Missing)?;
    let kilograms = Exact::from_decimal(measured.value)?;
    if kilograms.is_zero() || measured.measured_at > facts.assessed_at {
        return Err(WeightUnknown::Implausible);
    }
    let oldest = days_before(facts.assessed_at, rules.stale_after_days.whole()?)?;
    if measured.measured_at < oldest {
        return Err(WeightUnknown::Stale);
    }
    refuse_a_slip(facts, kilograms, rules)?;
    let is_obese = match body_mass_index(facts) {
        Some(index) => index > rules.ideal_weight_above_bmi.exact()?,
        None => false,
    };
    if is_obese {
        let ideal = ideal_weight(facts, rules)?;
        return Ok(DosingWeight {
            kilograms: ideal.min(kilograms),
            is_ideal: true,
        });
    }
    Ok(DosingWeight {
        kilograms,
        is_ideal: false,
    })
}

/// Refuses a weight that was most likely written down wrongly, until it is measured again.
fn refuse_a_slip(
    facts: &PatientFacts,
    kilograms: Exact,
    rules: &WeightRules,
) -> Result<(), WeightUnknown> {
    let is_adult = Exact::whole(facts.age_years.into()) >= rules.adult_from_years.exact()?;
    let is_likely =
        (rules.adult_minimum_kg.exact()?..=rules.adult_maximum_kg.exact()?).contains(&kilograms);
    if is_adult && !is_likely {
        return Err(WeightUnknown::UnlikelyForAdult);
    }
    let (Some(now), Some(before)) = (facts.weight_kg, facts.earlier_weight_kg) else {
        return Ok(());
    };
    let compared_from = days_before(now.measured_at, rules.change_days.whole()?)?;
    let change = Exact::from_decimal((now.value - before.value).abs())?;
    let allowed = Exact::from_decimal(before.value)?.checked_mul(rules.change_fraction.exact()?)?;
    if before.measured_at >= compared_from && change > allowed {
        return Err(WeightUnknown::ChangedTooFast);
    }
    Ok(())
}

/// Base weight plus a weight for every step above the base height; unknown sex takes the lower.
fn ideal_weight(facts: &PatientFacts, rules: &WeightRules) -> Result<Exact, WeightUnknown> {
    let height = facts.height_cm.ok_or(WeightUnknown::Implausible)?;
    let base = match facts.sex {
        Sex::Male => rules.ideal_base_kg_male.value,
        Sex::Female => rules.ideal_base_kg_female.value,
        Sex::Unknown => rules
            .ideal_base_kg_male
            .value
            .min(rules.ideal_base_kg_female.value),
    };
    let scaled = scaled_ideal_weight(height, base, rules).ok_or(WeightUnknown::Implausible)?;
    let ideal = Exact::from_decimal(scaled)?.checked_div(rules.ideal_step_cm.exact()?)?;
    if ideal.is_zero() {
        return Err(WeightUnknown::Implausible);
    }
    Ok(ideal)
}

/// The ideal weight times the step, so that nothing has to be divided yet.
fn scaled_ideal_weight(height: Decimal, base: Decimal, rules: &WeightRules) -> Option<Decimal> {
    let above = height.checked_sub(rules.ideal_base_height_cm.value)?;
    let extra = rules.ideal_kg_per_step.value.checked_mul(above)?;
    base.checked_mul(rules.ideal_step_cm.value)?
        .checked_add(extra)
}

#[cfg(test)]
mod tests {
    use super::super::rules::RuleSet;
    use super::super::sample::{at, facts, measured};
    use super::*;
    use crate::sample::decimal;

    #[test]
    fn a_weight_counts_until_it_is_too_old() {
        let rules = RuleSet::shipped().unwrap().weight;
        for (measured_at, expected) in [
            ("2026-11-22T12:00:00Z", Ok("70")),
            ("2026-08-24T12:00:00Z", Ok("70")),
            ("2026-08-24T11:59:59Z", Err(WeightUnknown::Stale)),
            ("2026-11-22T12:00:01Z", Err(WeightUnknown::Implausible)),
        ] {
            let mut patient = facts();
            patient.weight_kg = Some(measured("70", measured_at));
            let weight = dosing_weight(&patient, &rules).map(|weight| weight.kilograms);
            let expected = expected.map(|text| Exact::from_decimal(decimal(text)).unwrap());
            assert_eq!(weight, expected, "{measured_at}");
        }
        let mut patient = facts();
        patient.weight_kg = None;
        assert_eq!(dosing_weight(&patient, &rules), Err(WeightUnknown::Missing));
        patient.weight_kg = Some(measured(
            "0",
            at("2026-11-22T12:00:00Z").to_rfc3339().as_str(),
        ));
        assert_eq!(
            dosing_weight(&patient, &rules),
            Err(WeightUnknown::Implausible)
        );
        patient.weight_kg = Some(measured("-70", "2026-11-22T12:00:00Z"));
        assert_eq!(
            dosing_weight(&patient, &rules),
            Err(WeightUnknown::Implausible)
        );
    }

    #[test]
    fn a_weight_that_was_most_likely_a_slip_leaves_the_dose_open() {
        use WeightUnknown::{ChangedTooFast, UnlikelyForAdult};
        let rules = RuleSet::shipped().unwrap().weight;
        for (age, weight, before, expected) in [
            (45, "5", None, Err(UnlikelyForAdult)),
            (18, "24.999999", None, Err(UnlikelyForAdult)),
            (18, "25", None, Ok(())),
            (17, "24.999999", None, Ok(())),
            (45, "350", None, Ok(())),
            (45, "350.000001", None, Err(UnlikelyForAdult)),
            (
                45,
                "170",
                Some(("70", "2026-11-12T12:00:00Z")),
                Err(ChangedTooFast),
            ),
            (45, "84", Some(("70", "2026-11-12T12:00:00Z")), Ok(())),
            (
                45,
                "84.000001",
                Some(("70", "2026-11-12T12:00:00Z")),
                Err(ChangedTooFast),
            ),
            (
                45,
                "55.999999",
                Some(("70", "2026-11-12T12:00:00Z")),
                Err(ChangedTooFast),
            ),
            (45, "56", Some(("70", "2026-11-12T12:00:00Z")), Ok(())),
            (
                45,
                "170",
                Some(("70", "2026-10-23T12:00:00Z")),
                Err(ChangedTooFast),
            ),
            (45, "170", Some(("70", "2026-10-23T11:59:59Z")), Ok(())),
        ] {
            let mut patient = facts();
            patient.age_years = age;
            patient.weight_kg = Some(measured(weight, "2026-11-22T12:00:00Z"));
            patient.earlier_weight_kg = before.map(|(kg, at)| measured(kg, at));
            let found = dosing_weight(&patient, &rules).map(|_| ());
            assert_eq!(found, expected, "{age} {weight} {before:?}");
        }
    }

    #[test]
    fn the_ideal_weight_counts_only_above_the_limit_of_the_body_mass_index() {
        let rules = RuleSet::shipped().unwrap().weight;
        for (weight, height, sex, expected, is_ideal) in [
            ("97.2", Some("180"), Sex::Male, "97.2", false),
            ("97.200001", Some("180"), Sex::Male, "74.9921", true),
            ("97.200001", Some("180"), Sex::Female, "70.4921", true),
            ("97.200001", Some("180"), Sex::Unknown, "70.4921", true),
            ("120", Some("152.4"), Sex::Male, "50", true),
            ("120", Some("150"), Sex::Male, "47.8268", true),
            ("120", None, Sex::Male, "120", false),
            ("70", Some("170"), Sex::Male, "70", false),
        ] {
            let mut patient = facts();
            patient.weight_kg = Some(measured(weight, "2026-11-22T12:00:00Z"));
            patient.height_cm = height.map(decimal);
            patient.sex = sex;
            let dosing = dosing_weight(&patient, &rules).unwrap();
            let shown = dosing.kilograms.rounded(6).unwrap();
            let shown = if is_ideal { shown.round_dp(4) } else { shown };
            assert_eq!(
                shown.normalize(),
                decimal(expected),
                "{weight} kg {height:?}"
            );
            assert_eq!(dosing.is_ideal, is_ideal, "{weight} kg {height:?}");
        }
    }

    #[test]
    fn an_impossible_height_leaves_the_dose_open() {
        let rules = RuleSet::shipped().unwrap().weight;
        let mut patient = facts();
        patient.weight_kg = Some(measured("70", "2026-11-22T12:00:00Z"));
        patient.height_cm = Some(decimal("10"));
        assert_eq!(
            dosing_weight(&patient, &rules),
            Err(WeightUnknown::Implausible)
        );
    }
}
