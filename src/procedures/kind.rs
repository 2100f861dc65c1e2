//! The kinds of procedure and the side of the body, spelt once.

use crate::platform::text::text_enum;

text_enum! {
    /// What is done with the needle.
    pub(crate) enum ProcedureKind {
        TriggerPointInjection = "trigger_point_injection",
        DryNeedling = "dry_needling",
        BotulinumToxin = "botulinum_toxin",
    }
}

text_enum! {
    /// The side of the body, from the patient's view.
    pub(crate) enum Side {
        Left = "left",
        Right = "right",
        Midline = "midline",
    }
}
