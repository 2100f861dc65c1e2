//! Doing, trying and cancelling a follow-up over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::care::adverse_symptom::AdverseSymptom;
use crate::care::close_follow_up::{
    AttemptFollowUp, CancelFollowUp, CloseFollowUpError, CompleteFollowUp, attempt_follow_up,
    cancel_follow_up, complete_follow_up,
};
use crate::care::follow_up::{AttemptResult, FollowUpId};
use crate::care::follow_up_outcome::Outcome;
use crate::care::list_follow_ups::{ListFollowUps, ReadFollowUpError, list_attempts};
use crate::care::list_therapies::ListTherapies;
use crate::care::listed_follow_up::PastAttempt;
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::blank::blank;
use super::follow_up_body::{FollowUpBody, Viewer};

/// Adds what is done with a follow-up.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(complete)
        .service(record_attempt)
        .service(get_attempts)
        .service(list_questions)
        .service(cancel);
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

/// The result of a follow-up.
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

/// Records the result of a follow-up.
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

/// The tries that did not reach the patient, oldest first.
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

/// Cancels a follow-up. An appointment made for it stays booked.
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
