//! Allergies: to a group the rules know, to a planned drug itself, and to what no rule knows.

use super::super::facts::{Allergy, PatientFacts, PlannedProcedure};
use super::super::given::components;
use super::super::rules::{AllergyGroup, RuleSet};
use super::super::verdict::{Check, CheckStatus};
use super::trigger::has_condition;
use crate::procedures::solution::Component;

/// Whether an allergy of this group is recorded, in words, by class or by a coded condition.
pub(super) fn has_allergy(facts: &PatientFacts, group_code: &str, rules: &RuleSet) -> bool {
    rules
        .allergy_groups
        .iter()
        .filter(|group| group.code == group_code)
        .any(|group| {
            has_condition(facts, &group.condition_prefixes)
                || facts
                    .allergies
                    .iter()
                    .any(|allergy| is_in_group(allergy, group))
        })
}

fn is_in_group(allergy: &Allergy, group: &AllergyGroup) -> bool {
    allergy.class.as_ref() == Some(&group.code)
        || group
            .words
            .iter()
            .any(|phrase| mentions(&allergy.substance, phrase))
}

/// Whether the text has the words of the phrase in a row; word endings do not matter.
fn mentions(text: &str, phrase: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase()
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (text, phrase) = (words(text), words(phrase));
    !phrase.is_empty()
        && text.windows(phrase.len()).any(|window| {
            window
                .iter()
                .zip(&phrase)
                .all(|(word, start)| word.starts_with(start.as_str()))
        })
}

fn is_allergic_to(allergy: &Allergy, component: &Component) -> bool {
    mentions(&allergy.substance, &component.drug.ingredient)
        || mentions(&allergy.substance, &component.drug.name)
}

/// An allergy to the very drug that is planned.
pub(super) fn allergy_to_planned_drug(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let mut names: Vec<&str> = components(planned)
        .filter(|component| {
            facts
                .allergies
                .iter()
                .any(|allergy| is_allergic_to(allergy, component))
        })
        .map(|component| component.drug.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| {
        let explanation = format!(
            "An allergy to {} is recorded. Check the allergy and choose another drug.",
            names.join(", ")
        );
        Check::plain(
            rules,
            "allergy_planned_drug",
            CheckStatus::Block,
            explanation,
        )
    })
}

/// Tells which recorded allergies no rule understands, so that a person reads them.
pub(super) fn unrecognised_allergies(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let unknown: Vec<&str> = facts
        .allergies
        .iter()
        .filter(|allergy| {
            !rules
                .allergy_groups
                .iter()
                .any(|group| is_in_group(allergy, group))
        })
        .filter(|allergy| !components(planned).any(|component| is_allergic_to(allergy, component)))
        .map(|allergy| allergy.substance.as_str())
        .collect();
    (!unknown.is_empty()).then(|| {
        let explanation = format!(
            "These allergies are not known to the rules: {}. Check them against the planned drugs.",
            unknown.join(", ")
        );
        Check::plain(rules, "allergy_unrecognised", CheckStatus::Ok, explanation)
    })
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::sample::{allergy, facts};
    use super::super::super::verdict::CheckStatus::{Block, Ok, Warn};
    use super::super::sample::{B12, EPINEPHRINE, LIDOCAINE, PROCAINE, STEROID, TOXIN, raised};
    use super::*;

    #[test]
    fn an_allergy_blocks_its_class() {
        for (substance, syringe, code, expected) in [
            ("lidocaine", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("Bupivacaine", LIDOCAINE, "allergy_la_amide", Some(Block)),
            (
                "XYLOCAINE 2%",
                "ropivacaine 0.2 percent 1",
                "allergy_la_amide",
                Some(Block),
            ),
            ("amides", LIDOCAINE, "allergy_la_amide", Some(Block)),
            ("lidocaine", PROCAINE, "allergy_la_amide", None),
            ("lidocaine", PROCAINE, "allergy_la_ester", None),
            ("lidocaine", STEROID, "allergy_la_amide", None),
            ("procaine", PROCAINE, "allergy_la_ester", Some(Block)),
            ("tetracaine", PROCAINE, "allergy_la_ester", Some(Block)),
            (
                "benzocaine spray",
                "chloroprocaine 1 percent 1",
                "allergy_la_ester",
                Some(Block),
            ),
            ("procaine", LIDOCAINE, "allergy_la_amide", None),
            (
                "local anaesthetic",
                LIDOCAINE,
                "allergy_la_amide",
                Some(Block),
            ),
            (
                "local anesthetics",
                PROCAINE,
                "allergy_la_ester",
                Some(Block),
            ),
            ("benzyl alcohol", B12, "allergy_preservative", Some(Block)),
            (
                "benzyl alcohol",
                STEROID,
                "allergy_preservative",
                Some(Block),
            ),
            (
                "benzyl alcohol",
                LIDOCAINE,
                "allergy_preservative",
                Some(Warn),
            ),
            (
                "benzyl alcohol",
                "ropivacaine 0.2 percent 1",
                "allergy_preservative",
                None,
            ),
            ("alcohol", B12, "allergy_preservative", None),
            (
                "parabens",
                "hydroxocobalamin 1000 mcg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            (
                "PABA",
                "hydroxocobalamin 1000 mcg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            ("methylparaben", B12, "allergy_preservative", None),
            (
                "sodium metabisulfite",
                EPINEPHRINE,
                "allergy_preservative",
                Some(Block),
            ),
            (
                "sulfites",
                "ropivacaine 0.2 percent 1",
                "allergy_preservative",
                None,
            ),
            (
                "benzalkonium",
                "betamethasone 6 mg_per_ml 1",
                "allergy_preservative",
                Some(Block),
            ),
            ("cobalt", B12, "allergy_cobalamin_cobalt", Some(Block)),
            (
                "hydroxocobalamin",
                B12,
                "allergy_cobalamin_cobalt",
                Some(Block),
            ),
            ("Vitamin B12", B12, "allergy_cobalamin_cobalt", Some(Block)),
            ("cobalt", LIDOCAINE, "allergy_cobalamin_cobalt", None),
            ("latex gloves", "", "allergy_latex", Some(Warn)),
            ("chlorhexidine", "", "allergy_antiseptic", Some(Warn)),
            ("povidone-iodine", "", "allergy_antiseptic", Some(Warn)),
            ("botox", TOXIN, "allergy_botulinum_toxin", Some(Block)),
            (
                "triamcinolone",
                STEROID,
                "allergy_planned_drug",
                Some(Block),
            ),
            ("triamcinolone", LIDOCAINE, "allergy_planned_drug", None),
            ("lidocaine", LIDOCAINE, "allergy_planned_drug", Some(Block)),
            ("peanut", LIDOCAINE, "allergy_unrecognised", Some(Ok)),
            ("lidocaine", STEROID, "allergy_unrecognised", None),
            ("triamcinolone", STEROID, "allergy_unrecognised", None),
        ] {
            let mut patient = facts();
            patient.allergies.push(allergy(substance));
            assert_eq!(
                raised(&patient, syringe, code),
                expected,
                "{substance} {syringe} {code}"
            );
        }
    }

    #[test]
    fn a_coded_class_counts_like_the_substance() {
        let mut patient = facts();
        patient.allergies.push(Allergy {
            substance: "coded".to_owned(),
            class: Some("la_amide".to_owned()),
        });
        assert_eq!(raised(&patient, LIDOCAINE, "allergy_la_amide"), Some(Block));
        assert_eq!(raised(&patient, PROCAINE, "allergy_la_ester"), None);
    }

    #[test]
    fn words_match_in_a_row_and_from_their_beginning() {
        for (text, phrase, expected) in [
            ("Benzyl-alcohol", "benzyl alcohol", true),
            ("alcohol, benzyl", "benzyl alcohol", false),
            ("parabens", "paraben", true),
            ("novocaine", "caine", false),
            ("", "latex", false),
            ("latex", "", false),
        ] {
            assert_eq!(mentions(text, phrase), expected, "{text} / {phrase}");
        }
    }
}
