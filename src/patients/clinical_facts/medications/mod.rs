//! Medicines a patient takes or took, with what they do to a needle or a drug.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::patients::store::person_id;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

pub(super) use routes::configure;

id! {
    /// Names a medicine in a record.
    pub(crate) struct MedicationId
}

text_enum! {
    /// What a medicine does that matters to a needle or a drug.
    pub(crate) enum MedicationClass {
        Anticoagulant = "anticoagulant",
        Antiplatelet = "antiplatelet",
        MonoamineOxidaseInhibitor = "maoi",
        TricyclicAntidepressant = "tca",
        SystemicCorticosteroid = "systemic_corticosteroid",
        Immunosuppressant = "immunosuppressant",
        MethaemoglobinInducer = "methaemoglobin_inducer",
        Other = "other",
    }
}

action!(
    /// Reading a patient's medications.
    Read, "medications.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording a medicine.
    Record, "medications.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending a medicine.
    Change, "medications.change", record, [Provider, Assistant]
);

/// A medicine in a record.
struct Medication {
    id: MedicationId,
    patient_id: PatientId,
    details: MedicationDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of a medicine.
#[derive(Clone)]
struct MedicationDetails {
    /// The medicine, as told.
    name: String,
    /// What it does that matters to a needle or a drug.
    medication_class: Option<MedicationClass>,
    /// Its substance in the ATC classification.
    atc_code: Option<String>,
    /// How much and how often.
    dose: Option<String>,
    /// When it was last taken; unknown counts as today.
    last_taken_at: Option<DateTime<Utc>>,
    /// When it was stopped.
    ended_at: Option<DateTime<Utc>>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct MedicationChanges {
    name: Option<String>,
    medication_class: Option<Option<MedicationClass>>,
    atc_code: Option<Option<String>>,
    dose: Option<Option<String>>,
    last_taken_at: Option<Option<DateTime<Utc>>>,
    ended_at: Option<Option<DateTime<Utc>>>,
}

/// Why a medicine was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
enum MedicationError {
    #[error("no such patient, or no such medication")]
    NotFound,
    #[error("dates that cannot be")]
    Dates(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for MedicationError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("medications_patient_exists") {
            Self::NotFound
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for MedicationError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Dates(errors) => Problem::invalid(errors),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// A medicine as the checks before an injection ask for it.
pub(crate) struct KnownMedication {
    pub(crate) name: String,
    pub(crate) class: Option<MedicationClass>,
    pub(crate) atc_code: Option<String>,
    /// Unknown counts as taken today.
    pub(crate) last_taken_at: Option<DateTime<Utc>>,
    /// It has not been stopped.
    pub(crate) is_active: bool,
}

async fn list(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Result<Vec<Medication>, MedicationError> {
    let (patient, mut found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
    )?;
    let patient = patient.ok_or(MedicationError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("medication", touched);
    }
    for one in &mut found {
        one.patient_id = patient.id;
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: MedicationId,
) -> Result<Medication, MedicationError> {
    let (patient, found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(MedicationError::NotFound)?;
    transaction.touch("medication", id, found.patient_id);
    found.patient_id = patient.id;
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    details: &MedicationDetails,
) -> Result<Medication, MedicationError> {
    let now = transaction.now();
    details.check(now)?;
    let person_id = person_id(transaction, patient_id).await?;
    let patient_id = person_id.ok_or(MedicationError::NotFound)?;
    let recorded = Medication {
        id: MedicationId::fresh(now),
        patient_id,
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("medication", recorded.id, patient_id);
    Ok(recorded)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    (patient_id, id): (PatientId, MedicationId),
    if_match: &IfMatch,
    changes: &MedicationChanges,
) -> Result<Medication, MedicationError> {
    let mut medication = store::lock(transaction, patient_id, id)
        .await?
        .ok_or(MedicationError::NotFound)?;
    if_match.require(medication.version)?;
    let details = &mut medication.details;
    if let Some(value) = &changes.name {
        details.name.clone_from(value);
    }
    details.medication_class = changes.medication_class.unwrap_or(details.medication_class);
    if let Some(value) = &changes.atc_code {
        details.atc_code.clone_from(value);
    }
    if let Some(value) = &changes.dose {
        details.dose.clone_from(value);
    }
    details.last_taken_at = changes.last_taken_at.unwrap_or(details.last_taken_at);
    details.ended_at = changes.ended_at.unwrap_or(details.ended_at);
    details.check(transaction.now())?;
    medication.version = medication.version.next();
    medication.updated_at = transaction.now();
    store::update(transaction, &medication).await?;
    transaction.touch("medication", id, medication.patient_id);
    let person_id = person_id(transaction, patient_id).await?;
    medication.patient_id = person_id.unwrap_or(medication.patient_id);
    Ok(medication)
}

impl MedicationDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), MedicationError> {
        let instants = [
            ("/last_taken_at", self.last_taken_at),
            ("/ended_at", self.ended_at),
        ];
        let errors: Vec<FieldError> = instants
            .into_iter()
            .filter(|(_, instant)| instant.is_some_and(|instant| instant > now))
            .map(|(pointer, _)| FieldError::new(pointer, "lies in the future"))
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(MedicationError::Dates(errors))
        }
    }
}
