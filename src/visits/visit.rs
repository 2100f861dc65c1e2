//! A visit, and the parts of a visit that other features need.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::platform::trail::KeySignature;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;

use super::late_entry::ClinicalTime;
use super::seal::{Seal, Signature};
use super::tenderness::TendernessScores;
use super::vitals::TakenVitals;
use super::voided::Voided;

id! {
    /// The id of a visit.
    pub(crate) struct VisitId
}

text_enum! {
    /// Where a visit stands; only an open one can still be changed.
    pub(crate) enum VisitStatus {
        Open = "open",
        Signed = "signed",
        /// Discarded while it was open and empty.
        Discarded = "discarded",
        /// Signed, and taken back as entered in error.
        Retracted = "retracted",
    }
}

/// A visit with the names of its patient, provider and location.
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    /// The person who was seen.
    pub(crate) patient_id: PatientId,
    /// The record that it was written to. A merge does not change it.
    pub(crate) record_id: PatientId,
    pub(crate) patient_name: String,
    pub(crate) provider_id: ProviderId,
    pub(crate) provider_name: String,
    pub(crate) location_id: LocationId,
    pub(crate) location_name: String,
    pub(crate) zone: Tz,
    pub(crate) appointment_id: Option<AppointmentId>,
    /// When it began.
    pub(crate) started_at: DateTime<Utc>,
    /// When it was entered.
    pub(crate) recorded_at: DateTime<Utc>,
    /// Why it was entered later than it happened.
    pub(crate) late_entry_reason: Option<String>,
    pub(crate) note: Note,
    pub(crate) vitals: Option<TakenVitals>,
    pub(crate) tenderness: Option<TendernessScores>,
    pub(crate) signature: Option<Signature>,
    /// Why it was discarded.
    pub(crate) discarded: Option<Voided>,
    /// Why it was taken back after the signature.
    pub(crate) retraction: Option<Retraction>,
    /// Who went on with it, oldest first.
    pub(crate) hand_overs: Vec<HandOver>,
    /// Written after the signature, oldest first.
    pub(crate) addenda: Vec<Addendum>,
    /// Counts changes of the visit and of everything under it, and addenda.
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Visit {
    /// Returns where it stands.
    pub(crate) const fn status(&self) -> VisitStatus {
        if self.retraction.is_some() {
            VisitStatus::Retracted
        } else if self.discarded.is_some() {
            VisitStatus::Discarded
        } else if self.signature.is_some() {
            VisitStatus::Signed
        } else {
            VisitStatus::Open
        }
    }
}

/// A visit to be opened.
#[derive(Debug, Clone)]
pub(crate) struct NewVisit {
    pub(crate) patient_id: PatientId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) appointment_id: Option<AppointmentId>,
    /// When it began.
    pub(crate) started_at: DateTime<Utc>,
    /// Why it is entered later than it happened.
    pub(crate) late_entry_reason: Option<String>,
}

/// An open visit that cannot be signed before the transaction is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenVisit {
    pub(crate) id: VisitId,
    /// The record that the visit and everything under it are written to.
    pub(crate) patient_id: PatientId,
    /// The person who is seen.
    pub(crate) person_id: PatientId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) started_at: DateTime<Utc>,
    /// The visit says why it was entered late.
    pub(crate) is_late_entry: bool,
}

impl OpenVisit {
    /// The span in which something under this visit may have happened.
    pub(crate) const fn clinical_time(&self, now: DateTime<Utc>) -> ClinicalTime {
        ClinicalTime {
            not_before: Some(self.started_at),
            now,
            is_late_entry: self.is_late_entry,
        }
    }
}

/// An open visit that is locked to be changed.
pub(crate) struct LockedVisit {
    pub(crate) id: VisitId,
    pub(crate) patient_id: PatientId,
    pub(crate) provider_id: ProviderId,
    pub(crate) appointment_id: Option<AppointmentId>,
    pub(crate) note: Note,
    pub(crate) vitals: Option<TakenVitals>,
    pub(crate) started_at: DateTime<Utc>,
    /// The version after the last change of the visit itself.
    pub(crate) written_version: Version,
    /// The version that counts everything under it, too.
    pub(crate) version: Version,
    /// How many changes under it that version counts.
    pub(crate) changes_under: i64,
}

/// The patient and the day of a visit.
#[derive(Debug, Clone)]
pub(crate) struct VisitDay {
    /// The record that the visit was written to.
    pub(crate) patient_id: PatientId,
    /// The record that stands for the person.
    pub(crate) person_id: PatientId,
    pub(crate) provider_name: String,
    /// In the time zone of the location.
    pub(crate) date: NaiveDate,
}

/// Which visits are listed. A visit must match everything that is given.
#[derive(Debug, Default)]
pub(crate) struct VisitFilter {
    pub(crate) patient_id: Option<PatientId>,
    pub(crate) provider_id: Option<ProviderId>,
    /// Started at or after.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Started before.
    pub(crate) to: Option<DateTime<Utc>>,
    /// Changed, signed or added to at or after.
    pub(crate) updated_since: Option<DateTime<Utc>>,
}

/// The place of a visit in a list: its start and its id.
pub(crate) type VisitKey = (DateTime<Utc>, Uuid);

/// The note of a visit.
#[derive(Clone, Default)]
pub(crate) struct Note {
    pub(crate) chief_complaint: Option<String>,
    pub(crate) subjective: Option<String>,
    pub(crate) objective: Option<String>,
    pub(crate) assessment: Option<String>,
    pub(crate) plan: Option<String>,
    /// The most important first.
    pub(crate) diagnoses: Vec<Diagnosis>,
}

/// A diagnosis: its ICD-10-CM code and the writer's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Diagnosis {
    /// ICD-10-CM code.
    #[schema(
        pattern = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
        max_length = 8,
        example = "G43.709"
    )]
    pub(crate) code: String,
    /// The diagnosis in the writer's own words.
    #[schema(min_length = 1, max_length = 300, example = "Chronic migraine")]
    pub(crate) text: String,
}

/// A signed visit that was taken back as entered in error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retraction {
    pub(crate) voided: Voided,
    /// Whose visit it really was, where it was written to another patient.
    pub(crate) belongs_to_patient_id: Option<PatientId>,
    /// Over the retraction and the seal of the visit.
    pub(crate) seal: Seal,
    /// That seal, signed with the key of the service.
    pub(crate) by_key: Option<KeySignature>,
}

/// Another provider went on with an open visit.
#[derive(Debug, Clone)]
pub(crate) struct HandOver {
    pub(crate) id: Uuid,
    pub(crate) from_provider_id: ProviderId,
    pub(crate) to_provider_id: ProviderId,
    pub(crate) reason: String,
    /// The user.
    pub(crate) handed_over_by: Uuid,
    pub(crate) handed_over_at: DateTime<Utc>,
}

/// A text that was added after the signature.
#[derive(Debug, Clone)]
pub(crate) struct Addendum {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    /// The user.
    pub(crate) written_by: Uuid,
    pub(crate) written_at: DateTime<Utc>,
}
