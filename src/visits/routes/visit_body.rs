//! A visit as it is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::idempotency::Answer;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::problem::Problem;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;
use crate::visits::seal::Signature;
use crate::visits::tenderness::TendernessScores;
use crate::visits::visit::{
    Addendum, Diagnosis, HandOver, Retraction, Visit, VisitId, VisitStatus,
};
use crate::visits::vitals::TakenVitals;
use crate::visits::voided::Voided;

/// The id and the name of a patient, a provider or a location.
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

/// The vitals; null where a value was not measured.
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

/// The signature of the visit and its seal.
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

/// A signed visit that was taken back as entered in error.
#[derive(Serialize, ToSchema)]
#[schema(as = VisitRetraction)]
struct RetractionBody {
    at: DateTime<Utc>,
    /// The user.
    by: Uuid,
    reason: String,
    /// Whose visit it really was, where it was written to another patient.
    belongs_to_patient_id: Option<PatientId>,
    /// SHA-256 over the retraction and the seal of the visit, in hexadecimal.
    content_sha256: String,
}

impl From<Retraction> for RetractionBody {
    fn from(retraction: Retraction) -> Self {
        Self {
            at: retraction.voided.at,
            by: retraction.voided.by,
            reason: retraction.voided.reason,
            belongs_to_patient_id: retraction.belongs_to_patient_id,
            content_sha256: retraction.seal.hexadecimal(),
        }
    }
}

/// Another provider went on with the visit.
#[derive(Serialize, ToSchema)]
#[schema(as = VisitHandOver)]
struct HandOverBody {
    id: Uuid,
    from_provider_id: ProviderId,
    to_provider_id: ProviderId,
    reason: String,
    /// The user.
    handed_over_by: Uuid,
    handed_over_at: DateTime<Utc>,
}

impl From<HandOver> for HandOverBody {
    fn from(one: HandOver) -> Self {
        Self {
            id: one.id,
            from_provider_id: one.from_provider_id,
            to_provider_id: one.to_provider_id,
            reason: one.reason,
            handed_over_by: one.handed_over_by,
            handed_over_at: one.handed_over_at,
        }
    }
}

/// A text that was added after the signature.
#[derive(Serialize, ToSchema)]
pub(super) struct AddendumBody {
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
pub(crate) struct VisitBody {
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
    /// When it was entered.
    recorded_at: DateTime<Utc>,
    /// Why it was entered later than it happened.
    late_entry_reason: Option<String>,
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
    /// The most important first.
    diagnoses: Vec<Diagnosis>,
    /// Null until vitals are recorded.
    vitals: Option<VitalsBody>,
    /// Null until the tenderness is scored.
    total_tenderness: Option<TotalTendernessBody>,
    /// Null while the visit is open.
    seal: Option<SealBody>,
    /// The same as in the seal.
    signed_at: Option<DateTime<Utc>>,
    /// The same as in the seal.
    signed_by: Option<Uuid>,
    /// The same as in the seal.
    content_sha256: Option<String>,
    /// Why it was discarded, open and empty; null for every other visit.
    discarded: Option<Voided>,
    /// Why the signed visit was taken back; null for every other visit.
    retracted: Option<RetractionBody>,
    /// Oldest first.
    hand_overs: Vec<HandOverBody>,
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
            recorded_at: visit.recorded_at,
            late_entry_reason: visit.late_entry_reason,
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
            discarded: visit.discarded,
            retracted: visit.retraction.map(RetractionBody::from),
            hand_overs: visit
                .hand_overs
                .into_iter()
                .map(HandOverBody::from)
                .collect(),
            addenda: visit.addenda.into_iter().map(AddendumBody::from).collect(),
            version: visit.version,
            updated_at: visit.updated_at,
        }
    }
}

/// A visit in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct VisitSummaryBody {
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

/// Returns a visit with its version.
pub(crate) fn shown(visit: Visit) -> Result<Answer, Problem> {
    let version = visit.version;
    Ok(Answer::ok(&VisitBody::from(visit))?.version(version))
}
