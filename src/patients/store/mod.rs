//! Rows and queries of patients.

mod booking_facts;
mod consents;
mod latest_consent;
mod merges;
mod persons;

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Float, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::page::{Window, rows_after};
use crate::platform::prepared::{constant_sql, prepared};
use crate::practice::practice_zone;
use crate::schema::patients::dsl;

use super::patient::{DatePrecision, Death, Details, Patient, PatientId, SexAtBirth, Weight};
use super::phone::{number_digits, region_of};
use super::search::{Criteria, SearchKey};

pub(crate) use booking_facts::{await_review, end_review, note_needle};
pub(super) use consents::latest_consents;
pub(crate) use latest_consent::{LatestConsent, latest_consent};
pub(super) use merges::{insert_merge, lock_records, merged_below, point_records, undo_merge};
pub(crate) use persons::{
    Person, PersonIdIn, PersonIdOf, lock_person, person_id, person_id_of, person_of, persons,
    record_ids, records_of,
};

#[derive(HasQuery)]
#[diesel(table_name = crate::schema::patients)]
pub(super) struct PatientRow {
    id: PatientId,
    record_number: String,
    given_name: String,
    family_name: String,
    former_name: Option<String>,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    birth_date: NaiveDate,
    birth_date_estimated: bool,
    needs_interpreter: bool,
    insurance: Option<String>,
    died_on: Option<NaiveDate>,
    died_on_precision: Option<DatePrecision>,
    sex_at_birth: Option<SexAtBirth>,
    phone: Option<String>,
    email: Option<String>,
    address: Option<String>,
    preferred_language: Option<String>,
    weight_kg: Option<ExactDecimal>,
    weight_measured_at: Option<DateTime<Utc>>,
    archived_at: Option<DateTime<Utc>>,
    merged_into_id: Option<PatientId>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<PatientRow> for Patient {
    fn from(row: PatientRow) -> Self {
        Self {
            id: row.id,
            record_number: row.record_number,
            details: Details {
                given_name: row.given_name,
                family_name: row.family_name,
                former_name: row.former_name,
                preferred_name: row.preferred_name,
                pronouns: row.pronouns,
                birth_date_estimated: row.birth_date_estimated,
                needs_interpreter: row.needs_interpreter,
                insurance: row.insurance,
                birth_date: row.birth_date,
                sex_at_birth: row.sex_at_birth,
                phone: row.phone,
                email: row.email,
                address: row.address,
                preferred_language: row.preferred_language,
                weight: row
                    .weight_kg
                    .zip(row.weight_measured_at)
                    .map(|(kg, measured_at)| Weight {
                        kg: kg.0,
                        measured_at,
                    }),
            },
            archived_at: row.archived_at,
            death: row
                .died_on
                .zip(row.died_on_precision)
                .map(|(died_on, precision)| Death { died_on, precision }),
            merged_into_id: row.merged_into_id,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::patients, primary_key(practice_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow<'a> {
    practice_id: Uuid,
    id: PatientId,
    record_number: &'a str,
    given_name: &'a str,
    family_name: &'a str,
    former_name: Option<&'a str>,
    preferred_name: Option<&'a str>,
    pronouns: Option<&'a str>,
    search_name: String,
    birth_date: NaiveDate,
    birth_date_estimated: bool,
    needs_interpreter: bool,
    insurance: Option<&'a str>,
    died_on: Option<NaiveDate>,
    died_on_precision: Option<DatePrecision>,
    sex_at_birth: Option<SexAtBirth>,
    phone: Option<&'a str>,
    phone_digits: Option<String>,
    email: Option<&'a str>,
    address: Option<&'a str>,
    preferred_language: Option<&'a str>,
    weight_kg: Option<ExactDecimal>,
    weight_measured_at: Option<DateTime<Utc>>,
    archived_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl<'a> WrittenRow<'a> {
    fn new(practice_id: Uuid, patient: &'a Patient, phone_digits: Option<String>) -> Self {
        let details = &patient.details;
        Self {
            practice_id,
            id: patient.id,
            record_number: &patient.record_number,
            given_name: &details.given_name,
            family_name: &details.family_name,
            former_name: details.former_name.as_deref(),
            preferred_name: details.preferred_name.as_deref(),
            pronouns: details.pronouns.as_deref(),
            search_name: details.search_name(),
            birth_date: details.birth_date,
            birth_date_estimated: details.birth_date_estimated,
            needs_interpreter: details.needs_interpreter,
            insurance: details.insurance.as_deref(),
            died_on: patient.death.map(|death| death.died_on),
            died_on_precision: patient.death.map(|death| death.precision),
            sex_at_birth: details.sex_at_birth,
            phone: details.phone.as_deref(),
            phone_digits,
            email: details.email.as_deref(),
            address: details.address.as_deref(),
            preferred_language: details.preferred_language.as_deref(),
            weight_kg: details.weight.map(|weight| ExactDecimal(weight.kg)),
            weight_measured_at: details.weight.map(|weight| weight.measured_at),
            archived_at: patient.archived_at,
            version: patient.version,
            updated_at: patient.updated_at,
        }
    }
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, patient: &Patient) -> Stored<()> {
    let phone_digits = phone_digits(transaction, patient).await?;
    let row = WrittenRow::new(transaction.practice_id(), patient, phone_digits);
    diesel::insert_into(dsl::patients)
        .values((&row, dsl::created_at.eq(transaction.now())))
        .execute(&mut transaction.connection())
        .await?;
    learn_words(transaction, &row.search_name).await
}

/// The digits of the telephone number as they are compared, in the region of the practice.
async fn phone_digits(
    transaction: &OpenTransaction<'_>,
    patient: &Patient,
) -> Stored<Option<String>> {
    let Some(phone) = &patient.details.phone else {
        return Ok(None);
    };
    let zone = practice_zone(transaction).await?;
    Ok(number_digits(phone, region_of(zone.0)))
}

/// Keeps the words of a name, by which a misspelt one is corrected.
async fn learn_words(transaction: &OpenTransaction<'_>, search_name: &str) -> Stored<()> {
    use crate::schema::patient_name_words::dsl;
    // In one order, so that two of them wait for each other and not in a circle.
    let words: BTreeSet<&str> = search_name.split_whitespace().collect();
    let practice_id = transaction.practice_id();
    let rows: Vec<_> = words
        .into_iter()
        .map(|word| (dsl::practice_id.eq(practice_id), dsl::word.eq(word)))
        .collect();
    let insertion = diesel::insert_into(dsl::patient_name_words).values(rows);
    prepared(insertion.on_conflict_do_nothing())
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn record_update(
    transaction: &OpenTransaction<'_>,
    patient: &Patient,
) -> Stored<()> {
    let phone_digits = phone_digits(transaction, patient).await?;
    let row = WrittenRow::new(transaction.practice_id(), patient, phone_digits);
    diesel::update(dsl::patients)
        .filter(dsl::practice_id.eq(row.practice_id))
        .filter(dsl::id.eq(row.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    learn_words(transaction, &row.search_name).await
}

/// The record that stands for the person this id is a record of.
macro_rules! stands_for {
    ($transaction:expr, $id:expr) => {
        constant_sql::<Bool, 2>(
            [
                "patients.id = (SELECT asked.person_id FROM patients asked \
                 WHERE asked.practice_id = ",
                " AND asked.id = ",
            ],
            [$transaction.practice_id(), $id.uuid()],
            ")",
        )
    };
}

/// The record of a person, whichever of their records is named.
pub(crate) async fn find(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<Patient>> {
    let row = PatientRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(stands_for!(transaction, id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Patient::from))
}

/// As [`find`], with the record held until the transaction ends.
pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<Patient>> {
    let row = PatientRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(stands_for!(transaction, id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Patient::from))
}

/// The persons with a record that matches one known fact. Their ids are worked out first: a subquery
/// would be joined, and then the planner walks all names in order until it has a page.
macro_rules! known_by {
    ($transaction:expr, $column:literal, $value:expr) => {
        sql::<Bool>(
            "patients.id = ANY (ARRAY(SELECT said.person_id FROM patients said \
             WHERE said.practice_id = ",
        )
        .bind::<SqlUuid, _>($transaction.practice_id())
        .sql(concat!(" AND said.", $column, " = "))
        .bind::<Text, _>($value)
        .sql("))")
    };
}

/// The persons of whom this is a telephone number, or of whom a contact has it.
macro_rules! reached_by {
    ($transaction:expr, $forms:expr) => {
        sql::<Bool>(
            "patients.id = ANY (ARRAY(SELECT said.person_id FROM patients said \
             WHERE said.practice_id = ",
        )
        .bind::<SqlUuid, _>($transaction.practice_id())
        .sql(" AND said.phone_digits = ANY (")
        .bind::<Array<Text>, _>($forms)
        .sql(
            ") UNION SELECT said.person_id FROM patient_contacts known \
             JOIN patients said ON said.practice_id = known.practice_id AND said.id = known.patient_id \
             WHERE known.practice_id = ",
        )
        .bind::<SqlUuid, _>($transaction.practice_id())
        .sql(" AND known.phone_digits = ANY (")
        .bind::<Array<Text>, _>($forms)
        .sql(")))")
    };
}

/// Adds every exact filter to a query.
macro_rules! narrow {
    ($query:ident, $transaction:expr, $criteria:expr) => {
        if !$criteria.with_archived {
            $query = $query.filter(dsl::archived_at.is_null());
        }
        match $criteria.birth_dates.as_slice() {
            [] => {}
            [date] => $query = $query.filter(dsl::birth_date.eq(*date)),
            dates => $query = $query.filter(dsl::birth_date.eq_any(dates)),
        }
        if let Some(number) = &$criteria.record_number {
            $query = $query.filter(known_by!($transaction, "record_number", number));
        }
        if let Some(digits) = &$criteria.last_four {
            $query = $query.filter(known_by!($transaction, "phone_last_four", digits));
        }
        if let Some(email) = &$criteria.email {
            $query = $query.filter(known_by!($transaction, "email_key", email));
        }
        if !$criteria.phone_forms.is_empty() {
            $query = $query.filter(reached_by!($transaction, &$criteria.phone_forms));
        }
    };
}

/// Patients by name among those who fit, from the place of the window on.
pub(super) async fn matching(
    transaction: &OpenTransaction<'_>,
    criteria: &Criteria,
    window: &Window<SearchKey>,
) -> Stored<Vec<Patient>> {
    let mut query = PatientRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::merged_into_id.is_null())
        .order((dsl::family_name, dsl::given_name, dsl::id))
        .limit(window.probe())
        .into_boxed();
    narrow!(query, transaction, criteria);
    rows_after!(query, window, dsl::family_name, dsl::given_name, dsl::id);
    let rows: Vec<PatientRow> = prepared(query).load(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(Patient::from).collect())
}

#[derive(QueryableByName)]
struct Likeness {
    #[diesel(sql_type = SqlUuid)]
    patient_id: PatientId,
    #[diesel(sql_type = Float)]
    likeness: f32,
}

/// From this likeness on a name sounds like another where everything else fits.
const SOUNDS_LIKE: f32 = 0.4;

/// So many of those who sound alike are looked at; further ones are no answer to a name.
const SOUNDING_ALIKE: i32 = 200;

/// Who sounds like what was said, the most alike first, each once.
async fn sounding(transaction: &OpenTransaction<'_>, spoken: &str) -> Stored<Vec<PatientId>> {
    let mut likely: Vec<Likeness> = prepared(
        diesel::sql_query("SELECT * FROM search_patients($1, $2)")
            .bind::<Text, _>(spoken)
            .bind::<Integer, _>(SOUNDING_ALIKE),
    )
    .load(&mut transaction.connection())
    .await?;
    likely.sort_by(|one, other| other.likeness.total_cmp(&one.likeness));
    let mut seen = HashSet::new();
    let ids = likely.into_iter().map(|row| row.patient_id);
    Ok(ids.filter(|id| seen.insert(*id)).collect())
}

/// Patients whose names sound like `spoken` among those who fit, most alike first.
pub(super) async fn sounding_like(
    transaction: &OpenTransaction<'_>,
    spoken: &str,
    criteria: &Criteria,
    window: &Window<SearchKey>,
) -> Stored<Vec<Patient>> {
    if criteria.is_exact() {
        return fitting(transaction, spoken, criteria, window).await;
    }
    let mut ranked = sounding(transaction, spoken).await?;
    if criteria.with_archived {
        let archived = archived_sounding(transaction, spoken).await?;
        ranked.extend(archived);
    }
    let ids = page(ranked, |id| *id, window);
    let rows: Vec<PatientRow> = PatientRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq_any(&ids))
        .load(&mut transaction.connection())
        .await?;
    let mut patients: Vec<Patient> = rows.into_iter().map(Patient::from).collect();
    patients.sort_by_key(|patient| ids.iter().position(|id| *id == patient.id));
    Ok(patients)
}

/// The archived patients whose names sound like what was said. They are few.
async fn archived_sounding(
    transaction: &OpenTransaction<'_>,
    spoken: &str,
) -> Stored<Vec<PatientId>> {
    let likeness = || {
        sql::<Float>("word_similarity(")
            .bind::<Text, _>(spoken.to_owned())
            .sql(", patients.search_name)")
    };
    let query = dsl::patients
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::merged_into_id.is_null())
        .filter(dsl::archived_at.is_not_null())
        .filter(likeness().ge(SOUNDS_LIKE))
        .order((likeness().desc(), dsl::id))
        .limit(i64::from(SOUNDING_ALIKE))
        .select(dsl::id);
    Ok(prepared(query).load(&mut transaction.connection()).await?)
}

/// What follows the row before a page.
fn page<T>(ranked: Vec<T>, id: impl Fn(&T) -> PatientId, window: &Window<SearchKey>) -> Vec<T> {
    let last = window.after.as_ref().map(|(_, _, id)| PatientId::from(*id));
    let rank = last.and_then(|last| ranked.iter().position(|one| id(one) == last));
    let before = rank.map_or(0, |rank| rank + 1);
    let size = usize::try_from(window.probe()).unwrap_or(usize::MAX);
    ranked.into_iter().skip(before).take(size).collect()
}

/// Among the few that fit every exact filter, those with a record that sounds like `spoken`.
async fn fitting(
    transaction: &OpenTransaction<'_>,
    spoken: &str,
    criteria: &Criteria,
    window: &Window<SearchKey>,
) -> Stored<Vec<Patient>> {
    let found = fitting_from(transaction, spoken, criteria, (SOUNDS_LIKE, window)).await?;
    Ok(found.into_iter().map(|(patient, _)| patient).collect())
}

/// Does what [`fitting`] does from another likeness on, and says how alike each one sounds.
pub(super) async fn fitting_from(
    transaction: &OpenTransaction<'_>,
    spoken: &str,
    criteria: &Criteria,
    (at_least, window): (f32, &Window<SearchKey>),
) -> Stored<Vec<(Patient, f32)>> {
    let likeness = sql::<Float>("(SELECT max(word_similarity(")
        .bind::<Text, _>(spoken)
        .sql(
            ", known.search_name)) FROM patients known \
             WHERE known.practice_id = patients.practice_id AND known.person_id = patients.id)",
        );
    let mut query = dsl::patients
        .select((PatientRow::as_select(), likeness))
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::merged_into_id.is_null())
        .into_boxed();
    narrow!(query, transaction, criteria);
    let mut rows: Vec<(PatientRow, f32)> =
        prepared(query).load(&mut transaction.connection()).await?;
    rows.retain(|(_, likeness)| *likeness >= at_least);
    rows.sort_by(|(one, near), (other, nearer)| nearer.total_cmp(near).then(one.id.cmp(&other.id)));
    let rows = page(rows, |(row, _)| row.id, window);
    Ok(rows
        .into_iter()
        .map(|(row, likeness)| (Patient::from(row), likeness))
        .collect())
}
