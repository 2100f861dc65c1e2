//! Rows and queries of conditions.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::conditions::dsl;

use super::{Condition, ConditionDetails, ConditionId};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::conditions, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ConditionRow {
    id: ConditionId,
    patient_id: PatientId,
    code: String,
    text: Option<String>,
    onset_on: Option<NaiveDate>,
    resolved_on: Option<NaiveDate>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<ConditionRow> for Condition {
    fn from(row: ConditionRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            details: ConditionDetails {
                code: row.code,
                text: row.text,
                onset_on: row.onset_on,
                resolved_on: row.resolved_on,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Condition> for ConditionRow {
    fn from(of: &Condition) -> Self {
        let details = of.details.clone();
        Self {
            id: of.id,
            patient_id: of.patient_id,
            code: details.code,
            text: details.text,
            onset_on: details.onset_on,
            resolved_on: details.resolved_on,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Stored<Vec<Condition>> {
    let mut query = ConditionRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order(dsl::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    if let Some(id) = window.after {
        query = query.filter(dsl::id.gt(id));
    }
    let rows = query
        .load::<ConditionRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Condition::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: ConditionId,
) -> Stored<Option<Condition>> {
    let row = ConditionRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Condition::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: ConditionId,
) -> Stored<Option<Condition>> {
    let row = ConditionRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Condition::from))
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Condition) -> Stored<()> {
    diesel::insert_into(dsl::conditions)
        .values((
            ConditionRow::from(recorded),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, changed: &Condition) -> Stored<()> {
    diesel::update(dsl::conditions)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq(changed.patient_id))
        .filter(dsl::id.eq(changed.id))
        .set(ConditionRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
