//! How bad an event is and how it goes; what a later word on it replaces.

use chrono::{DateTime, Utc};

use crate::platform::problem::FieldError;
use crate::platform::text::text_enum;

use super::catalogue::catalogue;

text_enum! {
    /// How it went.
    pub(crate) enum EventOutcome {
        Ongoing = "ongoing",
        Recovering = "recovering",
        Resolved = "resolved",
        ResolvedWithSequelae = "resolved_with_sequelae",
        Fatal = "fatal",
        Unknown = "unknown",
    }
}

impl EventOutcome {
    /// Whether it is over, so that there is a time when it was.
    const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::ResolvedWithSequelae)
    }
}

/// The grade from which on every event is serious.
const SERIOUS_GRADE: i16 = 3;
/// Death.
pub(super) const FATAL_GRADE: i16 = 5;

/// How bad it is and how it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) grade: i16,
    pub(super) outcome: EventOutcome,
    pub(super) resolved_at: Option<DateTime<Utc>>,
    pub(super) action_taken: Option<String>,
}

impl Course {
    /// Whether kind or grade make it serious.
    pub(super) fn is_serious(&self, event_code: &str) -> bool {
        self.grade >= SERIOUS_GRADE
            || catalogue()
                .find(event_code)
                .is_some_and(|kind| kind.is_always_serious)
    }

    /// What cannot be right about the course of an event of this kind.
    pub(super) fn faults(
        &self,
        event_code: &str,
        onset_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Vec<FieldError> {
        let kind = catalogue().find(event_code);
        let is_usual = kind.is_none_or(|kind| kind.grades.contains(&self.grade));
        let is_fatal = self.outcome == EventOutcome::Fatal;
        let faults = [
            (kind.is_none(), ("/event_code", "is not in the catalogue")),
            (!is_usual, ("/grade", "is not given to this kind of event")),
            (
                is_fatal != (self.grade == FATAL_GRADE),
                ("/outcome", "fatal goes with grade 5 and with no other"),
            ),
            (
                self.outcome.is_over() != self.resolved_at.is_some(),
                ("/resolved_at", "goes with an outcome that is over"),
            ),
            (
                self.resolved_at.is_some_and(|at| at < onset_at),
                ("/resolved_at", "lies before the onset"),
            ),
            (
                self.resolved_at.is_some_and(|at| at > now),
                ("/resolved_at", "lies in the future"),
            ),
        ];
        let found = faults.into_iter().filter(|(is_wrong, _)| *is_wrong);
        found
            .map(|(_, (pointer, detail))| FieldError::new(pointer, detail))
            .collect()
    }
}
