//! How strongly a rule speaks.

use crate::text::text_enum;

text_enum! {
    /// How strongly a rule speaks.
    pub enum Severity {
        Absolute = "absolute",
        Relative = "relative",
        Inform = "inform",
    }
}
