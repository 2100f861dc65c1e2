//! The account of every lot over HTTP.

use actix_web::get;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::Answer;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::Problem;
use crate::platform::query::Query;
use crate::platform::text::text_enum;

use super::super::lot::{LotId, LotStatus};
use super::super::lot_balance::LotBalance;
use super::super::lot_filter::{LotFilter, LotKey};
use super::super::reconcile_lots::{ReconcileLots, reconcile_lots};

pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(reconcile);
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

text_enum! {
    /// What a lot is counted in.
    enum CountedIn {
        Millilitres = "ml",
        Units = "units",
    }
}

/// Where a lot went: received − used − wasted + adjusted = remaining. A fluid is counted in millilitres, a
/// powder in units; the fields of the other are null.
#[derive(Serialize, ToSchema)]
#[schema(as = LotReconciliation)]
struct LotBalanceBody {
    lot_id: LotId,
    drug_code: String,
    lot_number: String,
    location_id: Uuid,
    status: LotStatus,
    counted_in: CountedIn,
    received_ml: Option<ExactDecimal>,
    /// Drawn for procedures and not wasted.
    used_ml: Option<ExactDecimal>,
    /// Thrown away before a witness.
    wasted_ml: Option<ExactDecimal>,
    /// Corrected by hand: what came (positive) or went.
    adjusted_ml: Option<ExactDecimal>,
    remaining_ml: Option<ExactDecimal>,
    /// What the account says is left, less what is; 0 when it adds up.
    difference_ml: Option<ExactDecimal>,
    received_units: Option<ExactDecimal>,
    used_units: Option<ExactDecimal>,
    wasted_units: Option<ExactDecimal>,
    adjusted_units: Option<ExactDecimal>,
    remaining_units: Option<ExactDecimal>,
    difference_units: Option<ExactDecimal>,
    is_balanced: bool,
}

impl LotBalanceBody {
    fn new(balance: LotBalance, now: DateTime<Utc>) -> Self {
        let difference = balance.difference();
        let is_powder = balance.lot.powder.is_some();
        let ml = |amount: Decimal| (!is_powder).then(|| amount.into());
        let units = |amount: Decimal| is_powder.then(|| amount.into());
        let (received, remaining) = (balance.received(), balance.lot.left());
        Self {
            status: balance.lot.status(now),
            lot_id: balance.lot.id,
            counted_in: if is_powder {
                CountedIn::Units
            } else {
                CountedIn::Millilitres
            },
            received_ml: ml(received),
            used_ml: ml(balance.used),
            wasted_ml: ml(balance.wasted),
            adjusted_ml: ml(balance.adjusted),
            remaining_ml: ml(remaining),
            difference_ml: ml(difference),
            received_units: units(received),
            used_units: units(balance.used),
            wasted_units: units(balance.wasted),
            adjusted_units: units(balance.adjusted),
            remaining_units: units(remaining),
            difference_units: units(difference),
            is_balanced: difference.is_zero(),
            drug_code: balance.lot.drug_code,
            lot_number: balance.lot.lot_number,
            location_id: balance.lot.location_id,
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
