//! What happened and what is to come, in one list.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::patients::{PatientId, person_id};
use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;

use super::store;

action!(
    /// Reading a patient's timeline; who may see what of it is with the kinds.
    ReadTimeline, "patients.read_timeline", record,
    [Admin, FrontDesk, Provider, Assistant, Patient]
);

text_enum! {
    /// What stands on a timeline.
    pub(crate) enum TimelineKind {
        Appointment = "appointment",
        Visit = "visit",
        Procedure = "procedure",
        FollowUp = "follow_up",
        Assessment = "assessment",
    }
}

impl TimelineKind {
    /// The kinds a role may see: an admin runs the calendar, the front desk also calls people, and
    /// those who treat and the patient see everything.
    const fn open_to(role: Role) -> &'static [Self] {
        match role {
            Role::Admin => &[Self::Appointment],
            Role::FrontDesk => &[Self::Appointment, Self::FollowUp],
            Role::Provider | Role::Assistant | Role::Patient => Self::ALL,
            Role::Auditor => &[],
        }
    }
}

/// One line of a timeline.
#[derive(Debug, Clone)]
pub(super) struct TimelineEntry {
    pub(super) kind: TimelineKind,
    pub(super) id: Uuid,
    /// When it begins, was begun, is due or was taken.
    pub(super) at: DateTime<Utc>,
    /// Of the location, or of the practice.
    pub(super) zone: Tz,
    /// Where it stands, in the words of its kind.
    pub(super) status: String,
    /// What it is about.
    pub(super) title: Option<String>,
}

/// Instant and id of the row before a page.
pub(super) type TimelineKey = (DateTime<Utc>, Uuid);

/// Why no timeline was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum TimelineError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for TimelineError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// What the caller may see of a patient's timeline, the newest first.
pub(super) async fn timeline(
    transaction: &Transaction<'_, ReadTimeline>,
    patient_id: PatientId,
    kind: Option<TimelineKind>,
    window: &Window<TimelineKey>,
) -> Result<Vec<TimelineEntry>, TimelineError> {
    let open = TimelineKind::open_to(transaction.principal().role);
    let wanted: Vec<TimelineKind> = open
        .iter()
        .copied()
        .filter(|open| kind.is_none_or(|kind| kind == *open))
        .collect();
    let (person_id, entries) = pipelined!(
        person_id(transaction, patient_id),
        store::timeline(transaction, patient_id, &wanted, window),
    )?;
    person_id.ok_or(TimelineError::NotFound)?;
    transaction.touch("timeline", patient_id, patient_id);
    Ok(entries)
}
