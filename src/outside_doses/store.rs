//! Rows and queries of doses that were given elsewhere.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::platform::text::Word;
use crate::schema::outside_doses;
use crate::visits::Voided;

use super::outside_dose::{DayPrecision, OutsideDose, OutsideDoseId};
use tautband_rules::dose::AmountUnit;

/// The place of a dose in a list: its day and its id.
pub(super) type DoseKey = (NaiveDate, Uuid);

#[derive(HasQuery, Deserialize)]
#[diesel(table_name = outside_doses)]
struct DoseRow {
    id: OutsideDoseId,
    patient_id: PatientId,
    drug_code: String,
    amount: ExactDecimal,
    unit: Word<AmountUnit>,
    given_on: NaiveDate,
    given_on_precision: DayPrecision,
    muscle_code: Option<String>,
    given_by: Option<String>,
    told_by: String,
    recorded_by: Uuid,
    created_at: DateTime<Utc>,
    voided_at: Option<DateTime<Utc>>,
    voided_by: Option<Uuid>,
    void_reason: Option<String>,
}

impl DoseRow {
    fn dose(self) -> Stored<OutsideDose> {
        let reason = self.void_reason.as_deref();
        let voided = Voided::from_columns(self.voided_at, self.voided_by, reason);
        let half_marked = |_| InconsistentRow::new("outside_doses", "voided_at", self.id);
        Ok(OutsideDose {
            voided: voided.map_err(half_marked)?,
            id: self.id,
            patient_id: self.patient_id,
            drug_code: self.drug_code,
            amount: self.amount.0,
            unit: self.unit.0,
            given_on: self.given_on,
            precision: self.given_on_precision,
            muscle_code: self.muscle_code,
            given_by: self.given_by,
            told_by: self.told_by,
            recorded_by: self.recorded_by,
            recorded_at: self.created_at,
        })
    }
}

/// Reads doses from a list of rows, which a statement of another feature returns beside its own rows.
pub(crate) fn outside_doses_in_json(list: serde_json::Value) -> Stored<Vec<OutsideDose>> {
    let rows: Vec<DoseRow> = serde_json::from_value(list).map_err(|error| {
        DatabaseError::from(diesel::result::Error::DeserializationError(Box::new(error)))
    })?;
    rows.into_iter().map(DoseRow::dose).collect()
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, dose: &OutsideDose) -> Stored<()> {
    use outside_doses::dsl;
    diesel::insert_into(dsl::outside_doses)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(dose.id),
            dsl::patient_id.eq(dose.patient_id),
            dsl::drug_code.eq(&dose.drug_code),
            dsl::amount.eq(ExactDecimal(dose.amount)),
            dsl::unit.eq(Word(dose.unit)),
            dsl::given_on.eq(dose.given_on),
            dsl::given_on_precision.eq(dose.precision),
            dsl::muscle_code.eq(dose.muscle_code.as_deref()),
            dsl::given_by.eq(dose.given_by.as_deref()),
            dsl::told_by.eq(&dose.told_by),
            dsl::recorded_by.eq(dose.recorded_by),
            dsl::created_at.eq(dose.recorded_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<DoseKey>,
) -> Stored<Vec<OutsideDose>> {
    let mut query = DoseRow::query()
        .filter(outside_doses::practice_id.eq(transaction.practice_id()))
        .filter(outside_doses::patient_id.eq_any(records_of(transaction, patient_id)))
        .order((outside_doses::given_on.desc(), outside_doses::id.desc()))
        .limit(window.probe())
        .into_boxed();
    if let Some((given_on, id)) = window.after {
        query = query.filter(
            outside_doses::given_on
                .lt(given_on)
                .or(outside_doses::given_on
                    .eq(given_on)
                    .and(outside_doses::id.lt(id))),
        );
    }
    let rows: Vec<DoseRow> = query.load(&mut transaction.connection()).await?;
    rows.into_iter().map(DoseRow::dose).collect()
}

/// Finds a dose of a patient and locks it until the transaction ends.
pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: OutsideDoseId,
) -> Stored<Option<OutsideDose>> {
    let row: Option<DoseRow> = DoseRow::query()
        .filter(outside_doses::practice_id.eq(transaction.practice_id()))
        .filter(outside_doses::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(outside_doses::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    row.map(DoseRow::dose).transpose()
}

pub(super) async fn record_void(
    transaction: &OpenTransaction<'_>,
    id: OutsideDoseId,
    voided: &Voided,
) -> Stored<()> {
    diesel::update(outside_doses::table)
        .filter(outside_doses::practice_id.eq(transaction.practice_id()))
        .filter(outside_doses::id.eq(id))
        .set((
            outside_doses::voided_at.eq(voided.at),
            outside_doses::voided_by.eq(voided.by),
            outside_doses::void_reason.eq(&voided.reason),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
