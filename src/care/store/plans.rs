//! Rows of treatment plans and their versions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::plan::{PlanStatus, Revision, TreatmentPlan, TreatmentPlanId};
use crate::patients::{PatientId, person_id_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::{treatment_plan_versions, treatment_plans};

use super::protocols::{read_json, write_json};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = treatment_plan_versions, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct VersionRow {
    practice_id: Uuid,
    plan_id: TreatmentPlanId,
    version: Version,
    patient_id: PatientId,
    status: PlanStatus,
    content: serde_json::Value,
    written_by: Uuid,
    written_at: DateTime<Utc>,
}

/// With the person it is for.
type ReadRow = (VersionRow, PatientId);

impl TryFrom<ReadRow> for TreatmentPlan {
    type Error = diesel::result::Error;

    fn try_from((row, person_id): ReadRow) -> QueryResult<Self> {
        Ok(Self {
            id: row.plan_id,
            patient_id: row.patient_id,
            person_id,
            status: row.status,
            content: read_json(row.content)?,
            version: row.version,
            written_by: row.written_by,
            written_at: row.written_at,
        })
    }
}

fn plans(rows: Vec<ReadRow>) -> Stored<Vec<TreatmentPlan>> {
    Ok(rows
        .into_iter()
        .map(TreatmentPlan::try_from)
        .collect::<QueryResult<Vec<_>>>()?)
}

/// The versions that plans are at now.
macro_rules! current {
    ($transaction:expr) => {
        treatment_plans::table
            .inner_join(
                treatment_plan_versions::table.on(treatment_plan_versions::practice_id
                    .eq(treatment_plans::practice_id)
                    .and(treatment_plan_versions::plan_id.eq(treatment_plans::id))
                    .and(treatment_plan_versions::version.eq(treatment_plans::version))),
            )
            .filter(treatment_plans::practice_id.eq($transaction.practice_id()))
            .select((
                VersionRow::as_select(),
                person_id_of!("treatment_plan_versions"),
            ))
    };
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: TreatmentPlanId,
) -> Stored<Option<TreatmentPlan>> {
    let row = current!(transaction)
        .filter(treatment_plans::id.eq(id))
        .first::<ReadRow>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(TreatmentPlan::try_from).transpose()?)
}

/// As [`find`], with the plan held until the transaction ends.
pub(crate) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: TreatmentPlanId,
) -> Stored<Option<TreatmentPlan>> {
    // Lock first and read then, or the row would be read as it was before the wait for the lock.
    let held: Option<TreatmentPlanId> = treatment_plans::table
        .filter(treatment_plans::practice_id.eq(transaction.practice_id()))
        .filter(treatment_plans::id.eq(id))
        .select(treatment_plans::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match held {
        Some(id) => find(transaction, id).await,
        None => Ok(None),
    }
}

/// Whether the person has an active plan beside this one, under whichever of their records. The index
/// that keeps it to one knows one record alone; the lock on the person does the rest.
pub(crate) async fn has_other_active(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: Option<TreatmentPlanId>,
) -> Stored<bool> {
    use treatment_plans::dsl;
    let active: Vec<TreatmentPlanId> = dsl::treatment_plans
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::status.eq(PlanStatus::Active))
        .select(dsl::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(active.into_iter().any(|active| Some(active) != id))
}

/// The active plans of two records and of all that are merged into them.
pub(crate) async fn active_plans(
    transaction: &OpenTransaction<'_>,
    [one, other]: [PatientId; 2],
) -> Stored<Vec<TreatmentPlanId>> {
    use treatment_plans::dsl;
    let theirs = dsl::patient_id
        .eq_any(records_of(transaction, one))
        .or(dsl::patient_id.eq_any(records_of(transaction, other)));
    Ok(dsl::treatment_plans
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(theirs)
        .filter(dsl::status.eq(PlanStatus::Active))
        .order(dsl::id)
        .select(dsl::id)
        .load(&mut transaction.connection())
        .await?)
}

/// Plans of a patient, the latest first.
pub(crate) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Vec<TreatmentPlan>> {
    let mut query = current!(transaction)
        .filter(treatment_plans::patient_id.eq_any(records_of(transaction, patient_id)))
        .order(treatment_plans::id.desc())
        .limit(window.probe())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(treatment_plans::id.lt(TreatmentPlanId::from(after)));
    }
    plans(query.load::<ReadRow>(&mut transaction.connection()).await?)
}

/// The active plans of patients.
pub(crate) async fn active_of(
    transaction: &OpenTransaction<'_>,
    patient_ids: &[Uuid],
) -> Stored<Vec<TreatmentPlan>> {
    let rows = current!(transaction)
        .filter(treatment_plans::patient_id.eq_any(patient_ids))
        .filter(treatment_plans::status.eq(PlanStatus::Active))
        .order(treatment_plans::id)
        .load::<ReadRow>(&mut transaction.connection())
        .await?;
    plans(rows)
}

/// Versions of a plan, the latest first.
pub(crate) async fn versions(
    transaction: &OpenTransaction<'_>,
    id: TreatmentPlanId,
    window: &Window<i64>,
) -> Stored<Vec<TreatmentPlan>> {
    use treatment_plan_versions::dsl;
    let mut query = dsl::treatment_plan_versions
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::plan_id.eq(id))
        .select((
            VersionRow::as_select(),
            person_id_of!("treatment_plan_versions"),
        ))
        .order(dsl::version.desc())
        .limit(window.probe())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(dsl::version.lt(after));
    }
    plans(query.load::<ReadRow>(&mut transaction.connection()).await?)
}

/// A plan as it was at a version.
pub(crate) async fn at_version(
    transaction: &OpenTransaction<'_>,
    id: TreatmentPlanId,
    version: i64,
) -> Stored<Option<TreatmentPlan>> {
    use treatment_plan_versions::dsl;
    let row = dsl::treatment_plan_versions
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::plan_id.eq(id))
        .filter(dsl::version.eq(version))
        .select((
            VersionRow::as_select(),
            person_id_of!("treatment_plan_versions"),
        ))
        .first::<ReadRow>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(TreatmentPlan::try_from).transpose()?)
}

pub(crate) async fn insert(transaction: &OpenTransaction<'_>, plan: &TreatmentPlan) -> Stored<()> {
    use treatment_plans::dsl;
    diesel::insert_into(dsl::treatment_plans)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(plan.id),
            dsl::patient_id.eq(plan.patient_id),
            dsl::status.eq(plan.status),
            dsl::version.eq(plan.version),
            dsl::created_at.eq(plan.written_at),
            dsl::updated_at.eq(plan.written_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    insert_version(transaction, plan).await
}

/// Writes a revision beside the versions before it.
pub(crate) async fn record(transaction: &OpenTransaction<'_>, revision: &Revision) -> Stored<()> {
    use treatment_plans::dsl;
    let plan = &revision.plan;
    diesel::update(dsl::treatment_plans)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(plan.id))
        .set((
            dsl::status.eq(plan.status),
            dsl::version.eq(plan.version),
            dsl::updated_at.eq(plan.written_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    insert_version(transaction, plan).await
}

async fn insert_version(transaction: &OpenTransaction<'_>, plan: &TreatmentPlan) -> Stored<()> {
    let row = VersionRow {
        practice_id: transaction.practice_id(),
        plan_id: plan.id,
        version: plan.version,
        patient_id: plan.patient_id,
        status: plan.status,
        content: write_json(&plan.content)?,
        written_by: plan.written_by,
        written_at: plan.written_at,
    };
    diesel::insert_into(treatment_plan_versions::table)
        .values(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
