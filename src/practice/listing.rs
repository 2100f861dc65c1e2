//! What the lists of the set-up have in common: their parameters, their order and unique names.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::platform::page::{Cursor, Window};
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
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

impl ListByName {
    pub(super) fn updated_since(&self) -> Option<DateTime<Utc>> {
        self.updated_since.map(|instant| instant.0)
    }

    pub(super) fn window(&self) -> Result<Window<NameKey>, Problem> {
        Window::new(self.limit, self.cursor.as_ref())
    }
}

/// A name, or another short text, without space around it, or the fault of one that is nothing but
/// space.
pub(super) fn name(text: &str, pointer: &str, errors: &mut Vec<FieldError>) -> String {
    let name = text.trim();
    if name.is_empty() {
        errors.push(FieldError::new(pointer, "must not be blank"));
    }
    name.to_owned()
}
