//! Vials, and the account of every lot, over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;

use super::super::find_lots::{LotFilter, LotKey};
use super::super::lot::{LotId, LotStatus, VialType};
use super::super::reconcile::{LotBalance, ReconcileLots, reconcile_lots};
use super::super::store;
use super::super::vial::{
    DiscardVial, OpenVial, ReadVials, Vial, VialError, VialId, discard_vial, open_vial,
    vials_of_lot,
};
use tautband_rules::safety::rules::RuleSet;

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(reconcile)
        .service(list_vials)
        .service(open)
        .service(discard);
}

/// Which lots; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReconcileLotsQuery {
    #[param(
        nullable = false,
        min_length = 1,
        max_length = 60,
        example = "lidocaine"
    )]
    drug_code: Option<String>,
    #[param(nullable = false, inline)]
    status: Option<LotStatus>,
    #[param(nullable = false)]
    location_id: Option<Uuid>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Where the millilitres of a lot went: received − used − wasted + adjusted = remaining.
#[derive(Serialize, ToSchema)]
#[schema(as = LotReconciliation)]
struct LotBalanceBody {
    lot_id: LotId,
    drug_code: String,
    lot_number: String,
    location_id: Uuid,
    status: LotStatus,
    received_ml: ExactDecimal,
    /// Drawn for completed procedures and not wasted.
    used_ml: ExactDecimal,
    /// Thrown away before a witness.
    wasted_ml: ExactDecimal,
    /// Corrected by hand: what came (positive) or went.
    adjusted_ml: ExactDecimal,
    remaining_ml: ExactDecimal,
    /// What the account says is left, less what is; 0 when it adds up.
    difference_ml: ExactDecimal,
    is_balanced: bool,
}

impl LotBalanceBody {
    fn new(balance: LotBalance, now: DateTime<Utc>) -> Self {
        let difference = balance.difference_ml();
        Self {
            status: balance.lot.status(now),
            lot_id: balance.lot.id,
            drug_code: balance.lot.drug_code,
            lot_number: balance.lot.lot_number,
            location_id: balance.lot.location_id,
            received_ml: balance.lot.received_ml.into(),
            used_ml: balance.used_ml.into(),
            wasted_ml: balance.wasted_ml.into(),
            adjusted_ml: balance.adjusted_ml.into(),
            remaining_ml: balance.lot.remaining_ml.into(),
            difference_ml: difference.into(),
            is_balanced: difference.is_zero(),
        }
    }
}

/// Accounts for every lot, by drug, those that expire first before the others.
#[utoipa::path(
    operation_id = "reconcileLots", tag = "lots", context_path = "/api/v1",
    params(ReconcileLotsQuery),
    responses((status = 200, description = "The account of each lot.", body = Page<LotBalanceBody>))
)]
#[get("/lots/reconciliation")]
async fn reconcile(
    permit: Permit<ReconcileLots>,
    query: Query<ReconcileLotsQuery>,
) -> Result<Answer, Problem> {
    let query = query.into_inner();
    let window: Window<LotKey> = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = LotFilter {
        drug_code: query.drug_code,
        status: query.status,
        location_id: query.location_id,
        updated_since: None,
    };
    permit
        .transaction(async |transaction| {
            let balances = reconcile_lots(transaction, &filter, &window).await?;
            let now = transaction.now();
            let key = |balance: &LotBalance| {
                let lot = &balance.lot;
                (lot.drug_code.clone(), lot.expires_on, lot.id.uuid())
            };
            let body = |balance| LotBalanceBody::new(balance, now);
            Answer::ok(&Page::of(balances, window.size, key, body))
        })
        .await
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
            is_bound: vial.drawn_for.is_some(),
            discarded_at: vial.discarded.map(|(at, _)| at),
            discarded_by: vial.discarded.map(|(_, by)| by),
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
            let rules = store::rules_in_force(transaction).await?;
            Answer::made(&VialBody::new(&vial, &rules))
        })
        .await
}

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListVials {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// Lists the vials of a lot that were opened, the first before the others.
#[utoipa::path(
    operation_id = "listLotVials", tag = "lots", context_path = "/api/v1",
    params(("lot_id" = LotId, Path, description = "The lot."), ListVials),
    responses((status = 200, description = "The vials.", body = Page<VialBody>), Refused<VialError>)
)]
#[get("/lots/{lot_id}/vials")]
async fn list_vials(
    permit: Permit<ReadVials>,
    id: PathId<LotId>,
    query: Query<ListVials>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let vials = vials_of_lot(transaction, id.0, &window).await?;
            let rules = store::rules_in_force(transaction).await?;
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
            let rules = store::rules_in_force(transaction).await?;
            Answer::ok(&VialBody::new(&vial, &rules))
        })
        .await
}
