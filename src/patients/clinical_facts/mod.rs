//! What is clinically known of a patient: allergies, medicines and conditions.
//!
//! Facts are kept in the words of the patient, beside the class or code that the checks before an injection
//! look for. Nothing is deleted: an allergy that proved wrong and a medicine that was stopped have
//! ended, a condition is resolved, and all of them stay in the record. A medicine that was stopped
//! still matters for as long as it acts, so it is handed to the checks with when it was last taken.
//!
//! Providers and assistants record, admins read, patients read their own. The front desk sees none
//! of it.

mod allergies;
mod conditions;
mod medications;
mod store;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::operations::Operations;

pub(crate) use allergies::KnownAllergy;
pub(crate) use medications::KnownMedication;

use super::patient::{SexAtBirth, Weight};

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
    /// Those of them that are not resolved.
    pub(crate) active_conditions: Vec<String>,
}

/// All that is clinically known of a patient, in one statement; nothing when the patient is not
/// within reach. The caller audits what it reads it for.
///
/// Which patient is said in SQL, where `$1` is the practice and `$2` the id given beside it: who
/// knows only what belongs to the patient asks for both together.
pub(crate) async fn clinical_facts(
    transaction: &OpenTransaction<'_>,
    (patient, of): (&'static str, Uuid),
) -> Stored<Option<PatientFacts>> {
    store::clinical_facts(transaction, (patient, of)).await
}
