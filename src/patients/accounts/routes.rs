//! Activations and proxies over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::platform::access::Permit;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::Page;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, PathIds};
use crate::platform::timestamp::Timestamp;

use super::{
    AccountError, EndProxy, GrantProxy, Holder, LinkStatus, OfferActivation, OfferedCode,
    PatientLink, ReadProxies, Relationship, Scope, end_proxy, grant_proxy, offer_activation,
    read_proxies,
};

/// Adds the operations on accounts that reach a record.
pub(in crate::patients) fn configure(services: &mut Operations<'_>) {
    services
        .service(create_activation)
        .service(list_proxies)
        .service(create_proxy)
        .service(end);
}

/// Who reaches a record, reached it, or was offered to.
#[derive(Serialize, ToSchema)]
#[schema(as = Proxy)]
struct ProxyBody {
    id: Uuid,
    name: String,
    /// Address of the account; null while the code was not used.
    email: Option<String>,
    relationship: Relationship,
    scope: Scope,
    /// Pending until the code is used.
    #[serde(rename = "status")]
    standing: LinkStatus,
    created_at: DateTime<Utc>,
    /// When it ends by itself.
    ends_at: Option<DateTime<Utc>>,
    /// When it did end.
    ended_at: Option<DateTime<Utc>>,
}

/// A one-time code and who it is for.
#[derive(Serialize, ToSchema)]
#[schema(as = OfferedCode)]
struct OfferedCodeBody {
    /// Shown this once: hand it to the person, never send it to an address alone.
    #[schema(example = "7K3M-9QWX-2B4D")]
    code: String,
    code_expires_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    proxy: ProxyBody,
}

fn proxy(link: PatientLink, now: DateTime<Utc>) -> ProxyBody {
    let standing = link.status(now);
    ProxyBody {
        id: link.id,
        standing,
        created_at: link.created_at,
        ended_at: link.ended_at().filter(|at| *at <= now),
        ends_at: link.holder.ends_at,
        name: link.holder.name,
        email: link.email,
        relationship: link.holder.relationship,
        scope: link.holder.scope,
    }
}

fn offered(offered: OfferedCode, now: DateTime<Utc>) -> Result<Answer, Problem> {
    Answer::made(&OfferedCodeBody {
        code: offered.code,
        code_expires_at: offered.link.code_expires_at,
        proxy: proxy(offered.link, now),
    })
}

/// Makes a one-time code for the patient themselves.
///
/// The code is shown this once and good for a week; making another kills it. There is no
/// `Idempotency-Key`, because an answer kept for a retry would keep the code.
#[utoipa::path(
    operation_id = "createActivation", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses((status = 201, description = "The code.", body = OfferedCodeBody), Refused<AccountError>)
)]
#[post("/patients/{patient_id}/activations")]
async fn create_activation(
    permit: Permit<OfferActivation>,
    patient_id: PathId<PatientId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let code = offer_activation(transaction, patient_id.0).await?;
            offered(code, transaction.now())
        })
        .await
}

/// Everybody who reaches, reached or was offered to reach a record, on one page.
#[utoipa::path(
    operation_id = "listProxies", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses((status = 200, description = "Accounts and offers.", body = Page<ProxyBody>))
)]
#[get("/patients/{patient_id}/proxies")]
async fn list_proxies(
    permit: Permit<ReadProxies>,
    patient_id: PathId<PatientId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let links = read_proxies(transaction, patient_id.0).await?;
            let now = transaction.now();
            let items = links.into_iter().map(|link| proxy(link, now)).collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}

/// Someone who is to act for a patient.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantProxyBody {
    #[schema(min_length = 1, max_length = 200, example = "Maria Vrabec")]
    name: String,
    relationship: Relationship,
    scope: Scope,
    /// When it ends by itself, such as the day a child comes of age.
    ends_at: Timestamp,
}

/// Lets someone act for a patient, by a one-time code that is shown this once.
#[utoipa::path(
    operation_id = "grantProxy", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    request_body = GrantProxyBody,
    responses((status = 201, description = "The code.", body = OfferedCodeBody), Refused<AccountError>)
)]
#[post("/patients/{patient_id}/proxies")]
async fn create_proxy(
    permit: Permit<GrantProxy>,
    patient_id: PathId<PatientId>,
    body: Json<GrantProxyBody>,
) -> Result<Answer, Problem> {
    let holder = Holder {
        name: body.name.clone(),
        relationship: body.relationship,
        scope: body.scope,
        ends_at: Some(body.ends_at.0),
    };
    permit
        .transaction(async |transaction| {
            let code = grant_proxy(transaction, patient_id.0, &holder).await?;
            offered(code, transaction.now())
        })
        .await
}

/// Ends somebody's reach at once, the patient's own included, or takes back an unused code.
#[utoipa::path(
    operation_id = "endProxy", tag = "patients", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("proxy_id" = Uuid, Path, description = "Whose reach ends.")
    ),
    responses((status = 200, description = "As it is now.", body = ProxyBody), Refused<AccountError>)
)]
#[post("/patients/{patient_id}/proxies/{proxy_id}/end")]
async fn end(permit: Permit<EndProxy>, ids: PathIds<PatientId, Uuid>) -> Result<Answer, Problem> {
    let PathIds(patient_id, id) = ids;
    permit
        .transaction(async |transaction| {
            let link = end_proxy(transaction, patient_id, id).await?;
            Answer::ok(&proxy(link, transaction.now()))
        })
        .await
}
