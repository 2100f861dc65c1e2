//! Signing a visit, which seals the visit and everything under it.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Member, Problem, ProblemType, Refusal, Shape};
use crate::platform::trail::TrailKey;
use crate::scheduling::{RecordStep, keep_steps};

use super::seal::{ContentFormat, ProcedureUnderWay, Seal, Sealed, Signature, signed_text};
use super::store;
use super::visit::{Visit, VisitId};
use super::writable::{VisitRefused, lock_open_visit};

action!(
    /// Signing a visit; only its own provider may.
    Sign, "visits.sign", record, [Provider], step_up Signing
);

impl May<RecordStep> for Sign {}

/// Why a visit was not signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error(transparent)]
    Refused(#[from] VisitRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("another provider's visit")]
    NotTheirs,
    #[error("procedures are planned or under way")]
    OpenProcedures(Vec<ProcedureUnderWay>),
}

/// A procedure that is not at its end.
const OPEN_PROCEDURE: &[Member] = &[
    Member::new("id", Shape::Id, "The procedure."),
    Member::new("status", Shape::Text, "Its status."),
];

static OPEN_PROCEDURES: ProblemType = ProblemType::new(
    "open-procedures",
    409,
    "A procedure of this visit is not finished",
)
.with(&[Member::new(
    "procedures",
    Shape::Objects(OPEN_PROCEDURE),
    "What is planned or under way.",
)]);

impl From<DatabaseError> for SignError {
    fn from(error: DatabaseError) -> Self {
        Self::Refused(error.into())
    }
}

impl Refusal for SignError {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED, &OPEN_PROCEDURES];

    fn problem(self) -> Problem {
        match self {
            Self::Refused(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotTheirs => Problem::new(&problem::NOT_ALLOWED)
                .detail("Only the visit's own provider signs it."),
            Self::OpenProcedures(open) => Problem::new(&OPEN_PROCEDURES)
                .detail(
                    "Complete or stop each procedure named in procedures first. Nothing under a \
                     signed visit can be finished.",
                )
                .member("procedures", open),
        }
    }
}

/// Signs and seals an open visit that is still as its provider read it. A procedure that is planned
/// or under way must be completed or stopped first: under the seal it could not be finished any
/// more, and its drugs would never leave the stock.
pub(crate) async fn sign(
    transaction: &Transaction<'_, Sign>,
    id: VisitId,
    if_match: &IfMatch,
    key: &TrailKey,
) -> Result<Visit, SignError> {
    let locked = lock_open_visit(transaction, id).await?;
    let signer = transaction.principal();
    if signer.provider_id != Some(locked.provider_id.uuid()) {
        return Err(SignError::NotTheirs);
    }
    if_match.require(locked.version)?;
    let open = store::procedures_under_way(transaction, id).await?;
    if !open.is_empty() {
        return Err(SignError::OpenProcedures(open));
    }
    if let Some(appointment_id) = locked.appointment_id {
        keep_steps(transaction, appointment_id).await?;
    }
    let (signed_by, signed_at) = (signer.user_id, transaction.now());
    let content = store::content(transaction, id, signed_by, signed_at).await?;
    let seal = Seal::over(&content);
    let practice_id = transaction.practice_id();
    let text = signed_text(practice_id, id.uuid(), Sealed::Visit, &seal);
    let signature = Signature {
        signed_at,
        signed_by,
        seal,
        format: ContentFormat::NEWEST,
        by_key: Some(key.sign(&text)),
    };
    store::record_signature(transaction, &locked, &signature).await?;
    transaction.touch("visit", id, locked.patient_id);
    Ok(store::find(transaction, id)
        .await?
        .ok_or(VisitRefused::NotFound)?)
}
