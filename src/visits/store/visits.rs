//! Reading visits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{AsSelect, auto_type, count_star, exists, max};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, persons, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::local_time::local_date;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;
use crate::schema::{locations, patients, providers, visit_addenda, visit_hand_overs, visits};
use crate::visits::visit::{Addendum, HandOver, Visit, VisitDay, VisitFilter, VisitId, VisitKey};

use super::visit_row::NamedVisitRow;

#[derive(HasQuery)]
#[diesel(table_name = visit_addenda)]
struct AddendumRow {
    id: Uuid,
    text: String,
    written_by: Uuid,
    written_at: DateTime<Utc>,
}

impl From<AddendumRow> for Addendum {
    fn from(row: AddendumRow) -> Self {
        Self {
            id: row.id,
            text: row.text,
            written_by: row.written_by,
            written_at: row.written_at,
        }
    }
}

#[auto_type]
fn named() -> _ {
    let columns: AsSelect<NamedVisitRow, Pg> = NamedVisitRow::as_select();
    visits::table
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(visits::practice_id)
                .and(patients::id.eq(visits::patient_id))),
        )
        .inner_join(
            providers::table.on(providers::practice_id
                .eq(visits::practice_id)
                .and(providers::id.eq(visits::provider_id))),
        )
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
        .select(columns)
}

/// Turns rows into visits. A visit of a merged record is shown with the person it belongs to.
async fn shown(transaction: &OpenTransaction<'_>, rows: Vec<NamedVisitRow>) -> Stored<Vec<Visit>> {
    let persons = persons(transaction, rows.iter().map(NamedVisitRow::merged_into)).await?;
    let one = |row: NamedVisitRow| {
        let merged_into = row.merged_into();
        let mut visit = row.visit()?;
        if let Some(person) = merged_into.and_then(|id| persons.get(&id)) {
            visit.patient_id = person.id;
            visit.patient_name = person.name();
        }
        Ok(visit)
    };
    rows.into_iter().map(one).collect()
}

/// How many addenda a visit has, and when the last was written.
#[derive(Debug, Clone, Copy)]
struct Addenda {
    count: i64,
    last_written_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct ChangesRow {
    #[diesel(sql_type = SqlUuid)]
    visit_id: VisitId,
    #[diesel(sql_type = BigInt)]
    changes: i64,
}

/// How often something under these visits was recorded or changed.
pub(super) async fn changes_under(
    transaction: &OpenTransaction<'_>,
    ids: &[VisitId],
) -> Stored<HashMap<VisitId, i64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<ChangesRow> = prepared(
        diesel::sql_query("SELECT visit_id, changes FROM changes_under_visits($1, $2)")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Array<SqlUuid>, _>(ids),
    )
    .load(&mut transaction.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.visit_id, row.changes))
        .collect())
}

/// Counts the addenda into the version: the row of a signed visit cannot change. A retraction counts
/// as one more.
fn grow(visit: &mut Visit, addenda: Addenda) {
    visit.version = visit.version.after(addenda.count);
    let last = addenda.last_written_at;
    visit.updated_at = last.map_or(visit.updated_at, |at| visit.updated_at.max(at));
}

async fn find_row(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<Option<NamedVisitRow>> {
    Ok(named()
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

async fn addenda_of(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<Vec<Addendum>> {
    let rows: Vec<AddendumRow> = AddendumRow::query()
        .filter(visit_addenda::practice_id.eq(transaction.practice_id()))
        .filter(visit_addenda::visit_id.eq(id))
        .order(visit_addenda::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Addendum::from).collect())
}

/// Counts what changed under the visit into its version, and a retraction.
fn count_changes(visit: &mut Visit, changes: &HashMap<VisitId, i64>) {
    let under = changes.get(&visit.id).copied().unwrap_or_default();
    visit.version = visit.version.after(under);
    if let Some(retraction) = &visit.retraction {
        visit.version = visit.version.next();
        visit.updated_at = visit.updated_at.max(retraction.voided.at);
    }
}

#[derive(HasQuery)]
#[diesel(table_name = visit_hand_overs)]
struct HandOverRow {
    id: Uuid,
    from_provider_id: ProviderId,
    to_provider_id: ProviderId,
    reason: String,
    handed_over_by: Uuid,
    handed_over_at: DateTime<Utc>,
}

async fn hand_overs_of(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<Vec<HandOver>> {
    let rows: Vec<HandOverRow> = HandOverRow::query()
        .filter(visit_hand_overs::practice_id.eq(transaction.practice_id()))
        .filter(visit_hand_overs::visit_id.eq(id))
        .order(visit_hand_overs::id)
        .load(&mut transaction.connection())
        .await?;
    let noun = |row: HandOverRow| HandOver {
        id: row.id,
        from_provider_id: row.from_provider_id,
        to_provider_id: row.to_provider_id,
        reason: row.reason,
        handed_over_by: row.handed_over_by,
        handed_over_at: row.handed_over_at,
    };
    Ok(rows.into_iter().map(noun).collect())
}

/// Returns a visit with its addenda.
pub(in crate::visits) async fn find(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<Visit>> {
    let ids = [id];
    let (row, addenda, hand_overs, changes) = pipelined!(
        find_row(transaction, id),
        addenda_of(transaction, id),
        hand_overs_of(transaction, id),
        changes_under(transaction, &ids),
    )?;
    let mut visits = shown(transaction, row.into_iter().collect()).await?;
    Ok(visits.pop().map(|mut visit| {
        count_changes(&mut visit, &changes);
        let counted = Addenda {
            count: i64::try_from(addenda.len()).unwrap_or(i64::MAX),
            last_written_at: addenda.last().map(|addendum| addendum.written_at),
        };
        grow(&mut visit, counted);
        visit.addenda = addenda;
        visit.hand_overs = hand_overs;
        visit
    }))
}

/// Returns the visits that match a filter, the latest first, without the texts of their addenda.
pub(in crate::visits) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &VisitFilter,
    window: &Window<VisitKey>,
) -> Stored<Vec<Visit>> {
    let mut query = named()
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::discarded_at.is_null())
        .order((visits::started_at.desc(), visits::id.desc()))
        .limit(window.probe())
        .into_boxed();
    if let Some(patient_id) = filter.patient_id {
        query = query.filter(visits::patient_id.eq_any(records_of(transaction, patient_id)));
    }
    if let Some(provider_id) = filter.provider_id {
        query = query.filter(visits::provider_id.eq(provider_id));
    }
    if let Some(from) = filter.from {
        query = query.filter(visits::started_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(visits::started_at.lt(to));
    }
    if let Some(since) = filter.updated_since {
        let added = visit_addenda::table
            .filter(visit_addenda::practice_id.eq(visits::practice_id))
            .filter(visit_addenda::visit_id.eq(visits::id))
            .filter(visit_addenda::written_at.ge(since));
        let changed = visits::updated_at
            .ge(since)
            .or(visits::retracted_at.ge(since).assume_not_null());
        query = query.filter(changed.or(exists(added)));
    }
    if let Some((started_at, id)) = &window.after {
        query = query.filter(
            visits::started_at
                .lt(started_at)
                .or(visits::started_at.eq(started_at).and(visits::id.lt(id))),
        );
    }
    let rows = query
        .load::<NamedVisitRow>(&mut transaction.connection())
        .await?;
    let mut found = shown(transaction, rows).await?;
    let all: Vec<VisitId> = found.iter().map(|visit| visit.id).collect();
    let signed = found.iter().filter(|visit| visit.signature.is_some());
    let signed = signed.map(|visit| visit.id).collect();
    let (added, changes) = pipelined!(
        count_addenda(transaction, signed),
        changes_under(transaction, &all),
    )?;
    for visit in &mut found {
        count_changes(visit, &changes);
        if let Some(addenda) = added.get(&visit.id) {
            grow(visit, *addenda);
        }
    }
    Ok(found)
}

async fn count_addenda(
    transaction: &OpenTransaction<'_>,
    ids: Vec<VisitId>,
) -> Stored<HashMap<VisitId, Addenda>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(VisitId, i64, Option<DateTime<Utc>>)> = visit_addenda::table
        .filter(visit_addenda::practice_id.eq(transaction.practice_id()))
        .filter(visit_addenda::visit_id.eq_any(ids))
        .group_by(visit_addenda::visit_id)
        .select((
            visit_addenda::visit_id,
            count_star(),
            max(visit_addenda::written_at),
        ))
        .load(&mut transaction.connection())
        .await?;
    let rows = rows.into_iter().map(|(id, count, last_written_at)| {
        let addenda = Addenda {
            count,
            last_written_at,
        };
        (id, addenda)
    });
    Ok(rows.collect())
}

/// Returns the visit of an appointment.
pub(in crate::visits) async fn of_appointment(
    transaction: &OpenTransaction<'_>,
    appointment_id: AppointmentId,
) -> Stored<Option<VisitId>> {
    Ok(visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::appointment_id.eq(appointment_id))
        .filter(visits::discarded_at.is_null())
        .select(visits::id)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

/// Whether a visit was discarded; `None` when there is no such visit.
pub(in crate::visits) async fn is_discarded(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<bool>> {
    Ok(visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id))
        .select(visits::discarded_at.is_not_null())
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = visits, check_for_backend(Pg))]
struct DayRow {
    patient_id: PatientId,
    started_at: DateTime<Utc>,
    location_id: LocationId,
    #[diesel(select_expression = patients::merged_into_id)]
    #[diesel(select_expression_type = patients::merged_into_id)]
    merged_into_id: Option<PatientId>,
    #[diesel(select_expression = locations::time_zone)]
    #[diesel(select_expression_type = locations::time_zone)]
    time_zone: String,
    #[diesel(select_expression = providers::name)]
    #[diesel(select_expression_type = providers::name)]
    provider_name: String,
}

/// Returns the patient and the day of a visit, open or signed.
pub(in crate::visits) async fn find_day(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<VisitDay>> {
    let row: Option<DayRow> = visits::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(visits::practice_id)
                .and(patients::id.eq(visits::patient_id))),
        )
        .inner_join(
            providers::table.on(providers::practice_id
                .eq(visits::practice_id)
                .and(providers::id.eq(visits::provider_id))),
        )
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id))
        .select(DayRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let zone = row
        .time_zone
        .parse()
        .map_err(|_unknown| InconsistentRow::new("locations", "time_zone", row.location_id))?;
    Ok(Some(VisitDay {
        patient_id: row.patient_id,
        person_id: row.merged_into_id.unwrap_or(row.patient_id),
        provider_name: row.provider_name,
        date: local_date(zone, row.started_at),
    }))
}
