//! Lots that cannot be drawn from or injected, and the refusal that names them.

use crate::platform::problem::{FieldError, Problem, ProblemType};
use crate::stock::LotId;

/// A component whose lot cannot be drawn from.
#[derive(Debug, serde::Serialize)]
pub(crate) struct UnusableLot {
    /// Position in the list of components; none when it is not about one component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    pub(super) lot_id: LotId,
    pub(super) reason: &'static str,
}

pub(crate) static LOT_UNUSABLE: ProblemType =
    ProblemType::new("lot-unusable", 409, "A lot cannot be drawn from");

/// The refusal that names each lot and why.
pub(super) fn unusable(lots: Vec<UnusableLot>) -> Problem {
    let pointed = lots.iter().filter_map(|lot| {
        let index = lot.index?;
        Some(FieldError::new(
            format!("/components/{index}/lot_id"),
            lot.reason,
        ))
    });
    let errors = pointed.collect();
    Problem::new(&LOT_UNUSABLE)
        .detail("Take another lot.")
        .errors(errors)
        .member("unusable", lots)
}
