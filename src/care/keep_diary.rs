//! Reading and writing the headache diary.

use chrono::NaiveDate;

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, OpenTransaction, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::diary::{BACK_FILL_DAYS, Day, DiaryEntry, DiaryEntryId, DiarySpan, Writable, writable};
use super::store;
use super::today::today;

action!(
    /// Reading a patient's diary.
    ReadDiary, "diary.read", record, [Provider, Assistant, Patient]
);
action!(
    /// Writing into a patient's diary.
    WriteDiary, "diary.write", record, [Provider, Assistant, Patient]
);

/// Why the diary was not read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiaryError {
    #[error("no such patient or entry")]
    NotFound,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error("the day has an entry")]
    DayRecorded,
    #[error("the day lies ahead")]
    NotYet,
    #[error("the day lies too far back")]
    TooLate,
    #[error("the entry can no longer be changed")]
    Closed,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

static DAY_RECORDED: ProblemType =
    ProblemType::new("day-recorded", 409, "This day has an entry already");
static DIARY_CLOSED: ProblemType = ProblemType::new(
    "diary-closed",
    409,
    "The entry of this day can no longer be changed",
);

impl Refusal for DiaryError {
    const TYPES: &'static [&'static ProblemType] = &[&DAY_RECORDED, &DIARY_CLOSED];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Stale(stale) => stale.problem(),
            Self::DayRecorded => {
                Problem::new(&DAY_RECORDED).detail("Change the entry of the day instead.")
            }
            Self::NotYet => Problem::field(
                "/entry_date",
                "lies in the future; it must be today or earlier",
            ),
            Self::TooLate => Problem::field(
                "/entry_date",
                format!("lies more than {BACK_FILL_DAYS} days back"),
            ),
            Self::Closed => Problem::new(&DIARY_CLOSED)
                .detail(format!("Entries can be changed for {BACK_FILL_DAYS} days.")),
            Self::Database(error) => error.into(),
        }
    }
}

/// Entries of a span, the latest first.
pub(crate) async fn read_diary(
    transaction: &Transaction<'_, ReadDiary>,
    patient_id: PatientId,
    span: &DiarySpan,
    window: &Window<NaiveDate>,
) -> Result<Vec<DiaryEntry>, DiaryError> {
    check_patient(transaction, patient_id).await?;
    let entries = store::diary::list(transaction, patient_id, span, window).await?;
    let touched = entries
        .iter()
        .map(|entry| (entry.id.uuid(), patient_id.uuid()));
    transaction.touch_all("diary_entry", touched);
    Ok(entries)
}

/// The entry of a day.
pub(crate) async fn read_day(
    transaction: &Transaction<'_, ReadDiary>,
    patient_id: PatientId,
    date: NaiveDate,
) -> Result<DiaryEntry, DiaryError> {
    let entry = store::diary::find(transaction, patient_id, date).await?;
    let entry = entry.ok_or(DiaryError::NotFound)?;
    transaction.touch("diary_entry", entry.id, patient_id);
    Ok(entry)
}

/// Writes the entry of a day that has none.
pub(crate) async fn record_day(
    transaction: &Transaction<'_, WriteDiary>,
    patient_id: PatientId,
    date: NaiveDate,
    day: Day,
) -> Result<DiaryEntry, DiaryError> {
    let person_id = check_patient(transaction, patient_id).await?;
    match writable(date, today(transaction).await?) {
        Writable::Yes => {}
        Writable::NotYet => return Err(DiaryError::NotYet),
        Writable::TooLate => return Err(DiaryError::TooLate),
    }
    let now = transaction.now();
    let entry = DiaryEntry {
        id: DiaryEntryId::fresh(now),
        patient_id,
        person_id,
        entry_date: date,
        migraine: day.is_migraine(),
        day,
        taken_over: None,
        version: Version::FIRST,
        updated_at: now,
    };
    if !store::diary::insert(transaction, &entry).await? {
        return Err(DiaryError::DayRecorded);
    }
    transaction.touch("diary_entry", entry.id, patient_id);
    Ok(entry)
}

/// Rewrites the entry of a day.
pub(crate) async fn correct_day(
    transaction: &Transaction<'_, WriteDiary>,
    (patient_id, date): (PatientId, NaiveDate),
    if_match: &IfMatch,
    day: Day,
) -> Result<DiaryEntry, DiaryError> {
    let entry = store::diary::lock(transaction, patient_id, date).await?;
    let entry = entry.ok_or(DiaryError::NotFound)?;
    if_match.require(entry.version)?;
    if writable(date, today(transaction).await?) != Writable::Yes {
        return Err(DiaryError::Closed);
    }
    let entry = DiaryEntry {
        migraine: day.is_migraine(),
        day,
        version: entry.version.next(),
        updated_at: transaction.now(),
        ..entry
    };
    store::diary::record(transaction, &entry).await?;
    transaction.touch("diary_entry", entry.id, patient_id);
    Ok(entry)
}

async fn check_patient(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Result<PatientId, DiaryError> {
    let person_id = person_id(transaction, patient_id).await?;
    person_id.ok_or(DiaryError::NotFound)
}
