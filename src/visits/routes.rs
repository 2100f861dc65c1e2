//! Visits over HTTP.

use actix_web::{get, patch, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;

use super::addendum::{Add, SignedVisitError, add};
use super::note_templates;
use super::open::{Arrival, Open, OpenError, open};
use super::read::{Read, VisitFilter, VisitKey, list, read};
use super::record::{NoteChanges, Record, RecordError, take_vitals, write_note};
use super::seal::{CheckSeal, CheckedSeal, check_seal};
use super::sign::{Sign, SignError, sign};
use super::tenderness::{TendernessScores, score_tenderness};
use super::visit::{
    Addendum, Diagnosis, Signature, TakenVitals, Visit, VisitId, VisitStatus, Vitals,
};

/// Adds the operations on visits.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(open_visit)
        .service(list_visits)
        .service(get_visit)
        .service(update_visit)
        .service(put_vitals)
        .service(put_tenderness_scores)
        .service(sign_visit)
        .service(add_addendum)
        .service(get_seal);
    note_templates::configure(services);
}

/// Either the appointment, or who walked in to whom and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named as clients know them")]
struct OpenVisitBody {
    /// The appointment the patient came for; nothing else is given with it.
    appointment_id: Option<AppointmentId>,
    patient_id: Option<PatientId>,
    provider_id: Option<ProviderId>,
    location_id: Option<LocationId>,
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
            (Some(_), ..) => Err(faults("comes from the appointment", true)),
            (None, Some(patient_id), Some(provider_id), Some(location_id)) => Ok(Arrival::WalkIn {
                patient_id,
                provider_id,
                location_id,
            }),
            _ => Err(faults(
                "is required where there is no appointment_id",
                false,
            )),
        }
    }
}

/// Someone or something by name.
#[derive(Serialize, ToSchema)]
struct VisitParticipant {
    id: Uuid,
    name: String,
}

fn participant(id: impl Into<Uuid>, name: String) -> VisitParticipant {
    VisitParticipant {
        id: id.into(),
        name,
    }
}

/// What was measured; null where it was not.
#[derive(Serialize, ToSchema)]
struct VitalsBody {
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    systolic_mmhg: Option<i32>,
    diastolic_mmhg: Option<i32>,
    heart_rate_bpm: Option<i32>,
    spo2_percent: Option<i32>,
    temperature_c: Option<ExactDecimal>,
    taken_at: DateTime<Utc>,
}

impl From<TakenVitals> for VitalsBody {
    fn from(taken: TakenVitals) -> Self {
        let vitals = taken.vitals;
        Self {
            weight_kg: vitals.weight_kg.map(ExactDecimal),
            height_cm: vitals.height_cm.map(ExactDecimal),
            systolic_mmhg: vitals.systolic_mmhg,
            diastolic_mmhg: vitals.diastolic_mmhg,
            heart_rate_bpm: vitals.heart_rate_bpm,
            spo2_percent: vitals.spo2_percent,
            temperature_c: vitals.temperature_c.map(ExactDecimal),
            taken_at: taken.taken_at,
        }
    }
}

/// Who sealed the visit, when, and with what.
#[derive(Serialize, ToSchema)]
struct SealBody {
    signed_at: DateTime<Utc>,
    /// The user who signed.
    signed_by: Uuid,
    /// SHA-256 over the visit and everything under it, in hexadecimal.
    content_sha256: String,
}

impl From<&Signature> for SealBody {
    fn from(signature: &Signature) -> Self {
        Self {
            signed_at: signature.signed_at,
            signed_by: signature.signed_by,
            content_sha256: signature.seal.hexadecimal(),
        }
    }
}

/// What was added after the signature.
#[derive(Serialize, ToSchema)]
struct AddendumBody {
    id: Uuid,
    text: String,
    /// The user who wrote it.
    written_by: Uuid,
    written_at: DateTime<Utc>,
}

impl From<Addendum> for AddendumBody {
    fn from(addendum: Addendum) -> Self {
        Self {
            id: addendum.id,
            text: addendum.text,
            written_by: addendum.written_by,
            written_at: addendum.written_at,
        }
    }
}

/// A visit.
#[derive(Serialize, ToSchema)]
struct VisitBody {
    id: VisitId,
    status: VisitStatus,
    patient: VisitParticipant,
    provider: VisitParticipant,
    location: VisitParticipant,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    /// The appointment it came from; null for a walk-in.
    appointment_id: Option<AppointmentId>,
    /// In the zone of the location.
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(example = "America/New_York")]
    time_zone: String,
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
    /// In order of weight.
    diagnoses: Vec<Diagnosis>,
    /// Null before any were taken.
    vitals: Option<VitalsBody>,
    /// Null before it was examined.
    total_tenderness: Option<TotalTendernessBody>,
    /// Null while the visit is open.
    seal: Option<SealBody>,
    /// As in the seal.
    signed_at: Option<DateTime<Utc>>,
    /// As in the seal.
    signed_by: Option<Uuid>,
    /// As in the seal.
    content_sha256: Option<String>,
    /// Oldest first.
    addenda: Vec<AddendumBody>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Visit> for VisitBody {
    fn from(visit: Visit) -> Self {
        let status = visit.status();
        let signature = visit.signature.as_ref();
        Self {
            id: visit.id,
            status,
            patient: participant(visit.patient_id, visit.patient_name),
            provider: participant(visit.provider_id, visit.provider_name),
            location: participant(visit.location_id, visit.location_name),
            patient_id: visit.patient_id,
            provider_id: visit.provider_id,
            location_id: visit.location_id,
            appointment_id: visit.appointment_id,
            started_at: to_zone_rfc3339(visit.started_at, visit.zone),
            time_zone: visit.zone.name().to_owned(),
            chief_complaint: visit.note.chief_complaint,
            subjective: visit.note.subjective,
            objective: visit.note.objective,
            assessment: visit.note.assessment,
            plan: visit.note.plan,
            diagnoses: visit.note.diagnoses,
            vitals: visit.vitals.map(VitalsBody::from),
            total_tenderness: visit.tenderness.map(TotalTendernessBody::from),
            seal: signature.map(SealBody::from),
            signed_at: signature.map(|signature| signature.signed_at),
            signed_by: signature.map(|signature| signature.signed_by),
            content_sha256: signature.map(|signature| signature.seal.hexadecimal()),
            addenda: visit.addenda.into_iter().map(AddendumBody::from).collect(),
            version: visit.version,
            updated_at: visit.updated_at,
        }
    }
}

/// A visit in a list.
#[derive(Serialize, ToSchema)]
struct VisitSummaryBody {
    id: VisitId,
    status: VisitStatus,
    patient: VisitParticipant,
    provider: VisitParticipant,
    location: VisitParticipant,
    /// The appointment it came from; null for a walk-in.
    appointment_id: Option<AppointmentId>,
    /// In the zone of the location.
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(example = "America/New_York")]
    time_zone: String,
    chief_complaint: Option<String>,
    diagnoses: Vec<Diagnosis>,
    signed_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<Visit> for VisitSummaryBody {
    fn from(visit: Visit) -> Self {
        Self {
            id: visit.id,
            status: visit.status(),
            patient: participant(visit.patient_id, visit.patient_name),
            provider: participant(visit.provider_id, visit.provider_name),
            location: participant(visit.location_id, visit.location_name),
            appointment_id: visit.appointment_id,
            started_at: to_zone_rfc3339(visit.started_at, visit.zone),
            time_zone: visit.zone.name().to_owned(),
            chief_complaint: visit.note.chief_complaint,
            diagnoses: visit.note.diagnoses,
            signed_at: visit.signature.map(|signature| signature.signed_at),
            version: visit.version,
            updated_at: visit.updated_at,
        }
    }
}

fn shown(visit: Visit) -> Result<Answer, Problem> {
    let version = visit.version;
    Ok(Answer::ok(&VisitBody::from(visit))?.version(version))
}

/// Opens a visit, from an appointment or for someone who walked in.
///
/// An appointment gives one visit: a second one is refused with the `visit_id` of the first.
#[utoipa::path(
    operation_id = "openVisit", tag = "visits", context_path = "/api/v1",
    request_body = OpenVisitBody,
    params(Once),
    responses((status = 201, description = "Opened.", body = VisitBody), Refused<OpenError>)
)]
#[post("/visits")]
async fn open_visit(
    permit: Permit<Open>,
    once: Once,
    body: Json<OpenVisitBody>,
) -> Result<Answer, Problem> {
    let arrival = body.arrival()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let visit = open(transaction, arrival).await?;
            let (version, location) = (visit.version, format!("/api/v1/visits/{}", visit.id));
            Ok(Answer::created(&VisitBody::from(visit), location)?.version(version))
        })
        .await
}

/// Which visits; all of it must fit.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VisitsQuery {
    #[param(nullable = false)]
    patient_id: Option<PatientId>,
    #[param(nullable = false)]
    provider_id: Option<ProviderId>,
    /// Started at or after.
    #[param(nullable = false)]
    from: Option<Timestamp>,
    /// Started before.
    #[param(nullable = false)]
    to: Option<Timestamp>,
    /// Changed, signed or added to at or after.
    #[param(nullable = false)]
    updated_since: Option<Timestamp>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    #[param(nullable = false, value_type = Option<Cursor>)]
    cursor: Option<Cursor>,
}

/// Lists visits, the latest first. Patients see their own signed ones.
#[utoipa::path(
    operation_id = "listVisits", tag = "visits", context_path = "/api/v1",
    params(VisitsQuery),
    responses((status = 200, description = "A page of visits.", body = Page<VisitSummaryBody>))
)]
#[get("/visits")]
async fn list_visits(permit: Permit<Read>, query: Query<VisitsQuery>) -> Result<Answer, Problem> {
    let filter = VisitFilter {
        patient_id: query.patient_id,
        provider_id: query.provider_id,
        from: query.from.map(|instant| instant.0),
        to: query.to.map(|instant| instant.0),
        updated_since: query.updated_since.map(|instant| instant.0),
    };
    let window: Window<VisitKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let visits = list(transaction, &filter, &window).await?;
            let key = |visit: &Visit| -> VisitKey { (visit.started_at, visit.id.uuid()) };
            Answer::ok(&Page::of(visits, window.size, key, VisitSummaryBody::from))
        })
        .await
}

/// Reads a visit with its vitals, diagnoses, seal and addenda.
#[utoipa::path(
    operation_id = "getVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "The visit.", body = VisitBody))
)]
#[get("/visits/{visit_id}")]
async fn get_visit(permit: Permit<Read>, id: PathId<VisitId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| shown(read(transaction, id.0).await?))
        .await
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateVisitBody {
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1000)]
    chief_complaint: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    subjective: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    objective: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    assessment: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10000)]
    plan: Option<Option<String>>,
    /// All of them, in order of weight.
    #[schema(max_items = 30, nullable = false)]
    diagnoses: Option<Vec<Diagnosis>>,
}

/// Writes the note and the diagnoses of an open visit.
#[utoipa::path(
    operation_id = "updateVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = UpdateVisitBody,
    responses((status = 200, description = "As it is now.", body = VisitBody), Refused<RecordError>)
)]
#[patch("/visits/{visit_id}")]
async fn update_visit(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<UpdateVisitBody>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            shown(write_note(transaction, id.0, &if_match, body.changes()).await?)
        })
        .await
}

impl UpdateVisitBody {
    fn changes(&self) -> NoteChanges {
        NoteChanges {
            chief_complaint: self.chief_complaint.clone(),
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
            diagnoses: self.diagnoses.clone(),
        }
    }
}

/// All the vitals of a visit; what is left out was not measured.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutVitalsBody {
    /// Body weight, 1 to 500 kg; becomes the patient's weight.
    weight_kg: Option<ExactDecimal>,
    /// Height, 30 to 260 cm.
    height_cm: Option<ExactDecimal>,
    #[schema(minimum = 40, maximum = 300)]
    systolic_mmhg: Option<i32>,
    #[schema(minimum = 20, maximum = 200)]
    diastolic_mmhg: Option<i32>,
    #[schema(minimum = 20, maximum = 300)]
    heart_rate_bpm: Option<i32>,
    #[schema(minimum = 50, maximum = 100)]
    spo2_percent: Option<i32>,
    /// Body temperature, 30 to 45 °C.
    temperature_c: Option<ExactDecimal>,
}

impl PutVitalsBody {
    fn vitals(&self) -> Vitals {
        Vitals {
            weight_kg: self.weight_kg.map(|value| value.0),
            height_cm: self.height_cm.map(|value| value.0),
            systolic_mmhg: self.systolic_mmhg,
            diastolic_mmhg: self.diastolic_mmhg,
            heart_rate_bpm: self.heart_rate_bpm,
            spo2_percent: self.spo2_percent,
            temperature_c: self.temperature_c.map(|value| value.0),
        }
    }
}

/// Puts new vitals in place of the old ones.
#[utoipa::path(
    operation_id = "putVitals", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = PutVitalsBody,
    responses((status = 200, description = "As it is now.", body = VisitBody), Refused<RecordError>)
)]
#[put("/visits/{visit_id}/vitals")]
async fn put_vitals(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<PutVitalsBody>,
) -> Result<Answer, Problem> {
    let vitals = body.vitals();
    permit
        .transaction(async |transaction| {
            shown(take_vitals(transaction, id.0, &if_match, &vitals).await?)
        })
        .await
}

/// The tenderness of all sites and its sum.
#[derive(Serialize, ToSchema)]
#[schema(as = TotalTenderness)]
struct TotalTendernessBody {
    /// 0 to 48.
    total: i16,
    sites: TendernessScores,
}

impl From<TendernessScores> for TotalTendernessBody {
    fn from(sites: TendernessScores) -> Self {
        Self {
            total: sites.total(),
            sites,
        }
    }
}

/// Puts the tenderness of eight sites, left and right, in place of what was found before.
///
/// Each is 0 none, 1 mild, 2 moderate or 3 severe; their sum is the total tenderness score.
#[utoipa::path(
    operation_id = "putTendernessScores", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    request_body = TendernessScores,
    responses((status = 200, description = "As it is now.", body = VisitBody), Refused<RecordError>)
)]
#[put("/visits/{visit_id}/tenderness-scores")]
async fn put_tenderness_scores(
    permit: Permit<Record>,
    id: PathId<VisitId>,
    if_match: IfMatch,
    body: Json<TendernessScores>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            shown(score_tenderness(transaction, id.0, &if_match, &body).await?)
        })
        .await
}

/// Signs and seals a visit. Only its own provider may; from then on addenda are the only way on.
#[utoipa::path(
    operation_id = "signVisit", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), IfMatch),
    responses((status = 200, description = "Signed, with its seal.", body = VisitBody), Refused<SignError>)
)]
#[post("/visits/{visit_id}/sign")]
async fn sign_visit(
    permit: Permit<Sign>,
    id: PathId<VisitId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| shown(sign(transaction, id.0, &if_match).await?))
        .await
}

/// What is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddAddendumBody {
    #[schema(min_length = 1, max_length = 20000)]
    text: String,
}

/// Adds to a signed visit.
#[utoipa::path(
    operation_id = "addAddendum", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit."), Once),
    request_body = AddAddendumBody,
    responses((status = 201, description = "Added.", body = AddendumBody), Refused<SignedVisitError>)
)]
#[post("/visits/{visit_id}/addenda")]
async fn add_addendum(
    permit: Permit<Add>,
    id: PathId<VisitId>,
    once: Once,
    body: Json<AddAddendumBody>,
) -> Result<Answer, Problem> {
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let addendum = add(transaction, id.0, body.text.clone()).await?;
            Answer::made(&AddendumBody::from(addendum))
        })
        .await
}

/// A seal beside what the content amounts to now.
#[derive(Serialize, ToSchema)]
struct CheckedSealBody {
    signed_at: DateTime<Utc>,
    /// The user who signed.
    signed_by: Uuid,
    /// As it was when it was signed.
    content_sha256: String,
    /// As it is now.
    recomputed_sha256: String,
    /// Whether both are the same.
    intact: bool,
}

impl From<CheckedSeal> for CheckedSealBody {
    fn from(checked: CheckedSeal) -> Self {
        Self {
            signed_at: checked.signature.signed_at,
            signed_by: checked.signature.signed_by,
            content_sha256: checked.signature.seal.hexadecimal(),
            recomputed_sha256: checked.recomputed.hexadecimal(),
            intact: checked.is_intact(),
        }
    }
}

/// Computes the seal of a signed visit again and compares.
#[utoipa::path(
    operation_id = "getVisitSeal", tag = "visits", context_path = "/api/v1",
    params(("visit_id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "Compared.", body = CheckedSealBody), Refused<SignedVisitError>)
)]
#[get("/visits/{visit_id}/seal")]
async fn get_seal(permit: Permit<CheckSeal>, id: PathId<VisitId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            Answer::ok(&CheckedSealBody::from(check_seal(transaction, id.0).await?))
        })
        .await
}
