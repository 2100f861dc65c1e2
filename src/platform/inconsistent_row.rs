//! Reading a row that makes no sense.

use std::fmt::Display;

/// A stored row that the code cannot read: a word it does not know, a time zone that does not
/// exist, a status without its date.
///
/// Such a row is never skipped, and no default takes the place of what it says, because a record
/// that silently lacks a dose or an hour is worse than none. The caller gets a 500, and the log
/// names table, column and row; none of these identifies a patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column} of row {row} cannot be read")]
pub(crate) struct InconsistentRow {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: String,
}

impl InconsistentRow {
    /// Names a row by its key: an id, or the code of a muscle.
    pub(crate) fn new(table: &'static str, column: &'static str, row: impl Display) -> Self {
        Self {
            table,
            column,
            row: row.to_string(),
        }
    }
}
