//! A visit with what a page shows beside it.

use serde_json::Value;

use super::address::encoded;
use super::body::{Mark, Muscles};
use super::context::{Context, Failure};
use super::fields::plain;

/// A visit with what is shown beside it.
pub(super) struct Seen {
    pub(super) visit: Value,
    pub(super) person: Value,
    pub(super) alerts: Vec<Value>,
    /// What was felt at this visit, without what was entered in error.
    pub(super) found: Vec<Value>,
    /// The points of the patient that were not felt again yet.
    pub(super) earlier: Vec<Value>,
    pub(super) procedures: Vec<Value>,
    pub(super) muscles: Muscles,
}

impl Seen {
    pub(super) async fn read(context: &Context, id: &str) -> Result<Self, Failure> {
        let id = encoded(id);
        let visit = context.get(&format!("/visits/{id}")).await?;
        let patient = plain(&visit["patient_id"]);
        let found = context
            .list(&format!("/visits/{id}/trigger-points?limit=200"))
            .await?;
        let points = format!("/patients/{patient}/trigger-points?limit=200");
        let points = context.list(&points).await?;
        let felt_here = |point: &Value| {
            let palpations = point["palpations"].as_array();
            palpations.is_some_and(|all| all.iter().any(|one| one["visit_id"] == visit["id"]))
        };
        Ok(Self {
            person: context.get(&format!("/patients/{patient}")).await?,
            alerts: context
                .list_if_any(&format!("/patients/{patient}/alerts?limit=50"))
                .await?,
            found: found
                .into_iter()
                .filter(|one| one["voided"].is_null())
                .collect(),
            earlier: points
                .into_iter()
                .filter(|point| !felt_here(point))
                .collect(),
            procedures: context
                .list(&format!("/visits/{id}/procedures?limit=50"))
                .await?,
            muscles: Muscles::read(context).await?,
            visit,
        })
    }

    pub(super) fn is_open(&self) -> bool {
        self.visit["status"] == "open"
    }

    pub(super) fn id(&self) -> String {
        plain(&self.visit["id"])
    }

    /// The view that has the most to show.
    pub(super) fn usual_view(&self) -> String {
        let here = self.found.iter().chain(&self.earlier);
        let mut views: Vec<(usize, String)> = Vec::new();
        for one in here {
            let view = plain(&one["view"]);
            match views.iter_mut().find(|(_, known)| *known == view) {
                Some((count, _)) => *count += 1,
                None => views.push((1, view)),
            }
        }
        let most = views.into_iter().max_by_key(|(count, _)| *count);
        most.map_or_else(|| "HN_POST".to_owned(), |(_, view)| view)
    }

    pub(super) fn marks(&self) -> Vec<Mark<'_>> {
        let earlier = self
            .earlier
            .iter()
            .filter(|point| point["activity"] != "none");
        let earlier = earlier.map(|of| Mark { of, number: None });
        let found = self.found.iter().enumerate();
        let found = found.map(|(index, of)| Mark {
            of,
            number: Some(index + 1),
        });
        earlier.chain(found).collect()
    }
}
