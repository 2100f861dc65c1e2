//! How reliably a patient comes.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::idempotency::Answer;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::scheduling::count_attendance::{ViewAttendance, count_attendance};
use crate::scheduling::read::ReadError;

pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(get_attendance);
}

/// Since when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AttendanceQuery {
    /// Appointments whose start is then or later; all appointments when it is left out.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    since: Option<Timestamp>,
}

/// How many of a patient's appointments ended in which way.
#[derive(Serialize, ToSchema)]
struct AttendanceBody {
    patient_id: PatientId,
    completed: i64,
    cancelled: i64,
    /// Cancelled appointments that the patient cancelled after the cut-off of the type.
    cancelled_late: i64,
    no_shows: i64,
    /// Start of the last appointment that was missed or cancelled late.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_missed_at: Option<String>,
    /// IANA zone of the location of that appointment.
    time_zone: Option<&'static str>,
}

/// Counts how often a patient came, cancelled, cancelled late or did not come.
#[utoipa::path(
    operation_id = "getAttendance", tag = "scheduling", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        AttendanceQuery
    ),
    responses(
        (status = 200, description = "The counts.", body = AttendanceBody),
        Refused<ReadError>
    )
)]
#[get("/patients/{patient_id}/attendance")]
async fn get_attendance(
    permit: Permit<ViewAttendance>,
    id: PathId<PatientId>,
    query: Query<AttendanceQuery>,
) -> Result<Answer, Problem> {
    let since = query.since.map(|since| since.0);
    permit
        .transaction(async |transaction| {
            let counted = count_attendance(transaction, id.0, since).await?;
            Answer::ok(&AttendanceBody {
                patient_id: counted.patient_id,
                completed: counted.completed,
                cancelled: counted.cancelled,
                cancelled_late: counted.cancelled_late,
                no_shows: counted.no_shows,
                last_missed_at: counted
                    .last_missed
                    .map(|(start, zone)| to_zone_rfc3339(start, zone)),
                time_zone: counted.last_missed.map(|(_, zone)| zone.name()),
            })
        })
        .await
}
