//! Syringes and needle sites as clients see them.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::platform::decimal::ExactDecimal;
use crate::rule_sets::shown;
use crate::stock::{LotId, VialId};
use crate::visits::Voided;

use super::super::injection::{Injection, InjectionId};
use super::super::procedure::{Procedure, ProcedureId};
use super::super::syringe::{SolutionId, Syringe, SyringeComponent, Waste};
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::kind::{Approach, Side};

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
    recorded_at: DateTime<Utc>,
    /// Set when it was entered in error; it counts nowhere then.
    voided: Option<Voided>,
}

impl SolutionBody {
    /// Shows a syringe of a procedure.
    pub(super) fn new(syringe: &Syringe, procedure: &Procedure) -> Self {
        let of_syringe = procedure
            .wastes
            .iter()
            .filter(|waste| waste.solution_id == syringe.id);
        // What was entered in error holds nothing any more.
        let left_ml = if syringe.voided.is_some() {
            Decimal::ZERO
        } else {
            procedure.left_ml(syringe)
        };
        Self {
            id: syringe.id,
            procedure_id: procedure.id,
            label: syringe.label.clone(),
            volume_ml: syringe.volume_ml.into(),
            injected_ml: procedure.injected_ml(syringe.id).into(),
            wasted_ml: procedure.wasted_ml(syringe.id).into(),
            left_ml: left_ml.into(),
            wastes: of_syringe.map(WasteBody::from).collect(),
            components: syringe.components.iter().map(ComponentBody::from).collect(),
            prepared_at: syringe.prepared_at,
            prepared_by: syringe.prepared_by,
            beyond_use_at: syringe.beyond_use_at,
            recorded_at: syringe.recorded_at,
            voided: syringe.voided.clone(),
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
    /// The strength of the lot is not recorded, and it was last drawn from with another concentration: check
    /// what is printed on the vial.
    differs_from_last_draw: bool,
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
            differs_from_last_draw: component.differs_from_last_draw,
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
    recorded_at: DateTime<Utc>,
    /// Set when it was entered in error; it counts nowhere then.
    voided: Option<Voided>,
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
            recorded_at: injection.recorded_at,
            voided: injection.voided.clone(),
        }
    }
}
