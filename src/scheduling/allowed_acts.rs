//! What the caller may do next with an appointment.

use chrono::TimeDelta;

use crate::platform::access::Role;
use crate::platform::database::OpenTransaction;

use super::appointment_status::{Act, Standing};

/// The rules of a type of appointment that decide what patients may do with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PatientRules {
    /// How long before the start patients can still cancel or move.
    pub(super) cancel_cutoff_minutes: i64,
    pub(super) is_patient_bookable: bool,
}

/// What the caller may do next. Whether a visit prevents undoing the last step is not checked here.
pub(super) fn allowed_acts(
    transaction: &OpenTransaction<'_>,
    appointment: &Standing,
    rules: PatientRules,
) -> Vec<Act> {
    let is_past_cutoff = is_nearer_than(transaction, appointment, rules.cancel_cutoff_minutes);
    let has_begun = appointment.starts_at <= transaction.now();
    let is_patient = transaction.principal().role == Role::Patient;
    let may = |act: &Act| match act {
        Act::Cancel if is_patient => !is_past_cutoff,
        Act::Reschedule if is_patient => rules.is_patient_bookable && !is_past_cutoff,
        Act::NoShow => has_begun && !is_patient,
        _ => !is_patient,
    };
    let mut allowed = appointment.allowed();
    allowed.retain(may);
    allowed
}

/// Whether the start is less than so many minutes away.
pub(super) fn is_nearer_than(
    transaction: &OpenTransaction<'_>,
    appointment: &Standing,
    minutes: i64,
) -> bool {
    transaction.now() + TimeDelta::minutes(minutes) > appointment.starts_at
}
