//! Looking at the queue.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentTypeId, ProviderId};
use crate::scheduling::read::own_provider;

use super::entry::{Entry, EntryStatus, Offer, WaitlistEntryId};
use super::store;

action!(
    /// Reading the waitlist; patients see their own entries.
    ReadWaitlist, "waitlist.read", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// An entry with the names of whom and what, and the offer it may have.
#[derive(Debug, Clone)]
pub(super) struct EntryView {
    pub(super) entry: Entry,
    /// The person behind the record.
    pub(super) person_id: PatientId,
    pub(super) patient_name: String,
    pub(super) type_name: String,
    pub(super) offer: Option<OfferView>,
}

/// An offer with the names of whom and where.
#[derive(Debug, Clone)]
pub(super) struct OfferView {
    pub(super) offer: Offer,
    pub(super) provider_name: String,
    pub(super) location_name: String,
    /// Of the location.
    pub(super) zone: Tz,
}

/// Which entries are listed; all of it must fit.
#[derive(Debug, Default)]
pub(super) struct EntryFilter {
    pub(super) status: Option<EntryStatus>,
    pub(super) patient_id: Option<PatientId>,
    pub(super) appointment_type_id: Option<AppointmentTypeId>,
    /// Those whom this provider would suit.
    pub(super) provider_id: Option<ProviderId>,
    /// Those that changed then or later.
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// Priority, since when, and id of the entry before a page.
pub(super) type TurnKey = (i16, DateTime<Utc>, Uuid);

/// Why an entry was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error("no such entry")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for LookError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// An entry as it is shown.
pub(super) async fn read(
    transaction: &Transaction<'_, ReadWaitlist>,
    id: WaitlistEntryId,
) -> Result<EntryView, LookError> {
    let view = view(transaction, id).await?;
    transaction.touch("waitlist_entry", id, view.entry.patient_id);
    Ok(view)
}

/// An entry that was just written, as it is shown; the write was noted already.
pub(super) async fn view(
    transaction: &OpenTransaction<'_>,
    id: WaitlistEntryId,
) -> Result<EntryView, LookError> {
    store::view(transaction, id)
        .await?
        .ok_or(LookError::NotFound)
}

/// The queue, in the order of turns. A provider who names neither provider nor patient gets those
/// whom they would suit.
pub(super) async fn list(
    transaction: &Transaction<'_, ReadWaitlist>,
    mut filter: EntryFilter,
    window: &Window<TurnKey>,
) -> Result<Vec<EntryView>, LookError> {
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
