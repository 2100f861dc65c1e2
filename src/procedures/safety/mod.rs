//! The safety engine: what speaks against this injection in this patient, now.
//!
//! A pure function from facts, plan and rule set to checks. It never says that something is safe;
//! it names what to check, and what must not be done. It runs while a procedure is recorded and
//! again, binding, when it is completed. Consent and lots are no matter of figures: without
//! consent, or with an expired or recalled lot, nobody may override.

mod botulinum_toxin;
mod contraindications;
mod corticosteroid;
pub(crate) mod facts;
mod given;
mod local_anaesthetic;
mod lots;
pub(crate) mod rules;
#[cfg(test)]
pub(crate) mod sample;
mod site;
pub(crate) mod verdict;
mod vitamin_b12;
mod weight;

pub(crate) use corticosteroid::{EquivalentUnknown, reference_equivalent};
pub(crate) use site::NeedleRefused;

use facts::{Consent, PatientFacts, PlannedProcedure};
use given::given_doses;
use rules::RuleSet;
use verdict::{Assessment, Check};

use super::exact::Exact;

/// Checks a planned procedure against every rule of the set.
pub(crate) fn assess(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Assessment {
    let mut checks: Vec<Check> = consent(facts, rules).into_iter().collect();
    checks.extend(lots::check(facts, planned, rules));
    checks.extend(contraindications::check(facts, planned, rules));
    checks.extend(site::check(facts, planned, rules));
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
        Consent::UnableToConsent => "The patient cannot consent.",
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


