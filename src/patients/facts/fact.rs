//! What is asked of a fact about a patient.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patients::patient::PatientId;
use crate::platform::access::{Action, Principal};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::etag::{Stale, Version};
use crate::platform::page::Window;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

/// The id of a fact.
pub(in crate::patients) trait FactId:
    Copy + Display + From<Uuid> + Into<Uuid>
{
}

impl<Id: Copy + Display + From<Uuid> + Into<Uuid>> FactId for Id {}

/// Something that is recorded about a patient, as it is stored and shown.
pub(in crate::patients) trait Fact: Serialize + Sized {
    type Id: FactId;
    /// Content from which one is recorded.
    type Recorded: DeserializeOwned + ToSchema;
    /// What decides, together with the fact, how it is shown. It is read beside the fact.
    type Beside;
    /// The action of listing and reading.
    type Read: Action;
    /// The action of recording.
    type Record: Action;
    /// Names the kind in the audit trail, such as `allergy`.
    const KIND: &'static str;
    /// Stands in paths, such as `allergies`.
    const COLLECTION: &'static str;

    fn id(&self) -> Self::Id;

    /// The record that the fact was written to, or is shown under.
    fn patient_id(&self) -> PatientId;

    /// The version; `None` for a fact that never changes.
    fn version(&self) -> Option<Version>;

    /// Shows the fact under this record to this reader.
    fn show(&mut self, patient_id: PatientId, reader: &Principal, beside: &Self::Beside);

    /// A new fact with this content.
    fn new(writing: Writing<'_>, content: &Self::Recorded) -> Self;

    /// Rejects a fact that cannot be, or that its writer may not write.
    fn check(&self, writing: Writing<'_>) -> Result<(), FactError>;

    async fn beside(
        transaction: &OpenTransaction<'_>,
        patient_id: PatientId,
    ) -> Stored<Self::Beside>;

    async fn list(
        transaction: &OpenTransaction<'_>,
        patient_id: PatientId,
        updated_since: Option<DateTime<Utc>>,
        window: &Window<Uuid>,
    ) -> Stored<Vec<Self>>;

    async fn find(
        transaction: &OpenTransaction<'_>,
        patient_id: PatientId,
        id: Self::Id,
    ) -> Stored<Option<Self>>;

    async fn insert(&self, transaction: &OpenTransaction<'_>) -> Stored<()>;
}

/// A fact that is corrected and ended.
pub(in crate::patients) trait Changeable: Fact {
    /// Content that changes one.
    type Changed: Changes<Self> + DeserializeOwned + ToSchema;
    /// The action of correcting and ending.
    type Change: Action;

    /// Finds one and locks it until the transaction ends.
    async fn lock(
        transaction: &OpenTransaction<'_>,
        patient_id: PatientId,
        id: Self::Id,
    ) -> Stored<Option<Self>>;

    fn current_version(&self) -> Version;

    /// Counts one more change.
    fn touch(&mut self, now: DateTime<Utc>);

    async fn update(&self, transaction: &OpenTransaction<'_>) -> Stored<()>;
}

/// What is to be changed of a fact.
pub(in crate::patients) trait Changes<F> {
    /// Changes the fields that are named, and leaves the others as they are.
    fn apply(&self, fact: &mut F);
}

/// Who writes a fact, when, and into which record.
#[derive(Clone, Copy)]
pub(in crate::patients) struct Writing<'a> {
    pub(in crate::patients) patient_id: PatientId,
    pub(in crate::patients) writer: &'a Principal,
    pub(in crate::patients) now: DateTime<Utc>,
}

/// Why a fact was not read, recorded or changed.
#[derive(Debug, thiserror::Error)]
pub(in crate::patients) enum FactError {
    #[error("no such patient, or no such fact")]
    NotFound,
    #[error("{0}")]
    NotAllowed(&'static str),
    #[error("fields that cannot be")]
    Invalid(Vec<FieldError>),
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for FactError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NotAllowed(reason) => Problem::new(&problem::NOT_ALLOWED).detail(reason),
            Self::Invalid(errors) => Problem::invalid(errors),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

impl FactError {
    /// Succeeds when there are no errors.
    pub(in crate::patients) fn unless_empty(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(errors))
        }
    }
}

/// Adds an error for each of these moments that is still to come.
pub(in crate::patients) fn require_past<Moment: PartialOrd, const COUNT: usize>(
    moments: [(&'static str, Option<Moment>); COUNT],
    latest: &Moment,
    errors: &mut Vec<FieldError>,
) {
    for (pointer, moment) in moments {
        if moment.is_some_and(|moment| moment > *latest) {
            errors.push(FieldError::new(pointer, "lies in the future"));
        }
    }
}
