//! Reading where needles went in, from the table of the procedures.
//!
//! Findings show a point together with the needles it had, and procedures stand above findings in
//! the order of features. So this is the one place here that reads their table, and it only reads.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Numeric};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::body_chart::Given;
use crate::findings::chart::{ChartPoint, Side, View};
use crate::findings::palpation::{InjectedSite, PointId, Treatment};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::schema::{injections, muscles};
use crate::visits::VisitId;

use super::LONGEST_HISTORY;
use super::point_page::PageOfPoints;

/// A treatment, and the point that it was of.
pub(super) struct PointTreatment {
    pub(super) point_id: Option<PointId>,
    pub(super) treatment: Treatment,
}

#[derive(HasQuery)]
#[diesel(table_name = injections)]
struct TreatmentRow {
    id: Uuid,
    procedure_id: Uuid,
    visit_id: VisitId,
    point_id: Option<PointId>,
    volume_ml: ExactDecimal,
    pain_nrs_before: Option<i16>,
    pain_nrs_after: Option<i16>,
    injected_at: DateTime<Utc>,
}

impl From<TreatmentRow> for PointTreatment {
    fn from(row: TreatmentRow) -> Self {
        Self {
            point_id: row.point_id,
            treatment: Treatment {
                injection_id: row.id,
                procedure_id: row.procedure_id,
                visit_id: row.visit_id,
                injected_at: row.injected_at,
                volume_ml: Decimal::from(row.volume_ml),
                pain_before: row.pain_nrs_before,
                pain_after: row.pain_nrs_after,
            },
        }
    }
}

/// Returns the treatments of the points of a page, oldest first.
pub(super) async fn treatments_at(
    transaction: &OpenTransaction<'_>,
    page: PageOfPoints,
) -> Stored<Vec<PointTreatment>> {
    let rows: Vec<TreatmentRow> = TreatmentRow::query()
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::point_id.assume_not_null().eq_any(page))
        .filter(injections::voided_at.is_null())
        .order((injections::injected_at, injections::id))
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(PointTreatment::from).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = injections, check_for_backend(Pg))]
struct SiteRow {
    id: Uuid,
    visit_id: VisitId,
    point_id: Option<PointId>,
    #[diesel(select_expression = muscles::name)]
    #[diesel(select_expression_type = muscles::name)]
    muscle_name: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    volume_ml: ExactDecimal,
    #[diesel(select_expression = units_in_site())]
    #[diesel(select_expression_type = SqlLiteral<Nullable<Numeric>>)]
    units: Option<ExactDecimal>,
}

/// The units that went in with the volume of a site, where a part of the syringe is dosed in units. To a tenth: it
/// is shown, and nothing is worked out from it.
fn units_in_site() -> SqlLiteral<Nullable<Numeric>> {
    sql(
        "(SELECT round(injections.volume_ml * sum(c.concentration * c.volume_ml) / nullif(s.volume_ml, 0), 1) \
         FROM solutions s JOIN solution_components c ON c.practice_id = s.practice_id AND c.solution_id = s.id \
         WHERE s.practice_id = injections.practice_id AND s.id = injections.solution_id \
         AND c.concentration_unit = 'units_per_ml' GROUP BY s.volume_ml)",
    )
}

impl SiteRow {
    fn site(self) -> Stored<InjectedSite> {
        let place = ChartPoint::parse(self.view, self.x.0, self.y.0);
        Ok(InjectedSite {
            injection_id: self.id,
            visit_id: self.visit_id,
            point_id: self.point_id,
            muscle_name: self.muscle_name,
            side: self.side,
            place: place.map_err(|_refused| InconsistentRow::new("injections", "x", self.id))?,
            given: Given {
                volume_ml: self.volume_ml.0,
                units: self.units.map(|units| units.0),
            },
        })
    }
}

/// Returns where needles went in at these visits.
pub(in crate::findings) async fn sites_of_visits(
    transaction: &OpenTransaction<'_>,
    visit_ids: &[VisitId],
) -> Stored<Vec<InjectedSite>> {
    let rows: Vec<SiteRow> = injections::table
        .inner_join(muscles::table)
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::visit_id.eq_any(visit_ids))
        .filter(injections::voided_at.is_null())
        .select(SiteRow::as_select())
        .order(injections::id)
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?;
    rows.into_iter().map(SiteRow::site).collect()
}

/// Returns the injections into a point in one visit.
pub(in crate::findings) async fn into_point(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    point_id: PointId,
) -> Stored<Vec<Uuid>> {
    Ok(injections::table
        .filter(injections::practice_id.eq(transaction.practice_id()))
        .filter(injections::visit_id.eq(visit_id))
        .filter(injections::point_id.eq(point_id))
        .filter(injections::voided_at.is_null())
        .order(injections::id)
        .select(injections::id)
        .load(&mut transaction.connection())
        .await?)
}
