//! What a payer asks before it pays: limits, intervals and documentation.
//!
//! The answers are pass, fail, or needs documentation with the list of what is missing. None of
//! them stops care; the clinic can still treat and tell the patient about the cost. Windows roll:
//! a window of twelve months before a day leaves out the same day one year earlier.

mod coverage;
mod evidence;
mod limits;
mod session;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use crate::platform::text::text_enum;
use crate::procedures::formulary::ReviewState;

use coverage::{extras, indication};
use evidence::{conservative_care, first_session, function, relief};
use limits::{cap, regions, same_place};

pub(crate) use session::{Circumstance, MeasuredRelief, PayerSession, PriorSession, TreatedPlace};

text_enum! {
    /// The answer to one payer question.
    pub(crate) enum PayerResult {
        Pass = "pass",
        NeedsDocumentation = "needs_documentation",
        Fail = "fail",
    }
}

/// The rules of one payer; an absent figure is a question it does not ask.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayerRules {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) session_cap: u32,
    pub(crate) cap_window_months: u32,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) relief_percent: Option<Decimal>,
    #[serde(default)]
    pub(crate) relief_days: Option<i64>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) function_percent: Option<Decimal>,
    #[serde(default)]
    pub(crate) same_place_days: Option<i64>,
    #[serde(default)]
    pub(crate) maximum_regions: Option<usize>,
    #[serde(default)]
    pub(crate) conservative_care_days: Option<i64>,
    pub(crate) asks_ongoing_programme: bool,
    pub(crate) asks_findings_at_first: bool,
    pub(crate) minimum_findings: u32,
    pub(crate) refuses_extras: bool,
    /// Empty when the payer names none.
    #[serde(default)]
    pub(crate) covered_indications: Vec<String>,
    pub(crate) source: String,
    pub(crate) review_state: ReviewState,
}

/// The answer to one question, with what is missing for a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerCheck {
    pub(crate) code: &'static str,
    pub(crate) result: PayerResult,
    pub(crate) missing: Vec<String>,
    pub(crate) explanation: String,
}

impl PayerCheck {
    fn pass_or_fail(code: &'static str, passes: bool, explanation: String) -> Self {
        let result = if passes {
            PayerResult::Pass
        } else {
            PayerResult::Fail
        };
        Self {
            code,
            result,
            missing: Vec::new(),
            explanation,
        }
    }

    pub(super) fn documented(code: &'static str, missing: Vec<String>, explanation: &str) -> Self {
        let result = if missing.is_empty() {
            PayerResult::Pass
        } else {
            PayerResult::NeedsDocumentation
        };
        Self {
            code,
            result,
            missing,
            explanation: explanation.to_owned(),
        }
    }
}

/// Asks every question of one payer about a session.
pub(crate) fn check_payer(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Vec<PayerCheck> {
    let mut checks = vec![cap(rules, session, prior)];
    let last = prior
        .iter()
        .filter(|earlier| earlier.on <= session.on)
        .max_by_key(|e| e.on);
    match last {
        Some(last) => {
            checks.extend(relief(rules, last));
            checks.extend(function(rules, last));
        }
        None => checks.extend(first_session(rules, session)),
    }
    checks.extend(same_place(rules, session, prior));
    checks.extend(regions(rules, session));
    checks.extend(conservative_care(rules, session));
    checks.extend(extras(rules, session));
    checks.extend(indication(rules, session));
    checks.push(PayerCheck::documented(
        "record_complete",
        session.missing_record_elements.clone(),
        "The record names diagnosis, procedure, drug and units, places and immediate relief.",
    ));
    checks
}

/// Everything that is missing, once each.
pub(crate) fn missing_documentation(checks: &[PayerCheck]) -> Vec<String> {
    let missing: BTreeSet<&String> = checks.iter().flat_map(|check| &check.missing).collect();
    missing.into_iter().cloned().collect()
}

fn named(elements: &[(bool, &str)]) -> Vec<String> {
    elements
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}
