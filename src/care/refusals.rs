//! The kinds of refusal that several use cases of care answer with.

pub(super) use crate::platform::problem::WRONG_STATUS;
use crate::platform::problem::{Problem, ProblemType};

use super::follow_up_status::WrongStatus;

/// The problem of a follow-up that is not in a state for it.
pub(super) fn wrong_status(wrong: WrongStatus) -> Problem {
    Problem::new(&WRONG_STATUS).member("current_status", wrong.0.as_str())
}

/// The problem types of a lower use case and one more, for the document.
#[expect(
    clippy::indexing_slicing,
    reason = "iterators cannot run at compile time"
)]
pub(super) const fn joined<const COUNT: usize>(
    lower: &[&'static ProblemType],
    own: &'static ProblemType,
) -> [&'static ProblemType; COUNT] {
    let mut all = [own; COUNT];
    let mut index = 0;
    while index < lower.len() {
        all[index] = lower[index];
        index += 1;
    }
    all
}
