//! Registering a patient.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::Version;
use crate::platform::problem::{Member, Problem, ProblemType, Refusal, Shape};

use super::duplicates::{Candidate, look_alikes};
use super::patient::{Details, Patient, PatientId, fresh_record_number};
use super::store;

action!(
    /// Registering a patient.
    Register, "patients.register", record, [Admin, FrontDesk, Provider, Assistant]
);

/// A person to be registered.
pub(crate) struct RegisterPatient {
    pub(crate) details: Details,
    /// The caller has seen who may be the same person, and says it is someone new.
    pub(crate) confirm_new: bool,
}

/// Why the patient was not registered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegisterError {
    #[error("may be on record already")]
    PossibleDuplicate(Vec<serde_json::Value>),
    #[error("born when nobody can have been")]
    BirthDate(&'static str),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A person on record who may be the same.
const CANDIDATE: &[Member] = &[
    Member::new("patient", Shape::One("PatientBody"), "The record."),
    Member::new("reasons", Shape::Texts, "Why it may be the same person."),
];

static POSSIBLE_DUPLICATE: ProblemType = ProblemType::new(
    "possible-duplicate",
    409,
    "This person may be on record already",
)
.with(&[Member::new(
    "candidates",
    Shape::Objects(CANDIDATE),
    "Who on record may be the same person.",
)]);

impl Refusal for RegisterError {
    const TYPES: &'static [&'static ProblemType] = &[&POSSIBLE_DUPLICATE];

    fn problem(self) -> Problem {
        match self {
            Self::PossibleDuplicate(candidates) => Problem::new(&POSSIBLE_DUPLICATE)
                .detail("Look at the candidates; send confirm_new when it is someone else.")
                .member("candidates", candidates),
            Self::BirthDate(fault) => Problem::field("/birth_date", fault),
            Self::Database(error) => error.into(),
        }
    }
}

/// Makes a record, unless someone on record may be the same person.
pub(crate) async fn register(
    transaction: &Transaction<'_, Register>,
    command: &RegisterPatient,
    show: impl Fn(&Candidate) -> serde_json::Value,
) -> Result<Patient, RegisterError> {
    let now = transaction.now();
    if let Some(fault) = command.details.birth_date_fault(now.date_naive()) {
        return Err(RegisterError::BirthDate(fault));
    }
    if !command.confirm_new {
        let candidates = look_alikes(transaction, &command.details).await?;
        if !candidates.is_empty() {
            return Err(RegisterError::PossibleDuplicate(
                candidates.iter().map(show).collect(),
            ));
        }
    }
    let patient = Patient {
        id: PatientId::fresh(now),
        record_number: fresh_record_number(),
        details: command.details.clone(),
        archived_at: None,
        death: None,
        merged_into_id: None,
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &patient).await?;
    transaction.touch("patient", patient.id, patient.id);
    Ok(patient)
}
