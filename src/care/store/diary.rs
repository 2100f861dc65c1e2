//! Rows of the diary.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::care::diary::{Day, DiaryEntry, DiaryEntryId, DiarySpan, Feature, TakenOver, Trigger};
use crate::patients::{PatientId, PersonIdOf, person_id_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::schema::diary_entries::dsl;

use super::protocols::{read_json, write_json};

#[derive(HasQuery)]
#[diesel(table_name = crate::schema::diary_entries)]
struct EntryRow {
    id: DiaryEntryId,
    patient_id: PatientId,
    #[diesel(select_expression = person_id_of!("diary_entries"))]
    #[diesel(select_expression_type = PersonIdOf)]
    person_id: PatientId,
    entry_date: NaiveDate,
    headache: bool,
    migraine: bool,
    features: Vec<Option<Feature>>,
    peak_pain_nrs: Option<i16>,
    duration_minutes: Option<i32>,
    medications: serde_json::Value,
    triggers: Vec<Option<Trigger>>,
    sleep_hours: Option<ExactDecimal>,
    stress_nrs: Option<i16>,
    note: Option<String>,
    import_source: Option<String>,
    imported_by: Option<Uuid>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl TryFrom<EntryRow> for DiaryEntry {
    type Error = diesel::result::Error;

    fn try_from(row: EntryRow) -> QueryResult<Self> {
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            person_id: row.person_id,
            entry_date: row.entry_date,
            day: Day {
                headache: row.headache,
                called_migraine: Some(row.migraine),
                features: row.features.into_iter().flatten().collect(),
                peak_pain_nrs: row.peak_pain_nrs,
                duration_minutes: row.duration_minutes,
                medicines: read_json(row.medications)?,
                triggers: row.triggers.into_iter().flatten().collect(),
                sleep_hours: row.sleep_hours.map(|hours| hours.0),
                stress_nrs: row.stress_nrs,
                note: row.note,
            },
            migraine: row.migraine,
            taken_over: row
                .import_source
                .zip(row.imported_by)
                .map(|(source, by)| TakenOver { source, by }),
            version: row.version,
            updated_at: row.updated_at,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::diary_entries, primary_key(practice_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow<'a> {
    practice_id: Uuid,
    id: DiaryEntryId,
    patient_id: PatientId,
    entry_date: NaiveDate,
    headache: bool,
    migraine: bool,
    features: Vec<Option<Feature>>,
    peak_pain_nrs: Option<i16>,
    duration_minutes: Option<i32>,
    medications: serde_json::Value,
    triggers: Vec<Option<Trigger>>,
    sleep_hours: Option<ExactDecimal>,
    stress_nrs: Option<i16>,
    note: Option<&'a str>,
    import_source: Option<&'a str>,
    imported_by: Option<Uuid>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> WrittenRow<'a> {
    fn new(practice_id: Uuid, entry: &'a DiaryEntry) -> QueryResult<Self> {
        let day = &entry.day;
        Ok(Self {
            practice_id,
            id: entry.id,
            patient_id: entry.patient_id,
            entry_date: entry.entry_date,
            headache: day.headache,
            migraine: entry.migraine,
            features: day.features.iter().copied().map(Some).collect(),
            peak_pain_nrs: day.peak_pain_nrs,
            duration_minutes: day.duration_minutes,
            medications: write_json(&day.medicines)?,
            triggers: day.triggers.iter().copied().map(Some).collect(),
            sleep_hours: day.sleep_hours.map(ExactDecimal),
            stress_nrs: day.stress_nrs,
            note: day.note.as_deref(),
            import_source: entry.taken_over.as_ref().map(|from| from.source.as_str()),
            imported_by: entry.taken_over.as_ref().map(|from| from.by),
            version: entry.version,
            updated_at: entry.updated_at,
        })
    }
}

/// Writes a new entry, unless the day has one.
pub(crate) async fn insert(transaction: &OpenTransaction<'_>, entry: &DiaryEntry) -> Stored<bool> {
    let row = WrittenRow::new(transaction.practice_id(), entry)?;
    let written = diesel::insert_into(dsl::diary_entries)
        .values((&row, dsl::created_at.eq(transaction.now())))
        .on_conflict((dsl::practice_id, dsl::patient_id, dsl::entry_date))
        .do_nothing()
        .execute(&mut transaction.connection())
        .await?;
    Ok(written == 1)
}

pub(crate) async fn record(transaction: &OpenTransaction<'_>, entry: &DiaryEntry) -> Stored<()> {
    let row = WrittenRow::new(transaction.practice_id(), entry)?;
    diesel::update(dsl::diary_entries)
        .filter(dsl::practice_id.eq(row.practice_id))
        .filter(dsl::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    date: NaiveDate,
) -> Stored<Option<DiaryEntry>> {
    let row = EntryRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::entry_date.eq(date))
        .order(dsl::updated_at.desc())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(DiaryEntry::try_from).transpose()?)
}

pub(crate) async fn lock(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    date: NaiveDate,
) -> Stored<Option<DiaryEntry>> {
    let of_day = || {
        dsl::diary_entries
            .filter(dsl::practice_id.eq(transaction.practice_id()))
            .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
            .filter(dsl::entry_date.eq(date))
    };
    // A distributed Postgres takes no look-up of another table in a statement that locks.
    let lock = async {
        let locked = of_day().select(dsl::id).for_update();
        locked.execute(&mut transaction.connection()).await
    };
    let read = async {
        let entry = of_day().select(EntryRow::as_select());
        let latest = entry.order(dsl::updated_at.desc());
        latest.first(&mut transaction.connection()).await.optional()
    };
    let (_, row) = pipelined!(lock, read)?;
    Ok(row.map(DiaryEntry::try_from).transpose()?)
}

/// Entries of a span, the latest first; a patient has one a day, so the date is the whole key.
pub(crate) async fn list(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    span: &DiarySpan,
    window: &Window<NaiveDate>,
) -> Stored<Vec<DiaryEntry>> {
    let mut query = EntryRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        // Merged records may each have an entry on a day; the latest one counts.
        .distinct_on(dsl::entry_date)
        .order((dsl::entry_date.desc(), dsl::updated_at.desc()))
        .limit(window.probe())
        .into_boxed();
    if let Some(from) = span.from {
        query = query.filter(dsl::entry_date.ge(from));
    }
    if let Some(to) = span.to {
        query = query.filter(dsl::entry_date.le(to));
    }
    if let Some(after) = window.after {
        query = query.filter(dsl::entry_date.lt(after));
    }
    let rows = query
        .load::<EntryRow>(&mut transaction.connection())
        .await?;
    Ok(rows
        .into_iter()
        .map(DiaryEntry::try_from)
        .collect::<QueryResult<Vec<DiaryEntry>>>()?)
}

/// Which of these days have an entry already.
pub(crate) async fn recorded_days(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    days: &[NaiveDate],
) -> Stored<Vec<NaiveDate>> {
    Ok(dsl::diary_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::entry_date.eq_any(days))
        .select(dsl::entry_date)
        .load(&mut transaction.connection())
        .await?)
}
