//! Follow-ups over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::care::book_follow_up::{
    BookFollowUp, BookFollowUpError, FollowUpAppointment, book_follow_up,
};
use crate::care::close_follow_up::{
    AttemptFollowUp, CancelFollowUp, CloseFollowUpError, CompleteFollowUp, attempt_follow_up,
    cancel_follow_up, complete_follow_up,
};
use crate::care::create_follow_up::{
    CreateFollowUp, CreateFollowUpError, NewFollowUp, create_follow_up,
};
use crate::care::follow_up::{
    AdverseSymptom, AttemptResult, FollowUpId, FollowUpKind, FollowUpStatus, LinkedAppointment,
    Outcome,
};
use crate::care::list_follow_ups::{
    FollowUpFilter, FollowUpKey, ListFollowUps, ListedFollowUp, PastAttempt, ReadFollowUp,
    ReadFollowUpError, ReadOwnFollowUps, list_attempts, list_follow_ups, read_follow_up,
    reads_outcomes, shown_in,
};
use crate::care::list_therapies::ListTherapies;
use crate::care::protocol::DueWindow;
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};
use crate::scheduling::OverrideBody;

/// Adds the operations on follow-ups.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_work)
        .service(list_own)
        .service(get_follow_up)
        .service(ask_for_follow_up)
        .service(book_appointment)
        .service(complete)
        .service(record_attempt)
        .service(get_attempts)
        .service(list_questions)
        .service(cancel);
}

/// Whom a follow-up is for.
#[derive(Serialize, ToSchema)]
struct FollowUpPatient {
    id: PatientId,
    name: String,
    phone: Option<String>,
}

/// The appointment made for a follow-up.
#[derive(Serialize, ToSchema)]
struct FollowUpAppointmentBody {
    id: Uuid,
    #[schema(example = "booked")]
    status: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    time_zone: String,
}

impl From<&LinkedAppointment> for FollowUpAppointmentBody {
    fn from(appointment: &LinkedAppointment) -> Self {
        Self {
            id: appointment.id,
            status: appointment.status.clone(),
            starts_at: to_zone_rfc3339(appointment.starts_at, appointment.zone),
            time_zone: appointment.zone.name().to_owned(),
        }
    }
}

/// A follow-up.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowUpBody {
    id: FollowUpId,
    patient: FollowUpPatient,
    kind: FollowUpKind,
    /// What for, in words the patient may read.
    reason: String,
    /// Follows from the window, the appointment and the present instant.
    status: FollowUpStatus,
    /// Raised by a red flag: before everything else.
    urgent: bool,
    #[schema(value_type = String, format = DateTime)]
    due_from: String,
    /// Overdue from then on.
    #[schema(value_type = String, format = DateTime)]
    due_by: String,
    time_zone: String,
    procedure_id: Option<Uuid>,
    protocol_step: Option<String>,
    appointment_id: Option<Uuid>,
    appointment: Option<FollowUpAppointmentBody>,
    /// The follow-up at which the red flag was told.
    raised_by: Option<FollowUpId>,
    /// How often one has tried in vain to reach the patient.
    attempt_count: i16,
    last_attempt_at: Option<DateTime<Utc>>,
    /// What came of it; null while nobody has written it. Not for the front desk.
    outcome: Option<String>,
    /// The questions of the screen that were answered; null where nobody was screened. Not for the
    /// front desk.
    symptoms_asked: Option<Vec<AdverseSymptom>>,
    /// What the patient reported; not for the front desk.
    adverse_symptoms: Vec<AdverseSymptom>,
    /// Not for the front desk.
    relief_percent: Option<i16>,
    /// Not for the front desk.
    next_step: Option<String>,
    cancel_reason: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Who looks at a follow-up, when, and in which zone.
pub(super) struct Viewer {
    zone: Tz,
    now: DateTime<Utc>,
    reads_outcomes: bool,
}

impl Viewer {
    pub(super) async fn of(transaction: &OpenTransaction<'_>) -> Result<Self, Problem> {
        Ok(Self {
            zone: shown_in(transaction).await?,
            now: transaction.now(),
            reads_outcomes: reads_outcomes(transaction.principal().role),
        })
    }

    pub(super) fn body(&self, listed: ListedFollowUp) -> FollowUpBody {
        let ListedFollowUp { follow_up, person } = listed;
        let status = follow_up.status(self.now);
        let outcome = if self.reads_outcomes {
            follow_up.outcome
        } else {
            Outcome::default()
        };
        FollowUpBody {
            id: follow_up.id,
            patient: FollowUpPatient {
                id: person.id,
                name: person.name,
                phone: person.phone,
            },
            kind: follow_up.kind,
            reason: follow_up.reason,
            status,
            urgent: follow_up.urgent,
            due_from: to_zone_rfc3339(follow_up.window.due_from, self.zone),
            due_by: to_zone_rfc3339(follow_up.window.due_by, self.zone),
            time_zone: self.zone.name().to_owned(),
            procedure_id: follow_up.origin.procedure_id,
            protocol_step: follow_up.origin.protocol_step,
            appointment_id: follow_up
                .appointment
                .as_ref()
                .map(|appointment| appointment.id),
            appointment: follow_up
                .appointment
                .as_ref()
                .map(FollowUpAppointmentBody::from),
            raised_by: follow_up.origin.raised_by,
            attempt_count: follow_up.attempts.count,
            last_attempt_at: follow_up.attempts.last_at,
            outcome: outcome.text,
            symptoms_asked: outcome.symptoms_asked,
            adverse_symptoms: outcome.adverse_symptoms,
            relief_percent: outcome.relief_percent,
            next_step: outcome.next_step,
            cancel_reason: follow_up.cancel_reason,
            closed_at: follow_up.closed_at,
            version: follow_up.version,
            created_at: follow_up.created_at,
            updated_at: follow_up.updated_at,
        }
    }

    fn answer(&self, listed: ListedFollowUp) -> Result<Answer, Problem> {
        let version = listed.follow_up.version;
        Ok(Answer::ok(&self.body(listed))?.version(version))
    }
}

/// Which follow-ups are wanted; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListFollowUpsQuery {
    /// Where they stand now.
    #[param(inline, nullable = false)]
    status: Option<FollowUpStatus>,
    #[param(inline, nullable = false)]
    kind: Option<FollowUpKind>,
    /// Raised by a red flag: to be called before all others.
    #[param(nullable = false)]
    urgent: Option<bool>,
    /// Windows that are still open after this.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Windows that open before this.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<Uuid>,
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

impl ListFollowUpsQuery {
    fn filter(&self) -> FollowUpFilter {
        FollowUpFilter {
            status: self.status,
            kind: self.kind,
            urgent: self.urgent,
            from: self.from.map(|instant| instant.0),
            to: self.to.map(|instant| instant.0),
            patient_ids: self.patient_id.map(|id| vec![id]),
            procedure_id: None,
            updated_since: self.updated_since.map(|instant| instant.0),
        }
    }
}

async fn page(
    transaction: &OpenTransaction<'_>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Result<Answer, Problem> {
    let listed = async { Ok(list_follow_ups(transaction, filter, window).await?) };
    let (listed, viewer) = pipelined!(listed, Viewer::of(transaction))?;
    let key = |listed: &ListedFollowUp| -> FollowUpKey {
        (listed.follow_up.window.due_by, listed.follow_up.id.uuid())
    };
    Answer::ok(&Page::of(listed, window.size, key, |listed| {
        viewer.body(listed)
    }))
}

/// The work list of follow-ups, by the end of their windows.
///
/// The front desk sees whom to call about what, without what was said.
#[utoipa::path(
    operation_id = "listFollowUps", tag = "care", context_path = "/api/v1",
    params(ListFollowUpsQuery),
    responses((status = 200, description = "Follow-ups that fit.", body = Page<FollowUpBody>))
)]
#[get("/follow-ups")]
async fn list_work(
    permit: Permit<ListFollowUps>,
    query: Query<ListFollowUpsQuery>,
) -> Result<Answer, Problem> {
    let window = Window::new(query.limit, query.cursor.as_ref())?;
    let filter = query.filter();
    permit
        .transaction(async |transaction| page(transaction, &filter, &window).await)
        .await
}

/// Which of one's own follow-ups are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListOwnFollowUpsQuery {
    /// Where they stand now.
    #[param(inline, nullable = false)]
    status: Option<FollowUpStatus>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The follow-ups of the patients one is or stands for.
#[utoipa::path(
    operation_id = "listOwnFollowUps", tag = "care", context_path = "/api/v1",
    params(ListOwnFollowUpsQuery),
    responses((status = 200, description = "One's own follow-ups.", body = Page<FollowUpBody>))
)]
#[get("/me/follow-ups")]
async fn list_own(
    permit: Permit<ReadOwnFollowUps>,
    query: Query<ListOwnFollowUpsQuery>,
) -> Result<Answer, Problem> {
    let window = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let filter = FollowUpFilter {
                status: query.status,
                patient_ids: Some(transaction.principal().patient_ids.clone()),
                ..FollowUpFilter::default()
            };
            page(transaction, &filter, &window).await
        })
        .await
}

/// Reads one follow-up.
#[utoipa::path(
    operation_id = "getFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up.")),
    responses((status = 200, description = "The follow-up.", body = FollowUpBody), Refused<ReadFollowUpError>)
)]
#[get("/follow-ups/{follow_up_id}")]
async fn get_follow_up(
    permit: Permit<ReadFollowUp>,
    id: PathId<FollowUpId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let listed = async { Ok(read_follow_up(transaction, id.0).await?) };
            let (listed, viewer) = pipelined!(listed, Viewer::of(transaction))?;
            viewer.answer(listed)
        })
        .await
}

/// What a patient is to be owed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateFollowUpBody {
    kind: FollowUpKind,
    /// When it can be done.
    due_from: Timestamp,
    /// When it is overdue.
    due_by: Timestamp,
    /// What for, in words the patient may read.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// The procedure it follows.
    procedure_id: Option<Uuid>,
}

/// Puts a follow-up on the list, beside those that protocols bring.
#[utoipa::path(
    operation_id = "createFollowUp", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = CreateFollowUpBody,
    responses((status = 201, description = "On the list.", body = FollowUpBody), Refused<CreateFollowUpError>)
)]
#[post("/patients/{patient_id}/follow-ups")]
async fn ask_for_follow_up(
    permit: Permit<CreateFollowUp>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<CreateFollowUpBody>,
) -> Result<Answer, Problem> {
    let command = NewFollowUp {
        kind: body.kind,
        reason: body.reason.clone(),
        window: DueWindow {
            due_from: body.due_from.0,
            due_by: body.due_by.0,
        },
        procedure_id: body.procedure_id,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let listed = create_follow_up(transaction, patient_id.0, &command).await?;
            let (id, version) = (listed.follow_up.id, listed.follow_up.version);
            let body = Viewer::of(transaction).await?.body(listed);
            Ok(Answer::created(&body, format!("/api/v1/follow-ups/{id}"))?.version(version))
        })
        .await
}

/// When, where and with whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookFollowUpBody {
    starts_at: Timestamp,
    provider_id: ProviderId,
    location_id: LocationId,
    /// Without it: the type called follow-up, else the shortest that is not for new patients.
    appointment_type_id: Option<AppointmentTypeId>,
    /// Staff book against hours, grid and times, and before a review; never what is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

/// Books the appointment of a follow-up, by the rules of every booking.
#[utoipa::path(
    operation_id = "bookFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), Once, IfMatch),
    request_body = BookFollowUpBody,
    responses((status = 200, description = "Booked.", body = FollowUpBody), Refused<BookFollowUpError>)
)]
#[post("/follow-ups/{follow_up_id}/book")]
async fn book_appointment(
    permit: Permit<BookFollowUp>,
    id: PathId<FollowUpId>,
    once: Once,
    if_match: IfMatch,
    body: Json<BookFollowUpBody>,
) -> Result<Answer, Problem> {
    let wanted = FollowUpAppointment {
        starts_at: body.starts_at.0,
        provider_id: body.provider_id,
        location_id: body.location_id,
        appointment_type_id: body.appointment_type_id,
        override_reason: OverrideBody::reason_of(body.overriding.as_ref())?,
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let listed = book_follow_up(transaction, id.0, &if_match, &wanted).await?;
            Viewer::of(transaction).await?.answer(listed)
        })
        .await
}

/// Every question of the screen for adverse events, and whether the patient said yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdverseEventScreen)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is the answer to a question, and none may be left out"
)]
struct ScreenBody {
    chest_pain: bool,
    breathlessness: bool,
    fever: bool,
    weakness: bool,
    spreading_redness: bool,
    soreness: bool,
    bruising: bool,
    bleeding: bool,
    dizziness: bool,
    worse_headache: bool,
    other: bool,
}

impl ScreenBody {
    const fn says_yes(&self, symptom: AdverseSymptom) -> bool {
        match symptom {
            AdverseSymptom::ChestPain => self.chest_pain,
            AdverseSymptom::Breathlessness => self.breathlessness,
            AdverseSymptom::Fever => self.fever,
            AdverseSymptom::Weakness => self.weakness,
            AdverseSymptom::SpreadingRedness => self.spreading_redness,
            AdverseSymptom::Soreness => self.soreness,
            AdverseSymptom::Bruising => self.bruising,
            AdverseSymptom::Bleeding => self.bleeding,
            AdverseSymptom::Dizziness => self.dizziness,
            AdverseSymptom::WorseHeadache => self.worse_headache,
            AdverseSymptom::Other => self.other,
        }
    }

    fn reported(&self) -> Vec<AdverseSymptom> {
        let asked = AdverseSymptom::ALL.iter().copied();
        asked.filter(|symptom| self.says_yes(*symptom)).collect()
    }
}

/// What came of a follow-up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CompleteFollowUpBody {
    #[schema(min_length = 1, max_length = 2000)]
    outcome: String,
    /// What the patient said to each question; required of a call. A red flag raises an urgent one.
    #[schema(nullable = false)]
    adverse_event_screen: Option<ScreenBody>,
    /// Negative when worse; required of a call.
    #[schema(minimum = -100, maximum = 100)]
    relief_percent: Option<i16>,
    /// Required of a call.
    #[schema(min_length = 1, max_length = 1000)]
    next_step: Option<String>,
}

impl CompleteFollowUpBody {
    fn outcome(&self) -> Result<Outcome, Problem> {
        let mut errors = Vec::new();
        blank("/outcome", Some(&self.outcome), &mut errors);
        blank("/next_step", self.next_step.as_deref(), &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let screen = self.adverse_event_screen.as_ref();
        Ok(Outcome {
            text: Some(self.outcome.clone()),
            symptoms_asked: screen.map(|_| AdverseSymptom::ALL.to_vec()),
            adverse_symptoms: screen.map(ScreenBody::reported).unwrap_or_default(),
            relief_percent: self.relief_percent,
            next_step: self.next_step.clone(),
        })
    }
}

/// Names a text that says nothing.
pub(super) fn blank(pointer: &str, text: Option<&str>, errors: &mut Vec<FieldError>) {
    if text.is_some_and(|text| text.trim().is_empty()) {
        errors.push(FieldError::new(pointer, "must not be blank"));
    }
}

/// Records what came of a follow-up.
///
/// A call asks every question of the screen for adverse events. Chest pain, breathlessness, fever,
/// weakness or spreading redness put an urgent call on the list.
#[utoipa::path(
    operation_id = "completeFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), IfMatch),
    request_body = CompleteFollowUpBody,
    responses((status = 200, description = "Done.", body = FollowUpBody), Refused<CloseFollowUpError>)
)]
#[post("/follow-ups/{follow_up_id}/complete")]
async fn complete(
    permit: Permit<CompleteFollowUp>,
    id: PathId<FollowUpId>,
    if_match: IfMatch,
    body: Json<CompleteFollowUpBody>,
) -> Result<Answer, Problem> {
    let outcome = body.outcome()?;
    permit
        .transaction(async |transaction| {
            let outcome = outcome.clone();
            let listed = complete_follow_up(transaction, id.0, &if_match, outcome).await?;
            Viewer::of(transaction).await?.answer(listed)
        })
        .await
}

/// Why the patient was not reached.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AttemptFollowUpBody {
    result: AttemptResult,
}

/// Records a try that did not reach the patient: it is counted, and the follow-up stays due.
#[utoipa::path(
    operation_id = "attemptFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), IfMatch),
    request_body = AttemptFollowUpBody,
    responses((status = 200, description = "Counted.", body = FollowUpBody), Refused<CloseFollowUpError>)
)]
#[post("/follow-ups/{follow_up_id}/attempt")]
async fn record_attempt(
    permit: Permit<AttemptFollowUp>,
    id: PathId<FollowUpId>,
    if_match: IfMatch,
    body: Json<AttemptFollowUpBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let listed = attempt_follow_up(transaction, id.0, &if_match, body.result).await?;
            Viewer::of(transaction).await?.answer(listed)
        })
        .await
}

/// A try that did not reach the patient.
#[derive(Serialize, ToSchema)]
struct FollowUpAttemptBody {
    id: Uuid,
    result: AttemptResult,
    attempted_by: Uuid,
    attempted_at: DateTime<Utc>,
}

impl From<PastAttempt> for FollowUpAttemptBody {
    fn from(attempt: PastAttempt) -> Self {
        Self {
            id: attempt.id,
            result: attempt.result,
            attempted_by: attempt.attempted_by,
            attempted_at: attempt.attempted_at,
        }
    }
}

/// Which part of the tries is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListAttemptsQuery {
    /// The `next_cursor` of the page before.
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The tries in vain to reach the patient about a follow-up, oldest first.
#[utoipa::path(
    operation_id = "listFollowUpAttempts", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), ListAttemptsQuery),
    responses(
        (status = 200, description = "Tries.", body = Page<FollowUpAttemptBody>),
        Refused<ReadFollowUpError>,
    )
)]
#[get("/follow-ups/{follow_up_id}/attempts")]
async fn get_attempts(
    permit: Permit<ListFollowUps>,
    id: PathId<FollowUpId>,
    query: Query<ListAttemptsQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let attempts = list_attempts(transaction, id.0, &window).await?;
            let key = |attempt: &PastAttempt| attempt.id;
            Answer::ok(&Page::of(
                attempts,
                window.size,
                key,
                FollowUpAttemptBody::from,
            ))
        })
        .await
}

/// A question of the screen for adverse events.
#[derive(Serialize, ToSchema)]
struct AdverseEventQuestion {
    code: AdverseSymptom,
    /// As it is asked.
    question: String,
    /// A yes raises an urgent call.
    red_flag: bool,
}

/// The questions that every call asks.
#[utoipa::path(
    operation_id = "listAdverseEventQuestions", tag = "care", context_path = "/api/v1",
    responses((status = 200, description = "The questions.", body = Page<AdverseEventQuestion>))
)]
#[get("/adverse-event-questions")]
async fn list_questions(permit: Permit<ListTherapies>) -> Result<Answer, Problem> {
    let question = |code: &AdverseSymptom| AdverseEventQuestion {
        code: *code,
        question: code.question().to_owned(),
        red_flag: code.is_red_flag(),
    };
    permit
        .transaction(async |_| {
            Answer::ok(&Page {
                items: AdverseSymptom::ALL.iter().map(question).collect(),
                next_cursor: None,
            })
        })
        .await
}

/// Why a follow-up is not needed any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelFollowUpBody {
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Takes a follow-up off the list. An appointment made for it stands.
#[utoipa::path(
    operation_id = "cancelFollowUp", tag = "care", context_path = "/api/v1",
    params(("follow_up_id" = FollowUpId, Path, description = "The follow-up."), IfMatch),
    request_body = CancelFollowUpBody,
    responses((status = 200, description = "Cancelled.", body = FollowUpBody), Refused<CloseFollowUpError>)
)]
#[post("/follow-ups/{follow_up_id}/cancel")]
async fn cancel(
    permit: Permit<CancelFollowUp>,
    id: PathId<FollowUpId>,
    if_match: IfMatch,
    body: Json<CancelFollowUpBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    blank("/reason", Some(&body.reason), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    permit
        .transaction(async |transaction| {
            let listed = cancel_follow_up(transaction, id.0, &if_match, &body.reason).await?;
            Viewer::of(transaction).await?.answer(listed)
        })
        .await
}
