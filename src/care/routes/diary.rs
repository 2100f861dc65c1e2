//! The diary over HTTP.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, post, put};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::care::diary::{Day, DiaryEntry, DiaryEntryId, DiarySpan, Feature, Medicine, Trigger};
use crate::care::keep_diary::{
    DiaryError, ReadDiary, WriteDiary, correct_day, read_day, read_diary, record_day,
};
use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{self, FieldError, Problem, Refused};
use crate::platform::query::{PathId, Query, parse_id};

/// Adds the operations on the diary.
pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_entries)
        .service(write_entry)
        .service(get_entry)
        .service(rewrite_entry);
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
