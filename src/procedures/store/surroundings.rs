//! What the rules look at around a procedure, in one statement: vitals, earlier sites and what was
//! in their syringes, harm of before, the muscles, lots and vials of this one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::prepared::prepared;
use crate::stock::{lots_in_json, vials_in_json};

use super::super::history::{PastComponent, PastSite};
use super::super::procedure::ProcedureId;
use super::super::surroundings::Surroundings;
use super::super::syringe::SolutionId;
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
    (SELECT to_jsonb(w) FROM (
        SELECT visits.weight_kg, visits.vitals_at
        FROM person JOIN visits ON visits.practice_id = $1 AND visits.patient_id = person.id
        WHERE visits.weight_kg IS NOT NULL AND visits.id <> (
            SELECT p.visit_id FROM procedures p
            WHERE p.practice_id = $1 AND p.id = $2)
        ORDER BY visits.vitals_at DESC LIMIT 1) w) AS weighed_before,
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
            WHERE i.practice_id = $1 AND i.procedure_id = $2
            UNION SELECT past.muscle_code FROM past))) AS muscles,
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
    #[diesel(sql_type = diesel::sql_types::Nullable<Jsonb>)]
    weighed_before: Option<serde_json::Value>,
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

impl PastComponentRow {
    fn component(self) -> Stored<PastComponent> {
        Ok(PastComponent {
            solution_id: self.solution_id,
            solution_ml: self.solution_ml.0,
            concentration: concentration(
                self.solution_id,
                self.concentration,
                self.concentration_unit,
            )?,
            drug_code: self.drug_code,
            volume_ml: self.volume_ml.0,
        })
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
    let components = rows::<PastComponentRow>(row.components)?;
    let components = components.into_iter().map(PastComponentRow::component);
    let vitals = serde_json::Value::Array(row.vitals.into_iter().collect());
    let weighed_before = serde_json::Value::Array(row.weighed_before.into_iter().collect());
    Ok(Surroundings {
        vitals: rows(vitals)?.pop().unwrap_or_default(),
        weighed_before: rows(weighed_before)?.pop().unwrap_or_default(),
        sites: rows::<PastSiteRow>(row.sites)?
            .into_iter()
            .map(PastSite::from)
            .collect(),
        components: components.collect::<Stored<_>>()?,
        events: rows(row.events)?,
        muscles: rows(row.muscles)?,
        lots: lots_in_json(row.lots)?,
        vials: vials_in_json(row.vials)?,
    })
}
