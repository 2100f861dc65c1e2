//! Reading procedures, and holding one to change it.
//!
//! Patients read theirs once the visit is signed; until then the visit is hidden from them, and
//! what lies under it with it.

use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::page::Window;
pub(crate) use crate::platform::problem::WRONG_STATUS;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::visits::{OpenVisit, VisitId, VisitRefused, open_visit};

use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::{Act, WrongStatus};
use super::store;

action!(
    /// Reading procedures.
    ReadProcedure, "procedures.read", record, [Provider, Assistant, Patient]
);

/// Why a procedure was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadProcedureError {
    #[error("no such procedure")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ReadProcedureError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// A procedure with all that belongs to it.
pub(super) async fn read_procedure(
    transaction: &Transaction<'_, impl May<ReadProcedure>>,
    id: ProcedureId,
) -> Result<Procedure, ReadProcedureError> {
    let found = store::find_procedure(transaction, id).await?;
    let procedure = found.ok_or(ReadProcedureError::NotFound)?;
    transaction.touch("procedure", id, procedure.patient_id);
    Ok(procedure)
}

/// The procedures of a visit, in the order they were planned.
pub(super) async fn procedures_of_visit(
    transaction: &Transaction<'_, ReadProcedure>,
    visit_id: VisitId,
    window: &Window<uuid::Uuid>,
) -> Result<Vec<Procedure>, ReadProcedureError> {
    if !store::visit_is_seen(transaction, visit_id).await? {
        return Err(ReadProcedureError::NotFound);
    }
    let procedures = store::procedures_of_visit(transaction, visit_id, window).await?;
    let read = procedures
        .iter()
        .map(|one| (one.id.uuid(), one.patient_id.uuid()));
    transaction.touch_all("procedure", read);
    Ok(procedures)
}

/// Why a procedure cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HoldRefused {
    #[error("no such procedure")]
    NotFound,
    #[error(transparent)]
    Visit(#[from] VisitRefused),
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl WrongStatus {
    /// The problem that it becomes.
    pub(super) fn problem(self) -> Problem {
        Problem::new(&WRONG_STATUS).member("current_status", self.0)
    }
}

impl Refusal for HoldRefused {
    const TYPES: &'static [&'static ProblemType] = &[&problem::SEALED, &WRONG_STATUS];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Visit(refused) => refused.problem(),
            Self::WrongStatus(refused) => refused.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// A procedure, locked until the transaction ends, and its open visit.
pub(crate) struct Held {
    pub(super) procedure: Procedure,
    pub(super) visit: OpenVisit,
}

impl Held {
    /// Refuses an act that the status does not allow, before other rules are checked.
    pub(super) fn require(&self, act: Act) -> Result<(), HoldRefused> {
        Ok(self.procedure.require(act)?)
    }
}

/// Holds a procedure of an open visit to change it.
pub(super) async fn hold(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Result<Held, HoldRefused> {
    let visit_id = store::visit_of(transaction, id)
        .await?
        .ok_or(HoldRefused::NotFound)?;
    let visit = open_visit(transaction, visit_id).await?;
    // The visit is held first: a signature in between would hide the procedure from the lock.
    if !store::lock_procedure(transaction, id).await? {
        return Err(HoldRefused::NotFound);
    }
    let found = store::find_procedure(transaction, id).await?;
    let procedure = found.ok_or(HoldRefused::NotFound)?;
    transaction.touch("procedure", id, procedure.patient_id);
    Ok(Held { procedure, visit })
}

/// A procedure whose patient is looked after. Its visit may be signed meanwhile.
pub(super) struct Tended {
    pub(super) procedure: Procedure,
    /// What is added now stands beside the seal.
    pub(super) is_sealed: bool,
}

/// Holds a procedure to look after its patient, whether its visit is open or signed.
pub(super) async fn hold_to_tend(
    transaction: &OpenTransaction<'_>,
    id: ProcedureId,
) -> Result<Tended, HoldRefused> {
    match hold(transaction, id).await {
        Ok(held) => Ok(Tended {
            procedure: held.procedure,
            is_sealed: false,
        }),
        Err(HoldRefused::Visit(VisitRefused::Sealed)) => {
            let found = store::find_procedure(transaction, id).await?;
            let procedure = found.ok_or(HoldRefused::NotFound)?;
            transaction.touch("procedure", id, procedure.patient_id);
            Ok(Tended {
                procedure,
                is_sealed: true,
            })
        }
        Err(refused) => Err(refused),
    }
}
