//! What is clinically known of a patient: allergies, medicines and conditions.
//!
//! Facts are kept as told, in words, beside the class or code that the checks before an injection
//! look for. Nothing is deleted: an allergy that proved wrong and a medicine that was stopped have
//! ended, a condition is resolved, and all of them stay in the record. A medicine that was stopped
//! still matters for as long as it acts, so it is handed to the checks with when it was last taken.
//!
//! Providers and assistants record, admins read, patients read their own. The front desk sees none
//! of it.

mod allergies;
mod conditions;
mod medications;

use chrono::NaiveDate;
use futures_util::try_join;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::operations::Operations;

pub(crate) use allergies::KnownAllergy;
pub(crate) use medications::KnownMedication;

use super::patient::{PatientId, SexAtBirth, Weight};
use super::store;

/// Adds the operations on clinical facts.
pub(super) fn configure(services: &mut Operations<'_>) {
    allergies::configure(services);
    medications::configure(services);
    conditions::configure(services);
}

/// What the checks before a procedure ask of a patient.
pub(crate) struct PatientFacts {
    pub(crate) birth_date: NaiveDate,
    pub(crate) sex_at_birth: Option<SexAtBirth>,
    pub(crate) weight: Option<Weight>,
    /// Those that have not ended.
    pub(crate) allergies: Vec<KnownAllergy>,
    /// Those that are taken, and those that were.
    pub(crate) medications: Vec<KnownMedication>,
    /// ICD-10-CM codes of what is active or in the history.
    pub(crate) conditions: Vec<String>,
}

/// All that is clinically known of a patient, in one exchange; nothing when the patient is not
/// within reach. The caller audits what it reads it for.
pub(crate) async fn clinical_facts(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Option<PatientFacts>> {
    let (patient, allergies, medications, conditions) = try_join!(
        store::find(transaction, patient_id),
        allergies::live(transaction, patient_id),
        medications::known(transaction, patient_id),
        conditions::codes(transaction, patient_id),
    )?;
    Ok(patient.map(|patient| PatientFacts {
        birth_date: patient.details.birth_date,
        sex_at_birth: patient.details.sex_at_birth,
        weight: patient.details.weight,
        allergies,
        medications,
        conditions,
    }))
}
