//! Rows and queries of note templates.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::schema::note_templates::dsl;

use super::{NoteTemplate, NoteTemplateId, NoteTexts, TemplateContent};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::note_templates, treat_none_as_null = true, treat_none_as_default_value = false)]
struct TemplateRow {
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

impl From<TemplateRow> for NoteTemplate {
    fn from(row: TemplateRow) -> Self {
        Self {
            id: row.id,
            content: TemplateContent {
                name: row.name,
                texts: NoteTexts {
                    chief_complaint: row.chief_complaint,
                    subjective: row.subjective,
                    objective: row.objective,
                    assessment: row.assessment,
                    plan: row.plan,
                },
            },
            archived_at: row.archived_at,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&NoteTemplate> for TemplateRow {
    fn from(template: &NoteTemplate) -> Self {
        let content = template.content.clone();
        Self {
            id: template.id,
            name: content.name,
            chief_complaint: content.texts.chief_complaint,
            subjective: content.texts.subjective,
            objective: content.texts.objective,
            assessment: content.texts.assessment,
            plan: content.texts.plan,
            archived_at: template.archived_at,
            version: template.version,
            updated_at: template.updated_at,
        }
    }
}

/// Returns a page of the templates that are not archived, in the order in which they were made.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    window: &Window<Uuid>,
) -> Stored<Vec<NoteTemplate>> {
    let mut query = TemplateRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::archived_at.is_null())
        .order(dsl::id)
        .limit(window.probe())
        .into_boxed();
    if let Some(id) = window.after {
        query = query.filter(dsl::id.gt(id));
    }
    let rows = query
        .load::<TemplateRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(NoteTemplate::from).collect())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: NoteTemplateId,
) -> Stored<Option<NoteTemplate>> {
    let row = TemplateRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(NoteTemplate::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: NoteTemplateId,
) -> Stored<Option<NoteTemplate>> {
    let row = TemplateRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(NoteTemplate::from))
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    template: &NoteTemplate,
) -> Stored<()> {
    diesel::insert_into(dsl::note_templates)
        .values((
            TemplateRow::from(template),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(
    transaction: &OpenTransaction<'_>,
    template: &NoteTemplate,
) -> Stored<()> {
    diesel::update(dsl::note_templates)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(template.id))
        .set(TemplateRow::from(template))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
