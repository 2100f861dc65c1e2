//! An adverse event as a record, and the rules it keeps to.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::problem::FieldError;
use crate::platform::text::text_enum;
use crate::procedures::{InjectionId, ProcedureId, Treatment};
use crate::stock::LotId;

use super::catalogue::catalogue;
use super::course::{Course, EventOutcome, FATAL_GRADE};
use super::event_report::{Causality, EventReport};

id! {
    /// Names an adverse event.
    pub(crate) struct AdverseEventId
}

text_enum! {
    /// Where an event stands on the work list.
    pub(crate) enum EventStatus {
        /// Not serious: it needs no review.
        Noted = "noted",
        AwaitingReview = "awaiting_review",
        Reviewed = "reviewed",
    }
}

text_enum! {
    /// What an entry in the course of an event is.
    pub(crate) enum EntryKind {
        Report = "report",
        Update = "update",
        Review = "review",
    }
}

/// Harm during or after a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdverseEvent {
    pub(super) id: AdverseEventId,
    pub(super) procedure_id: ProcedureId,
    pub(super) patient_id: PatientId,
    pub(super) injection_id: Option<InjectionId>,
    pub(super) lot_id: Option<LotId>,
    pub(super) event_code: String,
    pub(super) description: Option<String>,
    pub(super) causality: Causality,
    pub(super) onset_at: DateTime<Utc>,
    pub(super) detected_at: DateTime<Utc>,
    pub(super) course: Course,
    pub(super) is_serious: bool,
    /// Why it is serious although neither kind nor grade makes it so.
    pub(super) serious_reason: Option<String>,
    pub(super) review_due_by: Option<DateTime<Utc>>,
    pub(super) review: Option<Review>,
    pub(super) reported_by: Uuid,
    pub(super) version: Version,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// Who reviewed an event last, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Review {
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// One word in the course of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: EntryKind,
    pub(super) grade: i16,
    pub(super) outcome: EventOutcome,
    pub(super) note: Option<String>,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

impl AdverseEvent {
    /// Takes a report about a procedure, or names everything that cannot be right.
    pub(super) fn report(
        report: &EventReport,
        treatment: &Treatment,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<FieldError>> {
        let errors = report.faults(treatment, now);
        if !errors.is_empty() {
            return Err(errors);
        }
        let by_itself = report.course.is_serious(&report.event_code);
        let is_serious = by_itself || report.serious_reason.is_some();
        Ok(Self {
            id: AdverseEventId::fresh(now),
            procedure_id: treatment.procedure_id,
            patient_id: treatment.patient_id,
            injection_id: report.injection_id,
            lot_id: report.lot_id,
            event_code: report.event_code.clone(),
            description: report.description.clone(),
            causality: report.causality,
            onset_at: report.onset_at,
            detected_at: report.detected_at.unwrap_or(now),
            course: report.course.clone(),
            is_serious,
            serious_reason: report.serious_reason.clone(),
            review_due_by: is_serious.then(|| now + catalogue().review_within()),
            review: None,
            reported_by: by,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        })
    }

    /// Takes a later word on how it goes; one that makes it serious, or worse after a review, asks
    /// for a review.
    pub(super) fn update(
        &mut self,
        course: Course,
        now: DateTime<Utc>,
    ) -> Result<(), Vec<FieldError>> {
        let errors = course.faults(&self.event_code, self.onset_at, now);
        if !errors.is_empty() {
            return Err(errors);
        }
        let is_worse = course.grade > self.course.grade;
        self.is_serious |= course.is_serious(&self.event_code);
        if self.is_serious && (self.review_due_by.is_none() || (is_worse && self.review.is_some()))
        {
            self.review_due_by = Some(now + catalogue().review_within());
            self.review = None;
        }
        self.course = course;
        self.move_on(now);
        Ok(())
    }

    /// Takes it off the work list after a review. An event that needs none is refused with its status.
    pub(super) fn reviewed(&mut self, by: Uuid, now: DateTime<Utc>) -> Result<(), EventStatus> {
        match self.status() {
            EventStatus::AwaitingReview => {
                self.review = Some(Review { by, at: now });
                self.move_on(now);
                Ok(())
            }
            status => Err(status),
        }
    }

    /// Where it stands on the work list.
    pub(super) const fn status(&self) -> EventStatus {
        match (self.review_due_by, self.review) {
            (_, Some(_)) => EventStatus::Reviewed,
            (Some(_), None) => EventStatus::AwaitingReview,
            (None, None) => EventStatus::Noted,
        }
    }

    /// Whether its review is late.
    pub(super) fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.status() == EventStatus::AwaitingReview
            && self.review_due_by.is_some_and(|due_by| now >= due_by)
    }

    /// How long after the procedure began it showed.
    pub(super) fn latency(&self, started_at: DateTime<Utc>) -> TimeDelta {
        self.onset_at - started_at
    }

    /// The patient it happened to.
    pub(crate) const fn patient_id(&self) -> PatientId {
        self.patient_id
    }

    /// Whether somebody has to look into it, and somebody can still be called.
    pub(crate) fn needs_a_call(&self) -> bool {
        self.is_serious && self.course.grade < FATAL_GRADE
    }

    /// Until when somebody has to look into it.
    pub(crate) const fn review_due_by(&self) -> Option<DateTime<Utc>> {
        self.review_due_by
    }

    /// This state of it as an entry of its course.
    pub(super) fn entry(&self, kind: EntryKind, note: Option<&str>, by: Uuid) -> Entry {
        Entry {
            kind,
            grade: self.course.grade,
            outcome: self.course.outcome,
            note: note.map(str::to_owned),
            by,
            at: self.updated_at,
        }
    }

    fn move_on(&mut self, now: DateTime<Utc>) {
        self.version = self.version.next();
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn treatment() -> Treatment {
        Treatment {
            procedure_id: ProcedureId::from(Uuid::nil()),
            patient_id: PatientId::from(Uuid::nil()),
            started_at: at("2026-11-22T10:00:00Z"),
            injections: Vec::new(),
            lots: Vec::new(),
        }
    }

    fn course(grade: i16, outcome: EventOutcome, resolved_at: Option<&str>) -> Course {
        Course {
            grade,
            outcome,
            resolved_at: resolved_at.map(at),
            action_taken: None,
        }
    }

    fn report(event_code: &str, grade: i16) -> EventReport {
        EventReport {
            event_code: event_code.to_owned(),
            injection_id: None,
            lot_id: None,
            description: None,
            causality: Causality::Possible,
            onset_at: at("2026-11-22T11:00:00Z"),
            detected_at: None,
            course: course(
                grade,
                if grade == 5 {
                    EventOutcome::Fatal
                } else {
                    EventOutcome::Ongoing
                },
                None,
            ),
            serious_reason: None,
        }
    }

    fn reported(report: &EventReport) -> Result<AdverseEvent, Vec<String>> {
        let taken = AdverseEvent::report(report, &treatment(), Uuid::nil(), at(NOW));
        taken.map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn grade_kind_or_the_reporter_make_it_serious() {
        for (code, grade, reason, is_serious) in [
            ("soreness", 1, None, false),
            ("soreness", 2, None, false),
            ("soreness", 3, None, true),
            ("soreness", 1, Some("Cannot work"), true),
            ("pneumothorax", 1, None, true),
            ("last_cns", 2, None, true),
            ("wrong_site", 1, None, true),
            ("vasovagal", 2, None, false),
            ("vasovagal", 3, None, true),
            ("bleeding", 5, None, true),
        ] {
            let mut told = report(code, grade);
            told.serious_reason = reason.map(str::to_owned);
            let event = reported(&told).unwrap();
            assert_eq!(event.is_serious, is_serious, "{code} {grade} {reason:?}");
            let due = is_serious.then(|| at("2026-11-23T12:00:00Z"));
            assert_eq!(event.review_due_by, due, "{code} {grade} {reason:?}");
            assert_eq!(event.needs_a_call(), is_serious && grade < 5);
        }
    }

    #[test]
    fn what_cannot_be_right_is_named() {
        type Change = fn(&mut EventReport);
        let table: [(Change, &[&str]); 11] = [
            (|_| {}, &[]),
            (|r| r.event_code = "bad_luck".to_owned(), &["/event_code"]),
            (|r| r.course.grade = 4, &["/grade"]),
            (|r| r.course.outcome = EventOutcome::Fatal, &["/outcome"]),
            (
                |r| r.course.outcome = EventOutcome::Resolved,
                &["/resolved_at"],
            ),
            (
                |r| r.course.resolved_at = Some(at("2026-11-22T11:30:00Z")),
                &["/resolved_at"],
            ),
            (|r| r.onset_at = at("2026-11-22T09:59:59Z"), &["/onset_at"]),
            (
                |r| r.onset_at = at("2026-11-22T12:00:01Z"),
                &["/onset_at", "/detected_at"],
            ),
            (
                |r| r.detected_at = Some(at("2026-11-22T10:59:59Z")),
                &["/detected_at"],
            ),
            (
                |r| r.injection_id = Some(InjectionId::from(Uuid::max())),
                &["/injection_id"],
            ),
            (|r| r.lot_id = Some(LotId::from(Uuid::max())), &["/lot_id"]),
        ];
        for (index, (change, pointers)) in table.into_iter().enumerate() {
            let mut told = report("soreness", 1);
            change(&mut told);
            let found = reported(&told).err().unwrap_or_default();
            assert_eq!(found, pointers, "row {index}");
        }
        let mut dead = report("bleeding", 5);
        dead.course.outcome = EventOutcome::Ongoing;
        assert_eq!(reported(&dead).unwrap_err(), ["/outcome"]);
    }

    #[test]
    fn an_end_lies_between_the_onset_and_now() {
        for (resolved_at, is_accepted) in [
            ("2026-11-22T10:59:59Z", false),
            ("2026-11-22T11:00:00Z", true),
            ("2026-11-22T12:00:00Z", true),
            ("2026-11-22T12:00:01Z", false),
        ] {
            let mut told = report("soreness", 1);
            told.course = course(1, EventOutcome::Resolved, Some(resolved_at));
            assert_eq!(reported(&told).is_ok(), is_accepted, "{resolved_at}");
        }
    }

    #[test]
    fn an_event_that_gets_worse_is_reviewed_again() {
        let mut event = reported(&report("infection_skin", 2)).unwrap();
        assert_eq!(event.status(), EventStatus::Noted);
        assert_eq!(
            event.reviewed(Uuid::nil(), at(NOW)),
            Err(EventStatus::Noted)
        );
        let later = at("2026-11-24T12:00:00Z");
        let worse = course(3, EventOutcome::Ongoing, None);
        event.update(worse, later).unwrap();
        assert_eq!(event.status(), EventStatus::AwaitingReview);
        assert!(!event.is_overdue(at("2026-11-25T11:59:59Z")));
        assert!(event.is_overdue(at("2026-11-25T12:00:00Z")));
        event.reviewed(Uuid::nil(), later).unwrap();
        assert_eq!(event.status(), EventStatus::Reviewed);
        assert!(!event.is_overdue(at("2026-12-25T12:00:00Z")));
        let better = course(2, EventOutcome::Recovering, None);
        event.update(better, later).unwrap();
        assert_eq!(event.status(), EventStatus::Reviewed);
        assert!(event.is_serious, "what was serious stays so");
        let grave = course(4, EventOutcome::Ongoing, None);
        event.update(grave, later).unwrap();
        assert_eq!(event.status(), EventStatus::AwaitingReview);
        assert_eq!(event.review_due_by, Some(at("2026-11-25T12:00:00Z")));
    }
}
