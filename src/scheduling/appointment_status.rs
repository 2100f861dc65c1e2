//! The status of an appointment, and the acts that it allows.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::platform::text::text_enum;

text_enum! {
    /// The status of an appointment.
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
        /// Not a step: it changes no status and cannot be undone.
        ChangeReason = "change_reason",
        /// Takes another room for the same time. It changes no status.
        ChangeRoom = "change_room",
        /// Exchanges the places of two appointments. It changes no status.
        Swap = "swap",
        /// Changes the type, the length or both. Not a step, like the three below.
        ChangeType = "change_type",
        ReplacePatient = "replace_patient",
        ChangeNote = "change_note",
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
    /// The status after the act; `None` when the act is not allowed. [`Act::Undo`] is not in the
    /// table: its result follows from the history. Acts that change no status are not in the table
    /// either; [`Status::keeps`] says when they are allowed.
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

    /// Whether the act, which changes no status, is allowed now.
    pub(crate) const fn keeps(self, act: Act) -> bool {
        match act {
            Act::ChangeRoom | Act::ChangeType => {
                self.is_ahead() || matches!(self, Self::Arrived | Self::Roomed | Self::InProgress)
            }
            Act::ReplacePatient => self.is_ahead() || matches!(self, Self::Arrived | Self::Roomed),
            Act::Swap => self.is_ahead(),
            Act::ChangeReason => !self.is_over(),
            Act::ChangeNote => true,
            _ => false,
        }
    }

    /// Whether the patient is still to come.
    pub(crate) const fn is_ahead(self) -> bool {
        matches!(self, Self::Booked | Self::Confirmed)
    }

    /// The status as a sentence says it: "is in progress".
    const fn in_words(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Confirmed => "confirmed",
            Self::Arrived => "checked in",
            Self::Roomed => "in a room",
            Self::InProgress => "in progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "recorded as a no-show",
        }
    }

    /// Whether the patient is seen or was, which is when there can be a visit.
    pub(crate) const fn is_seen(self) -> bool {
        matches!(self, Self::InProgress | Self::Completed)
    }

    /// Whether this status is final, unless it is undone.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::NoShow)
    }

    /// Whether an appointment with this status occupies provider, room and patient.
    pub(crate) const fn occupies(self) -> bool {
        !matches!(self, Self::Cancelled | Self::NoShow)
    }
}

/// The state of the visit of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitState {
    Open,
    Signed,
}

/// The appointment's status does not allow the act.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{act} is not allowed for an appointment that is {status}")]
pub(crate) struct WrongStatus {
    pub(crate) act: Act,
    pub(crate) status: Status,
    /// The acts that are allowed.
    pub(crate) allowed: Vec<Act>,
    /// The visit of the appointment, where it forbids the act.
    pub(crate) visit: Option<VisitState>,
}

impl WrongStatus {
    /// Says the status, what it forbids and what is possible.
    pub(crate) fn message(&self) -> String {
        let why = match (self.visit, self.act) {
            (Some(VisitState::Signed), _) => {
                "The visit of this appointment is signed, so no step can be undone.".to_owned()
            }
            (Some(VisitState::Open), _) => "This appointment has a visit, so it cannot be undone \
                                            to before the patient was seen."
                .to_owned(),
            (None, Act::Undo) => format!(
                "This appointment is {}, and nothing happened since that can be undone.",
                self.status.in_words()
            ),
            (None, act) => format!(
                "An appointment that is {} cannot be {}.",
                self.status.in_words(),
                act.in_words()
            ),
        };
        let words = |act: &Act| act.as_str().replace('_', " ");
        let allowed: Vec<String> = self.allowed.iter().map(words).collect();
        if allowed.is_empty() {
            format!("{why} Nothing else is possible now.")
        } else {
            format!("{why} Possible now: {}.", allowed.join(", "))
        }
    }
}

impl Act {
    /// The act as a sentence says it: "cannot be cancelled".
    const fn in_words(self) -> &'static str {
        match self {
            Self::Book => "booked",
            Self::Confirm => "confirmed",
            Self::CheckIn => "checked in",
            Self::Room => "shown to a room",
            Self::Start => "started",
            Self::Complete => "completed",
            Self::Cancel => "cancelled",
            Self::NoShow => "recorded as a no-show",
            Self::Reschedule => "moved",
            Self::Undo => "undone",
            Self::ChangeReason => "given another reason",
            Self::ChangeRoom => "given another room",
            Self::Swap => "exchanged with another one",
            Self::ChangeType => "given another type or length",
            Self::ReplacePatient => "given to another patient",
            Self::ChangeNote => "given another note",
        }
    }
}

impl Act {
    /// Whether undoing can take it back. Other acts are changed again instead.
    pub(crate) const fn is_step(self) -> bool {
        !matches!(
            self,
            Self::ChangeReason | Self::ChangeType | Self::ReplacePatient | Self::ChangeNote
        )
    }
}

impl CancelReason {
    /// Whether the patient would not or could not come. A cancellation by the practice, a mistake
    /// and bad weather do not count.
    pub(crate) const fn is_of_patient(self) -> bool {
        !matches!(
            self,
            Self::ProviderUnavailable | Self::Duplicate | Self::Weather
        )
    }
}

/// The columns of an appointment that decide which acts are allowed.
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
