//! What the front desk may close by itself: today and tomorrow, because somebody is ill or the
//! heating is broken. Holidays and whatever lies further ahead are planned by an admin.

use chrono::TimeDelta;

use crate::platform::access::Role;
use crate::platform::database::OpenTransaction;
use crate::platform::intervals::Interval;
use crate::platform::problem::{self, Problem};

/// How far ahead the front desk closes.
const SHORT_NOTICE: TimeDelta = TimeDelta::hours(48);

/// Whether the caller may close, or open again, this span.
pub(super) fn may_close(transaction: &OpenTransaction<'_>, span: Interval) -> bool {
    transaction.principal().role != Role::FrontDesk
        || span.ends_at() <= transaction.now() + SHORT_NOTICE
}

/// The refusal of a span that only an admin closes.
pub(super) fn too_far_ahead() -> Problem {
    Problem::new(&problem::NOT_ALLOWED).detail(
        "The front desk can close what ends within 48 hours, as for an illness. \
         Ask an admin for anything longer.",
    )
}
