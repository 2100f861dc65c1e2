//! Reading visits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{AsSelect, auto_type, count_star, exists, max};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, persons, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::local_time::local_date;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::practice::LocationId;
use crate::scheduling::AppointmentId;
use crate::schema::{locations, patients, providers, visit_addenda, visits};
use crate::visits::visit::{Addendum, Visit, VisitDay, VisitFilter, VisitId, VisitKey};

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

/// Counts the addenda into the version: the row of a signed visit cannot change.
fn grow(visit: &mut Visit, addenda: Addenda) {
    for _ in 0..addenda.count {
        visit.version = visit.version.next();
    }
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

/// Returns a visit with its addenda.
pub(in crate::visits) async fn find(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<Visit>> {
    let (row, addenda) = pipelined!(find_row(transaction, id), addenda_of(transaction, id))?;
    let mut visits = shown(transaction, row.into_iter().collect()).await?;
    Ok(visits.pop().map(|mut visit| {
        let counted = Addenda {
            count: i64::try_from(addenda.len()).unwrap_or(i64::MAX),
            last_written_at: addenda.last().map(|addendum| addendum.written_at),
        };
        grow(&mut visit, counted);
        visit.addenda = addenda;
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
        query = query.filter(visits::updated_at.ge(since).or(exists(added)));
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
    let ids = found
        .iter()
        .filter(|visit| visit.signature.is_some())
        .map(|visit| visit.id);
    let added = count_addenda(transaction, ids.collect()).await?;
    for visit in &mut found {
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
        .select(visits::id)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

/// Whether there is such a visit, open or signed.
pub(in crate::visits) async fn exists_here(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<bool> {
    let visit = visits::table
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id));
    Ok(diesel::select(exists(visit))
        .get_result(&mut transaction.connection())
        .await?)
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
        date: local_date(zone, row.started_at),
    }))
}
