//! Which lots are asked for, and how they are sorted.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::lot::LotStatus;

/// Which lots are asked for; all of it must fit.
pub(super) struct LotFilter {
    pub(super) drug_code: Option<String>,
    pub(super) status: Option<LotStatus>,
    pub(super) location_id: Option<Uuid>,
    pub(super) updated_since: Option<DateTime<Utc>>,
}

/// Drug, last day of use and id of the row before a page.
pub(super) type LotKey = (String, NaiveDate, Uuid);
