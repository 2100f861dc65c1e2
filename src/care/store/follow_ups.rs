//! Rows and queries of follow-ups.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::follow_up::{
    AdverseSymptom, FollowUp, FollowUpId, FollowUpKind, FollowUpStatus, LinkedAppointment, Origin,
    Outcome, Stage,
};
use crate::care::list_follow_ups::{FollowUpFilter, FollowUpKey, ListedFollowUp, Person};
use crate::care::protocol::DueWindow;
use crate::patients::{PatientId, persons, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::practice::TimeZone;
use crate::schema::{appointments, follow_ups, locations, patients};

#[derive(Queryable, Selectable)]
#[diesel(table_name = follow_ups, check_for_backend(diesel::pg::Pg))]
struct FollowUpRow {
    id: FollowUpId,
    patient_id: PatientId,
    kind: FollowUpKind,
    reason: String,
    due_from: DateTime<Utc>,
    due_by: DateTime<Utc>,
    procedure_id: Option<Uuid>,
    protocol_id: Option<Uuid>,
    protocol_step: Option<String>,
    raised_by: Option<FollowUpId>,
    urgent: bool,
    status: Stage,
    outcome: Option<String>,
    adverse_symptoms: Vec<Option<AdverseSymptom>>,
    relief_percent: Option<i16>,
    next_step: Option<String>,
    cancel_reason: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    closed_by: Option<Uuid>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = appointments, check_for_backend(diesel::pg::Pg))]
struct AppointmentRow {
    id: Uuid,
    status: String,
    starts_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = patients, check_for_backend(diesel::pg::Pg))]
struct PersonRow {
    id: PatientId,
    given_name: String,
    family_name: String,
    phone: Option<String>,
    merged_into_id: Option<PatientId>,
}

type JoinedRow = (FollowUpRow, Option<AppointmentRow>, Option<TimeZone>);

fn listed((row, appointment, zone): JoinedRow, person: Person) -> ListedFollowUp {
    let follow_up = FollowUp {
        id: row.id,
        patient_id: row.patient_id,
        kind: row.kind,
        reason: row.reason,
        window: DueWindow {
            due_from: row.due_from,
            due_by: row.due_by,
        },
        origin: Origin {
            procedure_id: row.procedure_id,
            protocol_id: row.protocol_id,
            protocol_step: row.protocol_step,
            raised_by: row.raised_by,
        },
        urgent: row.urgent,
        stage: row.status,
        appointment: appointment.map(|appointment| LinkedAppointment {
            id: appointment.id,
            status: appointment.status,
            starts_at: appointment.starts_at,
            zone: zone.map_or(Tz::UTC, |zone| zone.0),
        }),
        outcome: Outcome {
            text: row.outcome,
            adverse_symptoms: row.adverse_symptoms.into_iter().flatten().collect(),
            relief_percent: row.relief_percent,
            next_step: row.next_step,
        },
        cancel_reason: row.cancel_reason,
        closed_at: row.closed_at,
        closed_by: row.closed_by,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    ListedFollowUp { follow_up, person }
}

/// The rows as they are shown: the person where a record was merged. Patients are read by
/// themselves: joined in, a work list of many is sorted as a whole before its first page, because
/// the planner takes the policy on patients to leave hardly any.
async fn shown(
    transaction: &OpenTransaction<'_>,
    rows: Vec<JoinedRow>,
) -> Stored<Vec<ListedFollowUp>> {
    let ids: BTreeSet<PatientId> = rows.iter().map(|(row, ..)| row.patient_id).collect();
    let people: Vec<PersonRow> = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(Vec::from_iter(ids)))
        .select(PersonRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    let merged = persons(transaction, people.iter().map(|row| row.merged_into_id)).await?;
    let person = |row: PersonRow| {
        let kept = row.merged_into_id.and_then(|id| merged.get(&id));
        let person = kept.map_or_else(
            || Person {
                id: row.id,
                name: format!("{} {}", row.given_name, row.family_name),
                phone: row.phone.clone(),
            },
            |kept| Person {
                id: kept.id,
                name: kept.name(),
                phone: kept.phone.clone(),
            },
        );
        (row.id, person)
    };
    let people: BTreeMap<PatientId, Person> = people.into_iter().map(person).collect();
    let beside = |row: JoinedRow| {
        let person = people.get(&row.0.patient_id).cloned()?;
        Some(listed(row, person))
    };
    Ok(rows.into_iter().filter_map(beside).collect())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = follow_ups, treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow<'a> {
    practice_id: Uuid,
    id: FollowUpId,
    patient_id: PatientId,
    kind: FollowUpKind,
    reason: &'a str,
    due_from: DateTime<Utc>,
    due_by: DateTime<Utc>,
    procedure_id: Option<Uuid>,
    protocol_id: Option<Uuid>,
    protocol_step: Option<&'a str>,
    appointment_id: Option<Uuid>,
    raised_by: Option<FollowUpId>,
    urgent: bool,
    status: Stage,
    outcome: Option<&'a str>,
    adverse_symptoms: Vec<Option<AdverseSymptom>>,
    relief_percent: Option<i16>,
    next_step: Option<&'a str>,
    cancel_reason: Option<&'a str>,
    closed_at: Option<DateTime<Utc>>,
    closed_by: Option<Uuid>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> WrittenRow<'a> {
    fn new(practice_id: Uuid, follow_up: &'a FollowUp) -> Self {
        let (origin, outcome) = (&follow_up.origin, &follow_up.outcome);
        Self {
            practice_id,
            id: follow_up.id,
            patient_id: follow_up.patient_id,
            kind: follow_up.kind,
            reason: &follow_up.reason,
            due_from: follow_up.window.due_from,
            due_by: follow_up.window.due_by,
            procedure_id: origin.procedure_id,
            protocol_id: origin.protocol_id,
            protocol_step: origin.protocol_step.as_deref(),
            appointment_id: follow_up
                .appointment
                .as_ref()
                .map(|appointment| appointment.id),
            raised_by: origin.raised_by,
            urgent: follow_up.urgent,
            status: follow_up.stage,
            outcome: outcome.text.as_deref(),
            adverse_symptoms: outcome.adverse_symptoms.iter().copied().map(Some).collect(),
            relief_percent: outcome.relief_percent,
            next_step: outcome.next_step.as_deref(),
            cancel_reason: follow_up.cancel_reason.as_deref(),
            closed_at: follow_up.closed_at,
            closed_by: follow_up.closed_by,
            version: follow_up.version,
            created_at: follow_up.created_at,
            updated_at: follow_up.updated_at,
        }
    }
}

pub(crate) async fn insert(transaction: &OpenTransaction<'_>, new: &[FollowUp]) -> Stored<()> {
    let practice_id = transaction.practice_id();
    let rows: Vec<WrittenRow<'_>> = new
        .iter()
        .map(|follow_up| WrittenRow::new(practice_id, follow_up))
        .collect();
    diesel::insert_into(follow_ups::table)
        .values(&rows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes a follow-up as a transition left it.
pub(crate) async fn record(transaction: &OpenTransaction<'_>, follow_up: &FollowUp) -> Stored<()> {
    let row = WrittenRow::new(transaction.practice_id(), follow_up);
    diesel::update(follow_ups::table)
        .filter(follow_ups::practice_id.eq(row.practice_id))
        .filter(follow_ups::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The rows of follow-ups with their appointments.
macro_rules! joined {
    ($transaction:expr) => {
        follow_ups::table
            .left_join(
                appointments::table.on(appointments::practice_id
                    .eq(follow_ups::practice_id)
                    .and(appointments::id.nullable().eq(follow_ups::appointment_id))),
            )
            .left_join(
                locations::table.on(locations::practice_id.eq(follow_ups::practice_id).and(
                    locations::id
                        .nullable()
                        .eq(appointments::location_id.nullable()),
                )),
            )
            .filter(follow_ups::practice_id.eq($transaction.practice_id()))
            .select((
                FollowUpRow::as_select(),
                Option::<AppointmentRow>::as_select(),
                locations::time_zone.nullable(),
            ))
    };
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: FollowUpId,
) -> Stored<Option<ListedFollowUp>> {
    let row = joined!(transaction)
        .filter(follow_ups::id.eq(id))
        .first::<JoinedRow>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(shown(transaction, row.into_iter().collect()).await?.pop())
}

/// As [`find`], with the row held until the transaction ends. Rows are held before they are
/// joined: what an outer join may leave out cannot be locked.
pub(crate) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: FollowUpId,
) -> Stored<Option<ListedFollowUp>> {
    let held: Option<FollowUpId> = follow_ups::table
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(follow_ups::id.eq(id))
        .select(follow_ups::id)
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    match held {
        Some(id) => find(transaction, id).await,
        None => Ok(None),
    }
}

/// Says in SQL what [`FollowUp::status`] says of a row.
fn standing(status: FollowUpStatus) -> &'static str {
    match status {
        FollowUpStatus::Upcoming | FollowUpStatus::Due | FollowUpStatus::Overdue => {
            "follow_ups.status = 'open' AND (follow_ups.appointment_id IS NULL \
             OR appointments.status IN ('cancelled', 'no_show'))"
        }
        FollowUpStatus::Booked => {
            "follow_ups.status = 'open' \
             AND appointments.status NOT IN ('cancelled', 'no_show', 'completed')"
        }
        FollowUpStatus::Done => {
            "(follow_ups.status = 'done' \
             OR (follow_ups.status = 'open' AND appointments.status = 'completed'))"
        }
        FollowUpStatus::Cancelled => "follow_ups.status = 'cancelled'",
    }
}

/// Follow-ups that fit, by the end of their windows.
pub(crate) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &FollowUpFilter,
    window: &Window<FollowUpKey>,
) -> Stored<Vec<ListedFollowUp>> {
    let now = transaction.now();
    let mut query = joined!(transaction)
        .order((follow_ups::due_by, follow_ups::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(sql::<Bool>(standing(status)));
    }
    query = match filter.status {
        Some(FollowUpStatus::Upcoming) => query.filter(follow_ups::due_from.gt(now)),
        Some(FollowUpStatus::Due) => query
            .filter(follow_ups::due_from.le(now))
            .filter(follow_ups::due_by.gt(now)),
        Some(FollowUpStatus::Overdue) => query.filter(follow_ups::due_by.le(now)),
        _ => query,
    };
    if let Some(kind) = filter.kind {
        query = query.filter(follow_ups::kind.eq(kind));
    }
    if let Some(id) = filter.procedure_id {
        query = query.filter(follow_ups::procedure_id.eq(id));
    }
    if let Some(ids) = &filter.patient_ids {
        query = match ids.as_slice() {
            [id] => {
                let records = records_of(transaction, PatientId::from(*id));
                query.filter(follow_ups::patient_id.eq_any(records))
            }
            ids => query.filter(follow_ups::patient_id.eq_any(ids.to_vec())),
        };
    }
    if let Some(from) = filter.from {
        query = query.filter(follow_ups::due_by.gt(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(follow_ups::due_from.lt(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(follow_ups::updated_at.ge(since));
    }
    if let Some((due_by, id)) = window.after {
        query = query.filter(
            follow_ups::due_by.ge(due_by).and(
                follow_ups::due_by
                    .gt(due_by)
                    .or(follow_ups::id.gt(FollowUpId::from(id))),
            ),
        );
    }
    let rows = query
        .load::<JoinedRow>(&mut transaction.connection())
        .await?;
    shown(transaction, rows).await
}
