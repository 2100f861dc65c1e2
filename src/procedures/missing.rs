//! What is missing before something can be done: codes for programs, sentences for people.

use crate::platform::problem::{Member, Problem, ProblemType, Shape};

/// One thing that is missing.
#[derive(Debug, serde::Serialize)]
pub(super) struct Missing {
    pub(super) code: String,
    pub(super) explanation: String,
}

impl Missing {
    /// Names what is missing.
    pub(super) fn new(code: &str, explanation: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            explanation: explanation.into(),
        }
    }

    /// The patient took back what they had agreed to.
    pub(super) fn withdrawn_consent() -> Self {
        Self::new(
            "consent",
            "The patient has withdrawn consent to this kind of procedure.",
        )
    }
}

/// One thing that is missing, in words.
const EXPLANATION: &[Member] = &[
    Member::new("code", Shape::Text, "The code, as in `missing`."),
    Member::new(
        "explanation",
        Shape::Text,
        "What is missing, and what would be right.",
    ),
];

pub(super) static NOT_READY: ProblemType = ProblemType::new(
    "not-ready",
    409,
    "Something is missing before this can be done",
)
.with(&[
    Member::new("missing", Shape::Texts, "Codes of what is missing."),
    Member::new(
        "explanations",
        Shape::Objects(EXPLANATION),
        "The same in words.",
    ),
]);

/// The refusal that lists what is missing.
pub(super) fn not_ready(missing: &[Missing]) -> Problem {
    let codes: Vec<&str> = missing.iter().map(|one| one.code.as_str()).collect();
    Problem::new(&NOT_READY)
        .member("missing", codes)
        .member("explanations", missing)
}
