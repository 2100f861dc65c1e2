//! Rows and queries of alerts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::patient_alerts::dsl;

use super::{Alert, AlertDetails, AlertId, AlertSeverity};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::patient_alerts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct AlertRow {
    id: AlertId,
    patient_id: PatientId,
    banner: String,
    severity: AlertSeverity,
    detail: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<AlertRow> for Alert {
    fn from(row: AlertRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            details: AlertDetails {
                banner: row.banner,
                severity: row.severity,
                detail: row.detail,
                ended_at: row.ended_at,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Alert> for AlertRow {
    fn from(of: &Alert) -> Self {
        let details = of.details.clone();
        Self {
            id: of.id,
            patient_id: of.patient_id,
            banner: details.banner,
            severity: details.severity,
            detail: details.detail,
            ended_at: details.ended_at,
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
) -> Stored<Vec<Alert>> {
    let mut query = AlertRow::query()
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
        .load::<AlertRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Alert::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: AlertId,
) -> Stored<Option<Alert>> {
    let row = AlertRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Alert::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: AlertId,
) -> Stored<Option<Alert>> {
    let row = AlertRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Alert::from))
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Alert) -> Stored<()> {
    diesel::insert_into(dsl::patient_alerts)
        .values((
            AlertRow::from(recorded),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, changed: &Alert) -> Stored<()> {
    diesel::update(dsl::patient_alerts)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq(changed.patient_id))
        .filter(dsl::id.eq(changed.id))
        .set(AlertRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
