//! Letting the patient go after the needle.
//!
//! The rules say at the end of the procedure how long the patient is observed. A symptom after a site
//! over the lung makes it longer. A patient who leaves earlier, with a symptom, or before somebody
//! looked, leaves with a reason on record. The signature of the visit does not end the observation: who is
//! let go after it is let go beside the seal.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::findings;
use crate::platform::access::action;
use crate::platform::database::{OpenTransaction, Stored, Transaction};
use crate::platform::etag::IfMatch;
use crate::rule_sets::rules_in_force;

use super::missing::Missing;
use super::observe_error::ObserveError;
use super::procedure::{Procedure, ProcedureId};
use super::procedure_status::Act;
use super::read::{HoldRefused, hold_to_tend};
use super::stage::Discharge;
use super::store;
use tautband_rules::safety::rules::RuleSet;

action!(
    /// Letting the patient go.
    DischargePatient, "procedures.discharge", record, [Provider, Assistant]
);

/// What is said when a patient is let go.
pub(super) struct DischargeRecord {
    pub(super) is_aftercare_given: bool,
    pub(super) note: Option<String>,
    pub(super) early_reason: Option<String>,
}

/// Lets the patient go after the time of observation, or earlier with a reason.
pub(super) async fn discharge(
    transaction: &Transaction<'_, DischargePatient>,
    id: ProcedureId,
    if_match: &IfMatch,
    record: DischargeRecord,
) -> Result<Procedure, ObserveError> {
    let held = hold_to_tend(transaction, id).await?;
    if_match.require(held.procedure.version)?;
    held.procedure
        .require(Act::Discharge)
        .map_err(HoldRefused::from)?;
    if held.procedure.discharged().is_some() {
        return Err(ObserveError::Discharged);
    }
    let rules = rules_in_force(transaction).await?;
    let over_lung = has_lung_site(transaction, &held.procedure, &rules).await?;
    let missing = missing(&held.procedure, over_lung, &rules, transaction.now());
    if !missing.is_empty() && record.early_reason.is_none() {
        return Err(ObserveError::NotReady(missing));
    }
    let change = held.procedure.discharge(Discharge {
        is_aftercare_given: record.is_aftercare_given,
        note: record.note,
        early_reason: record.early_reason.filter(|_| !missing.is_empty()),
        is_after_signature: held.is_sealed,
        by: transaction.principal().user_id,
        at: transaction.now(),
    });
    let change = change.map_err(HoldRefused::from)?;
    if !held.is_sealed {
        store::record(transaction, &change).await?;
    } else if !store::record_beside_seal(transaction, &change).await? {
        return Err(ObserveError::Discharged);
    }
    Ok(change.into_after())
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
        missing.push(Missing::new(
            "observation",
            "Nobody has looked after the patient yet.",
        ));
    }
    if latest.is_some_and(|observation| !observation.symptoms.is_empty()) {
        missing.push(Missing::new(
            "symptoms",
            "The patient had symptoms when somebody last looked.",
        ));
    }
    let minutes = minutes_of_observation(procedure, over_lung, rules);
    let until = procedure
        .ended_at()
        .map(|ended_at| ended_at + TimeDelta::minutes(i64::from(minutes)));
    if until.is_none_or(|until| now < until) {
        missing.push(Missing::new(
            "observation_time",
            format!("The patient is observed for {minutes} minutes."),
        ));
    }
    missing
}

/// As long as the rules said at the end; longer when a symptom followed a site over the lung.
fn minutes_of_observation(procedure: &Procedure, over_lung: bool, rules: &RuleSet) -> u32 {
    let usual = rules.site.observation_minutes.whole().unwrap_or(0);
    let said = procedure
        .safety()
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
    use crate::procedures::observation::{Observation, ObservedSymptom, ObservedVitals};
    use chrono::DateTime;
    use uuid::Uuid;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn completed(minutes: u32, observed: &[&[ObservedSymptom]]) -> Procedure {
        let observation = |symptoms: &&[ObservedSymptom]| Observation {
            vitals: ObservedVitals::default(),
            symptoms: symptoms.to_vec(),
            note: None,
            is_after_signature: false,
            by: Uuid::nil(),
            at: at(1),
        };
        let safety = serde_json::json!({ "observation_minutes": minutes });
        let begun = sample::ready().start(at(0), at(0)).unwrap().into_after();
        Procedure {
            observations: observed.iter().map(observation).collect(),
            ..begun.complete(safety, at(0), at(0)).unwrap().into_after()
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
