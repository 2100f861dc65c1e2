//! Reading and writing palpations.

use diesel::dsl::{AsSelect, auto_type, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::findings::chart::Side;
use crate::findings::palpation::{Palpation, PalpationId};
use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::schema::{muscles, palpations};
use crate::visits::{VisitId, Voided};

use super::LONGEST_HISTORY;
use super::palpation_row::{FeltRow, NamedPalpationRow, PlacedRow};

#[auto_type]
fn named() -> _ {
    let columns: AsSelect<NamedPalpationRow, Pg> = NamedPalpationRow::as_select();
    palpations::table.inner_join(muscles::table).select(columns)
}

fn all(rows: Vec<NamedPalpationRow>) -> Stored<Vec<Palpation>> {
    rows.into_iter().map(NamedPalpationRow::palpation).collect()
}

/// Returns what was ever felt of one muscle on one side of a patient, oldest first, but for what was
/// entered in error.
pub(in crate::findings) async fn at_muscle(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    muscle_code: &str,
    side: Side,
) -> Stored<Vec<Palpation>> {
    let mut rows: Vec<NamedPalpationRow> = named()
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(palpations::muscle_code.eq(muscle_code))
        .filter(palpations::side.eq(side))
        .filter(palpations::voided_at.is_null())
        .order(palpations::id.desc())
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?;
    rows.reverse();
    let mut palpations = all(rows)?;
    // What was entered later takes its place among the others.
    palpations.sort_by_key(|palpation| (palpation.palpated_at(), palpation.id));
    Ok(palpations)
}

/// Returns a page of what was felt at one visit, with what was entered in error. Row-level security hides
/// the latter from patients.
pub(in crate::findings) async fn of_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    window: &Window<Uuid>,
) -> Stored<Vec<Palpation>> {
    let mut query = named()
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .order(palpations::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(palpations::id.gt(after));
    }
    all(query.load(&mut transaction.connection()).await?)
}

/// Returns everything that was felt at these visits, in the order it was recorded, but for what was
/// entered in error.
pub(in crate::findings) async fn of_visits(
    transaction: &OpenTransaction<'_>,
    visit_ids: &[VisitId],
) -> Stored<Vec<Palpation>> {
    let rows = named()
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq_any(visit_ids))
        .filter(palpations::voided_at.is_null())
        .order(palpations::id)
        .limit(LONGEST_HISTORY)
        .load(&mut transaction.connection())
        .await?;
    all(rows)
}

pub(in crate::findings) async fn find_palpation(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    id: PalpationId,
) -> Stored<Option<Palpation>> {
    let row: Option<NamedPalpationRow> = named()
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .filter(palpations::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    row.map(NamedPalpationRow::palpation).transpose()
}

/// Locks a palpation of an open visit, then reads it under the lock.
pub(in crate::findings) async fn lock_palpation(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    id: PalpationId,
) -> Stored<Option<Palpation>> {
    let locked: Option<PalpationId> = palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::visit_id.eq(visit_id))
        .filter(palpations::id.eq(id))
        .select(palpations::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match locked {
        Some(_) => find_palpation(transaction, visit_id, id).await,
        None => Ok(None),
    }
}

pub(in crate::findings) async fn insert_palpation(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    use palpations::dsl;
    diesel::insert_into(dsl::palpations)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(palpation.id),
            dsl::visit_id.eq(palpation.visit_id),
            dsl::patient_id.eq(palpation.patient_id),
            PlacedRow::from(palpation),
            FeltRow::from(palpation),
            dsl::examined_by.eq(palpation.examined_by),
            dsl::palpated_at.eq(palpation.entered_later),
            dsl::created_at.eq(palpation.created_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(in crate::findings) async fn record_amendment(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<()> {
    diesel::update(palpations::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::id.eq(palpation.id))
        .set((PlacedRow::from(palpation), FeltRow::from(palpation)))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Marks a palpation as entered in error.
pub(in crate::findings) async fn record_void(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
    voided: &Voided,
) -> Stored<()> {
    diesel::update(palpations::table)
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::id.eq(palpation.id))
        .set((
            palpations::voided_at.eq(voided.at),
            palpations::voided_by.eq(voided.by),
            palpations::void_reason.eq(&voided.reason),
            palpations::version.eq(palpation.version),
            palpations::updated_at.eq(palpation.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Whether a point was palpated by anything but this palpation, in this visit or another one.
pub(in crate::findings) async fn is_palpated_elsewhere(
    transaction: &OpenTransaction<'_>,
    palpation: &Palpation,
) -> Stored<bool> {
    let others = palpations::table
        .filter(palpations::practice_id.eq(transaction.practice_id()))
        .filter(palpations::point_id.eq(palpation.point_id))
        .filter(palpations::id.ne(palpation.id));
    Ok(diesel::select(exists(others))
        .get_result(&mut transaction.connection())
        .await?)
}
