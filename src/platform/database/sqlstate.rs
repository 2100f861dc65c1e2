//! The code of an error: it decides whether to try again, and whether the database is busy.
//!
//! Postgres gives every error a code of five characters, the same in every language of the server.
//! Decisions are made by this code and never by the text of a message.
//!
//! # Source
//!
//! The manual of `PostgreSQL`, appendix A, "`PostgreSQL` Error Codes".

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The code of an error of Postgres, such as `40P01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SqlState([u8; 5]);

impl SqlState {
    /// Returns `None` when the text does not have five characters.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        text.try_into().ok().map(Self)
    }

    /// Whether the whole transaction may succeed when it is run again: a serialization failure or a
    /// deadlock.
    pub(super) fn is_transient(self) -> bool {
        matches!(&self.0, b"40001" | b"40P01")
    }

    /// Whether the connection is lost: its own errors, a server that shuts down or starts up, and a
    /// transaction that was idle for too long.
    pub(super) fn is_closed(self) -> bool {
        self.0.starts_with(b"08")
            || matches!(
                &self.0,
                b"57P01" | b"57P02" | b"57P03" | b"57P05" | b"25P03"
            )
    }

    /// Whether the database does not keep up or takes no writes: a timeout, no memory, disk or
    /// connection left, or a standby.
    pub(super) fn is_overload(self) -> bool {
        self.0.starts_with(b"53") || matches!(&self.0, b"57014" | b"55P03" | b"25006")
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{}", char::from(*byte)))
    }
}

/// The code of the first error on a connection since the last [`FirstError::clear`].
///
/// Only the first one counts: after it, Postgres refuses every other statement of the transaction.
/// The task that reads from the server sets it, before the statement that failed is answered.
#[derive(Debug, Default)]
pub(super) struct FirstError(AtomicU64);

impl FirstError {
    /// Keeps this code if there is none yet.
    pub(super) fn record(&self, state: SqlState) {
        let mut bytes = [0; 8];
        let [_, _, _, code @ ..] = &mut bytes;
        *code = state.0;
        let code = u64::from_be_bytes(bytes);
        // A code that is there already stays: the exchange fails, as it should.
        let _ = self
            .0
            .compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Forgets the code: another transaction begins.
    pub(super) fn clear(&self) {
        self.0.store(0, Ordering::Release);
    }

    /// The code, if a statement failed.
    pub(super) fn get(&self) -> Option<SqlState> {
        let [_, _, _, code @ ..] = self.0.load(Ordering::Acquire).to_be_bytes();
        (code != [0; 5]).then_some(SqlState(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(code: &str) -> SqlState {
        SqlState::parse(code.as_bytes()).unwrap()
    }

    #[test]
    fn codes_are_sorted_by_what_is_to_be_done() {
        for code in ["40001", "40P01"] {
            assert!(state(code).is_transient(), "{code}");
        }
        for code in ["08006", "57P01", "57P03"] {
            assert!(state(code).is_closed(), "{code}");
        }
        for code in ["57014", "55P03", "53100", "53300", "25006"] {
            assert!(state(code).is_overload(), "{code}");
        }
        for code in ["23505", "42P01", "22012", "25P02"] {
            let state = state(code);
            assert!(
                !(state.is_transient() || state.is_closed() || state.is_overload()),
                "{code}"
            );
        }
        assert_eq!(SqlState::parse(b"4000"), None);
    }

    #[test]
    fn the_first_error_is_kept_until_the_next_transaction() {
        let first = FirstError::default();
        assert_eq!(first.get(), None);
        first.record(state("40P01"));
        first.record(state("25P02"));
        assert_eq!(first.get(), Some(state("40P01")));
        assert_eq!(first.get().unwrap().to_string(), "40P01");
        first.clear();
        assert_eq!(first.get(), None);
    }
}
