//! Rows and queries of follow-ups.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::adverse_symptom::AdverseSymptom;
use crate::care::due_window::DueWindow;
use crate::care::follow_up::{
    Attempt, AttemptResult, Attempts, FollowUp, FollowUpId, FollowUpKind, Origin, ProtocolId,
};
use crate::care::follow_up_outcome::Outcome;
use crate::care::follow_up_status::Stage;
use crate::care::listed_follow_up::{ListedFollowUp, PastAttempt, Person};
use crate::patients::{PatientId, persons};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::id;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::procedures::ProcedureId;
use crate::scheduling::{AppointmentId, AppointmentStanding, standings};
use crate::schema::{follow_up_attempts, follow_ups, patients};

#[derive(Queryable, Selectable)]
#[diesel(table_name = follow_ups, check_for_backend(diesel::pg::Pg))]
pub(super) struct FollowUpRow {
    id: FollowUpId,
    patient_id: PatientId,
    kind: FollowUpKind,
    reason: String,
    due_from: DateTime<Utc>,
    due_by: DateTime<Utc>,
    procedure_id: Option<ProcedureId>,
    protocol_id: Option<ProtocolId>,
    protocol_step: Option<String>,
    appointment_id: Option<AppointmentId>,
    raised_by: Option<FollowUpId>,
    urgent: bool,
    status: Stage,
    attempt_count: i16,
    last_attempt_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
    symptoms_asked: Option<Vec<Option<AdverseSymptom>>>,
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

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = patients, check_for_backend(diesel::pg::Pg))]
struct PersonRow {
    id: PatientId,
    given_name: String,
    family_name: String,
    phone: Option<String>,
    merged_into_id: Option<PatientId>,
}

fn listed(
    row: FollowUpRow,
    appointment: Option<AppointmentStanding>,
    person: Person,
) -> ListedFollowUp {
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
        appointment,
        attempts: Attempts {
            count: row.attempt_count,
            last_at: row.last_attempt_at,
        },
        outcome: Outcome {
            text: row.outcome,
            symptoms_asked: row
                .symptoms_asked
                .map(|asked| asked.into_iter().flatten().collect()),
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

/// The rows as they are shown: with their appointments, and the person where a record was merged.
///
/// Patients and appointments are read by themselves. Joined in, a work list of many is sorted as a
/// whole before its first page, because the planner takes the policy on patients to leave hardly
/// any; and the index of appointments would be searched for each of the many rows that have none.
pub(super) async fn shown(
    transaction: &OpenTransaction<'_>,
    rows: Vec<FollowUpRow>,
) -> Stored<Vec<ListedFollowUp>> {
    let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.patient_id.uuid()).collect();
    let ids = Vec::from_iter(ids);
    let (records, appointments) = pipelined!(
        records(transaction, &ids),
        appointments_of(transaction, &rows),
    )?;
    let people = people(transaction, records).await?;
    together(rows, &people, &appointments)
}

/// One after the other from a list, because a hash index answers one id at a time.
const RECORDS: &str = "
    SELECT patients.id, given_name, family_name, phone, merged_into_id
    FROM unnest($2::uuid[]) AS wanted (id)
    JOIN patients ON patients.practice_id = $1 AND patients.id = wanted.id";

async fn records(transaction: &OpenTransaction<'_>, ids: &[Uuid]) -> Stored<Vec<PersonRow>> {
    let records = diesel::sql_query(RECORDS)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Array<SqlUuid>, _>(ids);
    Ok(prepared(records)
        .load(&mut transaction.connection())
        .await?)
}

/// An appointment that row-level security hides counts as none: it was made while the record was
/// merged into another, and the two have been parted since.
fn together(
    rows: Vec<FollowUpRow>,
    people: &BTreeMap<PatientId, Person>,
    appointments: &BTreeMap<AppointmentId, AppointmentStanding>,
) -> Stored<Vec<ListedFollowUp>> {
    let beside = |row: FollowUpRow| {
        let person = people.get(&row.patient_id).cloned();
        let person = person
            .ok_or_else(|| InconsistentRow::new("follow_ups", "patient_id", row.id.uuid()))?;
        let appointment = row
            .appointment_id
            .and_then(|id| appointments.get(&id).cloned());
        Ok(listed(row, appointment, person))
    };
    rows.into_iter().map(beside).collect()
}

/// Where the appointments stand that were made for these.
async fn appointments_of(
    transaction: &OpenTransaction<'_>,
    rows: &[FollowUpRow],
) -> Stored<BTreeMap<AppointmentId, AppointmentStanding>> {
    let ids: Vec<AppointmentId> = rows.iter().filter_map(|row| row.appointment_id).collect();
    standings(transaction, &ids).await
}

/// The person that each record is of, by record.
async fn people(
    transaction: &OpenTransaction<'_>,
    records: Vec<PersonRow>,
) -> Stored<BTreeMap<PatientId, Person>> {
    let merged = persons(transaction, records.iter().map(|row| row.merged_into_id)).await?;
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
    Ok(records.into_iter().map(person).collect())
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = follow_ups, primary_key(practice_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow<'a> {
    practice_id: Uuid,
    id: FollowUpId,
    patient_id: PatientId,
    kind: FollowUpKind,
    reason: &'a str,
    due_from: DateTime<Utc>,
    due_by: DateTime<Utc>,
    procedure_id: Option<ProcedureId>,
    protocol_id: Option<ProtocolId>,
    protocol_step: Option<&'a str>,
    appointment_id: Option<AppointmentId>,
    raised_by: Option<FollowUpId>,
    urgent: bool,
    status: Stage,
    attempt_count: i16,
    last_attempt_at: Option<DateTime<Utc>>,
    outcome: Option<&'a str>,
    symptoms_asked: Option<&'a [AdverseSymptom]>,
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
            attempt_count: follow_up.attempts.count,
            last_attempt_at: follow_up.attempts.last_at,
            outcome: outcome.text.as_deref(),
            symptoms_asked: outcome.symptoms_asked.as_deref(),
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

/// Inserts the follow-ups of a protocol, but for the steps that are there: a procedure can be completed
/// again after a mistake was put right.
pub(crate) async fn insert_once(transaction: &OpenTransaction<'_>, new: &[FollowUp]) -> Stored<()> {
    let practice_id = transaction.practice_id();
    let rows: Vec<WrittenRow<'_>> = new
        .iter()
        .map(|follow_up| WrittenRow::new(practice_id, follow_up))
        .collect();
    diesel::insert_into(follow_ups::table)
        .values(&rows)
        .on_conflict((
            follow_ups::practice_id,
            follow_ups::procedure_id,
            follow_ups::protocol_step,
        ))
        .do_nothing()
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Cancels the open follow-ups of these procedures, and returns them with their patients.
pub(crate) async fn cancel_of_procedures(
    transaction: &OpenTransaction<'_>,
    procedure_ids: &[ProcedureId],
    reason: &str,
) -> Stored<Vec<(FollowUpId, PatientId)>> {
    let now = transaction.now();
    Ok(diesel::update(follow_ups::table)
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(
            follow_ups::procedure_id
                .assume_not_null()
                .eq_any(procedure_ids),
        )
        .filter(follow_ups::status.eq(Stage::Open))
        .set((
            follow_ups::status.eq(Stage::Cancelled),
            follow_ups::cancel_reason.eq(reason),
            follow_ups::closed_at.eq(now),
            follow_ups::closed_by.eq(transaction.principal().user_id),
            follow_ups::version.eq(follow_ups::version + 1),
            follow_ups::updated_at.eq(now),
        ))
        .returning((follow_ups::id, follow_ups::patient_id))
        .get_results(&mut transaction.connection())
        .await?)
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

/// Inserts a try that did not reach the patient, and updates the follow-up that counts it.
pub(crate) async fn record_attempt(
    transaction: &OpenTransaction<'_>,
    attempt: &Attempt,
) -> Stored<()> {
    use follow_up_attempts::dsl;
    let follow_up = &attempt.follow_up;
    record(transaction, follow_up).await?;
    diesel::insert_into(dsl::follow_up_attempts)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id::fresh(transaction.now())),
            dsl::patient_id.eq(follow_up.patient_id),
            dsl::follow_up_id.eq(follow_up.id),
            dsl::result.eq(attempt.result),
            dsl::attempted_by.eq(transaction.principal().user_id),
            dsl::attempted_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A page of the tries that did not reach the patient, oldest first.
pub(crate) async fn attempts(
    transaction: &OpenTransaction<'_>,
    id: FollowUpId,
    window: &Window<Uuid>,
) -> Stored<Vec<PastAttempt>> {
    use follow_up_attempts::dsl;
    let mut query = dsl::follow_up_attempts
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::follow_up_id.eq(id))
        .order(dsl::id)
        .limit(window.probe())
        .select((dsl::id, dsl::result, dsl::attempted_by, dsl::attempted_at))
        .into_boxed();
    if let Some(after) = window.after {
        query = query.filter(dsl::id.gt(after));
    }
    let rows: Vec<(Uuid, AttemptResult, Uuid, DateTime<Utc>)> =
        query.load(&mut transaction.connection()).await?;
    let past = rows
        .into_iter()
        .map(|(id, result, attempted_by, attempted_at)| PastAttempt {
            id,
            result,
            attempted_by,
            attempted_at,
        });
    Ok(past.collect())
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: FollowUpId,
) -> Stored<Option<ListedFollowUp>> {
    let one = follow_ups::table
        .filter(follow_ups::practice_id.eq(transaction.practice_id()))
        .filter(follow_ups::id.eq(id));
    // Asked by the follow-up and not by what is found of it, so that both come in one exchange.
    let record = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(one.select(follow_ups::patient_id)))
        .select(PersonRow::as_select());
    let (mut for_one, mut for_record) = (transaction.connection(), transaction.connection());
    let (rows, records) = pipelined!(
        one.select(FollowUpRow::as_select()).load(&mut for_one),
        record.load(&mut for_record),
    )?;
    let (people, appointments) = pipelined!(
        people(transaction, records),
        appointments_of(transaction, &rows),
    )?;
    Ok(together(rows, &people, &appointments)?.pop())
}

/// As [`find`], with the row held until the transaction ends.
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
