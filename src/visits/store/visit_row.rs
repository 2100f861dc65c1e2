//! The row of a visit, and how it becomes a visit.

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Jsonb;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::trail::KeySignature;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;
use crate::schema::{locations, patients, providers, visits};
use crate::visits::seal::{ContentFormat, Seal, Signature};
use crate::visits::tenderness::TendernessScores;
use crate::visits::visit::{Diagnosis, LockedVisit, Note, Retraction, Visit, VisitId};
use crate::visits::vitals::{TakenVitals, Vitals};
use crate::visits::voided::Voided;

/// Diagnoses as one JSON array, in order.
#[derive(Debug, Clone, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub(super) struct Diagnoses(pub(super) Vec<Diagnosis>);

impl FromSql<Jsonb, Pg> for Diagnoses {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}

impl ToSql<Jsonb, Pg> for Diagnoses {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> serialize::Result {
        let value = serde_json::to_value(&self.0)?;
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&value, &mut out.reborrow())
    }
}

#[derive(HasQuery)]
#[diesel(table_name = visits)]
pub(super) struct VisitRow {
    id: VisitId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    appointment_id: Option<AppointmentId>,
    started_at: DateTime<Utc>,
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
    diagnoses: Diagnoses,
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    systolic_mmhg: Option<i32>,
    diastolic_mmhg: Option<i32>,
    heart_rate_bpm: Option<i32>,
    spo2_percent: Option<i32>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    tenderness_scores: Option<Vec<Option<i16>>>,
    signed_at: Option<DateTime<Utc>>,
    signed_by: Option<Uuid>,
    content_sha256: Option<Vec<u8>>,
    content_format: i16,
    content_signature: Option<Vec<u8>>,
    late_entry_reason: Option<String>,
    discarded_at: Option<DateTime<Utc>>,
    discarded_by: Option<Uuid>,
    discard_reason: Option<String>,
    retracted_at: Option<DateTime<Utc>>,
    retracted_by: Option<Uuid>,
    retraction_reason: Option<String>,
    belongs_to_patient_id: Option<PatientId>,
    retraction_sha256: Option<Vec<u8>>,
    retraction_signature: Option<Vec<u8>>,
    version: Version,
    changes_at_version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = patients, check_for_backend(Pg))]
pub(super) struct PatientName {
    given_name: String,
    family_name: String,
    merged_into_id: Option<PatientId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = locations, check_for_backend(Pg))]
pub(super) struct LocationName {
    name: String,
    time_zone: String,
}

/// A visit with the names of the patient, the provider and the location.
#[derive(Queryable, Selectable)]
#[diesel(table_name = visits, check_for_backend(Pg))]
pub(super) struct NamedVisitRow {
    #[diesel(embed)]
    row: VisitRow,
    #[diesel(embed)]
    patient: PatientName,
    #[diesel(select_expression = providers::name)]
    #[diesel(select_expression_type = providers::name)]
    provider_name: String,
    #[diesel(embed)]
    location: LocationName,
}

impl NamedVisitRow {
    /// The record that the patient's record was merged into.
    pub(super) const fn merged_into(&self) -> Option<PatientId> {
        self.patient.merged_into_id
    }

    pub(super) fn visit(self) -> Result<Visit, InconsistentRow> {
        let row = self.row;
        let zone = self.location.time_zone.parse();
        Ok(Visit {
            id: row.id,
            patient_id: row.patient_id,
            record_id: row.patient_id,
            patient_name: format!("{} {}", self.patient.given_name, self.patient.family_name),
            provider_id: row.provider_id,
            provider_name: self.provider_name,
            location_id: row.location_id,
            location_name: self.location.name,
            zone: zone.map_err(|_unknown| {
                InconsistentRow::new("locations", "time_zone", row.location_id)
            })?,
            appointment_id: row.appointment_id,
            started_at: row.started_at,
            recorded_at: row.created_at,
            late_entry_reason: row.late_entry_reason.clone(),
            note: row.note(),
            vitals: row.vitals(),
            tenderness: row.tenderness()?,
            signature: row.signature()?,
            discarded: row.discarded()?,
            retraction: row.retraction()?,
            hand_overs: Vec::new(),
            addenda: Vec::new(),
            version: row.version.after(-row.changes_at_version),
            updated_at: row.updated_at,
        })
    }
}

impl VisitRow {
    /// The visit with so many changes under it.
    pub(super) fn locked(self, changes_under: i64) -> LockedVisit {
        let unseen = changes_under - self.changes_at_version;
        LockedVisit {
            id: self.id,
            patient_id: self.patient_id,
            provider_id: self.provider_id,
            appointment_id: self.appointment_id,
            note: self.note(),
            vitals: self.vitals(),
            started_at: self.started_at,
            written_version: self.version,
            version: self.version.after(unseen),
            changes_under,
        }
    }

    fn unreadable(&self, column: &'static str) -> InconsistentRow {
        InconsistentRow::new("visits", column, self.id)
    }

    fn note(&self) -> Note {
        Note {
            chief_complaint: self.chief_complaint.clone(),
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
            diagnoses: self.diagnoses.0.clone(),
        }
    }

    fn vitals(&self) -> Option<TakenVitals> {
        let vitals = Vitals {
            weight_kg: self.weight_kg.map(Decimal::from),
            height_cm: self.height_cm.map(Decimal::from),
            systolic_mmhg: self.systolic_mmhg,
            diastolic_mmhg: self.diastolic_mmhg,
            heart_rate_bpm: self.heart_rate_bpm,
            spo2_percent: self.spo2_percent,
            temperature_c: self.temperature_c.map(Decimal::from),
        };
        self.vitals_at
            .map(|taken_at| TakenVitals { vitals, taken_at })
    }

    fn tenderness(&self) -> Result<Option<TendernessScores>, InconsistentRow> {
        let Some(scores) = &self.tenderness_scores else {
            return Ok(None);
        };
        let scores: Option<Vec<i16>> = scores.iter().copied().collect();
        let scores = scores.and_then(|scores| TendernessScores::from_order(&scores));
        let scores = scores.ok_or_else(|| self.unreadable("tenderness_scores"))?;
        Ok(Some(scores))
    }

    fn discarded(&self) -> Result<Option<Voided>, InconsistentRow> {
        let reason = self.discard_reason.as_deref();
        Voided::from_columns(self.discarded_at, self.discarded_by, reason)
            .map_err(|_half| self.unreadable("discarded_at"))
    }

    fn retraction(&self) -> Result<Option<Retraction>, InconsistentRow> {
        let unreadable = || self.unreadable("retracted_at");
        let reason = self.retraction_reason.as_deref();
        let voided = Voided::from_columns(self.retracted_at, self.retracted_by, reason)
            .map_err(|_half| unreadable())?;
        let Some(voided) = voided else {
            return Ok(None);
        };
        let seal = self.retraction_sha256.clone().map(Seal::stored);
        Ok(Some(Retraction {
            voided,
            belongs_to_patient_id: self.belongs_to_patient_id,
            seal: seal.ok_or_else(unreadable)?,
            by_key: self
                .key_signature(self.retraction_signature.as_deref(), "retraction_signature")?,
        }))
    }

    fn signature(&self) -> Result<Option<Signature>, InconsistentRow> {
        let Some(signed_at) = self.signed_at else {
            return Ok(None);
        };
        let seal = self.content_sha256.clone().map(Seal::stored);
        Ok(Some(Signature {
            signed_at,
            signed_by: self.signed_by.ok_or_else(|| self.unreadable("signed_by"))?,
            seal: seal.ok_or_else(|| self.unreadable("content_sha256"))?,
            format: ContentFormat::stored(self.content_format)
                .ok_or_else(|| self.unreadable("content_format"))?,
            by_key: self.key_signature(self.content_signature.as_deref(), "content_signature")?,
        }))
    }

    fn key_signature(
        &self,
        stored: Option<&[u8]>,
        column: &'static str,
    ) -> Result<Option<KeySignature>, InconsistentRow> {
        let read = stored.map(|bytes| {
            let read = KeySignature::stored(bytes);
            read.ok_or_else(|| self.unreadable(column))
        });
        read.transpose()
    }
}
