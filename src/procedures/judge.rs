//! Judging a procedure as it is recorded: gathers what the rules look at and asks them.
//!
//! The procedure, the rules, the patient and what surrounds the procedure, bounded by the longest
//! window a rule looks back, are four statements that go out together. What the checklist says of a
//! pregnancy goes before the coded conditions, and an adverse event of before answers the question
//! for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::patients::{self, PatientFacts as KnownPatient, SexAtBirth};
use crate::platform::database::{DatabaseError, OpenTransaction};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::rule_sets::{rules_in_force, rules_last_in_force};
use crate::stock::{DrawnAt, Lot, LotId, Vial, VialId, drawn_lot};

use super::history::{History, Told};
use super::needled_muscle::{NeedledMuscle, place_of};
use super::origins::origins;
use super::procedure::{Procedure, ProcedureId};
use super::store;
use super::surroundings::{Surroundings, Vitals};
use super::syringe::Syringe;
use tautband_rules::checklist::{Checklist, ChecklistAnswer, SiteFinding};
use tautband_rules::dose::VolumeMl;
use tautband_rules::kind::SkinPreparation;
use tautband_rules::safety::concentration;
use tautband_rules::safety::facts::{
    Allergy, Consent, LaboratoryValue, Measured, Medication, MedicationClass, PatientFacts,
    PlannedNeedle, PlannedProcedure, PlannedSite, Pregnancy, Sex,
};
use tautband_rules::safety::rules::RuleSet;
use tautband_rules::safety::verdict::{Assessment, Check, CheckStatus, OverridePolicy};
use tautband_rules::shipped::{formulary, shipped_rules};
use tautband_rules::solution::{Component, DrawnLot, Solution};

/// What the rules say, and the rules that said it.
pub(super) struct Judged {
    pub(super) assessment: Assessment,
    pub(super) rules: Arc<RuleSet>,
    /// The patient took back the consent to this kind of procedure.
    pub(super) withdrawn: bool,
    /// A grave adverse event of the patient is not reviewed yet.
    pub(super) awaits_review: bool,
}

/// Why a procedure could not be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JudgeError {
    #[error("what is recorded does not fit together")]
    Inconsistent,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for JudgeError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::Inconsistent => Problem::new(&problem::INTERNAL),
            Self::Database(error) => error.into(),
        }
    }
}

/// Judges a procedure by the rules in force.
pub(super) async fn judge_as_recorded(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Result<Judged, JudgeError> {
    let gathered = gather(transaction, procedure.id).await?;
    judge(transaction.now(), procedure, gathered)
}

/// What is looked at beside the procedure itself.
pub(super) struct Gathered {
    rules: Arc<RuleSet>,
    patient: Option<KnownPatient>,
    surroundings: Surroundings,
}

/// Reads the rules, the patient and what surrounds a procedure, in one exchange.
///
/// How far back to look is not known before the rules are: it is taken from those that were last in
/// force, and where others turn out to look back further, the surroundings are read again.
pub(super) async fn gather(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Result<Gathered, DatabaseError> {
    let now = transaction.now();
    let known = [
        rules_last_in_force(transaction),
        Arc::clone(shipped_rules()),
    ];
    let [last, shipped] = known.map(|rules| rules.looks_back_to(now));
    let expected = last.min(shipped);
    let (rules, patient, mut surroundings) = pipelined!(
        rules_in_force(transaction),
        patients::clinical_facts(transaction, (store::PATIENT_OF_PROCEDURE, id.uuid())),
        store::surroundings(transaction, id, expected),
    )?;
    let since = rules.looks_back_to(now);
    if since < expected {
        surroundings = store::surroundings(transaction, id, since).await?;
    }
    surroundings.sites.retain(|site| site.injected_at >= since);
    Ok(Gathered {
        rules,
        patient,
        surroundings,
    })
}

/// Judges a procedure by what was gathered.
pub(super) fn judge(
    now: DateTime<Utc>,
    procedure: &Procedure,
    gathered: Gathered,
) -> Result<Judged, JudgeError> {
    let Gathered {
        rules,
        patient,
        surroundings,
    } = gathered;
    let patient = patient.ok_or(JudgeError::Inconsistent)?;
    let Surroundings {
        vitals,
        weighed_before,
        sites,
        components,
        outside_doses,
        events,
        consent,
        awaits_review,
        muscles,
        lots,
        vials,
    } = surroundings;
    let withdrawn = consent.is_some_and(|decision| procedure.is_refused_by(&decision));
    let mut history = History::new(&sites, &components, &muscles, formulary());
    let told = Told {
        doses: &outside_doses,
        since: rules.looks_back_to(now),
        now,
    };
    history.add_told(&told, &muscles, formulary());
    let stock = Stock::new(&lots, &vials, vitals.location_id());
    let known = Known {
        patient,
        vitals,
        weighed_before,
        events,
        withdrawn,
    };
    let facts = facts(now, known, history, procedure);
    let planned = planned(procedure, &stock, &muscles, (&rules, now))?;
    let mut assessment = tautband_rules::safety::assess(&facts, &planned, &rules);
    let unusual = concentration::check(&planned, &formulary().version);
    for check in unusual
        .into_iter()
        .chain(set_aside_since(procedure, &lots, (&rules, now)))
    {
        assessment.status = assessment.status.max(check.status);
        assessment.checks.push(check);
    }
    Ok(Judged {
        assessment,
        rules,
        withdrawn,
        awaits_review,
    })
}

/// Fluid of a lot that was recalled, set aside or expired after it was injected. It stays on record, and
/// somebody has to have read of it.
fn set_aside_since(
    procedure: &Procedure,
    lots: &[Lot],
    (rules, now): (&RuleSet, DateTime<Utc>),
) -> Option<Check> {
    let is_injected = |lot: &Lot| {
        let mut from_it = procedure
            .syringes
            .iter()
            .filter(|syringe| syringe.components.iter().any(|one| one.lot_id == lot.id));
        from_it.any(|syringe| !procedure.injected_ml(syringe.id).is_zero())
    };
    let named: Vec<String> = lots
        .iter()
        .filter(|lot| is_injected(lot))
        .filter_map(|lot| Some((lot, lot.set_aside(now)?)))
        .map(|(lot, status)| format!("{} {} is {status}", lot.drug_code, lot.lot_number))
        .collect();
    (!named.is_empty()).then(|| Check {
        code: "lot_set_aside_since".to_owned(),
        status: CheckStatus::Warn,
        limit: None,
        actual: None,
        exact_actual: None,
        fraction: None,
        unit: None,
        rule_version: rules.version.clone(),
        explanation: format!(
            "What was injected came from a lot that may not be used any more ({}). Check the patient, \
             and follow the instructions of the recall.",
            named.join(", ")
        ),
        override_policy: OverridePolicy::ByProvider,
        needs_acknowledgement: true,
    })
}

fn inconsistent(error: &dyn std::error::Error) -> JudgeError {
    tracing::error!(%error, "a recorded procedure cannot be judged");
    JudgeError::Inconsistent
}

/// What was read of the patient.
struct Known {
    patient: KnownPatient,
    vitals: Vitals,
    weighed_before: Vitals,
    /// Codes of the adverse events of before.
    events: Vec<String>,
    /// The consent to this kind of procedure was taken back.
    withdrawn: bool,
}

/// The lots and vials that a procedure draws from.
struct Stock<'a> {
    lots: BTreeMap<LotId, &'a Lot>,
    vials: BTreeMap<VialId, &'a Vial>,
    /// Where the visit is.
    location_id: Option<Uuid>,
}

impl<'a> Stock<'a> {
    fn new(lots: &'a [Lot], vials: &'a [Vial], location_id: Option<Uuid>) -> Self {
        Self {
            lots: lots.iter().map(|lot| (lot.id, lot)).collect(),
            vials: vials.iter().map(|vial| (vial.id, vial)).collect(),
            location_id,
        }
    }
}

fn facts(
    now: DateTime<Utc>,
    known: Known,
    history: History,
    procedure: &Procedure,
) -> PatientFacts {
    let Known {
        patient,
        vitals,
        weighed_before,
        events,
        withdrawn,
    } = known;
    let active = patient.active_conditions.clone();
    let checklist = procedure.checklist.as_ref();
    let sex = match patient.sex_at_birth {
        Some(SexAtBirth::Female) => Sex::Female,
        Some(SexAtBirth::Male) => Sex::Male,
        Some(SexAtBirth::Intersex | SexAtBirth::Unknown) | None => Sex::Unknown,
    };
    let [weight_kg, earlier_weight_kg] = weights(&patient, &vitals, &weighed_before);
    let origins = origins(&patient, checklist);
    let asked = checklist.map(|checklist| &checklist.answers);
    let told = asked.and_then(|answers| answers.pregnancy);
    let is_breastfeeding = asked
        .and_then(|answers| answers.is_breastfeeding)
        .unwrap_or_else(|| has(&active, "Z39.1"));
    PatientFacts {
        assessed_at: now,
        age_years: age(patient.birth_date, now.date_naive()),
        sex,
        weight_kg,
        earlier_weight_kg,
        height_cm: vitals.height_cm(),
        temperature_celsius: vitals.temperature_c(),
        pregnancy: pregnancy(told, sex, &active),
        is_breastfeeding,
        allergies: patient
            .allergies
            .iter()
            .map(|one| Allergy {
                substance: one.substance.clone(),
                class: one.class.map(|class| class.as_str().to_owned()),
            })
            .collect(),
        medications: patient.medications.iter().map(medication).collect(),
        conditions: patient.conditions,
        active_conditions: active,
        laboratory: laboratory(checklist),
        answers: answers(checklist, &events),
        previous_doses: history.doses,
        unreadable_doses: history.unreadable,
        previous_sites: history.sites,
        consent: match procedure.stage.consent() {
            _ if withdrawn => Consent::Withdrawn,
            Some(_) => Consent::Given,
            None => Consent::Missing,
        },
        origins,
    }
}

/// The weight that counts, and the last of those that were measured before it. What was measured at this
/// visit goes first: what is saved elsewhere later changes nothing here.
fn weights(
    patient: &KnownPatient,
    vitals: &Vitals,
    weighed_before: &Vitals,
) -> [Option<Measured>; 2] {
    let known = patient.weight.as_ref();
    let known = known.map(|weight| (weight.measured_at, weight.kg));
    let weights: Vec<Measured> = [vitals.weight(), known, weighed_before.weight()]
        .into_iter()
        .flatten()
        .map(|(measured_at, value)| Measured { value, measured_at })
        .collect();
    let here = vitals.weight();
    let here = here.map(|(measured_at, value)| Measured { value, measured_at });
    let last = here.or_else(|| weights.iter().copied().max_by_key(|one| one.measured_at));
    let before = weights
        .into_iter()
        .filter(|one| last.is_some_and(|last| one.measured_at < last.measured_at))
        .max_by_key(|one| one.measured_at);
    [last, before]
}

/// Codes of a pregnancy: incidental to the visit, supervised, its weeks, and what complicates it.
const PREGNANCIES: [&str; 4] = ["Z33", "Z34", "Z3A", "O"];

/// What was answered for this procedure, else what the conditions that last suggest.
fn pregnancy(told: Option<Pregnancy>, sex: Sex, active: &[String]) -> Pregnancy {
    match (told, sex) {
        (Some(told @ (Pregnancy::Pregnant | Pregnancy::NotPregnant)), _) => told,
        _ if PREGNANCIES.iter().any(|prefix| has(active, prefix)) => Pregnancy::Pregnant,
        (_, Sex::Male) => Pregnancy::NotPregnant,
        (_, Sex::Female | Sex::Unknown) => Pregnancy::Unknown,
    }
}

fn has(codes: &[String], prefix: &str) -> bool {
    codes.iter().any(|code| code.starts_with(prefix))
}

fn laboratory(checklist: Option<&Checklist>) -> Vec<LaboratoryValue> {
    let values = checklist.map_or(&[][..], |checklist| &checklist.answers.laboratory);
    let value = |result: &tautband_rules::checklist::LaboratoryResult| LaboratoryValue {
        code: result.code.as_str().to_owned(),
        value: result.value,
        taken_on: result.taken_on,
    };
    values.iter().map(value).collect()
}

/// What was answered with yes, and what an earlier adverse event answers by itself.
fn answers(checklist: Option<&Checklist>, events: &[String]) -> BTreeSet<String> {
    let said = checklist.into_iter().flat_map(|one| &one.answers.yes);
    let happened = events.iter().filter_map(|code| match code.as_str() {
        "vasovagal" => Some(ChecklistAnswer::PriorVasovagal),
        "pneumothorax" => Some(ChecklistAnswer::ContralateralPneumothorax),
        _ => None,
    });
    said.copied()
        .chain(happened)
        .map(|answer| answer.as_str().to_owned())
        .collect()
}

fn medication(known: &patients::KnownMedication) -> Medication {
    Medication {
        name: known.name.clone(),
        class: known
            .class
            .and_then(|class| MedicationClass::parse(class.as_str())),
        atc_code: known.atc_code.clone(),
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
    stock: &Stock<'_>,
    muscles: &[NeedledMuscle],
    (rules, now): (&RuleSet, DateTime<Utc>),
) -> Result<PlannedProcedure, JudgeError> {
    let solutions: Result<Vec<Solution>, JudgeError> = procedure
        .syringes
        .iter()
        .map(|syringe| solution(syringe, procedure, stock, (rules, now)))
        .collect();
    let mut sites = Vec::new();
    for injection in &procedure.injections {
        let code = &injection.place.muscle_code;
        let muscle = muscles.iter().find(|muscle| muscle.code == *code);
        let muscle = muscle.ok_or(JudgeError::Inconsistent)?;
        let position = |id| {
            procedure
                .syringes
                .iter()
                .position(|syringe| syringe.id == id)
        };
        sites.push(PlannedSite {
            place: place_of(muscles, code, injection.place.side),
            region: muscle.region.clone(),
            caution_flags: muscle.cautions.clone(),
            is_caution_acknowledged: injection.is_caution_acknowledged,
            site_findings: injection
                .findings
                .iter()
                .map(|finding: &SiteFinding| finding.as_str().to_owned())
                .collect(),
            volume: VolumeMl::new(injection.volume_ml).map_err(|error| inconsistent(&error))?,
            solution_index: injection.solution_id.and_then(position),
            needle: u16::try_from(injection.needle.length_mm)
                .ok()
                .map(|length_mm| PlannedNeedle {
                    length_mm,
                    longest_usual_mm: muscle.longest_needle_mm(),
                    is_aspirated: injection.needle.aspirated,
                }),
        });
    }
    Ok(PlannedProcedure {
        kind: procedure.kind,
        indications: procedure.indication_codes.clone(),
        skin_preparation: procedure
            .set_up
            .skin
            .and_then(|skin| SkinPreparation::parse(skin.as_str())),
        solutions: solutions?,
        sites,
    })
}

fn solution(
    syringe: &Syringe,
    procedure: &Procedure,
    stock: &Stock<'_>,
    (rules, now): (&RuleSet, DateTime<Utc>),
) -> Result<Solution, JudgeError> {
    let mut components = Vec::new();
    for component in &syringe.components {
        let drug = formulary()
            .find(&component.drug_code)
            .ok_or(JudgeError::Inconsistent)?;
        let lot = stock
            .lots
            .get(&component.lot_id)
            .ok_or(JudgeError::Inconsistent)?;
        let vial = component
            .vial_id
            .and_then(|id| stock.vials.get(&id).copied());
        let at = DrawnAt {
            patient_id: procedure.patient_id,
            location_id: stock.location_id,
        };
        let drawn_ml = procedure.drawn_from_lots().get(&lot.id).copied();
        let as_drawn = Lot {
            // What was drawn has left the lot; the rules look at it as it was before.
            remaining_ml: lot.remaining_ml + drawn_ml.unwrap_or_default(),
            ..Lot::clone(lot)
        };
        let drawn = drawn_lot(&as_drawn, vial, at, (syringe.prepared_at, now));
        let drawn = drawn.map_err(|error| inconsistent(&error))?;
        components.push(Component {
            drug: drug.clone(),
            concentration: component.concentration,
            volume: VolumeMl::new(component.volume_ml).map_err(|error| inconsistent(&error))?,
            lot: Some(DrawnLot {
                differs_from_last_draw: component.differs_from_last_draw,
                ..drawn
            }),
        });
    }
    let volume = VolumeMl::new(syringe.volume_ml).map_err(|error| inconsistent(&error))?;
    // What was injected in time was not too old, and what was wasted does not matter; only what is still
    // in the syringe grows older.
    let is_empty = procedure.left_ml(syringe).is_zero();
    let judged_at = procedure
        .last_injected_at(syringe.id)
        .or_else(|| (!is_empty).then_some(now));
    let beyond_use_at = syringe
        .beyond_use_at
        .filter(|at| judged_at.is_some_and(|judged_at| judged_at >= *at));
    Solution::mix(
        syringe.label.clone(),
        volume,
        components,
        beyond_use_at,
        rules.tolerances(),
    )
    .map_err(|error| inconsistent(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_before_a_record_and_a_record_before_a_guess() {
        use Pregnancy::{NotPregnant, Pregnant, Unknown};
        for (told, sex, active, expected) in [
            (None, Sex::Female, vec![], Unknown),
            (None, Sex::Unknown, vec![], Unknown),
            (None, Sex::Male, vec![], NotPregnant),
            (None, Sex::Female, vec!["Z33.1"], Pregnant),
            (None, Sex::Female, vec!["O26.9"], Pregnant),
            (None, Sex::Female, vec!["Z34.02"], Pregnant),
            (None, Sex::Female, vec!["Z3A.20"], Pregnant),
            (None, Sex::Female, vec!["Z32.02"], Unknown),
            (None, Sex::Female, vec!["Z39.1"], Unknown),
            (None, Sex::Female, vec!["G44.209"], Unknown),
            (Some(Unknown), Sex::Female, vec!["Z33.1"], Pregnant),
            (Some(NotPregnant), Sex::Female, vec!["Z33.1"], NotPregnant),
            (Some(Pregnant), Sex::Female, vec![], Pregnant),
        ] {
            let codes: Vec<String> = active.iter().copied().map(str::to_owned).collect();
            assert_eq!(
                pregnancy(told, sex, &codes),
                expected,
                "{told:?} {active:?}"
            );
        }
    }

    #[test]
    fn an_earlier_event_answers_the_question_for_itself() {
        for (event, answer) in [
            ("vasovagal", Some("prior_vasovagal")),
            ("pneumothorax", Some("contralateral_pneumothorax")),
            ("soreness", None),
        ] {
            let found = answers(None, &[event.to_owned()]);
            assert_eq!(found.first().map(String::as_str), answer, "{event}");
        }
    }
}
