//! Reading, correcting and archiving a record.

use chrono::NaiveDate;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::patient::{DatePrecision, Death, Patient, PatientId, SexAtBirth, Weight};
use super::store;

action!(
    /// Reading a patient's record.
    Read, "patients.read", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Correcting a patient's record; patients may correct how they are reached.
    Update, "patients.update", record, [Admin, FrontDesk, Provider, Assistant, Patient]
);
action!(
    /// Taking a record out of use.
    Archive, "patients.archive", record, [Admin, FrontDesk]
);
action!(
    /// Taking an archived record into use again.
    Restore, "patients.restore", record, [Admin, FrontDesk]
);
action!(
    /// Recording that a patient has died, or that this was a mistake.
    RecordDeath, "patients.death", record, [Admin, FrontDesk, Provider, Assistant]
);

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
#[derive(Default)]
pub(crate) struct PatientChanges {
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) former_name: Option<Option<String>>,
    pub(crate) preferred_name: Option<Option<String>>,
    pub(crate) pronouns: Option<Option<String>>,
    pub(crate) birth_date_estimated: Option<bool>,
    pub(crate) needs_interpreter: Option<bool>,
    pub(crate) insurance: Option<Option<String>>,
    pub(crate) birth_date: Option<NaiveDate>,
    pub(crate) sex_at_birth: Option<Option<SexAtBirth>>,
    pub(crate) phone: Option<Option<String>>,
    pub(crate) email: Option<Option<String>>,
    pub(crate) address: Option<Option<String>>,
    pub(crate) preferred_language: Option<Option<String>>,
    pub(crate) weight: Option<Option<Weight>>,
}

/// Why a record was not read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PatientError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("patients change how they are reached, and nothing else")]
    NotTheirs,
    #[error("born when nobody can have been")]
    BirthDate(&'static str),
    #[error("died when they cannot have")]
    DeathDate(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for PatientError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::NotTheirs => Problem::new(&problem::NOT_ALLOWED).detail(
                "Patients may change phone, email, address, language, interpreter, preferred name \
                 and pronouns.",
            ),
            Self::DeathDate(fault) => Problem::field("/died_on", fault),
            Self::BirthDate(fault) => Problem::field("/birth_date", fault),
            Self::Database(error) => error.into(),
        }
    }
}

/// The record of a patient within reach.
pub(crate) async fn read(
    transaction: &Transaction<'_, Read>,
    id: PatientId,
) -> Result<Patient, PatientError> {
    let patient = store::find(transaction, id)
        .await?
        .ok_or(PatientError::NotFound)?;
    transaction.touch("patient", id, id);
    Ok(patient)
}

/// Changes a record that is still as the caller read it.
pub(crate) async fn update(
    transaction: &Transaction<'_, Update>,
    id: PatientId,
    if_match: &IfMatch,
    changes: &PatientChanges,
) -> Result<Patient, PatientError> {
    let mut patient = store::lock(transaction, id)
        .await?
        .ok_or(PatientError::NotFound)?;
    if_match.require(patient.version)?;
    if transaction.principal().role == Role::Patient && !changes.are_contact_only() {
        return Err(PatientError::NotTheirs);
    }
    changes.apply(&mut patient);
    let today = transaction.now().date_naive();
    if let Some(fault) = patient.details.birth_date_fault(today) {
        return Err(PatientError::BirthDate(fault));
    }
    patient.version = patient.version.next();
    patient.updated_at = transaction.now();
    store::record_update(transaction, &patient).await?;
    transaction.touch("patient", id, id);
    Ok(patient)
}

/// Takes a record out of use; archiving twice changes nothing.
pub(crate) async fn archive(
    transaction: &Transaction<'_, Archive>,
    id: PatientId,
    if_match: &IfMatch,
) -> Result<Patient, PatientError> {
    let mut patient = store::lock(transaction, id)
        .await?
        .ok_or(PatientError::NotFound)?;
    if_match.require(patient.version)?;
    if patient.archived_at.is_none() {
        patient.archived_at = Some(transaction.now());
        patient.version = patient.version.next();
        patient.updated_at = transaction.now();
        store::record_update(transaction, &patient).await?;
    }
    transaction.touch("patient", id, id);
    Ok(patient)
}

/// Takes an archived record into use again; restoring twice changes nothing.
pub(crate) async fn restore(
    transaction: &Transaction<'_, Restore>,
    id: PatientId,
    if_match: &IfMatch,
) -> Result<Patient, PatientError> {
    let mut patient = store::lock(transaction, id)
        .await?
        .ok_or(PatientError::NotFound)?;
    if_match.require(patient.version)?;
    if patient.archived_at.take().is_some() {
        patient.version = patient.version.next();
        patient.updated_at = transaction.now();
        store::record_update(transaction, &patient).await?;
    }
    transaction.touch("patient", id, id);
    Ok(patient)
}

/// Records that the patient has died, or takes that back with `None`.
pub(crate) async fn record_death(
    transaction: &Transaction<'_, RecordDeath>,
    id: PatientId,
    if_match: &IfMatch,
    death: Option<Death>,
) -> Result<Patient, PatientError> {
    let mut patient = store::lock(transaction, id)
        .await?
        .ok_or(PatientError::NotFound)?;
    if_match.require(patient.version)?;
    if let Some(death) = death {
        let last_day = transaction.now().date_naive().succ_opt();
        if last_day.is_some_and(|last| death.died_on > last) {
            return Err(PatientError::DeathDate("lies in the future"));
        }
        // A month or a year is named by its first day, which may lie before the birth.
        let is_exact = death.precision == DatePrecision::Day;
        if is_exact && death.died_on < patient.details.birth_date {
            return Err(PatientError::DeathDate("lies before the birth date"));
        }
    }
    if patient.death != death {
        patient.death = death;
        patient.version = patient.version.next();
        patient.updated_at = transaction.now();
        store::record_update(transaction, &patient).await?;
    }
    transaction.touch("patient", id, id);
    Ok(patient)
}

impl PatientChanges {
    const fn are_contact_only(&self) -> bool {
        self.given_name.is_none()
            && self.family_name.is_none()
            && self.former_name.is_none()
            && self.birth_date.is_none()
            && self.birth_date_estimated.is_none()
            && self.insurance.is_none()
            && self.sex_at_birth.is_none()
            && self.weight.is_none()
    }

    fn apply(&self, patient: &mut Patient) {
        fn set<T: Clone>(field: &mut T, change: Option<&T>) {
            if let Some(value) = change {
                *field = value.clone();
            }
        }
        let details = &mut patient.details;
        set(&mut details.given_name, self.given_name.as_ref());
        set(&mut details.family_name, self.family_name.as_ref());
        set(&mut details.former_name, self.former_name.as_ref());
        set(&mut details.preferred_name, self.preferred_name.as_ref());
        set(&mut details.pronouns, self.pronouns.as_ref());
        set(&mut details.insurance, self.insurance.as_ref());
        set(
            &mut details.birth_date_estimated,
            self.birth_date_estimated.as_ref(),
        );
        set(
            &mut details.needs_interpreter,
            self.needs_interpreter.as_ref(),
        );
        set(&mut details.birth_date, self.birth_date.as_ref());
        set(&mut details.sex_at_birth, self.sex_at_birth.as_ref());
        set(&mut details.phone, self.phone.as_ref());
        set(&mut details.email, self.email.as_ref());
        set(&mut details.address, self.address.as_ref());
        set(
            &mut details.preferred_language,
            self.preferred_language.as_ref(),
        );
        set(&mut details.weight, self.weight.as_ref());
    }
}
