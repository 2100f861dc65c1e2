//! In which role somebody works in a practice, or is treated by it.

use crate::platform::text::text_enum;

text_enum! {
    /// The role of a user in a practice.
    pub(crate) enum Role {
        Admin = "admin",
        FrontDesk = "front_desk",
        Provider = "provider",
        Assistant = "assistant",
        Patient = "patient",
        Auditor = "auditor",
    }
}
