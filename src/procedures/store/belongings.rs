//! What belongs to a procedure, as it comes with it: one list of rows a kind.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use serde::Deserialize;
use serde_json::Number;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::{PatientId, PersonIdIn, person_id_of};
use crate::platform::database::{DatabaseError, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::prepared::{ConstantSql, constant_sql};

use super::super::decision::Override;
use super::super::injection::{Injection, InjectionId, NeedlePlace, NeedleUse};
use super::super::observation::{Observation, ObservedSymptom, ObservedVitals};
use super::super::procedure::VoidParts;
use super::super::stage::Discharge;
use super::super::syringe::{SolutionId, Syringe, SyringeComponent, Waste};
use crate::stock::LotId;
use crate::stock::VialId;
use crate::visits::Voided;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::dose::{Concentration, ConcentrationUnit};
use tautband_rules::exact::Exact;
use tautband_rules::kind::{Approach, Side};
use tautband_rules::safety::verdict::CheckStatus;

/// What belongs to one procedure: its person, and a list of rows a kind.
#[derive(Queryable)]
pub(super) struct BelongingsRow {
    person_id: PatientId,
    solutions: serde_json::Value,
    components: serde_json::Value,
    injections: serde_json::Value,
    overrides: serde_json::Value,
    wastes: serde_json::Value,
    observations: serde_json::Value,
    late_discharges: serde_json::Value,
}

/// What belongs to one procedure.
pub(super) struct Belongings {
    pub(super) person_id: PatientId,
    pub(super) syringes: Vec<Syringe>,
    pub(super) injections: Vec<Injection>,
    pub(super) overrides: Vec<Override>,
    pub(super) wastes: Vec<Waste>,
    pub(super) observations: Vec<Observation>,
    pub(super) void_parts: VoidParts,
    /// How the patient was let go after the signature.
    pub(super) late_discharge: Option<Discharge>,
    /// How often somebody looked after the signature. The row cannot count it: it is under the seal.
    pub(super) acts_beside_seal: i64,
}

impl BelongingsRow {
    /// Reads the lists.
    pub(super) fn read(self) -> Stored<Belongings> {
        let mut of_solution: BTreeMap<SolutionId, Vec<SyringeComponent>> = BTreeMap::new();
        for row in rows::<ComponentRow>(self.components)? {
            let components = of_solution.entry(row.solution_id).or_default();
            components.push(row.component()?);
        }
        let syringes = rows::<SolutionRow>(self.solutions)?;
        let syringes = syringes.into_iter().map(|row| {
            let components = of_solution.remove(&row.id).unwrap_or_default();
            row.syringe(components)
        });
        let syringes = syringes.collect::<Stored<Vec<Syringe>>>()?;
        let (void_syringes, syringes): (Vec<_>, Vec<_>) = syringes
            .into_iter()
            .partition(|syringe| syringe.voided.is_some());
        let injections = rows::<InjectionRow>(self.injections)?.into_iter();
        let injections = injections.map(InjectionRow::injection);
        let injections = injections.collect::<Stored<Vec<Injection>>>()?;
        let (void_injections, injections): (Vec<_>, Vec<_>) = injections
            .into_iter()
            .partition(|site| site.voided.is_some());
        let overrides = rows::<OverrideRow>(self.overrides)?;
        let wastes = rows::<WasteRow>(self.wastes)?;
        let observations = rows::<ObservationRow>(self.observations)?;
        let late = observations.iter().filter(|one| one.after_signature);
        let acts_beside_seal = i64::try_from(late.count()).unwrap_or(i64::MAX);
        let late_discharges = rows::<DischargeRow>(self.late_discharges)?;
        Ok(Belongings {
            person_id: self.person_id,
            late_discharge: late_discharges.into_iter().next().map(Discharge::from),
            acts_beside_seal,
            syringes,
            injections,
            void_parts: VoidParts {
                syringes: void_syringes,
                injections: void_injections,
            },
            overrides: overrides
                .into_iter()
                .map(OverrideRow::decision)
                .collect::<Stored<_>>()?,
            wastes: wastes.into_iter().map(Waste::from).collect(),
            observations: observations.into_iter().map(Observation::from).collect(),
        })
    }
}

pub(super) type List = ConstantSql<Jsonb, 1>;

/// The person of a procedure, and its lists.
type AllLists = (
    PersonIdIn,
    List,
    List,
    List,
    List,
    List,
    ConstantSql<Jsonb, 2>,
    List,
);

/// The person of a procedure and its lists, in the order of [`BelongingsRow`]. Each names the practice by a
/// parameter, because a distributed Postgres joins only what it sees to be on one node.
pub(super) const fn belongings(practice_id: Uuid) -> AllLists {
    const fn list(practice_id: Uuid, text: &'static str, end: &'static str) -> List {
        constant_sql([text], [practice_id], end)
    }
    (
        person_id_of!("procedures", practice_id),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.id), '[]') FROM solutions s \
             WHERE s.practice_id = ",
            " AND s.procedure_id = procedures.id)",
        ),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.solution_id, c.position), '[]') \
             FROM solution_components c JOIN solutions s \
             ON s.practice_id = c.practice_id AND s.id = c.solution_id \
             WHERE s.practice_id = ",
            " AND s.procedure_id = procedures.id)",
        ),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.id), '[]') FROM injections i \
             WHERE i.practice_id = ",
            " AND i.procedure_id = procedures.id)",
        ),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.id), '[]') FROM safety_overrides o \
             WHERE o.practice_id = ",
            " AND o.procedure_id = procedures.id)",
        ),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(w) ORDER BY w.id), '[]') FROM solution_wastes w \
             WHERE w.practice_id = ",
            " AND w.procedure_id = procedures.id)",
        ),
        constant_sql(
            [
                "(SELECT coalesce(jsonb_agg(o.seen ORDER BY o.id), '[]') FROM (\
                 SELECT id, to_jsonb(p) || '{\"after_signature\": false}' AS seen \
                 FROM procedure_observations p WHERE p.practice_id = ",
                " AND p.procedure_id = procedures.id UNION ALL \
                 SELECT id, to_jsonb(l) || '{\"after_signature\": true}' \
                 FROM late_observations l WHERE l.practice_id = ",
            ],
            [practice_id, practice_id],
            " AND l.procedure_id = procedures.id) o)",
        ),
        list(
            practice_id,
            "(SELECT coalesce(jsonb_agg(to_jsonb(d)), '[]') FROM late_discharges d \
             WHERE d.practice_id = ",
            " AND d.procedure_id = procedures.id)",
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
    created_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<String>,
}

impl SolutionRow {
    fn syringe(self, components: Vec<SyringeComponent>) -> Stored<Syringe> {
        let reason = self.void_reason.as_deref();
        let voided = Voided::from_columns(self.voided_at, self.voided_by, reason);
        Ok(Syringe {
            voided: voided
                .map_err(|_half| InconsistentRow::new("solutions", "voided_at", self.id))?,
            recorded_at: self.created_at,
            components,
            id: self.id,
            label: self.label,
            volume_ml: self.volume_ml.0,
            prepared_at: self.prepared_at,
            prepared_by: self.prepared_by,
            beyond_use_at: self.beyond_use_at,
        })
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
    differs_from_last_draw: Option<bool>,
}

impl ComponentRow {
    fn component(self) -> Stored<SyringeComponent> {
        Ok(SyringeComponent {
            concentration: concentration(
                self.solution_id,
                self.concentration,
                self.concentration_unit,
            )?,
            drug_code: self.drug_code,
            volume_ml: self.volume_ml.0,
            lot_id: self.lot_id,
            vial_id: self.vial_id,
            differs_from_last_draw: self.differs_from_last_draw == Some(true),
        })
    }
}

/// Reads the concentration of a component of this solution; `None` for a plain diluent.
pub(super) fn concentration(
    of: SolutionId,
    value: Option<ExactDecimal>,
    unit: Option<ConcentrationUnit>,
) -> Stored<Option<Concentration>> {
    let read = match (value, unit) {
        (None, None) => return Ok(None),
        (Some(value), Some(unit)) => Concentration::new(value.0, unit).ok(),
        _ => None,
    };
    let unreadable = || InconsistentRow::new("solution_components", "concentration", of);
    Ok(Some(read.ok_or_else(unreadable)?))
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
    created_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<String>,
}

impl InjectionRow {
    fn injection(self) -> Stored<Injection> {
        let row = self;
        let reason = row.void_reason.as_deref();
        let voided = Voided::from_columns(row.voided_at, row.voided_by, reason);
        Ok(Injection {
            voided: voided
                .map_err(|_half| InconsistentRow::new("injections", "voided_at", row.id))?,
            recorded_at: row.created_at,
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
        })
    }
}

#[derive(Deserialize)]
struct OverrideRow {
    id: Uuid,
    check_code: String,
    check_status: CheckStatus,
    actual: Option<Number>,
    exact_actual: Option<String>,
    reason: Option<String>,
    overridden_by: Uuid,
    overridden_at: DateTime<Utc>,
}

impl OverrideRow {
    fn decision(self) -> Stored<Override> {
        let unreadable = |column| move || InconsistentRow::new("safety_overrides", column, self.id);
        let actual = self.actual.map(|number| {
            let read = number.to_string().parse().ok();
            read.ok_or_else(unreadable("actual"))
        });
        let exact_actual = self.exact_actual.as_deref().map(|text| {
            let read = Exact::parse(text);
            read.ok_or_else(unreadable("exact_actual"))
        });
        Ok(Override {
            check_code: self.check_code,
            check_status: self.check_status,
            actual: actual.transpose()?,
            exact_actual: exact_actual.transpose()?,
            reason: self.reason,
            by: self.overridden_by,
            at: self.overridden_at,
        })
    }
}

/// What was wasted of one syringe.
#[derive(Deserialize)]
struct WasteRow {
    solution_id: SolutionId,
    volume_ml: ExactDecimal,
    reason: Option<String>,
    witnessed_by: Uuid,
    recorded_by: Uuid,
    recorded_at: DateTime<Utc>,
}

impl From<WasteRow> for Waste {
    fn from(row: WasteRow) -> Self {
        Self {
            solution_id: row.solution_id,
            volume_ml: row.volume_ml.0,
            reason: row.reason,
            witnessed_by: row.witnessed_by,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

/// How a patient was once afterwards.
#[derive(Deserialize)]
struct ObservationRow {
    heart_rate_bpm: Option<i16>,
    systolic_mmhg: Option<i16>,
    diastolic_mmhg: Option<i16>,
    spo2_percent: Option<i16>,
    symptoms: Vec<Option<ObservedSymptom>>,
    note: Option<String>,
    after_signature: bool,
    observed_by: Uuid,
    observed_at: DateTime<Utc>,
}

/// How a patient was let go after the signature.
#[derive(Deserialize)]
struct DischargeRow {
    aftercare_given: bool,
    note: Option<String>,
    early_reason: Option<String>,
    discharged_by: Uuid,
    discharged_at: DateTime<Utc>,
}

impl From<DischargeRow> for Discharge {
    fn from(row: DischargeRow) -> Self {
        Self {
            is_aftercare_given: row.aftercare_given,
            note: row.note,
            early_reason: row.early_reason,
            is_after_signature: true,
            by: row.discharged_by,
            at: row.discharged_at,
        }
    }
}

impl From<ObservationRow> for Observation {
    fn from(row: ObservationRow) -> Self {
        Self {
            vitals: ObservedVitals {
                heart_rate_bpm: row.heart_rate_bpm,
                systolic_mmhg: row.systolic_mmhg,
                diastolic_mmhg: row.diastolic_mmhg,
                spo2_percent: row.spo2_percent,
            },
            symptoms: row.symptoms.into_iter().flatten().collect(),
            note: row.note,
            is_after_signature: row.after_signature,
            by: row.observed_by,
            at: row.observed_at,
        }
    }
}
