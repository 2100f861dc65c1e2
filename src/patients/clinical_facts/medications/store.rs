//! Rows and queries of medications.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::medications::dsl;

use super::{Medication, MedicationClass, MedicationDetails, MedicationId};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::medications, treat_none_as_null = true, treat_none_as_default_value = false)]
struct MedicationRow {
    id: MedicationId,
    patient_id: PatientId,
    name: String,
    medication_class: Option<MedicationClass>,
    atc_code: Option<String>,
    dose: Option<String>,
    last_taken_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<MedicationRow> for Medication {
    fn from(row: MedicationRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            details: MedicationDetails {
                name: row.name,
                medication_class: row.medication_class,
                atc_code: row.atc_code,
                dose: row.dose,
                last_taken_at: row.last_taken_at,
                ended_at: row.ended_at,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Medication> for MedicationRow {
    fn from(of: &Medication) -> Self {
        let details = of.details.clone();
        Self {
            id: of.id,
            patient_id: of.patient_id,
            name: details.name,
            medication_class: details.medication_class,
            atc_code: details.atc_code,
            dose: details.dose,
            last_taken_at: details.last_taken_at,
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
) -> Stored<Vec<Medication>> {
    let mut query = MedicationRow::query()
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
        .load::<MedicationRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Medication::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: MedicationId,
) -> Stored<Option<Medication>> {
    let row = MedicationRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Medication::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: MedicationId,
) -> Stored<Option<Medication>> {
    let row = MedicationRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Medication::from))
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Medication) -> Stored<()> {
    diesel::insert_into(dsl::medications)
        .values((
            MedicationRow::from(recorded),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, changed: &Medication) -> Stored<()> {
    diesel::update(dsl::medications)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq(changed.patient_id))
        .filter(dsl::id.eq(changed.id))
        .set(MedicationRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
