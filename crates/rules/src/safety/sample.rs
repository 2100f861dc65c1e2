//! A patient and a plan to which tests change one thing.

#![expect(
    clippy::missing_panics_doc,
    reason = "a sample that cannot be made fails its test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::assess;
use super::facts::{
    Allergy, Consent, LaboratoryValue, Measured, Medication, MedicationClass, PatientFacts, Place,
    PlannedProcedure, PlannedSite, Pregnancy, PreviousDose, PreviousSite, Sex, caution_flags,
};
use super::rules::RuleSet;
use super::verdict::{Assessment, Check, CheckStatus};
use crate::dose::{Amount, AmountUnit, Mass, VolumeMl};
use crate::exact::Exact;
use crate::formulary::DrugClass;
use crate::kind::{ProcedureKind, Side, SkinPreparation};
use crate::sample::{component, decimal, lot, ml, tolerances};
use crate::solution::{Component, Solution};

/// The moment of every assessment in tests.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// Reads an instant.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A measure taken at an instant.
pub fn measured(value: &str, measured_at: &str) -> Measured {
    Measured {
        value: decimal(value),
        measured_at: at(measured_at),
    }
}

static SHIPPED: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::shipped().unwrap());

/// The shipped rules, to change one of them.
pub fn rules() -> RuleSet {
    SHIPPED.clone()
}

/// A man of 45 without any illness, who has been needled before and has consented.
pub fn facts() -> PatientFacts {
    PatientFacts {
        assessed_at: at(NOW),
        age_years: 45,
        sex: Sex::Male,
        weight_kg: Some(measured("70", NOW)),
        earlier_weight_kg: None,
        height_cm: None,
        temperature_celsius: Some(decimal("36.8")),
        pregnancy: Pregnancy::NotPregnant,
        is_breastfeeding: false,
        allergies: Vec::new(),
        medications: Vec::new(),
        conditions: Vec::new(),
        active_conditions: Vec::new(),
        laboratory: Vec::new(),
        answers: BTreeSet::new(),
        previous_doses: Vec::new(),
        unreadable_doses: Vec::new(),
        previous_sites: vec![PreviousSite {
            place: Place::of_muscle("masseter", Side::Left),
            caution_flags: Vec::new(),
            needled_at: at("2025-01-01T12:00:00Z"),
        }],
        consent: Consent::Given,
        origins: BTreeMap::new(),
    }
}

/// The same man with this weight.
pub fn facts_of(weight: &str) -> PatientFacts {
    PatientFacts {
        weight_kg: Some(measured(weight, NOW)),
        ..facts()
    }
}

/// A site written "temporalis left"; no flags, in the head.
pub fn site(text: &str, volume: &str, solution_index: Option<usize>) -> PlannedSite {
    let (muscle, side) = text.split_once(' ').unwrap();
    PlannedSite {
        place: Place::of_muscle(muscle, Side::parse(side).unwrap()),
        region: "neck".to_owned(),
        caution_flags: Vec::new(),
        is_caution_acknowledged: false,
        site_findings: BTreeSet::new(),
        volume: ml(volume),
        solution_index,
        needle: None,
    }
}

/// A site with flags of the catalogue.
pub fn flagged(text: &str, flags: &str) -> PlannedSite {
    PlannedSite {
        caution_flags: caution_flags(flags),
        ..site(text, "0", None)
    }
}

/// Mixes the components of the text, each with a usable lot.
pub fn stocked(text: &str) -> Solution {
    let components: Vec<Component> = text
        .split('+')
        .enumerate()
        .map(|(index, text)| {
            let mut component = component(text);
            let mut lot = lot(None);
            lot.number = format!("L{index}");
            component.lot = Some(lot);
            component
        })
        .collect();
    let total = VolumeMl::sum(components.iter().map(|component| component.volume)).unwrap();
    Solution::mix(
        "syringe A".to_owned(),
        total,
        components,
        None,
        tolerances(),
    )
    .unwrap()
}

/// Injects the whole of each syringe, in parts of at most 2 mL.
pub fn plan(syringes: &[&str]) -> PlannedProcedure {
    let solutions: Vec<Solution> = syringes.iter().map(|text| stocked(text)).collect();
    let mut sites = Vec::new();
    for (index, solution) in solutions.iter().enumerate() {
        let mut left = solution.total_volume().millilitres();
        while !left.is_zero() {
            let part = left.min(decimal("2"));
            sites.push(site(
                "sternocleidomastoid left",
                &part.to_string(),
                Some(index),
            ));
            left -= part;
        }
    }
    PlannedProcedure {
        kind: ProcedureKind::TriggerPointInjection,
        indications: vec!["G44.209".to_owned()],
        skin_preparation: Some(SkinPreparation::Alcohol),
        solutions,
        sites,
    }
}

/// A dry plan with these sites.
pub fn dry(sites: Vec<PlannedSite>) -> PlannedProcedure {
    PlannedProcedure {
        kind: ProcedureKind::DryNeedling,
        indications: Vec::new(),
        skin_preparation: Some(SkinPreparation::Alcohol),
        solutions: Vec::new(),
        sites,
    }
}

/// An earlier dose written "lidocaine 50 mg", or "lidocaine 50 mg 5" with 5 mcg/mL of epinephrine.
pub fn previous(class: DrugClass, text: &str, given_at: &str) -> PreviousDose {
    let words: Vec<&str> = text.split_whitespace().collect();
    PreviousDose {
        session_id: Uuid::from_u128(at(given_at).timestamp_micros().unsigned_abs().into()),
        ingredient: words[0].to_owned(),
        class,
        amount: Amount::new(decimal(words[1]), AmountUnit::parse(words[2]).unwrap()).unwrap(),
        vasoconstrictor_per_ml: words.get(3).map_or(Mass::ZERO, |micrograms| {
            Mass::from_micrograms(Exact::from_decimal(decimal(micrograms)).unwrap())
        }),
        carried_vasoconstrictor: Mass::ZERO,
        given_at: at(given_at),
        place: Some(Place::of_muscle("sternocleidomastoid", Side::Left)),
    }
}

/// An allergy to a substance as written.
pub fn allergy(substance: &str) -> Allergy {
    Allergy {
        substance: substance.to_owned(),
        class: None,
    }
}

/// A laboratory value of the day of the assessment.
pub fn laboratory_value(code: &str, value: &str) -> LaboratoryValue {
    LaboratoryValue {
        code: code.to_owned(),
        value: decimal(value),
        taken_on: at(NOW).date_naive(),
    }
}

/// An active medicine of a class.
pub fn medication(class: MedicationClass, last_taken_at: Option<&str>) -> Medication {
    Medication {
        class: Some(class),
        last_taken_at: last_taken_at.map(at),
        ..named("any")
    }
}

/// An active medicine of which only the name is known.
pub fn named(name: &str) -> Medication {
    Medication {
        name: name.to_owned(),
        class: None,
        atc_code: None,
        last_taken_at: None,
        is_active: true,
    }
}

/// Assesses with the shipped rules.
pub fn judge(facts: &PatientFacts, planned: &PlannedProcedure) -> Assessment {
    assess(facts, planned, &SHIPPED)
}

/// The check with this code, if it was raised.
pub fn found<'a>(assessment: &'a Assessment, code: &str) -> Option<&'a Check> {
    assessment.checks.iter().find(|check| check.code == code)
}

/// The status of the check with this code, if it was raised.
pub fn status(assessment: &Assessment, code: &str) -> Option<CheckStatus> {
    found(assessment, code).map(|check| check.status)
}
