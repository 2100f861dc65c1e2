//! Adding to a signed visit. After the signature nothing else can be written.

use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::id;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::store;
use super::visit::{Addendum, VisitId};

action!(
    /// Adding to a signed visit.
    Add, "visits.add", record, [Provider, Assistant]
);

/// Why an addendum was not added, or a seal not checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignedVisitError {
    #[error("no such visit")]
    NotFound,
    #[error("the visit is not signed yet")]
    NotSigned,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

pub(super) static NOT_SIGNED: ProblemType =
    ProblemType::new("not-signed", 409, "The visit is not signed yet");

impl Refusal for SignedVisitError {
    const TYPES: &'static [&'static ProblemType] = &[&NOT_SIGNED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NotSigned => Problem::new(&NOT_SIGNED),
            Self::Database(error) => error.into(),
        }
    }
}

/// Adds an addendum to a signed visit.
pub(crate) async fn add(
    transaction: &Transaction<'_, Add>,
    visit_id: VisitId,
    text: String,
) -> Result<Addendum, SignedVisitError> {
    let visit = store::find(transaction, visit_id)
        .await?
        .ok_or(SignedVisitError::NotFound)?;
    if visit.signature.is_none() {
        return Err(SignedVisitError::NotSigned);
    }
    let now = transaction.now();
    let written_by: Uuid = transaction.principal().user_id;
    let addendum = Addendum {
        id: id::fresh(now),
        text,
        written_by,
        written_at: now,
    };
    store::insert_addendum(transaction, &visit, &addendum).await?;
    transaction.touch("visit", visit_id, visit.patient_id);
    Ok(addendum)
}
