//! Adverse events over HTTP.

use actix_web::{get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::{Permit, action};
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, PageParameters, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::procedures::{InjectionId, ProcedureId};
use crate::stock::LotId;
use tautband_rules::formulary::ReviewState;

use super::catalogue::{EventKind, catalogue};
use super::course::{Course, EventOutcome};
use super::event::{AdverseEventId, Entry, EntryKind, EventStatus};
use super::event_report::{Causality, EventReport};
use super::listed_event::{EventFilter, ListedEvent};
use super::read_events::{
    ReadAdverseEvents, ReadEventError, events_of_procedure, list_events, read_event,
};
use super::update_event::{
    ChangeEventError, ReviewAdverseEvent, UpdateAdverseEvent, review_event, update_event,
};
use crate::rule_sets::shown;

action!(
    /// Reading the catalogue of adverse events.
    ReadEventKinds, "adverse_event_kinds.read", practice, [Admin, Provider, Assistant, Auditor]
);

/// Adds the operations on adverse events; the report itself comes with its follow-up from care.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_kinds)
        .service(list_of_procedure)
        .service(list_work)
        .service(get_one)
        .service(put_course)
        .service(review_one);
}

/// One kind of harm, in words of our own.
#[derive(Serialize, ToSchema)]
#[schema(as = AdverseEventKind)]
struct EventKindBody {
    #[schema(example = "pneumothorax")]
    code: &'static str,
    wording: &'static str,
    /// The grades it is given, from 1 (mild) to 5 (death).
    grades: &'static [i16],
    /// When it usually shows.
    usual_onset: &'static str,
    /// Whether it is serious at any grade.
    is_always_serious: bool,
    source: &'static str,
    #[schema(value_type = shown::ReviewState)]
    review_state: ReviewState,
    catalogue_version: &'static str,
}

impl From<&'static EventKind> for EventKindBody {
    fn from(kind: &'static EventKind) -> Self {
        Self {
            code: &kind.code,
            wording: &kind.wording,
            grades: &kind.grades,
            usual_onset: &kind.usual_onset,
            is_always_serious: kind.is_always_serious,
            source: &kind.source,
            review_state: kind.review_state,
            catalogue_version: &catalogue().version,
        }
    }
}

/// Every kind of harm.
#[derive(Serialize, ToSchema)]
#[schema(as = AdverseEventKinds)]
struct EventKindsBody {
    items: Vec<EventKindBody>,
}

/// Lists the kinds of adverse events that can be reported.
#[utoipa::path(
    operation_id = "listAdverseEventKinds", tag = "procedures", context_path = "/api/v1",
    responses((status = 200, description = "Every kind.", body = EventKindsBody))
)]
#[get("/adverse-event-kinds")]
async fn list_kinds(permit: Permit<ReadEventKinds>) -> Result<Answer, Problem> {
    permit
        .transaction(async |_| {
            let items = catalogue().kinds.iter().map(EventKindBody::from).collect();
            Answer::ok(&EventKindsBody { items })
        })
        .await
}

/// What happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportAdverseEventBody {
    /// A code of the catalogue.
    #[schema(min_length = 1, max_length = 60, example = "vasovagal")]
    event_code: String,
    /// How bad it is, from 1 (mild) to 5 (death); one of the grades of its kind.
    #[schema(minimum = 1, maximum = 5)]
    grade: i16,
    /// The needle site, where it is known.
    injection_id: Option<InjectionId>,
    /// The lot that is suspected.
    lot_id: Option<LotId>,
    /// Not before the procedure began.
    onset_at: Timestamp,
    /// When it was noticed; now, when left out.
    detected_at: Option<Timestamp>,
    #[schema(min_length = 1, max_length = 2000)]
    description: Option<String>,
    /// `not_assessed` when left out.
    causality: Option<Causality>,
    #[schema(min_length = 1, max_length = 1000)]
    action_taken: Option<String>,
    /// `ongoing` when left out.
    outcome: Option<EventOutcome>,
    /// Goes with an outcome that is over.
    resolved_at: Option<Timestamp>,
    /// Makes it serious although neither kind nor grade does.
    #[schema(min_length = 1, max_length = 500)]
    serious_reason: Option<String>,
}

impl ReportAdverseEventBody {
    /// The report.
    pub(crate) fn report(&self) -> EventReport {
        EventReport {
            event_code: self.event_code.clone(),
            injection_id: self.injection_id,
            lot_id: self.lot_id,
            description: self.description.clone(),
            causality: self.causality.unwrap_or(Causality::NotAssessed),
            onset_at: self.onset_at.0,
            detected_at: self.detected_at.map(|instant| instant.0),
            course: Course {
                grade: self.grade,
                outcome: self.outcome.unwrap_or(EventOutcome::Ongoing),
                resolved_at: self.resolved_at.map(|instant| instant.0),
                action_taken: self.action_taken.clone(),
            },
            serious_reason: self.serious_reason.clone(),
        }
    }
}

/// The patient it happened to.
#[derive(Serialize, ToSchema)]
struct AdverseEventPatient {
    id: PatientId,
    name: String,
}

/// One word in the course of an event.
#[derive(Serialize, ToSchema)]
struct AdverseEventEntry {
    kind: EntryKind,
    grade: i16,
    outcome: EventOutcome,
    note: Option<String>,
    /// The user.
    entered_by: Uuid,
    entered_at: DateTime<Utc>,
}

impl From<Entry> for AdverseEventEntry {
    fn from(entry: Entry) -> Self {
        Self {
            kind: entry.kind,
            grade: entry.grade,
            outcome: entry.outcome,
            note: entry.note,
            entered_by: entry.by,
            entered_at: entry.at,
        }
    }
}

/// Harm during or after a procedure.
#[derive(Serialize, ToSchema)]
#[schema(as = AdverseEvent)]
pub(crate) struct AdverseEventBody {
    id: AdverseEventId,
    procedure_id: ProcedureId,
    patient: AdverseEventPatient,
    injection_id: Option<InjectionId>,
    lot_id: Option<LotId>,
    event_code: String,
    grade: i16,
    causality: Causality,
    description: Option<String>,
    onset_at: DateTime<Utc>,
    detected_at: DateTime<Utc>,
    /// From the start of the procedure to the onset.
    latency_minutes: Option<i64>,
    action_taken: Option<String>,
    outcome: EventOutcome,
    resolved_at: Option<DateTime<Utc>>,
    is_serious: bool,
    serious_reason: Option<String>,
    /// Where it stands on the work list.
    status: EventStatus,
    /// Until when a provider has to review it; null when no review is due.
    review_due_by: Option<DateTime<Utc>>,
    /// Whether the review is late.
    is_overdue: bool,
    reviewed_by: Option<Uuid>,
    reviewed_at: Option<DateTime<Utc>>,
    /// The user.
    reported_by: Uuid,
    /// Its course: the report, every later word and the reviews.
    entries: Vec<AdverseEventEntry>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl AdverseEventBody {
    /// Shows an event as it stands now.
    pub(crate) fn new(read: ListedEvent, now: DateTime<Utc>) -> Self {
        let event = read.event;
        Self {
            latency_minutes: read
                .started_at
                .map(|began| event.latency(began).num_minutes()),
            status: event.status(),
            is_overdue: event.is_overdue(now),
            id: event.id,
            procedure_id: event.procedure_id,
            patient: AdverseEventPatient {
                id: read.person_id,
                name: read.patient_name,
            },
            injection_id: event.injection_id,
            lot_id: event.lot_id,
            event_code: event.event_code,
            grade: event.course.grade,
            causality: event.causality,
            description: event.description,
            onset_at: event.onset_at,
            detected_at: event.detected_at,
            action_taken: event.course.action_taken,
            outcome: event.course.outcome,
            resolved_at: event.course.resolved_at,
            is_serious: event.is_serious,
            serious_reason: event.serious_reason,
            review_due_by: event.review_due_by,
            reviewed_by: event.review.map(|review| review.by),
            reviewed_at: event.review.map(|review| review.at),
            reported_by: event.reported_by,
            entries: read
                .entries
                .into_iter()
                .map(AdverseEventEntry::from)
                .collect(),
            version: event.version,
            created_at: event.created_at,
            updated_at: event.updated_at,
        }
    }

    /// The version of the event.
    pub(crate) const fn version(&self) -> Version {
        self.version
    }

    /// Where the event can be read.
    pub(crate) fn location(&self) -> String {
        format!("/api/v1/adverse-events/{}", self.id)
    }

    fn answer(read: ListedEvent, now: DateTime<Utc>) -> Result<Answer, Problem> {
        let body = Self::new(read, now);
        Ok(Answer::ok(&body)?.version(body.version))
    }
}

fn page(events: Vec<ListedEvent>, size: i64, now: DateTime<Utc>) -> Result<Answer, Problem> {
    let key = |read: &ListedEvent| read.event.id.uuid();
    let body = |read| AdverseEventBody::new(read, now);
    Answer::ok(&Page::of(events, size, key, body))
}

/// Lists the adverse events of a procedure, those reported first before the others.
#[utoipa::path(
    operation_id = "listProcedureAdverseEvents", tag = "procedures", context_path = "/api/v1",
    params(("procedure_id" = ProcedureId, Path, description = "The procedure."), PageParameters),
    responses((status = 200, description = "The events.", body = Page<AdverseEventBody>), Refused<ReadEventError>)
)]
#[get("/procedures/{procedure_id}/adverse-events")]
async fn list_of_procedure(
    permit: Permit<ReadAdverseEvents>,
    id: PathId<ProcedureId>,
    query: Query<PageParameters>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = query.window()?;
    permit
        .transaction(async |transaction| {
            let events = events_of_procedure(transaction, id.0, &window).await?;
            page(events, window.size, transaction.now())
        })
        .await
}

/// Which events; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListAdverseEvents {
    /// Where they stand on the work list.
    #[param(nullable = false, inline)]
    status: Option<EventStatus>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<PatientId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    procedure_id: Option<ProcedureId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    lot_id: Option<LotId>,
    /// Changed at this instant or later.
    #[param(nullable = false, inline)]
    updated_since: Option<Timestamp>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// Where the page begins.
    #[param(nullable = false, inline)]
    cursor: Option<Cursor>,
}

/// The work list of adverse events, those reported first before the others.
///
/// With `status=awaiting_review` it holds every serious event that no provider has looked into.
#[utoipa::path(
    operation_id = "listAdverseEvents", tag = "procedures", context_path = "/api/v1",
    params(ListAdverseEvents),
    responses((status = 200, description = "The events.", body = Page<AdverseEventBody>))
)]
#[get("/adverse-events")]
async fn list_work(
    permit: Permit<ReadAdverseEvents>,
    query: Query<ListAdverseEvents>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = EventFilter {
        status: query.status,
        patient_id: query.patient_id,
        procedure_id: query.procedure_id,
        lot_id: query.lot_id,
        updated_since: query.updated_since.map(|since| since.0),
    };
    permit
        .transaction(async |transaction| {
            let events = list_events(transaction, &filter, &window).await?;
            page(events, window.size, transaction.now())
        })
        .await
}

/// Reads one adverse event with its course.
#[utoipa::path(
    operation_id = "getAdverseEvent", tag = "procedures", context_path = "/api/v1",
    params(("adverse_event_id" = AdverseEventId, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = AdverseEventBody), Refused<ReadEventError>)
)]
#[get("/adverse-events/{adverse_event_id}")]
async fn get_one(
    permit: Permit<ReadAdverseEvents>,
    id: PathId<AdverseEventId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let read = read_event(transaction, id.0).await?;
            AdverseEventBody::answer(read, transaction.now())
        })
        .await
}

/// How bad it is and how it goes now; takes the place of what was said before.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutAdverseEventCourse {
    #[schema(minimum = 1, maximum = 5)]
    grade: i16,
    outcome: EventOutcome,
    /// Goes with an outcome that is over.
    resolved_at: Option<Timestamp>,
    #[schema(min_length = 1, max_length = 1000)]
    action_taken: Option<String>,
    /// Kept in the course of the event.
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

/// Records how an adverse event goes.
///
/// One that becomes serious, or gets worse after its review, is on the work list again.
#[utoipa::path(
    operation_id = "putAdverseEventCourse", tag = "procedures", context_path = "/api/v1",
    request_body = PutAdverseEventCourse,
    params(("adverse_event_id" = AdverseEventId, Path, description = "The event."), IfMatch),
    responses((status = 200, description = "As it is now.", body = AdverseEventBody), Refused<ChangeEventError>)
)]
#[put("/adverse-events/{adverse_event_id}/course")]
async fn put_course(
    permit: Permit<UpdateAdverseEvent>,
    id: PathId<AdverseEventId>,
    if_match: IfMatch,
    body: Json<PutAdverseEventCourse>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let course = Course {
                grade: body.grade,
                outcome: body.outcome,
                resolved_at: body.resolved_at.map(|instant| instant.0),
                action_taken: body.action_taken.clone(),
            };
            let note = body.note.as_deref();
            let read = update_event(transaction, id.0, &if_match, course, note).await?;
            AdverseEventBody::answer(read, transaction.now())
        })
        .await
}

/// What the review found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewAdverseEventBody {
    #[schema(min_length = 1, max_length = 2000)]
    note: String,
}

/// Records that a provider looked into a serious event, and takes it off the work list.
///
/// Nothing is booked for the patient before the last of their events was reviewed.
#[utoipa::path(
    operation_id = "reviewAdverseEvent", tag = "procedures", context_path = "/api/v1",
    request_body = ReviewAdverseEventBody,
    params(("adverse_event_id" = AdverseEventId, Path, description = "The event."), IfMatch),
    responses((status = 200, description = "As it is now.", body = AdverseEventBody), Refused<ChangeEventError>)
)]
#[post("/adverse-events/{adverse_event_id}/review")]
async fn review_one(
    permit: Permit<ReviewAdverseEvent>,
    id: PathId<AdverseEventId>,
    if_match: IfMatch,
    body: Json<ReviewAdverseEventBody>,
) -> Result<Answer, Problem> {
    if body.note.trim().is_empty() {
        return Err(Problem::field("/note", "must not be blank"));
    }
    permit
        .transaction(async |transaction| {
            let read = review_event(transaction, id.0, &if_match, &body.note).await?;
            AdverseEventBody::answer(read, transaction.now())
        })
        .await
}
