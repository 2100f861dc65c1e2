//! Access logs over HTTP.

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::audit::{ActorRole, AuditOutcome};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::Problem;
use crate::platform::query::{Paged, PathId, Query};
use crate::platform::trail::{TrailFault, TrailKey, Verified};

use super::{Access, AskedFor, Read, ReadEvents, Verify, list, list_events, verify};

/// Adds the operation on access logs.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(get_access_log)
        .service(list_audit_events)
        .service(verify_audit_trail);
}

/// One act on a patient's record.
#[derive(Serialize, ToSchema)]
struct AccessBody {
    /// Names the act. What was done with many records at once is an item for each of them, with one
    /// id; they may be on two pages.
    id: Uuid,
    at: DateTime<Utc>,
    actor: ActorBody,
    /// What was done, such as `patients.read`.
    action: String,
    /// Kind of record, such as `allergy`.
    resource_type: String,
    resource_id: Option<Uuid>,
}

/// Who acted: a user, a service account, or the service itself.
#[derive(Serialize, ToSchema)]
struct ActorBody {
    user_id: Uuid,
    display_name: Option<String>,
    role: ActorRole,
    /// The user for whom a service account acted.
    on_behalf_of: Option<ActedForBody>,
}

/// A user for whom somebody acted.
#[derive(Serialize, ToSchema)]
#[schema(as = ActedFor)]
struct ActedForBody {
    user_id: Uuid,
    display_name: Option<String>,
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
                on_behalf_of: access.on_behalf_of.map(|user_id| ActedForBody {
                    user_id,
                    display_name: access.on_behalf_of_name,
                }),
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
    /// Only what this user did or was refused; not together with `patient_id`.
    #[param(nullable = false)]
    user_id: Option<Uuid>,
}

impl ListAuditEvents {
    fn asked_for(&self) -> Result<AskedFor, Problem> {
        match (self.patient_id, self.user_id) {
            (None, None) => Ok(AskedFor::Everything),
            (Some(patient_id), None) => Ok(AskedFor::Patient(patient_id)),
            (None, Some(user_id)) => Ok(AskedFor::User(user_id)),
            (Some(_), Some(_)) => Err(Problem::field(
                "#/query/user_id",
                "cannot stand beside patient_id: ask for a patient or for a user",
            )),
        }
    }
}

/// One act in the practice.
#[derive(Serialize, ToSchema)]
struct AuditEventBody {
    #[serde(flatten)]
    access: AccessBody,
    /// Whose record it was; nothing for a list without rows.
    patient_id: Option<Uuid>,
    /// Whether it was done, or refused for who asked.
    outcome: AuditOutcome,
    /// The request in which it was done, as its answer named it.
    request_id: String,
}

impl From<Access> for AuditEventBody {
    fn from(access: Access) -> Self {
        Self {
            patient_id: access.patient_id,
            outcome: access.outcome,
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
    let asked = query.asked_for()?;
    permit
        .transaction(async |transaction| {
            let found = list_events(transaction, asked, &window).await?;
            Answer::ok(&Page::of(
                found,
                window.size,
                |access| (access.id, access.number),
                AuditEventBody::from,
            ))
        })
        .await
}

/// What to verify against.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyBody {
    /// A checkpoint from an earlier answer that was kept elsewhere; it shows whether the end of the trail was cut
    /// off since.
    #[schema(min_length = 1, max_length = 2000)]
    checkpoint: Option<String>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
struct VerifiedBody {
    /// Whether nothing is wrong.
    intact: bool,
    /// Acts that are sealed.
    size: u64,
    /// Acts of the last seconds that are not sealed yet.
    unsealed: usize,
    /// The last signed state of the trail (C2SP tlog-checkpoint), to be kept elsewhere.
    checkpoint: Option<String>,
    /// The first thing that is wrong.
    fault: Option<TrailFaultBody>,
}

/// Something that is wrong with the trail.
#[derive(Serialize, ToSchema)]
struct TrailFaultBody {
    kind: TrailFault,
    /// Place of the act in the trail, from 0 on.
    position: Option<i64>,
    event_id: Option<Uuid>,
}

impl From<Verified> for VerifiedBody {
    fn from(verified: Verified) -> Self {
        Self {
            intact: verified.fault.is_none(),
            size: verified.size,
            unsealed: verified.unsealed,
            checkpoint: verified.checkpoint,
            fault: verified.fault.map(|fault| TrailFaultBody {
                kind: fault.kind,
                position: fault.position,
                event_id: fault.event_id,
            }),
        }
    }
}

/// Verifies that no act of the audit trail was changed, taken out, put in, moved or cut off.
#[utoipa::path(
    operation_id = "verifyAuditTrail", tag = "patients", context_path = "/api/v1",
    request_body = VerifyBody,
    responses((status = 200, description = "What was found.", body = VerifiedBody))
)]
#[post("/audit/verify")]
async fn verify_audit_trail(
    permit: Permit<Verify>,
    key: web::Data<TrailKey>,
    body: Json<VerifyBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let verified = verify(transaction, &key, body.checkpoint.as_deref()).await?;
            Answer::ok(&VerifiedBody::from(verified))
        })
        .await
}
