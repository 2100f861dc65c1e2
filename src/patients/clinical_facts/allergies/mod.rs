//! Allergies: the substance as told, and the group the checks look for.

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
    /// Names an allergy in a record.
    pub(crate) struct AllergyId
}

text_enum! {
    /// Groups of substances that the checks before an injection know.
    pub(crate) enum AllergenClass {
        LocalAnaestheticAmide = "la_amide",
        LocalAnaestheticEster = "la_ester",
        LocalAnaestheticAny = "la_any",
        Paraben = "paraben",
        BenzylAlcohol = "benzyl_alcohol",
        Sulfite = "sulfite",
        Benzalkonium = "benzalkonium",
        CobalaminCobalt = "cobalamin_cobalt",
        BotulinumToxin = "botulinum_toxin",
        Latex = "latex",
        Chlorhexidine = "chlorhexidine",
        Iodine = "iodine",
    }
}

text_enum! {
    /// How bad a reaction was.
    pub(crate) enum Severity {
        Mild = "mild",
        Moderate = "moderate",
        Severe = "severe",
        Unknown = "unknown",
    }
}

action!(
    /// Reading a patient's allergies.
    Read, "allergies.read", record, [Admin, Provider, Assistant, Patient]
);
action!(
    /// Recording an allergy.
    Record, "allergies.record", record, [Provider, Assistant]
);
action!(
    /// Correcting or ending an allergy.
    Change, "allergies.change", record, [Provider, Assistant]
);

/// An allergy in a record.
struct Allergy {
    id: AllergyId,
    patient_id: PatientId,
    details: AllergyDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of an allergy.
#[derive(Clone)]
struct AllergyDetails {
    /// The substance, as told.
    substance: String,
    /// What the checks before an injection look for.
    allergen_class: Option<AllergenClass>,
    /// What happened.
    reaction: Option<String>,
    /// How bad it was.
    severity: Severity,
    /// When it was found not to hold, or no longer.
    ended_at: Option<DateTime<Utc>>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct AllergyChanges {
    substance: Option<String>,
    allergen_class: Option<Option<AllergenClass>>,
    reaction: Option<Option<String>>,
    severity: Option<Severity>,
    ended_at: Option<Option<DateTime<Utc>>>,
}

/// Why an allergy was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
enum AllergyError {
    #[error("no such patient, or no such allergy")]
    NotFound,
    #[error("dates that cannot be")]
    Dates(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for AllergyError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("allergies_patient_exists") {
            Self::NotFound
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for AllergyError {
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

/// An allergy as the checks before an injection ask for it.
pub(crate) struct KnownAllergy {
    pub(crate) substance: String,
    pub(crate) class: Option<AllergenClass>,
}

async fn list(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<Uuid>,
) -> Result<Vec<Allergy>, AllergyError> {
    let (patient, mut found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::list(transaction, patient_id, updated_since, window),
    )?;
    let patient = patient.ok_or(AllergyError::NotFound)?;
    if found.is_empty() {
        // Who learns that there is nothing has learnt something of this patient.
        transaction.touch("patient", patient.id, patient.id);
    } else {
        let touched = found
            .iter()
            .map(|found| (found.id.uuid(), found.patient_id.uuid()));
        transaction.touch_all("allergy", touched);
    }
    for one in &mut found {
        one.patient_id = patient.id;
    }
    Ok(found)
}

async fn read(
    transaction: &Transaction<'_, Read>,
    patient_id: PatientId,
    id: AllergyId,
) -> Result<Allergy, AllergyError> {
    let (patient, found) = pipelined!(
        crate::patients::store::find(transaction, patient_id),
        store::find(transaction, patient_id, id),
    )?;
    let (patient, mut found) = patient.zip(found).ok_or(AllergyError::NotFound)?;
    transaction.touch("allergy", id, found.patient_id);
    found.patient_id = patient.id;
    Ok(found)
}

async fn record(
    transaction: &Transaction<'_, Record>,
    patient_id: PatientId,
    details: &AllergyDetails,
) -> Result<Allergy, AllergyError> {
    let now = transaction.now();
    details.check(now)?;
    let person_id = person_id(transaction, patient_id).await?;
    let patient_id = person_id.ok_or(AllergyError::NotFound)?;
    let recorded = Allergy {
        id: AllergyId::fresh(now),
        patient_id,
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &recorded).await?;
    transaction.touch("allergy", recorded.id, patient_id);
    Ok(recorded)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    (patient_id, id): (PatientId, AllergyId),
    if_match: &IfMatch,
    changes: &AllergyChanges,
) -> Result<Allergy, AllergyError> {
    let mut allergy = store::lock(transaction, patient_id, id)
        .await?
        .ok_or(AllergyError::NotFound)?;
    if_match.require(allergy.version)?;
    let details = &mut allergy.details;
    if let Some(value) = &changes.substance {
        details.substance.clone_from(value);
    }
    details.allergen_class = changes.allergen_class.unwrap_or(details.allergen_class);
    if let Some(value) = &changes.reaction {
        details.reaction.clone_from(value);
    }
    details.severity = changes.severity.unwrap_or(details.severity);
    details.ended_at = changes.ended_at.unwrap_or(details.ended_at);
    details.check(transaction.now())?;
    allergy.version = allergy.version.next();
    allergy.updated_at = transaction.now();
    store::update(transaction, &allergy).await?;
    transaction.touch("allergy", id, allergy.patient_id);
    let person_id = person_id(transaction, patient_id).await?;
    allergy.patient_id = person_id.unwrap_or(allergy.patient_id);
    Ok(allergy)
}

impl AllergyDetails {
    fn check(&self, now: DateTime<Utc>) -> Result<(), AllergyError> {
        let instants = [("/ended_at", self.ended_at)];
        let errors: Vec<FieldError> = instants
            .into_iter()
            .filter(|(_, instant)| instant.is_some_and(|instant| instant > now))
            .map(|(pointer, _)| FieldError::new(pointer, "lies in the future"))
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(AllergyError::Dates(errors))
        }
    }
}
