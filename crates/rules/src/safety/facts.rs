//! What the rules look at: the patient as known now, and the procedure as planned.
//!
//! Everything comes in as data, also the time, so that an assessment can be repeated word for
//! word from what was stored. Nothing here is a judgement.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::dose::{Amount, Mass, VolumeMl};
use crate::formulary::DrugClass;
use crate::kind::{ProcedureKind, Side};
use crate::solution::Solution;
use crate::text::text_enum;

text_enum! {
    /// Sex as it matters for body formulas and for asking about pregnancy.
    pub enum Sex {
        Female = "female",
        Male = "male",
        Unknown = "unknown",
    }
}

text_enum! {
    /// What is known about a pregnancy.
    pub enum Pregnancy {
        Pregnant = "pregnant",
        NotPregnant = "not_pregnant",
        Unknown = "unknown",
    }
}

text_enum! {
    /// What a medicine does that matters to a needle or a drug.
    pub enum MedicationClass {
        Anticoagulant = "anticoagulant",
        Antiplatelet = "antiplatelet",
        MonoamineOxidaseInhibitor = "maoi",
        TricyclicAntidepressant = "tca",
        SystemicCorticosteroid = "systemic_corticosteroid",
        Immunosuppressant = "immunosuppressant",
        MethaemoglobinInducer = "methaemoglobin_inducer",
        Other = "other",
    }
}

text_enum! {
    /// Where the consent for this procedure stands.
    pub enum Consent {
        Given = "given",
        Missing = "missing",
        Withdrawn = "withdrawn",
        Unable = "unable_to_consent",
    }
}

/// A body measure and when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    pub value: Decimal,
    pub measured_at: DateTime<Utc>,
}

/// A recorded allergy: the substance as written, and its class if one was coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allergy {
    pub substance: String,
    pub class: Option<String>,
}

/// A medicine the patient takes, or took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medication {
    pub name: String,
    /// As somebody classed it; the name is looked at all the same.
    pub class: Option<MedicationClass>,
    pub atc_code: Option<String>,
    /// Unknown counts as taken today.
    pub last_taken_at: Option<DateTime<Utc>>,
    pub is_active: bool,
}

/// A laboratory value, named by its short code (`inr`, `platelets`, `hba1c`, `glucose`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaboratoryValue {
    pub code: String,
    pub value: Decimal,
}

/// A drug that was given in this clinic before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousDose {
    /// Doses of one session share it.
    pub session_id: Uuid,
    pub ingredient: String,
    pub class: DrugClass,
    pub amount: Amount,
    /// What surrounded it in a millilitre of what was injected.
    pub vasoconstrictor_per_ml: Mass,
    pub given_at: DateTime<Utc>,
    pub place: Option<Place>,
}

/// A muscle on a side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub muscle_code: String,
    pub side: Side,
}

/// A place that was needled before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousSite {
    pub place: Place,
    pub needled_at: DateTime<Utc>,
}

/// The patient as known at the moment of the assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientFacts {
    pub assessed_at: DateTime<Utc>,
    pub age_years: u16,
    pub sex: Sex,
    pub weight_kg: Option<Measured>,
    pub height_cm: Option<Decimal>,
    pub temperature_celsius: Option<Decimal>,
    pub pregnancy: Pregnancy,
    pub is_breastfeeding: bool,
    pub allergies: Vec<Allergy>,
    pub medications: Vec<Medication>,
    /// ICD-10-CM codes of what is active or in the history.
    pub conditions: Vec<String>,
    /// Those of them that are not resolved.
    pub active_conditions: Vec<String>,
    pub laboratory: Vec<LaboratoryValue>,
    /// Codes of checklist questions that were answered with yes.
    pub answers: BTreeSet<String>,
    pub previous_doses: Vec<PreviousDose>,
    pub previous_sites: Vec<PreviousSite>,
    pub consent: Consent,
}

impl PatientFacts {
    /// Whether the code of a condition, resolved or not, begins with one of these prefixes.
    pub(super) fn has_condition(&self, prefixes: &[String]) -> bool {
        has_code(&self.conditions, prefixes)
    }

    /// Whether the code of a condition that lasts begins with one of these prefixes.
    pub(super) fn has_active_condition(&self, prefixes: &[String]) -> bool {
        has_code(&self.active_conditions, prefixes)
    }
}

/// Compares ICD-10-CM codes, which are written with a dot or without.
fn has_code(codes: &[String], prefixes: &[String]) -> bool {
    let plain = |code: &str| code.replace('.', "").trim().to_ascii_uppercase();
    let prefixes: Vec<String> = prefixes.iter().map(|prefix| plain(prefix)).collect();
    codes.iter().any(|code| {
        let code = plain(code);
        prefixes.iter().any(|prefix| code.starts_with(prefix))
    })
}

/// A place where the needle is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSite {
    pub place: Place,
    /// The whole muscle for a part, else the muscle itself.
    pub counted_as: String,
    pub region: String,
    /// Flags of the muscle catalogue, such as `PTX` or `VASC(vertebral a.)`.
    pub caution_flags: Vec<String>,
    pub is_caution_acknowledged: bool,
    /// Codes of what was seen at the site, such as `infection_local`.
    pub site_findings: BTreeSet<String>,
    pub volume: VolumeMl,
    /// Position in the list of solutions; none for a dry needle.
    pub solution_index: Option<usize>,
}

/// The procedure as planned or, at completion, as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedProcedure {
    pub kind: ProcedureKind,
    pub indications: Vec<String>,
    pub solutions: Vec<Solution>,
    pub sites: Vec<PlannedSite>,
}

/// Splits the flags of the muscle catalogue at commas outside parentheses.
#[cfg(test)]
pub fn caution_flags(text: &str) -> Vec<String> {
    let mut flags = vec![String::new()];
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match flags.last_mut() {
            Some(flag) if character != ',' || depth > 0 => flag.push(character),
            _ => flags.push(String::new()),
        }
    }
    flags
        .iter()
        .map(|flag| flag.trim().to_owned())
        .filter(|flag| !flag.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_split_outside_their_parentheses() {
        for (text, flags) in [
            ("", vec![]),
            ("PTX", vec!["PTX"]),
            (
                "EYE,NERVE(supraorbital)",
                vec!["EYE", "NERVE(supraorbital)"],
            ),
            (
                "VASC(vertebral a., high level)",
                vec!["VASC(vertebral a., high level)"],
            ),
            (
                "PTX, NERVE(brachial plexus/phrenic),VASC(subclavian)",
                vec!["PTX", "NERVE(brachial plexus/phrenic)", "VASC(subclavian)"],
            ),
        ] {
            assert_eq!(caution_flags(text), flags, "{text}");
        }
    }
}
