//! The date in the practice.

use chrono::NaiveDate;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::local_time::local_date;
use crate::practice::practice_zone;

/// The date on which the practice writes and reads.
pub(super) async fn today(transaction: &OpenTransaction<'_>) -> Stored<NaiveDate> {
    let zone = practice_zone(transaction).await?;
    Ok(local_date(zone.0, transaction.now()))
}
