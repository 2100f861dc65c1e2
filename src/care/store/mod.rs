//! Rows and queries of care, and the rows of lower features that care reads.

pub(super) mod assessments;
pub(super) mod diary;
pub(super) mod follow_ups;
pub(super) mod outcomes;
pub(super) mod plans;
pub(super) mod practice_report;
pub(super) mod protocols;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, person_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::local_time::local_date;
use crate::platform::prepared::prepared;
use crate::practice::AppointmentTypeId;

use super::protocol::Calendar;

#[derive(QueryableByName)]
struct ZoneRow {
    #[diesel(sql_type = Text)]
    time_zone: String,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The zone of the practice: that of everything not tied to one location.
pub(super) async fn practice_zone(transaction: &OpenTransaction<'_>) -> Stored<Tz> {
    let row: ZoneRow = prepared(
        diesel::sql_query("SELECT time_zone FROM control.practices WHERE id = $1")
            .bind::<SqlUuid, _>(transaction.practice_id()),
    )
    .get_result(&mut transaction.connection())
    .await?;
    row.time_zone.parse().map_err(|_unknown| {
        InconsistentRow::new("practices", "time_zone", transaction.practice_id()).into()
    })
}

/// The name of the practice.
pub(super) async fn practice_name(transaction: &OpenTransaction<'_>) -> Stored<String> {
    let row: NameRow = prepared(
        diesel::sql_query("SELECT name FROM control.practices WHERE id = $1")
            .bind::<SqlUuid, _>(transaction.practice_id()),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.name)
}

/// The name of a patient within reach.
pub(super) async fn patient_name(
    transaction: &OpenTransaction<'_>,
    id: PatientId,
) -> Stored<Option<String>> {
    let person = person_of(transaction, id).await?;
    Ok(person.map(|person| person.name()))
}

/// The date in the practice.
pub(super) async fn today(transaction: &OpenTransaction<'_>) -> Stored<NaiveDate> {
    Ok(local_date(
        practice_zone(transaction).await?,
        transaction.now(),
    ))
}

/// When the practice, or one of its locations, is closed from `since` on.
pub(super) async fn calendar(
    transaction: &OpenTransaction<'_>,
    location_id: Uuid,
    since: DateTime<Utc>,
) -> Stored<Calendar> {
    use crate::schema::closures::dsl;
    let zone = practice_zone(transaction).await?;
    let spans: Vec<(DateTime<Utc>, DateTime<Utc>)> = dsl::closures
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::ends_at.gt(since))
        .filter(
            dsl::location_id
                .is_null()
                .or(dsl::location_id.eq(location_id)),
        )
        .select((dsl::starts_at, dsl::ends_at))
        .load(&mut transaction.connection())
        .await?;
    let closed: IntervalSet = spans
        .into_iter()
        .filter_map(|(starts_at, ends_at)| Interval::new(starts_at, ends_at))
        .collect();
    Ok(Calendar { zone, closed })
}

/// Whether a procedure belongs to a patient.
pub(super) async fn is_procedure_of(
    transaction: &OpenTransaction<'_>,
    procedure_id: Uuid,
    patient_id: PatientId,
) -> Stored<bool> {
    use crate::schema::procedures::dsl;
    let found = diesel::select(diesel::dsl::exists(
        dsl::procedures
            .filter(dsl::practice_id.eq(transaction.practice_id()))
            .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
            .filter(dsl::id.eq(procedure_id)),
    ))
    .get_result(&mut transaction.connection())
    .await?;
    Ok(found)
}

/// The type of appointment a follow-up is booked as unless another is named: one called
/// follow-up, else the shortest that is not for new patients.
pub(super) async fn usual_appointment_type(
    transaction: &OpenTransaction<'_>,
) -> Stored<Option<AppointmentTypeId>> {
    use crate::schema::appointment_types::dsl;
    let rows: Vec<(AppointmentTypeId, String)> = dsl::appointment_types
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::duration_minutes, dsl::id))
        .select((dsl::id, dsl::name))
        .load(&mut transaction.connection())
        .await?;
    let called = |word: &str| {
        rows.iter()
            .find(|(_, name)| name.to_lowercase().contains(word))
            .map(|(id, _)| *id)
    };
    let not_new = || {
        rows.iter()
            .find(|(_, name)| !name.to_lowercase().contains("new"))
            .map(|(id, _)| *id)
    };
    Ok(called("follow").or_else(not_new))
}
