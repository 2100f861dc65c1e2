//! Takes provider, room and patient for a time: inserts the rows whose exclusion constraint lets
//! no two bookings overlap.
//!
//! When another booking made at the same moment is first, the constraint refuses the insertion and
//! the caller is refused with `slot-taken`. A lost room is replaced by the next free one, unless
//! the caller named the room.

use crate::patients::PatientId;
use crate::platform::database::{DatabaseError, OpenTransaction};
use crate::platform::pipeline::pipelined;
use crate::practice::RoomId;

use super::book_error::BookError;
use super::check::person;
use super::chosen::Chosen;
use super::claim::{Cause, Claim, ResourceKind};
use super::group::Seat;
use super::store;

/// Does what [`take_for`] does, for the person behind a record.
pub(super) async fn take(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let person = person(transaction, patient_id).await?;
    take_for(transaction, cause, person.map(|person| person.id), chosen).await
}

/// Takes provider, patient and room, and returns the room that was won. The claim is for the
/// person, so two records of one person cannot be booked at the same time.
pub(super) async fn take_for(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    person_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    if chosen.seats.is_empty() {
        take_alone(transaction, cause, person_id, chosen).await
    } else {
        join(transaction, cause, person_id, chosen).await
    }
}

async fn take_alone(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let (first, others) = match chosen.rooms.split_first() {
        Some((first, others)) => (Some(*first), others),
        None => (None, [].as_slice()),
    };
    let claims = chosen.claims(patient_id, first, None);
    let ((), lost) = pipelined!(
        clear(transaction, chosen),
        attempt(transaction, cause, &claims),
    )?;
    match lost.as_slice() {
        [] => return Ok(first),
        [ResourceKind::Room] => {}
        _ => return Err(BookError::taken(lost)),
    }
    for other in others {
        let claim = chosen.room(*other, None);
        if attempt(transaction, cause, &[claim]).await?.is_empty() {
            return Ok(Some(*other));
        }
    }
    Err(BookError::taken(lost))
}

/// Takes the first free seat of the session. The session has one room, so no other room is tried.
async fn join(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let room_id = chosen.rooms.first().copied();
    let session_id = chosen.group.session_id(
        chosen.provider_id.uuid(),
        room_id.map(RoomId::uuid),
        chosen.span.starts_at(),
    );
    clear(transaction, chosen).await?;
    let mut lost = Vec::new();
    for number in chosen.seats.iter().copied() {
        let seat = Some(Seat { session_id, number });
        let mut claims = chosen.claims(patient_id, room_id, seat);
        claims.retain(|claim| lost.is_empty() || lost.contains(&claim.kind));
        lost = attempt(transaction, cause, &claims).await?;
        if lost.is_empty() {
            return Ok(room_id);
        }
        if lost.contains(&ResourceKind::Patient) {
            break;
        }
    }
    Err(BookError::taken(lost))
}

/// Takes the claims, and returns the kinds of those that were lost.
pub(super) async fn attempt(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    claims: &[Claim],
) -> Result<Vec<ResourceKind>, DatabaseError> {
    let won = store::acquire(transaction, cause, claims).await?;
    let is_lost = |claim: &&Claim| !won.contains(&claim.resource_id);
    Ok(claims
        .iter()
        .filter(is_lost)
        .map(|claim| claim.kind)
        .collect())
}

async fn clear(transaction: &OpenTransaction<'_>, chosen: &Chosen) -> Result<(), DatabaseError> {
    let mut resource_ids = vec![chosen.provider_id.uuid()];
    resource_ids.extend(chosen.rooms.iter().map(|room_id| room_id.uuid()));
    store::clear_expired(transaction, &resource_ids, &chosen.blocked).await
}
