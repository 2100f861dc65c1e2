//! Taking a signed visit back that was entered in error, such as one of another patient.
//!
//! The visit stays readable for staff, sealed and marked. It and everything under it count nowhere
//! any more, and the patient does not see it. The retraction has a seal of its own, over its words and the
//! seal of the visit, signed with the key of the service. It cannot be taken back: what was right is entered again.

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::platform::trail::TrailKey;

use super::addendum::NOT_SIGNED;
use super::seal::{Seal, Sealed, signed_text};
use super::store;
use super::visit::{Retraction, Visit, VisitId, VisitStatus};
use super::voided::Voided;

action!(
    /// Retracting a signed visit; only its own provider may.
    Retract, "visits.retract", record, [Provider]
);

/// Why a visit is retracted, and whose it really was.
pub(crate) struct Retracting {
    pub(crate) reason: String,
    pub(crate) belongs_to_patient_id: Option<PatientId>,
}

/// Why a visit was not retracted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RetractError {
    #[error("no such visit")]
    NotFound,
    #[error("the visit is not signed")]
    NotSigned,
    #[error("the visit was retracted before")]
    AlreadyRetracted,
    #[error("another provider's visit")]
    NotTheirs,
    #[error("names no other patient here")]
    NoOtherPatient(&'static str),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static ALREADY_RETRACTED: ProblemType =
    ProblemType::new("already-retracted", 409, "The visit was retracted before");

impl Refusal for RetractError {
    const TYPES: &'static [&'static ProblemType] = &[&NOT_SIGNED, &ALREADY_RETRACTED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NotSigned => Problem::new(&NOT_SIGNED)
                .detail("An open visit is put right by voiding what is wrong, or discarded."),
            Self::AlreadyRetracted => Problem::new(&ALREADY_RETRACTED),
            Self::NotTheirs => Problem::new(&problem::NOT_ALLOWED)
                .detail("Only the provider of the visit, or who signed it, retracts it."),
            Self::NoOtherPatient(detail) => {
                Problem::invalid(vec![FieldError::new("/belongs_to_patient_id", detail)])
            }
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// Retracts a signed visit that is still as its provider read it.
pub(crate) async fn retract(
    transaction: &Transaction<'_, Retract>,
    id: VisitId,
    if_match: &IfMatch,
    retracting: Retracting,
    key: &TrailKey,
) -> Result<Visit, RetractError> {
    let visit = store::find(transaction, id).await?;
    let visit = visit.ok_or(RetractError::NotFound)?;
    let signature = match (visit.status(), &visit.signature) {
        (VisitStatus::Retracted, _) => return Err(RetractError::AlreadyRetracted),
        (VisitStatus::Signed, Some(signature)) => signature,
        _ => return Err(RetractError::NotSigned),
    };
    let who = transaction.principal();
    let is_theirs = who.provider_id == Some(visit.provider_id.uuid());
    if !is_theirs && signature.signed_by != who.user_id {
        return Err(RetractError::NotTheirs);
    }
    if_match.require(visit.version)?;
    if let Some(other) = retracting.belongs_to_patient_id {
        let person = person_id(transaction, other).await?;
        let person = person.ok_or(RetractError::NoOtherPatient("names no patient here"))?;
        if person == visit.patient_id {
            let detail = "is the patient of this visit; leave it out";
            return Err(RetractError::NoOtherPatient(detail));
        }
    }
    let voided = Voided {
        at: transaction.now(),
        by: who.user_id,
        reason: retracting.reason,
    };
    let belongs_to = retracting.belongs_to_patient_id;
    let seal = retraction_seal(id, &signature.seal, &voided, belongs_to);
    let text = signed_text(
        transaction.practice_id(),
        id.uuid(),
        Sealed::Retraction,
        &seal,
    );
    let retraction = Retraction {
        voided,
        belongs_to_patient_id: belongs_to,
        seal,
        by_key: Some(key.sign(&text)),
    };
    if !store::record_retraction(transaction, id, &retraction).await? {
        return Err(RetractError::AlreadyRetracted);
    }
    transaction.touch("visit", id, visit.patient_id);
    let found = store::find(transaction, id).await?;
    found.ok_or(RetractError::NotFound)
}

/// The seal of a retraction: over its words, and over the seal of the visit.
pub(super) fn retraction_seal(
    id: VisitId,
    of_visit: &Seal,
    voided: &Voided,
    belongs_to: Option<PatientId>,
) -> Seal {
    let content = serde_json::json!({
        "format": "tautband-retraction-1",
        "visit_id": id,
        "visit_sha256": of_visit.hexadecimal(),
        "retracted": voided,
        "belongs_to_patient_id": belongs_to,
    });
    Seal::over(&content.to_string())
}
