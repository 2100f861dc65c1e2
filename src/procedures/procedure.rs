//! A procedure as a record: consent, time-out, syringes, needle sites and decisions against checks.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::visits::VisitId;

use super::decision::Override;
use super::observation::{Discharge, Observation};
use super::set_up::Preparation;
use super::waste::Waste;
pub(crate) use crate::stock::ProcedureId;
use crate::stock::{LotId, VialId};
use tautband_rules::checklist::{Checklist, SiteFinding};
use tautband_rules::dose::Concentration;
use tautband_rules::kind::{Approach, ProcedureKind, Side};

id! {
    /// Names a solution that was drawn up.
    pub(crate) struct SolutionId
}

id! {
    /// Names one needle site.
    pub(crate) struct InjectionId
}

text_enum! {
    /// Where a procedure stands.
    pub(crate) enum ProcedureStatus {
        Planned = "planned",
        InProgress = "in_progress",
        Completed = "completed",
        Abandoned = "abandoned",
    }
}

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

/// What was drawn up into one syringe.
#[derive(Debug, Clone)]
pub(crate) struct Syringe {
    pub(super) id: SolutionId,
    pub(super) label: String,
    pub(super) volume_ml: Decimal,
    pub(super) components: Vec<SyringeComponent>,
    pub(super) prepared_at: DateTime<Utc>,
    pub(super) prepared_by: Uuid,
    /// When it is too old to inject, where someone set a time.
    pub(super) beyond_use_at: Option<DateTime<Utc>>,
}

/// One drug or diluent in a syringe, from one lot.
#[derive(Debug, Clone)]
pub(crate) struct SyringeComponent {
    pub(super) drug_code: String,
    /// None for a plain diluent.
    pub(super) concentration: Option<Concentration>,
    pub(super) volume_ml: Decimal,
    pub(super) lot_id: LotId,
    /// The vial of the lot, where that is known.
    pub(super) vial_id: Option<VialId>,
}

/// Where the needle went in.
#[derive(Debug, Clone)]
pub(crate) struct NeedlePlace {
    pub(super) point_id: Option<PointId>,
    pub(super) muscle_code: String,
    pub(super) side: Side,
    pub(super) view: View,
    pub(super) x: Decimal,
    pub(super) y: Decimal,
    pub(super) chart_version: i16,
}

/// What the needle was and what it did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NeedleUse {
    pub(super) gauge: i16,
    pub(super) length_mm: i16,
    pub(super) approach: Approach,
    pub(super) passes: Option<i16>,
    pub(super) aspirated: bool,
    pub(super) twitch_elicited: bool,
    pub(super) pain_nrs_before: Option<i16>,
    pub(super) pain_nrs_after: Option<i16>,
}

/// One needle site.
#[derive(Debug, Clone)]
pub(crate) struct Injection {
    pub(super) id: InjectionId,
    pub(super) place: NeedlePlace,
    /// None for a dry needle.
    pub(super) solution_id: Option<SolutionId>,
    pub(super) volume_ml: Decimal,
    pub(super) needle: NeedleUse,
    /// Depth and direction were confirmed over what lies underneath.
    pub(super) is_caution_acknowledged: bool,
    pub(super) findings: Vec<SiteFinding>,
    pub(super) injected_at: DateTime<Utc>,
}

/// Why a procedure was not finished.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub(super) reason: String,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// A procedure with all that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Procedure {
    pub(super) id: ProcedureId,
    pub(super) visit_id: VisitId,
    /// The record it is written to.
    pub(super) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(super) person_id: PatientId,
    pub(super) provider_id: Uuid,
    pub(super) kind: ProcedureKind,
    pub(super) status: ProcedureStatus,
    pub(super) indication_codes: Vec<String>,
    pub(super) template_code: Option<String>,
    pub(super) consent: Option<GivenConsent>,
    pub(super) time_out: Option<TimeOut>,
    pub(super) checklist: Option<Checklist>,
    pub(super) preparation: Preparation,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) stopped: Option<Stop>,
    /// The binding assessment of the completion, or the last one of what was stopped.
    pub(super) safety: Option<serde_json::Value>,
    pub(super) syringes: Vec<Syringe>,
    pub(super) wastes: Vec<Waste>,
    pub(super) injections: Vec<Injection>,
    pub(super) observations: Vec<Observation>,
    pub(super) discharge: Option<Discharge>,
    pub(super) overrides: Vec<Override>,
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
}

impl Procedure {
    /// The syringe with this id.
    pub(super) fn syringe(&self, id: SolutionId) -> Option<&Syringe> {
        self.syringes.iter().find(|syringe| syringe.id == id)
    }

    /// Whether it passed the gate.
    pub(super) const fn was_begun(&self) -> bool {
        self.started_at.is_some()
    }

    /// When it was over, completed or stopped.
    pub(super) fn ended_at(&self) -> Option<DateTime<Utc>> {
        let stopped_at = self.stopped.as_ref().map(|stop| stop.at);
        self.completed_at.or(stopped_at)
    }

    /// How much of a syringe went into the patient.
    pub(super) fn injected_ml(&self, id: SolutionId) -> Decimal {
        let of_syringe = self
            .injections
            .iter()
            .filter(|site| site.solution_id == Some(id));
        of_syringe.map(|site| site.volume_ml).sum()
    }

    /// How much of a syringe was thrown away.
    pub(super) fn wasted_ml(&self, id: SolutionId) -> Decimal {
        let of_syringe = self.wastes.iter().filter(|waste| waste.solution_id == id);
        of_syringe.map(|waste| waste.volume_ml).sum()
    }

    /// What is neither injected nor thrown away of a syringe.
    pub(super) fn left_ml(&self, syringe: &Syringe) -> Decimal {
        syringe.volume_ml - self.injected_ml(syringe.id) - self.wasted_ml(syringe.id)
    }

    /// When a syringe was last injected from.
    pub(super) fn last_injected_at(&self, id: SolutionId) -> Option<DateTime<Utc>> {
        let of_syringe = self
            .injections
            .iter()
            .filter(|site| site.solution_id == Some(id));
        of_syringe.map(|site| site.injected_at).max()
    }

    /// What was drawn from each lot over all syringes, in the order of the lots' ids.
    pub(super) fn drawn_from_lots(&self) -> std::collections::BTreeMap<LotId, Decimal> {
        let mut drawn = std::collections::BTreeMap::new();
        for component in self.syringes.iter().flat_map(|syringe| &syringe.components) {
            *drawn.entry(component.lot_id).or_insert(Decimal::ZERO) += component.volume_ml;
        }
        drawn
    }

    /// Records one more change.
    pub(super) fn change(&mut self, now: DateTime<Utc>) {
        self.version = self.version.next();
        self.updated_at = now;
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// A planned injection with nothing recorded yet.
    pub(in crate::procedures) fn procedure() -> Procedure {
        Procedure {
            id: ProcedureId::from(Uuid::nil()),
            visit_id: VisitId::from(Uuid::nil()),
            patient_id: PatientId::from(Uuid::nil()),
            person_id: PatientId::from(Uuid::nil()),
            provider_id: Uuid::nil(),
            kind: ProcedureKind::TriggerPointInjection,
            status: ProcedureStatus::Planned,
            indication_codes: Vec::new(),
            template_code: None,
            consent: None,
            time_out: None,
            checklist: None,
            preparation: Preparation::default(),
            started_at: None,
            completed_at: None,
            stopped: None,
            safety: None,
            syringes: Vec::new(),
            wastes: Vec::new(),
            injections: Vec::new(),
            observations: Vec::new(),
            discharge: None,
            overrides: Vec::new(),
            version: Version::FIRST,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }
}
