//! The audit trail of one patient.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::identity::names_of_service_accounts;
use crate::identity::schema::control::users;
use crate::patients::patient::PatientId;
use crate::patients::records_of;
use crate::platform::audit::{ActorRole, AuditOutcome};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::prepared;
use crate::schema::patients;

use super::{Access, AccessKey};

#[derive(QueryableByName)]
struct AccessRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    actor_user_id: Uuid,
    #[diesel(sql_type = Text)]
    actor_role: ActorRole,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    on_behalf_of: Option<Uuid>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    outcome: AuditOutcome,
    #[diesel(sql_type = Text)]
    resource_type: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    resource_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    patient_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Goes through the acts from the newest on, and takes them apart as far as the page goes.
const OF_PRACTICE: &str = "
    SELECT e.id, e.at, e.actor_user_id, e.actor_role, e.on_behalf_of, e.action, e.outcome, e.resource_type, record.id AS resource_id,
        record.of_patient AS patient_id, e.request_id, coalesce(record.number, 1) AS number
    FROM audit_events e
    LEFT JOIN LATERAL unnest(e.resource_ids, e.patient_ids) WITH ORDINALITY AS record (id, of_patient, number) ON true
    WHERE e.practice_id = $1 AND e.id <= $2 AND (e.id < $2 OR record.number > $3)
        AND ($5 IS NULL OR e.actor_user_id = $5)
    ORDER BY e.id DESC, record.number
    LIMIT $4";

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    by: Option<Uuid>,
    window: &Window<AccessKey>,
) -> Stored<Vec<Access>> {
    let (after_id, after_number) = place_after(window);
    let statement = diesel::sql_query(OF_PRACTICE)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(after_id)
        .bind::<BigInt, _>(after_number)
        .bind::<BigInt, _>(window.probe())
        .bind::<Nullable<SqlUuid>, _>(by);
    let rows = prepared(statement)
        .load(&mut transaction.connection())
        .await?;
    with_names(transaction, rows).await
}

/// A function is called with values alone: a distributed Postgres would run it with its query on a
/// node that does not have the other rows.
const OF_RECORDS: &str = "
    SELECT id, at, actor_user_id, actor_role, on_behalf_of, action, 'done' AS outcome, resource_type, resource_id, patient_id, request_id, number
    FROM audit_trail_of($1, $2, $3, $4, $5, $6)";

/// Acts on all records of the person, since the first of them was made.
pub(super) async fn list_of_patient(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<AccessKey>,
) -> Stored<Vec<Access>> {
    let records: Vec<(Uuid, DateTime<Utc>)> = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(records_of(transaction, patient_id)))
        .order(patients::created_at)
        .select((patients::id, patients::created_at))
        .load(&mut transaction.connection())
        .await?;
    let Some(&(_, since)) = records.as_slice().first() else {
        return Ok(Vec::new());
    };
    let records: Vec<Uuid> = records.into_iter().map(|(id, _)| id).collect();
    let (after_id, after_number) = place_after(window);
    let statement = diesel::sql_query(OF_RECORDS)
        .bind::<Array<SqlUuid>, _>(records)
        .bind::<Timestamptz, _>(since)
        .bind::<Timestamptz, _>(transaction.now())
        .bind::<SqlUuid, _>(after_id)
        .bind::<BigInt, _>(after_number)
        .bind::<Integer, _>(i32::try_from(window.probe()).unwrap_or(i32::MAX));
    let rows = prepared(statement)
        .load(&mut transaction.connection())
        .await?;
    with_names(transaction, rows).await
}

/// Where the page begins; ahead of all there is for the first one.
fn place_after(window: &Window<AccessKey>) -> AccessKey {
    window.after.unwrap_or((Uuid::max(), 0))
}

async fn with_names(
    transaction: &OpenTransaction<'_>,
    rows: Vec<AccessRow>,
) -> Stored<Vec<Access>> {
    let named = |row: &AccessRow| [Some(row.actor_user_id), row.on_behalf_of];
    let ids: Vec<Uuid> = rows.iter().flat_map(named).flatten().collect();
    let people = users::table
        .filter(users::id.eq_any(ids))
        .select((users::id, users::display_name))
        .load::<(Uuid, String)>(&mut transaction.connection())
        .await?;
    let mut names: HashMap<Uuid, String> = people.into_iter().collect();
    if rows
        .iter()
        .any(|row| row.actor_role == ActorRole::ServiceAccount)
    {
        names.extend(names_of_service_accounts(transaction).await?);
    }
    let access = |row: AccessRow| Access {
        id: row.id,
        at: row.at,
        actor_user_id: row.actor_user_id,
        actor_name: names.get(&row.actor_user_id).cloned(),
        actor_role: row.actor_role,
        on_behalf_of: row.on_behalf_of,
        on_behalf_of_name: row.on_behalf_of.and_then(|id| names.get(&id).cloned()),
        action: row.action,
        outcome: row.outcome,
        resource_type: row.resource_type,
        resource_id: row.resource_id,
        patient_id: row.patient_id,
        request_id: row.request_id,
        number: row.number,
    };
    Ok(rows.into_iter().map(access).collect())
}
