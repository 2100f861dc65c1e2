//! One needle site: where the needle went in, what it was, and what it brought.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::findings::{PointId, View};
use crate::platform::id::id;
use crate::visits::Voided;

use super::syringe::SolutionId;
use tautband_rules::checklist::SiteFinding;
use tautband_rules::kind::{Approach, Side};

id! {
    /// Names one needle site.
    pub(crate) struct InjectionId
}

/// Where the needle went in.
#[derive(Debug, Clone)]
pub(crate) struct NeedlePlace {
    pub(super) point_id: Option<PointId>,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) view: View,
    pub(super) x: Decimal,
    pub(super) y: Decimal,
    pub(super) chart_version: i16,
}

/// What the needle was and what it did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NeedleUse {
    pub(super) gauge: i16,
    pub(super) length_mm: i16,
    pub(super) approach: Approach,
    pub(super) passes: Option<i16>,
    pub(super) aspirated: bool,
    pub(super) twitch_elicited: bool,
    pub(super) pain_nrs_before: Option<i16>,
    pub(super) pain_nrs_after: Option<i16>,
}

/// One needle site.
#[derive(Debug, Clone)]
pub(crate) struct Injection {
    pub(super) id: InjectionId,
    pub(super) place: NeedlePlace,
    /// None for a dry needle.
    pub(super) solution_id: Option<SolutionId>,
    pub(super) volume_ml: Decimal,
    pub(super) needle: NeedleUse,
    /// Depth and direction were confirmed over what lies underneath.
    pub(super) is_caution_acknowledged: bool,
    pub(super) findings: Vec<SiteFinding>,
    pub(super) injected_at: DateTime<Utc>,
    pub(super) recorded_at: DateTime<Utc>,
    /// Set when it was entered in error; it counts nowhere then.
    pub(super) voided: Option<Voided>,
}
