//! Treatment plans and the catalogue of therapies over HTTP.

use actix_web::{get, post, put};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::care::agree_plan::{
    AgreePlan, PlanError, ReadOwnPlan, ReadPlans, agree_plan, read_own_plans, read_plan,
    read_plans, read_versions, revise_plan,
};
use crate::care::list_therapies::ListTherapies;
use crate::care::plan::{Activity, Goal, PlanContent, PlanStatus, TreatmentPlan, TreatmentPlanId};
use crate::care::therapy::{TherapyCategory, TherapyCode};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::blank::blank;

/// Adds the operations on treatment plans.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_therapies)
        .service(get_own_plan)
        .service(list_plans)
        .service(write_plan)
        .service(get_plan)
        .service(rewrite_plan)
        .service(list_versions);
}

/// A therapy that a plan can be made of.
#[derive(Serialize, ToSchema)]
struct TherapyBody {
    code: TherapyCode,
    category: TherapyCategory,
    name: String,
    /// For patients.
    plain_words: String,
    techniques: Vec<String>,
}

/// The catalogue of therapies.
#[utoipa::path(
    operation_id = "listTherapies", tag = "care", context_path = "/api/v1",
    responses((status = 200, description = "The catalogue.", body = Page<TherapyBody>))
)]
#[get("/therapies")]
async fn list_therapies(permit: Permit<ListTherapies>) -> Result<Answer, Problem> {
    let body = |code: &TherapyCode| {
        let therapy = code.therapy();
        TherapyBody {
            code: *code,
            category: therapy.category,
            name: therapy.name.to_owned(),
            plain_words: therapy.plain_words.to_owned(),
            techniques: therapy
                .techniques
                .iter()
                .map(|word| (*word).to_owned())
                .collect(),
        }
    };
    permit
        .transaction(async |_| {
            let items = TherapyCode::ALL.iter().map(body).collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}

/// A treatment plan.
#[derive(Serialize, ToSchema)]
struct TreatmentPlanBody {
    id: TreatmentPlanId,
    patient_id: PatientId,
    status: PlanStatus,
    title: String,
    summary: Option<String>,
    goals: Vec<Goal>,
    activities: Vec<Activity>,
    review_on: Option<NaiveDate>,
    written_by: Uuid,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<TreatmentPlan> for TreatmentPlanBody {
    fn from(plan: TreatmentPlan) -> Self {
        let content = plan.content;
        Self {
            id: plan.id,
            patient_id: plan.person_id,
            status: plan.status,
            title: content.title,
            summary: content.summary,
            goals: content.goals,
            activities: content.activities,
            review_on: content.review_on,
            written_by: plan.written_by,
            version: plan.version,
            updated_at: plan.written_at,
        }
    }
}

/// What a plan is to say from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WriteTreatmentPlanBody {
    status: PlanStatus,
    #[schema(min_length = 1, max_length = 200, example = "Neck and migraine plan")]
    title: String,
    /// In words the patient may read.
    #[schema(min_length = 1, max_length = 4000)]
    summary: Option<String>,
    #[schema(max_items = 20)]
    goals: Vec<Goal>,
    #[schema(max_items = 40)]
    activities: Vec<Activity>,
    /// When the whole plan is looked at again.
    review_on: Option<NaiveDate>,
}

impl WriteTreatmentPlanBody {
    fn parsed(self) -> Result<(PlanStatus, PlanContent), Problem> {
        let mut errors: Vec<FieldError> = Vec::new();
        blank("/title", Some(&self.title), &mut errors);
        blank("/summary", self.summary.as_deref(), &mut errors);
        for (index, goal) in self.goals.iter().enumerate() {
            for (field, text) in [
                ("text", &goal.text),
                ("measure", &goal.measure),
                ("target", &goal.target),
            ] {
                blank(&format!("/goals/{index}/{field}"), Some(text), &mut errors);
            }
        }
        for (index, activity) in self.activities.iter().enumerate() {
            let pointer = format!("/activities/{index}/frequency");
            blank(&pointer, Some(&activity.frequency), &mut errors);
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let content = PlanContent {
            title: self.title,
            summary: self.summary,
            goals: self.goals,
            activities: self.activities,
            review_on: self.review_on,
        };
        Ok((self.status, content))
    }
}

/// Which part of a list is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListPlansQuery {
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// The plans of a patient as they are now, the latest first.
#[utoipa::path(
    operation_id = "listTreatmentPlans", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListPlansQuery),
    responses((status = 200, description = "Plans.", body = Page<TreatmentPlanBody>))
)]
#[get("/patients/{patient_id}/treatment-plans")]
async fn list_plans(
    permit: Permit<ReadPlans>,
    patient_id: PathId<PatientId>,
    query: Query<ListPlansQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let plans = read_plans(transaction, patient_id.0, &window).await?;
            let key = |plan: &TreatmentPlan| plan.id.uuid();
            Answer::ok(&Page::of(plans, window.size, key, TreatmentPlanBody::from))
        })
        .await
}

/// Writes a plan. A patient has one active plan at a time.
#[utoipa::path(
    operation_id = "writeTreatmentPlan", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = WriteTreatmentPlanBody,
    responses((status = 201, description = "Written.", body = TreatmentPlanBody), Refused<PlanError>)
)]
#[post("/patients/{patient_id}/treatment-plans")]
async fn write_plan(
    permit: Permit<AgreePlan>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<WriteTreatmentPlanBody>,
) -> Result<Answer, Problem> {
    let fingerprint = body.fingerprint();
    let (status, content) = body.into_inner().parsed()?;
    permit
        .once(&once, fingerprint, async |transaction| {
            let plan = agree_plan(transaction, patient_id.0, (status, &content)).await?;
            let (location, version) =
                (format!("/api/v1/treatment-plans/{}", plan.id), plan.version);
            Ok(Answer::created(&TreatmentPlanBody::from(plan), location)?.version(version))
        })
        .await
}

/// Reads a plan as it is now.
#[utoipa::path(
    operation_id = "getTreatmentPlan", tag = "care", context_path = "/api/v1",
    params(("treatment_plan_id" = TreatmentPlanId, Path, description = "The plan.")),
    responses((status = 200, description = "The plan.", body = TreatmentPlanBody))
)]
#[get("/treatment-plans/{treatment_plan_id}")]
async fn get_plan(
    permit: Permit<ReadPlans>,
    id: PathId<TreatmentPlanId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let plan = read_plan(transaction, id.0).await?;
            let version = plan.version;
            Ok(Answer::ok(&TreatmentPlanBody::from(plan))?.version(version))
        })
        .await
}

/// Writes the next version of a plan that is not completed or revoked.
#[utoipa::path(
    operation_id = "rewriteTreatmentPlan", tag = "care", context_path = "/api/v1",
    params(("treatment_plan_id" = TreatmentPlanId, Path, description = "The plan."), IfMatch),
    request_body = WriteTreatmentPlanBody,
    responses((status = 200, description = "As it is now.", body = TreatmentPlanBody), Refused<PlanError>)
)]
#[put("/treatment-plans/{treatment_plan_id}")]
async fn rewrite_plan(
    permit: Permit<AgreePlan>,
    id: PathId<TreatmentPlanId>,
    if_match: IfMatch,
    body: Json<WriteTreatmentPlanBody>,
) -> Result<Answer, Problem> {
    let (status, content) = body.into_inner().parsed()?;
    permit
        .transaction(async |transaction| {
            let plan = revise_plan(transaction, id.0, &if_match, (status, &content)).await?;
            let version = plan.version;
            Ok(Answer::ok(&TreatmentPlanBody::from(plan))?.version(version))
        })
        .await
}

/// Every version of a plan, the latest first: what was agreed when.
#[utoipa::path(
    operation_id = "listTreatmentPlanVersions", tag = "care", context_path = "/api/v1",
    params(("treatment_plan_id" = TreatmentPlanId, Path, description = "The plan."), ListPlansQuery),
    responses((status = 200, description = "Versions.", body = Page<TreatmentPlanBody>))
)]
#[get("/treatment-plans/{treatment_plan_id}/versions")]
async fn list_versions(
    permit: Permit<ReadPlans>,
    id: PathId<TreatmentPlanId>,
    query: Query<ListPlansQuery>,
) -> Result<Answer, Problem> {
    let window: Window<i64> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let versions = read_versions(transaction, id.0, &window).await?;
            let key = |plan: &TreatmentPlan| plan.version;
            Answer::ok(&Page::of(
                versions,
                window.size,
                key,
                TreatmentPlanBody::from,
            ))
        })
        .await
}

/// The active plans of the patients one is or stands for: one each, usually one in all.
#[utoipa::path(
    operation_id = "getOwnTreatmentPlan", tag = "care", context_path = "/api/v1",
    responses((status = 200, description = "One's own active plans.", body = Page<TreatmentPlanBody>))
)]
#[get("/me/treatment-plan")]
async fn get_own_plan(permit: Permit<ReadOwnPlan>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let plans = read_own_plans(transaction).await?;
            let items = plans.into_iter().map(TreatmentPlanBody::from).collect();
            Answer::ok(&Page {
                items,
                next_cursor: None,
            })
        })
        .await
}
