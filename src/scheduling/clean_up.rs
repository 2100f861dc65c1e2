//! Deleting holds that ended long ago and openings that are over.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::platform::access::{Permit, job};
use crate::platform::database::Database;
use crate::platform::problem::Problem;

use super::store;

job!(
    /// Deleting holds that ended long ago.
    ForgetHolds, "holds.forget", calendar
);

/// An ended hold still tells its holder for an hour that it has ended, not that it never was.
const HOLDS_KEPT: TimeDelta = TimeDelta::hours(1);

/// Deletes the ended holds of a practice. Their times are free since they ended.
pub(crate) async fn clean_up(database: &Database, practice_id: Uuid) -> Result<(), Problem> {
    Permit::<ForgetHolds>::of_job(database.clone(), practice_id)
        .transaction(async |transaction| {
            let before = transaction.now() - HOLDS_KEPT;
            Ok(store::delete_ended_holds(transaction, before).await?)
        })
        .await
}
