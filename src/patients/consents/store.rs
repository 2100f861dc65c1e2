//! Rows and queries of consents.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::records_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::schema::patient_consents::dsl;

use super::{Consent, ConsentDecision, ConsentForm, ConsentId, ConsentSubject, Decided};

#[derive(HasQuery)]
#[diesel(table_name = crate::schema::patient_consents)]
struct ConsentRow {
    id: ConsentId,
    patient_id: PatientId,
    subject: ConsentSubject,
    decision: ConsentDecision,
    decided_at: DateTime<Utc>,
    decided_by: String,
    method: ConsentForm,
    text_version: String,
    recorded_by: Uuid,
    created_at: DateTime<Utc>,
}

impl From<ConsentRow> for Consent {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            decided: Decided {
                subject: row.subject,
                decision: row.decision,
                decided_at: row.decided_at,
                decided_by: row.decided_by,
                method: row.method,
                text_version: row.text_version,
            },
            recorded_by: row.recorded_by,
            recorded_at: row.created_at,
            is_latest: false,
        }
    }
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Stored<Vec<Consent>> {
    let mut query = ConsentRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .order(dsl::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::created_at.ge(since));
    }
    if let Some(id) = window.after {
        query = query.filter(dsl::id.gt(id));
    }
    let rows = query
        .load::<ConsentRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Consent::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: ConsentId,
) -> Stored<Option<Consent>> {
    let row = ConsentRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Consent::from))
}

/// The latest decision on each subject, be it given or withdrawn.
pub(super) async fn latest(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<ConsentId>> {
    let rows = dsl::patient_consents
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .distinct_on(dsl::subject)
        .order((dsl::subject, dsl::decided_at.desc(), dsl::id.desc()))
        .select(dsl::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(rows)
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, recorded: &Consent) -> Stored<()> {
    let decided = &recorded.decided;
    diesel::insert_into(dsl::patient_consents)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(recorded.id),
            dsl::patient_id.eq(recorded.patient_id),
            dsl::subject.eq(decided.subject),
            dsl::decision.eq(decided.decision),
            dsl::decided_at.eq(decided.decided_at),
            dsl::decided_by.eq(&decided.decided_by),
            dsl::method.eq(decided.method),
            dsl::text_version.eq(&decided.text_version),
            dsl::recorded_by.eq(recorded.recorded_by),
            dsl::created_at.eq(recorded.recorded_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
