//! The mark of what was entered in error.
//!
//! A marked row stays and can be read by staff, and counts nowhere: not in doses, intervals, charts, codes
//! or outcomes, and a patient does not see it. The mark is never taken back; what was right after
//! all is recorded again.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::problem::ProblemType;

/// Who marked something as entered in error, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Voided {
    pub(crate) at: DateTime<Utc>,
    /// The user.
    pub(crate) by: Uuid,
    pub(crate) reason: String,
}

impl Voided {
    /// Reads the three columns of a row, of which all are filled or none.
    pub(crate) fn from_columns(
        at: Option<DateTime<Utc>>,
        by: Option<Uuid>,
        reason: Option<&str>,
    ) -> Result<Option<Self>, HalfMarked> {
        match (at, by, reason) {
            (None, None, None) => Ok(None),
            (Some(at), Some(by), Some(reason)) => Ok(Some(Self {
                at,
                by,
                reason: reason.to_owned(),
            })),
            _ => Err(HalfMarked),
        }
    }
}

/// The refusal to mark something a second time.
pub(crate) static ALREADY_VOIDED: ProblemType = ProblemType::new(
    "already-voided",
    409,
    "This was marked as entered in error before",
);

/// Only a part of the columns is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mark is not whole")]
pub(crate) struct HalfMarked;
