//! The muscle catalogue: reference data, the same for every practice, and the muscles that a
//! practice added.

use crate::platform::access::action;
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::page::Window;

use super::anatomy::Region;
use super::muscle::Muscle;
use super::store;

action!(
    /// Reading the muscle catalogue and the views of the body chart.
    ReadCatalogue, "muscles.read", practice,
    [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);

/// Returns a page of muscles, ordered by code.
pub(crate) async fn list_muscles(
    transaction: &Transaction<'_, ReadCatalogue>,
    region: Option<Region>,
    window: &Window<String>,
) -> Stored<Vec<Muscle>> {
    store::list_muscles(transaction, region, window).await
}

/// Returns the muscle with this code.
pub(crate) async fn find_muscle(
    transaction: &OpenTransaction<'_>,
    code: &str,
) -> Stored<Option<Muscle>> {
    let found = muscles(transaction, &[code]).await?;
    Ok(found.into_iter().find(|muscle| muscle.code == code))
}

/// Returns the muscles with these codes, ordered by code. Unknown codes are left out.
pub(crate) async fn muscles(
    transaction: &OpenTransaction<'_>,
    codes: &[&str],
) -> Stored<Vec<Muscle>> {
    store::muscles(transaction, codes).await
}
