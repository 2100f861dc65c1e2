//! The audit trail: who read or changed what of whom, written in the transaction of the act.
//!
//! Use cases say what they touched; the transaction writes the rows when it commits. An action
//! that concerns patients and touched nothing by its own account does not commit at all, so that
//! no path can forget it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::platform::access::{Principal, Role};
use crate::platform::id;
use crate::platform::telemetry;
use crate::platform::text::text_enum;
use crate::schema::audit_events;

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

#[derive(Insertable)]
#[diesel(table_name = audit_events)]
struct AuditRow<'a> {
    practice_id: Uuid,
    id: Uuid,
    at: DateTime<Utc>,
    actor_user_id: Uuid,
    actor_role: ActorRole,
    session_id: Uuid,
    request_id: &'a str,
    action: &'a str,
    resource_type: &'a str,
    resource_id: Option<Uuid>,
    patient_id: Option<Uuid>,
}

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
    let request_id = telemetry::request_id();
    let rows: Vec<AuditRow<'_>> = touched
        .iter()
        .map(|touched| AuditRow {
            practice_id: principal.practice_id,
            id: id::fresh(now),
            at: now,
            actor_user_id: principal.user_id,
            actor_role: principal.into(),
            session_id: principal.session_id,
            request_id: &request_id,
            action,
            resource_type: touched.resource_type,
            resource_id: touched.resource_id,
            patient_id: touched.patient_id,
        })
        .collect();
    diesel::insert_into(audit_events::table)
        .values(&rows)
        .execute(&mut connection)
        .await?;
    Ok(())
}
