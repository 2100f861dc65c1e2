//! Lots that cannot be drawn from or injected, and the refusal that names them.

use crate::platform::problem::{FieldError, Member, Problem, ProblemType, Shape};
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

/// A lot that cannot be used.
const UNUSABLE: &[Member] = &[
    Member::new(
        "index",
        Shape::Optional(&Shape::Number),
        "Place of its component in the request; left out when it is not about one component.",
    ),
    Member::new("lot_id", Shape::Id, "The lot."),
    Member::new("reason", Shape::Text, "Why it cannot be used."),
];

pub(crate) static LOT_UNUSABLE: ProblemType =
    ProblemType::new("lot-unusable", 409, "A lot cannot be drawn from").with(&[Member::new(
        "unusable",
        Shape::Objects(UNUSABLE),
        "Each lot that cannot be used, and why.",
    )]);

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
    let is_vial = lots.iter().any(|lot| lot.reason.starts_with("vial_"));
    let detail = if is_vial {
        "Name a vial that may be used in vial_id. Throw away what is too old, and open another one."
    } else {
        "Take another lot."
    };
    Problem::new(&LOT_UNUSABLE)
        .detail(detail)
        .errors(errors)
        .member("unusable", lots)
}
