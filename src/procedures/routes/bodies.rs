//! Procedures as clients see them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::PatientPosition;
use crate::findings::{PointId, View};
use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::visits::VisitId;

use super::super::decision::Override;
use super::super::observation::{Discharge, Observation, ObservedSymptom};
use super::super::procedure::{
    ConsentMethod, GivenConsent, Injection, InjectionId, Procedure, ProcedureId, ProcedureStatus,
    SolutionId, Stop, Syringe, SyringeComponent, TimeOut,
};
use super::super::report::SafetyReport;
use super::super::set_up::{Guidance, Preparation, SkinPreparation};
use super::super::waste::Waste;
use crate::rule_sets::shown;
use crate::stock::LotId;
use crate::stock::VialId;
use tautband_rules::checklist::{
    Checklist, ChecklistAnswer, LaboratoryCode, LaboratoryResult, SiteFinding,
};
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::kind::Approach;
use tautband_rules::kind::{ProcedureKind, Side};
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
    solutions: Vec<SolutionBody>,
    injections: Vec<InjectionBody>,
    observations: Vec<ObservationBody>,
    discharge: Option<DischargeBody>,
    overrides: Vec<OverrideBody>,
    /// The binding assessment of the completion, or the last one of what was stopped; until then
    /// ask `/safety`.
    #[schema(value_type = Option<SafetyReport>)]
    safety: Option<serde_json::Value>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<&Procedure> for ProcedureBody {
    fn from(procedure: &Procedure) -> Self {
        let solution = |syringe: &Syringe| SolutionBody::new(syringe, procedure);
        let injection = |injection: &Injection| InjectionBody::new(injection, procedure.id);
        Self {
            id: procedure.id,
            visit_id: procedure.visit_id,
            patient_id: procedure.person_id,
            provider_id: procedure.provider_id,
            kind: procedure.kind,
            status: procedure.status,
            indication_codes: procedure.indication_codes.clone(),
            template_code: procedure.template_code.clone(),
            consent: procedure.consent.as_ref().map(ConsentBody::from),
            time_out: procedure.time_out.as_ref().map(TimeOutBody::from),
            checklist: procedure.checklist.as_ref().map(ChecklistBody::from),
            preparation: procedure.preparation.into(),
            started_at: procedure.started_at,
            completed_at: procedure.completed_at,
            stopped: procedure.stopped.as_ref().map(StopBody::from),
            solutions: procedure.syringes.iter().map(solution).collect(),
            injections: procedure.injections.iter().map(injection).collect(),
            observations: procedure
                .observations
                .iter()
                .map(ObservationBody::from)
                .collect(),
            discharge: procedure.discharge.as_ref().map(DischargeBody::from),
            overrides: procedure.overrides.iter().map(OverrideBody::from).collect(),
            safety: procedure.safety.clone(),
            version: procedure.version,
            updated_at: procedure.updated_at,
        }
    }
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

impl From<Preparation> for PreparationBody {
    fn from(preparation: Preparation) -> Self {
        Self {
            position: preparation.position,
            skin_preparation: preparation.skin,
            guidance: preparation.guidance,
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
            discharged_by: discharge.by,
            discharged_at: discharge.at,
        }
    }
}

/// What of a syringe was thrown away, and who saw it.
#[derive(Serialize, ToSchema)]
#[schema(as = SolutionWaste)]
struct WasteBody {
    volume_ml: ExactDecimal,
    reason: Option<String>,
    /// The user who saw it.
    witnessed_by: Uuid,
    /// The user who threw it away.
    recorded_by: Uuid,
    recorded_at: DateTime<Utc>,
}

impl From<&Waste> for WasteBody {
    fn from(waste: &Waste) -> Self {
        Self {
            volume_ml: waste.volume_ml.into(),
            reason: waste.reason.clone(),
            witnessed_by: waste.witnessed_by,
            recorded_by: waste.recorded_by,
            recorded_at: waste.recorded_at,
        }
    }
}

/// What was drawn up into one syringe.
#[derive(Serialize, ToSchema)]
pub(super) struct SolutionBody {
    id: SolutionId,
    procedure_id: ProcedureId,
    label: String,
    /// The volumes of the components together.
    volume_ml: ExactDecimal,
    /// How much of it went into the patient so far.
    injected_ml: ExactDecimal,
    /// How much of it was thrown away so far.
    wasted_ml: ExactDecimal,
    /// What is neither injected nor thrown away.
    left_ml: ExactDecimal,
    wastes: Vec<WasteBody>,
    components: Vec<ComponentBody>,
    prepared_at: DateTime<Utc>,
    /// The user.
    prepared_by: Uuid,
    /// When it is too old to inject, where someone set a time.
    beyond_use_at: Option<DateTime<Utc>>,
}

impl SolutionBody {
    /// Shows a syringe of a procedure.
    pub(super) fn new(syringe: &Syringe, procedure: &Procedure) -> Self {
        let of_syringe = procedure
            .wastes
            .iter()
            .filter(|waste| waste.solution_id == syringe.id);
        Self {
            id: syringe.id,
            procedure_id: procedure.id,
            label: syringe.label.clone(),
            volume_ml: syringe.volume_ml.into(),
            injected_ml: procedure.injected_ml(syringe.id).into(),
            wasted_ml: procedure.wasted_ml(syringe.id).into(),
            left_ml: procedure.left_ml(syringe).into(),
            wastes: of_syringe.map(WasteBody::from).collect(),
            components: syringe.components.iter().map(ComponentBody::from).collect(),
            prepared_at: syringe.prepared_at,
            prepared_by: syringe.prepared_by,
            beyond_use_at: syringe.beyond_use_at,
        }
    }
}

/// One drug or diluent of a solution.
#[derive(Serialize, ToSchema)]
#[schema(as = SolutionComponent)]
struct ComponentBody {
    drug_code: String,
    /// Null for a plain diluent.
    concentration: Option<ExactDecimal>,
    #[schema(value_type = Option<shown::ConcentrationUnit>)]
    concentration_unit: Option<ConcentrationUnit>,
    volume_ml: ExactDecimal,
    lot_id: LotId,
    /// The vial of the lot, where that is known.
    vial_id: Option<VialId>,
}

impl From<&SyringeComponent> for ComponentBody {
    fn from(component: &SyringeComponent) -> Self {
        Self {
            drug_code: component.drug_code.clone(),
            concentration: component.concentration.map(|one| one.value().into()),
            concentration_unit: component.concentration.map(Concentration::unit),
            volume_ml: component.volume_ml.into(),
            lot_id: component.lot_id,
            vial_id: component.vial_id,
        }
    }
}

/// One needle site.
#[derive(Serialize, ToSchema)]
pub(super) struct InjectionBody {
    id: InjectionId,
    procedure_id: ProcedureId,
    /// The recorded trigger point, if it is one.
    point_id: Option<PointId>,
    muscle_code: String,
    #[schema(value_type = shown::Side)]
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    /// Version of the drawings the place is on.
    chart_version: i16,
    /// Null for a dry needle.
    solution_id: Option<SolutionId>,
    volume_ml: ExactDecimal,
    needle_gauge: i16,
    needle_length_mm: i16,
    #[schema(value_type = shown::Approach)]
    approach: Approach,
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    /// Depth and direction were confirmed over what lies underneath.
    caution_acknowledged: bool,
    /// What was seen there that speaks against a needle.
    #[schema(value_type = Vec<shown::SiteFinding>)]
    site_findings: Vec<SiteFinding>,
    injected_at: DateTime<Utc>,
}

impl InjectionBody {
    /// Shows a site of a procedure.
    pub(super) fn new(injection: &Injection, procedure_id: ProcedureId) -> Self {
        let (place, needle) = (&injection.place, &injection.needle);
        Self {
            id: injection.id,
            procedure_id,
            point_id: place.point_id,
            muscle_code: place.muscle_code.clone(),
            side: place.side,
            view: place.view,
            x: place.x.into(),
            y: place.y.into(),
            chart_version: place.chart_version,
            solution_id: injection.solution_id,
            volume_ml: injection.volume_ml.into(),
            needle_gauge: needle.gauge,
            needle_length_mm: needle.length_mm,
            approach: needle.approach,
            passes: needle.passes,
            aspirated: needle.aspirated,
            twitch_elicited: needle.twitch_elicited,
            pain_nrs_before: needle.pain_nrs_before,
            pain_nrs_after: needle.pain_nrs_after,
            caution_acknowledged: injection.is_caution_acknowledged,
            site_findings: injection.findings.clone(),
            injected_at: injection.injected_at,
        }
    }
}

/// A provider's decision to go on against a check, or having read it.
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

impl From<&Override> for OverrideBody {
    fn from(decision: &Override) -> Self {
        Self {
            check_code: decision.check_code.clone(),
            check_status: decision.check_status,
            actual: decision.actual.map(ExactDecimal),
            reason: decision.reason.clone(),
            overridden_by: decision.by,
            overridden_at: decision.at,
        }
    }
}
