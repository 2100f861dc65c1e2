//! A procedure with what a page shows beside it.

use serde_json::Value;

use super::address::encoded;
use super::body::Muscles;
use super::context::{Context, Failure};
use super::fields::plain;

/// A procedure with what is shown beside it.
pub(super) struct Seen {
    pub(super) procedure: Value,
    /// What the rules say of it now, or said when it was completed.
    pub(super) safety: Value,
    pub(super) person: Value,
    pub(super) visit: Value,
    pub(super) alerts: Vec<Value>,
    /// What was felt at the visit.
    pub(super) points: Vec<Value>,
    /// The sites that a template or the last time proposes and nobody has settled.
    pub(super) drafts: Vec<Value>,
    pub(super) muscles: Muscles,
}

impl Seen {
    pub(super) async fn read(context: &Context, id: &str) -> Result<Self, Failure> {
        let id = encoded(id);
        let procedure = context.get(&format!("/procedures/{id}")).await?;
        let patient = plain(&procedure["patient_id"]);
        let visit = plain(&procedure["visit_id"]);
        let points = context
            .list(&format!("/visits/{visit}/trigger-points?limit=200"))
            .await?;
        let drafts = context
            .list_if_any(&format!("/procedures/{id}/drafts?limit=200"))
            .await?;
        let is_open = matches!(
            procedure["status"].as_str(),
            Some("planned" | "in_progress")
        );
        let safety = if is_open {
            context
                .get_if_any(&format!("/procedures/{id}/safety"))
                .await?
        } else {
            procedure["safety"].clone()
        };
        Ok(Self {
            safety,
            person: context.get(&format!("/patients/{patient}")).await?,
            visit: context.get(&format!("/visits/{visit}")).await?,
            alerts: context
                .list_if_any(&format!("/patients/{patient}/alerts?limit=50"))
                .await?,
            points: points
                .into_iter()
                .filter(|one| one["voided"].is_null())
                .collect(),
            drafts: drafts
                .into_iter()
                .filter(|one| one["status"] == "open")
                .collect(),
            muscles: Muscles::read(context).await?,
            procedure,
        })
    }

    pub(super) fn id(&self) -> String {
        plain(&self.procedure["id"])
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.procedure["status"] == "in_progress"
    }

    /// The needle sites that count.
    pub(super) fn injections(&self) -> Vec<&Value> {
        let all = self.procedure["injections"]
            .as_array()
            .into_iter()
            .flatten();
        all.filter(|one| one["voided"].is_null()).collect()
    }

    pub(super) fn solutions(&self) -> Vec<&Value> {
        let all = self.procedure["solutions"].as_array().into_iter().flatten();
        all.filter(|one| one["voided"].is_null()).collect()
    }
}
