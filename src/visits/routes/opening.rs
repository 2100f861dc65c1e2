//! Opening visits over HTTP.

use actix_web::post;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::timestamp::Timestamp;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;
use crate::visits::open::{Arrival, LateEntry, Open, OpenError, open};

use super::visit_body::VisitBody;

/// Adds the operation that opens a visit.
pub(super) fn configure(services: &mut Operations<'_>) {
    services.service(open_visit);
}

/// Either an appointment, or the patient, provider and location of a walk-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenVisitBody {
    /// The appointment that the patient came for. Do not give patient, provider or location with it.
    appointment_id: Option<AppointmentId>,
    patient_id: Option<PatientId>,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
    /// When it began, if it is entered later than it happened: up to seven days back.
    started_at: Option<Timestamp>,
    /// Why it is entered later; required for what happened more than an hour ago.
    #[schema(min_length = 1, max_length = 1000, example = "The network was down")]
    late_entry_reason: Option<String>,
}

impl OpenVisitBody {
    fn arrival(&self) -> Result<Arrival, Problem> {
        let walk_in = [
            ("/patient_id", self.patient_id.is_some()),
            ("/provider_id", self.provider_id.is_some()),
            ("/location_id", self.location_id.is_some()),
        ];
        let faults = |detail: &'static str, faulty: bool| {
            let fields = walk_in.into_iter().filter(|(_, given)| *given == faulty);
            Problem::invalid(
                fields
                    .map(|(field, _)| FieldError::new(field, detail))
                    .collect(),
            )
        };
        match (
            self.appointment_id,
            self.patient_id,
            self.provider_id,
            self.location_id,
        ) {
            (Some(appointment_id), None, None, None) => Ok(Arrival::Appointment(appointment_id)),
            (Some(_), ..) => Err(faults(
                "must not be given together with appointment_id",
                true,
            )),
            (None, Some(patient_id), Some(provider_id), Some(location_id)) => Ok(Arrival::WalkIn {
                patient_id,
                provider_id,
                location_id,
            }),
            _ => Err(faults("is required when there is no appointment_id", false)),
        }
    }
}

/// Opens a visit, from an appointment or for a walk-in.
///
/// An appointment gives one visit. A second one is rejected with the `visit_id` of the first.
#[utoipa::path(
    operation_id = "openVisit", tag = "visits", context_path = "/api/v1",
    request_body = OpenVisitBody,
    params(Once),
    responses((status = 201, description = "The opened visit.", body = VisitBody), Refused<OpenError>)
)]
#[post("/visits")]
async fn open_visit(
    permit: Permit<Open>,
    once: Once,
    body: Json<OpenVisitBody>,
) -> Result<Answer, Problem> {
    let arrival = body.arrival()?;
    let late_entry = LateEntry {
        started_at: body.started_at.map(|instant| instant.0),
        reason: body.late_entry_reason.clone(),
    };
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let visit = open(transaction, arrival, &late_entry).await?;
            let (version, location) = (visit.version, format!("/api/v1/visits/{}", visit.id));
            Ok(Answer::created(&VisitBody::from(visit), location)?.version(version))
        })
        .await
}
