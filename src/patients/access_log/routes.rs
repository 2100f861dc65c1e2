//! Access logs over HTTP.

use actix_web::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::audit::ActorRole;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::Problem;
use crate::platform::query::{Paged, PathId, Query};

use super::{Access, Read, ReadEvents, list, list_events};

/// Adds the operation on access logs.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services.service(get_access_log).service(list_audit_events);
}

/// One act on a patient's record.
#[derive(Serialize, ToSchema)]
struct AccessBody {
    /// Names the act. What was done with many records at once is an item for each of them, with one
    /// id; they may be on two pages.
    id: Uuid,
    at: DateTime<Utc>,
    /// Who acted.
    actor: ActorBody,
    /// What was done, such as `patients.read`.
    action: String,
    /// Kind of record, such as `allergy`.
    resource_type: String,
    resource_id: Option<Uuid>,
}

/// Who acted.
#[derive(Serialize, ToSchema)]
struct ActorBody {
    user_id: Uuid,
    display_name: Option<String>,
    role: ActorRole,
}

impl From<Access> for AccessBody {
    fn from(access: Access) -> Self {
        Self {
            id: access.id,
            at: access.at,
            actor: ActorBody {
                user_id: access.actor_user_id,
                display_name: access.actor_name,
                role: access.actor_role,
            },
            action: access.action,
            resource_type: access.resource_type,
            resource_id: access.resource_id,
        }
    }
}

/// Lists who read or changed a patient's record, newest first.
#[utoipa::path(
    operation_id = "getAccessLog", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), PageParameters),
    responses((status = 200, description = "The log.", body = Page<AccessBody>))
)]
#[get("/patients/{patient_id}/access-log")]
async fn get_access_log(
    permit: Permit<Read>,
    id: PathId<PatientId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, id.0, &window).await?;
            Answer::ok(&Page::of(
                found,
                window.size,
                |access| (access.id, access.number),
                AccessBody::from,
            ))
        })
        .await
}

/// Which part of the audit trail is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListAuditEvents {
    /// Only what concerned this patient.
    #[param(nullable = false)]
    patient_id: Option<PatientId>,
}

/// One act in the practice.
#[derive(Serialize, ToSchema)]
struct AuditEventBody {
    #[serde(flatten)]
    access: AccessBody,
    /// Whose record it was; nothing for a list without rows.
    patient_id: Option<Uuid>,
    /// The request in which it was done, as its answer named it.
    request_id: String,
}

impl From<Access> for AuditEventBody {
    fn from(access: Access) -> Self {
        Self {
            patient_id: access.patient_id,
            request_id: access.request_id.clone(),
            access: AccessBody::from(access),
        }
    }
}

/// Lists who read or changed what in the practice, newest first.
#[utoipa::path(
    operation_id = "listAuditEvents", tag = "patients", context_path = "/api/v1",
    params(ListAuditEvents, PageParameters),
    responses((status = 200, description = "The audit trail.", body = Page<AuditEventBody>))
)]
#[get("/audit-events")]
async fn list_audit_events(
    permit: Permit<ReadEvents>,
    query: Paged<ListAuditEvents>,
) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list_events(transaction, query.patient_id, &window).await?;
            Answer::ok(&Page::of(
                found,
                window.size,
                |access| (access.id, access.number),
                AuditEventBody::from,
            ))
        })
        .await
}
