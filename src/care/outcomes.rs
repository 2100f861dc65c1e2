//! Whether it helped: diary, scores and relief beside the procedures that happened.
//!
//! Everything is read in one exchange and counted here, so that five years of daily entries cost
//! little more than one of them. Patients see procedures once the visit is signed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::local_time::local_date;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::procedures::ProcedureKind;

use super::diary::{
    Counts, DayMark, Flag, Period, chronic_migraine, medication_overuse, per_28, periods, responds,
};
use super::instrument::{Instrument, ResponseClass};
use super::relief::{PointInjection, PointPain, PointRelief};
use super::store;

action!(
    /// Reading how a patient has fared.
    ReadOutcomes, "outcomes.read", patients, [Provider, Assistant, Patient]
);

/// Diaries are counted for so long back.
const LONGEST_DAYS: i64 = 5 * 366;

/// A procedure that happened, to its end or until it was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastProcedure {
    pub(super) id: Uuid,
    pub(super) kind: ProcedureKind,
    pub(super) completed_at: DateTime<Utc>,
}

/// A score on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastScore {
    pub(super) instrument: Instrument,
    pub(super) taken_on: NaiveDate,
    pub(super) score: Decimal,
    pub(super) band: Option<String>,
}

/// Relief as told at a follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldRelief {
    pub(super) procedure_id: Option<Uuid>,
    pub(super) told_at: DateTime<Utc>,
    pub(super) percent: i16,
}

/// What is read for the outcomes of a patient.
pub(crate) struct Findings {
    pub(super) days: Vec<DayMark>,
    pub(super) procedures: Vec<PastProcedure>,
    pub(super) scores: Vec<PastScore>,
    pub(super) told: Vec<ToldRelief>,
    pub(super) injections: Vec<PointInjection>,
    pub(super) found: Vec<PointPain>,
    pub(super) recipes: BTreeMap<Uuid, Vec<String>>,
}

/// Migraine days before treatment and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(super) baseline: Decimal,
    pub(super) latest: Decimal,
    pub(super) responds: bool,
}

/// How a patient has fared, series in order of time.
pub(crate) struct Outcomes {
    pub(super) patient_id: PatientId,
    pub(super) zone: Tz,
    pub(super) today: NaiveDate,
    pub(super) periods: Vec<Period>,
    pub(super) chronic_migraine: Flag,
    pub(super) medication_overuse: Flag,
    pub(super) response: Option<Response>,
    pub(super) procedures: Vec<PastProcedure>,
    pub(super) scores: Vec<PastScore>,
    pub(super) told: Vec<ToldRelief>,
    pub(super) points: Vec<PointRelief>,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutcomesError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for OutcomesError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Reads and counts what is known of a patient's course.
pub(crate) async fn read_outcomes(
    transaction: &Transaction<'_, ReadOutcomes>,
    patient_id: PatientId,
) -> Result<Outcomes, OutcomesError> {
    let earliest = (transaction.now() - TimeDelta::days(LONGEST_DAYS)).date_naive();
    let (person_id, zone, findings) = futures_util::try_join!(
        store::person_id(transaction, patient_id),
        store::practice_zone(transaction),
        store::outcomes::findings(transaction, patient_id, earliest),
    )?;
    let person_id = person_id.ok_or(OutcomesError::NotFound)?;
    transaction.touch("outcomes", patient_id, patient_id);
    Ok(Outcomes::of(person_id, findings, zone, transaction.now()))
}

impl Outcomes {
    /// Counts what was found.
    pub(super) fn of(
        patient_id: PatientId,
        findings: Findings,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Self {
        let today = local_date(zone, now);
        let first_day = findings.days.iter().map(|day| day.date).min();
        let mut periods = first_day
            .map(|first| periods(&findings.days, first, today))
            .unwrap_or_default();
        let counts: Vec<&Counts> = periods.iter().map(|period| &period.counts).collect();
        let (chronic, overuse) = (chronic_migraine(&counts), medication_overuse(&counts));
        periods.reverse();
        let treated_on = findings
            .procedures
            .first()
            .map(|first| local_date(zone, first.completed_at));
        let points = findings
            .injections
            .iter()
            .map(|injection| {
                let recipe = injection
                    .solution_id
                    .and_then(|id| findings.recipes.get(&id));
                let recipe = recipe.cloned().unwrap_or_default();
                PointRelief::of(injection, &findings.injections, &findings.found, recipe)
            })
            .collect();
        Self {
            patient_id,
            zone,
            today,
            chronic_migraine: chronic,
            medication_overuse: overuse,
            response: response(&periods, treated_on),
            periods,
            procedures: findings.procedures,
            scores: findings.scores,
            told: findings.told,
            points,
        }
    }
}

/// Compares the last telling period before the first procedure with the latest one after it.
fn response(periods: &[Period], treated_on: Option<NaiveDate>) -> Option<Response> {
    let treated_on = treated_on?;
    let telling = |period: &&Period| period.counts.tell();
    let before = periods
        .iter()
        .filter(|period| period.last_day <= treated_on)
        .rfind(telling)?;
    let after = periods
        .iter()
        .filter(|period| period.first_day >= treated_on)
        .rfind(telling)?;
    let baseline = per_28(before.counts.migraine, before.counts.recorded)?;
    let latest = per_28(after.counts.migraine, after.counts.recorded)?;
    let is_chronic = per_28(before.counts.headache, before.counts.recorded)? >= Decimal::from(15);
    Some(Response {
        baseline,
        latest,
        responds: responds(baseline, latest, is_chronic)?,
    })
}

impl ToldRelief {
    /// The class of the relief told.
    pub(super) fn response(&self) -> ResponseClass {
        ResponseClass::of(Decimal::from(self.percent))
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    #[test]
    fn the_response_compares_the_months_before_and_after_the_first_procedure() {
        let today: NaiveDate = "2026-11-22".parse().unwrap();
        let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap();
        let days = (0..84)
            .map(|age| DayMark {
                date: back(age),
                headache: true,
                migraine: if age < 28 { age < 4 } else { age % 28 < 10 },
                peak_pain_nrs: None,
                classes: std::collections::BTreeSet::new(),
            })
            .collect::<Vec<_>>();
        let mut periods = periods(&days, back(83), today);
        periods.reverse();
        let response = response(&periods, Some(back(28))).unwrap();
        assert_eq!(
            (response.baseline, response.latest),
            (Decimal::TEN, Decimal::from(4))
        );
        assert!(response.responds);
        assert_eq!(super::response(&periods, None), None);
        assert_eq!(super::response(&periods, Some(today)), None);
    }
}
