//! What is recorded of a session and of those before it, as a payer looks at it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::coding::drugs::DrugLine;
use crate::kind::{ProcedureKind, Side};
use crate::relief::Relief;
use crate::text::text_enum;

text_enum! {
    /// What is documented of a session beside its figures.
    pub enum Circumstance {
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
pub struct TreatedPlace {
    pub muscle_code: String,
    /// The whole muscle for a part, else the muscle itself.
    pub counted_as: String,
    pub side: Side,
    pub region: String,
}

/// A pain relief as measured after a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeasuredRelief {
    pub relief: Option<Relief>,
    pub days: Option<i64>,
    pub scale_before: Option<String>,
    pub scale_after: Option<String>,
    pub measured_on: Option<NaiveDate>,
    /// Whether the duration was said to fit the drug used.
    pub is_duration_explained: bool,
    pub function_scale: Option<String>,
    pub function_percent: Option<Decimal>,
}

/// An earlier session of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorSession {
    pub on: NaiveDate,
    pub places: Vec<TreatedPlace>,
    pub relief: MeasuredRelief,
}

/// What is documented of the session in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerSession {
    pub on: NaiveDate,
    pub kind: ProcedureKind,
    pub indications: Vec<String>,
    pub places: Vec<TreatedPlace>,
    /// What would be billed of the drugs.
    pub drugs: Vec<DrugLine>,
    /// Fewest palpation findings among the treated points.
    pub findings: u32,
    pub conservative_care_days: Option<i64>,
    pub circumstances: BTreeSet<Circumstance>,
    /// Elements of the record that are not there yet, in words.
    pub missing_record_elements: Vec<String>,
}

impl PayerSession {
    /// Whether this is on record.
    pub(super) fn documents(&self, circumstance: Circumstance) -> bool {
        self.circumstances.contains(&circumstance)
    }
}
