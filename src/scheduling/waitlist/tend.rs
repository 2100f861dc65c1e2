//! Offering what has become free; see the module for how it stands up to being cut short.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Known;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::platform::access::{Permit, job};
use crate::platform::database::{Database, DatabaseError, Door, OpenTransaction};
use crate::platform::intervals::Interval;
use crate::platform::problem::Problem;
use crate::practice::{
    AppointmentType, Opening, WaitlistTerms, call_waitlist, find_appointment_type, lock_schedule,
    waitlist_terms,
};
use crate::scheduling::appointment::Place;
use crate::scheduling::calendars::{Calendars, Whom, appointment_rules};
use crate::scheduling::hold::Hold;
use crate::scheduling::place::{self, BookError, Chosen, Wanted};
use crate::scheduling::slots::{CallerRules, Desk, Slot};
use crate::scheduling::store::{self as bookings, Cause};

use super::entry::{Entry, Offer, OfferId, OfferStatus, WaitlistEntryId};
use super::store;

job!(
    /// Offering times that have become free, and passing them on.
    OfferOpenings, "waitlist.offer", calendar
);

/// Looks at every waitlist that has been called for. One practice that fails is called for again
/// next time and keeps no other one waiting; the last failure is answered.
pub(crate) async fn tend(database: &Database) -> Result<(), Problem> {
    let now = database.now();
    let called = database.through(Door::Waitlist, async |connection| {
        Ok(bookings::called(connection, now).await?)
    });
    let mut outcome = Ok(());
    for (practice_id, calls) in called.await? {
        let permit = Permit::<OfferOpenings>::of_job(database.clone(), practice_id);
        if let Err(problem) = tend_practice(&permit, &calls).await {
            tracing::warn!(%practice_id, %problem, "the waitlist was not looked at");
            outcome = Err(problem);
        }
    }
    outcome
}

/// Ends what has run out, then goes through the openings, an offer a transaction, so that nobody
/// who books at the same time waits for long. The calls go last, and only if nothing was left to
/// another service.
async fn tend_practice(permit: &Permit<OfferOpenings>, calls: &[Uuid]) -> Result<(), Problem> {
    let Some((openings, terms)) = permit
        .transaction(async |transaction| tidy(transaction).await)
        .await?
    else {
        return Ok(());
    };
    for opening in &openings {
        loop {
            let step = permit
                .transaction(async |transaction| Ok(offer(transaction, opening, terms).await?))
                .await?;
            match step {
                Step::Offered => {}
                Step::Nobody => break,
                Step::NotOurTurn => return Ok(()),
            }
        }
    }
    permit
        .transaction(async |transaction| Ok(bookings::forget_calls(transaction, calls).await?))
        .await
}

/// What came of looking at an opening.
enum Step {
    /// There may be more in it for somebody else.
    Offered,
    /// It suits nobody, or is taken.
    Nobody,
    /// Another service is at it.
    NotOurTurn,
}

/// Ends offers and waits that are over, and answers what is open and on which terms it is offered;
/// nothing when it is another service's turn.
async fn tidy(
    transaction: &OpenTransaction<'_>,
) -> Result<Option<(Vec<Opening>, WaitlistTerms)>, Problem> {
    if !store::take_turn(transaction).await? {
        return Ok(None);
    }
    let run_out = store::lock_run_out(transaction).await?;
    if !run_out.is_empty() {
        let ids: Vec<OfferId> = run_out.iter().map(|(_, offer_id)| *offer_id).collect();
        let holds: Vec<_> = ids.iter().map(|id| id.hold_id()).collect();
        store::close_offers(transaction, &ids, OfferStatus::Expired).await?;
        bookings::drop_holds(transaction, &holds).await?;
        for (entry, _) in &run_out {
            if let Ok(waiting) = entry.passed_over(transaction.now()) {
                store::record(transaction, &waiting).await?;
                transaction.touch("waitlist_entry", waiting.id, waiting.patient_id);
            }
        }
    }
    let expired = store::expire_entries(transaction).await?;
    for (id, patient_id) in expired {
        transaction.touch("waitlist_entry", id, patient_id);
    }
    let openings = bookings::wanted_openings(transaction).await?;
    Ok(Some((openings, waitlist_terms(transaction).await?)))
}

/// Offers a start in the opening to whoever comes first among those whom one suits.
async fn offer(
    transaction: &OpenTransaction<'_>,
    opening: &Opening,
    terms: WaitlistTerms,
) -> Result<Step, DatabaseError> {
    if !store::take_turn(transaction).await? {
        return Ok(Step::NotOurTurn);
    }
    let queue = store::queue_for(transaction, opening).await?;
    // Before its hours are read, as for every booking.
    if queue.is_empty() || !lock_schedule(transaction, opening.provider_id).await? {
        return Ok(Step::Nobody);
    }
    let given_up = store::given_up(transaction, opening).await?;
    let mut starts = BTreeMap::new();
    for entry in &queue {
        let (appointment_type, slots) = match starts.entry(entry.appointment_type_id) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(unknown) => {
                let found = find_appointment_type(transaction, entry.appointment_type_id).await?;
                let Some(found) = found.filter(|found| found.rules.active) else {
                    continue;
                };
                let slots = slots_in(transaction, (opening, terms), &found).await?;
                unknown.insert((found, slots))
            }
        };
        let gave_up = |start| {
            let of_theirs =
                |(id, span): &(WaitlistEntryId, Interval)| *id == entry.id && span.includes(start);
            given_up.iter().any(of_theirs)
        };
        let suits = |slot: &&Slot| {
            entry.wishes.suit(slot.starts_at, slot.time_zone) && !gave_up(slot.starts_at)
        };
        for slot in slots.iter().filter(suits) {
            if let Some(chosen) = choose(transaction, entry, slot, appointment_type).await? {
                return keep(transaction, entry, &chosen, (opening, terms)).await;
            }
        }
    }
    Ok(Step::Nobody)
}

/// The starts in the opening that a patient could book as things stand, by the rules of the type.
async fn slots_in(
    transaction: &OpenTransaction<'_>,
    (opening, terms): (&Opening, WaitlistTerms),
    appointment_type: &AppointmentType,
) -> Result<Vec<Slot>, DatabaseError> {
    let rules = appointment_rules(&appointment_type.rules);
    let mut caller = CallerRules::for_patient(transaction.now(), &rules);
    caller.earliest = caller
        .earliest
        .max(transaction.now() + terms.least_notice());
    let from = opening.starts_at.max(caller.earliest);
    let Some(starts) = Interval::new(from, opening.ends_at) else {
        return Ok(Vec::new());
    };
    let pair = (opening.provider_id.uuid(), opening.location_id.uuid());
    // Whoever it may be for: what is against one of them is found out when it is their turn.
    let anybody = Whom::default();
    let calendars = Calendars::load(transaction, appointment_type, pair, &starts, &anybody).await?;
    let calendars = calendars.all();
    let desks = calendars.iter().map(|calendar| Desk {
        calendar,
        rules,
        caller,
    });
    Ok(desks.flat_map(|desk| desk.offers(starts)).collect())
}

/// Asks the code of every booking, which knows where the patient is and what they have had; nothing
/// when it has a reason against it.
async fn choose(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
    slot: &Slot,
    appointment_type: &AppointmentType,
) -> Result<Option<Chosen>, DatabaseError> {
    let wanted = Wanted {
        appointment_type_id: entry.appointment_type_id,
        provider_id: slot.provider_id.into(),
        location_id: slot.location_id.into(),
        starts_at: slot.starts_at,
        room_id: None,
        is_overridden: false,
        is_promised: true,
        whom: entry.patient_id.into(),
    };
    let end = slot.starts_at + TimeDelta::microseconds(1);
    let Some(start) = Interval::new(slot.starts_at, end) else {
        return Ok(None);
    };
    let calendars = place::calendars_for(transaction, &wanted, appointment_type, &start).await?;
    let chosen = place::choose_in(transaction, &wanted, appointment_type, &calendars);
    Ok(chosen.ok().map(|(chosen, _)| chosen))
}

/// Takes the place for the entry by a hold, unless somebody else won it in the meantime.
async fn keep(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
    chosen: &Chosen,
    (opening, terms): (&Opening, WaitlistTerms),
) -> Result<Step, DatabaseError> {
    let now = transaction.now();
    let locked = store::lock(transaction, entry.id).await?;
    let locked = locked.filter(|locked| locked.wishes == entry.wishes);
    let Some(offered) = locked.and_then(|entry| entry.offered(now).ok()) else {
        // Withdrawn or changed this very moment: looked at again, it goes to whom it suits now.
        return Ok(Step::Offered);
    };
    let mut offer = Offer {
        id: OfferId::fresh(now),
        entry_id: offered.id,
        patient_id: offered.patient_id,
        place: Place {
            provider_id: opening.provider_id,
            location_id: opening.location_id,
            room_id: chosen.rooms.first().copied(),
            starts_at: chosen.span.starts_at(),
            ends_at: chosen.span.ends_at(),
        },
        offered_at: now,
        expires_at: chosen.span.starts_at().min(now + terms.offered_for()),
    };
    let hold = Hold {
        id: offer.id.hold_id(),
        appointment_type_id: offered.appointment_type_id,
        place: offer.place,
        expires_at: offer.expires_at,
    };
    bookings::insert_hold(transaction, &hold).await?;
    let cause = Cause::Hold {
        id: hold.id,
        expires_at: hold.expires_at,
    };
    match place::take(transaction, cause, None, chosen).await {
        Ok(room_id) => offer.place.room_id = room_id,
        Err(BookError::Database(error)) => return Err(error),
        Err(_) => {
            bookings::drop_holds(transaction, &[hold.id]).await?;
            return Ok(Step::Nobody);
        }
    }
    store::insert_offer(transaction, &offer).await?;
    store::record(transaction, &offered).await?;
    call_waitlist(transaction, offer.expires_at).await?;
    transaction.touch("waitlist_entry", offered.id, offered.patient_id);
    Ok(Step::Offered)
}
