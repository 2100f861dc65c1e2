//! Rows and queries of adverse events.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, PersonIdOf, person_id_of, person_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::id;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::{Window, rows_after};
use crate::procedures::{InjectionId, ProcedureId};
use crate::schema::{adverse_event_entries, adverse_events, patients, procedures};
use crate::stock::LotId;

use super::course::{Course, EventOutcome};
use super::event::{AdverseEvent, AdverseEventId, Entry, EntryKind, EventStatus, Review};
use super::event_report::Causality;
use super::listed_event::{EventFilter, ListedEvent};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = adverse_events, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, treat_none_as_default_value = false)]
struct EventRow {
    id: AdverseEventId,
    procedure_id: ProcedureId,
    patient_id: PatientId,
    injection_id: Option<InjectionId>,
    lot_id: Option<LotId>,
    event_code: String,
    description: Option<String>,
    grade: i16,
    causality: Causality,
    is_serious: bool,
    serious_reason: Option<String>,
    onset_at: DateTime<Utc>,
    detected_at: DateTime<Utc>,
    action_taken: Option<String>,
    outcome: EventOutcome,
    resolved_at: Option<DateTime<Utc>>,
    review_due_by: Option<DateTime<Utc>>,
    reviewed_by: Option<Uuid>,
    reviewed_at: Option<DateTime<Utc>>,
    reported_by: Uuid,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<&AdverseEvent> for EventRow {
    fn from(event: &AdverseEvent) -> Self {
        Self {
            id: event.id,
            procedure_id: event.procedure_id,
            patient_id: event.patient_id,
            injection_id: event.injection_id,
            lot_id: event.lot_id,
            event_code: event.event_code.clone(),
            description: event.description.clone(),
            grade: event.course.grade,
            causality: event.causality,
            is_serious: event.is_serious,
            serious_reason: event.serious_reason.clone(),
            onset_at: event.onset_at,
            detected_at: event.detected_at,
            action_taken: event.course.action_taken.clone(),
            outcome: event.course.outcome,
            resolved_at: event.course.resolved_at,
            review_due_by: event.review_due_by,
            reviewed_by: event.review.map(|review| review.by),
            reviewed_at: event.review.map(|review| review.at),
            reported_by: event.reported_by,
            version: event.version,
            created_at: event.created_at,
            updated_at: event.updated_at,
        }
    }
}

impl EventRow {
    fn event(self) -> Stored<AdverseEvent> {
        let row = self;
        let review = match (row.reviewed_by, row.reviewed_at) {
            (None, None) => None,
            (Some(by), Some(at)) => Some(Review { by, at }),
            _ => return Err(InconsistentRow::new("adverse_events", "reviewed_by", row.id).into()),
        };
        Ok(AdverseEvent {
            id: row.id,
            procedure_id: row.procedure_id,
            patient_id: row.patient_id,
            injection_id: row.injection_id,
            lot_id: row.lot_id,
            event_code: row.event_code,
            description: row.description,
            causality: row.causality,
            onset_at: row.onset_at,
            detected_at: row.detected_at,
            course: Course {
                grade: row.grade,
                outcome: row.outcome,
                resolved_at: row.resolved_at,
                action_taken: row.action_taken,
            },
            is_serious: row.is_serious,
            serious_reason: row.serious_reason,
            review_due_by: row.review_due_by,
            review,
            reported_by: row.reported_by,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, event: &AdverseEvent) -> Stored<()> {
    let practice_id = adverse_events::practice_id.eq(transaction.practice_id());
    diesel::insert_into(adverse_events::table)
        .values((practice_id, EventRow::from(event)))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes an event as a transition left it.
pub(super) async fn record(transaction: &OpenTransaction<'_>, event: &AdverseEvent) -> Stored<()> {
    diesel::update(adverse_events::table)
        .filter(adverse_events::practice_id.eq(transaction.practice_id()))
        .filter(adverse_events::id.eq(event.id))
        .set(EventRow::from(event))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks an event until the transaction ends.
pub(super) async fn lock(transaction: &OpenTransaction<'_>, id: AdverseEventId) -> Stored<bool> {
    let held: Option<AdverseEventId> = adverse_events::table
        .filter(adverse_events::practice_id.eq(transaction.practice_id()))
        .filter(adverse_events::id.eq(id))
        .select(adverse_events::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(held.is_some())
}

pub(super) async fn insert_entry(
    transaction: &OpenTransaction<'_>,
    event: &AdverseEvent,
    entry: &Entry,
) -> Stored<()> {
    use adverse_event_entries::dsl;
    diesel::insert_into(dsl::adverse_event_entries)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::adverse_event_id.eq(event.id),
            dsl::patient_id.eq(event.patient_id),
            dsl::kind.eq(entry.kind),
            dsl::grade.eq(entry.grade),
            dsl::outcome.eq(entry.outcome),
            dsl::note.eq(entry.note.as_deref()),
            dsl::entered_by.eq(entry.by),
            dsl::entered_at.eq(entry.at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The name of a patient as a list shows it.
pub(super) async fn person(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<(PatientId, String)>> {
    let person = person_of(transaction, id).await?;
    Ok(person.map(|person| (person.id, person.name())))
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: AdverseEventId,
) -> Stored<Option<ListedEvent>> {
    let found: Option<ListedRow> = adverse_events::table
        .inner_join(procedures::table.on(on_procedure()))
        .inner_join(patients::table.on(on_patient()))
        .filter(adverse_events::practice_id.eq(transaction.practice_id()))
        .filter(adverse_events::id.eq(id))
        .select((
            EventRow::as_select(),
            procedures::started_at,
            patients::id,
            patients::given_name,
            patients::family_name,
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(with_entries(transaction, found.into_iter().collect())
        .await?
        .pop())
}

/// The events that fit, from the place of the window on.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &EventFilter,
    window: &Window<Uuid>,
) -> Stored<Vec<ListedEvent>> {
    let mut query = adverse_events::table
        .inner_join(procedures::table.on(on_procedure()))
        .inner_join(patients::table.on(on_patient()))
        .filter(adverse_events::practice_id.eq(transaction.practice_id()))
        .order(adverse_events::id)
        .limit(window.probe())
        .select((
            EventRow::as_select(),
            procedures::started_at,
            patients::id,
            patients::given_name,
            patients::family_name,
        ))
        .into_boxed();
    query = match filter.status {
        None => query,
        Some(EventStatus::Noted) => query.filter(adverse_events::review_due_by.is_null()),
        Some(EventStatus::AwaitingReview) => query
            .filter(adverse_events::review_due_by.is_not_null())
            .filter(adverse_events::reviewed_at.is_null()),
        Some(EventStatus::Reviewed) => query.filter(adverse_events::reviewed_at.is_not_null()),
    };
    if let Some(id) = filter.patient_id {
        query = query.filter(adverse_events::patient_id.eq_any(records_of(transaction, id)));
    }
    if let Some(id) = filter.procedure_id {
        query = query.filter(adverse_events::procedure_id.eq(id));
    }
    if let Some(id) = filter.lot_id {
        query = query.filter(adverse_events::lot_id.eq(id));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(adverse_events::updated_at.ge(since));
    }
    rows_after!(query, window, adverse_events::id);
    let rows: Vec<ListedRow> = query.load(&mut transaction.connection()).await?;
    with_entries(transaction, rows).await
}

/// With the id and the names of the person.
type ListedRow = (EventRow, Option<DateTime<Utc>>, PatientId, String, String);

#[derive(Queryable)]
struct EntryRow {
    adverse_event_id: AdverseEventId,
    kind: EntryKind,
    grade: i16,
    outcome: EventOutcome,
    note: Option<String>,
    entered_by: Uuid,
    entered_at: DateTime<Utc>,
}

async fn with_entries(
    transaction: &OpenTransaction<'_>,
    rows: Vec<ListedRow>,
) -> Stored<Vec<ListedEvent>> {
    use adverse_event_entries::dsl;
    let ids: Vec<AdverseEventId> = rows.iter().map(|(row, ..)| row.id).collect();
    let entries: Vec<EntryRow> = dsl::adverse_event_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::adverse_event_id.eq_any(ids))
        .order(dsl::id)
        .select((
            dsl::adverse_event_id,
            dsl::kind,
            dsl::grade,
            dsl::outcome,
            dsl::note,
            dsl::entered_by,
            dsl::entered_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    let mut of_event: BTreeMap<AdverseEventId, Vec<Entry>> = BTreeMap::new();
    for row in entries {
        of_event
            .entry(row.adverse_event_id)
            .or_default()
            .push(Entry {
                kind: row.kind,
                grade: row.grade,
                outcome: row.outcome,
                note: row.note,
                by: row.entered_by,
                at: row.entered_at,
            });
    }
    rows.into_iter()
        .map(|(row, started_at, person_id, given, family)| {
            Ok(ListedEvent {
                person_id,
                entries: of_event.remove(&row.id).unwrap_or_default(),
                event: row.event()?,
                started_at,
                patient_name: format!("{given} {family}"),
            })
        })
        .collect()
}

#[diesel::dsl::auto_type]
fn on_procedure() -> _ {
    procedures::practice_id
        .eq(adverse_events::practice_id)
        .and(procedures::id.eq(adverse_events::procedure_id))
}

#[diesel::dsl::auto_type]
fn on_patient() -> _ {
    let person_id: PersonIdOf = person_id_of!("adverse_events");
    patients::practice_id
        .eq(adverse_events::practice_id)
        .and(patients::id.eq(person_id))
}
