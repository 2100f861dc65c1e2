//! A procedure that has just ended: completed, or stopped before it was.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::{PatientId, note_needle};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;

use super::procedure::{Procedure, ProcedureId};
use super::store;
use tautband_rules::kind::ProcedureKind;

/// What others build on.
pub(crate) struct Ended {
    pub(crate) procedure_id: ProcedureId,
    pub(crate) patient_id: PatientId,
    pub(crate) location_id: Uuid,
    pub(crate) kind: ProcedureKind,
    pub(crate) ended_at: DateTime<Utc>,
    pub(crate) version: Version,
    /// As it is now; [`super::ProcedureBody`] shows it.
    pub(crate) procedure: Procedure,
}

impl Ended {
    /// A procedure that ended now, within a visit at this location. Booking keeps the time if a
    /// needle went in.
    pub(super) async fn now(
        transaction: &OpenTransaction<'_>,
        procedure: Procedure,
        location_id: Uuid,
    ) -> Stored<Self> {
        let ended = Self {
            procedure_id: procedure.id,
            patient_id: procedure.patient_id,
            location_id,
            kind: procedure.kind,
            ended_at: procedure.ended_at().unwrap_or_else(|| transaction.now()),
            version: procedure.version,
            procedure,
        };
        if ended.was_needled() {
            renew_last_needle(transaction, ended.patient_id).await?;
        }
        Ok(ended)
    }

    /// Whether a needle went in, so that somebody has to ask how the patient is.
    pub(crate) fn was_needled(&self) -> bool {
        !self.procedure.injections.is_empty()
    }
}

/// Tells booking when a needle last went into the patient, after that has changed.
pub(crate) async fn renew_last_needle(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<()> {
    let last = store::last_needled_at(transaction, patient_id).await?;
    note_needle(transaction, patient_id, last).await
}
