//! The content of a report of harm, and what cannot be right about it.

use chrono::{DateTime, Utc};

use crate::platform::problem::FieldError;
use crate::platform::text::text_enum;
use crate::procedures::{InjectionId, Treatment};
use crate::stock::LotId;

use super::course::Course;

text_enum! {
    /// How likely the procedure caused it.
    pub(crate) enum Causality {
        Certain = "certain",
        Probable = "probable",
        Possible = "possible",
        Unlikely = "unlikely",
        Unrelated = "unrelated",
        NotAssessed = "not_assessed",
    }
}

/// The content of a report of harm.
pub(crate) struct EventReport {
    pub(super) event_code: String,
    pub(super) injection_id: Option<InjectionId>,
    pub(super) lot_id: Option<LotId>,
    pub(super) description: Option<String>,
    pub(super) causality: Causality,
    pub(super) onset_at: DateTime<Utc>,
    /// Now, unless it was noticed earlier.
    pub(super) detected_at: Option<DateTime<Utc>>,
    pub(super) course: Course,
    pub(super) serious_reason: Option<String>,
}

impl EventReport {
    /// Everything that cannot be right about a report that is taken now.
    pub(super) fn faults(&self, treatment: &Treatment, now: DateTime<Utc>) -> Vec<FieldError> {
        let mut faults = self.faults_of_place(treatment);
        faults.extend(self.faults_of_time(treatment, now));
        faults.extend(self.course.faults(&self.event_code, self.onset_at, now));
        faults
    }

    fn faults_of_place(&self, treatment: &Treatment) -> Vec<FieldError> {
        let is_foreign_site = |id| !treatment.injections.contains(&id);
        let is_foreign_lot = |id| !treatment.lots.contains(&id);
        let mut errors = Vec::new();
        if self.injection_id.is_some_and(is_foreign_site) {
            errors.push(FieldError::new(
                "/injection_id",
                "names no site of this procedure",
            ));
        }
        if self.lot_id.is_some_and(is_foreign_lot) {
            errors.push(FieldError::new(
                "/lot_id",
                "was not drawn from for this procedure",
            ));
        }
        errors
    }

    fn faults_of_time(&self, treatment: &Treatment, now: DateTime<Utc>) -> Vec<FieldError> {
        let onset_at = self.onset_at;
        let detected_at = self.detected_at.unwrap_or(now);
        let faults = [
            (
                onset_at < treatment.started_at,
                ("/onset_at", "lies before the procedure began"),
            ),
            (onset_at > now, ("/onset_at", "lies in the future")),
            (detected_at > now, ("/detected_at", "lies in the future")),
            (
                detected_at < onset_at,
                ("/detected_at", "lies before the onset"),
            ),
        ];
        let found = faults.into_iter().filter(|(is_wrong, _)| *is_wrong);
        found
            .map(|(_, (pointer, detail))| FieldError::new(pointer, detail))
            .collect()
    }
}
