//! What happens beside the needle: waste before a witness, and how the patient is afterwards.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::identity::schema::control::memberships;
use crate::platform::access::Role;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::id;
use crate::schema::{procedure_observations, solution_wastes};

use super::super::observation::{Observation, ObservedSymptom, ObservedVitals};
use super::super::procedure::{Procedure, SolutionId};
use super::super::waste::Waste;

/// Whether a user is a provider or an assistant of this practice.
pub(in super::super) async fn treats_here(
    transaction: &OpenTransaction<'_>,
    user_id: Uuid,
) -> Stored<bool> {
    let member = memberships::table
        .filter(memberships::practice_id.eq(transaction.practice_id()))
        .filter(memberships::user_id.eq(user_id))
        .filter(memberships::role.eq_any([Role::Provider, Role::Assistant]))
        .filter(memberships::suspended_at.is_null());
    let there = diesel::select(diesel::dsl::exists(member));
    Ok(there.get_result(&mut transaction.connection()).await?)
}

pub(in super::super) async fn insert_waste(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    waste: &Waste,
) -> Stored<()> {
    use solution_wastes::dsl;
    diesel::insert_into(dsl::solution_wastes)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::solution_id.eq(waste.solution_id),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::volume_ml.eq(ExactDecimal(waste.volume_ml)),
            dsl::reason.eq(waste.reason.as_deref()),
            dsl::witnessed_by.eq(waste.witnessed_by),
            dsl::recorded_by.eq(waste.recorded_by),
            dsl::recorded_at.eq(waste.recorded_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// What was wasted of one syringe.
#[derive(Deserialize)]
pub(super) struct WasteRow {
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

pub(in super::super) async fn insert_observation(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    observation: &Observation,
) -> Stored<()> {
    use procedure_observations::dsl;
    let vitals = observation.vitals;
    diesel::insert_into(dsl::procedure_observations)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::procedure_id.eq(procedure.id),
            dsl::visit_id.eq(procedure.visit_id),
            dsl::patient_id.eq(procedure.patient_id),
            dsl::heart_rate_bpm.eq(vitals.heart_rate_bpm),
            dsl::systolic_mmhg.eq(vitals.systolic_mmhg),
            dsl::diastolic_mmhg.eq(vitals.diastolic_mmhg),
            dsl::spo2_percent.eq(vitals.spo2_percent),
            dsl::symptoms.eq(&observation.symptoms),
            dsl::note.eq(observation.note.as_deref()),
            dsl::observed_by.eq(observation.by),
            dsl::observed_at.eq(observation.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// How a patient was once afterwards.
#[derive(Deserialize)]
pub(super) struct ObservationRow {
    heart_rate_bpm: Option<i16>,
    systolic_mmhg: Option<i16>,
    diastolic_mmhg: Option<i16>,
    spo2_percent: Option<i16>,
    symptoms: Vec<Option<ObservedSymptom>>,
    note: Option<String>,
    observed_by: Uuid,
    observed_at: DateTime<Utc>,
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
            by: row.observed_by,
            at: row.observed_at,
        }
    }
}
