//! Note templates: texts with which a practice begins the notes of its visits.
//!
//! A template may contain placeholders: `{patient_name}`, `{patient_age}`, `{visit_date}` and
//! `{provider_name}`. Applying it to a visit returns draft text with the placeholders filled in, and
//! writes nothing. A person reads the draft and writes the note.

mod draft;
mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

id! {
    /// The id of a note template.
    pub(crate) struct NoteTemplateId
}

action!(
    /// Reading note templates.
    Read, "note_templates.read", practice, [Admin, Provider, Assistant]
);
action!(
    /// Writing and archiving note templates.
    Write, "note_templates.write", practice, [Admin, Provider]
);

/// A template.
struct NoteTemplate {
    id: NoteTemplateId,
    content: TemplateContent,
    archived_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// The name and the texts of a template.
#[derive(Clone)]
struct TemplateContent {
    name: String,
    texts: NoteTexts,
}

/// The texts of a note; `None` where a template has no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct NoteTexts {
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
}

/// Why a template was not read or written.
#[derive(Debug, thiserror::Error)]
enum NoteTemplateError {
    #[error("no such template")]
    NotFound,
    #[error("another template has the name")]
    NameTaken,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for NoteTemplateError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("note_templates_name_unique") {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for NoteTemplateError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NameTaken => Problem::field("/name", "is the name of another template"),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn list(
    transaction: &Transaction<'_, Read>,
    window: &Window<Uuid>,
) -> Result<Vec<NoteTemplate>, NoteTemplateError> {
    Ok(store::list(transaction, window).await?)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    id: NoteTemplateId,
) -> Result<NoteTemplate, NoteTemplateError> {
    let found = store::find(transaction, id).await?;
    found.ok_or(NoteTemplateError::NotFound)
}

async fn create(
    transaction: &Transaction<'_, Write>,
    content: &TemplateContent,
) -> Result<NoteTemplate, NoteTemplateError> {
    let now = transaction.now();
    let template = NoteTemplate {
        id: NoteTemplateId::fresh(now),
        content: content.clone(),
        archived_at: None,
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &template).await?;
    Ok(template)
}

/// Replaces the name and the texts of a template.
async fn replace(
    transaction: &Transaction<'_, Write>,
    id: NoteTemplateId,
    if_match: &IfMatch,
    content: &TemplateContent,
) -> Result<NoteTemplate, NoteTemplateError> {
    let mut template = lock(transaction, id, if_match).await?;
    template.content = content.clone();
    write(transaction, template).await
}

/// Archives a template. Archiving it twice changes nothing.
async fn archive(
    transaction: &Transaction<'_, Write>,
    id: NoteTemplateId,
    if_match: &IfMatch,
) -> Result<NoteTemplate, NoteTemplateError> {
    let mut template = lock(transaction, id, if_match).await?;
    if template.archived_at.is_some() {
        return Ok(template);
    }
    template.archived_at = Some(transaction.now());
    write(transaction, template).await
}

async fn lock(
    transaction: &Transaction<'_, Write>,
    id: NoteTemplateId,
    if_match: &IfMatch,
) -> Result<NoteTemplate, NoteTemplateError> {
    let template = store::lock(transaction, id).await?;
    let template = template.ok_or(NoteTemplateError::NotFound)?;
    if_match.require(template.version)?;
    Ok(template)
}

async fn write(
    transaction: &Transaction<'_, Write>,
    mut template: NoteTemplate,
) -> Result<NoteTemplate, NoteTemplateError> {
    template.version = template.version.next();
    template.updated_at = transaction.now();
    store::update(transaction, &template).await?;
    Ok(template)
}
