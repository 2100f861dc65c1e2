//! What belongs to a procedure, as it comes with it: one list of rows a kind.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use serde::Deserialize;
use serde_json::Number;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::platform::database::{DatabaseError, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::prepared::{ConstantSql, constant_sql};

use super::super::decision::Override;
use super::super::observation::Observation;
use super::super::procedure::{
    Injection, InjectionId, NeedlePlace, NeedleUse, SolutionId, Syringe, SyringeComponent,
};
use super::super::waste::Waste;
use super::bedside::{ObservationRow, WasteRow};
use crate::stock::LotId;
use crate::stock::VialId;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::exact::Exact;
use tautband_rules::kind::{Approach, Side};
use tautband_rules::safety::verdict::CheckStatus;

/// What belongs to one procedure: a list of rows a kind.
#[derive(Queryable)]
pub(super) struct BelongingsRow {
    solutions: serde_json::Value,
    components: serde_json::Value,
    injections: serde_json::Value,
    overrides: serde_json::Value,
    wastes: serde_json::Value,
    observations: serde_json::Value,
}

/// What belongs to one procedure.
pub(super) struct Belongings {
    pub(super) syringes: Vec<Syringe>,
    pub(super) injections: Vec<Injection>,
    pub(super) overrides: Vec<Override>,
    pub(super) wastes: Vec<Waste>,
    pub(super) observations: Vec<Observation>,
}

impl BelongingsRow {
    /// Reads the lists.
    pub(super) fn read(self) -> Stored<Belongings> {
        let mut of_solution: BTreeMap<SolutionId, Vec<SyringeComponent>> = BTreeMap::new();
        for row in rows::<ComponentRow>(self.components)? {
            let components = of_solution.entry(row.solution_id).or_default();
            components.push(row.into());
        }
        let syringes = rows::<SolutionRow>(self.solutions)?;
        let syringes = syringes.into_iter().map(|row| {
            let components = of_solution.remove(&row.id).unwrap_or_default();
            row.syringe(components)
        });
        let injections = rows::<InjectionRow>(self.injections)?;
        let overrides = rows::<OverrideRow>(self.overrides)?;
        let wastes = rows::<WasteRow>(self.wastes)?;
        let observations = rows::<ObservationRow>(self.observations)?;
        Ok(Belongings {
            syringes: syringes.collect(),
            injections: injections.into_iter().map(Injection::from).collect(),
            overrides: overrides.into_iter().map(Override::from).collect(),
            wastes: wastes.into_iter().map(Waste::from).collect(),
            observations: observations.into_iter().map(Observation::from).collect(),
        })
    }
}

pub(super) type List = ConstantSql<Jsonb, 0>;

const fn list(text: &'static str) -> List {
    constant_sql([], [], text)
}

/// The lists of a procedure, in the order of [`BelongingsRow`].
pub(super) const fn belongings() -> (List, List, List, List, List, List) {
    (
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.id), '[]') FROM solutions s \
             WHERE s.practice_id = procedures.practice_id AND s.procedure_id = procedures.id)",
        ),
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.solution_id, c.position), '[]') \
             FROM solution_components c JOIN solutions s \
             ON s.practice_id = c.practice_id AND s.id = c.solution_id \
             WHERE s.practice_id = procedures.practice_id AND s.procedure_id = procedures.id)",
        ),
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.id), '[]') FROM injections i \
             WHERE i.practice_id = procedures.practice_id AND i.procedure_id = procedures.id)",
        ),
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.id), '[]') FROM safety_overrides o \
             WHERE o.practice_id = procedures.practice_id AND o.procedure_id = procedures.id)",
        ),
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(w) ORDER BY w.id), '[]') FROM solution_wastes w \
             WHERE w.practice_id = procedures.practice_id AND w.procedure_id = procedures.id)",
        ),
        list(
            "(SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.id), '[]') \
             FROM procedure_observations o \
             WHERE o.practice_id = procedures.practice_id AND o.procedure_id = procedures.id)",
        ),
    )
}

/// Reads rows that came as one list.
pub(super) fn rows<T: serde::de::DeserializeOwned>(list: serde_json::Value) -> Stored<Vec<T>> {
    serde_json::from_value(list).map_err(|error| {
        DatabaseError::from(diesel::result::Error::DeserializationError(Box::new(error)))
    })
}

#[derive(Deserialize)]
struct SolutionRow {
    id: SolutionId,
    label: String,
    volume_ml: ExactDecimal,
    prepared_at: DateTime<Utc>,
    prepared_by: Uuid,
    beyond_use_at: Option<DateTime<Utc>>,
}

impl SolutionRow {
    fn syringe(self, components: Vec<SyringeComponent>) -> Syringe {
        Syringe {
            components,
            id: self.id,
            label: self.label,
            volume_ml: self.volume_ml.0,
            prepared_at: self.prepared_at,
            prepared_by: self.prepared_by,
            beyond_use_at: self.beyond_use_at,
        }
    }
}

#[derive(Deserialize)]
struct ComponentRow {
    solution_id: SolutionId,
    drug_code: String,
    concentration: Option<ExactDecimal>,
    concentration_unit: Option<ConcentrationUnit>,
    volume_ml: ExactDecimal,
    lot_id: LotId,
    vial_id: Option<VialId>,
}

impl From<ComponentRow> for SyringeComponent {
    fn from(row: ComponentRow) -> Self {
        Self {
            drug_code: row.drug_code,
            concentration: concentration(row.concentration, row.concentration_unit),
            volume_ml: row.volume_ml.0,
            lot_id: row.lot_id,
            vial_id: row.vial_id,
        }
    }
}

/// Reads a concentration as it was written; it was checked then.
pub(super) fn concentration(
    value: Option<ExactDecimal>,
    unit: Option<ConcentrationUnit>,
) -> Option<Concentration> {
    let (value, unit) = value.zip(unit)?;
    Concentration::new(value.0, unit).ok()
}

#[derive(Deserialize)]
struct InjectionRow {
    id: InjectionId,
    point_id: Option<PointId>,
    muscle_code: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
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
    caution_acknowledged: Option<bool>,
    site_findings: Option<Vec<Option<SiteFinding>>>,
    injected_at: DateTime<Utc>,
}

impl From<InjectionRow> for Injection {
    fn from(row: InjectionRow) -> Self {
        Self {
            id: row.id,
            place: NeedlePlace {
                point_id: row.point_id,
                muscle_code: row.muscle_code,
                side: row.side,
                view: row.view,
                x: row.x.0,
                y: row.y.0,
                chart_version: row.chart_version,
            },
            solution_id: row.solution_id,
            volume_ml: row.volume_ml.0,
            needle: NeedleUse {
                gauge: row.needle_gauge,
                length_mm: row.needle_length_mm,
                approach: row.approach,
                passes: row.passes,
                aspirated: row.aspirated,
                twitch_elicited: row.twitch_elicited,
                pain_nrs_before: row.pain_nrs_before,
                pain_nrs_after: row.pain_nrs_after,
            },
            is_caution_acknowledged: row.caution_acknowledged.unwrap_or(false),
            findings: row.site_findings.into_iter().flatten().flatten().collect(),
            injected_at: row.injected_at,
        }
    }
}

#[derive(Deserialize)]
struct OverrideRow {
    check_code: String,
    check_status: CheckStatus,
    actual: Option<Number>,
    exact_actual: Option<String>,
    reason: String,
    overridden_by: Uuid,
    overridden_at: DateTime<Utc>,
}

impl From<OverrideRow> for Override {
    fn from(row: OverrideRow) -> Self {
        Self {
            check_code: row.check_code,
            check_status: row.check_status,
            actual: row
                .actual
                .and_then(|number| number.to_string().parse().ok()),
            exact_actual: row.exact_actual.as_deref().and_then(Exact::parse),
            reason: row.reason,
            by: row.overridden_by,
            at: row.overridden_at,
        }
    }
}
