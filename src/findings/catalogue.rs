//! The muscle catalogue: reference data, the same for every practice.

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

/// Muscles by code, from the place of the window on.
pub(crate) async fn list_muscles(
    transaction: &Transaction<'_, ReadCatalogue>,
    region: Option<Region>,
    window: &Window<String>,
) -> Stored<Vec<Muscle>> {
    store::list_muscles(transaction, region, window).await
}

/// The muscle of this code.
pub(crate) async fn find_muscle(
    transaction: &OpenTransaction<'_>,
    code: &str,
) -> Stored<Option<Muscle>> {
    let found = muscles(transaction, &[code]).await?;
    Ok(found.into_iter().find(|muscle| muscle.code == code))
}

/// The muscles of these codes that there are, by code.
pub(crate) async fn muscles(
    transaction: &OpenTransaction<'_>,
    codes: &[&str],
) -> Stored<Vec<Muscle>> {
    store::muscles(transaction, codes).await
}
