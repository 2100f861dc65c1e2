//! How a procedure was set up: how the patient lies, the skin was cleaned and the needle guided.

use crate::findings::PatientPosition;
use crate::platform::text::text_enum;

text_enum! {
    /// What the skin was cleaned with.
    pub(crate) enum SkinPreparation {
        Alcohol = "alcohol",
        ChlorhexidineAlcohol = "chlorhexidine_alcohol",
        PovidoneIodine = "povidone_iodine",
    }
}

text_enum! {
    /// How the needle was guided.
    pub(crate) enum Guidance {
        Palpation = "palpation",
        Ultrasound = "ultrasound",
        Electromyography = "electromyography",
    }
}

/// How a procedure was set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SetUp {
    pub(super) position: Option<PatientPosition>,
    pub(super) skin: Option<SkinPreparation>,
    pub(super) guidance: Option<Guidance>,
}
