//! Reads entries of the waitlist.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::scheduling::own_provider;

use super::entry::WaitlistEntryId;
use super::entry_view::{EntryFilter, EntryView, TurnKey};
use super::store;

action!(
    /// Reading the waitlist; patients see their own entries.
    ReadWaitlist, "waitlist.read", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Why an entry was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadEntryError {
    #[error("no such entry")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadEntryError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Reads an entry.
pub(super) async fn read(
    transaction: &Transaction<'_, impl May<ReadWaitlist>>,
    id: WaitlistEntryId,
) -> Result<EntryView, ReadEntryError> {
    let view = view(transaction, id).await?;
    transaction.touch("waitlist_entry", id, view.entry.patient_id);
    Ok(view)
}

/// Reads an entry that was just written; the audit trail already has the write.
pub(super) async fn view(
    transaction: &OpenTransaction<'_>,
    id: WaitlistEntryId,
) -> Result<EntryView, ReadEntryError> {
    store::view(transaction, id)
        .await?
        .ok_or(ReadEntryError::NotFound)
}

/// Lists the queue in the order of turns. A provider who names neither a provider nor a patient
/// gets the entries that they would suit.
pub(super) async fn list(
    transaction: &Transaction<'_, impl May<ReadWaitlist>>,
    mut filter: EntryFilter,
    window: &Window<TurnKey>,
) -> Result<Vec<EntryView>, ReadEntryError> {
    if filter.patient_id.is_none() {
        filter.provider_id = filter.provider_id.or_else(|| own_provider(transaction));
    }
    let views = store::list(transaction, &filter, window).await?;
    let touched = views.iter().map(|view| {
        let entry = &view.entry;
        (entry.id.uuid(), entry.patient_id.uuid())
    });
    transaction.touch_all("waitlist_entry", touched);
    Ok(views)
}
