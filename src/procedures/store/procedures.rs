//! Procedures with all that belongs to them.
//!
//! Every read joins the visit: what row-level security hides of visits (from a patient, until the
//! signature) it thereby hides of procedures. What belongs to a procedure comes with it as one list a
//! kind, so that it is read in one statement.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::{Window, rows_after};
use crate::schema::{procedures, visits};
use crate::visits::VisitId;

use super::super::procedure::{Change, Procedure, ProcedureId};
use super::additions;
use super::belongings::{BelongingsRow, belongings};
use super::procedure_row::ProcedureRow;
use super::written_row::WrittenRow;

pub(in super::super) async fn find_procedure(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<Option<Procedure>> {
    let found: Option<(ProcedureRow, BelongingsRow)> = procedures::table
        .inner_join(visits::table.on(on_visit()))
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select((
            ProcedureRow::as_select(),
            belongings(transaction.practice_id()),
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    found
        .map(|(row, belongings)| row.procedure(belongings))
        .transpose()
}

/// The procedures of a visit from the place of the window on.
pub(in super::super) async fn procedures_of_visit(
    transaction: &OpenTransaction<'_>,
    visit_id: VisitId,
    window: &Window<Uuid>,
) -> Stored<Vec<Procedure>> {
    let mut query = procedures::table
        .inner_join(visits::table.on(on_visit()))
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::visit_id.eq(visit_id))
        .order(procedures::id)
        .limit(window.probe())
        .select((
            ProcedureRow::as_select(),
            belongings(transaction.practice_id()),
        ))
        .into_boxed();
    rows_after!(query, window, procedures::id);
    let found: Vec<(ProcedureRow, BelongingsRow)> =
        query.load(&mut transaction.connection()).await?;
    found
        .into_iter()
        .map(|(row, belongings)| row.procedure(belongings))
        .collect()
}

/// Whether the visit is there for who asks.
pub(in super::super) async fn visit_is_seen(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<bool> {
    let query = visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id));
    let seen = diesel::select(diesel::dsl::exists(query));
    Ok(seen.get_result(&mut transaction.connection()).await?)
}

/// The visit a procedure belongs to.
pub(in super::super) async fn visit_of(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<Option<VisitId>> {
    let visit_id = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select(procedures::visit_id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(visit_id)
}

/// Locks a procedure until the transaction ends.
pub(in super::super) async fn lock_procedure(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Stored<bool> {
    let held: Option<ProcedureId> = procedures::table
        .filter(procedures::practice_id.eq(transaction.practice_id()))
        .filter(procedures::id.eq(id))
        .select(procedures::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(held.is_some())
}

pub(in super::super) async fn insert_procedure(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
) -> Stored<()> {
    let row = WrittenRow::new(transaction.practice_id(), procedure);
    diesel::insert_into(procedures::table)
        .values((&row, procedures::created_at.eq(transaction.now())))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes a change of a procedure: what it adds, and then the procedure itself.
pub(in super::super) async fn record(
    transaction: &OpenTransaction<'_>,
    change: &Change,
) -> Stored<()> {
    let procedure = change.after();
    if let Some(addition) = change.addition() {
        additions::insert(transaction, procedure, addition).await?;
    }
    let row = WrittenRow::new(transaction.practice_id(), procedure);
    diesel::update(procedures::table)
        .filter(procedures::practice_id.eq(row.practice_id))
        .filter(procedures::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[diesel::dsl::auto_type]
fn on_visit() -> _ {
    visits::practice_id
        .eq(procedures::practice_id)
        .and(visits::id.eq(procedures::visit_id))
}
