//! Records that the patient did not come.

use crate::platform::access::May;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::IfMatch;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::open_times;

use super::appointment::{Appointment, AppointmentId};
use super::appointment_status::WrongStatus;
use super::change::{self, ChangeError};
use super::record_step::RecordStep;
use super::refusals::{BOOKING_RULE, BookingRule, WRONG_STATUS};
use super::store;

/// Why an appointment was not recorded as missed.
#[derive(Debug, thiserror::Error)]
pub(super) enum MissError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error("it has not begun")]
    NotBegun,
}

impl From<WrongStatus> for MissError {
    fn from(refused: WrongStatus) -> Self {
        Self::Change(refused.into())
    }
}

impl From<DatabaseError> for MissError {
    fn from(error: DatabaseError) -> Self {
        Self::Change(error.into())
    }
}

impl Refusal for MissError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_STATUS, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Change(error) => error.problem(),
            Self::NotBegun => BookingRule::NotBegun.problem(),
        }
    }
}

/// Records that the patient did not come, which can be said once it has begun; what is left of the
/// time is for others.
pub(super) async fn miss(
    transaction: &Transaction<'_, impl May<RecordStep>>,
    id: AppointmentId,
    if_match: &IfMatch,
    note: Option<&str>,
) -> Result<Appointment, MissError> {
    let appointment = change::lock(transaction, id, if_match).await?;
    let now = transaction.now();
    let change = appointment.miss(now)?.told(note, None);
    if now < appointment.place.starts_at {
        return Err(MissError::NotBegun);
    }
    store::release(transaction, id, None).await?;
    open_times(transaction, &[appointment.opening()], now).await?;
    Ok(change::record(transaction, change).await?)
}
