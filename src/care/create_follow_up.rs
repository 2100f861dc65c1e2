//! Adding a follow-up by hand, beside those of the protocols.

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::follow_up::{FollowUp, FollowUpKind, Origin};
use super::listed_follow_up::ListedFollowUp;
use crate::procedures::{ProcedureId, is_procedure_of};

use super::due_window::DueWindow;
use super::store;

action!(
    /// Adding a follow-up.
    CreateFollowUp, "follow_ups.create", record, [FrontDesk, Provider, Assistant]
);

/// A follow-up to be added.
pub(crate) struct NewFollowUp {
    pub(super) kind: FollowUpKind,
    pub(super) reason: String,
    pub(super) window: DueWindow,
    pub(super) procedure_id: Option<ProcedureId>,
}

/// Why a follow-up was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateFollowUpError {
    #[error("no such patient")]
    NotFound,
    #[error("some fields break rules")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for CreateFollowUpError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Database(error) => error.into(),
        }
    }
}

/// Adds a follow-up.
pub(crate) async fn create_follow_up(
    transaction: &Transaction<'_, CreateFollowUp>,
    patient_id: PatientId,
    command: &NewFollowUp,
) -> Result<ListedFollowUp, CreateFollowUpError> {
    if person_id(transaction, patient_id).await?.is_none() {
        return Err(CreateFollowUpError::NotFound);
    }
    let mut errors = Vec::new();
    if command.window.due_by < command.window.due_from {
        errors.push(FieldError::new("/due_by", "lies before due_from"));
    }
    if command.reason.trim().is_empty() {
        errors.push(FieldError::new("/reason", "must not be blank"));
    }
    if let Some(procedure_id) = command.procedure_id
        && !is_procedure_of(transaction, procedure_id, patient_id).await?
    {
        errors.push(FieldError::new(
            "/procedure_id",
            "names no procedure of this patient",
        ));
    }
    if !errors.is_empty() {
        return Err(CreateFollowUpError::Invalid(errors));
    }
    let origin = Origin {
        procedure_id: command.procedure_id,
        ..Origin::default()
    };
    let what = (command.kind, command.reason.as_str());
    let new = FollowUp::new(patient_id, what, command.window, origin, transaction.now());
    store::follow_ups::insert(transaction, std::slice::from_ref(&new)).await?;
    transaction.touch("follow_up", new.id, patient_id);
    let listed = store::follow_ups::find(transaction, new.id).await?;
    listed.ok_or(CreateFollowUpError::NotFound)
}
