//! Merging two records of one person, and taking that back.

use uuid::Uuid;

use crate::care::{TreatmentPlanId, active_plans};
use crate::identity::{LinkRecords, link_merged, unlink_merged};
use crate::patients::{
    self, Patient, PatientId, RecordPair, join_records, lock_pair, part_records, person_id,
    record_ids,
};
use crate::platform::access::{May, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale};
use crate::platform::problem::{self, Member, Problem, ProblemType, Refusal, Shape};
use crate::scheduling::{AppointmentId, book_for_person, book_for_record, overlapping};

action!(
    /// Merging two records of one person.
    Merge, "patients.merge", record, [Admin, FrontDesk]
);
action!(
    /// Taking a merge back.
    Unmerge, "patients.unmerge", record, [Admin, FrontDesk]
);

impl May<LinkRecords> for Merge {}
impl May<LinkRecords> for Unmerge {}

/// Why records were not merged, or a merge was not taken back.
#[derive(Debug, thiserror::Error)]
pub(super) enum MergeError {
    #[error("no such patient")]
    NotFound,
    #[error("no such duplicate")]
    UnknownDuplicate,
    #[error("a record cannot be a duplicate of itself")]
    Itself,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("merged already")]
    AlreadyMerged(PatientId),
    #[error("not merged into this record")]
    NotMerged,
    #[error("the person would be in two places at once, or follow two plans")]
    Conflict(MergeConflict),
    #[error(transparent)]
    Database(DatabaseError),
}

/// What must be settled before two records can be one person.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct MergeConflict {
    /// Appointments to come that overlap.
    pub(super) appointment_ids: Vec<AppointmentId>,
    /// Active treatment plans, where each record has one.
    pub(super) treatment_plan_ids: Vec<TreatmentPlanId>,
}

impl From<DatabaseError> for MergeError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("resource_bookings_no_overlap") {
            // An appointment was booked after the conflicts were read.
            Self::Conflict(MergeConflict::default())
        } else {
            Self::Database(error)
        }
    }
}

static ALREADY_MERGED: ProblemType = ProblemType::new(
    "already-merged",
    409,
    "One of the records is merged already",
)
.with(&[Member::new(
    "merged_into",
    Shape::Id,
    "The record with which it was merged.",
)]);
static NOT_MERGED: ProblemType = ProblemType::new(
    "not-merged",
    409,
    "The duplicate is not merged into this record",
);
static MERGE_CONFLICT: ProblemType = ProblemType::new(
    "merge-conflict",
    409,
    "What is planned for the two records cannot be one person's",
)
.with(&[
    Member::new(
        "appointment_ids",
        Shape::Ids,
        "Appointments at the same time.",
    ),
    Member::new(
        "treatment_plan_ids",
        Shape::Ids,
        "Treatment plans that are both active.",
    ),
]);

impl Refusal for MergeError {
    const TYPES: &'static [&'static ProblemType] = &[&ALREADY_MERGED, &NOT_MERGED, &MERGE_CONFLICT];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::UnknownDuplicate => Problem::field("/duplicate_id", "names no patient here"),
            Self::Itself => Problem::field(
                "/duplicate_id",
                "names the record itself; it must name another one",
            ),
            Self::Stale(stale) => stale.problem(),
            Self::AlreadyMerged(person_id) => {
                Problem::new(&ALREADY_MERGED).member("merged_into", person_id)
            }
            Self::NotMerged => Problem::new(&NOT_MERGED),
            Self::Conflict(conflict) => Problem::new(&MERGE_CONFLICT)
                .detail("Move or cancel the appointments, and close one of the plans.")
                .member("appointment_ids", conflict.appointment_ids)
                .member("treatment_plan_ids", conflict.treatment_plan_ids),
            Self::Database(error) => error.into(),
        }
    }
}

/// Makes one record stand for the person of both.
pub(super) async fn merge(
    transaction: &Transaction<'_, Merge>,
    patient_id: PatientId,
    if_match: &IfMatch,
    duplicate_id: PatientId,
) -> Result<Patient, MergeError> {
    let pair = pair(transaction, patient_id, duplicate_id).await?;
    for record in [&pair.patient, &pair.duplicate] {
        if let Some(person_id) = record.merged_into_id {
            return Err(MergeError::AlreadyMerged(person_id));
        }
    }
    if_match.require(pair.patient.version)?;
    let conflict = conflicts(transaction, patient_id, duplicate_id).await?;
    if conflict != MergeConflict::default() {
        return Err(MergeError::Conflict(conflict));
    }
    let merge_id = join_records(transaction, &pair).await?;
    book_for_person(transaction, duplicate_id, patient_id).await?;
    let records = record_ids(transaction, patient_id).await?;
    let records: Vec<Uuid> = records.into_iter().map(PatientId::uuid).collect();
    link_merged(transaction, merge_id, &records).await?;
    finish(transaction, &pair).await
}

/// Appointments to come that overlap, and the active plans when both records have one. Read before
/// the records are joined, while each of them still stands for itself.
async fn conflicts(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    duplicate_id: PatientId,
) -> Stored<MergeConflict> {
    let appointment_ids = overlapping(transaction, patient_id, duplicate_id).await?;
    let plans = active_plans(transaction, [patient_id, duplicate_id]).await?;
    Ok(MergeConflict {
        appointment_ids,
        treatment_plan_ids: if plans.len() > 1 { plans } else { Vec::new() },
    })
}

/// Takes a merge back: the duplicate is a person of its own again, as it was.
pub(super) async fn unmerge(
    transaction: &Transaction<'_, Unmerge>,
    patient_id: PatientId,
    if_match: &IfMatch,
    duplicate_id: PatientId,
) -> Result<Patient, MergeError> {
    let pair = pair(transaction, patient_id, duplicate_id).await?;
    if_match.require(pair.patient.version)?;
    let parted = part_records(transaction, &pair).await?;
    let (merge_id, records) = parted.ok_or(MergeError::NotMerged)?;
    book_for_record(transaction, &records, duplicate_id).await?;
    unlink_merged(transaction, merge_id).await?;
    finish(transaction, &pair).await
}

async fn pair(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    duplicate_id: PatientId,
) -> Result<RecordPair, MergeError> {
    if let Some(pair) = lock_pair(transaction, patient_id, duplicate_id).await? {
        return Ok(pair);
    }
    Err(match person_id(transaction, patient_id).await? {
        Some(_) if patient_id == duplicate_id => MergeError::Itself,
        Some(_) => MergeError::UnknownDuplicate,
        None => MergeError::NotFound,
    })
}

/// Notes the change of both records in the audit trail and returns the first as it is now.
async fn finish(
    transaction: &OpenTransaction<'_>,
    pair: &RecordPair,
) -> Result<Patient, MergeError> {
    for id in [pair.patient.id, pair.duplicate.id] {
        transaction.touch("patient", id, id);
    }
    let patient = patients::find(transaction, pair.patient.id).await?;
    patient.ok_or(MergeError::NotFound)
}
