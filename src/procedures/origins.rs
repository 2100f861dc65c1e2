//! Where each fact that the rules look at is kept, so that a check can say so.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::patients::PatientFacts as KnownPatient;

use tautband_rules::checklist::Checklist;
use tautband_rules::safety::facts::Origin;

/// Where the facts are kept, under the names by which the checks tell them.
pub(super) fn origins(
    patient: &KnownPatient,
    checklist: Option<&Checklist>,
) -> BTreeMap<String, Origin> {
    let kept = |kept_in: &str, on: Option<NaiveDate>| Origin {
        on,
        kept_in: kept_in.to_owned(),
    };
    let conditions = patient.conditions.iter().map(|code| {
        (
            format!("condition {code}"),
            kept("list of conditions", None),
        )
    });
    let allergies = patient.allergies.iter().map(|one| {
        (
            format!("allergy {}", one.substance),
            kept("list of allergies", None),
        )
    });
    let medicines = patient.medications.iter().map(|one| {
        (
            format!("medicine {}", one.name),
            kept("list of medicines", None),
        )
    });
    let asked = checklist.into_iter().flat_map(|checklist| {
        let on = Some(checklist.at.date_naive());
        let answers = checklist.answers.yes.iter();
        answers
            .map(|answer| format!("answer {}", answer.as_str()))
            .chain(["pregnancy", "breastfeeding", "laboratory"].map(str::to_owned))
            .map(move |name| (name, kept("checklist", on)))
    });
    conditions
        .chain(allergies)
        .chain(medicines)
        .chain(asked)
        .collect()
}
