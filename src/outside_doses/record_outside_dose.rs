//! Recording a dose that was given elsewhere, and marking one as entered in error.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::findings::find_muscle;
use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::visits::{ALREADY_VOIDED, Voided};

use super::outside_dose::{DayPrecision, OutsideDose, OutsideDoseId};
use super::store;
use tautband_rules::dose::{Amount, AmountUnit};
use tautband_rules::shipped::formulary;

action!(
    /// Recording doses that were given elsewhere.
    RecordOutsideDose, "outside_doses.record", record, [Provider, Assistant]
);

/// What was told of a dose.
pub(super) struct ToldDose {
    pub(super) drug_code: String,
    pub(super) amount: Decimal,
    pub(super) unit: AmountUnit,
    pub(super) given_on: NaiveDate,
    pub(super) precision: DayPrecision,
    pub(super) muscle_code: Option<String>,
    pub(super) given_by: Option<String>,
    pub(super) told_by: String,
}

/// Why a dose was not recorded or marked.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutsideDoseError {
    #[error("no such patient or dose")]
    NotFound,
    #[error("what was told cannot be")]
    Invalid(Vec<FieldError>),
    #[error("it was marked before")]
    AlreadyVoided,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for OutsideDoseError {
    const TYPES: &'static [&'static ProblemType] = &[&ALREADY_VOIDED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::AlreadyVoided => Problem::new(&ALREADY_VOIDED),
            Self::Database(error) => error.into(),
        }
    }
}

/// Records a dose that was given elsewhere, and says which person it counts for.
pub(super) async fn record_outside_dose(
    transaction: &Transaction<'_, RecordOutsideDose>,
    patient_id: PatientId,
    told: ToldDose,
) -> Result<(PatientId, OutsideDose), OutsideDoseError> {
    let person_id = person_id(transaction, patient_id)
        .await?
        .ok_or(OutsideDoseError::NotFound)?;
    let mut errors = Vec::new();
    if formulary().find(&told.drug_code).is_none() {
        errors.push(FieldError::new("/drug_code", "is not in the formulary"));
    }
    if Amount::new(told.amount, told.unit).is_err() || told.amount <= Decimal::ZERO {
        errors.push(FieldError::new("/amount", "must be above zero"));
    }
    if told.given_on > transaction.now().date_naive() {
        let detail = "lies in the future; it must be today or earlier";
        errors.push(FieldError::new("/given_on", detail));
    }
    if let Some(code) = &told.muscle_code
        && find_muscle(transaction, code).await?.is_none()
    {
        let detail = "names no muscle of the catalogue";
        errors.push(FieldError::new("/muscle_code", detail));
    }
    if !errors.is_empty() {
        return Err(OutsideDoseError::Invalid(errors));
    }
    let now = transaction.now();
    let dose = OutsideDose {
        id: OutsideDoseId::fresh(now),
        patient_id,
        drug_code: told.drug_code,
        amount: told.amount,
        unit: told.unit,
        given_on: told.given_on,
        precision: told.precision,
        muscle_code: told.muscle_code,
        given_by: told.given_by,
        told_by: told.told_by,
        recorded_by: transaction.principal().user_id,
        recorded_at: now,
        voided: None,
    };
    store::insert(transaction, &dose).await?;
    transaction.touch("outside_dose", dose.id, patient_id);
    Ok((person_id, dose))
}

/// Marks a dose as entered in error, and says which person it counted for.
pub(super) async fn void_outside_dose(
    transaction: &Transaction<'_, RecordOutsideDose>,
    patient_id: PatientId,
    id: OutsideDoseId,
    reason: String,
) -> Result<(PatientId, OutsideDose), OutsideDoseError> {
    let person_id = person_id(transaction, patient_id)
        .await?
        .ok_or(OutsideDoseError::NotFound)?;
    let dose = store::lock(transaction, patient_id, id).await?;
    let mut dose = dose.ok_or(OutsideDoseError::NotFound)?;
    if dose.voided.is_some() {
        return Err(OutsideDoseError::AlreadyVoided);
    }
    let voided = Voided {
        at: transaction.now(),
        by: transaction.principal().user_id,
        reason,
    };
    store::record_void(transaction, id, &voided).await?;
    dose.voided = Some(voided);
    transaction.touch("outside_dose", id, patient_id);
    Ok((person_id, dose))
}
