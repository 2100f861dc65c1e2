//! The parameters that lists of facts have in common.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::platform::page::{Cursor, Window};
use crate::platform::problem::Problem;
use crate::platform::timestamp::Timestamp;

/// Which part of a list of facts is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListFacts {
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

impl ListFacts {
    pub(super) fn updated_since(&self) -> Option<DateTime<Utc>> {
        self.updated_since.map(|instant| instant.0)
    }

    /// Facts come in the order in which they were recorded.
    pub(super) fn window(&self) -> Result<Window<Uuid>, Problem> {
        Window::new(self.limit, self.cursor.as_ref())
    }
}
