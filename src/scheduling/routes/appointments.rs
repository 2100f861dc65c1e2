//! Booking and reading appointments.

use actix_web::{get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::Version;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId};
use crate::scheduling::appointment::{AppointmentId, SeriesId};
use crate::scheduling::appointment_status::{Act, Status};
use crate::scheduling::appointment_view::{AppointmentView, ListFilter, ListKey};
use crate::scheduling::book::{Book, BookAppointment, book};
use crate::scheduling::book_error::BookError;
use crate::scheduling::hold::HoldId;
use crate::scheduling::read::{self, List, ListOwn, Read, ReadError, history, list};
use crate::scheduling::store::HistoryLine;

use super::bodies::{AppointmentBody, OverrideBody, answer, text};

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(book_appointment)
        .service(list_appointments)
        .service(list_own_appointments)
        .service(get_appointment)
        .service(list_appointment_changes);
}

/// An appointment to be booked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BookAppointmentBody {
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    starts_at: Timestamp,
    /// Only this room. When it is left out, the first free room is taken if one is needed.
    room_id: Option<RoomId>,
    /// The hold on this slot; it is used up.
    hold_id: Option<HoldId>,
    /// Why the patient comes.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    /// For staff: what they note for each other; patients never see it.
    #[schema(min_length = 1, max_length = 1000)]
    note: Option<String>,
    /// For staff: books against hours, grid, lead time and a pending review. It never books a time
    /// that is taken.
    #[serde(rename = "override")]
    overriding: Option<OverrideBody>,
}

impl BookAppointmentBody {
    fn command(&self) -> Result<BookAppointment, Problem> {
        let mut errors = Vec::new();
        let overriding = self
            .overriding
            .as_ref()
            .map(|overriding| overriding.reason.as_str());
        let reason = text("/reason", self.reason.as_deref(), &mut errors);
        let note = text("/note", self.note.as_deref(), &mut errors);
        let override_reason = text("/override/reason", overriding, &mut errors);
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(BookAppointment {
            patient_id: self.patient_id,
            appointment_type_id: self.appointment_type_id,
            provider_id: self.provider_id,
            location_id: self.location_id,
            starts_at: self.starts_at.0,
            room_id: self.room_id,
            hold_id: self.hold_id,
            reason,
            note,
            override_reason,
        })
    }
}

/// Books an appointment.
///
/// 201 means that provider, room and patient are reserved. 409 `slot-taken` names in `taken` what
/// is not free; staff see the blocking bookings and holds in `conflicts`. 422 `booking-rule` names
/// the broken rule in `rule`. The `detail` says why and, where it is known, the next free time.
#[utoipa::path(
    operation_id = "bookAppointment", tag = "scheduling", context_path = "/api/v1",
    request_body = BookAppointmentBody,
    params(Once),
    responses((status = 201, description = "Booked.", body = AppointmentBody), Refused<BookError>)
)]
#[post("/appointments")]
async fn book_appointment(
    permit: Permit<Book>,
    once: Once,
    body: Json<BookAppointmentBody>,
) -> Result<Answer, Problem> {
    let command = body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let view = book(transaction, &command).await?;
            let location = format!("/api/v1/appointments/{}", view.appointment.id);
            let version = view.appointment.version;
            Ok(Answer::created(&AppointmentBody::from(view), location)?.version(version))
        })
        .await
}

/// Which appointments. An appointment must match every filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Appointments that end after it: those that start then or later, and those that run then.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Appointments that start before it.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    /// Providers who leave out provider, location and patient get their own appointments.
    #[param(value_type = Option<Uuid>, nullable = false)]
    provider_id: Option<ProviderId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<LocationId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<PatientId>,
    /// Those of this series.
    #[param(value_type = Option<Uuid>, nullable = false)]
    series_id: Option<SeriesId>,
    #[param(inline, nullable = false)]
    status: Option<Status>,
    /// Items that changed then or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Which of the caller's own appointments. An appointment must match every filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListOwnQuery {
    /// Appointments that end after it: those that start then or later, and those that run then.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Appointments that start before it.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    #[param(inline, nullable = false)]
    status: Option<Status>,
    /// Items that changed then or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Requires that the range ends after it starts.
fn require_in_order(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), Problem> {
    match from.zip(to) {
        Some((from, to)) if to <= from => {
            Err(Problem::field("#/query/to", "must be later than from"))
        }
        _ => Ok(()),
    }
}

async fn listed(
    transaction: &OpenTransaction<'_>,
    filter: ListFilter,
    window: &Window<ListKey>,
) -> Result<Answer, Problem> {
    let views = list(transaction, filter, window).await?;
    let key = |view: &AppointmentView| -> ListKey {
        (view.appointment.place.starts_at, view.appointment.id.uuid())
    };
    Answer::ok(&Page::of(views, window.size, key, AppointmentBody::from))
}

/// Lists appointments by their start.
#[utoipa::path(
    operation_id = "listAppointments", tag = "scheduling", context_path = "/api/v1",
    params(ListQuery),
    responses((status = 200, description = "Appointments.", body = Page<AppointmentBody>))
)]
#[get("/appointments")]
async fn list_appointments(
    permit: Permit<List>,
    query: Query<ListQuery>,
) -> Result<Answer, Problem> {
    require_in_order(query.from, query.to)?;
    let window: Window<ListKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let filter = ListFilter {
                from: query.from.map(|from| from.0),
                to: query.to.map(|to| to.0),
                provider_id: query.provider_id,
                location_id: query.location_id,
                patient_id: query.patient_id,
                series_id: query.series_id,
                status: query.status,
                updated_since: query.updated_since.map(|since| since.0),
            };
            listed(transaction, filter, &window).await
        })
        .await
}

/// Lists a patient's own appointments by their start.
#[utoipa::path(
    operation_id = "listOwnAppointments", tag = "scheduling", context_path = "/api/v1",
    params(ListOwnQuery),
    responses((status = 200, description = "Appointments.", body = Page<AppointmentBody>))
)]
#[get("/me/appointments")]
async fn list_own_appointments(
    permit: Permit<ListOwn>,
    query: Query<ListOwnQuery>,
) -> Result<Answer, Problem> {
    require_in_order(query.from, query.to)?;
    let window: Window<ListKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let filter = ListFilter {
                from: query.from.map(|from| from.0),
                to: query.to.map(|to| to.0),
                status: query.status,
                updated_since: query.updated_since.map(|since| since.0),
                ..ListFilter::default()
            };
            listed(transaction, filter, &window).await
        })
        .await
}

/// Reads an appointment.
#[utoipa::path(
    operation_id = "getAppointment", tag = "scheduling", context_path = "/api/v1",
    params(("appointment_id" = AppointmentId, Path, description = "The appointment.")),
    responses(
        (status = 200, description = "The appointment.", body = AppointmentBody),
        Refused<ReadError>
    )
)]
#[get("/appointments/{appointment_id}")]
async fn get_appointment(
    permit: Permit<Read>,
    id: PathId<AppointmentId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read::read(transaction, id.0).await?))
        .await
}

/// An act on an appointment, and the appointment after it.
#[derive(Serialize, ToSchema)]
struct AppointmentChangeBody {
    id: Uuid,
    change: Act,
    status: Status,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    /// Why it was done; for `change_reason`, the earlier reason of the appointment.
    reason: Option<String>,
    /// Version of the appointment afterwards.
    version: Version,
    /// The user who did it.
    changed_by: Uuid,
    changed_at: DateTime<Utc>,
}

impl From<HistoryLine> for AppointmentChangeBody {
    fn from(line: HistoryLine) -> Self {
        Self {
            id: line.id,
            change: line.change,
            status: line.status,
            starts_at: to_zone_rfc3339(line.starts_at, line.time_zone.0),
            time_zone: line.time_zone.0.name(),
            provider_id: line.provider_id,
            location_id: line.location_id,
            room_id: line.room_id,
            reason: line.reason,
            version: line.version,
            changed_by: line.changed_by,
            changed_at: line.changed_at,
        }
    }
}

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Lists what happened to an appointment, in order.
#[utoipa::path(
    operation_id = "listAppointmentChanges", tag = "scheduling", context_path = "/api/v1",
    params(
        ("appointment_id" = AppointmentId, Path, description = "The appointment."),
        HistoryQuery
    ),
    responses(
        (status = 200, description = "Its history.", body = Page<AppointmentChangeBody>),
        Refused<ReadError>
    )
)]
#[get("/appointments/{appointment_id}/changes")]
async fn list_appointment_changes(
    permit: Permit<Read>,
    id: PathId<AppointmentId>,
    query: Query<HistoryQuery>,
) -> Result<Answer, Problem> {
    let window: Window<i64> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let lines = history(transaction, id.0, &window).await?;
            let key = |line: &HistoryLine| line.version;
            Answer::ok(&Page::of(
                lines,
                window.size,
                key,
                AppointmentChangeBody::from,
            ))
        })
        .await
}
