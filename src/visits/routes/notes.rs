//! Writing the note of a visit over HTTP.

use actix_web::patch;
use serde::Deserialize;
use serde_with::rust::double_option;
use utoipa::ToSchema;

use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::PathId;
use crate::visits::record::{NoteChanges, Record, RecordError, write_note};
use crate::visits::visit::{Diagnosis, VisitId};

use super::visit_body::{VisitBody, shown};

/// Adds the operation that writes the note.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(update_visit);
}

/// The fields to be changed. A field that is left out stays as it is, and null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateVisitBody {
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1000)]
    chief_complaint: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    subjective: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    objective: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    assessment: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    plan: Option<Option<String>>,
    /// All diagnoses, the most important first.
    #[schema(max_items = 30, nullable = false)]
    diagnoses: Option<Vec<Diagnosis>>,
}

/// Writes the note and the diagnoses of an open visit.
#[utoipa::path(
    operation_id = "updateVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = UpdateVisitBody,
    responses((status = 200, description = "The visit as it is now.", body = VisitBody), Refused<RecordError>)
)]
#[patch("/visits/{visit_id}")]
async fn update_visit(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<UpdateVisitBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            shown(write_note(transaction, id.0, &if_match, body.changes()).await?)
        })
        .await
}

impl UpdateVisitBody {
    fn changes(&self) -> NoteChanges {
        NoteChanges {
            chief_complaint: self.chief_complaint.clone(),
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
            diagnoses: self.diagnoses.clone(),
        }
    }
}
