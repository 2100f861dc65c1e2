//! Series of appointments.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};
use crate::scheduling::appointment::{Cancellation, SeriesId};
use crate::scheduling::appointment_status::CancelReason;
use crate::scheduling::book::BookAppointment;
use crate::scheduling::book_series::{BookSeries, NewSeries, SeriesError, book_series};
use crate::scheduling::change_series::{
    CancelSeries, ChangeSeriesError, MoveRest, MoveSeries, cancel_series, move_series,
};
use crate::scheduling::read::ReadError;
use crate::scheduling::read_series::{
    ReadSeries, SeriesView, list_series, read_series, view_series,
};
use crate::scheduling::series::{Series, slack_fits};

use super::bodies::{AppointmentBody, OverrideBody, text};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(book_appointment_series)
        .service(list_appointment_series)
        .service(get_appointment_series)
        .service(cancel_appointment_series)
        .service(move_appointment_series);
}

/// A series to be booked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookSeriesBody {
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    /// The start of the first appointment; the others have the same wall-clock time at the
    /// location.
    first_starts_at: Timestamp,
    /// The number of appointments, the first one included.
    #[schema(minimum = 1, maximum = 52)]
    count: i16,
    #[schema(minimum = 1, maximum = 26)]
    every_weeks: i16,
    /// By how many days an occurrence may be moved when its day does not fit: less than half the
    /// days to the next one. 0 when it is left out.
    #[schema(minimum = 0, maximum = 90)]
    slack_days: Option<i16>,
    /// Why the patient comes.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    /// For staff: books against hours, grid, lead time and a pending review. It never books a time
    /// that is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

impl BookSeriesBody {
    fn command(&self) -> Result<NewSeries, Problem> {
        let mut errors = Vec::new();
        let overriding = self.overriding.as_ref().map(|given| given.reason.as_str());
        let reason = text("/reason", self.reason.as_deref(), &mut errors);
        let override_reason = text("/override/reason", overriding, &mut errors);
        let slack_days = self.slack_days.unwrap_or(0);
        if !slack_fits(self.every_weeks, slack_days) {
            let detail = "must be less than half the days from one occurrence to the next";
            errors.push(FieldError::new("/slack_days", detail));
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let first = BookAppointment {
            patient_id: self.patient_id,
            appointment_type_id: self.appointment_type_id,
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.first_starts_at.0,
            room_id: None,
            hold_id: None,
            reason,
            note: None,
            override_reason,
        };
        Ok(NewSeries {
            first,
            count: self.count,
            every_weeks: self.every_weeks,
            slack_days,
        })
    }
}

/// A series as it was requested. Times are in the zone of the location.
#[derive(Serialize, ToSchema)]
#[schema(as = AppointmentSeriesPatternBody)]
struct PatternBody {
    id: SeriesId,
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    #[schema(value_type = String, format = DateTime)]
    first_starts_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    count: i16,
    every_weeks: i16,
    slack_days: i16,
    created_at: DateTime<Utc>,
}

impl From<Series> for PatternBody {
    fn from(series: Series) -> Self {
        Self {
            id: series.id,
            patient_id: series.patient_id,
            appointment_type_id: series.appointment_type_id,
            provider_id: series.provider_id,
            location_id: series.location_id,
            first_starts_at: to_zone_rfc3339(series.first_starts_at, series.zone),
            time_zone: series.zone.name(),
            count: series.count,
            every_weeks: series.every_weeks,
            slack_days: series.slack_days,
            created_at: series.created_at,
        }
    }
}

/// A series and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = AppointmentSeriesBody)]
struct SeriesBody {
    #[serde(flatten)]
    pattern: PatternBody,
    /// In the order of their numbers, cancelled ones included.
    appointments: Vec<AppointmentBody>,
    /// Later with every change of one of the appointments.
    version: Version,
}

fn body(view: SeriesView) -> SeriesBody {
    let appointments = view.appointments;
    let versions = appointments.iter().map(|view| view.appointment.version);
    let version = versions.sum();
    SeriesBody {
        pattern: view.series.into(),
        appointments: appointments
            .into_iter()
            .map(AppointmentBody::from)
            .collect(),
        version,
    }
}

async fn shown(transaction: &OpenTransaction<'_>, id: SeriesId) -> Result<Answer, Problem> {
    answer(view_series(transaction, id).await?)
}

fn answer(view: SeriesView) -> Result<Answer, Problem> {
    let body = body(view);
    Ok(Answer::ok(&body)?.version(body.version))
}

/// Books a series of appointments: all of it or nothing.
///
/// All of them have the same wall-clock time at the location. When the day of an occurrence does
/// not fit, the nearest day within the slack is taken: one later, one earlier, two later and so on.
/// A refusal names in `refused` every occurrence that cannot take place; its type is the one of the
/// first of them.
#[utoipa::path(
    operation_id = "bookAppointmentSeries", tag = "scheduling", context_path = "/api/v1",
    request_body = BookSeriesBody,
    params(Once),
    responses((status = 201, description = "Booked.", body = SeriesBody), Refused<SeriesError>)
)]
#[post("/appointment-series")]
async fn book_appointment_series(
    permit: Permit<BookSeries>,
    once: Once,
    body: Json<BookSeriesBody>,
) -> Result<Answer, Problem> {
    let command = body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let series = book_series(transaction, &command).await?;
            let shown = self::body(view_series(transaction, series.id).await?);
            let location = format!("/api/v1/appointment-series/{}", series.id);
            Ok(Answer::created(&shown, location)?.version(shown.version))
        })
        .await
}

/// Whose series.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListSeriesQuery {
    #[param(value_type = Uuid)]
    patient_id: PatientId,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Lists the series of a patient in the order in which they were booked.
///
/// `GET /appointment-series/{series_id}` shows the appointments of one.
#[utoipa::path(
    operation_id = "listAppointmentSeries", tag = "scheduling", context_path = "/api/v1",
    params(ListSeriesQuery),
    responses((status = 200, description = "Series.", body = Page<PatternBody>))
)]
#[get("/appointment-series")]
async fn list_appointment_series(
    permit: Permit<ReadSeries>,
    query: Query<ListSeriesQuery>,
) -> Result<Answer, Problem> {
    let window: Window<Uuid> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let found = list_series(transaction, query.patient_id, &window).await?;
            let key = |series: &Series| series.id.uuid();
            Answer::ok(&Page::of(found, window.size, key, PatternBody::from))
        })
        .await
}

/// Reads a series and its appointments.
#[utoipa::path(
    operation_id = "getAppointmentSeries", tag = "scheduling", context_path = "/api/v1",
    params(("series_id" = SeriesId, Path, description = "The series.")),
    responses((status = 200, description = "The series.", body = SeriesBody), Refused<ReadError>)
)]
#[get("/appointment-series/{series_id}")]
async fn get_appointment_series(
    permit: Permit<ReadSeries>,
    id: PathId<SeriesId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read_series(transaction, id.0).await?))
        .await
}

/// Which part of a series is cancelled, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelSeriesBody {
    reason_code: CancelReason,
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    /// This occurrence and those after it; all that are ahead when it is left out.
    #[schema(minimum = 1, maximum = 52)]
    from_occurrence: Option<i16>,
}

/// Cancels the appointments of a series that are ahead, from an occurrence on. Those that have
/// started stay unchanged.
#[utoipa::path(
    operation_id = "cancelAppointmentSeries", tag = "scheduling", context_path = "/api/v1",
    params(("series_id" = SeriesId, Path, description = "The series."), IfMatch),
    request_body = CancelSeriesBody,
    responses(
        (status = 200, description = "As it is now.", body = SeriesBody),
        Refused<ChangeSeriesError>
    )
)]
#[post("/appointment-series/{series_id}/cancel")]
async fn cancel_appointment_series(
    permit: Permit<CancelSeries>,
    id: PathId<SeriesId>,
    if_match: IfMatch,
    body: Json<CancelSeriesBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let note = text("/note", body.note.as_deref(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let cancellation = Cancellation::told(body.reason_code, note);
    permit
        .transaction(async |transaction| {
            let part = (body.from_occurrence, &cancellation);
            cancel_series(transaction, id.0, &if_match, part).await?;
            shown(transaction, id.0).await
        })
        .await
}

/// Where the rest of a series is moved to. A field that is left out keeps its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MoveSeriesBody {
    /// This occurrence and those after it; all that are ahead when it is left out.
    #[schema(minimum = 1, maximum = 52)]
    from_occurrence: Option<i16>,
    /// The new start of the first moved appointment. The others follow at the same wall-clock time,
    /// as many weeks apart as before.
    starts_at: Timestamp,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
    /// For staff: moves them against hours, grid, lead time and a pending review. It never moves
    /// them to a time that is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

/// Moves the appointments of a series that are ahead, from an occurrence on: all of them or none.
///
/// `rescheduleAppointment` moves one appointment alone, which stays in the series.
#[utoipa::path(
    operation_id = "moveAppointmentSeries", tag = "scheduling", context_path = "/api/v1",
    params(("series_id" = SeriesId, Path, description = "The series."), IfMatch),
    request_body = MoveSeriesBody,
    responses(
        (status = 200, description = "As it is now.", body = SeriesBody),
        Refused<ChangeSeriesError>
    )
)]
#[post("/appointment-series/{series_id}/move")]
async fn move_appointment_series(
    permit: Permit<MoveSeries>,
    id: PathId<SeriesId>,
    if_match: IfMatch,
    body: Json<MoveSeriesBody>,
) -> Result<Answer, Problem> {
    let mut errors = Vec::new();
    let overriding = body.overriding.as_ref().map(|given| given.reason.as_str());
    let override_reason = text("/override/reason", overriding, &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let command = MoveRest {
        from_occurrence: body.from_occurrence,
        starts_at: body.starts_at.0,
        provider_id: body.provider_id,
        location_id: body.location_id,
        override_reason,
    };
    permit
        .transaction(async |transaction| {
            move_series(transaction, id.0, &if_match, &command).await?;
            shown(transaction, id.0).await
        })
        .await
}
