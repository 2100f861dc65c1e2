//! Rows and queries of allergies.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::allergies::dsl;

use super::{AllergenClass, Allergy, AllergyDetails, AllergyId, Severity};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::allergies, treat_none_as_null = true, treat_none_as_default_value = false)]
struct AllergyRow {
    id: AllergyId,
    patient_id: PatientId,
    substance: String,
    allergen_class: Option<AllergenClass>,
    reaction: Option<String>,
    severity: Severity,
    ended_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<AllergyRow> for Allergy {
    fn from(row: AllergyRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            details: AllergyDetails {
                substance: row.substance,
                allergen_class: row.allergen_class,
                reaction: row.reaction,
                severity: row.severity,
                ended_at: row.ended_at,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Allergy> for AllergyRow {
    fn from(of: &Allergy) -> Self {
        let details = of.details.clone();
        Self {
            id: of.id,
            patient_id: of.patient_id,
            substance: details.substance,
            allergen_class: details.allergen_class,
            reaction: details.reaction,
            severity: details.severity,
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
) -> Stored<Vec<Allergy>> {
    let mut query = AllergyRow::query()
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
        .load::<AllergyRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Allergy::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: AllergyId,
) -> Stored<Option<Allergy>> {
    let row = AllergyRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Allergy::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: AllergyId,
) -> Stored<Option<Allergy>> {
    let row = AllergyRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Allergy::from))
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Allergy) -> Stored<()> {
    diesel::insert_into(dsl::allergies)
        .values((
            AllergyRow::from(recorded),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, changed: &Allergy) -> Stored<()> {
    diesel::update(dsl::allergies)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq(changed.patient_id))
        .filter(dsl::id.eq(changed.id))
        .set(AllergyRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
