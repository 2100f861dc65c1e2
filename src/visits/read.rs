//! Reading visits.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;
use crate::practice::ProviderId;

use super::open::VisitRefused;
use super::store;
use super::visit::{Visit, VisitId};

action!(
    /// Reading visits; patients read their own once they are signed.
    Read, "visits.read", record, [Provider, Assistant, Patient]
);

/// Which visits; all of it must fit.
#[derive(Debug, Default)]
pub(crate) struct VisitFilter {
    pub(crate) patient_id: Option<PatientId>,
    pub(crate) provider_id: Option<ProviderId>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
    pub(crate) updated_since: Option<DateTime<Utc>>,
}

/// Start and id of the row before a page.
pub(crate) type VisitKey = (DateTime<Utc>, Uuid);

/// A visit within reach.
pub(crate) async fn read(
    transaction: &Transaction<'_, Read>,
    id: VisitId,
) -> Result<Visit, VisitRefused> {
    let visit = store::find(transaction, id)
        .await?
        .ok_or(VisitRefused::NotFound)?;
    transaction.touch("visit", id, visit.patient_id);
    Ok(visit)
}

/// Visits that fit, the latest first, without their addenda.
pub(crate) async fn list(
    transaction: &Transaction<'_, Read>,
    filter: &VisitFilter,
    window: &Window<VisitKey>,
) -> Stored<Vec<Visit>> {
    let visits = store::list(transaction, filter, window).await?;
    transaction.touch_all(
        "visit",
        visits
            .iter()
            .map(|visit| (visit.id.uuid(), visit.patient_id.uuid())),
    );
    Ok(visits)
}
