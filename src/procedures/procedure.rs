//! A procedure as a record: consent, time-out, syringes, needle sites and decisions against checks.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::findings::{PointId, View};
use crate::patients::PatientId;
use crate::platform::access::Role;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::visits::VisitId;

use super::dose::Concentration;
use super::exact::Exact;
use super::kind::{ProcedureKind, Side};
use super::lot::LotId;
use super::observation::{Discharge, Observation};
use super::preparation::{Checklist, SiteFinding};
use super::safety::verdict::{Assessment, Check, CheckStatus, OverridePolicy};
use super::set_up::Preparation;
use super::vial::VialId;
use super::waste::Waste;

id! {
    /// Names a procedure.
    pub(crate) struct ProcedureId
}

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

text_enum! {
    /// How the needle is led.
    pub(crate) enum Approach {
        Perpendicular = "perpendicular",
        Tangential = "tangential",
        Pincer = "pincer",
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

/// A provider's decision to go on against a check, or having read it.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(super) check_code: String,
    pub(super) check_status: CheckStatus,
    /// What was measured then, rounded for reading.
    pub(super) actual: Option<Decimal>,
    /// What was measured then; decisions of before it was kept have none.
    pub(super) exact_actual: Option<Exact>,
    pub(super) reason: String,
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

impl Override {
    /// Whether the decision holds for a check as it stands now: no stricter, and no higher figure.
    pub(super) fn covers(&self, check: &Check) -> bool {
        self.check_code == check.code
            && self.check_status >= check.status
            && check.override_policy == OverridePolicy::ByProvider
            && match (check.exact_actual, self.measured()) {
                (None, _) => true,
                (Some(now), Some(then)) => now <= then,
                (Some(_), None) => false,
            }
    }

    fn measured(&self) -> Option<Exact> {
        let rounded = || Exact::from_decimal(self.actual?).ok();
        self.exact_actual.or_else(rounded)
    }
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

    /// The last decision of a provider that holds for this check as it stands now.
    pub(super) fn decision_on(&self, check: &Check) -> Option<&Override> {
        self.overrides
            .iter()
            .rev()
            .find(|decision| decision.covers(check))
    }

    /// Whether a provider decided to go on in spite of this check.
    pub(super) fn has_overridden(&self, check: &Check) -> bool {
        self.decision_on(check).is_some()
    }

    /// The checks that keep a user of this role from completing. A provider who completes thereby
    /// acknowledges what must be acknowledged; for anyone else a provider must have done it before.
    pub(super) fn obstacles<'a>(
        &'a self,
        assessment: &'a Assessment,
        completer: Role,
    ) -> impl Iterator<Item = &'a Check> {
        assessment
            .to_decide()
            .filter(move |check| check.status.stops() || completer != Role::Provider)
            .filter(|check| !self.has_overridden(check))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::from_decimal(text.parse().unwrap()).unwrap()
    }

    fn check(status: CheckStatus, actual: Option<&str>) -> Check {
        Check {
            code: "local_anaesthetic_dose".to_owned(),
            status,
            limit: None,
            actual: None,
            exact_actual: actual.map(exact),
            fraction: None,
            unit: None,
            rule_version: "1".to_owned(),
            explanation: String::new(),
            override_policy: OverridePolicy::ByProvider,
            needs_acknowledgement: false,
        }
    }

    fn decision(check_status: CheckStatus, actual: Option<&str>) -> Override {
        Override {
            check_code: "local_anaesthetic_dose".to_owned(),
            check_status,
            actual: actual.map(|text| exact(text).rounded(4).unwrap()),
            exact_actual: actual.map(exact),
            reason: "monitored".to_owned(),
            by: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_override_covers_the_dose_it_was_made_for_and_no_more() {
        for (then, now, holds) in [
            ("1.05", "1.05", true),
            ("1.05", "1.04999999", true),
            ("1.05", "1.0501", false),
            ("0.8000001", "0.8000001", true),
            ("0.8000001", "0.8000002", false),
        ] {
            let decision = decision(CheckStatus::Block, Some(then));
            let check = check(CheckStatus::Block, Some(now));
            assert_eq!(decision.covers(&check), holds, "{then} {now}");
        }
    }

    #[test]
    fn an_endless_share_is_covered_while_it_is_the_same_and_no_longer() {
        let third = Exact::ONE.checked_div(Exact::whole(3)).unwrap();
        let smallest = exact("0.0000000000000000000000000001");
        let decision = Override {
            exact_actual: Some(third),
            ..decision(CheckStatus::Block, Some("0.3333"))
        };
        for (now, holds) in [(third, true), (third.checked_add(smallest).unwrap(), false)] {
            let check = Check {
                exact_actual: Some(now),
                ..check(CheckStatus::Block, None)
            };
            assert_eq!(decision.covers(&check), holds, "{now}");
        }
    }

    #[test]
    fn a_decision_of_before_covers_the_figure_that_was_kept_of_it() {
        let decision = Override {
            exact_actual: None,
            ..decision(CheckStatus::Block, Some("1.05"))
        };
        assert!(decision.covers(&check(CheckStatus::Block, Some("1.05"))));
        assert!(!decision.covers(&check(CheckStatus::Block, Some("1.05000001"))));
    }

    #[test]
    fn what_must_be_read_keeps_everyone_but_a_provider_until_a_provider_read_it() {
        let warning = Check {
            needs_acknowledgement: true,
            ..check(CheckStatus::Warn, Some("0.9"))
        };
        let harmless = check(CheckStatus::Ok, None);
        for (checks, decided, completer, kept) in [
            (vec![warning.clone()], None, Role::Provider, 0),
            (vec![warning.clone()], None, Role::Assistant, 1),
            (vec![warning.clone()], Some("0.9"), Role::Assistant, 0),
            (vec![warning.clone()], Some("0.89"), Role::Assistant, 1),
            (vec![harmless], None, Role::Assistant, 0),
            (
                vec![check(CheckStatus::Warn, None)],
                None,
                Role::Assistant,
                0,
            ),
            (
                vec![check(CheckStatus::Block, None)],
                None,
                Role::Provider,
                1,
            ),
            (
                vec![check(CheckStatus::Indeterminate, None)],
                None,
                Role::Assistant,
                1,
            ),
        ] {
            let procedure = Procedure {
                overrides: decided
                    .into_iter()
                    .map(|actual| decision(CheckStatus::Warn, Some(actual)))
                    .collect(),
                ..sample::procedure()
            };
            let assessment = Assessment {
                status: CheckStatus::Ok,
                checks,
                observation_minutes: 15,
            };
            let found = procedure.obstacles(&assessment, completer).count();
            assert_eq!(found, kept, "{assessment:?} {decided:?} {completer}");
        }
    }

    #[test]
    fn an_override_of_an_open_question_does_not_cover_the_answer() {
        let decision = decision(CheckStatus::Indeterminate, None);
        assert!(decision.covers(&check(CheckStatus::Indeterminate, None)));
        assert!(!decision.covers(&check(CheckStatus::Block, Some("2"))));
    }

    #[test]
    fn what_nobody_may_override_stays_in_force() {
        let mut check = check(CheckStatus::Block, None);
        check.override_policy = OverridePolicy::Never;
        assert!(!decision(CheckStatus::Block, None).covers(&check));
    }
}
