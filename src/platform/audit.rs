//! The audit trail: who read or changed what of whom, written in the transaction of the act.
//!
//! Use cases say what they touched; the transaction writes the rows when it commits. An action
//! that concerns patients and touched nothing by its own account does not commit at all, so that
//! no path can forget it.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::platform::access::{Principal, Role};
use crate::platform::id;
use crate::platform::prepared::prepared;
use crate::platform::telemetry;
use crate::platform::text::text_enum;

text_enum! {
    /// In which role someone acted.
    pub(crate) enum ActorRole {
        Admin = "admin",
        FrontDesk = "front_desk",
        Provider = "provider",
        Assistant = "assistant",
        Patient = "patient",
        Auditor = "auditor",
        /// Nobody: the service itself.
        Service = "service",
    }
}

impl From<&Principal> for ActorRole {
    fn from(principal: &Principal) -> Self {
        if principal.is_service() {
            return Self::Service;
        }
        match principal.role {
            Role::Admin => Self::Admin,
            Role::FrontDesk => Self::FrontDesk,
            Role::Provider => Self::Provider,
            Role::Assistant => Self::Assistant,
            Role::Patient => Self::Patient,
            Role::Auditor => Self::Auditor,
        }
    }
}

/// A record that was read or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Kind of record, such as `appointment`.
    pub(crate) resource_type: &'static str,
    /// Which one; nothing for a list that came back empty.
    pub(crate) resource_id: Option<Uuid>,
    /// Whose it is.
    pub(crate) patient_id: Option<Uuid>,
}

/// One text however many records, so that it stays prepared.
const RECORD: &str = "
    INSERT INTO audit_events (practice_id, at, actor_user_id, actor_role, session_id, request_id, action,
        id, resource_type, resource_id, patient_id)
    SELECT $1, $2, $3, $4, $5, $6, $7, touched.id, touched.resource_type, touched.resource_id, touched.patient_id
    FROM unnest($8::uuid[], $9::text[], $10::uuid[], $11::uuid[])
        AS touched (id, resource_type, resource_id, patient_id)";

/// Writes one row for each record touched.
pub(super) async fn record(
    mut connection: &AsyncPgConnection,
    principal: &Principal,
    action: &str,
    now: DateTime<Utc>,
    touched: &[Touched],
) -> QueryResult<()> {
    if touched.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = touched.iter().map(|_| id::fresh(now)).collect();
    let resource_types: Vec<&str> = touched.iter().map(|one| one.resource_type).collect();
    let resource_ids: Vec<Option<Uuid>> = touched.iter().map(|one| one.resource_id).collect();
    let patient_ids: Vec<Option<Uuid>> = touched.iter().map(|one| one.patient_id).collect();
    let statement = diesel::sql_query(RECORD)
        .bind::<SqlUuid, _>(principal.practice_id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(principal.user_id)
        .bind::<Text, _>(ActorRole::from(principal))
        .bind::<SqlUuid, _>(principal.session_id)
        .bind::<Text, _>(telemetry::request_id())
        .bind::<Text, _>(action)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(resource_types)
        .bind::<Array<Nullable<SqlUuid>>, _>(resource_ids)
        .bind::<Array<Nullable<SqlUuid>>, _>(patient_ids);
    prepared(statement).execute(&mut connection).await?;
    Ok(())
}
