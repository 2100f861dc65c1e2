//! What the treatment plans and the diary of a person show of conservative care.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::schema::{diary_entries, treatment_plan_versions};

use tautband_rules::coding::conservative_care::{PlanOfDay, PlannedActivity};

/// The part of a plan that is looked at.
#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    activities: Vec<Activity>,
}

#[derive(Deserialize)]
struct Activity {
    therapy_code: String,
    status: String,
    adherence: Option<String>,
}

/// Every version of the person's plans, the earliest first; `day` tells the day of an instant.
pub(in super::super) async fn plans_of(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<(DateTime<Utc>, String, serde_json::Value)>> {
    Ok(treatment_plan_versions::table
        .filter(treatment_plan_versions::practice_id.eq(transaction.practice_id()))
        .filter(treatment_plan_versions::patient_id.eq_any(records_of(transaction, patient_id)))
        .order((
            treatment_plan_versions::written_at,
            treatment_plan_versions::plan_id,
            treatment_plan_versions::version,
        ))
        .select((
            treatment_plan_versions::written_at,
            treatment_plan_versions::status,
            treatment_plan_versions::content,
        ))
        .load(&mut transaction.connection())
        .await?)
}

/// A version of a plan as the payer's questions look at it; a version that cannot be read shows nothing.
pub(in super::super) fn plan_of_day(
    from: NaiveDate,
    status: &str,
    content: serde_json::Value,
) -> PlanOfDay {
    let content: Option<Content> = serde_json::from_value(content).ok();
    let activities = content
        .map(|content| content.activities)
        .unwrap_or_default();
    PlanOfDay {
        from,
        is_active: status == "active",
        activities: activities
            .into_iter()
            .map(|one| PlannedActivity {
                therapy_code: one.therapy_code,
                is_under_way: one.status == "in_progress",
                has_adherence: one.adherence.is_some(),
            })
            .collect(),
    }
}

/// The last day of the person's diary up to a day.
pub(in super::super) async fn last_diary_day(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    until: NaiveDate,
) -> Stored<Option<NaiveDate>> {
    Ok(diary_entries::table
        .filter(diary_entries::practice_id.eq(transaction.practice_id()))
        .filter(diary_entries::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(diary_entries::entry_date.le(until))
        .select(max(diary_entries::entry_date))
        .first(&mut transaction.connection())
        .await?)
}
