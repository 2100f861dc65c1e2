//! Reading the doses that a patient was given elsewhere.

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::page::Window;

use super::outside_dose::OutsideDose;
use super::record_outside_dose::OutsideDoseError;
use super::store::{self, DoseKey};

action!(
    /// Reading doses that were given elsewhere.
    ReadOutsideDoses, "outside_doses.read", record, [Provider, Assistant, Patient]
);

/// The doses of a patient, the latest day first, with those that were entered in error, and the person
/// whom their records stand for.
pub(super) async fn read_outside_doses(
    transaction: &Transaction<'_, ReadOutsideDoses>,
    patient_id: PatientId,
    window: &Window<DoseKey>,
) -> Result<(PatientId, Vec<OutsideDose>), OutsideDoseError> {
    let person_id = person_id(transaction, patient_id)
        .await?
        .ok_or(OutsideDoseError::NotFound)?;
    let doses = store::list(transaction, patient_id, window).await?;
    let read = doses
        .iter()
        .map(|dose| (dose.id.uuid(), dose.patient_id.uuid()));
    transaction.touch_all("outside_dose", read);
    Ok((person_id, doses))
}
