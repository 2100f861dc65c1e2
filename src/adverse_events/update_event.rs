//! A later word on an event, and its review.

use crate::patients::{await_review, end_review};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::practice::call_waitlist;

use super::course::Course;
use super::event::{AdverseEventId, EntryKind, EventStatus};
use super::listed_event::ListedEvent;
use super::read_events::{ReadAdverseEvents, ReadEventError, read_event};
use super::store;

action!(
    /// Recording how an adverse event goes.
    UpdateAdverseEvent, "adverse_events.update", record, [Provider, Assistant]
);
action!(
    /// Reviewing a serious adverse event.
    ReviewAdverseEvent, "adverse_events.review", record, [Provider]
);

impl May<ReadAdverseEvents> for UpdateAdverseEvent {}
impl May<ReadAdverseEvents> for ReviewAdverseEvent {}

/// Why an event did not change.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeEventError {
    #[error(transparent)]
    Read(#[from] ReadEventError),
    #[error("no such event")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("the change breaks a rule")]
    Invalid(Vec<FieldError>),
    #[error("the event is {0}")]
    WrongStatus(EventStatus),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ChangeEventError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::Read(error) => error.problem(),
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::WrongStatus(status) => {
                Problem::new(&problem::WRONG_STATUS).member("current_status", status)
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Records how bad it is and how it goes now; an event that has become serious, or worse than it was
/// reviewed as, keeps the patient from being booked until it is reviewed.
pub(super) async fn update_event(
    transaction: &Transaction<'_, UpdateAdverseEvent>,
    id: AdverseEventId,
    if_match: &IfMatch,
    course: Course,
    note: Option<&str>,
) -> Result<ListedEvent, ChangeEventError> {
    if !store::lock(transaction, id).await? {
        return Err(ChangeEventError::NotFound);
    }
    let mut read = read_event(transaction, id).await?;
    if_match.require(read.event.version)?;
    let status_before = read.event.status();
    let updated = read.event.update(course, transaction.now());
    updated.map_err(ChangeEventError::Invalid)?;
    store::record(transaction, &read.event).await?;
    if read.event.status() == EventStatus::AwaitingReview && status_before != read.event.status() {
        await_review(transaction, read.event.patient_id).await?;
    }
    let by = transaction.principal().user_id;
    let entry = read.event.entry(EntryKind::Update, note, by);
    store::insert_entry(transaction, &read.event, &entry).await?;
    read.entries.push(entry);
    Ok(read)
}

/// Records that a provider looked into a serious event; the last one of a patient lets them be booked
/// again.
pub(super) async fn review_event(
    transaction: &Transaction<'_, ReviewAdverseEvent>,
    id: AdverseEventId,
    if_match: &IfMatch,
    note: &str,
) -> Result<ListedEvent, ChangeEventError> {
    if !store::lock(transaction, id).await? {
        return Err(ChangeEventError::NotFound);
    }
    let mut read = read_event(transaction, id).await?;
    if_match.require(read.event.version)?;
    let by = transaction.principal().user_id;
    let reviewed = read.event.reviewed(by, transaction.now());
    reviewed.map_err(ChangeEventError::WrongStatus)?;
    store::record(transaction, &read.event).await?;
    end_review(transaction, read.event.patient_id).await?;
    // What is open may be offered to the patient again.
    call_waitlist(transaction, transaction.now()).await?;
    let entry = read.event.entry(EntryKind::Review, Some(note), by);
    store::insert_entry(transaction, &read.event, &entry).await?;
    read.entries.push(entry);
    Ok(read)
}
