//! Judging a procedure as it is recorded: gathers what the rules look at and asks them.
//!
//! Everything is read in statements that are bounded by the longest window a rule looks back, and
//! that go out together. Pregnancy is known from the coded conditions alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, Utc};
use futures_util::try_join;

use crate::findings::{self, Muscle, MuscleKind};
use crate::patients::{self, PatientFacts as KnownPatient, SexAtBirth};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::dose::{Concentration, VolumeMl};
use super::history::History;
use super::lot::{Lot, LotId};
use super::procedure::{Procedure, ProcedureId, Syringe};
use super::read::{ReadProcedureError, read_procedure};
use super::report::SafetyReport;
use super::safety::facts::{
    Allergy, Consent, Measured, Medication, MedicationClass, PatientFacts, Place, PlannedProcedure,
    PlannedSite, Pregnancy, Sex,
};
use super::safety::verdict::{Assessment, Check, CheckStatus, OverridePolicy};
use super::shipped::{formulary, rules};
use super::solution::{Component, Solution};
use super::store::{self, VitalsRow};

action!(
    /// Asking the safety rules.
    ReadSafety, "procedures.safety", patients, [Provider, Assistant]
);

/// No rule of a payer or of safety looks back further.
const LOOK_BACK: Months = Months::new(12);

/// Why a procedure could not be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssessError {
    #[error("what is recorded does not fit together")]
    Inconsistent,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AssessError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Inconsistent => Problem::new(&problem::INTERNAL),
            Self::Database(error) => error.into(),
        }
    }
}

/// Why there is no assessment to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadSafetyError {
    #[error(transparent)]
    Read(#[from] ReadProcedureError),
    #[error(transparent)]
    Assess(#[from] AssessError),
}

impl Refusal for ReadSafetyError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::Assess(error) => error.problem(),
        }
    }
}

/// What the rules say of a procedure as it is recorded now.
pub(super) async fn read_safety(
    transaction: &Transaction<'_, ReadSafety>,
    id: ProcedureId,
) -> Result<SafetyReport, ReadSafetyError> {
    let procedure = read_procedure(transaction, id).await?;
    let assessment = assess(transaction, &procedure).await?;
    Ok(SafetyReport::new(
        &assessment,
        &procedure,
        transaction.now(),
    ))
}

/// Judges a procedure.
pub(super) async fn assess(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Result<Assessment, AssessError> {
    let lots = store::lots_of_procedure(transaction, procedure).await?;
    assess_with(transaction, procedure, &lots).await
}

/// Judges a procedure whose lots are as given.
pub(super) async fn assess_with(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    lots: &[Lot],
) -> Result<Assessment, AssessError> {
    let now = transaction.now();
    let since = now
        .checked_sub_months(LOOK_BACK)
        .unwrap_or(DateTime::UNIX_EPOCH);
    let codes: Vec<&str> = procedure
        .injections
        .iter()
        .map(|site| site.place.muscle_code.as_str())
        .collect();
    let (patient, vitals, sites, components, muscles) = try_join!(
        patients::clinical_facts(transaction, procedure.patient_id),
        store::vitals(transaction, procedure.visit_id),
        store::sites_before(transaction, procedure, since),
        store::components_before(transaction, procedure, since),
        findings::muscles(transaction, &codes),
    )?;
    let patient = patient.ok_or(AssessError::Inconsistent)?;
    let history = History::new(&sites, &components, formulary());
    let history = history.map_err(|error| inconsistent(&error))?;
    let facts = facts(now, &patient, &vitals, history, procedure);
    let planned = planned(procedure, lots, &muscles, now)?;
    let mut assessment = super::safety::assess(&facts, &planned, rules());
    let unusual = unusual_concentrations(&planned);
    assessment.status = assessment.status.max(
        unusual
            .iter()
            .map(|check| check.status)
            .max()
            .unwrap_or(CheckStatus::Ok),
    );
    assessment.checks.extend(unusual);
    Ok(assessment)
}

fn inconsistent(error: &dyn std::error::Error) -> AssessError {
    tracing::error!(%error, "a recorded procedure cannot be judged");
    AssessError::Inconsistent
}

fn facts(
    now: DateTime<Utc>,
    patient: &KnownPatient,
    vitals: &VitalsRow,
    history: History,
    procedure: &Procedure,
) -> PatientFacts {
    let sex = match patient.sex_at_birth {
        Some(SexAtBirth::Female) => Sex::Female,
        Some(SexAtBirth::Male) => Sex::Male,
        Some(SexAtBirth::Intersex | SexAtBirth::Unknown) | None => Sex::Unknown,
    };
    let known = patient.weight.map(|weight| (weight.measured_at, weight.kg));
    let measured = vitals
        .weight()
        .into_iter()
        .chain(known)
        .max_by_key(|(at, _)| *at);
    let has = |prefix: &str| {
        patient
            .conditions
            .iter()
            .any(|code| code.starts_with(prefix))
    };
    PatientFacts {
        assessed_at: now,
        age_years: age(patient.birth_date, now.date_naive()),
        sex,
        weight_kg: measured.map(|(measured_at, value)| Measured { value, measured_at }),
        height_cm: vitals.height_cm(),
        temperature_celsius: vitals.temperature_c(),
        pregnancy: match sex {
            _ if has("Z33") || has("O") => Pregnancy::Pregnant,
            Sex::Male => Pregnancy::NotPregnant,
            Sex::Female | Sex::Unknown => Pregnancy::Unknown,
        },
        is_breastfeeding: has("Z39.1"),
        allergies: patient
            .allergies
            .iter()
            .map(|one| Allergy {
                substance: one.substance.clone(),
                class: one.class.map(|class| class.as_str().to_owned()),
            })
            .collect(),
        medications: patient.medications.iter().map(medication).collect(),
        conditions: patient.conditions.clone(),
        laboratory: Vec::new(),
        answers: std::collections::BTreeSet::new(),
        previous_doses: history.doses,
        previous_sites: history.sites,
        consent: if procedure.consent.is_some() {
            Consent::Given
        } else {
            Consent::Missing
        },
    }
}

fn medication(known: &patients::KnownMedication) -> Medication {
    let class = known
        .class
        .and_then(|class| MedicationClass::parse(class.as_str()));
    Medication {
        name: known.name.clone(),
        class: class.unwrap_or(MedicationClass::Other),
        atc_code: None,
        last_taken_at: known.last_taken_at,
        is_active: known.is_active,
    }
}

fn age(birth_date: NaiveDate, today: NaiveDate) -> u16 {
    today
        .years_since(birth_date)
        .and_then(|years| u16::try_from(years).ok())
        .unwrap_or(0)
}

fn planned(
    procedure: &Procedure,
    lots: &[Lot],
    muscles: &[Muscle],
    now: DateTime<Utc>,
) -> Result<PlannedProcedure, AssessError> {
    let lots: BTreeMap<LotId, &Lot> = lots.iter().map(|lot| (lot.id, lot)).collect();
    let solutions: Result<Vec<Solution>, AssessError> = procedure
        .syringes
        .iter()
        .map(|syringe| solution(syringe, &lots, now))
        .collect();
    let mut sites = Vec::new();
    for injection in &procedure.injections {
        let code = &injection.place.muscle_code;
        let muscle = muscles.iter().find(|muscle| muscle.code == *code);
        let muscle = muscle.ok_or(AssessError::Inconsistent)?;
        let position = |id| {
            procedure
                .syringes
                .iter()
                .position(|syringe| syringe.id == id)
        };
        sites.push(PlannedSite {
            place: Place {
                muscle_code: code.clone(),
                side: injection.place.side,
            },
            counted_as: whole_of(muscle).to_owned(),
            region: muscle.anatomy.home.region.as_str().to_owned(),
            caution_flags: muscle.cautions.clone(),
            is_caution_acknowledged: false,
            site_findings: std::collections::BTreeSet::new(),
            volume: VolumeMl::new(injection.volume_ml).map_err(|error| inconsistent(&error))?,
            solution_index: injection.solution_id.and_then(position),
        });
    }
    Ok(PlannedProcedure {
        kind: procedure.kind,
        indications: procedure.indication_codes.clone(),
        solutions: solutions?,
        sites,
    })
}

/// The whole muscle for a part, else the muscle itself.
fn whole_of(muscle: &Muscle) -> &str {
    let whole = muscle
        .parent_code
        .as_deref()
        .filter(|_| muscle.kind == MuscleKind::Part);
    whole.unwrap_or(&muscle.code)
}

fn solution(
    syringe: &Syringe,
    lots: &BTreeMap<LotId, &Lot>,
    now: DateTime<Utc>,
) -> Result<Solution, AssessError> {
    let mut components = Vec::new();
    for component in &syringe.components {
        let drug = formulary()
            .find(&component.drug_code)
            .ok_or(AssessError::Inconsistent)?;
        let lot = lots
            .get(&component.lot_id)
            .ok_or(AssessError::Inconsistent)?;
        components.push(Component {
            drug: drug.clone(),
            concentration: component.concentration,
            volume: VolumeMl::new(component.volume_ml).map_err(|error| inconsistent(&error))?,
            lot: Some(lot.drawn(now).map_err(|error| inconsistent(&error))?),
        });
    }
    let volume = VolumeMl::new(syringe.volume_ml).map_err(|error| inconsistent(&error))?;
    Solution::mix(
        syringe.label.clone(),
        volume,
        components,
        None,
        rules().tolerances(),
    )
    .map_err(|error| inconsistent(&error))
}

/// Warns of a concentration that the formulary does not list: a slip, or a vial of another kind.
fn unusual_concentrations(planned: &PlannedProcedure) -> Vec<Check> {
    let is_listed = |component: &Component, concentration: Concentration| {
        let per_ml = concentration.amount_per_ml();
        component.drug.concentrations.is_empty()
            || component
                .drug
                .concentrations
                .iter()
                .any(|listed| listed.amount_per_ml() == per_ml)
    };
    let mut named: Vec<String> = planned
        .solutions
        .iter()
        .flat_map(Solution::components)
        .filter_map(|component| {
            let concentration = component.concentration?;
            let name = format!("{} {concentration}", component.drug.name);
            (!is_listed(component, concentration)).then_some(name)
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Vec::new();
    }
    vec![Check {
        code: "unusual_concentration".to_owned(),
        status: CheckStatus::Warn,
        limit: None,
        actual: None,
        fraction: None,
        unit: None,
        rule_version: formulary().version.clone(),
        explanation: format!(
            "Not a usual concentration: {}. Check the vial and the unit.",
            named.join(", ")
        ),
        override_policy: OverridePolicy::ByProvider,
        needs_acknowledgement: true,
    }]
}
