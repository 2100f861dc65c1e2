//! What the lists of the set-up have in common: their parameters, their order and unique names.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::platform::problem::{FieldError, Problem, ProblemType};
use crate::platform::timestamp::Timestamp;

pub(super) static NAME_TAKEN: ProblemType =
    ProblemType::new("name-taken", 409, "Another one here has this name");

/// The refusal of a second thing of one name.
pub(super) fn name_taken() -> Problem {
    Problem::new(&NAME_TAKEN).errors(vec![FieldError::new("/name", "is taken")])
}

/// Name and id of the row before a page.
pub(super) type NameKey = (String, Uuid);

/// Which part of a list by name is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListByName {
    /// Only what changed at this instant or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
}

impl ListByName {
    pub(super) fn updated_since(&self) -> Option<DateTime<Utc>> {
        self.updated_since.map(|instant| instant.0)
    }
}
