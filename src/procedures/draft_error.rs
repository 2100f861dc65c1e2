//! Why nothing was proposed, confirmed or dismissed.

use crate::platform::database::DatabaseError;
use crate::platform::problem::{
    self, FieldError, Member, Problem, ProblemType, Refusal, SEALED, Shape,
};

use super::draft::DraftStatus;
use super::inject::InjectError;
use super::read::{HoldRefused, WRONG_STATUS};

/// Why nothing was proposed, confirmed or dismissed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DraftError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Inject(#[from] InjectError),
    #[error("no such draft of this procedure")]
    NotFound,
    #[error("the draft is {0}")]
    Settled(DraftStatus),
    #[error("there are drafts already")]
    Exist,
    #[error("there is nothing to propose")]
    NothingToPropose,
    #[error("names what is not there")]
    Invalid(FieldError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static DRAFT_SETTLED: ProblemType =
    ProblemType::new("draft-settled", 409, "The draft was confirmed or dismissed").with(&[
        Member::new("current_status", Shape::Text, "The status of the draft."),
    ]);
static DRAFTS_EXIST: ProblemType =
    ProblemType::new("drafts-exist", 409, "There are open drafts already");
static NOTHING_TO_PROPOSE: ProblemType = ProblemType::new(
    "nothing-to-propose",
    409,
    "This patient had no procedure of this kind before",
);

impl Refusal for DraftError {
    const TYPES: &'static [&'static ProblemType] = &[
        &SEALED,
        &WRONG_STATUS,
        &DRAFT_SETTLED,
        &DRAFTS_EXIST,
        &NOTHING_TO_PROPOSE,
        &super::inject::SOLUTION_EXHAUSTED,
        &super::inject::SOLUTION_BEYOND_USE,
    ];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Inject(refused) => refused.problem(),
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Settled(status) => Problem::new(&DRAFT_SETTLED).member("current_status", status),
            Self::Exist => Problem::new(&DRAFTS_EXIST),
            Self::NothingToPropose => Problem::new(&NOTHING_TO_PROPOSE),
            Self::Invalid(error) => Problem::invalid(vec![error]),
            Self::Database(error) => error.into(),
        }
    }
}
