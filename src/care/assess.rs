//! Entering what a patient answered to a questionnaire.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::instrument::{AssessmentId, Instrument, ScoreRefused};
use super::store;

action!(
    /// Reading the scores of a patient.
    ReadAssessments, "assessments.read", record, [Provider, Assistant, Patient]
);
action!(
    /// Entering answers or a score of a patient.
    Assess, "assessments.enter", record, [Provider, Assistant, Patient]
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
    /// Today where nothing is said.
    pub(super) taken_on: Option<NaiveDate>,
}

/// A questionnaire answered by a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(super) id: AssessmentId,
    pub(super) patient_id: PatientId,
    /// The person behind the record, who is shown.
    pub(super) person_id: PatientId,
    pub(super) instrument: Instrument,
    pub(super) taken_on: NaiveDate,
    pub(super) answers: Option<Vec<Option<i16>>>,
    pub(super) score: Decimal,
    pub(super) band: Option<String>,
    pub(super) scale_id: String,
    pub(super) entered_by: Uuid,
    pub(super) created_at: DateTime<Utc>,
}

/// Date and id of the row before a page.
pub(crate) type AssessmentKey = (NaiveDate, Uuid);

/// Why nothing was read or entered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssessError {
    #[error("no such patient or assessment")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] ScoreRefused),
    #[error("taken in the future")]
    NotYet,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for AssessError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Refused(refused) => Problem::invalid(vec![FieldError::new(
                refused.pointer(),
                refused.to_string(),
            )]),
            Self::NotYet => Problem::field("/taken_on", "lies in the future"),
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

/// Scores of a patient, the latest first.
pub(crate) async fn read_assessments(
    transaction: &Transaction<'_, ReadAssessments>,
    patient_id: PatientId,
    instrument: Option<Instrument>,
    window: &Window<AssessmentKey>,
) -> Result<Vec<Assessment>, AssessError> {
    if person_id(transaction, patient_id).await?.is_none() {
        return Err(AssessError::NotFound);
    }
    let found = store::assessments::list(transaction, patient_id, instrument, window).await?;
    let touched = found.iter().map(|one| (one.id.uuid(), patient_id.uuid()));
    transaction.touch_all("assessment", touched);
    Ok(found)
}

/// One assessment within reach.
pub(crate) async fn read_assessment(
    transaction: &Transaction<'_, ReadAssessments>,
    id: AssessmentId,
) -> Result<Assessment, AssessError> {
    let found = store::assessments::find(transaction, id)
        .await?
        .ok_or(AssessError::NotFound)?;
    transaction.touch("assessment", id, found.patient_id);
    Ok(found)
}

/// Works out the score and keeps it.
pub(crate) async fn assess(
    transaction: &Transaction<'_, Assess>,
    patient_id: PatientId,
    command: &NewAssessment,
) -> Result<Assessment, AssessError> {
    let person_id = person_id(transaction, patient_id).await?;
    let person_id = person_id.ok_or(AssessError::NotFound)?;
    let today = store::today(transaction).await?;
    let taken_on = command.taken_on.unwrap_or(today);
    if taken_on > today {
        return Err(AssessError::NotYet);
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
