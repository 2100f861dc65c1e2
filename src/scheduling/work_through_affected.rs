//! Works through the affected appointments: list them, move or cancel many at once, keep some.
//!
//! A move or a cancellation of one appointment does not depend on the others: what can be done is
//! done, and what cannot is named with the reason. Every appointment is looked at before its time
//! is given up, so a refused one stays as it was. Only when another booking wins a time at the same
//! moment is the whole call refused, and nothing has changed.

use chrono::{DateTime, Utc};

use crate::platform::access::{May, action};
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{Problem, Refusal};
use crate::practice::{LocationId, ProviderId, RoomId};

use super::affected::{AffectedFilter, AffectedKey, AffectedView};
use super::appointment::{Appointment, AppointmentId, Cancellation};
use super::appointment_status::Act;
use super::book_error::BookError;
use super::cancel::give_up;
use super::change::{self, ChangeError, MoveError};
use super::propose_moves::propose_moves;
use super::reschedule::{self, RescheduleAppointment};
use super::store;

action!(
    /// Reading the affected appointments.
    ListAffected, "appointments.affected", appointments, [Admin, FrontDesk, Provider, Assistant]
);
action!(
    /// Moving affected appointments.
    MoveAffected, "appointments.affected_move", appointments, [Admin, FrontDesk, Provider, Assistant]
);
action!(
    /// Cancelling affected appointments.
    CancelAffected, "appointments.affected_cancel", appointments, [Admin, FrontDesk, Provider, Assistant]
);
action!(
    /// Deciding that affected appointments stay as they are.
    KeepAffected, "appointments.affected_keep", appointments, [Admin, FrontDesk, Provider, Assistant]
);

/// Lists affected appointments, by the start that they had.
pub(super) async fn list_affected(
    transaction: &Transaction<'_, impl May<ListAffected>>,
    filter: AffectedFilter,
    (window, with_proposals): (&Window<AffectedKey>, bool),
) -> Stored<Vec<AffectedView>> {
    let mut listed = store::list_affected(transaction, filter, window).await?;
    if with_proposals {
        propose_moves(transaction, &mut listed).await?;
    }
    let records = listed.iter().map(|view| {
        let appointment = &view.appointment.appointment;
        (appointment.id.uuid(), appointment.patient_id.uuid())
    });
    transaction.touch_all("appointment", records);
    Ok(listed)
}

/// Where one affected appointment is moved to.
#[derive(Debug, Clone, Copy)]
pub(super) struct AffectedMove {
    pub(super) appointment_id: AppointmentId,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
    pub(super) room_id: Option<RoomId>,
}

/// What was done, and what was refused.
#[derive(Debug, Default)]
pub(super) struct WorkedThrough {
    pub(super) done: Vec<AppointmentId>,
    pub(super) refused: Vec<(AppointmentId, Problem)>,
}

impl WorkedThrough {
    fn add(&mut self, id: AppointmentId, outcome: Result<(), MoveError>) -> Result<(), MoveError> {
        match outcome {
            Ok(()) => self.done.push(id),
            Err(
                MoveError::Change(ChangeError::Database(error))
                | MoveError::Book(BookError::Database(error)),
            ) => return Err(error.into()),
            Err(refused) => self.refused.push((id, refused.problem())),
        }
        Ok(())
    }
}

/// Moves affected appointments. A move of one that is not affected is refused.
pub(super) async fn move_affected(
    transaction: &Transaction<'_, impl May<MoveAffected>>,
    moves: &[AffectedMove],
    (note, override_reason): (Option<&str>, Option<&str>),
) -> Result<WorkedThrough, MoveError> {
    let mut worked = WorkedThrough::default();
    // Where every id is refused, nobody's data was touched.
    transaction.touch_all("appointment", []);
    for one in moves {
        let command = RescheduleAppointment {
            starts_at: one.starts_at,
            duration_minutes: None,
            provider_id: one.provider_id,
            location_id: one.location_id,
            room_id: one.room_id,
            hold_id: None,
            override_reason: override_reason.map(str::to_owned),
            note: note.map(str::to_owned),
        };
        let ready = prepare_move(transaction, one.appointment_id, &command).await;
        let outcome = match ready {
            Ok((appointment, ready)) => {
                reschedule::carry_out(transaction, &appointment, ready, &command).await?;
                Ok(())
            }
            Err(refused) => Err(refused),
        };
        worked.add(one.appointment_id, outcome)?;
    }
    Ok(worked)
}

async fn prepare_move(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    command: &RescheduleAppointment,
) -> Result<(Appointment, reschedule::Ready), MoveError> {
    let appointment = lock_affected(transaction, id).await?;
    appointment.require(Act::Reschedule)?;
    let ready = reschedule::prepare(transaction, &appointment, command).await?;
    Ok((appointment, ready))
}

/// Cancels affected appointments.
pub(super) async fn cancel_affected(
    transaction: &Transaction<'_, impl May<CancelAffected>>,
    ids: &[AppointmentId],
    cancellation: &Cancellation,
) -> Result<WorkedThrough, MoveError> {
    let mut worked = WorkedThrough::default();
    // Where every id is refused, nobody's data was touched.
    transaction.touch_all("appointment", []);
    for id in ids {
        let outcome = match lock_affected(transaction, *id).await {
            Ok(appointment) => match appointment.require(Act::Cancel) {
                Ok(()) => {
                    let of_type = change::type_of(transaction, &appointment).await?;
                    let why = cancellation.clone();
                    give_up(transaction, &appointment, &of_type, why).await?;
                    Ok(())
                }
                Err(refused) => Err(refused.into()),
            },
            Err(refused) => Err(refused.into()),
        };
        worked.add(*id, outcome)?;
    }
    Ok(worked)
}

/// Writes down that affected appointments stay as they are, and why.
pub(super) async fn keep_affected(
    transaction: &Transaction<'_, impl May<KeepAffected>>,
    ids: &[AppointmentId],
    reason: &str,
) -> Result<WorkedThrough, MoveError> {
    let mut worked = WorkedThrough::default();
    // Where every id is refused, nobody's data was touched.
    transaction.touch_all("appointment", []);
    for id in ids {
        let outcome = match lock_affected(transaction, *id).await {
            Ok(appointment) => {
                store::keep_affected(transaction, *id, reason).await?;
                transaction.touch("appointment", *id, appointment.patient_id);
                Ok(())
            }
            Err(refused) => Err(refused.into()),
        };
        worked.add(*id, outcome)?;
    }
    Ok(worked)
}

/// Locks an appointment that is on the list and still open.
async fn lock_affected(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Result<Appointment, ChangeError> {
    let appointment = store::lock(transaction, id).await?;
    let appointment = appointment.ok_or(ChangeError::NotFound)?;
    if store::is_affected(transaction, id).await? {
        Ok(appointment)
    } else {
        transaction.touch("appointment", id, appointment.patient_id);
        Err(ChangeError::NotAffected)
    }
}
