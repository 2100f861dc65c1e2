//! The audit trail: who read or changed which records of which patient. It is written in the
//! transaction of the act.
//!
//! Use cases say what they touched; the transaction writes a row for each kind of record when it
//! commits. An action that concerns patients and touched nothing by its own account does not commit
//! at all, so that no path can forget it.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::join_all;
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
        /// A program with a key of its own.
        ServiceAccount = "service_account",
        /// No user: the service itself.
        Service = "service",
    }
}

impl From<&Principal> for ActorRole {
    fn from(principal: &Principal) -> Self {
        if principal.is_service() {
            return Self::Service;
        }
        if principal.service_access.is_some() {
            return Self::ServiceAccount;
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

text_enum! {
    /// What became of an act.
    pub(crate) enum AuditOutcome {
        Done = "done",
        Refused = "refused",
    }
}

/// What was done, or tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act {
    pub(super) action: &'static str,
    pub(super) is_refused: bool,
}

impl Act {
    const fn outcome(self) -> AuditOutcome {
        if self.is_refused {
            AuditOutcome::Refused
        } else {
            AuditOutcome::Done
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
    /// The patient it belongs to.
    pub(crate) patient_id: Option<Uuid>,
}

/// The database itself says who acted, as the transaction was begun, and when it was recorded.
///
/// One text however many records, so that it stays prepared. A function works out the keys, because
/// a distributed Postgres takes no query inside an insertion.
const RECORD: &str = "
    INSERT INTO audit_events (practice_id, id, at, request_id, action, outcome, resource_type, resource_ids,
        patient_ids, patient_periods)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, audit_keys($9, $3))";

/// Writes one row for each kind of record touched.
pub(super) async fn record(
    connection: &AsyncPgConnection,
    principal: &Principal,
    act: Act,
    now: DateTime<Utc>,
    touched: &[Touched],
) -> QueryResult<()> {
    let mut kinds: Vec<&str> = touched.iter().map(|one| one.resource_type).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let rows = kinds.into_iter().map(|kind| {
        let of_kind = touched.iter().filter(|one| one.resource_type == kind);
        let records = of_kind.filter_map(|one| Some((one.resource_id?, one.patient_id)));
        record_kind(connection, principal, (act, now), kind, records.unzip())
    });
    join_all(rows).await.into_iter().collect()
}

async fn record_kind(
    mut connection: &AsyncPgConnection,
    principal: &Principal,
    (act, now): (Act, DateTime<Utc>),
    kind: &str,
    (resource_ids, patient_ids): (Vec<Uuid>, Vec<Option<Uuid>>),
) -> QueryResult<()> {
    let statement = diesel::sql_query(RECORD)
        .bind::<SqlUuid, _>(principal.practice_id)
        .bind::<SqlUuid, _>(id::fresh(now))
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(telemetry::request_id())
        .bind::<Text, _>(act.action)
        .bind::<Text, _>(act.outcome())
        .bind::<Text, _>(kind)
        .bind::<Array<SqlUuid>, _>(resource_ids)
        .bind::<Array<Nullable<SqlUuid>>, _>(patient_ids);
    prepared(statement).execute(&mut connection).await?;
    Ok(())
}
