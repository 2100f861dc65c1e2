//! Agreeing on a treatment plan, changing it, and reading it as it is or was.

use crate::patients::{PatientId, lock_person, person_id, person_of};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::local_time::local_date;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Member, Problem, ProblemType, Refusal, Shape};
use crate::practice::{practice_name, practice_zone};

use super::plan::{PlanClosed, PlanContent, PlanStatus, TreatmentPlan, TreatmentPlanId};
use super::plan_sheet::SheetHead;
use super::store;

action!(
    /// Reading a patient's treatment plans.
    ReadPlans, "treatment_plans.read", record, [Provider, Assistant, Patient]
);
action!(
    /// A patient reading the plan that is in force for them.
    ReadOwnPlan, "treatment_plans.read_own", record, [Patient]
);
action!(
    /// Agreeing on a treatment plan or changing it.
    AgreePlan, "treatment_plans.agree", record, [Provider, Assistant]
);

/// Why a plan was not read, agreed on or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error("no such patient or plan")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Closed(#[from] PlanClosed),
    #[error("the patient has another active plan")]
    OtherActive,
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for PlanError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("treatment_plans_one_active") {
            Self::OtherActive
        } else {
            Self::Database(error)
        }
    }
}

static PLAN_CLOSED: ProblemType =
    ProblemType::new("plan-closed", 409, "The plan is completed or revoked").with(&[Member::new(
        "current_status",
        Shape::Text,
        "The status of the plan.",
    )]);
static PLAN_ACTIVE: ProblemType =
    ProblemType::new("plan-active", 409, "The patient has another active plan");

impl Refusal for PlanError {
    const TYPES: &'static [&'static ProblemType] = &[&PLAN_CLOSED, &PLAN_ACTIVE];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::Closed(closed) => {
                Problem::new(&PLAN_CLOSED).member("current_status", closed.0.as_str())
            }
            Self::OtherActive => {
                Problem::new(&PLAN_ACTIVE).detail("Complete or revoke the active plan first.")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// The plans of a patient as they are now, the latest first.
pub(crate) async fn read_plans(
    transaction: &Transaction<'_, ReadPlans>,
    patient_id: PatientId,
    window: &Window<uuid::Uuid>,
) -> Result<Vec<TreatmentPlan>, PlanError> {
    if person_id(transaction, patient_id).await?.is_none() {
        return Err(PlanError::NotFound);
    }
    let plans = store::plans::list(transaction, patient_id, window).await?;
    touch_all(transaction, &plans);
    Ok(plans)
}

/// One plan as it is now.
pub(crate) async fn read_plan(
    transaction: &Transaction<'_, ReadPlans>,
    id: TreatmentPlanId,
) -> Result<TreatmentPlan, PlanError> {
    let plan = store::plans::find(transaction, id)
        .await?
        .ok_or(PlanError::NotFound)?;
    transaction.touch("treatment_plan", id, plan.patient_id);
    Ok(plan)
}

/// Every version of a plan, the latest first.
pub(crate) async fn read_versions(
    transaction: &Transaction<'_, ReadPlans>,
    id: TreatmentPlanId,
    window: &Window<i64>,
) -> Result<Vec<TreatmentPlan>, PlanError> {
    let versions = store::plans::versions(transaction, id, window).await?;
    if versions.is_empty() && store::plans::find(transaction, id).await?.is_none() {
        return Err(PlanError::NotFound);
    }
    touch_all(transaction, &versions);
    Ok(versions)
}

/// A plan with the head of its printed sheet, as it is now or as it was at a version.
pub(crate) async fn read_sheet(
    transaction: &Transaction<'_, ReadPlans>,
    id: TreatmentPlanId,
    version: Option<i64>,
) -> Result<(TreatmentPlan, SheetHead), PlanError> {
    let plan = match version {
        Some(version) => store::plans::at_version(transaction, id, version).await?,
        None => store::plans::find(transaction, id).await?,
    };
    let plan = plan.ok_or(PlanError::NotFound)?;
    let (person, practice_name, zone) = pipelined!(
        person_of(transaction, plan.patient_id),
        practice_name(transaction),
        practice_zone(transaction),
    )?;
    let head = SheetHead {
        patient_name: person.ok_or(PlanError::NotFound)?.name(),
        practice_name,
        written_on: local_date(zone.0, plan.written_at),
    };
    transaction.touch("treatment_plan", id, plan.patient_id);
    Ok((plan, head))
}

/// The active plans of the patients that the caller is or stands for.
pub(crate) async fn read_own_plans(
    transaction: &Transaction<'_, ReadOwnPlan>,
) -> Result<Vec<TreatmentPlan>, PlanError> {
    let patient_ids = &transaction.principal().patient_ids;
    let plans = store::plans::active_of(transaction, patient_ids).await?;
    touch_all(transaction, &plans);
    Ok(plans)
}

/// Writes the first version of a plan.
pub(crate) async fn agree_plan(
    transaction: &Transaction<'_, AgreePlan>,
    patient_id: PatientId,
    (status, content): (PlanStatus, &PlanContent),
) -> Result<TreatmentPlan, PlanError> {
    require_only_active(transaction, patient_id, (None, status)).await?;
    let person_id = person_id(transaction, patient_id).await?;
    let person_id = person_id.ok_or(PlanError::NotFound)?;
    let by = transaction.principal().user_id;
    let records = (patient_id, person_id);
    let plan = TreatmentPlan::new(records, status, content.clone(), by, transaction.now());
    store::plans::insert(transaction, &plan).await?;
    transaction.touch("treatment_plan", plan.id, patient_id);
    Ok(plan)
}

/// Writes the next version of a plan.
pub(crate) async fn revise_plan(
    transaction: &Transaction<'_, AgreePlan>,
    id: TreatmentPlanId,
    if_match: &IfMatch,
    (status, content): (PlanStatus, &PlanContent),
) -> Result<TreatmentPlan, PlanError> {
    let plan = store::plans::lock(transaction, id)
        .await?
        .ok_or(PlanError::NotFound)?;
    if_match.require(plan.version)?;
    require_only_active(transaction, plan.patient_id, (Some(id), status)).await?;
    let by = transaction.principal().user_id;
    let revision = plan.revise(status, content.clone(), by, transaction.now())?;
    store::plans::record(transaction, &revision).await?;
    transaction.touch("treatment_plan", id, revision.plan.patient_id);
    Ok(revision.plan)
}

/// A person follows one plan at a time. Lock the person, or two concurrent agreements, or an agreement
/// and a merge of records, would each miss the other plan.
async fn require_only_active(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    (id, status): (Option<TreatmentPlanId>, PlanStatus),
) -> Result<(), PlanError> {
    if status != PlanStatus::Active {
        return Ok(());
    }
    lock_person(transaction, patient_id).await?;
    if store::plans::has_other_active(transaction, patient_id, id).await? {
        return Err(PlanError::OtherActive);
    }
    Ok(())
}

fn touch_all(transaction: &OpenTransaction<'_>, plans: &[TreatmentPlan]) {
    let touched = plans
        .iter()
        .map(|plan| (plan.id.uuid(), plan.patient_id.uuid()));
    transaction.touch_all("treatment_plan", touched);
}
