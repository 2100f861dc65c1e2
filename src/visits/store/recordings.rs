//! Writing the note, the vitals and the tenderness of an open visit.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::schema::visits::dsl;
use crate::schema::{patients, visits};
use crate::visits::tenderness::TendernessScores;
use crate::visits::visit::{LockedVisit, Note};
use crate::visits::vitals::TakenVitals;

use super::visit_row::Diagnoses;

#[derive(AsChangeset)]
#[diesel(table_name = visits, treat_none_as_null = true)]
struct NoteRow<'a> {
    chief_complaint: Option<&'a str>,
    subjective: Option<&'a str>,
    objective: Option<&'a str>,
    assessment: Option<&'a str>,
    plan: Option<&'a str>,
    diagnoses: Diagnoses,
    version: Version,
    changes_at_version: i64,
    updated_at: DateTime<Utc>,
}

pub(in crate::visits) async fn record_note(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    note: &Note,
) -> Stored<()> {
    let row = NoteRow {
        chief_complaint: note.chief_complaint.as_deref(),
        subjective: note.subjective.as_deref(),
        objective: note.objective.as_deref(),
        assessment: note.assessment.as_deref(),
        plan: note.plan.as_deref(),
        diagnoses: Diagnoses(note.diagnoses.clone()),
        version: visit.version.next(),
        changes_at_version: visit.changes_under,
        updated_at: transaction.now(),
    };
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(AsChangeset)]
#[diesel(table_name = visits, treat_none_as_null = true)]
struct VitalsRow {
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    systolic_mmhg: Option<i32>,
    diastolic_mmhg: Option<i32>,
    heart_rate_bpm: Option<i32>,
    spo2_percent: Option<i32>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    version: Version,
    changes_at_version: i64,
    updated_at: DateTime<Utc>,
}

pub(in crate::visits) async fn record_vitals(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    taken: &TakenVitals,
) -> Stored<()> {
    let vitals = &taken.vitals;
    let row = VitalsRow {
        weight_kg: vitals.weight_kg.map(ExactDecimal),
        height_cm: vitals.height_cm.map(ExactDecimal),
        systolic_mmhg: vitals.systolic_mmhg,
        diastolic_mmhg: vitals.diastolic_mmhg,
        heart_rate_bpm: vitals.heart_rate_bpm,
        spo2_percent: vitals.spo2_percent,
        temperature_c: vitals.temperature_c.map(ExactDecimal),
        vitals_at: Some(taken.taken_at),
        version: visit.version.next(),
        changes_at_version: visit.changes_under,
        updated_at: transaction.now(),
    };
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes the scores of an open visit.
pub(in crate::visits) async fn record_tenderness(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    scores: &TendernessScores,
) -> Stored<()> {
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::tenderness_scores.eq(scores.in_order().to_vec()),
            dsl::version.eq(visit.version.next()),
            dsl::changes_at_version.eq(visit.changes_under),
            dsl::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Makes this the patient's weight, unless a later weight is known.
pub(in crate::visits) async fn record_weight(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    weight_kg: Decimal,
    measured_at: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(patients::table)
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(records_of(transaction, patient_id)))
        .filter(patients::merged_into_id.is_null())
        .filter(
            patients::weight_measured_at
                .is_null()
                .or(patients::weight_measured_at.le(measured_at)),
        )
        .set((
            patients::weight_kg.eq(ExactDecimal(weight_kg)),
            patients::weight_measured_at.eq(measured_at),
            patients::version.eq(patients::version + 1),
            patients::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
