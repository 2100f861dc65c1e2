//! What the rules look at: the patient as known now, and the procedure as planned.
//!
//! Everything comes in as data, also the time, so that an assessment can be repeated word for
//! word from what was stored. Nothing here is a judgement.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::dose::{Amount, Mass, VolumeMl};
use crate::formulary::DrugClass;
use crate::kind::{ProcedureKind, Side, SkinPreparation};
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

impl Measured {
    /// A weight with its day.
    pub(super) fn told(&self) -> String {
        format!(
            "weight {} kg of {}",
            self.value,
            self.measured_at.date_naive()
        )
    }
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
    pub taken_on: NaiveDate,
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
    /// The epinephrine that came with this drug, in its own product.
    pub carried_vasoconstrictor: Mass,
    pub given_at: DateTime<Utc>,
    pub place: Option<Place>,
}

/// A drug that was given before and of which the record does not tell the dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableDose {
    /// As it is recorded.
    pub drug_code: String,
    /// None when the formulary does not know the drug.
    pub class: Option<DrugClass>,
    pub given_at: DateTime<Utc>,
}

/// A muscle on a side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub muscle_code: String,
    pub side: Side,
    /// The whole muscle for a part, else the muscle itself.
    pub counted_as: String,
    /// The group that the muscle belongs to.
    pub group: Option<String>,
}

impl Place {
    /// A muscle that is neither a part nor in a group.
    pub fn of_muscle(muscle_code: &str, side: Side) -> Self {
        Self {
            muscle_code: muscle_code.to_owned(),
            side,
            counted_as: muscle_code.to_owned(),
            group: None,
        }
    }

    /// Whether a needle in one is a needle in the other: a part stands for its whole muscle, and a group
    /// for each of its members.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.side == other.side
            && (self.counted_as == other.counted_as
                || self.group.as_ref() == Some(&other.muscle_code)
                || other.group.as_ref() == Some(&self.muscle_code))
    }
}

/// A place that was needled before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousSite {
    pub place: Place,
    /// Flags of the muscle catalogue.
    pub caution_flags: Vec<String>,
    pub needled_at: DateTime<Utc>,
}

/// When a fact was recorded, and where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub on: Option<NaiveDate>,
    pub kept_in: String,
}

/// The patient as known at the moment of the assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientFacts {
    pub assessed_at: DateTime<Utc>,
    pub age_years: u16,
    pub sex: Sex,
    pub weight_kg: Option<Measured>,
    /// The weight that was measured before that one.
    pub earlier_weight_kg: Option<Measured>,
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
    pub unreadable_doses: Vec<UnreadableDose>,
    pub previous_sites: Vec<PreviousSite>,
    pub consent: Consent,
    /// Where each fact comes from, by its name as a check tells it (`condition E11.9`).
    pub origins: BTreeMap<String, Origin>,
}

impl PatientFacts {
    /// Whether the code of a condition, resolved or not, is among these codes.
    pub(super) fn has_condition(&self, listed: &[String]) -> bool {
        listed_codes(&self.conditions, listed).next().is_some()
    }

    /// The conditions, resolved or not, that are among these codes.
    pub(super) fn conditions_among<'a>(
        &'a self,
        listed: &'a [String],
    ) -> impl Iterator<Item = &'a String> {
        listed_codes(&self.conditions, listed)
    }

    /// The conditions that last and are among these codes.
    pub(super) fn active_conditions_among<'a>(
        &'a self,
        listed: &'a [String],
    ) -> impl Iterator<Item = &'a String> {
        listed_codes(&self.active_conditions, listed)
    }

    /// The name of a fact with its date and where it is kept, as far as that is known.
    pub(super) fn told(&self, name: &str) -> String {
        let Some(origin) = self.origins.get(name) else {
            return name.to_owned();
        };
        match origin.on {
            Some(on) => format!("{name} of {on} ({})", origin.kept_in),
            None => format!("{name} ({})", origin.kept_in),
        }
    }
}

fn listed_codes<'a>(codes: &'a [String], listed: &'a [String]) -> impl Iterator<Item = &'a String> {
    codes
        .iter()
        .filter(|code| listed.iter().any(|row| is_listed(code, row)))
}

/// How many characters of an ICD-10-CM code are its category.
const CATEGORY: usize = 3;

/// Whether a code lies under a listed one (`K70.4`), or in a range of categories (`K70-K77`), both
/// ends included. Codes are written with a dot or without.
pub(super) fn is_listed(code: &str, listed: &str) -> bool {
    let plain = |code: &str| code.replace('.', "").trim().to_ascii_uppercase();
    let code = plain(code);
    match listed.split_once('-') {
        None => code.starts_with(&plain(listed)),
        Some((first, last)) => code
            .get(..CATEGORY)
            .is_some_and(|category| (plain(first)..=plain(last)).contains(&category.to_owned())),
    }
}

/// A place where the needle is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSite {
    pub place: Place,
    pub region: String,
    /// Flags of the muscle catalogue, such as `PTX` or `VASC(vertebral a.)`.
    pub caution_flags: Vec<String>,
    pub is_caution_acknowledged: bool,
    /// Codes of what was seen at the site, such as `infection_local`.
    pub site_findings: BTreeSet<String>,
    pub volume: VolumeMl,
    /// Position in the list of solutions; none for a dry needle.
    pub solution_index: Option<usize>,
    /// None while no needle is chosen.
    pub needle: Option<PlannedNeedle>,
}

/// The needle at a site, and what the catalogue has for the muscle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedNeedle {
    pub length_mm: u16,
    /// The longest needle that the catalogue has for the muscle; none where it names none.
    pub longest_usual_mm: Option<u16>,
    pub is_aspirated: bool,
}

/// The procedure as planned or, at completion, as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedProcedure {
    pub kind: ProcedureKind,
    pub indications: Vec<String>,
    /// None while it is not recorded what the skin was cleaned with.
    pub skin_preparation: Option<SkinPreparation>,
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
