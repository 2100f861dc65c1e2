//! Assessments over HTTP.

use actix_web::{get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::care::assessment::{Assessment, AssessmentKey};
use crate::care::enter_assessment::{
    EnterAssessment, EnterAssessmentError, Given, NewAssessment, enter_assessment,
};
use crate::care::instrument::{AssessmentId, Instrument};
use crate::care::read_assessments::{
    ReadAssessments, ReadAssessmentsError, read_assessment, read_assessments,
};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};

/// Adds the operations on assessments.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_assessments)
        .service(post_assessment)
        .service(get_assessment);
}

/// A questionnaire answered by a patient.
#[derive(Serialize, ToSchema)]
struct AssessmentBody {
    id: AssessmentId,
    patient_id: PatientId,
    instrument: Instrument,
    taken_on: NaiveDate,
    /// The answers in order; null where only the score is known.
    answers: Option<Vec<Option<i16>>>,
    /// In the unit that `scale_id` names; that of the neck disability index is percent.
    score: ExactDecimal,
    /// The points behind a score in percent: for the neck disability index those of the answers, or
    /// the raw total of 0 to 50 that was entered. Null where the score is the total.
    raw_total: Option<ExactDecimal>,
    /// What the score means, where the instrument has bands.
    #[schema(example = "grade_3")]
    band: Option<String>,
    /// Which version and direction of the scale the score is on.
    scale_id: String,
    /// The smallest difference that matters, where one is known.
    minimal_important_change: Option<ExactDecimal>,
    /// Whether the wording may be shown without a licence of one's own.
    embed_allowed: bool,
    licence_note: String,
    entered_by: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Assessment> for AssessmentBody {
    fn from(assessment: Assessment) -> Self {
        let instrument = assessment.instrument;
        let raw_total = instrument.raw_total(assessment.score, assessment.answers.as_deref());
        Self {
            id: assessment.id,
            patient_id: assessment.person_id,
            instrument,
            taken_on: assessment.taken_on,
            answers: assessment.answers,
            score: ExactDecimal(assessment.score),
            raw_total: raw_total.map(ExactDecimal),
            band: assessment.band,
            scale_id: assessment.scale_id,
            minimal_important_change: instrument.minimal_important_change().map(ExactDecimal),
            embed_allowed: instrument.embed_allowed(),
            licence_note: instrument.licence_note().to_owned(),
            entered_by: assessment.entered_by,
            created_at: assessment.created_at,
            updated_at: assessment.created_at,
        }
    }
}

/// A questionnaire as it is entered: its answers, or its score alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnterAssessmentBody {
    instrument: Instrument,
    /// One number for each item, in order; null where it was left out.
    #[schema(max_items = 16, example = json!([4, 2, 2, 2, 1]))]
    answers: Option<Vec<Option<i64>>>,
    /// The total where the answers are not known: NRS 0 to 10, PGIC 1 to 7, MIDAS days 0 to 276,
    /// HIT-6 36 to 78, NDI the raw total of its ten items 0 to 50 (not percent), PSEQ 0 to 60, TTS 0
    /// to 48; PROMIS pain interference its T-score.
    score: Option<ExactDecimal>,
    /// Today where it is left out.
    taken_on: Option<NaiveDate>,
}

impl EnterAssessmentBody {
    fn command(self) -> Result<NewAssessment, Problem> {
        let given = match (self.answers, self.score) {
            (Some(answers), None) => Given::Answers(answers),
            (None, Some(score)) => Given::Score(score.0),
            (None, None) => {
                return Err(Problem::field(
                    "/answers",
                    "is required where there is no score",
                ));
            }
            (Some(_), Some(_)) => {
                let fault = "is worked out from the answers";
                return Err(Problem::invalid(vec![FieldError::new("/score", fault)]));
            }
        };
        Ok(NewAssessment {
            instrument: self.instrument,
            given,
            taken_on: self.taken_on,
        })
    }
}

/// Which assessments are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListAssessmentsQuery {
    #[param(inline, nullable = false)]
    instrument: Option<Instrument>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// A patient's scores, the latest first.
#[utoipa::path(
    operation_id = "listAssessments", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListAssessmentsQuery),
    responses((status = 200, description = "Scores.", body = Page<AssessmentBody>), Refused<ReadAssessmentsError>)
)]
#[get("/patients/{patient_id}/assessments")]
async fn list_assessments(
    permit: Permit<ReadAssessments>,
    patient_id: PathId<PatientId>,
    query: Query<ListAssessmentsQuery>,
) -> Result<Answer, Problem> {
    let window: Window<AssessmentKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let instrument = query.instrument;
            let found = read_assessments(transaction, patient_id.0, instrument, &window).await?;
            let key = |one: &Assessment| (one.taken_on, one.id.uuid());
            Answer::ok(&Page::of(found, window.size, key, AssessmentBody::from))
        })
        .await
}

/// Reads one assessment.
#[utoipa::path(
    operation_id = "getAssessment", tag = "care", context_path = "/api/v1",
    params(("assessment_id" = AssessmentId, Path, description = "The assessment.")),
    responses((status = 200, description = "The assessment.", body = AssessmentBody), Refused<ReadAssessmentsError>)
)]
#[get("/assessments/{assessment_id}")]
async fn get_assessment(
    permit: Permit<ReadAssessments>,
    id: PathId<AssessmentId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let found = read_assessment(transaction, id.0).await?;
            Answer::ok(&AssessmentBody::from(found))
        })
        .await
}

/// Enters the answers to a questionnaire, or its score alone.
#[utoipa::path(
    operation_id = "enterAssessment", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = EnterAssessmentBody,
    responses((status = 201, description = "Entered.", body = AssessmentBody), Refused<EnterAssessmentError>)
)]
#[post("/patients/{patient_id}/assessments")]
async fn post_assessment(
    permit: Permit<EnterAssessment>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<EnterAssessmentBody>,
) -> Result<Answer, Problem> {
    let fingerprint = body.fingerprint();
    let command = body.into_inner().command()?;
    permit
        .once(&once, fingerprint, async |transaction| {
            let entered = enter_assessment(transaction, patient_id.0, &command).await?;
            let location = format!("/api/v1/assessments/{}", entered.id);
            Answer::created(&AssessmentBody::from(entered), location)
        })
        .await
}
