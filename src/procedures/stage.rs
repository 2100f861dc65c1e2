//! How far a procedure has come, with what is on record at that stage.
//!
//! A stage holds what must be there and nothing else: a procedure under way has a consent and a
//! time-out, a completed one its binding assessment, and one that was never begun no discharge.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::text::text_enum;

use super::missing::Missing;
use super::procedure_status::ProcedureStatus;

text_enum! {
    /// How consent was given.
    pub(crate) enum ConsentMethod {
        Written = "written",
        Verbal = "verbal",
        Electronic = "electronic",
    }
}

/// Who agreed to what, and how.
#[derive(Debug, Clone)]
pub(crate) struct GivenConsent {
    pub(super) given_by: String,
    pub(super) method: ConsentMethod,
    pub(super) text_version: String,
    pub(super) at: DateTime<Utc>,
}

/// The pause before the needle: each point is confirmed aloud.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeOut {
    pub(super) confirmed: TimeOutPoints,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// The points of a time-out.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a checklist is a list of yes and no"
)]
pub(crate) struct TimeOutPoints {
    pub(super) patient: bool,
    pub(super) procedure: bool,
    pub(super) site: bool,
    pub(super) allergies: bool,
    pub(super) anticoagulants: bool,
}

impl TimeOutPoints {
    /// Whether every point was confirmed.
    pub(super) const fn is_complete(self) -> bool {
        self.patient && self.procedure && self.site && self.allergies && self.anticoagulants
    }
}

/// Why a procedure was not finished.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub(super) reason: String,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// How the patient was let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Discharge {
    /// The patient was told what to do and when to call.
    pub(super) is_aftercare_given: bool,
    pub(super) note: Option<String>,
    /// Why the patient left although something was missing.
    pub(super) early_reason: Option<String>,
    /// Let go after the visit was signed: it stands beside the seal, not under it.
    pub(super) is_after_signature: bool,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// What is gathered before a procedure begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness {
    pub(super) consent: Option<GivenConsent>,
    pub(super) time_out: Option<TimeOut>,
}

impl Readiness {
    /// The beginning of a procedure, or what is missing for it.
    pub(super) fn begin(&self, at: DateTime<Utc>) -> Result<Begun, Vec<Missing>> {
        let complete = self.time_out.filter(|one| one.confirmed.is_complete());
        match (self.consent.clone(), complete) {
            (Some(consent), Some(time_out)) => Ok(Begun {
                consent,
                time_out,
                started_at: at,
                discharged_before: None,
            }),
            (consent, time_out) => {
                let no_consent = consent
                    .is_none()
                    .then(|| Missing::new("consent", "No consent is recorded for this procedure."));
                let no_time_out = time_out.is_none().then(|| {
                    Missing::new("time_out", "The time-out is not confirmed in every point.")
                });
                Err(no_consent.into_iter().chain(no_time_out).collect())
            }
        }
    }
}

/// A procedure that passed the gate.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(super) consent: GivenConsent,
    pub(super) time_out: TimeOut,
    pub(super) started_at: DateTime<Utc>,
    /// How the patient was let go, before a mistake was put right that opened the procedure again.
    pub(super) discharged_before: Option<Discharge>,
}

/// What follows the end of a procedure that was begun.
#[derive(Debug, Clone)]
pub(crate) struct Aftermath {
    /// The binding assessment of the completion, or the last one of what was stopped.
    pub(super) safety: serde_json::Value,
    pub(super) discharge: Option<Discharge>,
}

/// How far a procedure has come.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    Planned(Readiness),
    InProgress(Begun),
    Completed {
        begun: Begun,
        completed_at: DateTime<Utc>,
        aftermath: Aftermath,
    },
    /// Stopped before it began.
    Withdrawn {
        readiness: Readiness,
        stop: Stop,
    },
    /// Stopped after it began.
    BrokenOff {
        begun: Begun,
        stop: Stop,
        aftermath: Aftermath,
    },
}

impl Stage {
    /// The status that clients see.
    pub(super) const fn status(&self) -> ProcedureStatus {
        match self {
            Self::Planned(_) => ProcedureStatus::Planned,
            Self::InProgress(_) => ProcedureStatus::InProgress,
            Self::Completed { .. } => ProcedureStatus::Completed,
            Self::Withdrawn { .. } | Self::BrokenOff { .. } => ProcedureStatus::Abandoned,
        }
    }

    /// The beginning; `None` when it never began.
    pub(super) const fn begun(&self) -> Option<&Begun> {
        match self {
            Self::Planned(_) | Self::Withdrawn { .. } => None,
            Self::InProgress(begun)
            | Self::Completed { begun, .. }
            | Self::BrokenOff { begun, .. } => Some(begun),
        }
    }

    const fn readiness(&self) -> Option<&Readiness> {
        match self {
            Self::Planned(readiness) | Self::Withdrawn { readiness, .. } => Some(readiness),
            Self::InProgress(_) | Self::Completed { .. } | Self::BrokenOff { .. } => None,
        }
    }

    /// The consent, as far as one is recorded.
    pub(super) fn consent(&self) -> Option<&GivenConsent> {
        let gathered = || self.readiness()?.consent.as_ref();
        self.begun().map(|begun| &begun.consent).or_else(gathered)
    }

    /// The time-out, as far as one is recorded.
    pub(super) fn time_out(&self) -> Option<&TimeOut> {
        let gathered = || self.readiness()?.time_out.as_ref();
        self.begun().map(|begun| &begun.time_out).or_else(gathered)
    }

    /// When it was completed.
    pub(super) const fn completed_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Completed { completed_at, .. } => Some(*completed_at),
            _ => None,
        }
    }

    /// Why it was stopped.
    pub(super) const fn stop(&self) -> Option<&Stop> {
        match self {
            Self::Withdrawn { stop, .. } | Self::BrokenOff { stop, .. } => Some(stop),
            _ => None,
        }
    }

    /// What follows the end of a procedure that was begun.
    pub(super) const fn aftermath(&self) -> Option<&Aftermath> {
        match self {
            Self::Completed { aftermath, .. } | Self::BrokenOff { aftermath, .. } => {
                Some(aftermath)
            }
            _ => None,
        }
    }
}
