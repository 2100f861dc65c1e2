//! Rows of what moved in and out of lots.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::id;
use crate::schema::stock_movements;

use super::super::lot::LotId;
use super::super::movement::{Movement, MovementCause};
use super::super::procedure_id::ProcedureId;

#[derive(Insertable)]
#[diesel(table_name = stock_movements, treat_none_as_default_value = false)]
struct MovementRow<'a> {
    practice_id: Uuid,
    id: Uuid,
    lot_id: LotId,
    change_ml: ExactDecimal,
    change_units: Option<ExactDecimal>,
    cause: MovementCause,
    procedure_id: Option<ProcedureId>,
    note: Option<&'a str>,
    moved_by: Uuid,
    moved_at: DateTime<Utc>,
}

pub(in super::super) async fn insert_movements(
    transaction: &OpenTransaction<'_>,
    movements: &[Movement],
) -> Stored<()> {
    let rows: Vec<MovementRow<'_>> = movements
        .iter()
        .map(|movement| MovementRow {
            practice_id: transaction.practice_id(),
            id: id::fresh(transaction.now()),
            lot_id: movement.lot_id,
            change_ml: if movement.is_in_units {
                Decimal::ZERO.into()
            } else {
                movement.change.into()
            },
            change_units: movement.is_in_units.then(|| movement.change.into()),
            cause: movement.cause,
            procedure_id: movement.procedure_id,
            note: movement.note.as_deref(),
            moved_by: transaction.principal().user_id,
            moved_at: transaction.now(),
        })
        .collect();
    diesel::insert_into(stock_movements::table)
        .values(&rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
