//! Rows and queries of vials.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::schema::vials;

use super::super::lot::{LotId, VialType};
use super::super::procedure::ProcedureId;
use super::super::vial::{Vial, VialId};

/// A vial as it is stored.
#[derive(Queryable, Selectable, Insertable, Deserialize)]
#[diesel(table_name = vials, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
pub(super) struct VialRow {
    practice_id: Uuid,
    id: VialId,
    lot_id: LotId,
    vial_type: VialType,
    patient_id: Option<PatientId>,
    procedure_id: Option<ProcedureId>,
    opened_at: DateTime<Utc>,
    opened_by: Uuid,
    discarded_at: Option<DateTime<Utc>>,
    discarded_by: Option<Uuid>,
}

impl From<VialRow> for Vial {
    fn from(row: VialRow) -> Self {
        Self {
            id: row.id,
            lot_id: row.lot_id,
            vial_type: row.vial_type,
            drawn_for: row.patient_id.zip(row.procedure_id),
            opened_at: row.opened_at,
            opened_by: row.opened_by,
            discarded: row.discarded_at.zip(row.discarded_by),
        }
    }
}

pub(in super::super) async fn insert_vials(
    transaction: &OpenTransaction<'_>,
    opened: &[Vial],
) -> Stored<()> {
    let rows: Vec<VialRow> = opened
        .iter()
        .map(|vial| VialRow {
            practice_id: transaction.practice_id(),
            id: vial.id,
            lot_id: vial.lot_id,
            vial_type: vial.vial_type,
            patient_id: vial.drawn_for.map(|(patient_id, _)| patient_id),
            procedure_id: vial.drawn_for.map(|(_, procedure_id)| procedure_id),
            opened_at: vial.opened_at,
            opened_by: vial.opened_by,
            discarded_at: vial.discarded.map(|(at, _)| at),
            discarded_by: vial.discarded.map(|(_, by)| by),
        })
        .collect();
    diesel::insert_into(vials::table)
        .values(&rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Records the patient a vial was drawn for, and that it was thrown away.
pub(in super::super) async fn record_vial(
    transaction: &OpenTransaction<'_>,
    vial: &Vial,
) -> Stored<()> {
    diesel::update(vials::table)
        .filter(vials::practice_id.eq(transaction.practice_id()))
        .filter(vials::id.eq(vial.id))
        .set((
            vials::patient_id.eq(vial.drawn_for.map(|(patient_id, _)| patient_id)),
            vials::procedure_id.eq(vial.drawn_for.map(|(_, procedure_id)| procedure_id)),
            vials::discarded_at.eq(vial.discarded.map(|(at, _)| at)),
            vials::discarded_by.eq(vial.discarded.map(|(_, by)| by)),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks vials in the order of their ids against other draws.
pub(in super::super) async fn lock_vials(
    transaction: &OpenTransaction<'_>,
    ids: &[VialId],
) -> Stored<Vec<Vial>> {
    let rows: Vec<VialRow> = vials::table
        .filter(vials::practice_id.eq(transaction.practice_id()))
        .filter(vials::id.eq_any(ids))
        .order(vials::id)
        .select(VialRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Vial::from).collect())
}

/// The vials of a lot from the place of the window on.
pub(in super::super) async fn vials_of_lot(
    transaction: &OpenTransaction<'_>,
    lot_id: LotId,
    window: &Window<Uuid>,
) -> Stored<Vec<Vial>> {
    let mut query = vials::table
        .filter(vials::practice_id.eq(transaction.practice_id()))
        .filter(vials::lot_id.eq(lot_id))
        .order(vials::id)
        .limit(window.probe())
        .select(VialRow::as_select())
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(vials::id.gt(after));
    }
    let rows: Vec<VialRow> = query.load(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(Vial::from).collect())
}
