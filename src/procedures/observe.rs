//! Recording how the patient is after the needle.

use crate::platform::access::action;
use crate::platform::database::Transaction;

use super::observation::{Observation, ObservedSymptom, ObservedVitals};
use super::observe_error::ObserveError;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, hold};
use super::store;

action!(
    /// Recording how the patient is after the needle.
    Observe, "procedures.observe", record, [Provider, Assistant]
);

/// What was seen when somebody looked.
pub(super) struct Seen {
    pub(super) vitals: ObservedVitals,
    pub(super) symptoms: Vec<ObservedSymptom>,
    pub(super) note: Option<String>,
}

/// Records how the patient is.
pub(super) async fn observe(
    transaction: &Transaction<'_, Observe>,
    id: ProcedureId,
    seen: Seen,
) -> Result<Procedure, ObserveError> {
    let held = hold(transaction, id).await?;
    held.require(Act::Observe)?;
    if held.procedure.discharged().is_some() {
        return Err(ObserveError::Discharged);
    }
    let change = held.procedure.observe(Observation {
        vitals: seen.vitals,
        symptoms: seen.symptoms,
        note: seen.note,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
