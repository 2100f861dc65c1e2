//! A patient who received something from a lot.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::stock::ProcedureId;
use crate::visits::VisitId;

use super::injection::InjectionId;
use super::procedure_status::ProcedureStatus;
use super::syringe::SolutionId;
use tautband_rules::kind::Side;

/// A patient whose syringe was drawn from a lot.
pub(super) struct Exposure {
    /// Tells one drawing from the lot from another.
    pub(super) id: Uuid,
    pub(super) solution_id: SolutionId,
    pub(super) patient_id: PatientId,
    /// Nothing for an auditor.
    pub(super) patient_name: Option<String>,
    pub(super) visit_id: VisitId,
    pub(super) procedure_id: ProcedureId,
    pub(super) procedure_status: ProcedureStatus,
    pub(super) drawn_ml: Decimal,
    pub(super) drawn_at: DateTime<Utc>,
    /// The visit was taken back as entered in error: find out who really received it.
    pub(super) is_retracted: bool,
    pub(super) sites: Vec<ExposedSite>,
}

/// A site that received some of it, in the solution it was mixed into.
#[derive(Clone)]
pub(super) struct ExposedSite {
    pub(super) injection_id: InjectionId,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) volume_ml: Decimal,
    pub(super) injected_at: DateTime<Utc>,
}
