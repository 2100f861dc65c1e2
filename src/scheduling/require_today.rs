//! The day guard: a patient is checked in, and seen, on the day of the appointment.
//!
//! A click on the wrong line of a list would otherwise check in somebody who comes next week. The
//! day is that of the location. Around midnight a few hours to either side count as the same day.
//! Staff can do it on another day with a reason, which the history keeps.

use chrono::{DateTime, TimeDelta, Utc};

use crate::platform::database::OpenTransaction;

use super::another_day::AnotherDay;
use super::appointment::Appointment;
use super::change::ChangeError;
use super::store;

/// So long before its start, and after its end, an appointment counts as one of today.
const AROUND: TimeDelta = TimeDelta::hours(3);

/// Refuses what is recorded on another day than that of the appointment.
pub(super) async fn require_today(
    transaction: &OpenTransaction<'_>,
    appointment: &Appointment,
) -> Result<(), ChangeError> {
    let place = appointment.place;
    let now = transaction.now();
    if (place.starts_at - AROUND..place.ends_at + AROUND).contains(&now) {
        return Ok(());
    }
    // Unreachable for readable rows: a foreign key guarantees that the location exists.
    let zone = store::zone_of(transaction, place.location_id).await?;
    let zone = zone.ok_or(ChangeError::NotFound)?;
    let day = |instant: DateTime<Utc>| instant.with_timezone(&zone).date_naive();
    if day(now) == day(place.starts_at) {
        return Ok(());
    }
    Err(ChangeError::AnotherDay(AnotherDay {
        starts_at: place.starts_at,
        now,
        zone,
    }))
}
