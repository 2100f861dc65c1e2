//! What two records of one person have booked, for merging them and for taking that back.

use diesel::prelude::*;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::scheduling::appointment::AppointmentId;
use crate::schema::{appointments, resource_bookings};

/// What is booked under one record and overlaps what is still to come of the other, both ways.
const OVERLAPPING: &str = "
    SELECT DISTINCT a.id FROM resource_bookings one
    JOIN resource_bookings other ON other.practice_id = one.practice_id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
    JOIN appointments a ON a.practice_id = one.practice_id AND a.id = one.appointment_id
    WHERE one.practice_id = $1 AND one.ends_at > $4 AND other.ends_at > $4
        AND one.location_id IS NULL AND other.location_id IS NULL
        AND ((one.resource_id = $2 AND other.resource_id = $3)
          OR (one.resource_id = $3 AND other.resource_id = $2))
    ORDER BY a.id";

#[derive(QueryableByName)]
struct Overlapping {
    #[diesel(sql_type = SqlUuid)]
    id: AppointmentId,
}

/// The appointments to come of two records that overlap one another.
pub(crate) async fn overlapping(
    transaction: &OpenTransaction<'_>,
    one: PatientId,
    other: PatientId,
) -> Stored<Vec<AppointmentId>> {
    let found: Vec<Overlapping> = prepared(
        diesel::sql_query(OVERLAPPING)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(one)
            .bind::<SqlUuid, _>(other)
            .bind::<Timestamptz, _>(transaction.now()),
    )
    .load(&mut transaction.connection())
    .await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Books what is still to come of a record under the person, so that the exclusion constraint
/// covers all records of the person.
pub(crate) async fn book_for_person(
    transaction: &OpenTransaction<'_>,
    record_id: PatientId,
    person_id: PatientId,
) -> Stored<()> {
    diesel::update(resource_bookings::table)
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::resource_id.eq(record_id.uuid()))
        .filter(resource_bookings::location_id.is_null())
        .filter(resource_bookings::ends_at.gt(transaction.now()))
        .set(resource_bookings::resource_id.eq(person_id.uuid()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Books what these records have booked under the record that stands for them again.
pub(crate) async fn book_for_record(
    transaction: &OpenTransaction<'_>,
    record_ids: &[PatientId],
    person_id: PatientId,
) -> Stored<()> {
    let of_records = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::patient_id.eq_any(record_ids))
        .select(appointments::id.nullable());
    diesel::update(resource_bookings::table)
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::resource_kind.eq("patient"))
        .filter(resource_bookings::appointment_id.eq_any(of_records))
        .set(resource_bookings::resource_id.eq(person_id.uuid()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
