//! Archives and restores a record, and records a death.
//!
//! An archived record says what is still open under it; nothing is ended, because a record may be
//! archived by mistake. A death ends what would reach out to the patient: appointments still to come,
//! places on the waitlist with their offers, and open follow-ups. An open visit is named and stays,
//! because what happened must still be written down. Taking a death back brings nothing back; the
//! answer to it named what was ended.

use crate::care::{CancelFollowUp, end_follow_up};
use crate::patients::{
    Archive, Death, Patient, PatientError, PatientId, RecordDeath, archive, record_death,
};
use crate::platform::access::May;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;
use crate::scheduling::{Cancel, HoldSlot, cancel_ahead};
use crate::waitlist::{Withdraw, withdraw_all};

use super::store::{self, OpenItem};

impl May<Cancel> for RecordDeath {}
impl May<HoldSlot> for RecordDeath {}
impl May<Withdraw> for RecordDeath {}
impl May<CancelFollowUp> for RecordDeath {}

/// Why appointments and follow-ups are ended.
const DIED: &str = "The patient has died.";

/// Takes a record out of use, and says what is still open under it.
pub(super) async fn archive_record(
    transaction: &Transaction<'_, Archive>,
    id: PatientId,
    if_match: &IfMatch,
) -> Result<(Patient, Vec<OpenItem>), PatientError> {
    let patient = archive(transaction, id, if_match).await?;
    let open = store::open_items(transaction, id).await?;
    Ok((patient, open))
}

/// Records a death, ends what must end, and says what that was.
pub(super) async fn die(
    transaction: &Transaction<'_, RecordDeath>,
    id: PatientId,
    if_match: &IfMatch,
    death: Death,
) -> Result<(Patient, Vec<OpenItem>), PatientError> {
    let patient = record_death(transaction, id, if_match, Some(death)).await?;
    let open = store::open_items(transaction, id).await?;
    cancel_ahead(transaction, id, DIED).await?;
    withdraw_all(transaction, id).await?;
    for item in open.iter().filter(|item| item.kind == "follow_up") {
        end_follow_up(transaction, item.id.into(), DIED).await?;
    }
    Ok((patient, open))
}
