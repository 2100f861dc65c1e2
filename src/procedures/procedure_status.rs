//! The status of a procedure, and the acts that it allows.

use crate::platform::text::text_enum;

text_enum! {
    /// Where a procedure stands.
    pub(crate) enum ProcedureStatus {
        Planned = "planned",
        InProgress = "in_progress",
        Completed = "completed",
        Abandoned = "abandoned",
        /// Entered in error.
        Voided = "voided",
    }
}

/// What happens to a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    RecordConsent,
    RecordTimeOut,
    RecordChecklist,
    RecordSetUp,
    Propose,
    Override,
    Start,
    DrawUp,
    Inject,
    Waste,
    Dismiss,
    Complete,
    Stop,
    Observe,
    Discharge,
    /// Marking a syringe or a site as entered in error.
    VoidPart,
    /// Marking the procedure as entered in error.
    Void,
}

impl ProcedureStatus {
    /// Whether a procedure of this status allows the act. After a stop, only a procedure that was
    /// begun is observed; [`super::procedure::Procedure::require`] looks at that, too.
    pub(super) const fn allows(self, act: Act) -> bool {
        match act {
            Act::RecordConsent | Act::RecordTimeOut | Act::Start => matches!(self, Self::Planned),
            Act::RecordChecklist
            | Act::RecordSetUp
            | Act::Propose
            | Act::Dismiss
            | Act::Override
            | Act::Stop => matches!(self, Self::Planned | Self::InProgress),
            Act::DrawUp | Act::Inject | Act::Waste | Act::Complete => {
                matches!(self, Self::InProgress)
            }
            Act::Observe => matches!(self, Self::InProgress | Self::Completed | Self::Abandoned),
            Act::Discharge => matches!(self, Self::Completed | Self::Abandoned),
            Act::VoidPart => matches!(self, Self::InProgress | Self::Completed | Self::Abandoned),
            Act::Void => !matches!(self, Self::Voided),
        }
    }
}

/// The refusal of an act that the status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the procedure is {0}")]
pub(crate) struct WrongStatus(pub(super) ProcedureStatus);
