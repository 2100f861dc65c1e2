//! Reading how the practice fares.

use chrono::{DateTime, Utc};

use crate::platform::access::action;
use crate::platform::database::Transaction;
use crate::practice::practice_zone;

use super::practice_report::{Report, ReportError, ReportPeriod, instants, shown};
use super::store;

action!(
    /// Reading how the practice fares.
    ReadReport, "reports.care", practice, [Admin, Provider]
);

/// Counts how the practice fared in each of the periods.
pub(crate) async fn read_report(
    transaction: &Transaction<'_, ReadReport>,
    periods: &[ReportPeriod],
) -> Result<Report, ReportError> {
    let zone = practice_zone(transaction).await?.0;
    let spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = periods
        .iter()
        .map(|period| instants(*period, zone))
        .collect();
    let counted = store::practice_report::count(transaction, &spans).await?;
    Ok(Report {
        zone,
        rows: shown(counted, periods),
    })
}
