//! Answers an offer, and leaves the queue. When hours or types changed so that an offer cannot be
//! booked any more, the offer ends at the first attempt to accept it.

use crate::patients::PatientId;
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::call_waitlist;
use crate::scheduling::{
    BOOKING_RULE, Book, BookAppointment, BookError, BookingRule, HoldSlot, OUTSIDE_AVAILABILITY,
    SLOT_TAKEN, book_promised, drop_promised,
};

use super::entry::{Entry, EntryStatus, Offer, OfferStatus, WaitlistEntryId, WrongEntryStatus};
use super::refusals::{NO_OFFER, NOT_WAITING};
use super::store;

action!(
    /// Accepting an offer of the waitlist; patients their own.
    AcceptOffer, "waitlist.accept", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Declining an offer of the waitlist; patients their own.
    DeclineOffer, "waitlist.decline", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Withdrawing an entry; patients their own.
    Withdraw, "waitlist.withdraw", appointments, [Admin, FrontDesk, Provider, Assistant, Patient]
);

impl May<Book> for AcceptOffer {}
impl May<HoldSlot> for AcceptOffer {}
impl May<HoldSlot> for DeclineOffer {}
impl May<HoldSlot> for Withdraw {}

/// Why an offer was not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    #[error("no such entry")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("there is no offer, or no longer")]
    NoOffer(EntryStatus),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<WrongEntryStatus> for AnswerError {
    fn from(wrong: WrongEntryStatus) -> Self {
        Self::NoOffer(wrong.0)
    }
}

impl Refusal for AnswerError {
    const TYPES: &'static [&'static ProblemType] = &[&NO_OFFER];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::NoOffer(status) => Problem::new(&NO_OFFER).member("current_status", status),
            Self::Database(error) => error.into(),
        }
    }
}

/// Why an offer was not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum AcceptError {
    #[error(transparent)]
    Answer(#[from] AnswerError),
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<DatabaseError> for AcceptError {
    fn from(error: DatabaseError) -> Self {
        Self::Answer(error.into())
    }
}

impl From<WrongEntryStatus> for AcceptError {
    fn from(wrong: WrongEntryStatus) -> Self {
        Self::Answer(wrong.into())
    }
}

impl AcceptError {
    /// Whether the offer can never be booked: the hours changed, or the type is not booked any
    /// more.
    pub(super) const fn is_for_good(&self) -> bool {
        matches!(
            self,
            Self::Book(BookError::Outside(_) | BookError::Rule(BookingRule::TypeRetired))
        )
    }
}

impl Refusal for AcceptError {
    const TYPES: &'static [&'static ProblemType] =
        &[&NO_OFFER, &SLOT_TAKEN, &OUTSIDE_AVAILABILITY, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Answer(error) => error.problem(),
            Self::Book(error) => error.problem(),
        }
    }
}

/// Why an entry was not withdrawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum WithdrawError {
    #[error("no such entry")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    NotWaiting(#[from] WrongEntryStatus),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for WithdrawError {
    const TYPES: &'static [&'static ProblemType] = &[&NOT_WAITING];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::NotWaiting(wrong) => Problem::new(&NOT_WAITING).member("current_status", wrong.0),
            Self::Database(error) => error.into(),
        }
    }
}

/// The open offer of a locked entry.
async fn offer_to(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
    if_match: &IfMatch,
) -> Result<Offer, AnswerError> {
    if_match.require(entry.version)?;
    let offer = store::open_offer(transaction, entry.id).await?;
    offer
        .filter(|offer| offer.expires_at > transaction.now())
        .ok_or(AnswerError::NoOffer(entry.status))
}

/// Books the offered time. Other entries of the person for the same type are withdrawn; merged
/// records can have several.
pub(super) async fn accept(
    transaction: &Transaction<'_, AcceptOffer>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
) -> Result<Entry, AcceptError> {
    let (entry, siblings) = store::lock_with_siblings(transaction, id).await?;
    let entry = entry.ok_or(AnswerError::NotFound)?;
    let offer = offer_to(transaction, &entry, if_match).await?;
    // Deleting the hold frees the time for this transaction alone until it ends.
    drop_promised(transaction, &[offer.id.hold_id()]).await?;
    let place = offer.place;
    let command = BookAppointment {
        patient_id: entry.patient_id,
        appointment_type_id: entry.appointment_type_id,
        provider_id: place.provider_id,
        location_id: place.location_id,
        starts_at: place.starts_at,
        room_id: place.room_id,
        hold_id: None,
        reason: None,
        note: None,
        override_reason: None,
    };
    let appointment = book_promised(transaction, &command).await?.appointment;
    let booked = entry.booked(appointment.id, transaction.now())?;
    store::close_offers(transaction, &[offer.id], OfferStatus::Accepted).await?;
    store::record(transaction, &booked).await?;
    for sibling in siblings {
        leave(transaction, &sibling.withdrawn(transaction.now())?).await?;
    }
    // The person's other entries can now get offers.
    call_waitlist(transaction, transaction.now()).await?;
    transaction.touch("waitlist_entry", booked.id, booked.patient_id);
    Ok(booked)
}

/// Declines the offer; the time goes to the next entry in the queue.
pub(super) async fn decline(
    transaction: &Transaction<'_, DeclineOffer>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
) -> Result<Entry, AnswerError> {
    pass_on(transaction, id, if_match, OfferStatus::Declined).await
}

/// Ends an offer that can never be accepted, so that its entry waits again.
pub(super) async fn end_offer(
    transaction: &Transaction<'_, AcceptOffer>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
) -> Result<Entry, AnswerError> {
    pass_on(transaction, id, if_match, OfferStatus::Expired).await
}

async fn pass_on(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
    status: OfferStatus,
) -> Result<Entry, AnswerError> {
    let entry = store::lock(transaction, id).await?;
    let entry = entry.ok_or(AnswerError::NotFound)?;
    let offer = offer_to(transaction, &entry, if_match).await?;
    let waiting = entry.passed_over(transaction.now())?;
    give_back(transaction, &offer, status).await?;
    store::record(transaction, &waiting).await?;
    transaction.touch("waitlist_entry", waiting.id, waiting.patient_id);
    Ok(waiting)
}

/// Withdraws an entry; an offered time goes to the next one.
pub(super) async fn withdraw(
    transaction: &Transaction<'_, Withdraw>,
    id: WaitlistEntryId,
    if_match: &IfMatch,
) -> Result<Entry, WithdrawError> {
    let entry = store::lock(transaction, id).await?;
    let entry = entry.ok_or(WithdrawError::NotFound)?;
    if_match.require(entry.version)?;
    let withdrawn = entry.withdrawn(transaction.now())?;
    leave(transaction, &withdrawn).await?;
    Ok(withdrawn)
}

/// Withdraws every entry of a person, for a feature that ends what is planned for them.
pub(crate) async fn withdraw_all<A: May<Withdraw> + May<HoldSlot>>(
    transaction: &Transaction<'_, A>,
    patient_id: PatientId,
) -> Result<(), DatabaseError> {
    for entry in store::live_of_person(transaction, patient_id).await? {
        if let Ok(withdrawn) = entry.withdrawn(transaction.now()) {
            leave(transaction, &withdrawn).await?;
        }
    }
    Ok(())
}

/// Records the withdrawal, and gives back an offered time.
async fn leave(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    withdrawn: &Entry,
) -> Result<(), DatabaseError> {
    if let Some(offer) = store::open_offer(transaction, withdrawn.id).await? {
        give_back(transaction, &offer, OfferStatus::Withdrawn).await?;
    }
    store::record(transaction, withdrawn).await?;
    transaction.touch("waitlist_entry", withdrawn.id, withdrawn.patient_id);
    Ok(())
}

/// The opening still exists, so a call is enough to offer it again.
async fn give_back(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    offer: &Offer,
    status: OfferStatus,
) -> Result<(), DatabaseError> {
    store::close_offers(transaction, &[offer.id], status).await?;
    drop_promised(transaction, &[offer.id.hold_id()]).await?;
    call_waitlist(transaction, transaction.now()).await
}
