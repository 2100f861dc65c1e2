//! Note templates over HTTP.

use actix_web::{get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::visits::visit::VisitId;

use super::draft::{Draft, DraftError, draft};
use super::{
    NoteTemplate, NoteTemplateError, NoteTemplateId, NoteTexts, Read, TemplateContent, Write,
    archive, create, list, read, replace,
};

/// Adds the operations on note templates.
pub(in crate::visits) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_note_templates)
        .service(create_note_template)
        .service(get_note_template)
        .service(replace_note_template)
        .service(archive_note_template)
        .service(draft_note);
}

/// The texts of a template. They may contain the placeholders `{patient_name}`, `{patient_age}`,
/// `{visit_date}` and `{provider_name}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WriteNoteTemplateBody {
    #[schema(
        min_length = 1,
        max_length = 100,
        example = "Follow-up after injection"
    )]
    name: String,
    #[schema(min_length = 1, max_length = 1000)]
    chief_complaint: Option<String>,
    #[schema(min_length = 1, max_length = 10000)]
    subjective: Option<String>,
    #[schema(min_length = 1, max_length = 10000)]
    objective: Option<String>,
    #[schema(min_length = 1, max_length = 10000)]
    assessment: Option<String>,
    #[schema(min_length = 1, max_length = 10000)]
    plan: Option<String>,
}

impl WriteNoteTemplateBody {
    fn content(&self) -> TemplateContent {
        TemplateContent {
            name: self.name.clone(),
            texts: NoteTexts {
                chief_complaint: self.chief_complaint.clone(),
                subjective: self.subjective.clone(),
                objective: self.objective.clone(),
                assessment: self.assessment.clone(),
                plan: self.plan.clone(),
            },
        }
    }
}

/// A note template.
#[derive(Serialize, ToSchema)]
struct NoteTemplateBody {
    id: NoteTemplateId,
    name: String,
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
    archived_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<NoteTemplate> for NoteTemplateBody {
    fn from(template: NoteTemplate) -> Self {
        let TemplateContent { name, texts } = template.content;
        Self {
            id: template.id,
            name,
            chief_complaint: texts.chief_complaint,
            subjective: texts.subjective,
            objective: texts.objective,
            assessment: texts.assessment,
            plan: texts.plan,
            archived_at: template.archived_at,
            version: template.version,
            updated_at: template.updated_at,
        }
    }
}

fn answer(template: NoteTemplate) -> Result<Answer, Problem> {
    let version = template.version;
    Ok(Answer::ok(&NoteTemplateBody::from(template))?.version(version))
}

/// The parameters of the list of note templates.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListNoteTemplates {
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists the note templates in use.
#[utoipa::path(
    operation_id = "listNoteTemplates", tag = "visits", context_path = "/api/v1",
    params(ListNoteTemplates),
    responses((status = 200, description = "A page of templates.", body = Page<NoteTemplateBody>))
)]
#[get("/note-templates")]
async fn list_note_templates(
    permit: Permit<Read>,
    query: Query<ListNoteTemplates>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let found = list(transaction, &window).await?;
            let key = |template: &NoteTemplate| template.id.uuid();
            Answer::ok(&Page::of(found, window.size, key, NoteTemplateBody::from))
        })
        .await
}

/// Adds a note template.
#[utoipa::path(
    operation_id = "createNoteTemplate", tag = "visits", context_path = "/api/v1",
    params(Once),
    request_body = WriteNoteTemplateBody,
    responses(
        (status = 201, description = "The added note template.", body = NoteTemplateBody),
        Refused<NoteTemplateError>
    )
)]
#[post("/note-templates")]
async fn create_note_template(
    permit: Permit<Write>,
    once: Once,
    body: Json<WriteNoteTemplateBody>,
) -> Result<Answer, Problem> {
    let content = body.content();
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let template = create(transaction, &content).await?;
            let version = template.version;
            let location = format!("/api/v1/note-templates/{}", template.id);
            Ok(Answer::created(&NoteTemplateBody::from(template), location)?.version(version))
        })
        .await
}

/// Reads a note template.
#[utoipa::path(
    operation_id = "getNoteTemplate", tag = "visits", context_path = "/api/v1",
    params(("note_template_id" = NoteTemplateId, Path, description = "The note template.")),
    responses((status = 200, description = "The note template.", body = NoteTemplateBody))
)]
#[get("/note-templates/{note_template_id}")]
async fn get_note_template(
    permit: Permit<Read>,
    id: PathId<NoteTemplateId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Replaces the name and the texts of a note template.
#[utoipa::path(
    operation_id = "replaceNoteTemplate", tag = "visits", context_path = "/api/v1",
    params(("note_template_id" = NoteTemplateId, Path, description = "The note template."), IfMatch),
    request_body = WriteNoteTemplateBody,
    responses(
        (status = 200, description = "The note template as it is now.", body = NoteTemplateBody),
        Refused<NoteTemplateError>
    )
)]
#[put("/note-templates/{note_template_id}")]
async fn replace_note_template(
    permit: Permit<Write>,
    id: PathId<NoteTemplateId>,
    if_match: IfMatch,
    body: Json<WriteNoteTemplateBody>,
) -> Result<Answer, Problem> {
    let content = body.content();
    permit
        .transaction(async |transaction| {
            answer(replace(transaction, id.0, &if_match, &content).await?)
        })
        .await
}

/// Archives a note template, so that its name can be used again.
#[utoipa::path(
    operation_id = "archiveNoteTemplate", tag = "visits", context_path = "/api/v1",
    params(("note_template_id" = NoteTemplateId, Path, description = "The note template."), IfMatch),
    responses(
        (status = 200, description = "The note template as it is now.", body = NoteTemplateBody),
        Refused<NoteTemplateError>
    )
)]
#[post("/note-templates/{note_template_id}/archive")]
async fn archive_note_template(
    permit: Permit<Write>,
    id: PathId<NoteTemplateId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(archive(transaction, id.0, &if_match).await?))
        .await
}

/// The template to apply.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftNoteBody {
    template_id: NoteTemplateId,
}

/// Draft text for a note; null where the template has no text.
#[derive(Serialize, ToSchema)]
struct NoteDraftBody {
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
}

/// Applies a template to an open visit. Returns draft text and writes nothing.
#[utoipa::path(
    operation_id = "draftNote", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    request_body = DraftNoteBody,
    responses(
        (status = 200, description = "The draft.", body = NoteDraftBody),
        Refused<DraftError>
    )
)]
#[post("/visits/{visit_id}/note-draft")]
async fn draft_note(
    permit: Permit<Draft>,
    id: PathId<VisitId>,
    body: Json<DraftNoteBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let texts = draft(transaction, id.0, body.template_id).await?;
            Answer::ok(&NoteDraftBody {
                chief_complaint: texts.chief_complaint,
                subjective: texts.subjective,
                objective: texts.objective,
                assessment: texts.assessment,
                plan: texts.plan,
            })
        })
        .await
}
