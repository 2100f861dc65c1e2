//! Errors of a store, and what they mean for the request.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::sqlstate::SqlState;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::problem::{self, Failure, Problem};

/// An error of a store: a statement fails, or a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    #[error("a statement failed")]
    Statement(#[from] DieselError),
    #[error(transparent)]
    Inconsistent(#[from] InconsistentRow),
}

impl DatabaseError {
    /// The constraint that refused the statement. A distributed Postgres leaves the field empty
    /// and puts the name into the message with the number of the shard behind it.
    pub(crate) fn constraint(&self) -> Option<&str> {
        let (_, information) = self.refusal()?;
        information
            .constraint_name()
            .or_else(|| constraint_in(information.message()))
    }

    /// Whether this constraint refused the statement.
    pub(crate) fn breaks(&self, constraint: &str) -> bool {
        self.constraint() == Some(constraint)
    }

    /// Whether the connection was gone before the statement was sent, or went while it ran. The
    /// driver gives such an error no code, because it does not come from Postgres.
    pub(super) fn is_cut_off(&self) -> bool {
        matches!(self, Self::Statement(DieselError::BrokenTransactionManager))
            || matches!(
                self.refusal(),
                Some((
                    DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                    _
                ))
            )
    }

    /// A word for the log that holds nothing of the row.
    fn kind(&self) -> String {
        let error = match self {
            Self::Inconsistent(row) => return row.to_string(),
            Self::Statement(error) => error,
        };
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
                // The message of Postgres names objects, never values; those are in the details.
                information.message().to_owned()
            }
            DieselError::DatabaseError(kind, _) => format!("{kind:?}"),
            DieselError::NotFound => "NotFound".to_owned(),
            DieselError::DeserializationError(error) => format!("deserialization: {error}"),
            DieselError::QueryBuilderError(_) => "query builder".to_owned(),
            DieselError::SerializationError(_) => "serialization".to_owned(),
            _ => "other".to_owned(),
        }
    }

    /// The answer of the database itself.
    fn refusal(
        &self,
    ) -> Option<(
        &DatabaseErrorKind,
        &(dyn DatabaseErrorInformation + Send + Sync),
    )> {
        match self {
            Self::Statement(DieselError::DatabaseError(kind, information)) => {
                Some((kind, &**information))
            }
            Self::Statement(_) | Self::Inconsistent(_) => None,
        }
    }
}

/// The constraint quoted last in a message, without the number of a shard.
fn constraint_in(message: &str) -> Option<&str> {
    let (before, _) = message.rsplit_once('"')?;
    let (_, name) = before.rsplit_once('"')?;
    Some(match name.rsplit_once('_') {
        Some((stem, digits)) if digits.len() >= 5 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            stem
        }
        _ => name,
    })
}

/// The result of a store function.
pub(crate) type Stored<T> = Result<T, DatabaseError>;

/// A 500 until the end of the transaction, where [`judge`] asks the connection for the code.
impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        Self::failed(Failure {
            kind: error.kind(),
            constraint: error.constraint().map(str::to_owned),
            is_cut_off: error.is_cut_off(),
        })
    }
}

/// Decides what becomes of a transaction that did not succeed, by the code of its first error.
///
/// A deadlock ends the transaction whatever a use case made of it, so that it is run again. Any
/// other code matters only when the use case had no answer to the failure.
pub(super) fn judge(problem: Problem, state: Option<SqlState>) -> Problem {
    if state.is_some_and(SqlState::is_transient) {
        return Problem::new(&problem::BUSY).transient();
    }
    let Some(failure) = problem.failure() else {
        return problem;
    };
    tracing::error!(
        kind = failure.kind,
        constraint = failure.constraint,
        sqlstate = state.map(tracing::field::display),
        "statement failed"
    );
    let is_busy = state.is_some_and(|state| state.is_closed() || state.is_overload());
    if failure.is_cut_off || is_busy {
        return Problem::new(&problem::BUSY);
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::constraint_in;

    #[test]
    fn a_constraint_is_recognised_in_the_message_of_a_distributed_database() {
        let message =
            "conflicting key value violates exclusion constraint \"bookings_no_overlap_102283\"";
        assert_eq!(constraint_in(message), Some("bookings_no_overlap"));
        let message = "duplicate key value violates unique constraint \"users_email_unique\"";
        assert_eq!(constraint_in(message), Some("users_email_unique"));
    }
}
