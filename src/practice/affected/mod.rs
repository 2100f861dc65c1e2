//! Appointments that something has left standing where they cannot take place: a lasting work list.
//!
//! Whoever closes a day, takes time off, changes hours, gives up a room, a type or a provider, or
//! corrects a time zone, writes a row for each appointment that is affected, in the same
//! transaction. A row says where the appointment stood then. Scheduling reads the rows; what became
//! of an appointment follows from where it stands now, so that undoing a move opens the row again
//! by itself. Only two things are written later: that staff decided to keep the appointment, and
//! that the cause was lifted.

mod store;

use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::text::text_enum;

text_enum! {
    /// What left an appointment standing.
    pub(crate) enum AffectedCause {
        Closure = "closure",
        TimeOff = "time_off",
        /// Weekly or extra hours that were changed or taken back.
        Hours = "hours",
        /// The room is not in use any more.
        Room = "room",
        /// The time zone of the location was corrected, or its rules changed.
        TimeZone = "time_zone",
        /// The type of appointment is not in use any more.
        AppointmentType = "appointment_type",
        /// The provider has left.
        Provider = "provider",
    }
}

/// Writes down that these appointments are affected. One that is kept or lifted is open again.
pub(super) async fn note_affected(
    transaction: &OpenTransaction<'_>,
    cause: AffectedCause,
    appointment_ids: &[Uuid],
) -> Stored<()> {
    if appointment_ids.is_empty() {
        return Ok(());
    }
    store::note(transaction, cause, appointment_ids).await
}

/// Writes down that all appointments still to come with this room, type or location are affected.
pub(super) async fn note_all_ahead(transaction: &OpenTransaction<'_>, all: AllOf) -> Stored<()> {
    let (cause, ids) = store::ahead(transaction, all).await?;
    note_affected(transaction, cause, &ids).await
}

/// What all the affected appointments have in common.
#[derive(Debug, Clone, Copy)]
pub(super) enum AllOf {
    Room(Uuid),
    AppointmentType(Uuid),
    /// A location whose clock was corrected.
    Location(Uuid),
}

/// Writes down that these appointments can take place after all, because hours came back.
pub(super) async fn lift_affected(
    transaction: &OpenTransaction<'_>,
    appointment_ids: &[Uuid],
) -> Stored<()> {
    if appointment_ids.is_empty() {
        return Ok(());
    }
    let of_hours = [
        AffectedCause::Closure,
        AffectedCause::TimeOff,
        AffectedCause::Hours,
        AffectedCause::Provider,
    ];
    store::lift(transaction, &of_hours, appointment_ids).await
}

/// Writes down that what is in use again affects no appointment any more.
pub(super) async fn lift_all_ahead(transaction: &OpenTransaction<'_>, all: AllOf) -> Stored<()> {
    let (cause, ids) = store::ahead(transaction, all).await?;
    store::lift(transaction, &[cause], &ids).await
}
