//! Vials over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::rule_sets::rules_in_force;

use super::super::lot::{LotId, VialType};
use super::super::vial::{Vial, VialId};
use super::super::vials::{
    DiscardVial, OpenVial, ReadVials, VialError, discard_vial, open_vial, vials_of_lot,
};
use tautband_rules::safety::rules::RuleSet;

pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(list_vials).service(open).service(discard);
}

/// A vial that was opened.
#[derive(Serialize, ToSchema)]
#[schema(as = Vial)]
struct VialBody {
    id: VialId,
    lot_id: LotId,
    vial_type: VialType,
    opened_at: DateTime<Utc>,
    /// The user.
    opened_by: Uuid,
    /// Not to be drawn from after that.
    beyond_use_at: Option<DateTime<Utc>>,
    /// A single-dose vial that was drawn for a procedure serves no other.
    is_bound: bool,
    discarded_at: Option<DateTime<Utc>>,
    discarded_by: Option<Uuid>,
}

impl VialBody {
    fn new(vial: &Vial, rules: &RuleSet) -> Self {
        Self {
            id: vial.id,
            lot_id: vial.lot_id,
            vial_type: vial.vial_type,
            opened_at: vial.opened_at,
            opened_by: vial.opened_by,
            beyond_use_at: vial.beyond_use_at(rules),
            is_bound: vial.recipient.is_some(),
            discarded_at: vial.discarded.map(|gone| gone.at),
            discarded_by: vial.discarded.map(|gone| gone.by),
        }
    }
}

/// When a vial was opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenVialBody {
    /// As written on the vial; now, when left out.
    opened_at: Option<Timestamp>,
}

/// Opens a vial of a lot, so that it can be named when it is drawn from.
#[utoipa::path(
    operation_id = "openVial", tag = "lots", context_path = "/api/v1",
    request_body = OpenVialBody,
    params(("lot_id" = LotId, Path, description = "The lot."), Once),
    responses((status = 201, description = "Opened.", body = VialBody), Refused<VialError>)
)]
#[post("/lots/{lot_id}/vials")]
async fn open(
    permit: Permit<OpenVial>,
    id: PathId<LotId>,
    once: Once,
    body: Json<OpenVialBody>,
) -> Result<Answer, Problem> {
    let opened_at = body.opened_at.map(|instant| instant.0);
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let vial = open_vial(transaction, id.0, opened_at).await?;
            let rules = rules_in_force(transaction).await?;
            Answer::made(&VialBody::new(&vial, &rules))
        })
        .await
}

/// Lists the vials of a lot that were opened, the first before the others.
#[utoipa::path(
    operation_id = "listLotVials", tag = "lots", context_path = "/api/v1",
    params(("lot_id" = LotId, Path, description = "The lot."), PageParameters),
    responses((status = 200, description = "The vials.", body = Page<VialBody>), Refused<VialError>)
)]
#[get("/lots/{lot_id}/vials")]
async fn list_vials(
    permit: Permit<ReadVials>,
    id: PathId<LotId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = query.window()?;
    permit
        .transaction(async |transaction| {
            let vials = vials_of_lot(transaction, id.0, &window).await?;
            let rules = rules_in_force(transaction).await?;
            let key = |vial: &Vial| vial.id.uuid();
            let body = |vial| VialBody::new(&vial, &rules);
            Answer::ok(&Page::of(vials, window.size, key, body))
        })
        .await
}

/// Throws a vial away; nothing is drawn from it any more. Stock is corrected with `adjust`.
#[utoipa::path(
    operation_id = "discardVial", tag = "lots", context_path = "/api/v1",
    params(("vial_id" = VialId, Path, description = "The vial.")),
    responses((status = 200, description = "As it is now.", body = VialBody), Refused<VialError>)
)]
#[post("/vials/{vial_id}/discard")]
async fn discard(permit: Permit<DiscardVial>, id: PathId<VialId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let vial = discard_vial(transaction, id.0).await?;
            let rules = rules_in_force(transaction).await?;
            Answer::ok(&VialBody::new(&vial, &rules))
        })
        .await
}
