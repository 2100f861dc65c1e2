//! Time as something handed in, so that a test can move it.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Tells the time, truncated to microseconds as Postgres keeps it.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Set(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `instant` until it is moved.
    #[must_use]
    pub fn standing_at(instant: DateTime<Utc>) -> Self {
        Self(Source::Set(Arc::new(Mutex::new(instant))))
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that asks the machine"
            )]
            Source::System => Utc::now(),
            Source::Set(instant) => *instant.lock().unwrap_or_else(PoisonError::into_inner),
        };
        now.trunc_subsecs(6)
    }

    /// Moves a standing clock forward; the machine's clock stays what it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Set(instant) = &self.0 {
            *instant.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}
