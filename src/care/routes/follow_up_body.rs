//! A follow-up as clients see it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use crate::care::adverse_symptom::AdverseSymptom;
use crate::care::follow_up::{FollowUpId, FollowUpKind};
use crate::care::follow_up_outcome::Outcome;
use crate::care::follow_up_status::FollowUpStatus;
use crate::care::list_follow_ups::{reads_outcomes, shown_in};
use crate::care::listed_follow_up::ListedFollowUp;
use crate::patients::PatientId;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::Version;
use crate::platform::idempotency::Answer;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::problem::Problem;
use crate::procedures::ProcedureId;
use crate::scheduling::{AppointmentId, AppointmentStanding, Status as AppointmentStatus};

/// The patient of a follow-up.
#[derive(Serialize, ToSchema)]
struct FollowUpPatient {
    id: PatientId,
    name: String,
    phone: Option<String>,
}

/// The appointment made for a follow-up.
#[derive(Serialize, ToSchema)]
struct FollowUpAppointmentBody {
    #[schema(value_type = Uuid)]
    id: AppointmentId,
    #[schema(value_type = String, example = "booked")]
    status: AppointmentStatus,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    time_zone: String,
}

impl From<&AppointmentStanding> for FollowUpAppointmentBody {
    fn from(appointment: &AppointmentStanding) -> Self {
        Self {
            id: appointment.id,
            status: appointment.status,
            starts_at: to_zone_rfc3339(appointment.starts_at, appointment.zone),
            time_zone: appointment.zone.name().to_owned(),
        }
    }
}

/// A follow-up.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowUpBody {
    id: FollowUpId,
    patient: FollowUpPatient,
    kind: FollowUpKind,
    /// The reason, in words the patient may read.
    reason: String,
    /// Computed from the window, the appointment and the present time.
    status: FollowUpStatus,
    /// Raised by a red flag, so that it comes before all others.
    urgent: bool,
    #[schema(value_type = String, format = DateTime)]
    due_from: String,
    /// Overdue from then on.
    #[schema(value_type = String, format = DateTime)]
    due_by: String,
    time_zone: String,
    #[schema(value_type = Option<Uuid>)]
    procedure_id: Option<ProcedureId>,
    protocol_step: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    appointment_id: Option<AppointmentId>,
    appointment: Option<FollowUpAppointmentBody>,
    /// The follow-up at which the red flag was reported.
    raised_by: Option<FollowUpId>,
    /// How many tries did not reach the patient.
    attempt_count: i16,
    last_attempt_at: Option<DateTime<Utc>>,
    /// The result; null until it is written, and for the front desk.
    outcome: Option<String>,
    /// The questions of the screen that were answered; null when the patient was not screened, and
    /// for the front desk.
    symptoms_asked: Option<Vec<AdverseSymptom>>,
    /// The symptoms that the patient reported; empty for the front desk.
    adverse_symptoms: Vec<AdverseSymptom>,
    /// Null for the front desk.
    relief_percent: Option<i16>,
    /// Null for the front desk.
    next_step: Option<String>,
    cancel_reason: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The reader of follow-ups: the time, the time zone, and whether results are shown.
pub(super) struct Viewer {
    zone: Tz,
    now: DateTime<Utc>,
    reads_outcomes: bool,
}

impl Viewer {
    pub(super) async fn of(transaction: &OpenTransaction<'_>) -> Result<Self, Problem> {
        Ok(Self {
            zone: shown_in(transaction).await?,
            now: transaction.now(),
            reads_outcomes: reads_outcomes(transaction.principal().role),
        })
    }

    pub(super) fn body(&self, listed: ListedFollowUp) -> FollowUpBody {
        let ListedFollowUp { follow_up, person } = listed;
        let status = follow_up.status(self.now);
        let outcome = if self.reads_outcomes {
            follow_up.outcome
        } else {
            Outcome::default()
        };
        FollowUpBody {
            id: follow_up.id,
            patient: FollowUpPatient {
                id: person.id,
                name: person.name,
                phone: person.phone,
            },
            kind: follow_up.kind,
            reason: follow_up.reason,
            status,
            urgent: follow_up.urgent,
            due_from: to_zone_rfc3339(follow_up.window.due_from, self.zone),
            due_by: to_zone_rfc3339(follow_up.window.due_by, self.zone),
            time_zone: self.zone.name().to_owned(),
            procedure_id: follow_up.origin.procedure_id,
            protocol_step: follow_up.origin.protocol_step,
            appointment_id: follow_up
                .appointment
                .as_ref()
                .map(|appointment| appointment.id),
            appointment: follow_up
                .appointment
                .as_ref()
                .map(FollowUpAppointmentBody::from),
            raised_by: follow_up.origin.raised_by,
            attempt_count: follow_up.attempts.count,
            last_attempt_at: follow_up.attempts.last_at,
            outcome: outcome.text,
            symptoms_asked: outcome.symptoms_asked,
            adverse_symptoms: outcome.adverse_symptoms,
            relief_percent: outcome.relief_percent,
            next_step: outcome.next_step,
            cancel_reason: follow_up.cancel_reason,
            closed_at: follow_up.closed_at,
            version: follow_up.version,
            created_at: follow_up.created_at,
            updated_at: follow_up.updated_at,
        }
    }

    pub(super) fn answer(&self, listed: ListedFollowUp) -> Result<Answer, Problem> {
        let version = listed.follow_up.version;
        Ok(Answer::ok(&self.body(listed))?.version(version))
    }
}
