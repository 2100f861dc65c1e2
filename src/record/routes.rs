//! The record as a whole over HTTP.

use actix_web::{delete, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::patients::{
    Archive, DatePrecision, Death, OpenItemBody, Patient, PatientBody, PatientError, PatientId,
    RecordDeath, Restore, record_death, restore,
};
use crate::platform::access::Permit;
use crate::platform::etag::IfMatch;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};

use super::close::{archive_record, die};
use super::export::{Export, export};
use super::merge::{Merge, MergeError, Unmerge, merge, unmerge};
use super::store::OpenItem;
use super::timeline::{ReadTimeline, timeline};
use super::timeline_entry::{TimelineEntry, TimelineKey, TimelineKind, TimelineMark};

/// Adds the operations on whole records.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(merge_patients)
        .service(unmerge_patients)
        .service(archive_patient)
        .service(restore_patient)
        .service(record_patient_death)
        .service(take_back_patient_death)
        .service(get_timeline)
        .service(export_patient);
}

/// The record that turned out to be of the same person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergePatientsBody {
    duplicate_id: PatientId,
}

fn answer(patient: &Patient) -> Result<Answer, Problem> {
    Ok(Answer::ok(&PatientBody::from(patient))?.version(patient.version))
}

fn with_open_items(patient: &Patient, items: Vec<OpenItem>) -> Result<Answer, Problem> {
    let shown = items.into_iter().map(|item| OpenItemBody {
        kind: item.kind,
        id: item.id,
        at: item.at,
    });
    let body = PatientBody::from(patient).with_open_items(shown.collect());
    Ok(Answer::ok(&body)?.version(patient.version))
}

/// Takes a record out of use. It stays readable and keeps its history.
///
/// `open_items` of the answer names what is still open under it: appointments, places on the
/// waitlist, follow-ups and visits. Nothing of it is ended.
#[utoipa::path(
    operation_id = "archivePatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[post("/patients/{patient_id}/archive")]
async fn archive_patient(
    permit: Permit<Archive>,
    id: PathId<PatientId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (patient, open) = archive_record(transaction, id.0, &if_match).await?;
            with_open_items(&patient, open)
        })
        .await
}

/// Takes an archived record into use again.
#[utoipa::path(
    operation_id = "restorePatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[post("/patients/{patient_id}/restore")]
async fn restore_patient(
    permit: Permit<Restore>,
    id: PathId<PatientId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(&restore(transaction, id.0, &if_match).await?))
        .await
}

/// When a patient died.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordPatientDeathBody {
    /// The first day of the month or the year where only that is known.
    died_on: NaiveDate,
    precision: DatePrecision,
}

/// Records that a patient has died.
///
/// Appointments still to come are cancelled, places on the waitlist withdrawn and open follow-ups
/// cancelled. `open_items` of the answer names them, and open visits, which stay open. Nothing can
/// be booked for the patient from now on.
#[utoipa::path(
    operation_id = "recordPatientDeath", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    request_body = RecordPatientDeathBody,
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[post("/patients/{patient_id}/death")]
async fn record_patient_death(
    permit: Permit<RecordDeath>,
    id: PathId<PatientId>,
    if_match: IfMatch,
    body: Json<RecordPatientDeathBody>,
) -> Result<Answer, Problem> {
    let death = Death {
        died_on: body.died_on,
        precision: body.precision,
    };
    permit
        .transaction(async |transaction| {
            let (patient, ended) = die(transaction, id.0, &if_match, death).await?;
            with_open_items(&patient, ended)
        })
        .await
}

/// Takes back that a patient has died. What was ended stays ended.
#[utoipa::path(
    operation_id = "takeBackPatientDeath", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), IfMatch),
    responses((status = 200, description = "As it is now.", body = PatientBody), Refused<PatientError>)
)]
#[delete("/patients/{patient_id}/death")]
async fn take_back_patient_death(
    permit: Permit<RecordDeath>,
    id: PathId<PatientId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&record_death(transaction, id.0, &if_match, None).await?)
        })
        .await
}

/// Merges a duplicate into a record: from now on every read shows one person.
///
/// No row is rewritten, not even in sealed visits, and the merge can be taken back exactly.
/// Refused while appointments to come overlap or both records have an active treatment plan.
#[utoipa::path(
    operation_id = "mergePatients", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The record that stays."), IfMatch),
    request_body = MergePatientsBody,
    responses(
        (status = 200, description = "The record that stands for both.", body = PatientBody),
        Refused<MergeError>
    )
)]
#[post("/patients/{patient_id}/merge")]
async fn merge_patients(
    permit: Permit<Merge>,
    id: PathId<PatientId>,
    if_match: IfMatch,
    body: Json<MergePatientsBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&merge(transaction, id.0, &if_match, body.duplicate_id).await?)
        })
        .await
}

/// Takes a merge back: both are as they were, each with what was written to it.
#[utoipa::path(
    operation_id = "unmergePatients", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The record that stayed."), IfMatch),
    request_body = MergePatientsBody,
    responses(
        (status = 200, description = "The record without the duplicate.", body = PatientBody),
        Refused<MergeError>
    )
)]
#[post("/patients/{patient_id}/unmerge")]
async fn unmerge_patients(
    permit: Permit<Unmerge>,
    id: PathId<PatientId>,
    if_match: IfMatch,
    body: Json<MergePatientsBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            answer(&unmerge(transaction, id.0, &if_match, body.duplicate_id).await?)
        })
        .await
}

/// Which part of a timeline is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TimelineQuery {
    /// Only this kind.
    #[param(inline, nullable = false)]
    kind: Option<TimelineKind>,
    /// The `next_cursor` of the page before.
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// One line of a timeline.
#[derive(Serialize, ToSchema)]
struct TimelineEntryBody {
    kind: TimelineKind,
    /// Of the appointment, visit, procedure, follow-up, assessment or outside dose; of a diary that was taken
    /// over, its first day.
    id: Uuid,
    /// When it begins, was begun, is due or was taken, in the zone beside it.
    #[schema(format = DateTime)]
    at: String,
    #[schema(example = "America/New_York")]
    time_zone: String,
    /// Where it stands, in the words of its kind.
    #[schema(example = "signed")]
    status: String,
    /// What it is about.
    title: Option<String>,
    /// What sets it apart from what was done here and written down at once.
    marks: Vec<TimelineMark>,
}

impl From<TimelineEntry> for TimelineEntryBody {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            kind: entry.kind,
            id: entry.id,
            at: to_zone_rfc3339(entry.at, entry.zone),
            time_zone: entry.zone.name().to_owned(),
            status: entry.status,
            title: entry.title,
            marks: entry.marks,
        }
    }
}

/// Lists a patient's appointments, visits, procedures, follow-ups, assessments, doses given elsewhere and diaries
/// that were taken over, newest first, by the time at which they happened.
///
/// Admins see appointments, the front desk appointments and follow-ups, patients their own.
#[utoipa::path(
    operation_id = "getTimeline", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), TimelineQuery),
    responses((status = 200, description = "A page of it.", body = Page<TimelineEntryBody>))
)]
#[get("/patients/{patient_id}/timeline")]
async fn get_timeline(
    permit: Permit<ReadTimeline>,
    id: PathId<PatientId>,
    query: Query<TimelineQuery>,
) -> Result<Answer, Problem> {
    let window: Window<TimelineKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let entries = timeline(transaction, id.0, query.kind, &window).await?;
            let key = |entry: &TimelineEntry| (entry.at, entry.id);
            Answer::ok(&Page::of(
                entries,
                window.size,
                key,
                TimelineEntryBody::from,
            ))
        })
        .await
}

/// Rows by the name of the table they are kept in.
#[derive(Serialize)]
#[serde(transparent)]
struct TablesBody(Value);

impl PartialSchema for TablesBody {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let row = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(ArrayBuilder::new().items(row)))
            .into()
    }
}

impl ToSchema for TablesBody {}

/// Everything on record of one patient.
#[derive(Serialize, ToSchema)]
struct PatientRecordBody {
    patient: PatientBody,
    exported_at: DateTime<Utc>,
    /// Every row about the patient by the table it is kept in, under all records of the person;
    /// decimals are text.
    #[schema(inline)]
    tables: TablesBody,
}

/// Takes out everything on record of one patient.
///
/// Patients take out their own, with what is signed; staff who may read the chart take out all.
#[utoipa::path(
    operation_id = "exportPatient", tag = "patients", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient.")),
    responses((status = 200, description = "The whole record.", body = PatientRecordBody))
)]
#[get("/patients/{patient_id}/export")]
async fn export_patient(permit: Permit<Export>, id: PathId<PatientId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let (patient, rows) = export(transaction, id.0).await?;
            Answer::ok(&PatientRecordBody {
                patient: PatientBody::from(&patient),
                exported_at: transaction.now(),
                tables: TablesBody(rows),
            })
        })
        .await
}
