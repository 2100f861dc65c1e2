//! Allergies: to a group the rules know, to a planned drug itself, and to what no rule knows.

use super::super::facts::{Allergy, PatientFacts, PlannedProcedure};
use super::super::given::components;
use super::super::rules::{AllergyGroup, RuleSet};
use super::super::verdict::{Check, CheckStatus};
use super::near_miss::meant;
use super::words::mentions;
use crate::solution::Component;

/// The recorded allergies of this group, in words, by class or by a coded condition.
pub(super) fn allergies_of(facts: &PatientFacts, group_code: &str, rules: &RuleSet) -> Vec<String> {
    let groups = rules
        .allergy_groups
        .iter()
        .filter(|group| group.code == group_code);
    groups
        .flat_map(|group| {
            let coded = facts
                .conditions_among(&group.condition_prefixes)
                .map(|code| facts.told(&format!("condition {code}")));
            let written = facts
                .allergies
                .iter()
                .filter(|allergy| is_in_group(allergy, group))
                .map(|allergy| facts.told(&format!("allergy {}", allergy.substance)));
            coded.chain(written).collect::<Vec<_>>()
        })
        .collect()
}

fn is_in_group(allergy: &Allergy, group: &AllergyGroup) -> bool {
    allergy.class.as_ref() == Some(&group.code)
        || group
            .words
            .iter()
            .any(|phrase| mentions(&allergy.substance, phrase))
}

/// The drug by its own name, or by those of its ingredient: a group of that code has them.
fn is_allergic_to(allergy: &Allergy, component: &Component, rules: &RuleSet) -> bool {
    let drug = &component.drug;
    mentions(&allergy.substance, &drug.ingredient)
        || mentions(&allergy.substance, &drug.name)
        || rules
            .allergy_groups
            .iter()
            .any(|group| group.code == drug.ingredient && is_in_group(allergy, group))
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
                .any(|allergy| is_allergic_to(allergy, component, rules))
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

/// Allergies of which no rule knows anything.
fn unknown<'a>(
    facts: &'a PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Vec<&'a Allergy> {
    let is_known = |allergy: &Allergy| {
        rules
            .allergy_groups
            .iter()
            .any(|group| is_in_group(allergy, group))
            || components(planned).any(|component| is_allergic_to(allergy, component, rules))
    };
    facts
        .allergies
        .iter()
        .filter(|allergy| !is_known(allergy))
        .collect()
}

/// The name of a group that some rule asks for, which this allergy was most likely meant to be.
fn meant_by<'a>(allergy: &Allergy, rules: &'a RuleSet) -> Option<&'a str> {
    let risky = rules
        .allergy_groups
        .iter()
        .filter(|group| !group.is_irrelevant);
    let words = risky.flat_map(|group| &group.words);
    let is_right = |word: &str| {
        let mut known = rules.allergy_groups.iter().flat_map(|group| &group.words);
        known.any(|phrase| mentions(word, phrase))
    };
    meant(&allergy.substance, is_right, words.map(String::as_str))
}

/// Asks back about substances that are nearly one the rules ask for.
pub(super) fn misspelt_allergies(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let by_name = facts.allergies.iter().filter(|one| one.class.is_none());
    let questions: Vec<String> = by_name
        .filter(|allergy| !components(planned).any(|part| is_allergic_to(allergy, part, rules)))
        .filter_map(|allergy| {
            let meant = meant_by(allergy, rules)?;
            let name = facts.told(&format!("allergy {}", allergy.substance));
            Some(format!("{name}: did you mean {meant}?"))
        })
        .collect();
    (!questions.is_empty()).then(|| {
        let explanation = format!(
            "An allergy is nearly one that the rules ask for. {} Check it, and correct the name or give \
             the class.",
            questions.join(" ")
        );
        Check::indeterminate(rules, "allergy_misspelt", explanation)
    })
}

/// Tells which recorded allergies no rule understands, so that a person reads them and says so.
pub(super) fn unrecognised_allergies(
    facts: &PatientFacts,
    planned: &PlannedProcedure,
    rules: &RuleSet,
) -> Option<Check> {
    let names: Vec<&str> = unknown(facts, planned, rules)
        .into_iter()
        .filter(|allergy| meant_by(allergy, rules).is_none())
        .map(|allergy| allergy.substance.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        let explanation = format!(
            "These allergies are not known to the rules: {}. Check them against the planned drugs.",
            names.join(", ")
        );
        Check::plain(
            rules,
            "allergy_unrecognised",
            CheckStatus::Warn,
            explanation,
        )
    })
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::super::sample::{allergy, facts, found, judge, plan, rules};
    use super::super::super::verdict::CheckStatus::{Block, Warn};
    use super::super::sample::{
        B12, DEXAMETHASONE, EPINEPHRINE, LIDOCAINE, PROCAINE, STEROID, TOXIN, raised,
    };
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
            // The skin was cleaned with alcohol.
            ("chlorhexidine", "", "allergy_antiseptic", None),
            ("povidone-iodine", "", "allergy_antiseptic", None),
            ("botox", TOXIN, "allergy_botulinum_toxin", Some(Block)),
            (
                "triamcinolone",
                STEROID,
                "allergy_planned_drug",
                Some(Block),
            ),
            ("triamcinolone", LIDOCAINE, "allergy_planned_drug", None),
            ("lidocaine", LIDOCAINE, "allergy_planned_drug", Some(Block)),
            ("zorblax", LIDOCAINE, "allergy_unrecognised", Some(Warn)),
            ("lidocaine", STEROID, "allergy_unrecognised", None),
            ("Kenalog", LIDOCAINE, "allergy_unrecognised", None),
            (
                "bupivacaine",
                "bupivacaine_epinephrine 0.25 percent 1",
                "allergy_planned_drug",
                Some(Block),
            ),
            (
                "onabotulinumtoxinA",
                TOXIN,
                "allergy_planned_drug",
                Some(Block),
            ),
            ("Kenalog-10", STEROID, "allergy_planned_drug", Some(Block)),
            ("Kenalog", DEXAMETHASONE, "allergy_planned_drug", None),
            (
                "Decadron",
                DEXAMETHASONE,
                "allergy_planned_drug",
                Some(Block),
            ),
            (
                "cortisone",
                DEXAMETHASONE,
                "allergy_corticosteroid",
                Some(Block),
            ),
            ("cortisone", LIDOCAINE, "allergy_corticosteroid", None),
            (
                "Adrenaline",
                EPINEPHRINE,
                "allergy_epinephrine",
                Some(Block),
            ),
            ("Adrenaline", LIDOCAINE, "allergy_epinephrine", None),
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
    fn the_shipped_groups_know_brands_stems_and_other_spellings() {
        for (group, substances) in [
            (
                "la_amide",
                "Lidocaïne,lignocaine,Xylocain 2 %,Marcain,sensorcaine,Chirocaine,ropivacain,Naropin,\
                 mepivacaine HCl,Carbocaine,Polocaine,citanest,septocaine",
            ),
            (
                "la_ester",
                "Novocain,novocaine,procain,chloroprocaine,Nesacaine,tetracain,benzocaine",
            ),
            ("la_any", "local anesthetics,Local anaesthetic"),
            ("paraben", "parabens,methylparaben,hydroxybenzoates,PABA"),
            ("benzyl_alcohol", "Benzyl alcohol,benzylalcohol"),
            ("sulfite", "sulphites,Metabisulfit,sodium bisulfite"),
            (
                "cobalamin_cobalt",
                "B12,b-12,Vitamin B12,vitamin B 12,vit. B-12,VitaminB12,cobalamine,hydroxycobalamin,\
                 mecobalamin",
            ),
            (
                "botulinum_toxin",
                "Botox,Dysport,xeomin,botulinumtoxin,onabotulinumtoxinA,albumin",
            ),
            (
                "triamcinolone",
                "Kenalog 40,Kenacort,triamcinolone acetonide",
            ),
            (
                "methylprednisolone",
                "Depo-Medrol,depomedrol,Depo Medrone,Solu-Medrol,medrol,methylprednisolon",
            ),
            ("dexamethasone", "Decadron,dexamethasone phosphate"),
            ("betamethasone", "Celestone Soluspan,betamethason"),
            ("hydrocortisone", "Solu-Cortef,hydrocortison"),
            ("prednisolone", "prednisolone,prednisone"),
            ("corticosteroid", "cortisone,corticosteroids,steroids"),
            ("epinephrine", "Epinephrine,adrenaline"),
            ("latex", "Latex"),
            ("chlorhexidine", "Chlorhexidin,Hibiclens"),
            ("iodine", "Betadine,povidone-iodine"),
        ] {
            for substance in substances.split(',') {
                let known = rules()
                    .allergy_groups
                    .iter()
                    .any(|row| row.code == group && is_in_group(&allergy(substance), row));
                assert!(known, "{group} {substance}");
            }
        }
    }

    #[test]
    fn an_allergy_nobody_knows_must_be_acknowledged_by_name() {
        let mut patient = facts();
        patient
            .allergies
            .extend(["zorblax", "Novocain", "quibble"].map(allergy));
        let assessment = judge(&patient, &plan(&[LIDOCAINE]));
        let check = found(&assessment, "allergy_unrecognised").unwrap();
        assert!(check.needs_acknowledgement);
        assert!(
            check.explanation.contains("zorblax, quibble."),
            "{}",
            check.explanation
        );
        assert_eq!(assessment.status, Warn);
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
}
