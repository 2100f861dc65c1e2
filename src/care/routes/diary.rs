//! The diary over HTTP.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, post, put};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::care::diary::{Day, DiaryEntry, DiaryEntryId, DiarySpan, Feature, Medicine, Trigger};
use crate::care::diary_table::{TableLine, read_table};
use crate::care::import_diary::{
    ImportDiary, ImportError, ImportedDiary, Line, LineOutcome, import_diary,
};
use crate::care::keep_diary::{
    DiaryError, ReadDiary, WriteDiary, correct_day, read_day, read_diary, record_day,
};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::csv_or_json::CsvOrJson;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::{Json, read_value};
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query, parse_id};
use crate::platform::text::text_enum;

/// Adds the operations on the diary.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_entries)
        .service(write_entry)
        .service(get_entry)
        .service(rewrite_entry)
        .service(import_entries);
}

/// The day of a patient that a path names.
struct DayPath {
    patient_id: PatientId,
    date: NaiveDate,
}

impl FromRequest for DayPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let patient_id = request.match_info().get("patient_id").and_then(parse_id);
        let date = request.match_info().get("entry_date").and_then(parse_date);
        let path = patient_id.zip(date).map(|(patient_id, date)| Self {
            patient_id: patient_id.into(),
            date,
        });
        ready(path.ok_or_else(|| Problem::new(&problem::NOT_FOUND)))
    }
}

/// Only the one spelling: others would be second names of one day.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// A day in the diary.
#[derive(Serialize, ToSchema)]
struct DiaryEntryBody {
    id: DiaryEntryId,
    patient_id: PatientId,
    entry_date: NaiveDate,
    headache: bool,
    /// Whether it counts as a migraine day.
    migraine: bool,
    features: Vec<Feature>,
    peak_pain_nrs: Option<i16>,
    duration_minutes: Option<i32>,
    medications: Vec<Medicine>,
    triggers: Vec<Trigger>,
    sleep_hours: Option<ExactDecimal>,
    stress_nrs: Option<i16>,
    note: Option<String>,
    /// Whether staff took the day over afterwards.
    retrospective: bool,
    /// Where it was taken over from; null for a day written in time.
    source: Option<String>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<DiaryEntry> for DiaryEntryBody {
    fn from(entry: DiaryEntry) -> Self {
        let day = entry.day;
        Self {
            id: entry.id,
            patient_id: entry.person_id,
            entry_date: entry.entry_date,
            headache: day.headache,
            migraine: entry.migraine,
            features: day.features,
            peak_pain_nrs: day.peak_pain_nrs,
            duration_minutes: day.duration_minutes,
            medications: day.medicines,
            triggers: day.triggers,
            sleep_hours: day.sleep_hours.map(ExactDecimal),
            stress_nrs: day.stress_nrs,
            note: day.note,
            retrospective: entry.taken_over.is_some(),
            source: entry.taken_over.map(|from| from.source),
            version: entry.version,
            updated_at: entry.updated_at,
        }
    }
}

/// What a patient writes about a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DiaryDayBody {
    headache: bool,
    /// What the patient calls it; judged by features and medicines where it is left out.
    migraine: Option<bool>,
    #[schema(max_items = 8)]
    features: Option<Vec<Feature>>,
    #[schema(minimum = 0, maximum = 10)]
    peak_pain_nrs: Option<i16>,
    #[schema(minimum = 0, maximum = 1440)]
    duration_minutes: Option<i32>,
    #[schema(max_items = 20)]
    medications: Option<Vec<Medicine>>,
    #[schema(max_items = 9)]
    triggers: Option<Vec<Trigger>>,
    /// 0 to 24, with at most one decimal.
    sleep_hours: Option<ExactDecimal>,
    #[schema(minimum = 0, maximum = 10)]
    stress_nrs: Option<i16>,
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

/// A day as it is written for the first time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WriteDiaryEntryBody {
    entry_date: NaiveDate,
    headache: bool,
    /// What the patient calls it; judged by features and medicines where it is left out.
    migraine: Option<bool>,
    #[schema(max_items = 8)]
    features: Option<Vec<Feature>>,
    #[schema(minimum = 0, maximum = 10)]
    peak_pain_nrs: Option<i16>,
    #[schema(minimum = 0, maximum = 1440)]
    duration_minutes: Option<i32>,
    #[schema(max_items = 20)]
    medications: Option<Vec<Medicine>>,
    #[schema(max_items = 9)]
    triggers: Option<Vec<Trigger>>,
    /// 0 to 24, with at most one decimal.
    sleep_hours: Option<ExactDecimal>,
    #[schema(minimum = 0, maximum = 10)]
    stress_nrs: Option<i16>,
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

impl WriteDiaryEntryBody {
    fn split(self) -> (NaiveDate, DiaryDayBody) {
        let day = DiaryDayBody {
            headache: self.headache,
            migraine: self.migraine,
            features: self.features,
            peak_pain_nrs: self.peak_pain_nrs,
            duration_minutes: self.duration_minutes,
            medications: self.medications,
            triggers: self.triggers,
            sleep_hours: self.sleep_hours,
            stress_nrs: self.stress_nrs,
            note: self.note,
        };
        (self.entry_date, day)
    }
}

fn each_once<T: Ord>(words: Option<Vec<T>>) -> Vec<T> {
    let mut words = words.unwrap_or_default();
    words.sort_unstable();
    words.dedup();
    words
}

impl DiaryDayBody {
    fn day(self) -> Result<Day, Problem> {
        let mut errors = Vec::new();
        let day_hours = Decimal::ZERO..=Decimal::from(24);
        if self
            .sleep_hours
            .is_some_and(|hours| !day_hours.contains(&hours.0) || hours.0.scale() > 1)
        {
            errors.push(FieldError::new(
                "/sleep_hours",
                "must be 0 to 24 with one decimal",
            ));
        }
        if self.migraine == Some(true) && !self.headache {
            errors.push(FieldError::new(
                "/migraine",
                "is a headache, too: set headache",
            ));
        }
        if self.peak_pain_nrs.is_some_and(|pain| pain > 0) && !self.headache {
            errors.push(FieldError::new(
                "/peak_pain_nrs",
                "is a headache, too: set headache",
            ));
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(Day {
            headache: self.headache,
            called_migraine: self.migraine,
            features: each_once(self.features),
            peak_pain_nrs: self.peak_pain_nrs,
            duration_minutes: self.duration_minutes,
            medicines: self.medications.unwrap_or_default(),
            triggers: each_once(self.triggers),
            sleep_hours: self.sleep_hours.map(|hours| hours.0),
            stress_nrs: self.stress_nrs,
            note: self.note,
        })
    }
}

/// Which days are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListDiaryQuery {
    /// First day.
    #[param(nullable = false)]
    from: Option<NaiveDate>,
    /// Last day.
    #[param(nullable = false)]
    to: Option<NaiveDate>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// A patient's diary, the latest day first.
#[utoipa::path(
    operation_id = "listDiary", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ListDiaryQuery),
    responses((status = 200, description = "Days.", body = Page<DiaryEntryBody>), Refused<ReadDiaryRefused>)
)]
#[get("/patients/{patient_id}/diary")]
async fn list_entries(
    permit: Permit<ReadDiary>,
    patient_id: PathId<PatientId>,
    query: Query<ListDiaryQuery>,
) -> Result<Answer, Problem> {
    let window: Window<NaiveDate> = Window::new(query.limit, query.cursor.as_ref())?;
    let span = DiarySpan {
        from: query.from,
        to: query.to,
    };
    permit
        .transaction(async |transaction| {
            let entries = read_diary(transaction, patient_id.0, &span, &window).await?;
            let key = |entry: &DiaryEntry| entry.entry_date;
            Answer::ok(&Page::of(entries, window.size, key, DiaryEntryBody::from))
        })
        .await
}

/// Reading the diary has no refusal of its own.
struct ReadDiaryRefused;

impl problem::Refusal for ReadDiaryRefused {
    const TYPES: &'static [&'static problem::ProblemType] = &[];

    fn problem(self) -> Problem {
        Problem::new(&problem::NOT_FOUND)
    }
}

/// Writes the entry of a day that has none; for two weeks back, and never ahead.
#[utoipa::path(
    operation_id = "writeDiaryEntry", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), Once),
    request_body = WriteDiaryEntryBody,
    responses((status = 201, description = "Written.", body = DiaryEntryBody), Refused<DiaryError>)
)]
#[post("/patients/{patient_id}/diary")]
async fn write_entry(
    permit: Permit<WriteDiary>,
    patient_id: PathId<PatientId>,
    once: Once,
    body: Json<WriteDiaryEntryBody>,
) -> Result<Answer, Problem> {
    let fingerprint = body.fingerprint();
    let (date, day) = body.into_inner().split();
    let day = day.day()?;
    permit
        .once(&once, fingerprint, async |transaction| {
            let entry = record_day(transaction, patient_id.0, date, day.clone()).await?;
            let version = entry.version;
            let location = format!("/api/v1/patients/{}/diary/{date}", patient_id.0);
            Ok(Answer::created(&DiaryEntryBody::from(entry), location)?.version(version))
        })
        .await
}

/// Reads the entry of a day.
#[utoipa::path(
    operation_id = "getDiaryEntry", tag = "care", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("entry_date" = NaiveDate, Path, description = "The day."),
    ),
    responses((status = 200, description = "The entry.", body = DiaryEntryBody), Refused<ReadDiaryRefused>)
)]
#[get("/patients/{patient_id}/diary/{entry_date}")]
async fn get_entry(permit: Permit<ReadDiary>, path: DayPath) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let entry = read_day(transaction, path.patient_id, path.date).await?;
            let version = entry.version;
            Ok(Answer::ok(&DiaryEntryBody::from(entry))?.version(version))
        })
        .await
}

/// Rewrites the entry of a day, for two weeks back.
#[utoipa::path(
    operation_id = "rewriteDiaryEntry", tag = "care", context_path = "/api/v1",
    params(
        ("patient_id" = PatientId, Path, description = "The patient."),
        ("entry_date" = NaiveDate, Path, description = "The day."),
        IfMatch,
    ),
    request_body = DiaryDayBody,
    responses((status = 200, description = "As it is now.", body = DiaryEntryBody), Refused<DiaryError>)
)]
#[put("/patients/{patient_id}/diary/{entry_date}")]
async fn rewrite_entry(
    permit: Permit<WriteDiary>,
    path: DayPath,
    if_match: IfMatch,
    body: Json<DiaryDayBody>,
) -> Result<Answer, Problem> {
    let day = body.into_inner().day()?;
    permit
        .transaction(async |transaction| {
            let place = (path.patient_id, path.date);
            let entry = correct_day(transaction, place, &if_match, day.clone()).await?;
            let version = entry.version;
            Ok(Answer::ok(&DiaryEntryBody::from(entry))?.version(version))
        })
        .await
}

/// Whether to try it only.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportDiaryQuery {
    /// Writes nothing, and says what would become of each line.
    #[param(nullable = false)]
    dry_run: Option<bool>,
    /// Where a table in CSV comes from, such as the name of an app. JSON says it in `source`.
    #[param(
        nullable = false,
        min_length = 1,
        max_length = 200,
        example = "Migraine app"
    )]
    source: Option<String>,
}

/// A diary that was kept elsewhere.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ImportDiaryBody {
    /// Such as a paper diary, or the name of an app.
    #[schema(min_length = 1, max_length = 200, example = "Paper diary")]
    source: String,
    /// Days as they are written for the first time. Each stands for itself: a faulty one keeps no other back.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 800)]
    entries: Vec<serde_json::Value>,
}

text_enum! {
    /// What became of a line.
    enum ImportedLineStatus {
        Taken = "taken",
        /// The day has an entry already, which stays.
        AlreadyRecorded = "already_recorded",
        Refused = "refused",
    }
}

/// What became of a line.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedDiaryLine)]
struct ImportedLineBody {
    /// Its place in `entries`, from 0.
    index: usize,
    /// Its line in the table, where the names are line 1; null for JSON.
    line: Option<u64>,
    status: ImportedLineStatus,
    /// The day; null where it could not be read.
    entry_date: Option<NaiveDate>,
    /// What is wrong with it.
    errors: Vec<FieldError>,
}

impl ImportedLineBody {
    fn new(index: usize, line: Option<u64>, outcome: LineOutcome) -> Self {
        let (status, entry_date, errors) = match outcome {
            LineOutcome::Taken(date) => (ImportedLineStatus::Taken, Some(date), Vec::new()),
            LineOutcome::Kept(date) => {
                (ImportedLineStatus::AlreadyRecorded, Some(date), Vec::new())
            }
            LineOutcome::Refused(errors) => (ImportedLineStatus::Refused, None, errors),
        };
        let at = |error: FieldError| {
            FieldError::new(format!("/entries/{index}{}", error.pointer), error.detail)
        };
        Self {
            index,
            line,
            status,
            entry_date,
            errors: errors.into_iter().map(at).collect(),
        }
    }
}

/// What became of a diary that was kept elsewhere.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedDiary)]
struct ImportedDiaryBody {
    dry_run: bool,
    /// How many days were taken over, or would be.
    taken: usize,
    lines: Vec<ImportedLineBody>,
}

/// A diary as it was sent.
struct SentDiary {
    source: String,
    lines: Vec<Line>,
    /// The lines of a table, in the same order.
    numbers: Option<Vec<u64>>,
}

const A_TABLE: &str = "A table in CSV";

/// A line as an entry is judged.
fn read_line(entry: &serde_json::Value) -> Line {
    let read = || {
        let sent: WriteDiaryEntryBody = read_value(entry.clone())?;
        let (date, day) = sent.split();
        Ok((date, day.day()?))
    };
    read().map_err(|problem: Problem| problem.faults().to_vec())
}

impl SentDiary {
    fn read(body: &CsvOrJson<ImportDiaryBody>, source: Option<&str>) -> Result<Self, Problem> {
        match body {
            CsvOrJson::Json(_) if source.is_some() => {
                let detail = "is for a table in CSV; say it in the body";
                Err(Problem::field("/source", detail))
            }
            CsvOrJson::Json(body) => Ok(Self {
                source: body.source.clone(),
                lines: body.entries.iter().map(read_line).collect(),
                numbers: None,
            }),
            CsvOrJson::Csv(bytes) => {
                let table = read_table(bytes).map_err(Problem::invalid)?;
                let numbers = table.iter().map(|line| line.number).collect();
                let line = |line: TableLine| line.entry.and_then(|entry| read_line(&entry));
                Ok(Self {
                    source: source.unwrap_or(A_TABLE).to_owned(),
                    lines: table.into_iter().map(line).collect(),
                    numbers: Some(numbers),
                })
            }
        }
    }
}

/// Takes over days that were written down elsewhere. Staff only.
///
/// Each line stands for itself: those that can be taken are, marked as retrospective, and the others are
/// named with what is wrong. A day that has an entry stays as it is, so the same diary can be sent again.
/// A table in CSV has the names of the fields in its first line; several words in a cell are divided by
/// semicolons, and a medicine is `name:class` or `name:class:doses`.
#[utoipa::path(
    operation_id = "importDiary", tag = "care", context_path = "/api/v1",
    params(("patient_id" = PatientId, Path, description = "The patient."), ImportDiaryQuery),
    request_body(content((ImportDiaryBody = "application/json"), (String = "text/csv"))),
    responses((status = 200, description = "What became of each line.", body = ImportedDiaryBody), Refused<ImportError>)
)]
#[post("/patients/{patient_id}/diary/import")]
async fn import_entries(
    permit: Permit<ImportDiary>,
    patient_id: PathId<PatientId>,
    query: Query<ImportDiaryQuery>,
    body: CsvOrJson<ImportDiaryBody>,
) -> Result<Answer, Problem> {
    let dry_run = query.dry_run.unwrap_or(false);
    let sent = SentDiary::read(&body, query.source.as_deref())?;
    permit
        .transaction(async |transaction| {
            let diary = ImportedDiary {
                source: sent.source.clone(),
                lines: sent.lines.clone(),
                is_dry_run: dry_run,
            };
            let outcomes = import_diary(transaction, patient_id.0, diary).await?;
            let lines = outcomes.into_iter().enumerate();
            let lines: Vec<ImportedLineBody> = lines
                .map(|(index, outcome)| {
                    let numbers = sent.numbers.as_ref();
                    let line = numbers.and_then(|numbers| numbers.get(index)).copied();
                    ImportedLineBody::new(index, line, outcome)
                })
                .collect();
            let taken = lines
                .iter()
                .filter(|line| line.status == ImportedLineStatus::Taken);
            Answer::ok(&ImportedDiaryBody {
                dry_run,
                taken: taken.count(),
                lines,
            })
        })
        .await
}
