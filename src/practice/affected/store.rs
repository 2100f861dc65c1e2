//! Rows of affected appointments.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::prepared::prepared;
use crate::schema::{affected_appointments, appointments};

use super::{AffectedCause, AllOf};

/// The room and the type are kept only where they are the cause: a row is done when what it names
/// has changed.
const NOTE: &str = "
    INSERT INTO affected_appointments AS known (practice_id, id, appointment_id, patient_id, cause,
        provider_id, location_id, starts_at, room_id, appointment_type_id, noted_at, noted_by)
    SELECT a.practice_id, noted.id, a.id, a.patient_id, $2, a.provider_id, a.location_id, a.starts_at,
        CASE WHEN $2 = 'room' THEN a.room_id END,
        CASE WHEN $2 = 'appointment_type' THEN a.appointment_type_id END, $3, $4
    FROM unnest($5::uuid[], $6::uuid[]) AS noted (id, appointment_id)
    JOIN appointments a ON a.practice_id = $1 AND a.id = noted.appointment_id
    ON CONFLICT (practice_id, appointment_id, provider_id, location_id, starts_at)
    DO UPDATE SET cause = excluded.cause, room_id = excluded.room_id,
        appointment_type_id = excluded.appointment_type_id, noted_at = excluded.noted_at,
        noted_by = excluded.noted_by, kept_at = NULL, kept_by = NULL, kept_reason = NULL, lifted_at = NULL";

pub(super) async fn note(
    transaction: &OpenTransaction<'_>,
    cause: AffectedCause,
    appointment_ids: &[Uuid],
) -> Stored<()> {
    let fresh = |_: &Uuid| id::fresh(transaction.now());
    let ids: Vec<Uuid> = appointment_ids.iter().map(fresh).collect();
    let query = diesel::sql_query(NOTE)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Text, _>(cause.as_str())
        .bind::<Timestamptz, _>(transaction.now())
        .bind::<SqlUuid, _>(transaction.principal().user_id)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(appointment_ids);
    prepared(query)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn lift(
    transaction: &OpenTransaction<'_>,
    causes: &[AffectedCause],
    appointment_ids: &[Uuid],
) -> Stored<()> {
    use affected_appointments::dsl;
    diesel::update(dsl::affected_appointments)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::appointment_id.eq_any(appointment_ids))
        .filter(dsl::cause.eq_any(causes))
        .filter(dsl::lifted_at.is_null())
        .set(dsl::lifted_at.eq(transaction.now()))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The appointments still to come, and the cause that they share. Appointments are the business of
/// scheduling; they are read here as data, in the transaction that changes what they need.
pub(super) async fn ahead(
    transaction: &OpenTransaction<'_>,
    all: AllOf,
) -> Stored<(AffectedCause, Vec<Uuid>)> {
    let query = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::status.eq_any(["booked", "confirmed"]))
        .filter(appointments::starts_at.gt(transaction.now()))
        .order(appointments::id)
        .select(appointments::id)
        .into_boxed();
    let (cause, query) = match all {
        AllOf::Room(id) => (
            AffectedCause::Room,
            query.filter(appointments::room_id.eq(id)),
        ),
        AllOf::AppointmentType(id) => (
            AffectedCause::AppointmentType,
            query.filter(appointments::appointment_type_id.eq(id)),
        ),
        AllOf::Location(id) => (
            AffectedCause::TimeZone,
            query.filter(appointments::location_id.eq(id)),
        ),
    };
    Ok((cause, query.load(&mut transaction.connection()).await?))
}
