//! Where an appointment stands, and what can happen to it from there.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::platform::text::text_enum;

text_enum! {
    /// Where an appointment stands.
    pub(crate) enum Status {
        Booked = "booked",
        Confirmed = "confirmed",
        Arrived = "arrived",
        Roomed = "roomed",
        InProgress = "in_progress",
        Completed = "completed",
        Cancelled = "cancelled",
        NoShow = "no_show",
    }
}

text_enum! {
    /// What happens to an appointment.
    pub(crate) enum Act {
        Book = "book",
        Confirm = "confirm",
        CheckIn = "check_in",
        Room = "room",
        Start = "start",
        Complete = "complete",
        Cancel = "cancel",
        NoShow = "no_show",
        Reschedule = "reschedule",
        Undo = "undo",
        /// No step of its life: it changes no status, and nothing takes it back.
        ChangeReason = "change_reason",
    }
}

text_enum! {
    /// Why an appointment was cancelled.
    pub(crate) enum CancelReason {
        PatientRequest = "patient_request",
        ProviderUnavailable = "provider_unavailable",
        Illness = "illness",
        Weather = "weather",
        Duplicate = "duplicate",
        NoLongerNeeded = "no_longer_needed",
        Other = "other",
    }
}

impl Status {
    /// Where the act leads from here; nothing where it is not allowed. [`Act::Undo`] is not in the
    /// table: where it leads is for the history to say, and whether, for the appointment. Neither is
    /// [`Act::ChangeReason`], which leads nowhere.
    pub(crate) const fn after(self, act: Act) -> Option<Self> {
        match (self, act) {
            (Self::Booked, Act::Confirm) => Some(Self::Confirmed),
            (Self::Booked | Self::Confirmed, Act::CheckIn) => Some(Self::Arrived),
            (Self::Arrived | Self::Roomed, Act::Room) => Some(Self::Roomed),
            (Self::Arrived | Self::Roomed, Act::Start) => Some(Self::InProgress),
            (Self::InProgress, Act::Complete) => Some(Self::Completed),
            (Self::Booked | Self::Confirmed | Self::Arrived | Self::Roomed, Act::Cancel) => {
                Some(Self::Cancelled)
            }
            (Self::Booked | Self::Confirmed, Act::NoShow) => Some(Self::NoShow),
            (Self::Booked | Self::Confirmed, Act::Reschedule) => Some(Self::Booked),
            _ => None,
        }
    }

    /// Whether the patient is seen or was, which is when there can be a visit.
    pub(crate) const fn is_seen(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed)
    }

    /// Whether nothing more comes of an appointment that stands here, unless it is undone.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::NoShow)
    }

    /// Whether provider, room and patient are taken by an appointment that stands here.
    pub(crate) const fn occupies(self) -> bool {
        !matches!(self, Self::Cancelled | Self::NoShow)
    }
}

/// How the visit of an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitState {
    Open,
    Signed,
}

/// What was asked does not apply where the appointment stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this does not apply to an appointment that is {status}")]
pub(crate) struct WrongStatus {
    /// Where it stands.
    pub(crate) status: Status,
    /// What does apply there.
    pub(crate) allowed: Vec<Act>,
    /// Why else, where it is not the status alone.
    pub(crate) detail: Option<&'static str>,
}

impl CancelReason {
    /// Whether the patient would not or could not come: neither the practice's doing, nor a mistake,
    /// nor a day on which nobody could.
    pub(crate) const fn is_of_patient(self) -> bool {
        !matches!(
            self,
            Self::ProviderUnavailable | Self::Duplicate | Self::Weather
        )
    }
}

/// Of an appointment, what decides which acts apply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) undoable_steps: i16,
}

impl Standing {
    /// What may happen next.
    pub(crate) fn allowed(&self) -> Vec<Act> {
        let is_step = |act: &Act| self.status.after(*act).is_some();
        let steps = Act::ALL.iter().copied().filter(is_step);
        steps
            .chain((self.undoable_steps > 0).then_some(Act::Undo))
            .collect()
    }
}
