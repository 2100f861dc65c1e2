//! Procedures as clients see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::visits::VisitId;

use super::super::claim::Claim;
use super::super::coding::drugs::{DrugLine, WasteModifier};
use super::super::coding::payer::{PayerCheck, PayerResult};
use super::super::dose::{Concentration, ConcentrationUnit};
use super::super::kind::{ProcedureKind, Side};
use super::super::lot::LotId;
use super::super::procedure::{
    Approach, ConsentMethod, GivenConsent, Injection, InjectionId, Override, Procedure,
    ProcedureId, ProcedureStatus, SolutionId, Syringe, SyringeComponent, TimeOut,
};
use super::super::report::SafetyReport;
use super::super::safety::verdict::CheckStatus;

/// A procedure with all that belongs to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProcedureBody {
    id: ProcedureId,
    visit_id: VisitId,
    patient_id: PatientId,
    /// Who performs it.
    provider_id: Uuid,
    kind: ProcedureKind,
    status: ProcedureStatus,
    /// ICD-10-CM codes it is done for.
    indication_codes: Vec<String>,
    template_code: Option<String>,
    consent: Option<ConsentBody>,
    time_out: Option<TimeOutBody>,
    started_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    solutions: Vec<SolutionBody>,
    injections: Vec<InjectionBody>,
    overrides: Vec<OverrideBody>,
    /// The binding assessment of the completion; until then ask `/safety`.
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
            patient_id: procedure.patient_id,
            provider_id: procedure.provider_id,
            kind: procedure.kind,
            status: procedure.status,
            indication_codes: procedure.indication_codes.clone(),
            template_code: procedure.template_code.clone(),
            consent: procedure.consent.as_ref().map(ConsentBody::from),
            time_out: procedure.time_out.as_ref().map(TimeOutBody::from),
            started_at: procedure.started_at,
            completed_at: procedure.completed_at,
            solutions: procedure.syringes.iter().map(solution).collect(),
            injections: procedure.injections.iter().map(injection).collect(),
            overrides: procedure.overrides.iter().map(OverrideBody::from).collect(),
            safety: procedure.safety.clone(),
            version: procedure.version,
            updated_at: procedure.updated_at,
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
    /// What is left in the syringe; wasted once the procedure is completed.
    left_ml: ExactDecimal,
    components: Vec<ComponentBody>,
    prepared_at: DateTime<Utc>,
    /// The user.
    prepared_by: Uuid,
}

impl SolutionBody {
    /// Shows a syringe of a procedure.
    pub(super) fn new(syringe: &Syringe, procedure: &Procedure) -> Self {
        let injected = procedure.injected_ml(syringe.id);
        Self {
            id: syringe.id,
            procedure_id: procedure.id,
            label: syringe.label.clone(),
            volume_ml: syringe.volume_ml.into(),
            injected_ml: injected.into(),
            left_ml: (syringe.volume_ml - injected).into(),
            components: syringe.components.iter().map(ComponentBody::from).collect(),
            prepared_at: syringe.prepared_at,
            prepared_by: syringe.prepared_by,
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
    concentration_unit: Option<ConcentrationUnit>,
    volume_ml: ExactDecimal,
    lot_id: LotId,
}

impl From<&SyringeComponent> for ComponentBody {
    fn from(component: &SyringeComponent) -> Self {
        Self {
            drug_code: component.drug_code.clone(),
            concentration: component.concentration.map(|one| one.value().into()),
            concentration_unit: component.concentration.map(Concentration::unit),
            volume_ml: component.volume_ml.into(),
            lot_id: component.lot_id,
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
    approach: Approach,
    passes: Option<i16>,
    aspirated: bool,
    twitch_elicited: bool,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
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
            injected_at: injection.injected_at,
        }
    }
}

/// A provider's decision to go on against a check.
#[derive(Serialize, ToSchema)]
#[schema(as = SafetyOverride)]
struct OverrideBody {
    check_code: String,
    /// How the check stood then; a stricter one needs a new decision.
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

/// What would go on a claim. A payer's answer informs and stops nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = Coding)]
pub(super) struct CodingBody {
    /// The one procedure code; null when nothing was needled.
    cpt: Option<String>,
    /// How many distinct muscles it rests on.
    muscle_count: usize,
    notices: Vec<String>,
    hcpcs: Vec<DrugLineBody>,
    icd10: Vec<String>,
    missing_documentation: Vec<String>,
    /// Whose rules were asked.
    payer: String,
    payer_checks: Vec<PayerCheckBody>,
    /// Version of the codes and payer rules.
    table_version: String,
}

impl From<Claim> for CodingBody {
    fn from(claim: Claim) -> Self {
        Self {
            cpt: claim.procedure.code,
            muscle_count: claim.procedure.muscle_count,
            notices: claim.procedure.notices,
            hcpcs: claim.drugs.into_iter().map(DrugLineBody::from).collect(),
            icd10: claim.icd10,
            missing_documentation: claim.missing_documentation,
            payer: claim.payer_code,
            payer_checks: claim
                .payer_checks
                .into_iter()
                .map(PayerCheckBody::from)
                .collect(),
            table_version: claim.table_version,
        }
    }
}

/// One drug of a claim.
#[derive(Serialize, ToSchema)]
#[schema(as = CodingDrugLine)]
struct DrugLineBody {
    code: String,
    units: u64,
    /// What is said of the rest of a single-dose vial.
    modifier: Option<WasteModifier>,
    notice: Option<String>,
}

impl From<DrugLine> for DrugLineBody {
    fn from(line: DrugLine) -> Self {
        Self {
            code: line.code,
            units: u64::try_from(line.units).unwrap_or(u64::MAX),
            modifier: line.modifier,
            notice: line.notice,
        }
    }
}

/// The answer to one question of a payer.
#[derive(Serialize, ToSchema)]
#[schema(as = PayerCheck)]
struct PayerCheckBody {
    code: &'static str,
    result: PayerResult,
    missing: Vec<String>,
    explanation: String,
}

impl From<PayerCheck> for PayerCheckBody {
    fn from(check: PayerCheck) -> Self {
        Self {
            code: check.code,
            result: check.result,
            missing: check.missing,
            explanation: check.explanation,
        }
    }
}
