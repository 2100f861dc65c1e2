//! Treatment plans: what patient and practice have agreed to do, and what for.
//!
//! Injections help most as part of a plan. A plan has goals that can be measured and dated, and
//! activities from the catalogue of therapies with who does what and how often. Every change is a
//! new version beside the old ones, so that what was agreed last month can still be read. A patient
//! has one active plan at a time, and a plan that is completed or revoked stays as it is.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;

use super::therapy::TherapyCode;

id! {
    /// Names a treatment plan.
    pub(crate) struct TreatmentPlanId
}

text_enum! {
    /// Where a plan stands.
    pub(crate) enum PlanStatus {
        Draft = "draft",
        Active = "active",
        Completed = "completed",
        Revoked = "revoked",
    }
}

text_enum! {
    /// Where a goal stands.
    pub(crate) enum GoalStatus {
        Proposed = "proposed",
        Accepted = "accepted",
        Achieved = "achieved",
        NotAchieved = "not_achieved",
        Dropped = "dropped",
    }
}

text_enum! {
    /// Where an activity stands.
    pub(crate) enum ActivityStatus {
        NotStarted = "not_started",
        InProgress = "in_progress",
        OnHold = "on_hold",
        Completed = "completed",
        Stopped = "stopped",
    }
}

text_enum! {
    /// Who does an activity.
    pub(crate) enum Performer {
        Patient = "patient",
        Provider = "provider",
        Assistant = "assistant",
        PhysicalTherapist = "physical_therapist",
        Other = "other",
    }
}

/// Something to be reached, and how one will know; spelt the same in JSON and in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goal {
    #[schema(
        min_length = 1,
        max_length = 500,
        example = "Fewer than 8 headache days a month"
    )]
    pub(super) text: String,
    /// What is measured.
    #[schema(min_length = 1, max_length = 200, example = "headache days per 28")]
    pub(super) measure: String,
    /// The value to be reached.
    #[schema(min_length = 1, max_length = 100, example = "8")]
    pub(super) target: String,
    /// By when.
    pub(super) target_on: NaiveDate,
    pub(super) status: GoalStatus,
}

/// Something to be done; spelt the same in JSON and in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlannedActivity)]
pub(crate) struct Activity {
    pub(super) therapy_code: TherapyCode,
    /// How often, in words a patient may read.
    #[schema(min_length = 1, max_length = 200, example = "twice a day, 5 minutes")]
    pub(super) frequency: String,
    pub(super) done_by: Performer,
    pub(super) status: ActivityStatus,
    /// How to do it, in words a patient may read.
    #[schema(min_length = 1, max_length = 1000)]
    pub(super) instructions: Option<String>,
    /// How well it is kept up.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) adherence: Option<String>,
    /// When it is looked at again.
    pub(super) review_on: Option<NaiveDate>,
}

/// What a plan says; spelt the same in JSON and in the database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct PlanContent {
    pub(super) title: String,
    pub(super) summary: Option<String>,
    pub(super) goals: Vec<Goal>,
    pub(super) activities: Vec<Activity>,
    pub(super) review_on: Option<NaiveDate>,
}

/// A plan as it was from one change to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreatmentPlan {
    pub(super) id: TreatmentPlanId,
    /// The record it was written to.
    pub(super) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(super) person_id: PatientId,
    pub(super) status: PlanStatus,
    pub(super) content: PlanContent,
    pub(super) version: Version,
    pub(super) written_by: Uuid,
    pub(super) written_at: DateTime<Utc>,
}

/// The plan is completed or revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plan is {0}")]
pub(crate) struct PlanClosed(pub(super) PlanStatus);

/// A plan as it is to be from now on; made by [`TreatmentPlan::revise`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(super) plan: TreatmentPlan,
}

impl TreatmentPlan {
    /// The first version of a plan.
    pub(crate) fn new(
        (patient_id, person_id): (PatientId, PatientId),
        status: PlanStatus,
        content: PlanContent,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: TreatmentPlanId::fresh(now),
            patient_id,
            person_id,
            status,
            content,
            version: Version::FIRST,
            written_by: by,
            written_at: now,
        }
    }

    /// The next version of a plan that is not closed.
    pub(crate) fn revise(
        self,
        status: PlanStatus,
        content: PlanContent,
        by: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Revision, PlanClosed> {
        if matches!(self.status, PlanStatus::Completed | PlanStatus::Revoked) {
            return Err(PlanClosed(self.status));
        }
        let version = self.version.next();
        let plan = Self {
            status,
            content,
            version,
            written_by: by,
            written_at: now,
            ..self
        };
        Ok(Revision { plan })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(status: PlanStatus) -> TreatmentPlan {
        let now = DateTime::UNIX_EPOCH;
        let patient_id = PatientId::fresh(now);
        TreatmentPlan::new(
            (patient_id, patient_id),
            status,
            content("First"),
            Uuid::nil(),
            now,
        )
    }

    fn content(title: &str) -> PlanContent {
        PlanContent {
            title: title.into(),
            summary: None,
            goals: vec![],
            activities: vec![],
            review_on: None,
        }
    }

    #[test]
    fn a_change_is_a_new_version_of_the_same_plan() {
        let first = plan(PlanStatus::Draft);
        let (by, now) = (Uuid::nil(), DateTime::UNIX_EPOCH);
        let second = first
            .clone()
            .revise(PlanStatus::Active, content("Second"), by, now)
            .unwrap()
            .plan;
        assert_eq!(
            (second.id, second.version),
            (first.id, first.version.next())
        );
        assert_eq!(second.content.title, "Second");
    }

    #[test]
    fn a_closed_plan_stays_as_it_is() {
        for status in [PlanStatus::Completed, PlanStatus::Revoked] {
            let refused = plan(status).revise(
                PlanStatus::Active,
                content("Again"),
                Uuid::nil(),
                DateTime::UNIX_EPOCH,
            );
            assert_eq!(refused, Err(PlanClosed(status)));
        }
    }
}
