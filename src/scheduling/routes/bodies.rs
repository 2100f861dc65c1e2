//! How appointments look in JSON.

use actix_web::dev::Payload;
use actix_web::http::{self, header};
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::Version;
use crate::platform::idempotency::Answer;
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::problem::{FieldError, Problem};
use crate::practice::AffectedCause;
use crate::scheduling::appointment::{AppointmentId, Cancellation, SeriesId};
use crate::scheduling::appointment_status::{Act, CancelReason, Status};
use crate::scheduling::appointment_view::AppointmentView;
use crate::scheduling::read;

/// Something with a name, by its id.
#[derive(Serialize, ToSchema)]
pub(crate) struct NamedBody {
    pub(super) id: Uuid,
    pub(super) name: String,
}

impl NamedBody {
    pub(crate) const fn new(id: Uuid, name: String) -> Self {
        Self { id, name }
    }
}

/// Who comes.
#[derive(Serialize, ToSchema)]
struct ComingPatientBody {
    id: PatientId,
    name: String,
    /// For staff: the telephone number to call.
    phone: Option<String>,
}

/// Why an appointment was cancelled.
#[derive(Serialize, ToSchema)]
struct CancellationBody {
    reason_code: CancelReason,
    note: Option<String>,
    /// Whether the patient cancelled after the cut-off of the type.
    late: bool,
}

/// An appointment. Times are in the zone of the location.
#[derive(Serialize, ToSchema)]
pub(super) struct AppointmentBody {
    id: AppointmentId,
    status: Status,
    patient: ComingPatientBody,
    provider: NamedBody,
    location: NamedBody,
    room: Option<NamedBody>,
    appointment_type: NamedBody,
    /// The colour of the type of appointment, `#rrggbb`.
    color: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    /// The end; this instant is not part of the appointment.
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    reason: Option<String>,
    /// What staff note for each other; null for patients.
    note: Option<String>,
    override_reason: Option<String>,
    cancellation: Option<CancellationBody>,
    /// The series it was booked in.
    series_id: Option<SeriesId>,
    /// Which one of the series, from 1.
    occurrence: Option<i16>,
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    roomed_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancelled_at: Option<String>,
    /// For staff: what has left it standing where it cannot take place, until it is moved, cancelled
    /// or kept.
    affected_by: Option<AffectedCause>,
    /// What the caller may do next. A visit can still forbid undoing the last step.
    allowed: Vec<Act>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<AppointmentView> for AppointmentBody {
    fn from(view: AppointmentView) -> Self {
        let appointment = view.appointment;
        let place = appointment.place;
        let milestones = appointment.milestones;
        let zone = view.zone;
        let named = |id: Uuid, name: String| NamedBody { id, name };
        Self {
            id: appointment.id,
            status: appointment.status,
            patient: ComingPatientBody {
                id: appointment.patient_id,
                name: view.patient_name,
                phone: view.patient_phone,
            },
            provider: named(place.provider_id.uuid(), view.provider_name),
            location: named(place.location_id.uuid(), view.location_name),
            room: place
                .room_id
                .zip(view.room_name)
                .map(|(id, name)| named(id.uuid(), name)),
            appointment_type: named(appointment.appointment_type_id.uuid(), view.type_name),
            color: view.color,
            starts_at: to_zone_rfc3339(place.starts_at, zone),
            ends_at: to_zone_rfc3339(place.ends_at, zone),
            time_zone: zone.name(),
            reason: appointment.reason,
            note: appointment.note,
            override_reason: appointment.override_reason,
            cancellation: appointment.cancellation.map(CancellationBody::from),
            series_id: appointment.series.map(|series| series.series_id),
            occurrence: appointment.series.map(|series| series.number),
            arrived_at: local(milestones.arrived_at, zone),
            roomed_at: local(milestones.roomed_at, zone),
            started_at: local(milestones.started_at, zone),
            completed_at: local(milestones.completed_at, zone),
            cancelled_at: local(milestones.cancelled_at, zone),
            affected_by: view.affected_by,
            allowed: view.allowed,
            version: appointment.version,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
        }
    }
}

impl From<Cancellation> for CancellationBody {
    fn from(cancellation: Cancellation) -> Self {
        Self {
            reason_code: cancellation.reason_code,
            note: cancellation.note,
            late: cancellation.is_late,
        }
    }
}

/// An instant in the zone of the location.
pub(super) fn local(instant: Option<DateTime<Utc>>, zone: Tz) -> Option<String> {
    instant.map(|instant| to_zone_rfc3339(instant, zone))
}

/// 200 with an appointment that was just changed.
pub(super) async fn shown(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Result<Answer, Problem> {
    answer(read::view(transaction, id).await?)
}

/// 200 with an appointment.
pub(super) fn answer(view: AppointmentView) -> Result<Answer, Problem> {
    let version = view.appointment.version;
    Ok(Answer::ok(&AppointmentBody::from(view))?.version(version))
}

/// Why staff book against a rule.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideBody {
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: String,
}

impl OverrideBody {
    /// The reason of the override, if there is one; a blank reason is refused.
    pub(crate) fn reason_of(overriding: Option<&Self>) -> Result<Option<String>, Problem> {
        let given = overriding.map(|overriding| overriding.reason.as_str());
        let mut errors = Vec::new();
        let reason = text("/override/reason", given, &mut errors);
        if errors.is_empty() {
            Ok(reason)
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

/// The text without white space around it; a blank text is refused.
pub(super) fn text(
    pointer: &str,
    text: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Option<String> {
    let text = text?.trim();
    if text.is_empty() {
        errors.push(FieldError::new(pointer, "must not be blank"));
    }
    Some(text.to_owned())
}

/// A body that may be left out.
pub(super) struct Optional<T>(pub(super) Option<T>);

impl<T: serde::de::DeserializeOwned + ToSchema + 'static> FromRequest for Optional<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        // Many clients send a content type without a body.
        let is_empty = match headers.get(header::CONTENT_LENGTH) {
            Some(length) => length == "0",
            None => {
                request.version() <= http::Version::HTTP_11
                    && !headers.contains_key(header::TRANSFER_ENCODING)
            }
        };
        if is_empty {
            return Box::pin(async { Ok(Self(None)) });
        }
        let content = Json::<T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(Some(content.await?.into_inner()))) })
    }
}
