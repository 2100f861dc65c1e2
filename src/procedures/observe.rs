//! Recording how the patient is after the needle.
//!
//! Observation does not end with the signature of the visit: a provider signs while the patient still sits
//! in the waiting room. What is seen afterwards is kept beside the seal, as an adverse event is.

use crate::platform::access::action;
use crate::platform::database::Transaction;

use super::observation::{Observation, ObservedSymptom, ObservedVitals};
use super::observe_error::ObserveError;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, hold_to_tend};
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

/// Records how the patient is, before the visit is signed or after.
pub(super) async fn observe(
    transaction: &Transaction<'_, Observe>,
    id: ProcedureId,
    seen: Seen,
) -> Result<Procedure, ObserveError> {
    let held = hold_to_tend(transaction, id).await?;
    held.procedure
        .require(Act::Observe)
        .map_err(HoldRefused::from)?;
    if held.procedure.discharged().is_some() {
        return Err(ObserveError::Discharged);
    }
    let change = held.procedure.observe(Observation {
        vitals: seen.vitals,
        symptoms: seen.symptoms,
        note: seen.note,
        is_after_signature: held.is_sealed,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    if held.is_sealed {
        store::record_beside_seal(transaction, &change).await?;
    } else {
        store::record(transaction, &change).await?;
    }
    Ok(change.into_after())
}
