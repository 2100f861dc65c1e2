//! Rows and queries of visits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::{auto_type, count_star, exists, max};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::patients::{PatientId, person_id_of, persons, records_of};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::decimal::ExactDecimal;
use crate::platform::etag::Version;
use crate::platform::page::Window;
use crate::platform::pipeline::{pipelined, pipelined_to_the_end};
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, ProviderId};
use crate::scheduling::AppointmentId;
use crate::schema::visits::dsl;
use crate::schema::{locations, patients, providers, visit_addenda, visits};

use super::open::{OpenVisit, VisitRefused};
use super::read::{VisitFilter, VisitKey};
use super::tenderness::TendernessScores;
use super::visit::{
    Addendum, Diagnosis, Note, Seal, Signature, TakenVitals, Visit, VisitId, Vitals,
};

/// Diagnoses as one JSON array, in order.
#[derive(Debug, Clone, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
struct Diagnoses(Vec<Diagnosis>);

impl FromSql<Jsonb, Pg> for Diagnoses {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}

impl ToSql<Jsonb, Pg> for Diagnoses {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> serialize::Result {
        let value = serde_json::to_value(&self.0)?;
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&value, &mut out.reborrow())
    }
}

#[derive(HasQuery)]
#[diesel(table_name = visits)]
struct VisitRow {
    id: VisitId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    appointment_id: Option<AppointmentId>,
    started_at: DateTime<Utc>,
    chief_complaint: Option<String>,
    subjective: Option<String>,
    objective: Option<String>,
    assessment: Option<String>,
    plan: Option<String>,
    diagnoses: Diagnoses,
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    systolic_mmhg: Option<i32>,
    diastolic_mmhg: Option<i32>,
    heart_rate_bpm: Option<i32>,
    spo2_percent: Option<i32>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    tenderness_scores: Option<Vec<Option<i16>>>,
    signed_at: Option<DateTime<Utc>>,
    signed_by: Option<Uuid>,
    content_sha256: Option<Vec<u8>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = patients, check_for_backend(Pg))]
struct PatientName {
    given_name: String,
    family_name: String,
    merged_into_id: Option<PatientId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = locations, check_for_backend(Pg))]
struct LocationName {
    name: String,
    time_zone: String,
}

#[derive(HasQuery)]
#[diesel(table_name = visit_addenda)]
struct AddendumRow {
    id: Uuid,
    text: String,
    written_by: Uuid,
    written_at: DateTime<Utc>,
}

impl From<AddendumRow> for Addendum {
    fn from(row: AddendumRow) -> Self {
        Self {
            id: row.id,
            text: row.text,
            written_by: row.written_by,
            written_at: row.written_at,
        }
    }
}

impl VisitRow {
    fn note(&self) -> Note {
        Note {
            chief_complaint: self.chief_complaint.clone(),
            subjective: self.subjective.clone(),
            objective: self.objective.clone(),
            assessment: self.assessment.clone(),
            plan: self.plan.clone(),
            diagnoses: self.diagnoses.0.clone(),
        }
    }

    fn vitals(&self) -> Option<TakenVitals> {
        let vitals = Vitals {
            weight_kg: self.weight_kg.map(Decimal::from),
            height_cm: self.height_cm.map(Decimal::from),
            systolic_mmhg: self.systolic_mmhg,
            diastolic_mmhg: self.diastolic_mmhg,
            heart_rate_bpm: self.heart_rate_bpm,
            spo2_percent: self.spo2_percent,
            temperature_c: self.temperature_c.map(Decimal::from),
        };
        self.vitals_at
            .map(|taken_at| TakenVitals { vitals, taken_at })
    }

    fn tenderness(&self) -> Option<TendernessScores> {
        let scores: Vec<i16> = self
            .tenderness_scores
            .iter()
            .flatten()
            .copied()
            .flatten()
            .collect();
        TendernessScores::from_order(&scores)
    }

    fn signature(&self) -> Option<Signature> {
        Some(Signature {
            signed_at: self.signed_at?,
            signed_by: self.signed_by?,
            seal: Seal::stored(self.content_sha256.clone()?),
        })
    }
}

type NamedRow = (VisitRow, PatientName, String, LocationName);

fn visit((row, patient, provider_name, location): NamedRow) -> Visit {
    Visit {
        id: row.id,
        patient_id: row.patient_id,
        record_id: row.patient_id,
        patient_name: format!("{} {}", patient.given_name, patient.family_name),
        provider_id: row.provider_id,
        provider_name,
        location_id: row.location_id,
        location_name: location.name,
        zone: location.time_zone.parse().unwrap_or(Tz::UTC),
        appointment_id: row.appointment_id,
        started_at: row.started_at,
        note: row.note(),
        vitals: row.vitals(),
        tenderness: row.tenderness(),
        signature: row.signature(),
        addenda: Vec::new(),
        version: row.version,
        updated_at: row.updated_at,
    }
}

/// The rows as they are shown: the person where a record was merged.
async fn shown(transaction: &OpenTransaction<'_>, rows: Vec<NamedRow>) -> Stored<Vec<Visit>> {
    let persons = persons(transaction, rows.iter().map(|row| row.1.merged_into_id)).await?;
    let one = |row: NamedRow| {
        let merged_into = row.1.merged_into_id;
        let mut visit = visit(row);
        if let Some(person) = merged_into.and_then(|id| persons.get(&id)) {
            visit.patient_id = person.id;
            visit.patient_name = person.name();
        }
        visit
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The row of a signed visit cannot change, so its version goes on with its addenda.
fn grow(visit: &mut Visit, addenda: i64, last_written_at: Option<DateTime<Utc>>) {
    for _ in 0..addenda {
        visit.version = visit.version.next();
    }
    visit.updated_at = last_written_at.map_or(visit.updated_at, |at| visit.updated_at.max(at));
}

#[auto_type]
fn with_names() -> _ {
    visits::table
        .inner_join(
            patients::table.on(patients::practice_id
                .eq(visits::practice_id)
                .and(patients::id.eq(visits::patient_id))),
        )
        .inner_join(
            providers::table.on(providers::practice_id
                .eq(visits::practice_id)
                .and(providers::id.eq(visits::provider_id))),
        )
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(visits::practice_id)
                .and(locations::id.eq(visits::location_id))),
        )
}

/// A visit with its addenda.
pub(super) async fn find(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<Option<Visit>> {
    let mut for_addenda = transaction.connection();
    let mut for_visit = transaction.connection();
    let row = with_names()
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .filter(visits::id.eq(id))
        .select((
            VisitRow::as_select(),
            PatientName::as_select(),
            providers::name,
            LocationName::as_select(),
        ))
        .first::<NamedRow>(&mut for_visit);
    let addenda = AddendumRow::query()
        .filter(visit_addenda::practice_id.eq(transaction.practice_id()))
        .filter(visit_addenda::visit_id.eq(id))
        .order(visit_addenda::id)
        .load::<AddendumRow>(&mut for_addenda);
    let (row, addenda) = pipelined_to_the_end!(row, addenda);
    let addenda: Vec<Addendum> = addenda?.into_iter().map(Addendum::from).collect();
    let row = row.optional()?;
    let mut visits = shown(transaction, row.into_iter().collect()).await?;
    Ok(visits.pop().map(|mut visit| {
        let last_written_at = addenda.last().map(|addendum| addendum.written_at);
        grow(
            &mut visit,
            i64::try_from(addenda.len()).unwrap_or(0),
            last_written_at,
        );
        visit.addenda = addenda;
        visit
    }))
}

/// Visits that fit, the latest first, without the texts of their addenda.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &VisitFilter,
    window: &Window<VisitKey>,
) -> Stored<Vec<Visit>> {
    let mut query = with_names()
        .filter(visits::practice_id.eq(transaction.practice_id()))
        .select((
            VisitRow::as_select(),
            PatientName::as_select(),
            providers::name,
            LocationName::as_select(),
        ))
        .order((visits::started_at.desc(), visits::id.desc()))
        .limit(window.probe())
        .into_boxed();
    if let Some(patient_id) = filter.patient_id {
        query = query.filter(visits::patient_id.eq_any(records_of(transaction, patient_id)));
    }
    if let Some(provider_id) = filter.provider_id {
        query = query.filter(visits::provider_id.eq(provider_id));
    }
    if let Some(from) = filter.from {
        query = query.filter(visits::started_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(visits::started_at.lt(to));
    }
    if let Some(since) = filter.updated_since {
        let added = visit_addenda::table
            .filter(visit_addenda::practice_id.eq(visits::practice_id))
            .filter(visit_addenda::visit_id.eq(visits::id))
            .filter(visit_addenda::written_at.ge(since));
        query = query.filter(visits::updated_at.ge(since).or(exists(added)));
    }
    if let Some((started_at, id)) = &window.after {
        query = query.filter(
            visits::started_at
                .lt(started_at)
                .or(visits::started_at.eq(started_at).and(visits::id.lt(id))),
        );
    }
    let rows = query
        .load::<NamedRow>(&mut transaction.connection())
        .await?;
    let mut found = shown(transaction, rows).await?;
    let ids = found
        .iter()
        .filter(|visit| visit.signature.is_some())
        .map(|visit| visit.id);
    let added = count_addenda(transaction, ids.collect()).await?;
    for visit in &mut found {
        if let Some((addenda, last_written_at)) = added.get(&visit.id) {
            grow(visit, *addenda, *last_written_at);
        }
    }
    Ok(found)
}

/// How many addenda each visit has, and when the last was written.
async fn count_addenda(
    transaction: &OpenTransaction<'_>,
    ids: Vec<VisitId>,
) -> Stored<HashMap<VisitId, (i64, Option<DateTime<Utc>>)>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(VisitId, i64, Option<DateTime<Utc>>)> = visit_addenda::table
        .filter(visit_addenda::practice_id.eq(transaction.practice_id()))
        .filter(visit_addenda::visit_id.eq_any(ids))
        .group_by(visit_addenda::visit_id)
        .select((
            visit_addenda::visit_id,
            count_star(),
            max(visit_addenda::written_at),
        ))
        .load(&mut transaction.connection())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, count, last)| (id, (count, last)))
        .collect())
}

/// An open visit, locked to be changed.
pub(super) struct LockedVisit {
    pub(super) id: VisitId,
    pub(super) patient_id: PatientId,
    pub(super) provider_id: ProviderId,
    pub(super) appointment_id: Option<AppointmentId>,
    pub(super) note: Note,
    pub(super) version: Version,
}

/// Locks an open visit. A signed one cannot be locked: row-level security hides it from the lock.
pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Result<LockedVisit, VisitRefused> {
    let row = VisitRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()
        .map_err(DatabaseError::from)?;
    match row {
        Some(row) => Ok(LockedVisit {
            id: row.id,
            patient_id: row.patient_id,
            provider_id: row.provider_id,
            appointment_id: row.appointment_id,
            note: row.note(),
            version: row.version,
        }),
        None => match find_holder(transaction, id).await? {
            Some(_) => Err(VisitRefused::Sealed),
            None => Err(VisitRefused::NotFound),
        },
    }
}

type HolderRow = (PatientId, PatientId, ProviderId, LocationId);

/// Holds an open visit against signing.
pub(super) async fn hold(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<OpenVisit>> {
    let row: Option<HolderRow> = dsl::visits
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .select((
            dsl::patient_id,
            person_id_of!("visits"),
            dsl::provider_id,
            dsl::location_id,
        ))
        .for_share()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(
        |(patient_id, person_id, provider_id, location_id)| OpenVisit {
            id,
            patient_id,
            person_id,
            provider_id,
            location_id,
        },
    ))
}

/// Whose visit it is, open or signed.
pub(super) async fn find_holder(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
) -> Stored<Option<PatientId>> {
    Ok(dsl::visits
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .select(dsl::patient_id)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

/// A visit to be opened.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "named as the columns are")]
pub(super) struct NewVisit {
    pub(super) patient_id: PatientId,
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) appointment_id: Option<AppointmentId>,
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    id: VisitId,
    visit: &NewVisit,
) -> Stored<()> {
    let now = transaction.now();
    diesel::insert_into(dsl::visits)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(id),
            dsl::patient_id.eq(visit.patient_id),
            dsl::provider_id.eq(visit.provider_id),
            dsl::location_id.eq(visit.location_id),
            dsl::appointment_id.eq(visit.appointment_id),
            dsl::started_at.eq(now),
            dsl::diagnoses.eq(Diagnoses(Vec::new())),
            dsl::version.eq(Version::FIRST),
            dsl::created_at.eq(now),
            dsl::updated_at.eq(now),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The fields of a walk-in that name nothing in this practice.
pub(super) async fn unknown_references(
    transaction: &OpenTransaction<'_>,
    visit: &NewVisit,
) -> Stored<Vec<&'static str>> {
    let practice_id = transaction.practice_id();
    let patient = patients::table
        .filter(patients::practice_id.eq(practice_id))
        .filter(patients::id.eq(visit.patient_id));
    let provider = providers::table
        .filter(providers::practice_id.eq(practice_id))
        .filter(providers::id.eq(visit.provider_id));
    let location = locations::table
        .filter(locations::practice_id.eq(practice_id))
        .filter(locations::id.eq(visit.location_id));
    let (patient, provider, location): (bool, bool, bool) =
        diesel::select((exists(patient), exists(provider), exists(location)))
            .get_result(&mut transaction.connection())
            .await?;
    let fields = [
        ("/patient_id", patient),
        ("/provider_id", provider),
        ("/location_id", location),
    ];
    Ok(fields
        .into_iter()
        .filter(|(_, known)| !known)
        .map(|(field, _)| field)
        .collect())
}

/// The visit an appointment has.
pub(super) async fn of_appointment(
    transaction: &OpenTransaction<'_>,
    appointment_id: AppointmentId,
) -> Stored<Option<VisitId>> {
    Ok(dsl::visits
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::appointment_id.eq(appointment_id))
        .select(dsl::id)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

#[derive(AsChangeset)]
#[diesel(table_name = visits, treat_none_as_null = true)]
struct NoteRow<'a> {
    chief_complaint: Option<&'a str>,
    subjective: Option<&'a str>,
    objective: Option<&'a str>,
    assessment: Option<&'a str>,
    plan: Option<&'a str>,
    diagnoses: Diagnoses,
    version: Version,
    updated_at: DateTime<Utc>,
}

pub(super) async fn record_note(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    note: &Note,
) -> Stored<()> {
    let row = NoteRow {
        chief_complaint: note.chief_complaint.as_deref(),
        subjective: note.subjective.as_deref(),
        objective: note.objective.as_deref(),
        assessment: note.assessment.as_deref(),
        plan: note.plan.as_deref(),
        diagnoses: Diagnoses(note.diagnoses.clone()),
        version: visit.version.next(),
        updated_at: transaction.now(),
    };
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(AsChangeset)]
#[diesel(table_name = visits, treat_none_as_null = true)]
struct VitalsRow {
    weight_kg: Option<ExactDecimal>,
    height_cm: Option<ExactDecimal>,
    systolic_mmhg: Option<i32>,
    diastolic_mmhg: Option<i32>,
    heart_rate_bpm: Option<i32>,
    spo2_percent: Option<i32>,
    temperature_c: Option<ExactDecimal>,
    vitals_at: Option<DateTime<Utc>>,
    version: Version,
    updated_at: DateTime<Utc>,
}

pub(super) async fn record_vitals(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    vitals: &Vitals,
) -> Stored<()> {
    let row = VitalsRow {
        weight_kg: vitals.weight_kg.map(ExactDecimal),
        height_cm: vitals.height_cm.map(ExactDecimal),
        systolic_mmhg: vitals.systolic_mmhg,
        diastolic_mmhg: vitals.diastolic_mmhg,
        heart_rate_bpm: vitals.heart_rate_bpm,
        spo2_percent: vitals.spo2_percent,
        temperature_c: vitals.temperature_c.map(ExactDecimal),
        vitals_at: Some(transaction.now()),
        version: visit.version.next(),
        updated_at: transaction.now(),
    };
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set(&row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Writes the scores of an open visit.
pub(super) async fn record_tenderness(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    scores: &TendernessScores,
) -> Stored<()> {
    diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::tenderness_scores.eq(scores.in_order().to_vec()),
            dsl::version.eq(visit.version.next()),
            dsl::updated_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Makes this the patient's weight unless a later one is known.
pub(super) async fn record_weight(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    weight_kg: Decimal,
) -> Stored<()> {
    let now = transaction.now();
    diesel::update(patients::table)
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(records_of(transaction, patient_id)))
        .filter(patients::merged_into_id.is_null())
        .filter(
            patients::weight_measured_at
                .is_null()
                .or(patients::weight_measured_at.le(now)),
        )
        .set((
            patients::weight_kg.eq(ExactDecimal(weight_kg)),
            patients::weight_measured_at.eq(now),
            patients::version.eq(patients::version + 1),
            patients::updated_at.eq(now),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Text)]
    content: String,
}

/// The canonical text of a visit and everything under it, which its seal is over.
pub(super) async fn content(transaction: &OpenTransaction<'_>, id: VisitId) -> Stored<String> {
    let row: Content = prepared(
        diesel::sql_query("SELECT visit_content($1, $2) AS content")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(id),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.content)
}

/// Records the signature of a locked visit, after closing every row under it: their foreign keys
/// refuse a signature that leaves one of them open.
pub(super) async fn record_signature(
    transaction: &OpenTransaction<'_>,
    visit: &LockedVisit,
    signature: &Signature,
) -> Stored<()> {
    let close = prepared(
        diesel::sql_query("SELECT close_rows_under_visit($1, $2)")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(visit.id),
    );
    let mut connection = transaction.connection();
    let sign = diesel::update(dsl::visits)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(visit.id))
        .set((
            dsl::signed_at.eq(signature.signed_at),
            dsl::signed_by.eq(signature.signed_by),
            dsl::content_sha256.eq(signature.seal.bytes()),
            dsl::version.eq(visit.version.next()),
            dsl::updated_at.eq(signature.signed_at),
        ));
    let mut exchange = transaction.connection();
    pipelined!(close.execute(&mut connection), sign.execute(&mut exchange))?;
    Ok(())
}

pub(super) async fn insert_addendum(
    transaction: &OpenTransaction<'_>,
    visit: &Visit,
    addendum: &Addendum,
) -> Stored<()> {
    use visit_addenda::dsl;
    diesel::insert_into(dsl::visit_addenda)
        .values((
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::id.eq(addendum.id),
            dsl::visit_id.eq(visit.id),
            dsl::patient_id.eq(visit.record_id),
            dsl::text.eq(&addendum.text),
            dsl::written_by.eq(addendum.written_by),
            dsl::written_at.eq(addendum.written_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
