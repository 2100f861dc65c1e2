//! What a patient last decided on a subject.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;

use crate::patients::consents::ConsentDecision;
use crate::patients::patient::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::patient_consents::dsl;

use super::persons::records_of;

/// What a patient last decided on a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Queryable)]
pub(crate) struct LatestConsent {
    decision: ConsentDecision,
    decided_at: DateTime<Utc>,
}

impl LatestConsent {
    /// Whether it takes back what was agreed to at an instant, or says no before anybody asked.
    pub(crate) fn withdraws_after(&self, agreed_at: Option<DateTime<Utc>>) -> bool {
        self.decision == ConsentDecision::Withdrawn
            && agreed_at.is_none_or(|agreed_at| self.decided_at >= agreed_at)
    }
}

/// Returns what a patient last decided on a subject.
pub(crate) async fn latest_consent(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    subject: &str,
) -> Stored<Option<LatestConsent>> {
    Ok(dsl::patient_consents
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::subject.eq(subject))
        .order((dsl::decided_at.desc(), dsl::id.desc()))
        .select((dsl::decision, dsl::decided_at))
        .first(&mut transaction.connection())
        .await
        .optional()?)
}
