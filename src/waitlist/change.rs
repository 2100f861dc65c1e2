//! Changes what an entry waits for; it keeps its place in the queue.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::practice::call_waitlist;

use super::entry::{Entry, EntryStatus, WaitlistEntryId, WishChanges, WrongEntryStatus};
use super::join::faults;
use super::refusals::{NOT_WAITING, OFFER_OPEN};
use super::store;

action!(
    /// Changing an entry; patients their own.
    ChangeEntry, "waitlist.change", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Why an entry was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeEntryError {
    #[error("no such entry")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    NotWaiting(#[from] WrongEntryStatus),
    #[error("fields that break a rule")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ChangeEntryError {
    const TYPES: &'static [&'static ProblemType] = &[&NOT_WAITING, &OFFER_OPEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::NotWaiting(wrong) => {
                let kind = match wrong.0 {
                    EntryStatus::Offered => &OFFER_OPEN,
                    _ => &NOT_WAITING,
                };
                Problem::new(kind).member("current_status", wrong.0)
            }
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

/// Changes the wishes and the priority of an entry. The creation time stays, and with it the place
/// among entries of the same priority. An open offer must be answered first, because it was made
/// for the earlier wishes.
pub(super) async fn change(
    transaction: &Transaction<'_, impl May<ChangeEntry>>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
    changes: &WishChanges,
) -> Result<Entry, ChangeEntryError> {
    let entry = store::lock(transaction, id).await?;
    let entry = entry.ok_or(ChangeEntryError::NotFound)?;
    if_match.require(entry.version)?;
    let changed = entry.changed(changes, transaction.now())?;
    // A patient who sends back the priority that the practice set changes nothing.
    let asked = changes.priority.filter(|asked| *asked != entry.priority);
    let mut errors = faults(transaction, &changed.wishes, asked).await?;
    if !errors.is_empty() {
        errors.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        return Err(ChangeEntryError::Invalid(errors));
    }
    transaction.touch("waitlist_entry", entry.id, entry.patient_id);
    if (&changed.wishes, changed.priority) == (&entry.wishes, entry.priority) {
        return Ok(entry);
    }
    store::record_wishes(transaction, &changed).await?;
    // One call for the openings there are now, and one to end the wait when its time is over.
    call_waitlist(transaction, transaction.now()).await?;
    if changed.wishes.latest != entry.wishes.latest {
        call_waitlist(transaction, changed.wishes.latest).await?;
    }
    Ok(changed)
}
