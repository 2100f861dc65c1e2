//! Holding a slot for a moment while someone decides.
//!
//! A hold blocks provider and room like a booking does, and ends by itself: from the instant it
//! expires every query ignores it, and the next booking at that time deletes it.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{call_waitlist, open_times};

use super::book_error::BookError;
use super::check;
use super::claim::Cause;
use super::hold::{Hold, HoldId, NewHold};
use super::refusals::BookingRule;
use super::store;
use super::take;
use super::wanted::{Claimant, ForPatients, Wanted};

action!(
    /// Holding a slot, and looking at or letting go of one's own holds.
    HoldSlot, "holds.use", calendar, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Long enough to read a consent text aloud, short enough not to block others.
const HELD_FOR: TimeDelta = TimeDelta::minutes(5);

/// A patient who clicks around must not empty the calendar.
const MOST_HOLDS_OF_A_PATIENT: i64 = 3;

/// Why there is no such hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HoldError {
    #[error("no hold of the caller, or no longer")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for HoldError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Holds a slot that the caller could book. Returns the zone of its location, too.
pub(crate) async fn hold(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    command: &NewHold,
) -> Result<(Hold, Tz), BookError> {
    let mut wanted = Wanted {
        appointment_type_id: command.appointment_type_id,
        provider_id: command.provider_id,
        location_id: command.location_id,
        starts_at: command.starts_at,
        duration_minutes: None,
        room_id: None,
        is_overridden: false,
        is_promised: false,
        patients: ForPatients::default(),
    };
    let checked = check::look_up(transaction, &mut wanted, Claimant::default()).await?;
    if !checked.unknown.is_empty() {
        return Err(BookError::Unknown(checked.unknown));
    }
    if transaction.principal().role == Role::Patient
        && store::count_holds(transaction).await? >= MOST_HOLDS_OF_A_PATIENT
    {
        return Err(BookError::Rule(BookingRule::TooManyHolds));
    }
    let (chosen, zone) = check::choose(transaction, &wanted, &checked).await?;
    let mut hold = Hold {
        id: HoldId::fresh(transaction.now()),
        appointment_type_id: command.appointment_type_id,
        place: chosen.place(),
        expires_at: transaction.now() + HELD_FOR,
    };
    let cause = Cause::Hold {
        id: hold.id,
        expires_at: hold.expires_at,
    };
    let ((), room_id) = pipelined!(
        async { Ok(store::insert_hold(transaction, &hold).await?) },
        take::take_for(transaction, cause, None, &chosen),
    )?;
    if room_id != hold.place.room_id {
        hold.place.room_id = room_id;
        store::set_hold_room(transaction, hold.id, room_id).await?;
    }
    // No code runs when a hold expires, so the opening and the call to the waitlist are written
    // now.
    open_times(transaction, &[hold.place.opening()], hold.expires_at).await?;
    Ok((hold, zone))
}

/// A hold of the caller that has not expired, and the zone of its location.
pub(crate) async fn read_hold(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    id: HoldId,
) -> Result<(Hold, Tz), HoldError> {
    store::find_hold(transaction, id)
        .await?
        .ok_or(HoldError::NotFound)
}

/// Releases a hold of the caller.
pub(crate) async fn let_go(
    transaction: &Transaction<'_, impl May<HoldSlot>>,
    id: HoldId,
) -> Result<(), HoldError> {
    if store::release_hold(transaction, id).await? {
        call_waitlist(transaction, transaction.now()).await?;
        Ok(())
    } else {
        Err(HoldError::NotFound)
    }
}
