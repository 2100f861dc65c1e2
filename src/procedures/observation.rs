//! How the patient was after the needle, when somebody looked.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::text::text_enum;

text_enum! {
    /// What a patient tells or shows after the needle.
    pub(crate) enum ObservedSymptom {
        ChestPain = "chest_pain",
        Breathlessness = "breathlessness",
        Dizziness = "dizziness",
        Fainting = "fainting",
        RingingEars = "ringing_ears",
        NumbMouth = "numb_mouth",
        MetallicTaste = "metallic_taste",
        Agitation = "agitation",
        Seizure = "seizure",
        Weakness = "weakness",
        Rash = "rash",
        Bleeding = "bleeding",
        Nausea = "nausea",
        Other = "other",
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ObservedVitals {
    pub(super) heart_rate_bpm: Option<i16>,
    pub(super) systolic_mmhg: Option<i16>,
    pub(super) diastolic_mmhg: Option<i16>,
    pub(super) spo2_percent: Option<i16>,
}

/// How the patient was when somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(super) vitals: ObservedVitals,
    /// Empty when there was nothing.
    pub(super) symptoms: Vec<ObservedSymptom>,
    pub(super) note: Option<String>,
    /// Seen after the visit was signed: it stands beside the seal, not under it.
    pub(super) is_after_signature: bool,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}
