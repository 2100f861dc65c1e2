//! The kinds of refusal of the waitlist.

use crate::platform::problem::{Member, ProblemType, Shape};

pub(super) static NO_OFFER: ProblemType =
    ProblemType::new("no-offer", 409, "There is no offer to answer, or no longer").with(&[
        Member::new("current_status", Shape::Text, "The status of the entry."),
    ]);
pub(super) static ALREADY_WAITING: ProblemType = ProblemType::new(
    "already-waiting",
    409,
    "This person waits for this type of appointment already",
)
.with(&[Member::new(
    "waitlist_entry_id",
    Shape::Id,
    "The entry that waits already.",
)]);
pub(super) static NOT_WAITING: ProblemType =
    ProblemType::new("not-waiting", 409, "This entry is not waiting any more").with(&[
        Member::new("current_status", Shape::Text, "The status of the entry."),
    ]);
pub(super) static OFFER_OPEN: ProblemType = ProblemType::new(
    "offer-open",
    409,
    "A time is offered; accept or decline it first",
)
.with(&[Member::new(
    "current_status",
    Shape::Text,
    "The status of the entry.",
)]);
