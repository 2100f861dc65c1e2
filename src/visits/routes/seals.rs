//! Signing visits, adding to signed visits and checking seals over HTTP.

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::platform::trail::TrailKey;
use crate::visits::addendum::{Add, SignedVisitError, add};
use crate::visits::check_seal::{CheckSeal, check_seal};
use crate::visits::seal::{CheckedSeal, KeyCheck};
use crate::visits::sign::{Sign, SignError, sign};
use crate::visits::visit::VisitId;

use super::visit_body::{AddendumBody, VisitBody, shown};

/// Adds the operations on signed visits.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(sign_visit)
        .service(add_addendum)
        .service(get_seal);
}

/// Signs and seals a visit. Only the provider of the visit may sign it. Afterwards only addenda can
/// be added.
#[utoipa::path(
    operation_id = "signVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    responses((status = 200, description = "The signed visit.", body = VisitBody), Refused<SignError>)
)]
#[post("/visits/{visit_id}/sign")]
async fn sign_visit(
    permit: Permit<Sign>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    key: web::Data<TrailKey>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| shown(sign(transaction, id.0, &if_match, &key).await?))
        .await
}

/// The text to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddAddendumBody {
    #[schema(min_length = 1, max_length = 20000)]
    text: String,
}

/// Adds to a signed visit.
#[utoipa::path(
    operation_id = "addAddendum", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    request_body = AddAddendumBody,
    responses((status = 201, description = "The addendum.", body = AddendumBody), Refused<SignedVisitError>)
)]
#[post("/visits/{visit_id}/addenda")]
async fn add_addendum(
    permit: Permit<Add>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<AddAddendumBody>,
) -> Result<Answer, Problem> {
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let addendum = add(transaction, id.0, body.text.clone()).await?;
            Answer::made(&AddendumBody::from(addendum))
        })
        .await
}

/// The seal at signing, and the seal that the content gives now.
#[derive(Serialize, ToSchema)]
struct CheckedSealBody {
    signed_at: DateTime<Utc>,
    /// The user who signed.
    signed_by: Uuid,
    /// The seal at signing.
    content_sha256: String,
    /// The seal that the content gives now.
    recomputed_sha256: String,
    /// Which text the seal is over.
    content_format: i16,
    /// Whether both are the same, and the key of the service did not sign another one.
    intact: bool,
    /// Whether the key of the service signed this seal.
    key_check: KeyCheck,
    /// The Ed25519 signature of the seal, and the public key, in Base64; null where it was sealed before
    /// there was a key.
    signature: Option<String>,
    public_key: Option<String>,
    /// Set for a visit that was taken back.
    retraction: Option<CheckedRetractionBody>,
}

/// The seal of a retraction, and the one that it gives now.
#[derive(Serialize, ToSchema)]
struct CheckedRetractionBody {
    content_sha256: String,
    recomputed_sha256: String,
    intact: bool,
    key_check: KeyCheck,
}

impl From<CheckedSeal> for CheckedSealBody {
    fn from(checked: CheckedSeal) -> Self {
        Self {
            signed_at: checked.signature.signed_at,
            signed_by: checked.signature.signed_by,
            content_sha256: checked.signature.seal.hexadecimal(),
            recomputed_sha256: checked.recomputed.hexadecimal(),
            content_format: checked.signature.format.number(),
            intact: checked.is_intact(),
            key_check: checked.key,
            signature: checked.signature.by_key.map(|by| by.signature_base64()),
            public_key: checked.signature.by_key.map(|by| by.key_base64()),
            retraction: checked.retraction.map(|retraction| CheckedRetractionBody {
                content_sha256: retraction.seal.hexadecimal(),
                recomputed_sha256: retraction.recomputed.hexadecimal(),
                intact: retraction.is_intact(),
                key_check: retraction.key,
            }),
        }
    }
}

/// Computes the seal of a signed visit again and compares it with the stored seal.
#[utoipa::path(
    operation_id = "getVisitSeal", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "Both seals.", body = CheckedSealBody), Refused<SignedVisitError>)
)]
#[get("/visits/{visit_id}/seal")]
async fn get_seal(
    permit: Permit<CheckSeal>,
    id: PathId<VisitId>,
    key: web::Data<TrailKey>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let checked = check_seal(transaction, id.0, &key).await?;
            Answer::ok(&CheckedSealBody::from(checked))
        })
        .await
}
