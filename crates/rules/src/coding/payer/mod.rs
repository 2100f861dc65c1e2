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

use crate::formulary::ReviewState;
use crate::kind::ProcedureKind;
use crate::text::text_enum;

use coverage::{extras, indication, units};
use evidence::{conservative_care, first_session, function, relief};
use limits::{cap, interval, regions, same_place};

pub use session::{Circumstance, MeasuredRelief, PayerSession, PriorSession, TreatedPlace};

text_enum! {
    /// The answer to one payer question.
    pub enum PayerResult {
        Pass = "pass",
        NeedsDocumentation = "needs_documentation",
        Fail = "fail",
    }
}

/// The rules of one payer; an absent figure is a question it does not ask.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question that a payer asks or does not ask"
)]
pub struct PayerRules {
    pub code: String,
    pub name: String,
    /// The procedures these rules are for; other payers' rules are for others.
    pub kinds: Vec<ProcedureKind>,
    #[serde(default)]
    pub session_cap: Option<u32>,
    #[serde(default)]
    pub cap_window_months: Option<u32>,
    /// From one session to the next, whatever was treated.
    #[serde(default)]
    pub interval_days: Option<i64>,
    /// The units that were given and thrown away are named.
    #[serde(default)]
    pub asks_units: bool,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub relief_percent: Option<Decimal>,
    #[serde(default)]
    pub relief_days: Option<i64>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub function_percent: Option<Decimal>,
    #[serde(default)]
    pub same_place_days: Option<i64>,
    #[serde(default)]
    pub maximum_regions: Option<usize>,
    #[serde(default)]
    pub conservative_care_days: Option<i64>,
    pub asks_ongoing_programme: bool,
    pub asks_findings_at_first: bool,
    pub minimum_findings: u32,
    pub refuses_extras: bool,
    /// Empty when the payer names none.
    #[serde(default)]
    pub covered_indications: Vec<String>,
    pub source: String,
    pub review_state: ReviewState,
}

/// The answer to one question, with what is missing for a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerCheck {
    pub code: &'static str,
    pub result: PayerResult,
    pub missing: Vec<String>,
    pub explanation: String,
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
pub fn check_payer(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Vec<PayerCheck> {
    let mut checks: Vec<PayerCheck> = cap(rules, session, prior).into_iter().collect();
    checks.extend(interval(rules, session, prior));
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
    checks.extend(units(rules, session));
    checks.push(PayerCheck::documented(
        "record_complete",
        session.missing_record_elements.clone(),
        "The record names diagnosis, procedure, drug and units, places and immediate relief.",
    ));
    checks
}

/// Everything that is missing, once each.
pub fn missing_documentation(checks: &[PayerCheck]) -> Vec<String> {
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
