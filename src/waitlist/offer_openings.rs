//! Offers the times that became free to the patients who wait.
//!
//! The work can be interrupted at any point; see the module documentation of the waitlist.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Known;

use uuid::Uuid;

use crate::platform::access::{May, Permit, job};
use crate::platform::database::{Database, DatabaseError, Door, Transaction};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::Interval;
use crate::platform::problem::Problem;
use crate::practice::{
    Opening, WaitlistTerms, call_waitlist, find_appointment_type, lock_schedule, waitlist_terms,
};
use crate::scheduling::{
    Chosen, Hold, HoldSlot, Slot, choose_for, clear_taken_openings, drop_promised, hold_promised,
    starts_in, still_open,
};

use super::entry::{Entry, Offer, OfferId, OfferStatus, WaitlistEntryId};
use super::store;

job!(
    /// Offering times that became free.
    OfferOpenings, "waitlist.offer", calendar
);

impl May<HoldSlot> for OfferOpenings {}

/// Works through every waitlist that was called for. A practice that fails is tried again in the
/// next round and does not delay the others; the last failure is returned.
pub(crate) async fn offer_openings(database: &Database) -> Result<(), Problem> {
    let now = database.now();
    let called = database.through(Door::Waitlist, async |connection| {
        Ok(store::called(connection, now).await?)
    });
    let mut outcome = Ok(());
    for (practice_id, calls) in called.await? {
        let permit = Permit::<OfferOpenings>::of_job(database.clone(), practice_id);
        if let Err(problem) = offer_in_practice(&permit, &calls).await {
            tracing::warn!(%practice_id, %problem, "the waitlist was not worked through");
            outcome = Err(problem);
        }
    }
    outcome
}

/// Ends what has run out, then makes the offers, each in a transaction of its own so that bookings
/// made meanwhile do not wait. The calls are deleted last, and only when nothing was left to
/// another instance of the service.
async fn offer_in_practice(permit: &Permit<OfferOpenings>, calls: &[Uuid]) -> Result<(), Problem> {
    let Some((openings, terms)) = permit
        .transaction(async |transaction| Ok(tidy(transaction).await?))
        .await?
    else {
        return Ok(());
    };
    for opening in openings {
        let opening = TimedOpening { opening, terms };
        loop {
            let step = permit
                .transaction(async |transaction| Ok(offer(transaction, &opening).await?))
                .await?;
            match step {
                Step::Offered => {}
                Step::SuitsNone => break,
                Step::NotOurTurn => return Ok(()),
            }
        }
    }
    permit
        .transaction(async |transaction| Ok(store::forget_calls(transaction, calls).await?))
        .await
}

/// An opening, and the practice's terms for offers.
struct TimedOpening {
    opening: Opening,
    terms: WaitlistTerms,
}

/// The result of one attempt to offer an opening.
enum Step {
    /// The rest of the opening may suit another patient.
    Offered,
    /// The opening suits none of those who wait, or is taken.
    SuitsNone,
    /// Another instance of the service works on this practice.
    NotOurTurn,
}

/// Ends offers and waits that are over. Returns the openings and the terms of offers, or `None` when
/// another instance of the service works on this practice.
async fn tidy(
    transaction: &Transaction<'_, OfferOpenings>,
) -> Result<Option<(Vec<Opening>, WaitlistTerms)>, DatabaseError> {
    if !store::take_turn(transaction).await? {
        return Ok(None);
    }
    end_run_out_offers(transaction).await?;
    end_offers_outside_hours(transaction).await?;
    let expired = store::expire_entries(transaction).await?;
    for (id, patient_id) in expired {
        transaction.touch("waitlist_entry", id, patient_id);
    }
    clear_taken_openings(transaction).await?;
    let openings = store::wanted_openings(transaction).await?;
    Ok(Some((openings, waitlist_terms(transaction).await?)))
}

async fn end_run_out_offers(
    transaction: &Transaction<'_, OfferOpenings>,
) -> Result<(), DatabaseError> {
    let run_out = store::lock_run_out(transaction).await?;
    if run_out.is_empty() {
        return Ok(());
    }
    let ids: Vec<OfferId> = run_out.iter().map(|(_, offer_id)| *offer_id).collect();
    let holds: Vec<_> = ids.iter().map(|id| id.hold_id()).collect();
    store::close_offers(transaction, &ids, OfferStatus::Expired).await?;
    drop_promised(transaction, &holds).await?;
    for (entry, _) in &run_out {
        let waiting = entry
            .passed_over(transaction.now())
            .map_err(|_offered| InconsistentRow::new("waitlist_entries", "status", entry.id))?;
        store::record(transaction, &waiting).await?;
        transaction.touch("waitlist_entry", waiting.id, waiting.patient_id);
    }
    Ok(())
}

/// Ends the offers of times that a search would not find any more, because a closure, time off or
/// changed hours took them. Their entries wait again.
async fn end_offers_outside_hours(
    transaction: &Transaction<'_, OfferOpenings>,
) -> Result<(), DatabaseError> {
    for (entry, offer) in store::lock_offered(transaction).await? {
        let found = find_appointment_type(transaction, entry.appointment_type_id).await?;
        let is_offered = match found.filter(|found| found.rules.active) {
            Some(of_type) => still_open(transaction, &of_type, &offer.place).await?,
            None => false,
        };
        if is_offered {
            continue;
        }
        store::close_offers(transaction, &[offer.id], OfferStatus::Withdrawn).await?;
        drop_promised(transaction, &[offer.id.hold_id()]).await?;
        let waiting = entry
            .passed_over(transaction.now())
            .map_err(|_offered| InconsistentRow::new("waitlist_entries", "status", entry.id))?;
        store::record(transaction, &waiting).await?;
        transaction.touch("waitlist_entry", waiting.id, waiting.patient_id);
    }
    Ok(())
}

/// Offers a start in the opening to the first entry in the queue that one suits.
async fn offer(
    transaction: &Transaction<'_, OfferOpenings>,
    opening: &TimedOpening,
) -> Result<Step, DatabaseError> {
    if !store::take_turn(transaction).await? {
        return Ok(Step::NotOurTurn);
    }
    let of = &opening.opening;
    let queue = store::queue_for(transaction, of).await?;
    // The hours are locked before they are read, as for every booking.
    if queue.is_empty() || !lock_schedule(transaction, of.provider_id).await? {
        return Ok(Step::SuitsNone);
    }
    let given_up = store::given_up(transaction, of).await?;
    let passed_on = store::passed_on(transaction, of, &queue).await?;
    let not_before = transaction.now() + opening.terms.least_notice();
    let mut starts = BTreeMap::new();
    for entry in &queue {
        let (appointment_type, slots) = match starts.entry(entry.appointment_type_id) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(unknown) => {
                let found = find_appointment_type(transaction, entry.appointment_type_id).await?;
                let Some(found) = found.filter(|found| found.rules.active) else {
                    continue;
                };
                let slots = starts_in(transaction, &found, of, not_before).await?;
                unknown.insert((found, slots))
            }
        };
        let gave_up = |start| {
            let of_theirs =
                |(id, span): &(WaitlistEntryId, Interval)| *id == entry.id && span.includes(start);
            given_up.iter().any(of_theirs)
        };
        // Whoever cannot come at half past nine is not asked for a quarter to ten.
        let has_passed_on = |slot: &Slot| {
            let mut theirs = passed_on.iter().filter(|(id, _)| *id == entry.id);
            theirs
                .any(|(_, time)| slot.starts_at < time.ends_at() && slot.ends_at > time.starts_at())
        };
        let suits = |slot: &&Slot| {
            entry.wishes.suit(slot.starts_at, slot.time_zone)
                && !gave_up(slot.starts_at)
                && !has_passed_on(slot)
        };
        for slot in slots.iter().filter(suits) {
            let chosen = choose_for(transaction, entry.patient_id, slot, appointment_type).await?;
            if let Some(chosen) = chosen {
                return keep(transaction, entry, &chosen, opening.terms).await;
            }
        }
    }
    Ok(Step::SuitsNone)
}

/// Keeps the time for the entry by a hold, unless another booking won it in the meantime.
async fn keep(
    transaction: &Transaction<'_, OfferOpenings>,
    entry: &Entry,
    chosen: &Chosen,
    terms: WaitlistTerms,
) -> Result<Step, DatabaseError> {
    let now = transaction.now();
    let locked = store::lock(transaction, entry.id).await?;
    let locked = locked.filter(|locked| locked.wishes == entry.wishes);
    let Some(offered) = locked.and_then(|entry| entry.offered(now).ok()) else {
        // The entry was withdrawn or changed at the same moment. The opening is looked at again.
        return Ok(Step::Offered);
    };
    let place = chosen.place();
    let mut offer = Offer {
        id: OfferId::fresh(now),
        entry_id: offered.id,
        patient_id: offered.patient_id,
        place,
        offered_at: now,
        expires_at: place.starts_at.min(now + terms.offered_for()),
    };
    let hold = Hold {
        id: offer.id.hold_id(),
        appointment_type_id: offered.appointment_type_id,
        place,
        expires_at: offer.expires_at,
    };
    let Some(kept) = hold_promised(transaction, &hold, chosen).await? else {
        return Ok(Step::SuitsNone);
    };
    offer.place = kept;
    store::insert_offer(transaction, &offer).await?;
    store::record(transaction, &offered).await?;
    call_waitlist(transaction, offer.expires_at).await?;
    transaction.touch("waitlist_entry", offered.id, offered.patient_id);
    Ok(Step::Offered)
}
