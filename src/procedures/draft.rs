//! Drafts: sites that a template or the last session proposes.
//!
//! A draft is no record of a needle. It counts for no dose and no code until somebody confirms it
//! with what was really done; then it becomes a needle site like any other, judged by the same
//! rules. A draft that is not wanted is dismissed. A procedure is not completed while one is open, so
//! that no site is taken for done, or forgotten.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::{self, PointId, View};
use crate::platform::id::id;
use crate::platform::text::text_enum;

use super::injection::InjectionId;
use super::syringe::SolutionId;
use tautband_rules::kind::{Approach, Side};

id! {
    /// Names a draft.
    pub(crate) struct DraftId
}

text_enum! {
    /// Where a draft stands.
    pub(crate) enum DraftStatus {
        Open = "open",
        Confirmed = "confirmed",
        Dismissed = "dismissed",
    }
}

text_enum! {
    /// Where drafts come from.
    pub(crate) enum DraftSource {
        Template = "template",
        LastTime = "last_time",
    }
}

/// A site that is proposed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: DraftId,
    pub(super) position: i16,
    pub(super) point_id: Option<PointId>,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) view: View,
    pub(super) x: Decimal,
    pub(super) y: Decimal,
    pub(super) volume_ml: Decimal,
    pub(super) needle_gauge: Option<i16>,
    pub(super) needle_length_mm: Option<i16>,
    pub(super) approach: Option<Approach>,
    /// The code of the template, or `last_time`.
    pub(super) source: String,
    /// What was injected there last time.
    pub(super) source_solution_id: Option<SolutionId>,
    pub(super) status: DraftStatus,
    pub(super) injection_id: Option<InjectionId>,
    pub(super) settled: Option<(Uuid, DateTime<Utc>)>,
    pub(super) created_at: DateTime<Utc>,
}

/// The same side as the chart spells it.
pub(super) const fn chart_side(side: Side) -> findings::Side {
    match side {
        Side::Left => findings::Side::Left,
        Side::Right => findings::Side::Right,
        Side::Midline => findings::Side::Midline,
    }
}
