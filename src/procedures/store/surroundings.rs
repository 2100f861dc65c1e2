//! What the rules look at around a procedure, in one statement: vitals, earlier sites and what was
//! in their syringes, harm of before, the muscles, lots and vials of this one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use crate::findings::MuscleKind;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::prepared::prepared;
use crate::stock::{Lot, Vial, lots_in_json, vials_in_json};

use super::super::history::{PastComponent, PastSite};
use super::super::procedure::{ProcedureId, SolutionId};
use super::belongings::{concentration, rows};
use tautband_rules::dose::ConcentrationUnit;
use tautband_rules::kind::Side;

/// Whose procedure $2 of the practice $1 is.
pub(in super::super) const PATIENT_OF_PROCEDURE: &str = "(SELECT of_procedure.patient_id FROM procedures of_procedure \
    WHERE of_procedure.practice_id = $1 AND of_procedure.id = $2)";

/// Everything follows from the procedure ($2) of the practice ($1) and the start of the longest
/// window ($3). The person and the sites are found first, in parts of their own: joined in, the planner would
/// begin with every patient the policies let through. Patient and instant of a site are compared as
/// a pair, so that no index on the instant alone will do, under which lie the sites of everybody.
const SURROUNDINGS: &str = "
WITH person AS MATERIALIZED (
    SELECT patients.id FROM patients
    WHERE patients.practice_id = $1 AND patients.person_id = (
        SELECT asked.person_id FROM patients asked
        WHERE asked.practice_id = $1 AND asked.id = (
            SELECT p.patient_id FROM procedures p WHERE p.practice_id = $1 AND p.id = $2))
), past AS MATERIALIZED (
    SELECT i.procedure_id, i.muscle_code, i.side, i.solution_id, i.volume_ml, i.injected_at
    FROM person JOIN injections i ON i.practice_id = $1 AND i.patient_id = person.id
        AND (i.patient_id, i.injected_at) >= (person.id, $3)
    WHERE i.procedure_id <> $2
), drawn AS MATERIALIZED (
    SELECT c.lot_id, c.vial_id
    FROM solution_components c JOIN solutions s
        ON s.practice_id = c.practice_id AND s.id = c.solution_id
    WHERE s.practice_id = $1 AND s.procedure_id = $2
)
SELECT
    (SELECT to_jsonb(v) FROM (
        SELECT visits.weight_kg, visits.height_cm, visits.temperature_c, visits.vitals_at,
            visits.location_id
        FROM visits WHERE visits.practice_id = $1 AND visits.id = (
            SELECT p.visit_id FROM procedures p
            WHERE p.practice_id = $1 AND p.id = $2)) v) AS vitals,
    (SELECT coalesce(jsonb_agg(to_jsonb(past) ORDER BY past.injected_at), '[]') FROM past) AS sites,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'solution_id', s.id, 'solution_ml', s.volume_ml, 'drug_code', c.drug_code,
            'concentration', c.concentration, 'concentration_unit', c.concentration_unit,
            'volume_ml', c.volume_ml)), '[]')
        FROM solution_components c JOIN solutions s
            ON s.practice_id = c.practice_id AND s.id = c.solution_id
        WHERE c.practice_id = $1
            AND c.solution_id = ANY (ARRAY(SELECT solution_id FROM past))) AS components,
    (SELECT coalesce(jsonb_agg(DISTINCT e.event_code), '[]') FROM adverse_events e
        WHERE e.practice_id = $1
            AND e.patient_id = ANY (ARRAY(SELECT id FROM person))) AS events,
    (SELECT coalesce(jsonb_agg(to_jsonb(m)), '[]') FROM muscles m
        WHERE m.code = ANY (ARRAY(SELECT i.muscle_code FROM injections i
            WHERE i.practice_id = $1 AND i.procedure_id = $2))) AS muscles,
    (SELECT coalesce(jsonb_agg(
            jsonb_build_object('lot', to_jsonb(l), 'time_zone', p.time_zone) ORDER BY l.id), '[]')
        FROM lots l JOIN locations p ON p.practice_id = l.practice_id AND p.id = l.location_id
        WHERE l.practice_id = $1 AND l.id = ANY (ARRAY(SELECT lot_id FROM drawn))) AS lots,
    (SELECT coalesce(jsonb_agg(to_jsonb(v)), '[]') FROM vials v
        WHERE v.practice_id = $1 AND v.id = ANY (ARRAY(SELECT vial_id FROM drawn))) AS vials
";

#[derive(QueryableByName)]
struct SurroundingsRow {
    #[diesel(sql_type = diesel::sql_types::Nullable<Jsonb>)]
    vitals: Option<serde_json::Value>,
    #[diesel(sql_type = Jsonb)]
    sites: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    components: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    events: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    muscles: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    lots: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    vials: serde_json::Value,
}

/// What surrounds a procedure.
pub(in super::super) struct Surroundings {
    pub(in super::super) vitals: Vitals,
    /// Needle sites of the same patient in other procedures, the earliest first.
    pub(in super::super) sites: Vec<PastSite>,
    /// What was in the syringes of those sites.
    pub(in super::super) components: Vec<PastComponent>,
    /// Codes of the adverse events of before.
    pub(in super::super) events: Vec<String>,
    pub(in super::super) muscles: Vec<NeedledMuscle>,
    /// What this procedure draws from, in the order of the lots' ids.
    pub(in super::super) lots: Vec<Lot>,
    pub(in super::super) vials: Vec<Vial>,
}

/// What was measured at the visit and matters to a dose, and where it is.
#[derive(Deserialize, Default)]
pub(in super::super) struct Vitals {
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    location_id: Option<Uuid>,
}

impl Vitals {
    /// The weight and when it was measured.
    pub(in super::super) fn weight(&self) -> Option<(DateTime<Utc>, Decimal)> {
        Some((self.vitals_at?, self.weight_kg?.0))
    }

    /// The height.
    pub(in super::super) fn height_cm(&self) -> Option<Decimal> {
        self.height_cm.map(Decimal::from)
    }

    /// Where the visit is.
    pub(in super::super) const fn location_id(&self) -> Option<Uuid> {
        self.location_id
    }

    /// The temperature.
    pub(in super::super) fn temperature_c(&self) -> Option<Decimal> {
        self.temperature_c.map(Decimal::from)
    }
}

/// A muscle of the catalogue, as far as the rules look at it.
#[derive(Deserialize)]
pub(in super::super) struct NeedledMuscle {
    pub(in super::super) code: String,
    parent_code: Option<String>,
    kind: MuscleKind,
    pub(in super::super) region: String,
    pub(in super::super) cautions: Vec<String>,
}

impl NeedledMuscle {
    /// The whole muscle for a part, else the muscle itself.
    pub(in super::super) fn whole(&self) -> &str {
        let whole = self.parent_code.as_deref();
        whole
            .filter(|_| self.kind == MuscleKind::Part)
            .unwrap_or(&self.code)
    }
}

#[derive(Deserialize)]
struct PastSiteRow {
    procedure_id: Uuid,
    muscle_code: String,
    side: Side,
    solution_id: Option<SolutionId>,
    volume_ml: ExactDecimal,
    injected_at: DateTime<Utc>,
}

impl From<PastSiteRow> for PastSite {
    fn from(row: PastSiteRow) -> Self {
        Self {
            procedure_id: row.procedure_id,
            muscle_code: row.muscle_code,
            side: row.side,
            solution_id: row.solution_id,
            volume_ml: row.volume_ml.0,
            injected_at: row.injected_at,
        }
    }
}

#[derive(Deserialize)]
struct PastComponentRow {
    solution_id: SolutionId,
    solution_ml: ExactDecimal,
    drug_code: String,
    concentration: Option<ExactDecimal>,
    concentration_unit: Option<ConcentrationUnit>,
    volume_ml: ExactDecimal,
}

impl From<PastComponentRow> for PastComponent {
    fn from(row: PastComponentRow) -> Self {
        Self {
            solution_id: row.solution_id,
            solution_ml: row.solution_ml.0,
            drug_code: row.drug_code,
            concentration: concentration(row.concentration, row.concentration_unit),
            volume_ml: row.volume_ml.0,
        }
    }
}

/// Reads what surrounds a procedure, as far back as given.
pub(in super::super) async fn surroundings(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
    since: DateTime<Utc>,
) -> Stored<Surroundings> {
    let query = diesel::sql_query(SURROUNDINGS)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(since);
    let row: SurroundingsRow = prepared(query)
        .get_result(&mut transaction.connection())
        .await?;
    let vitals = serde_json::Value::Array(row.vitals.into_iter().collect());
    Ok(Surroundings {
        vitals: rows(vitals)?.pop().unwrap_or_default(),
        sites: told::<PastSiteRow, _>(row.sites)?,
        components: told::<PastComponentRow, _>(row.components)?,
        events: rows(row.events)?,
        muscles: rows(row.muscles)?,
        lots: lots_in_json(row.lots)?,
        vials: vials_in_json(row.vials)?,
    })
}

fn told<Row: serde::de::DeserializeOwned, T: From<Row>>(list: serde_json::Value) -> Stored<Vec<T>> {
    Ok(rows::<Row>(list)?.into_iter().map(T::from).collect())
}
