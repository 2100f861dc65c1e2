//! The safety engine: what speaks against this injection in this patient, now.
//!
//! A pure function from facts, plan and rule set to checks. It never says that something is safe;
//! it names what to check, and what must not be done. It runs while a procedure is recorded and
//! again, binding, when it is completed. A missing consent and an expired or recalled lot cannot be
//! overridden.

mod botulinum_toxin;
pub mod concentration;
mod contraindications;
pub mod corticosteroid;
#[cfg(test)]
mod edges;
mod epinephrine;
pub mod facts;
mod given;
mod local_anaesthetic;
mod lots;
mod lungs;
mod needles;
pub mod rules;
#[cfg(test)]
pub mod sample;
pub mod site;
mod unreadable;
pub mod verdict;
mod vitamin_b12;
mod weight;

use facts::{Consent, PatientFacts, PlannedProcedure};
use given::given_doses;
use rules::RuleSet;
use verdict::{Assessment, Check};

use super::exact::Exact;

/// Checks a planned procedure against every rule of the set.
pub fn assess(facts: &PatientFacts, planned: &PlannedProcedure, rules: &RuleSet) -> Assessment {
    let mut checks: Vec<Check> = consent(facts, rules).into_iter().collect();
    checks.extend(lots::check(facts, planned, rules));
    checks.extend(contraindications::check(facts, planned, rules));
    checks.extend(site::check(facts, planned, rules));
    checks.extend(lungs::check(facts, planned, rules));
    checks.extend(needles::check(planned, rules));
    checks.extend(unreadable::check(facts, planned, rules));
    checks.extend(epinephrine::check(facts, planned, rules));
    let mut anaesthetic_share = None;
    match given_doses(planned) {
        Ok(given) => {
            let anaesthetic = local_anaesthetic::check(facts, planned, &given, rules);
            checks.extend(anaesthetic.checks);
            anaesthetic_share = anaesthetic.fraction;
            checks.extend(corticosteroid::check(facts, planned, &given, rules));
            checks.extend(vitamin_b12::check(facts, planned, &given, rules));
            checks.extend(botulinum_toxin::check(facts, planned, &given, rules));
        }
        Err(refused) => {
            let explanation = format!("The doses cannot be told: {refused}. Check the solution.");
            checks.push(Check::indeterminate(rules, "doses", explanation));
        }
    }
    let minutes = observation_minutes(facts, anaesthetic_share, rules);
    Assessment::of(checks, minutes)
}

fn consent(facts: &PatientFacts, rules: &RuleSet) -> Option<Check> {
    let reason = match facts.consent {
        Consent::Given => return None,
        Consent::Missing => "No consent is recorded for this procedure.",
        Consent::Withdrawn => "The patient has withdrawn consent.",
        Consent::Unable => "The patient cannot consent.",
    };
    let explanation = format!("{reason} Check the consent before going on.");
    Some(Check::forbidden(rules, "no_consent", explanation))
}

/// Longer after much anaesthetic, when the share is unknown, and at the first time.
fn observation_minutes(facts: &PatientFacts, share: Option<Exact>, rules: &RuleSet) -> u32 {
    let site = &rules.site;
    let is_first = facts.previous_sites.is_empty() && facts.previous_doses.is_empty();
    let is_much = match (share, site.long_observation_fraction.exact()) {
        (Some(share), Ok(limit)) => share > limit,
        _ => true,
    };
    let figure = if is_first || is_much {
        &site.long_observation_minutes
    } else {
        &site.observation_minutes
    };
    figure.whole().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sample::{NOW, dry, facts, found, judge, plan, previous, rules, site, status};
    use super::verdict::{CheckStatus, OverridePolicy};
    use super::*;
    use crate::formulary::DrugClass;

    #[test]
    fn a_plain_injection_in_a_healthy_patient_raises_nothing_that_stops() {
        let assessment = judge(&facts(), &plan(&["lidocaine 1 percent 5"]));
        assert_eq!(
            assessment.status,
            CheckStatus::Ok,
            "{:?}",
            assessment.checks
        );
        assert_eq!(assessment.stopping().count(), 0);
        let assessment = judge(&facts(), &dry(vec![site("temporalis left", "0", None)]));
        assert_eq!(
            (assessment.status, assessment.checks.len()),
            (CheckStatus::Ok, 0)
        );
    }

    #[test]
    fn without_consent_nobody_may_go_on() {
        for (consent, expected) in [
            (Consent::Given, None),
            (Consent::Missing, Some(CheckStatus::Block)),
            (Consent::Withdrawn, Some(CheckStatus::Block)),
            (Consent::Unable, Some(CheckStatus::Block)),
        ] {
            let patient = PatientFacts { consent, ..facts() };
            let assessment = judge(&patient, &dry(Vec::new()));
            assert_eq!(status(&assessment, "no_consent"), expected, "{consent}");
            let policy = found(&assessment, "no_consent").map(|check| check.override_policy);
            assert_eq!(policy, expected.map(|_| OverridePolicy::Never), "{consent}");
        }
    }

    #[test]
    fn observation_is_longer_after_much_anaesthetic_at_the_first_time_and_in_doubt() {
        for (weight, syringe, is_first, minutes) in [
            (Some("70"), "lidocaine 1 percent 10", false, 15),
            (Some("70"), "lidocaine 1 percent 15", false, 15),
            (Some("70"), "lidocaine 1 percent 15.000001", false, 30),
            (Some("70"), "lidocaine 1 percent 1", true, 30),
            (None, "lidocaine 1 percent 1", false, 30),
            (None, "saline 0.9 percent 1", false, 15),
        ] {
            let mut patient = facts();
            patient.weight_kg = weight.map(|weight| sample::measured(weight, NOW));
            if is_first {
                patient.previous_sites.clear();
            }
            let assessment = judge(&patient, &plan(&[syringe]));
            assert_eq!(
                assessment.observation_minutes, minutes,
                "{weight:?} {syringe}"
            );
        }
        let mut patient = facts();
        patient.previous_sites.clear();
        let old = previous(DrugClass::Saline, "saline 1 mg", "2026-01-01T00:00:00Z");
        patient.previous_doses.push(old);
        assert_eq!(judge(&patient, &dry(Vec::new())).observation_minutes, 15);
    }

    #[test]
    fn every_check_repeats_the_version_and_never_says_safe() {
        let mut patient = facts();
        patient.age_years = 80;
        patient
            .conditions
            .extend(["I50.9", "E11.9", "D66"].map(str::to_owned));
        let planned = plan(&[
            "lidocaine 2 percent 10 + bupivacaine 0.25 percent 5",
            "triamcinolone_acetonide 40 mg_per_ml 2 + cyanocobalamin 1000 mcg_per_ml 2",
        ]);
        let assessment = judge(&patient, &planned);
        assert!(assessment.checks.len() > 6);
        for check in &assessment.checks {
            assert_eq!(check.rule_version, rules().version);
            let sentence = check.explanation.to_lowercase();
            assert!(sentence.contains("check"), "{}", check.explanation);
            assert!(!sentence.contains("safe"), "{}", check.explanation);
        }
        assert_eq!(assessment, judge(&patient, &planned));
    }

    #[test]
    fn codes_are_unique_so_that_an_override_means_one_check() {
        let mut patient = facts();
        patient
            .conditions
            .extend(["G70.00", "E11.65", "D66"].map(str::to_owned));
        let assessment = judge(
            &patient,
            &plan(&["lidocaine 1 percent 1", "saline 0.9 percent 1"]),
        );
        let mut codes: Vec<&str> = assessment
            .checks
            .iter()
            .map(|check| check.code.as_str())
            .collect();
        let raised = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), raised);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn the_status_is_the_strictest_of_its_checks(volume in 1_i64..60_000, age in 0_u16..110) {
            let patient = PatientFacts { age_years: age, ..facts() };
            let volume = rust_decimal::Decimal::new(volume, 3);
            let assessment = judge(&patient, &plan(&[&format!("lidocaine 1 percent {volume}")]));
            let strictest = assessment.checks.iter().map(|check| check.status).max();
            prop_assert_eq!(Some(assessment.status), strictest);
        }
    }
}
