//! Beginning a procedure at the bedside in one act: consent, time-out and start.
//!
//! Either all three are on record afterwards, or none of them.

use chrono::{DateTime, Utc};

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::procedure::{Procedure, ProcedureId};
use super::read::{HoldRefused, hold};
use super::record_consent::ConsentRecord;
use super::stage::{GivenConsent, TimeOut, TimeOutPoints};
use super::start::{StartError, pass_gate};
use super::store;

action!(
    /// Recording consent and time-out, and starting.
    BeginProcedure, "procedures.begin", record, [Provider, Assistant]
);

/// What is said at the bedside.
pub(super) struct Beginning {
    pub(super) consent: ConsentRecord,
    pub(super) confirmed: TimeOutPoints,
    /// When it began, if it is entered later than that.
    pub(super) started_at: Option<DateTime<Utc>>,
}

/// Records consent and time-out, and starts the procedure.
pub(super) async fn begin(
    transaction: &Transaction<'_, BeginProcedure>,
    id: ProcedureId,
    if_match: &IfMatch,
    beginning: Beginning,
) -> Result<Procedure, StartError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let now = transaction.now();
    let consented = held.procedure.record_consent(GivenConsent {
        given_by: beginning.consent.given_by,
        method: beginning.consent.method,
        text_version: beginning.consent.text_version,
        at: now,
    });
    let consented = consented.map_err(HoldRefused::from)?.into_after();
    let timed_out = consented.record_time_out(TimeOut {
        confirmed: beginning.confirmed,
        by: transaction.principal().user_id,
        at: now,
    });
    let timed_out = timed_out.map_err(HoldRefused::from)?;
    // The rules read what is on record.
    store::record(transaction, &timed_out).await?;
    held.procedure = timed_out.into_after();
    pass_gate(transaction, held, beginning.started_at).await
}
