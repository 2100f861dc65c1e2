//! Reading and writing trigger points, each with its history over all visits.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::findings::chart::{ChartPoint, Side, View};
use crate::findings::palpation::{Palpation, PlacedPoint, PointId, TriggerPoint};
use crate::patients::{PatientId, person_id, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::schema::{injections, muscles, palpations, trigger_points};
use crate::visits::VisitId;

use super::LONGEST_HISTORY;
use super::injections::treatments_at;
use super::palpation_row::PalpationRow;
use super::point_page::{PageOfPoints, on_page, page};

/// Inserts the lasting point of a first palpation.
pub(in crate::findings) async fn insert_point(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    use trigger_points::dsl;
    diesel::insert_into(dsl::trigger_points)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(palpation.point_id),
            dsl::patient_id.eq(palpation.patient_id),
            dsl::muscle_code.eq(&palpation.muscle_code),
            dsl::side.eq(palpation.side),
            dsl::view.eq(palpation.place.view()),
            dsl::x.eq(ExactDecimal(palpation.place.x())),
            dsl::y.eq(ExactDecimal(palpation.place.y())),
            dsl::chart_version.eq(palpation.chart_version),
            dsl::first_visit_id.eq(palpation.visit_id),
            dsl::created_at.eq(palpation.created_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Puts right where a point lies that nothing but this palpation knows. Row-level security lets only
/// the open visit that found it do so.
pub(in crate::findings) async fn move_point(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    use trigger_points::dsl;
    diesel::update(dsl::trigger_points)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(palpation.point_id))
        .set((
            dsl::muscle_code.eq(&palpation.muscle_code),
            dsl::side.eq(palpation.side),
            dsl::view.eq(palpation.place.view()),
            dsl::x.eq(ExactDecimal(palpation.place.x())),
            dsl::y.eq(ExactDecimal(palpation.place.y())),
            dsl::chart_version.eq(palpation.chart_version),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(HasQuery)]
#[diesel(table_name = trigger_points)]
struct PointRow {
    id: PointId,
    muscle_code: String,
    side: Side,
    view: View,
    x: ExactDecimal,
    y: ExactDecimal,
    chart_version: i16,
    first_visit_id: VisitId,
    created_at: DateTime<Utc>,
}

/// Returns a point of a person, whichever of their records it was found under.
pub(in crate::findings) async fn find_point(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    id: PointId,
) -> Stored<Option<PlacedPoint>> {
    let row: Option<PointRow> = PointRow::query()
        .filter(trigger_points::practice_id.eq(transaction.practice_id()))
        .filter(trigger_points::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(trigger_points::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(|row| PlacedPoint {
        id: row.id,
        muscle_code: row.muscle_code,
        side: row.side,
        view: row.view,
        x: row.x.0,
        y: row.y.0,
    }))
}

/// The row of a point, and the name of its muscle.
#[derive(Queryable, Selectable)]
#[diesel(table_name = trigger_points, check_for_backend(Pg))]
struct NamedPointRow {
    #[diesel(embed)]
    row: PointRow,
    #[diesel(select_expression = muscles::name)]
    #[diesel(select_expression_type = muscles::name)]
    muscle_name: String,
}

async fn points(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Vec<NamedPointRow>> {
    let rows = trigger_points::table
        .inner_join(muscles::table)
        .select(NamedPointRow::as_select());
    let page = on_page!(rows, transaction, patient_id, window);
    Ok(page.load(&mut transaction.connection()).await?)
}

/// The row of a palpation of a known person, and the name of its muscle.
#[derive(Queryable, Selectable)]
#[diesel(table_name = palpations, check_for_backend(Pg))]
struct HistoryRow {
    #[diesel(embed)]
    row: PalpationRow,
    #[diesel(select_expression = muscles::name)]
    #[diesel(select_expression_type = muscles::name)]
    muscle_name: String,
}

/// What was felt at the points of a page, oldest first.
async fn palpated_at(
    transaction: &OpenTransaction<'_>,
    page: PageOfPoints,
) -> Stored<Vec<HistoryRow>> {
    Ok(palpations::table
        .inner_join(muscles::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::point_id.eq_any(page))
        .filter(palpations::voided_at.is_null())
        .select(HistoryRow::as_select())
        .order(palpations::id)
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?)
}

/// Returns a page of a patient's points, each with its history; `None` when there is no such
/// patient.
///
/// The statements for the history work out the page by themselves, so that all of it takes one
/// round trip.
pub(in crate::findings) async fn of_patient(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Option<Vec<TriggerPoint>>> {
    let page = || page(transaction, patient_id, window);
    let (person_id, rows, mut palpated, mut treated) = pipelined!(
        person_id(transaction, patient_id),
        points(transaction, patient_id, window),
        palpated_at(transaction, page()),
        treatments_at(transaction, page()),
    )?;
    let Some(person_id) = person_id else {
        return Ok(None);
    };
    let points = rows.into_iter().map(|point| {
        let id = point.row.id;
        let palpations = palpated.extract_if(.., |one| one.row.point_id == id);
        let palpations = palpations.map(|one| one.row.palpation(person_id, one.muscle_name));
        let palpations: Vec<Palpation> = palpations.collect::<Stored<_>>()?;
        let treatments = treated.extract_if(.., |one| one.point_id == Some(id));
        Ok(TriggerPoint {
            treatments: treatments.map(|one| one.treatment).collect(),
            palpations,
            ..point.without_history(person_id)?
        })
    });
    points.collect::<Stored<_>>().map(Some)
}

impl NamedPointRow {
    fn without_history(self, person_id: PatientId) -> Result<TriggerPoint, InconsistentRow> {
        let row = self.row;
        let place = ChartPoint::parse(row.view, row.x.0, row.y.0);
        Ok(TriggerPoint {
            id: row.id,
            person_id,
            muscle_code: row.muscle_code,
            muscle_name: self.muscle_name,
            side: row.side,
            place: place.map_err(|_refused| InconsistentRow::new("trigger_points", "x", row.id))?,
            chart_version: row.chart_version,
            first_visit_id: row.first_visit_id,
            created_at: row.created_at,
            palpations: Vec::new(),
            treatments: Vec::new(),
        })
    }
}
