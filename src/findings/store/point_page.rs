//! One page of a person's points, as a query for other queries to build on.

use diesel::dsl::{IntoBoxed, Select};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::OpenTransaction;
use crate::platform::page::Window;
use crate::schema::{injections, palpations, trigger_points};

/// Restricts a query for points to one page of a person's points, in the order of the page. A point of which
/// everything was entered in error is none.
macro_rules! on_page {
    ($points:expr, $transaction:expr, $patient_id:expr, $window:expr) => {{
        let page = $points
            .filter(trigger_points::practice_id.eq($transaction.practice_id()))
            .filter(
                trigger_points::patient_id
                    .eq_any($crate::patients::records_of($transaction, $patient_id)),
            )
            .filter(
                diesel::dsl::exists(
                    palpations::table
                        .filter(palpations::practice_id.eq($transaction.practice_id()))
                        .filter(palpations::point_id.eq(trigger_points::id))
                        .filter(palpations::voided_at.is_null()),
                )
                .or(diesel::dsl::exists(
                    injections::table
                        .filter(injections::practice_id.eq($transaction.practice_id()))
                        .filter(
                            injections::point_id
                                .assume_not_null()
                                .eq(trigger_points::id),
                        )
                        .filter(injections::voided_at.is_null()),
                )),
            )
            .order(trigger_points::id)
            .limit($window.probe())
            .into_boxed();
        match $window.after {
            Some(after) => page.filter(trigger_points::id.gt(after)),
            None => page,
        }
    }};
}

pub(super) use on_page;

/// A query for the ids of a page of points.
pub(super) type PageOfPoints =
    IntoBoxed<'static, Select<trigger_points::table, trigger_points::id>, Pg>;

/// Selects the ids of a page of a patient's points.
pub(super) fn page(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> PageOfPoints {
    let ids = trigger_points::table.select(trigger_points::id);
    on_page!(ids, transaction, patient_id, window)
}
