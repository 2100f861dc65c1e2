//! What a payer does not cover at all, and the diagnoses it covers.

use super::super::indications::is_same_code;
use super::session::{Circumstance, PayerSession};
use super::{PayerCheck, PayerRules, named};
use crate::kind::ProcedureKind;

/// What makes a payer refuse the whole session.
pub(super) fn extras(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if !rules.refuses_extras {
        return None;
    }
    let refused = [
        (session.kind == ProcedureKind::DryNeedling, "dry needling"),
        (
            session.documents(Circumstance::BiologicInjectate),
            "a biologic injectate",
        ),
        (
            session.documents(Circumstance::OtherBlock),
            "another block in the same session",
        ),
        (
            session.documents(Circumstance::ImagingGuidance),
            "imaging guidance",
        ),
    ];
    let refused = named(&refused);
    let explanation = if refused.is_empty() {
        "Nothing in this session is excluded.".to_owned()
    } else {
        format!("The payer does not cover {}.", refused.join(", "))
    };
    Some(PayerCheck::pass_or_fail(
        "not_excluded",
        refused.is_empty(),
        explanation,
    ))
}

/// The claim says how much was given, and what became of the rest of the vial.
pub(super) fn units(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if !rules.asks_units {
        return None;
    }
    let is_waste_told = session.drugs.iter().any(|line| line.modifier.is_some());
    let missing = [
        (session.drugs.is_empty(), "the units that were given"),
        (
            !session.drugs.is_empty() && !is_waste_told,
            "what became of the rest of the vial",
        ),
    ];
    Some(PayerCheck::documented(
        "units_and_waste",
        named(&missing),
        "The claim names the units that were given and those that were thrown away.",
    ))
}

/// One of the recorded diagnoses is covered.
pub(super) fn indication(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if rules.covered_indications.is_empty() {
        return None;
    }
    if session.indications.is_empty() {
        let missing = vec!["a diagnosis code".to_owned()];
        let explanation = "The session needs a diagnosis code.";
        return Some(PayerCheck::documented("indication", missing, explanation));
    }
    let is_covered = session.indications.iter().any(|code| {
        rules
            .covered_indications
            .iter()
            .any(|covered| is_same_code(covered, code))
    });
    let explanation = if is_covered {
        "A recorded diagnosis supports the procedure.".to_owned()
    } else {
        format!(
            "No recorded diagnosis ({}) supports it.",
            session.indications.join(", ")
        )
    };
    Some(PayerCheck::pass_or_fail(
        "indication",
        is_covered,
        explanation,
    ))
}
