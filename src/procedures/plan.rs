//! Planning a procedure within a visit.

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::visits::{VisitId, VisitRefused, open_visit};

use super::procedure::{Plan, Procedure};
use super::store;
use tautband_rules::kind::ProcedureKind;
use tautband_rules::template::templates;

action!(
    /// Planning a procedure.
    PlanProcedure, "procedures.plan", record, [Provider, Assistant]
);

/// What is to be done, and for what.
pub(super) struct PlannedKind {
    pub(super) kind: ProcedureKind,
    pub(super) indication_codes: Vec<String>,
    pub(super) template_code: Option<String>,
}

/// Why no procedure was planned.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlanProcedureError {
    #[error(transparent)]
    Visit(#[from] VisitRefused),
    #[error("no such template of this kind")]
    UnknownTemplate,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for PlanProcedureError {
    const TYPES: &'static [&'static ProblemType] = VisitRefused::TYPES;

    fn problem(self) -> Problem {
        match self {
            Self::Visit(refused) => refused.problem(),
            Self::UnknownTemplate => {
                Problem::field("/template_code", "names no template of this kind")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// Plans a procedure, performed by the provider of the visit.
pub(super) async fn plan_procedure(
    transaction: &Transaction<'_, PlanProcedure>,
    visit_id: VisitId,
    planned: &PlannedKind,
) -> Result<Procedure, PlanProcedureError> {
    if let Some(code) = &planned.template_code
        && templates().of_kind(code, planned.kind).is_none()
    {
        return Err(PlanProcedureError::UnknownTemplate);
    }
    let visit = open_visit(transaction, visit_id).await?;
    let plan = Plan {
        visit_id: visit.id,
        patient_id: visit.patient_id,
        person_id: visit.person_id,
        provider_id: visit.provider_id.into(),
        kind: planned.kind,
        indication_codes: planned.indication_codes.clone(),
        template_code: planned.template_code.clone(),
    };
    let procedure = Procedure::plan(plan, transaction.now());
    store::insert_procedure(transaction, &procedure).await?;
    transaction.touch("procedure", procedure.id, procedure.patient_id);
    Ok(procedure)
}
