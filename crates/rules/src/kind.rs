//! The kinds of procedure, the side of the body and the approach of the needle.

use crate::text::text_enum;

text_enum! {
    /// What is done with the needle.
    pub enum ProcedureKind {
        TriggerPointInjection = "trigger_point_injection",
        DryNeedling = "dry_needling",
        BotulinumToxin = "botulinum_toxin",
    }
}

text_enum! {
    /// The side of the body, from the patient's view.
    pub enum Side {
        Left = "left",
        Right = "right",
        Midline = "midline",
    }
}

text_enum! {
    /// What the skin was cleaned with.
    pub enum SkinPreparation {
        Alcohol = "alcohol",
        ChlorhexidineAlcohol = "chlorhexidine_alcohol",
        PovidoneIodine = "povidone_iodine",
    }
}

text_enum! {
    /// How the needle is led.
    pub enum Approach {
        Perpendicular = "perpendicular",
        Tangential = "tangential",
        Pincer = "pincer",
    }
}
