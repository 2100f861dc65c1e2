//! Reading the proposed sites of a procedure.

use uuid::Uuid;

use crate::platform::access::{May, action};
use crate::platform::database::Transaction;
use crate::platform::page::Window;

use super::draft::Draft;
use super::procedure::ProcedureId;
use super::read::{ReadProcedure, ReadProcedureError, read_procedure};
use super::store;

action!(
    /// Reading proposed sites.
    ReadDrafts, "procedures.read_drafts", record, [Provider, Assistant]
);
impl May<ReadProcedure> for ReadDrafts {}

/// The drafts of a procedure, in the order they are proposed.
pub(super) async fn read_drafts(
    transaction: &Transaction<'_, ReadDrafts>,
    id: ProcedureId,
    window: &Window<(i16, Uuid)>,
) -> Result<Vec<Draft>, ReadProcedureError> {
    read_procedure(transaction, id).await?;
    Ok(store::drafts_of(transaction, id, window).await?)
}
