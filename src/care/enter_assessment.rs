//! Entering what a patient answered to a questionnaire.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::assessment::Assessment;
use super::instrument::{AssessmentId, Instrument, ScoreRefused};
use super::store;
use super::today::today;

action!(
    /// Entering answers or a score of a patient.
    EnterAssessment, "assessments.enter", record, [Provider, Assistant, Patient]
);

/// What was answered.
pub(crate) enum Given {
    Answers(Vec<Option<i64>>),
    Score(Decimal),
}

/// A questionnaire as it is entered.
pub(crate) struct NewAssessment {
    pub(super) instrument: Instrument,
    pub(super) given: Given,
    /// Today when it is left out.
    pub(super) taken_on: Option<NaiveDate>,
}

/// Why the score was not entered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnterAssessmentError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] ScoreRefused),
    #[error("taken in the future")]
    NotYet,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for EnterAssessmentError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Refused(refused) => Problem::invalid(vec![FieldError::new(
                refused.pointer(),
                refused.to_string(),
            )]),
            Self::NotYet => Problem::field(
                "/taken_on",
                "lies in the future; it must be today or earlier",
            ),
            Self::Database(error) => error.into(),
        }
    }
}

impl ScoreRefused {
    fn pointer(self) -> String {
        match self {
            Self::WrongCount | Self::TooManyMissing | Self::ScoreOnly => "/answers".to_owned(),
            Self::OutOfRange(index) | Self::DaysExceedPeriod(index) => format!("/answers/{index}"),
            Self::NoSuchScore(_) => "/score".to_owned(),
        }
    }
}

/// Works out the score and keeps it.
pub(crate) async fn enter_assessment(
    transaction: &Transaction<'_, EnterAssessment>,
    patient_id: PatientId,
    command: &NewAssessment,
) -> Result<Assessment, EnterAssessmentError> {
    let person_id = person_id(transaction, patient_id).await?;
    let person_id = person_id.ok_or(EnterAssessmentError::NotFound)?;
    let today = today(transaction).await?;
    let taken_on = command.taken_on.unwrap_or(today);
    if taken_on > today {
        return Err(EnterAssessmentError::NotYet);
    }
    let score = match &command.given {
        Given::Answers(answers) => command.instrument.score(answers)?,
        Given::Score(value) => command.instrument.given_score(*value)?,
    };
    let answers = match &command.given {
        // Within the bounds of their instrument, which are small.
        Given::Answers(answers) => Some(
            answers
                .iter()
                .map(|answer| answer.and_then(|a| i16::try_from(a).ok()))
                .collect(),
        ),
        Given::Score(_) => None,
    };
    let assessment = Assessment {
        id: AssessmentId::fresh(transaction.now()),
        patient_id,
        person_id,
        instrument: command.instrument,
        taken_on,
        answers,
        score: score.value,
        band: score.band.map(str::to_owned),
        scale_id: command.instrument.scale_id().to_owned(),
        entered_by: transaction.principal().user_id,
        created_at: transaction.now(),
    };
    store::assessments::insert(transaction, &assessment).await?;
    transaction.touch("assessment", assessment.id, patient_id);
    Ok(assessment)
}
