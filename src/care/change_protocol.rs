//! Reading the protocols, and writing a new version of one.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::procedures::ProcedureKind;

use super::follow_up::ProtocolId;
use super::protocol::{Protocol, ProtocolStep, faults_of};
use super::store;

action!(
    /// Reading follow-up protocols.
    ReadProtocols, "follow_up_protocols.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Writing a new version of a follow-up protocol.
    ChangeProtocol, "follow_up_protocols.change", practice, [Admin], done_by People
);

/// A protocol as it is to be from now on.
pub(crate) struct NewProtocol {
    pub(super) procedure_kind: ProcedureKind,
    pub(super) name: String,
    pub(super) steps: Vec<ProtocolStep>,
}

/// Why a protocol was not read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProtocolError {
    #[error("no such protocol")]
    NotFound,
    #[error("some fields break rules")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ProtocolError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

/// The protocols in force, one for each kind of procedure.
pub(crate) async fn read_protocols(
    transaction: &Transaction<'_, ReadProtocols>,
) -> Stored<Vec<Protocol>> {
    store::protocols::all_in_force(transaction).await
}

/// One version of a protocol, in force or not.
pub(crate) async fn read_protocol(
    transaction: &Transaction<'_, ReadProtocols>,
    id: ProtocolId,
) -> Result<Protocol, ProtocolError> {
    store::protocols::find(transaction, id)
        .await?
        .ok_or(ProtocolError::NotFound)
}

/// Puts a new version in force. Follow-ups that older versions brought stay as they are.
pub(crate) async fn change_protocol(
    transaction: &Transaction<'_, ChangeProtocol>,
    command: &NewProtocol,
) -> Result<Protocol, ProtocolError> {
    let mut errors: Vec<FieldError> = faults_of(&command.steps)
        .into_iter()
        .map(|fault| {
            FieldError::new(
                format!("/steps/{}/{}", fault.index, fault.field),
                fault.detail,
            )
        })
        .collect();
    if command.name.trim().is_empty() {
        errors.push(FieldError::new("/name", "must not be blank"));
    }
    if !errors.is_empty() {
        return Err(ProtocolError::Invalid(errors));
    }
    let written = (
        command.procedure_kind,
        command.name.trim(),
        command.steps.as_slice(),
    );
    Ok(store::protocols::insert(transaction, written).await?)
}
