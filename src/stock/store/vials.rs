//! Rows and queries of vials.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::{Window, rows_after};
use crate::platform::pipeline::pipelined;
use crate::schema::vials;

use super::super::lot::{LotId, VialType};
use super::super::procedure_id::ProcedureId;
use super::super::vial::{Discard, Recipient, Vial, VialId};

/// A vial as it is stored.
#[derive(Queryable, Selectable, Insertable, Deserialize)]
#[diesel(table_name = vials, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
struct VialRow {
    practice_id: Uuid,
    id: VialId,
    lot_id: LotId,
    drug_code: String,
    vial_type: VialType,
    patient_id: Option<PatientId>,
    procedure_id: Option<ProcedureId>,
    opened_at: DateTime<Utc>,
    opened_by: Uuid,
    discarded_at: Option<DateTime<Utc>>,
    discarded_by: Option<Uuid>,
}

impl VialRow {
    fn new(practice_id: Uuid, vial: &Vial) -> Self {
        Self {
            practice_id,
            id: vial.id,
            lot_id: vial.lot_id,
            drug_code: vial.drug_code.clone(),
            vial_type: vial.vial_type,
            patient_id: vial.recipient.map(|recipient| recipient.patient_id),
            procedure_id: vial.recipient.map(|recipient| recipient.procedure_id),
            opened_at: vial.opened_at,
            opened_by: vial.opened_by,
            discarded_at: vial.discarded.map(|discard| discard.at),
            discarded_by: vial.discarded.map(|discard| discard.by),
        }
    }

    fn vial(self) -> Stored<Vial> {
        let half_filled = |column| InconsistentRow::new("vials", column, self.id);
        let recipient = match (self.patient_id, self.procedure_id) {
            (None, None) => None,
            (Some(patient_id), Some(procedure_id)) => Some(Recipient {
                patient_id,
                procedure_id,
            }),
            _ => return Err(half_filled("procedure_id").into()),
        };
        let discarded = match (self.discarded_by, self.discarded_at) {
            (None, None) => None,
            (Some(by), Some(at)) => Some(Discard { by, at }),
            _ => return Err(half_filled("discarded_by").into()),
        };
        Ok(Vial {
            id: self.id,
            lot_id: self.lot_id,
            drug_code: self.drug_code,
            vial_type: self.vial_type,
            recipient,
            opened_at: self.opened_at,
            opened_by: self.opened_by,
            discarded,
        })
    }
}

fn vials(rows: Vec<VialRow>) -> Stored<Vec<Vial>> {
    rows.into_iter().map(VialRow::vial).collect()
}

/// Reads vials from a list of rows, which a statement of another feature returns beside its own.
pub(crate) fn vials_in_json(list: serde_json::Value) -> Stored<Vec<Vial>> {
    let rows = serde_json::from_value(list).map_err(|error| {
        DatabaseError::from(diesel::result::Error::DeserializationError(Box::new(error)))
    })?;
    vials(rows)
}

pub(in super::super) async fn insert_vials(
    transaction: &OpenTransaction<'_>,
    opened: &[Vial],
) -> Stored<()> {
    let rows: Vec<VialRow> = opened
        .iter()
        .map(|vial| VialRow::new(transaction.practice_id(), vial))
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
    let row = VialRow::new(transaction.practice_id(), vial);
    diesel::update(vials::table)
        .filter(vials::practice_id.eq(transaction.practice_id()))
        .filter(vials::id.eq(vial.id))
        .set((
            vials::patient_id.eq(row.patient_id),
            vials::procedure_id.eq(row.procedure_id),
            vials::discarded_at.eq(row.discarded_at),
            vials::discarded_by.eq(row.discarded_by),
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
    vials(rows)
}

/// Locks the vials that a procedure may draw from: those that are named, and of the other lots those that
/// are open and serve no other procedure. A single-dose vial is locked against other draws, a multi-dose vial
/// only against being thrown away: several draw from it at the same time.
pub(crate) async fn lock_vials_for(
    transaction: &OpenTransaction<'_>,
    procedure_id: ProcedureId,
    named: &[VialId],
    lots: &[LotId],
) -> Stored<Vec<Vial>> {
    let candidates = || {
        let is_free = vials::procedure_id
            .is_null()
            .or(vials::procedure_id.eq(procedure_id));
        let is_open = vials::lot_id
            .eq_any(lots)
            .and(vials::discarded_at.is_null())
            .and(is_free);
        vials::table
            .filter(vials::practice_id.eq(transaction.practice_id()))
            .filter(vials::id.eq_any(named).or(is_open))
            .order(vials::id)
            .select(VialRow::as_select())
    };
    let single = candidates()
        .filter(vials::vial_type.eq(VialType::SingleDose))
        .for_update();
    let multi = candidates()
        .filter(vials::vial_type.eq(VialType::MultiDose))
        .for_share();
    let (mut for_single, mut for_multi) = (transaction.connection(), transaction.connection());
    let (single, multi): (Vec<VialRow>, Vec<VialRow>) =
        pipelined!(single.load(&mut for_single), multi.load(&mut for_multi))?;
    vials(single.into_iter().chain(multi).collect())
}

/// The vials of these lots that are open and serve no procedure alone.
pub(in super::super) async fn open_vials(
    transaction: &OpenTransaction<'_>,
    lots: &[LotId],
) -> Stored<Vec<Vial>> {
    let rows: Vec<VialRow> = vials::table
        .filter(vials::practice_id.eq(transaction.practice_id()))
        .filter(vials::lot_id.eq_any(lots))
        .filter(vials::discarded_at.is_null())
        .filter(vials::procedure_id.is_null())
        .order(vials::id)
        .select(VialRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    vials(rows)
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
    rows_after!(query, window, vials::id);
    let rows: Vec<VialRow> = query.load(&mut transaction.connection()).await?;
    vials(rows)
}
