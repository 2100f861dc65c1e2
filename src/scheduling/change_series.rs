//! Cancels or moves the rest of a series. Appointments that have started stay unchanged. One
//! appointment of a series is cancelled or moved like any other appointment.

use chrono::{DateTime, Utc};

use crate::platform::access::{May, Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::practice::{AppointmentType, LocationId, ProviderId, lock_schedule};

use super::appointment::{Appointment, AppointmentId, Cancellation, SeriesId};
use super::book_error::BookError;
use super::book_series::{Refused, SeriesError, fit};
use super::cancel;
use super::change::{self, ChangeError, MoveError};
use super::check;
use super::refusals::{BOOKING_RULE, NOTHING_AHEAD, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
use super::reschedule;
use super::series::{Rhythm, is_ahead};
use super::store;
use super::wanted::{Claimant, Wanted};

action!(
    /// Cancelling what is left of a series; patients cancel their own.
    CancelSeries, "appointments.cancel_series", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Moving what is left of a series; patients move their own.
    MoveSeries, "appointments.move_series", appointments,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// Where the rest of a series is moved to. `None` keeps the value.
#[derive(Debug, Clone)]
pub(crate) struct MoveRest {
    /// The first occurrence to move; `None` means the next one.
    pub(crate) from_occurrence: Option<i16>,
    /// The new start of the first moved occurrence; the others keep their distance from it.
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) provider_id: Option<ProviderId>,
    pub(crate) location_id: Option<LocationId>,
    /// Why staff move it against hours, grid or times.
    pub(crate) override_reason: Option<String>,
}

/// Why a series was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeSeriesError {
    #[error("no such series")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("nothing of it is still to come")]
    NothingAhead,
    #[error(transparent)]
    Series(#[from] SeriesError),
    #[error(transparent)]
    Move(#[from] MoveError),
}

impl From<DatabaseError> for ChangeSeriesError {
    fn from(error: DatabaseError) -> Self {
        Self::Move(error.into())
    }
}

impl From<BookError> for ChangeSeriesError {
    fn from(error: BookError) -> Self {
        Self::Series(error.into())
    }
}

impl From<ChangeError> for ChangeSeriesError {
    fn from(error: ChangeError) -> Self {
        Self::Move(error.into())
    }
}

impl Refusal for ChangeSeriesError {
    const TYPES: &'static [&'static ProblemType] = &[
        &NOTHING_AHEAD,
        &SLOT_TAKEN,
        &OUTSIDE_AVAILABILITY,
        &BOOKING_RULE,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::NothingAhead => Problem::new(&NOTHING_AHEAD),
            Self::Series(error) => error.problem(),
            Self::Move(error) => error.problem(),
        }
    }
}

/// The rest of a series from an occurrence on: locked, in order, never empty.
struct Rest {
    appointments: Vec<(i16, Appointment)>,
    appointment_type: AppointmentType,
}

async fn lock_rest(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
    if_match: &IfMatch,
    from_occurrence: Option<i16>,
) -> Result<Rest, ChangeSeriesError> {
    let all = store::lock_series(transaction, id).await?;
    let first = all.first().ok_or(ChangeSeriesError::NotFound)?;
    if_match.require(
        all.iter()
            .map(|appointment| appointment.version)
            .sum::<Version>(),
    )?;
    let location_id = first.place.location_id;
    let appointment_type = change::type_of(transaction, first).await?;
    let now = transaction.now();
    let from = from_occurrence.unwrap_or(1);
    let appointments: Vec<(i16, Appointment)> = all
        .into_iter()
        .filter(|appointment| is_ahead(appointment, now))
        .filter_map(|appointment| Some((appointment.series?.number, appointment)))
        .filter(|(number, _)| *number >= from)
        .collect();
    if appointments.is_empty() {
        return Err(ChangeSeriesError::NothingAhead);
    }
    let zone = store::zone_of(transaction, location_id).await?;
    let mut refused = Refused::at(zone.ok_or(ChangeSeriesError::NotFound)?);
    for (number, appointment) in &appointments {
        let in_time = change::require_before_cutoff(transaction, appointment, &appointment_type);
        let outcome = in_time.map(|()| appointment.clone());
        refused.sort_out(outcome, *number, appointment.place.starts_at)?;
    }
    refused.none()?;
    Ok(Rest {
        appointments,
        appointment_type,
    })
}

/// Cancels the appointments ahead, from an occurrence on.
pub(super) async fn cancel_series(
    transaction: &Transaction<'_, impl May<CancelSeries>>,
    id: SeriesId,
    if_match: &IfMatch,
    (from_occurrence, cancellation): (Option<i16>, &Cancellation),
) -> Result<(), ChangeSeriesError> {
    let rest = lock_rest(transaction, id, if_match, from_occurrence).await?;
    for (_, appointment) in &rest.appointments {
        let cancellation = cancellation.clone();
        cancel::give_up(
            transaction,
            appointment,
            &rest.appointment_type,
            cancellation,
        )
        .await?;
    }
    Ok(())
}

/// Moves the appointments ahead, from an occurrence on: all of them or none. The first one gets the
/// new start, and the others the same wall-clock time.
pub(super) async fn move_series(
    transaction: &Transaction<'_, impl May<MoveSeries>>,
    id: SeriesId,
    if_match: &IfMatch,
    command: &MoveRest,
) -> Result<(), ChangeSeriesError> {
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && command.override_reason.is_some() {
        return Err(BookError::StaffOnly.into());
    }
    let series = store::find_series(transaction, id).await?;
    let series = series.ok_or(ChangeSeriesError::NotFound)?;
    let rest = lock_rest(transaction, id, if_match, command.from_occurrence).await?;
    let Some((first, sample)) = rest.appointments.first() else {
        return Err(ChangeSeriesError::NothingAhead);
    };
    let mut wanted = command.wanted(sample);
    let checked = check::look_up(transaction, &mut wanted, Claimant::default()).await?;
    let zone = store::zone_of(transaction, wanted.location_id).await?;
    let zone = zone
        .filter(|_| checked.unknown.is_empty())
        .ok_or(BookError::Unknown(checked.unknown))?;
    let rhythm = Rhythm {
        zone,
        anchor: command.starts_at,
        ..series.rhythm()
    };
    // Release all of them first: one may move to the old time of another.
    for (_, appointment) in &rest.appointments {
        store::release(transaction, appointment.id, None).await?;
    }
    let mut refused = Refused::at(zone);
    for (number, appointment) in &rest.appointments {
        let steps = number - first;
        let mut wanted = command.wanted(appointment);
        // Appointments that are moved later do not block those that are moved before them.
        wanted.patients.moved_ids = unmoved(&rest.appointments, *number);
        lock_schedule(transaction, wanted.provider_id).await?;
        let appointment_type = wanted.fit(rest.appointment_type.clone());
        let fitted = fit(transaction, &wanted, &appointment_type, (&rhythm, steps));
        let outcome = match fitted.await {
            Ok(chosen) => {
                let why = (None, command.override_reason.as_deref());
                match reschedule::settle(transaction, appointment, &wanted, chosen, why).await {
                    Err(MoveError::Book(refused)) => Err(refused),
                    settled => Ok(settled?),
                }
            }
            Err(refused) => Err(refused),
        };
        refused.sort_out(outcome, *number, rhythm.meant(steps))?;
    }
    Ok(refused.none()?)
}

fn unmoved(appointments: &[(i16, Appointment)], from: i16) -> Vec<AppointmentId> {
    let left = appointments.iter().filter(|(number, _)| *number >= from);
    left.map(|(_, appointment)| appointment.id).collect()
}

impl MoveRest {
    fn wanted(&self, appointment: &Appointment) -> Wanted {
        Wanted {
            appointment_type_id: appointment.appointment_type_id,
            provider_id: self.provider_id.unwrap_or(appointment.place.provider_id),
            location_id: self.location_id.unwrap_or(appointment.place.location_id),
            starts_at: self.starts_at,
            duration_minutes: appointment.place.duration_minutes(),
            room_id: None,
            is_overridden: self.override_reason.is_some(),
            is_promised: false,
            patients: appointment.patient_id.into(),
        }
    }
}
