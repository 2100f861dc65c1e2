//! Recording who agreed to a procedure, before it is under way.

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::platform::etag::IfMatch;

use super::prepare_error::PrepareError;
use super::procedure::{Procedure, ProcedureId};
use super::read::{HoldRefused, hold};
use super::stage::{ConsentMethod, GivenConsent};
use super::store;

action!(
    /// Recording consent.
    RecordConsent, "procedures.consent", record, [Provider, Assistant]
);
/// Who agreed to what, and how.
pub(super) struct ConsentRecord {
    pub(super) given_by: String,
    pub(super) method: ConsentMethod,
    pub(super) text_version: String,
}

/// Records who agreed to what, before the procedure is under way.
pub(super) async fn record_consent(
    transaction: &Transaction<'_, RecordConsent>,
    id: ProcedureId,
    if_match: &IfMatch,
    consent: ConsentRecord,
) -> Result<Procedure, PrepareError> {
    let held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    let consent = GivenConsent {
        given_by: consent.given_by,
        method: consent.method,
        text_version: consent.text_version,
        at: transaction.now(),
    };
    let change = held.procedure.record_consent(consent);
    let change = change.map_err(HoldRefused::from)?;
    store::record(transaction, &change).await?;
    Ok(change.into_after())
}
