//! Procedures as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::idempotency::Answer;
use crate::platform::problem::Problem;
use crate::rule_sets::shown;
use crate::visits::{VisitId, Voided};

use super::super::decision::Override;
use super::super::injection::Injection;
use super::super::observation::{Observation, ObservedSymptom};
use super::super::procedure::{Procedure, ProcedureId};
use super::super::procedure_status::ProcedureStatus;
use super::super::report::SafetyReport;
use super::super::set_up::{Guidance, SetUp, SkinPreparation};
use super::super::stage::{ConsentMethod, Discharge, GivenConsent, Stop, TimeOut};
use super::super::syringe::Syringe;
use super::needle_bodies::{InjectionBody, SolutionBody};
use tautband_rules::checklist::{Checklist, ChecklistAnswer, LaboratoryCode, LaboratoryResult};
use tautband_rules::kind::ProcedureKind;
use tautband_rules::safety::facts::Pregnancy;
use tautband_rules::safety::verdict::CheckStatus;

/// A procedure with all that belongs to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProcedureBody {
    id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    /// Who performs it.
    provider_id: Uuid,
    #[schema(value_type = shown::ProcedureKind)]
    kind: ProcedureKind,
    status: ProcedureStatus,
    /// ICD-10-CM codes it is done for.
    indication_codes: Vec<String>,
    template_code: Option<String>,
    consent: Option<ConsentBody>,
    time_out: Option<TimeOutBody>,
    checklist: Option<ChecklistBody>,
    preparation: PreparationBody,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    stopped: Option<StopBody>,
    /// Those that were entered in error, too.
    solutions: Vec<SolutionBody>,
    /// Those that were entered in error, too.
    injections: Vec<InjectionBody>,
    observations: Vec<ObservationBody>,
    discharge: Option<DischargeBody>,
    overrides: Vec<OverrideBody>,
    /// What a provider has read, and when.
    acknowledgements: Vec<AcknowledgementBody>,
    /// The binding assessment of the completion, or the last one of what was stopped; until then
    /// ask `/safety`.
    #[schema(value_type = Option<SafetyReport>)]
    safety: Option<serde_json::Value>,
    recorded_at: DateTime<Utc>,
    /// Set when all of it was entered in error; it counts nowhere then.
    voided: Option<Voided>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<&Procedure> for ProcedureBody {
    fn from(procedure: &Procedure) -> Self {
        let solution = |syringe: &Syringe| SolutionBody::new(syringe, procedure);
        let stage = &procedure.stage;
        let injection = |injection: &Injection| InjectionBody::new(injection, procedure.id);
        let void = &procedure.void_parts;
        let mut syringes: Vec<&Syringe> = procedure.syringes.iter().chain(&void.syringes).collect();
        syringes.sort_by_key(|syringe| syringe.id);
        let mut injections: Vec<&Injection> = procedure
            .injections
            .iter()
            .chain(&void.injections)
            .collect();
        injections.sort_by_key(|injection| injection.id);
        Self {
            id: procedure.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.person_id,
            provider_id: procedure.provider_id,
            kind: procedure.kind,
            status: procedure.status(),
            indication_codes: procedure.indication_codes.clone(),
            template_code: procedure.template_code.clone(),
            consent: stage.consent().map(ConsentBody::from),
            time_out: stage.time_out().map(TimeOutBody::from),
            checklist: procedure.checklist.as_ref().map(ChecklistBody::from),
            preparation: procedure.set_up.into(),
            started_at: procedure.started_at(),
            completed_at: stage.completed_at(),
            stopped: stage.stop().map(StopBody::from),
            solutions: syringes.into_iter().map(solution).collect(),
            injections: injections.into_iter().map(injection).collect(),
            observations: procedure
                .observations
                .iter()
                .map(ObservationBody::from)
                .collect(),
            discharge: procedure.discharged().map(DischargeBody::from),
            overrides: procedure
                .overrides
                .iter()
                .filter_map(OverrideBody::shown)
                .collect(),
            acknowledgements: procedure
                .overrides
                .iter()
                .filter(|decision| decision.reason.is_none())
                .map(AcknowledgementBody::from)
                .collect(),
            safety: procedure.safety().cloned(),
            recorded_at: procedure.recorded_at,
            voided: procedure.voided.clone(),
            version: procedure.version,
            updated_at: procedure.updated_at,
        }
    }
}

impl ProcedureBody {
    /// The version of the procedure that is shown.
    pub(crate) const fn version(&self) -> Version {
        self.version
    }
}

/// The answer that shows a procedure as it is now.
pub(super) fn answer(procedure: &Procedure) -> Result<Answer, Problem> {
    Ok(Answer::ok(&ProcedureBody::from(procedure))?.version(procedure.version))
}

/// Why the procedure was not finished.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureStop)]
struct StopBody {
    reason: String,
    /// The user.
    stopped_by: Uuid,
    stopped_at: DateTime<Utc>,
}

impl From<&Stop> for StopBody {
    fn from(stop: &Stop) -> Self {
        Self {
            reason: stop.reason.clone(),
            stopped_by: stop.by,
            stopped_at: stop.at,
        }
    }
}

/// Who agreed to what, and how.
#[derive(Serialize, ToSchema)]
#[schema(as = GivenConsent)]
struct ConsentBody {
    given_by: String,
    method: ConsentMethod,
    text_version: String,
    at: DateTime<Utc>,
}

impl From<&GivenConsent> for ConsentBody {
    fn from(consent: &GivenConsent) -> Self {
        Self {
            given_by: consent.given_by.clone(),
            method: consent.method,
            text_version: consent.text_version.clone(),
            at: consent.at,
        }
    }
}

/// The points confirmed before the needle.
#[derive(Serialize, ToSchema)]
#[schema(as = TimeOut)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a checklist is a list of yes and no"
)]
struct TimeOutBody {
    at: DateTime<Utc>,
    /// The user who led it.
    by: Uuid,
    patient_ok: bool,
    procedure_ok: bool,
    site_ok: bool,
    allergies_ok: bool,
    anticoagulants_ok: bool,
}

impl From<&TimeOut> for TimeOutBody {
    fn from(time_out: &TimeOut) -> Self {
        let confirmed = time_out.confirmed;
        Self {
            at: time_out.at,
            by: time_out.by,
            patient_ok: confirmed.patient,
            procedure_ok: confirmed.procedure,
            site_ok: confirmed.site,
            allergies_ok: confirmed.allergies,
            anticoagulants_ok: confirmed.anticoagulants,
        }
    }
}

/// What was answered before the needle.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureChecklist)]
struct ChecklistBody {
    /// The questions that were answered with yes.
    #[schema(value_type = Vec<shown::ChecklistAnswer>)]
    answers: Vec<ChecklistAnswer>,
    #[schema(value_type = Option<shown::Pregnancy>)]
    pregnancy: Option<Pregnancy>,
    breastfeeding: Option<bool>,
    laboratory: Vec<LaboratoryBody>,
    /// The user who asked.
    by: Uuid,
    at: DateTime<Utc>,
}

impl From<&Checklist> for ChecklistBody {
    fn from(checklist: &Checklist) -> Self {
        let answers = &checklist.answers;
        Self {
            answers: answers.yes.iter().copied().collect(),
            pregnancy: answers.pregnancy,
            breastfeeding: answers.is_breastfeeding,
            laboratory: answers
                .laboratory
                .iter()
                .map(LaboratoryBody::from)
                .collect(),
            by: checklist.by,
            at: checklist.at,
        }
    }
}

/// A value of the laboratory.
#[derive(Serialize, ToSchema)]
#[schema(as = LaboratoryResult)]
struct LaboratoryBody {
    #[schema(value_type = shown::LaboratoryCode)]
    code: LaboratoryCode,
    value: ExactDecimal,
    taken_on: NaiveDate,
}

impl From<&LaboratoryResult> for LaboratoryBody {
    fn from(result: &LaboratoryResult) -> Self {
        Self {
            code: result.code,
            value: result.value.into(),
            taken_on: result.taken_on,
        }
    }
}

/// How a procedure was set up.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedurePreparation)]
struct PreparationBody {
    position: Option<PatientPosition>,
    skin_preparation: Option<SkinPreparation>,
    guidance: Option<Guidance>,
}

impl From<SetUp> for PreparationBody {
    fn from(set_up: SetUp) -> Self {
        Self {
            position: set_up.position,
            skin_preparation: set_up.skin,
            guidance: set_up.guidance,
        }
    }
}

/// How the patient was when somebody looked.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureObservation)]
struct ObservationBody {
    heart_rate_bpm: Option<i16>,
    systolic_mmhg: Option<i16>,
    diastolic_mmhg: Option<i16>,
    spo2_percent: Option<i16>,
    /// Empty when there was nothing.
    symptoms: Vec<ObservedSymptom>,
    note: Option<String>,
    /// Seen after the visit was signed, so that the seal does not cover it.
    after_signature: bool,
    /// The user.
    observed_by: Uuid,
    observed_at: DateTime<Utc>,
}

impl From<&Observation> for ObservationBody {
    fn from(observation: &Observation) -> Self {
        let vitals = observation.vitals;
        Self {
            heart_rate_bpm: vitals.heart_rate_bpm,
            systolic_mmhg: vitals.systolic_mmhg,
            diastolic_mmhg: vitals.diastolic_mmhg,
            spo2_percent: vitals.spo2_percent,
            symptoms: observation.symptoms.clone(),
            note: observation.note.clone(),
            after_signature: observation.is_after_signature,
            observed_by: observation.by,
            observed_at: observation.at,
        }
    }
}

/// How the patient was let go.
#[derive(Serialize, ToSchema)]
#[schema(as = ProcedureDischarge)]
struct DischargeBody {
    /// The patient was told what to do and when to call.
    aftercare_given: bool,
    note: Option<String>,
    /// Why the patient left although something was missing.
    early_reason: Option<String>,
    /// Let go after the visit was signed, so that the seal does not cover it.
    after_signature: bool,
    /// The user.
    discharged_by: Uuid,
    discharged_at: DateTime<Utc>,
}

impl From<&Discharge> for DischargeBody {
    fn from(discharge: &Discharge) -> Self {
        Self {
            aftercare_given: discharge.is_aftercare_given,
            note: discharge.note.clone(),
            early_reason: discharge.early_reason.clone(),
            after_signature: discharge.is_after_signature,
            discharged_by: discharge.by,
            discharged_at: discharge.at,
        }
    }
}

/// A provider's decision to go on against a check.
#[derive(Serialize, ToSchema)]
#[schema(as = SafetyOverride)]
struct OverrideBody {
    check_code: String,
    /// How the check stood then; a stricter one needs a new decision.
    #[schema(value_type = shown::CheckStatus)]
    check_status: CheckStatus,
    /// What was measured then; a higher figure needs a new decision.
    actual: Option<ExactDecimal>,
    reason: String,
    /// The user.
    overridden_by: Uuid,
    overridden_at: DateTime<Utc>,
}

impl OverrideBody {
    /// Shows a decision with its reason; a warning that was read is shown elsewhere.
    fn shown(decision: &Override) -> Option<Self> {
        Some(Self {
            check_code: decision.check_code.clone(),
            check_status: decision.check_status,
            actual: decision.actual.map(ExactDecimal),
            reason: decision.reason.clone()?,
            overridden_by: decision.by,
            overridden_at: decision.at,
        })
    }
}

/// A check that a provider has read.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckAcknowledgement)]
struct AcknowledgementBody {
    check_code: String,
    /// How the check stood then; a stricter one has to be read again.
    #[schema(value_type = shown::CheckStatus)]
    check_status: CheckStatus,
    /// The user.
    acknowledged_by: Uuid,
    acknowledged_at: DateTime<Utc>,
}

impl From<&Override> for AcknowledgementBody {
    fn from(decision: &Override) -> Self {
        Self {
            check_code: decision.check_code.clone(),
            check_status: decision.check_status,
            acknowledged_by: decision.by,
            acknowledged_at: decision.at,
        }
    }
}
