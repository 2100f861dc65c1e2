//! What is recorded of a session and of those before it, as a payer looks at it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::platform::text::text_enum;
use crate::procedures::kind::{ProcedureKind, Side};

text_enum! {
    /// What is documented of a session beside its figures.
    pub(crate) enum Circumstance {
        FailedConservativeCare = "failed_conservative_care",
        LimitedMovement = "limited_movement",
        DiagnosticIntent = "diagnostic_intent",
        OngoingProgramme = "ongoing_programme",
        ImagingGuidance = "imaging_guidance",
        OtherBlock = "other_block",
        BiologicInjectate = "biologic_injectate",
    }
}

/// A place that was or will be treated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TreatedPlace {
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) region: String,
}

/// A pain relief as measured after a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MeasuredRelief {
    pub(crate) percent: Option<Decimal>,
    pub(crate) days: Option<i64>,
    pub(crate) scale_before: Option<String>,
    pub(crate) scale_after: Option<String>,
    pub(crate) measured_on: Option<NaiveDate>,
    /// Whether the duration was said to fit the drug used.
    pub(crate) is_duration_explained: bool,
    pub(crate) function_scale: Option<String>,
    pub(crate) function_percent: Option<Decimal>,
}

/// An earlier session of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PriorSession {
    pub(crate) on: NaiveDate,
    pub(crate) places: Vec<TreatedPlace>,
    pub(crate) relief: MeasuredRelief,
}

/// What is documented of the session in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerSession {
    pub(crate) on: NaiveDate,
    pub(crate) kind: ProcedureKind,
    pub(crate) indications: Vec<String>,
    pub(crate) places: Vec<TreatedPlace>,
    /// Fewest palpation findings among the treated points.
    pub(crate) findings: u32,
    pub(crate) conservative_care_days: Option<i64>,
    pub(crate) circumstances: BTreeSet<Circumstance>,
    /// Elements of the record that are not there yet, in words.
    pub(crate) missing_record_elements: Vec<String>,
}

impl PayerSession {
    /// Whether this is on record.
    pub(super) fn documents(&self, circumstance: Circumstance) -> bool {
        self.circumstances.contains(&circumstance)
    }
}
