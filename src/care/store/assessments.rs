//! Rows of assessments.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::assessment::{Assessment, AssessmentKey};
use crate::care::instrument::{AssessmentId, Instrument};
use crate::patients::{PatientId, person_id_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::page::Window;
use crate::schema::assessments::dsl;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::assessments, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct AssessmentRow {
    practice_id: Uuid,
    id: AssessmentId,
    patient_id: PatientId,
    instrument: Instrument,
    taken_on: NaiveDate,
    answers: Option<Vec<Option<i16>>>,
    score: ExactDecimal,
    band: Option<String>,
    scale_id: String,
    entered_by: Uuid,
    created_at: DateTime<Utc>,
}

impl From<(AssessmentRow, PatientId)> for Assessment {
    fn from((row, person_id): (AssessmentRow, PatientId)) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            person_id,
            instrument: row.instrument,
            taken_on: row.taken_on,
            answers: row.answers,
            score: row.score.0,
            band: row.band,
            scale_id: row.scale_id,
            entered_by: row.entered_by,
            created_at: row.created_at,
        }
    }
}

pub(crate) async fn insert(
    transaction: &OpenTransaction<'_>,
    assessment: &Assessment,
) -> Stored<()> {
    let new = assessment.clone();
    let row = AssessmentRow {
        practice_id: transaction.practice_id(),
        id: new.id,
        patient_id: new.patient_id,
        instrument: new.instrument,
        taken_on: new.taken_on,
        answers: new.answers,
        score: ExactDecimal(new.score),
        band: new.band,
        scale_id: new.scale_id,
        entered_by: new.entered_by,
        created_at: new.created_at,
    };
    diesel::insert_into(dsl::assessments)
        .values(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: AssessmentId,
) -> Stored<Option<Assessment>> {
    let row = dsl::assessments
        .select((AssessmentRow::as_select(), person_id_of!("assessments")))
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first::<(AssessmentRow, PatientId)>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Assessment::from))
}

/// Assessments of a patient, the latest first.
pub(crate) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    instrument: Option<Instrument>,
    window: &Window<AssessmentKey>,
) -> Stored<Vec<Assessment>> {
    let mut query = dsl::assessments
        .select((AssessmentRow::as_select(), person_id_of!("assessments")))
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order((dsl::taken_on.desc(), dsl::id.desc()))
        .limit(window.probe())
        .into_boxed();
    if let Some(instrument) = instrument {
        query = query.filter(dsl::instrument.eq(instrument));
    }
    if let Some((taken_on, id)) = window.after {
        query = query.filter(
            dsl::taken_on.le(taken_on).and(
                dsl::taken_on
                    .lt(taken_on)
                    .or(dsl::id.lt(AssessmentId::from(id))),
            ),
        );
    }
    let rows = query
        .load::<(AssessmentRow, PatientId)>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Assessment::from).collect())
}
