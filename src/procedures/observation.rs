//! The time after the needle: how the patient is, and when they may go.
//!
//! The rules say at completion how long the patient is observed. A symptom after a site over the
//! lung makes it longer. Who leaves earlier, with a symptom or without anybody having looked, leaves
//! with a reason on record.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::findings;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{Problem, ProblemType, Refusal, SEALED};
use crate::platform::text::text_enum;
use crate::rule_sets::rules_in_force;

use super::prepare::{Missing, NOT_READY, not_ready};
use super::procedure::{Procedure, ProcedureId, ProcedureStatus};
use super::read::{Held, HoldRefused, WRONG_STATUS, hold};
use super::store;
use tautband_rules::safety::rules::RuleSet;

action!(
    /// Recording how the patient is after the needle.
    Observe, "procedures.observe", record, [Provider, Assistant]
);
action!(
    /// Letting the patient go.
    DischargePatient, "procedures.discharge", record, [Provider, Assistant]
);

text_enum! {
    /// What a patient tells or shows after the needle.
    pub(crate) enum ObservedSymptom {
        ChestPain = "chest_pain",
        Breathlessness = "breathlessness",
        Dizziness = "dizziness",
        Fainting = "fainting",
        RingingEars = "ringing_ears",
        NumbMouth = "numb_mouth",
        MetallicTaste = "metallic_taste",
        Agitation = "agitation",
        Seizure = "seizure",
        Weakness = "weakness",
        Rash = "rash",
        Bleeding = "bleeding",
        Nausea = "nausea",
        Other = "other",
    }
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ObservedVitals {
    pub(super) heart_rate_bpm: Option<i16>,
    pub(super) systolic_mmhg: Option<i16>,
    pub(super) diastolic_mmhg: Option<i16>,
    pub(super) spo2_percent: Option<i16>,
}

/// How the patient was when somebody looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(super) vitals: ObservedVitals,
    /// Empty when there was nothing.
    pub(super) symptoms: Vec<ObservedSymptom>,
    pub(super) note: Option<String>,
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
    pub(super) by: Uuid,
    pub(super) at: DateTime<Utc>,
}

/// What is said when a patient is let go.
pub(super) struct DischargeRecord {
    pub(super) is_aftercare_given: bool,
    pub(super) note: Option<String>,
    pub(super) early_reason: Option<String>,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObserveError {
    #[error(transparent)]
    Held(#[from] HoldRefused),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("something is missing before the patient may go")]
    NotReady(Vec<Missing>),
    #[error("the patient was let go")]
    Discharged,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static DISCHARGED: ProblemType =
    ProblemType::new("already-discharged", 409, "The patient was let go already");

impl Refusal for ObserveError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SEALED, &WRONG_STATUS, &NOT_READY, &DISCHARGED];

    fn problem(self) -> Problem {
        match self {
            Self::Held(refused) => refused.problem(),
            Self::Stale(stale) => stale.problem(),
            Self::NotReady(missing) => not_ready(&missing)
                .detail("Observe on, or say in early_reason why the patient leaves now."),
            Self::Discharged => Problem::new(&DISCHARGED),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records how the patient is.
pub(super) async fn observe(
    transaction: &Transaction<'_, Observe>,
    id: ProcedureId,
    (vitals, symptoms, note): (ObservedVitals, Vec<ObservedSymptom>, Option<String>),
) -> Result<Procedure, ObserveError> {
    let mut held = hold(transaction, id).await?;
    held.require_status(&[
        ProcedureStatus::InProgress,
        ProcedureStatus::Completed,
        ProcedureStatus::Abandoned,
    ])?;
    require_begun(&held)?;
    if held.procedure.discharge.is_some() {
        return Err(ObserveError::Discharged);
    }
    let observation = Observation {
        vitals,
        symptoms,
        note,
        by: transaction.principal().user_id,
        at: transaction.now(),
    };
    store::insert_observation(transaction, &held.procedure, &observation).await?;
    held.procedure.observations.push(observation);
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

/// Lets the patient go after the time of observation, or earlier with a reason.
pub(super) async fn discharge(
    transaction: &Transaction<'_, DischargePatient>,
    id: ProcedureId,
    if_match: &IfMatch,
    record: DischargeRecord,
) -> Result<Procedure, ObserveError> {
    let mut held = hold(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.require_status(&[ProcedureStatus::Completed, ProcedureStatus::Abandoned])?;
    require_begun(&held)?;
    if held.procedure.discharge.is_some() {
        return Err(ObserveError::Discharged);
    }
    let rules = rules_in_force(transaction).await?;
    let over_lung = has_lung_site(transaction, &held.procedure, &rules).await?;
    let missing = missing(&held.procedure, over_lung, &rules, transaction.now());
    if !missing.is_empty() && record.early_reason.is_none() {
        return Err(ObserveError::NotReady(missing));
    }
    held.procedure.discharge = Some(Discharge {
        is_aftercare_given: record.is_aftercare_given,
        note: record.note,
        early_reason: record.early_reason.filter(|_| !missing.is_empty()),
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    held.procedure.change(transaction.now());
    store::record_procedure(transaction, &held.procedure).await?;
    Ok(held.procedure)
}

/// A procedure that never began needs no observation.
fn require_begun(held: &Held) -> Result<(), HoldRefused> {
    if held.procedure.was_begun() {
        Ok(())
    } else {
        Err(HoldRefused::WrongStatus(held.procedure.status))
    }
}

async fn has_lung_site(
    transaction: &OpenTransaction<'_>,
    procedure: &Procedure,
    rules: &RuleSet,
) -> Stored<bool> {
    let codes: Vec<&str> = procedure
        .injections
        .iter()
        .map(|site| site.place.muscle_code.as_str())
        .collect();
    let muscles = findings::muscles(transaction, &codes).await?;
    let mut flags = muscles.iter().flat_map(|muscle| &muscle.cautions);
    Ok(flags.any(|flag| flag.starts_with(&rules.site.lung_flag_prefix)))
}

/// What is missing before the patient may go.
fn missing(
    procedure: &Procedure,
    over_lung: bool,
    rules: &RuleSet,
    now: DateTime<Utc>,
) -> Vec<Missing> {
    let mut missing = Vec::new();
    let latest = procedure.observations.last();
    if latest.is_none() {
        missing.push(Missing {
            code: "observation".to_owned(),
            explanation: "Nobody has looked after the patient yet.".to_owned(),
        });
    }
    if latest.is_some_and(|observation| !observation.symptoms.is_empty()) {
        missing.push(Missing {
            code: "symptoms".to_owned(),
            explanation: "The patient had symptoms when somebody last looked.".to_owned(),
        });
    }
    let minutes = minutes_of_observation(procedure, over_lung, rules);
    let until = procedure
        .ended_at()
        .map(|ended_at| ended_at + TimeDelta::minutes(i64::from(minutes)));
    if until.is_none_or(|until| now < until) {
        missing.push(Missing {
            code: "observation_time".to_owned(),
            explanation: format!("The patient is observed for {minutes} minutes."),
        });
    }
    missing
}

/// As long as the rules said at the end; longer when a symptom followed a site over the lung.
fn minutes_of_observation(procedure: &Procedure, over_lung: bool, rules: &RuleSet) -> u32 {
    let usual = rules.site.observation_minutes.whole().unwrap_or(0);
    let said = procedure
        .safety
        .as_ref()
        .and_then(|safety| safety.get("observation_minutes"))
        .and_then(Value::as_u64)
        .and_then(|minutes| u32::try_from(minutes).ok());
    let said = said.unwrap_or(usual);
    let has_symptom = procedure
        .observations
        .iter()
        .any(|observation| !observation.symptoms.is_empty());
    if over_lung && has_symptom {
        said.max(rules.site.long_observation_minutes.whole().unwrap_or(said))
    } else {
        said
    }
}

#[cfg(test)]
mod tests {
    use super::super::procedure::sample;
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn completed(minutes: u32, observed: &[&[ObservedSymptom]]) -> Procedure {
        let observation = |symptoms: &&[ObservedSymptom]| Observation {
            vitals: ObservedVitals::default(),
            symptoms: symptoms.to_vec(),
            note: None,
            by: Uuid::nil(),
            at: at(1),
        };
        Procedure {
            completed_at: Some(at(0)),
            safety: Some(serde_json::json!({ "observation_minutes": minutes })),
            observations: observed.iter().map(observation).collect(),
            ..sample::procedure()
        }
    }

    #[test]
    fn a_patient_may_go_when_somebody_looked_and_the_time_is_over() {
        let rules = RuleSet::shipped().unwrap();
        let chest: &[ObservedSymptom] = &[ObservedSymptom::ChestPain];
        for (minutes, observed, over_lung, after, expected) in [
            (15, vec![&[][..]], false, 15, vec![]),
            (15, vec![&[][..]], false, 14, vec!["observation_time"]),
            (15, vec![], false, 15, vec!["observation"]),
            (
                15,
                vec![],
                false,
                14,
                vec!["observation", "observation_time"],
            ),
            (30, vec![&[][..]], false, 29, vec!["observation_time"]),
            (30, vec![&[][..]], false, 30, vec![]),
            (15, vec![chest], false, 15, vec!["symptoms"]),
            (15, vec![chest, &[][..]], false, 15, vec![]),
            (15, vec![chest, &[][..]], true, 29, vec!["observation_time"]),
            (15, vec![chest, &[][..]], true, 30, vec![]),
            (15, vec![&[][..]], true, 15, vec![]),
        ] {
            let procedure = completed(minutes, &observed);
            let found = missing(&procedure, over_lung, &rules, at(after));
            let codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
            assert_eq!(codes, expected, "{minutes} {over_lung} {after}");
        }
    }
}
