//! A procedure, and what may happen to it when.
//!
//! Every act is a [`Change`]. Only the methods here make one, so the store never writes an act that
//! the table of [`ProcedureStatus::allows`] forbids. A new act gets a row in that table and a method
//! here; what it adds to the record gets a variant of [`Addition`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use crate::patients::{LatestConsent, PatientId};
use crate::platform::etag::Version;
pub(crate) use crate::stock::ProcedureId;
use crate::stock::{LotId, Quantity};
use crate::visits::{VisitId, Voided};

use super::decision::Override;
use super::injection::{Injection, InjectionId};
use super::missing::Missing;
use super::observation::Observation;
use super::procedure_status::{Act, ProcedureStatus, WrongStatus};
use super::set_up::SetUp;
use super::stage::{Aftermath, Begun, Discharge, GivenConsent, Readiness, Stage, Stop, TimeOut};
use super::syringe::{SolutionId, Syringe, Waste};
use tautband_rules::checklist::Checklist;
use tautband_rules::kind::ProcedureKind;

/// What a procedure is planned as.
pub(super) struct Plan {
    pub(super) visit_id: VisitId,
    pub(super) patient_id: PatientId,
    pub(super) person_id: PatientId,
    pub(super) provider_id: Uuid,
    pub(super) kind: ProcedureKind,
    pub(super) indication_codes: Vec<String>,
    pub(super) template_code: Option<String>,
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
    /// Changed by the methods here alone.
    pub(super) stage: Stage,
    pub(super) indication_codes: Vec<String>,
    pub(super) template_code: Option<String>,
    pub(super) checklist: Option<Checklist>,
    pub(super) set_up: SetUp,
    pub(super) syringes: Vec<Syringe>,
    pub(super) wastes: Vec<Waste>,
    pub(super) injections: Vec<Injection>,
    pub(super) observations: Vec<Observation>,
    pub(super) overrides: Vec<Override>,
    /// Syringes and sites that were entered in error. They are shown and count nowhere.
    pub(super) void_parts: VoidParts,
    /// Set when all of it was entered in error.
    pub(super) voided: Option<Voided>,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) version: Version,
    pub(super) updated_at: DateTime<Utc>,
}

/// What of a procedure was entered in error.
#[derive(Debug, Clone, Default)]
pub(super) struct VoidParts {
    pub(super) syringes: Vec<Syringe>,
    pub(super) injections: Vec<Injection>,
}

/// What an act adds to the record. Nothing of it is ever changed; what was entered in error is marked.
#[derive(Debug, Clone)]
pub(super) enum Addition {
    VoidedSyringe(SolutionId, Voided),
    VoidedInjection(InjectionId, Voided),
    Syringe(Syringe),
    Waste(Waste),
    Injection(Injection),
    Observation(Observation),
    Override(Override),
}

/// An act: the procedure after it, and what it adds.
#[derive(Debug)]
#[must_use]
pub(super) struct Change {
    after: Procedure,
    addition: Option<Addition>,
}

impl Change {
    /// The procedure as it is now.
    pub(super) const fn after(&self) -> &Procedure {
        &self.after
    }

    /// What is added to the record.
    pub(super) const fn addition(&self) -> Option<&Addition> {
        self.addition.as_ref()
    }

    /// The procedure as it is now.
    pub(super) fn into_after(self) -> Procedure {
        self.after
    }
}

/// Why a procedure was not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartRefused {
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("something is missing")]
    NotReady(Vec<Missing>),
}

/// What of a procedure stays in the patient or in a syringe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Remaining {
    pub(super) injections: Vec<InjectionId>,
    pub(super) solutions: Vec<SolutionId>,
}

/// Why something was not marked as entered in error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VoidRefused {
    #[error(transparent)]
    WrongStatus(#[from] WrongStatus),
    #[error("it is no part of the procedure")]
    NotFound,
    #[error("it was marked before")]
    AlreadyVoided,
    #[error("something of it is still there")]
    StillThere(Remaining),
}

impl Procedure {
    /// A procedure that is planned now, performed by the provider of the visit.
    pub(super) fn plan(plan: Plan, now: DateTime<Utc>) -> Self {
        Self {
            id: ProcedureId::fresh(now),
            visit_id: plan.visit_id,
            patient_id: plan.patient_id,
            person_id: plan.person_id,
            provider_id: plan.provider_id,
            kind: plan.kind,
            stage: Stage::Planned(Readiness::default()),
            indication_codes: plan.indication_codes,
            template_code: plan.template_code,
            checklist: None,
            set_up: SetUp::default(),
            syringes: Vec::new(),
            wastes: Vec::new(),
            injections: Vec::new(),
            observations: Vec::new(),
            overrides: Vec::new(),
            void_parts: VoidParts::default(),
            voided: None,
            recorded_at: now,
            version: Version::FIRST,
            updated_at: now,
        }
    }

    /// Somebody agreed to it; an earlier consent is replaced.
    pub(super) fn record_consent(&self, consent: GivenConsent) -> Result<Change, WrongStatus> {
        let at = consent.at;
        let mut readiness = self.readiness(Act::RecordConsent)?.clone();
        readiness.consent = Some(consent);
        Ok(self.moved_to(Stage::Planned(readiness), at))
    }

    /// The time-out was held; an earlier one is replaced.
    pub(super) fn record_time_out(&self, time_out: TimeOut) -> Result<Change, WrongStatus> {
        let mut readiness = self.readiness(Act::RecordTimeOut)?.clone();
        readiness.time_out = Some(time_out);
        Ok(self.moved_to(Stage::Planned(readiness), time_out.at))
    }

    /// The questions before the needle were answered; earlier answers are replaced.
    pub(super) fn record_checklist(&self, checklist: Checklist) -> Result<Change, WrongStatus> {
        self.require(Act::RecordChecklist)?;
        let mut change = self.changed(checklist.at);
        change.after.checklist = Some(checklist);
        Ok(change)
    }

    /// The patient lies and the skin is clean.
    pub(super) fn record_set_up(
        &self,
        set_up: SetUp,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        self.require(Act::RecordSetUp)?;
        let mut change = self.changed(now);
        change.after.set_up = set_up;
        Ok(change)
    }

    /// A provider decided on a check.
    pub(super) fn override_check(&self, decision: Override) -> Result<Change, WrongStatus> {
        self.require(Act::Override)?;
        let mut change = self.changed(decision.at);
        change.after.overrides.push(decision.clone());
        change.addition = Some(Addition::Override(decision));
        Ok(change)
    }

    /// It begins, with consent and a complete time-out.
    pub(super) fn start(
        &self,
        started_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Change, StartRefused> {
        let readiness = self.readiness(Act::Start)?;
        let begun = readiness
            .begin(started_at)
            .map_err(StartRefused::NotReady)?;
        Ok(self.moved_to(Stage::InProgress(begun), now))
    }

    /// A syringe is drawn up.
    pub(super) fn draw_up(&self, syringe: Syringe) -> Result<Change, WrongStatus> {
        self.require(Act::DrawUp)?;
        let mut change = self.changed(syringe.recorded_at);
        change.after.syringes.push(syringe.clone());
        change.addition = Some(Addition::Syringe(syringe));
        Ok(change)
    }

    /// A needle goes in.
    pub(super) fn inject(&self, injection: Injection) -> Result<Change, WrongStatus> {
        self.require(Act::Inject)?;
        let mut change = self.changed(injection.recorded_at);
        change.after.injections.push(injection.clone());
        change.addition = Some(Addition::Injection(injection));
        Ok(change)
    }

    /// A part of a syringe is thrown away.
    pub(super) fn waste(&self, waste: Waste) -> Result<Change, WrongStatus> {
        self.require(Act::Waste)?;
        let mut change = self.changed(waste.recorded_at);
        change.after.wastes.push(waste.clone());
        change.addition = Some(Addition::Waste(waste));
        Ok(change)
    }

    /// It is done, with the assessment that let it be completed.
    pub(super) fn complete(
        &self,
        safety: serde_json::Value,
        completed_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Change, WrongStatus> {
        let Stage::InProgress(begun) = &self.stage else {
            return Err(self.wrong_status());
        };
        let stage = Stage::Completed {
            begun: begun.clone(),
            completed_at,
            aftermath: Aftermath {
                safety,
                discharge: begun.discharged_before.clone(),
            },
        };
        Ok(self.moved_to(stage, now))
    }

    /// It will not be begun.
    pub(super) fn withdraw(&self, stop: Stop) -> Result<Change, WrongStatus> {
        let readiness = self.readiness(Act::Stop)?.clone();
        let at = stop.at;
        Ok(self.moved_to(Stage::Withdrawn { readiness, stop }, at))
    }

    /// It ends unfinished, with the assessment of what was done.
    pub(super) fn break_off(
        &self,
        stop: Stop,
        safety: serde_json::Value,
    ) -> Result<Change, WrongStatus> {
        let Stage::InProgress(begun) = &self.stage else {
            return Err(self.wrong_status());
        };
        let at = stop.at;
        let stage = Stage::BrokenOff {
            begun: begun.clone(),
            stop,
            aftermath: Aftermath {
                safety,
                discharge: begun.discharged_before.clone(),
            },
        };
        Ok(self.moved_to(stage, at))
    }

    /// A site was entered in error: its volume is back in the syringe. A procedure that was over is
    /// under way again, because it was judged with the site and no longer adds up.
    pub(super) fn void_injection(
        &self,
        id: InjectionId,
        voided: Voided,
    ) -> Result<Change, VoidRefused> {
        self.require(Act::VoidPart)?;
        if self.void_parts.injections.iter().any(|one| one.id == id) {
            return Err(VoidRefused::AlreadyVoided);
        }
        let mut change = self.moved_to(self.reopened(), voided.at);
        let injections = &mut change.after.injections;
        let position = injections.iter().position(|one| one.id == id);
        let mut injection = injections.remove(position.ok_or(VoidRefused::NotFound)?);
        injection.voided = Some(voided.clone());
        change.after.void_parts.injections.push(injection);
        change.addition = Some(Addition::VoidedInjection(id, voided));
        Ok(change)
    }

    /// A syringe was entered in error: what was drawn is back in its lots. Nothing may have been injected
    /// from it.
    pub(super) fn void_syringe(
        &self,
        id: SolutionId,
        voided: Voided,
    ) -> Result<Change, VoidRefused> {
        self.require(Act::VoidPart)?;
        if self.void_parts.syringes.iter().any(|one| one.id == id) {
            return Err(VoidRefused::AlreadyVoided);
        }
        let from_it = self
            .injections
            .iter()
            .filter(|one| one.solution_id == Some(id));
        let injections: Vec<InjectionId> = from_it.map(|one| one.id).collect();
        if !injections.is_empty() {
            return Err(VoidRefused::StillThere(Remaining {
                injections,
                solutions: Vec::new(),
            }));
        }
        let mut change = self.moved_to(self.reopened(), voided.at);
        let syringes = &mut change.after.syringes;
        let position = syringes.iter().position(|one| one.id == id);
        let mut syringe = syringes.remove(position.ok_or(VoidRefused::NotFound)?);
        syringe.voided = Some(voided.clone());
        change.after.void_parts.syringes.push(syringe);
        change.addition = Some(Addition::VoidedSyringe(id, voided));
        Ok(change)
    }

    /// All of it was entered in error. Nothing of it may be in the patient or still in a syringe.
    pub(super) fn void(&self, voided: Voided) -> Result<Change, VoidRefused> {
        if self.voided.is_some() {
            return Err(VoidRefused::AlreadyVoided);
        }
        self.require(Act::Void)?;
        let remaining = Remaining {
            injections: self.injections.iter().map(|one| one.id).collect(),
            solutions: self
                .syringes
                .iter()
                .filter(|syringe| !self.left_ml(syringe).is_zero())
                .map(|syringe| syringe.id)
                .collect(),
        };
        if !remaining.injections.is_empty() || !remaining.solutions.is_empty() {
            return Err(VoidRefused::StillThere(remaining));
        }
        let mut change = self.changed(voided.at);
        change.after.voided = Some(voided);
        Ok(change)
    }

    fn reopened(&self) -> Stage {
        match &self.stage {
            Stage::Completed {
                begun, aftermath, ..
            }
            | Stage::BrokenOff {
                begun, aftermath, ..
            } => Stage::InProgress(Begun {
                discharged_before: aftermath.discharge.clone(),
                ..begun.clone()
            }),
            stage => stage.clone(),
        }
    }

    /// Somebody looked after the patient.
    pub(super) fn observe(&self, observation: Observation) -> Result<Change, WrongStatus> {
        self.require(Act::Observe)?;
        let mut change = self.changed(observation.at);
        change.after.observations.push(observation.clone());
        change.addition = Some(Addition::Observation(observation));
        Ok(change)
    }

    /// The patient is let go.
    pub(super) fn discharge(&self, discharge: Discharge) -> Result<Change, WrongStatus> {
        self.require(Act::Discharge)?;
        let mut change = self.changed(discharge.at);
        match &mut change.after.stage {
            Stage::Completed { aftermath, .. } | Stage::BrokenOff { aftermath, .. } => {
                aftermath.discharge = Some(discharge);
                Ok(change)
            }
            _ => Err(self.wrong_status()),
        }
    }

    /// Refuses an act that the status does not allow, before other rules are checked. A procedure
    /// that was never begun is not observed.
    pub(super) fn require(&self, act: Act) -> Result<(), WrongStatus> {
        let is_watched = matches!(act, Act::Observe | Act::Discharge);
        if self.status().allows(act) && (self.was_begun() || !is_watched) {
            Ok(())
        } else {
            Err(self.wrong_status())
        }
    }

    fn readiness(&self, act: Act) -> Result<&Readiness, WrongStatus> {
        self.require(act)?;
        match &self.stage {
            Stage::Planned(readiness) => Ok(readiness),
            _ => Err(self.wrong_status()),
        }
    }

    const fn wrong_status(&self) -> WrongStatus {
        WrongStatus(self.status())
    }

    /// One more version of it.
    fn changed(&self, now: DateTime<Utc>) -> Change {
        Change {
            after: Self {
                version: self.version.next(),
                updated_at: now,
                ..self.clone()
            },
            addition: None,
        }
    }

    fn moved_to(&self, stage: Stage, now: DateTime<Utc>) -> Change {
        let mut change = self.changed(now);
        change.after.stage = stage;
        change
    }

    /// Where it stands.
    pub(super) const fn status(&self) -> ProcedureStatus {
        if self.voided.is_some() {
            ProcedureStatus::Voided
        } else {
            self.stage.status()
        }
    }

    /// What is missing before it can be started.
    pub(super) fn missing_to_start(&self, now: DateTime<Utc>) -> Vec<Missing> {
        match &self.stage {
            Stage::Planned(readiness) => readiness.begin(now).err().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Whether a decision of the patient on this kind of procedure takes back the consent to it.
    pub(super) fn is_refused_by(&self, decision: &LatestConsent) -> bool {
        let agreed_at = self.stage.consent().map(|consent| consent.at);
        decision.withdraws_after(agreed_at)
    }

    /// The syringe with this id.
    pub(super) fn syringe(&self, id: SolutionId) -> Option<&Syringe> {
        self.syringes.iter().find(|syringe| syringe.id == id)
    }

    /// Whether it passed the gate.
    pub(super) const fn was_begun(&self) -> bool {
        self.stage.begun().is_some()
    }

    /// When it passed the gate.
    pub(super) fn started_at(&self) -> Option<DateTime<Utc>> {
        self.stage.begun().map(|begun| begun.started_at)
    }

    /// When it was over, completed or stopped.
    pub(super) fn ended_at(&self) -> Option<DateTime<Utc>> {
        let stopped_at = self.stage.stop().map(|stop| stop.at);
        self.stage.completed_at().or(stopped_at)
    }

    /// The binding assessment of the completion, or the last one of what was stopped.
    pub(super) fn safety(&self) -> Option<&serde_json::Value> {
        self.stage.aftermath().map(|aftermath| &aftermath.safety)
    }

    /// How the patient was let go.
    pub(super) fn discharged(&self) -> Option<&Discharge> {
        match &self.stage {
            Stage::InProgress(begun) => begun.discharged_before.as_ref(),
            stage => stage.aftermath()?.discharge.as_ref(),
        }
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
    pub(super) fn taken_from_lots(&self) -> BTreeMap<LotId, Quantity> {
        let mut taken: BTreeMap<LotId, Quantity> = BTreeMap::new();
        for component in self.syringes.iter().flat_map(|syringe| &syringe.components) {
            *taken.entry(component.lot_id).or_default() += component.quantity();
        }
        taken
    }

    /// How many millilitres were drawn from each lot.
    pub(super) fn drawn_from_lots(&self) -> BTreeMap<LotId, Decimal> {
        let mut drawn = BTreeMap::new();
        for component in self.syringes.iter().flat_map(|syringe| &syringe.components) {
            *drawn.entry(component.lot_id).or_insert(Decimal::ZERO) += component.volume_ml;
        }
        drawn
    }
}

#[cfg(test)]
pub(super) mod sample {
    use super::*;

    /// A planned injection with nothing recorded yet.
    pub(in crate::procedures) fn procedure() -> Procedure {
        let plan = Plan {
            visit_id: VisitId::from(Uuid::nil()),
            patient_id: PatientId::from(Uuid::nil()),
            person_id: PatientId::from(Uuid::nil()),
            provider_id: Uuid::nil(),
            kind: ProcedureKind::TriggerPointInjection,
            indication_codes: Vec::new(),
            template_code: None,
        };
        Procedure {
            id: ProcedureId::from(Uuid::nil()),
            ..Procedure::plan(plan, DateTime::UNIX_EPOCH)
        }
    }

    /// The same, ready to start.
    pub(in crate::procedures) fn ready() -> Procedure {
        let at = DateTime::UNIX_EPOCH;
        let consented = procedure().record_consent(GivenConsent {
            given_by: "patient".to_owned(),
            method: crate::procedures::stage::ConsentMethod::Written,
            text_version: "1".to_owned(),
            at,
        });
        let timed_out = consented.unwrap().into_after().record_time_out(TimeOut {
            confirmed: crate::procedures::stage::TimeOutPoints {
                patient: true,
                procedure: true,
                site: true,
                allergies: true,
                anticoagulants: true,
            },
            by: Uuid::nil(),
            at,
        });
        timed_out.unwrap().into_after()
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{procedure, ready};
    use super::*;

    fn stop() -> Stop {
        Stop {
            reason: "The patient does not want it".to_owned(),
            by: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn it_starts_with_consent_and_a_complete_time_out() {
        let now = DateTime::UNIX_EPOCH;
        let StartRefused::NotReady(missing) = procedure().start(now, now).unwrap_err() else {
            panic!("a planned procedure can be started");
        };
        let codes: Vec<&str> = missing.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["consent", "time_out"]);
        let started = ready().start(now, now).unwrap();
        assert_eq!(started.after().status(), ProcedureStatus::InProgress);
        assert_eq!(started.after().started_at(), Some(now));
    }

    #[test]
    fn what_was_begun_is_observed_after_a_stop_and_what_was_not_is_not() {
        let withdrawn = ready().withdraw(stop()).unwrap().into_after();
        assert_eq!(withdrawn.status(), ProcedureStatus::Abandoned);
        assert!(withdrawn.require(Act::Observe).is_err());
        assert!(withdrawn.require(Act::Start).is_err());
        let begun = ready().start(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
        let begun = begun.unwrap().into_after();
        assert!(begun.withdraw(stop()).is_err());
        let broken_off = begun.break_off(stop(), serde_json::Value::Null).unwrap();
        assert!(broken_off.after().require(Act::Observe).is_ok());
        assert!(broken_off.after().require(Act::Complete).is_err());
    }
}
