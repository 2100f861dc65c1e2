//! Taking over days that were written down elsewhere: on paper, or in an app.
//!
//! Staff only. Each line stands for itself: those that can be taken are, the others are named with what is
//! wrong. A day that has an entry stays as it is, so that the same diary can be sent again. A dry run
//! writes nothing and says the same.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};

use crate::patients::{PatientId, person_id};
use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::etag::Version;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};

use super::diary::{Day, DiaryEntry, DiaryEntryId, TakenOver};
use super::store;
use super::today::today;

action!(
    /// Taking over a diary that was kept elsewhere.
    ImportDiary, "diary.import", record, [Provider, Assistant]
);

/// So far back a diary is taken over.
const LONGEST_DIARY: Days = Days::new(731);

/// A line of a diary: a day, or what is wrong with it.
pub(crate) type Line = Result<(NaiveDate, Day), Vec<FieldError>>;

/// What is to be taken over.
pub(crate) struct ImportedDiary {
    /// Such as a paper diary, or the name of an app.
    pub(crate) source: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) is_dry_run: bool,
}

/// What became of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LineOutcome {
    Taken(NaiveDate),
    /// The day has an entry already.
    Kept(NaiveDate),
    Refused(Vec<FieldError>),
}

/// Why no diary was taken over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("no such patient")]
    NotFound,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for ImportError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::Database(error) => error.into(),
        }
    }
}

/// Takes the days over that have no entry yet, and says what became of each line.
pub(crate) async fn import_diary(
    transaction: &Transaction<'_, ImportDiary>,
    patient_id: PatientId,
    diary: ImportedDiary,
) -> Result<Vec<LineOutcome>, ImportError> {
    let person_id = person_id(transaction, patient_id).await?;
    let person_id = person_id.ok_or(ImportError::NotFound)?;
    let (today, now) = (today(transaction).await?, transaction.now());
    let days: Vec<NaiveDate> = diary.lines.iter().flatten().map(|line| line.0).collect();
    let recorded = store::diary::recorded_days(transaction, patient_id, &days).await?;
    let mut recorded: HashSet<NaiveDate> = recorded.into_iter().collect();
    let mut outcomes = Vec::new();
    for line in diary.lines {
        outcomes.push(match line.and_then(|line| in_time(line, today)) {
            Err(errors) => LineOutcome::Refused(errors),
            Ok((date, _)) if !recorded.insert(date) => LineOutcome::Kept(date),
            Ok((date, day)) => {
                let entry = DiaryEntry {
                    id: DiaryEntryId::fresh(now),
                    patient_id,
                    person_id,
                    entry_date: date,
                    migraine: day.is_migraine(),
                    day,
                    taken_over: Some(TakenOver {
                        source: diary.source.clone(),
                        by: transaction.principal().user_id,
                    }),
                    version: Version::FIRST,
                    updated_at: now,
                };
                if diary.is_dry_run || store::diary::insert(transaction, &entry).await? {
                    LineOutcome::Taken(date)
                } else {
                    LineOutcome::Kept(date)
                }
            }
        });
    }
    transaction.touch("diary", patient_id, patient_id);
    Ok(outcomes)
}

fn in_time((date, day): (NaiveDate, Day), today: NaiveDate) -> Line {
    let earliest = today.checked_sub_days(LONGEST_DIARY).unwrap_or(today);
    let refused = |detail: String| Err(vec![FieldError::new("/entry_date", detail)]);
    if date > today {
        return refused(format!("lies in the future; it must be {today} or earlier"));
    }
    if date < earliest {
        return refused(format!("lies too far back; it must be {earliest} or later"));
    }
    Ok((date, day))
}
