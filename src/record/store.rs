//! Rows of all features, as they are read across them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::prepared;
use crate::schema::{appointments, patients, resource_bookings, treatment_plans};

use super::merge::MergeConflict;
use super::timeline::{TimelineEntry, TimelineKey, TimelineKind};

/// The ids of all records of a person.
pub(super) async fn record_ids(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<Uuid>> {
    let ids: Vec<PatientId> = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(records_of(transaction, patient_id)))
        .order(patients::id)
        .select(patients::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(ids.into_iter().map(PatientId::uuid).collect())
}

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
    id: Uuid,
}

/// Appointments to come that overlap, and active plans of both, of two records under their own ids.
pub(super) async fn conflicts(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    duplicate_id: PatientId,
) -> Stored<MergeConflict> {
    let overlapping: Vec<Overlapping> = prepared(
        diesel::sql_query(OVERLAPPING)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(patient_id)
            .bind::<SqlUuid, _>(duplicate_id)
            .bind::<Timestamptz, _>(transaction.now()),
    )
    .load(&mut transaction.connection())
    .await?;
    let records = records_of(transaction, patient_id);
    let duplicates = records_of(transaction, duplicate_id);
    let plans: Vec<Uuid> = treatment_plans::table
        .filter(treatment_plans::practice_id.eq(transaction.practice_id()))
        .filter(
            treatment_plans::patient_id
                .eq_any(records)
                .or(treatment_plans::patient_id.eq_any(duplicates)),
        )
        .filter(treatment_plans::status.eq("active"))
        .order(treatment_plans::id)
        .select(treatment_plans::id)
        .load(&mut transaction.connection())
        .await?;
    Ok(MergeConflict {
        appointment_ids: overlapping.into_iter().map(|row| row.id).collect(),
        treatment_plan_ids: if plans.len() > 1 { plans } else { Vec::new() },
    })
}

/// Puts what is still to come of one record under the person, for the exclusion constraint.
pub(super) async fn book_for_person(
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

/// Puts what is booked for these records under the one that stands for them again.
pub(super) async fn book_for_record(
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

/// Each kind is read from the place of the window on along an index of its own, and no further
/// than a page; what a caller may not see is not read at all.
const TIMELINE: &str = "
    WITH records AS (
        SELECT p.id FROM patients p WHERE p.practice_id = $1
        AND p.person_id = (SELECT a.person_id
            FROM patients a WHERE a.practice_id = $1 AND a.id = $2)),
    practice AS (SELECT z.time_zone AS zone FROM control.practices z WHERE z.id = $1)
    SELECT e.kind, e.id, e.at, coalesce(e.zone, practice.zone) AS zone, e.status, e.title
    FROM practice, (
        SELECT 'appointment' AS kind, x.* FROM records r CROSS JOIN LATERAL (
            SELECT a.id, a.starts_at AS at, l.time_zone AS zone, a.status, t.name AS title
            FROM appointments a
            JOIN locations l ON l.practice_id = a.practice_id AND l.id = a.location_id
            JOIN appointment_types t ON t.practice_id = a.practice_id AND t.id = a.appointment_type_id
            WHERE 'appointment' = ANY ($6) AND a.practice_id = $1 AND a.patient_id = r.id
              AND a.starts_at <= $3 AND (a.starts_at < $3 OR a.id < $4)
            ORDER BY a.starts_at DESC, a.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'visit', x.* FROM records r CROSS JOIN LATERAL (
            SELECT v.id, v.started_at, l.time_zone,
                CASE WHEN v.signed_at IS NULL THEN 'open' ELSE 'signed' END, v.chief_complaint
            FROM visits v
            JOIN locations l ON l.practice_id = v.practice_id AND l.id = v.location_id
            WHERE 'visit' = ANY ($6) AND v.practice_id = $1 AND v.patient_id = r.id
              AND v.started_at <= $3 AND (v.started_at < $3 OR v.id < $4)
            ORDER BY v.started_at DESC, v.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'procedure', x.* FROM records r CROSS JOIN LATERAL (
            SELECT o.id, o.created_at, l.time_zone, o.status, o.kind
            FROM procedures o
            JOIN visits v ON v.practice_id = o.practice_id AND v.id = o.visit_id
            JOIN locations l ON l.practice_id = v.practice_id AND l.id = v.location_id
            WHERE 'procedure' = ANY ($6) AND o.practice_id = $1 AND o.patient_id = r.id
              AND o.created_at <= $3 AND (o.created_at < $3 OR o.id < $4)
            ORDER BY o.created_at DESC, o.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'follow_up', x.* FROM records r CROSS JOIN LATERAL (
            SELECT f.id, f.due_from, NULL::text, CASE WHEN f.status <> 'open' THEN f.status
                WHEN a.status NOT IN ('cancelled', 'no_show') THEN 'booked'
                WHEN f.due_from > $7 THEN 'upcoming' WHEN f.due_by > $7 THEN 'due'
                ELSE 'overdue' END, f.reason
            FROM follow_ups f
            LEFT JOIN appointments a ON a.practice_id = f.practice_id AND a.id = f.appointment_id
            WHERE 'follow_up' = ANY ($6) AND f.practice_id = $1 AND f.patient_id = r.id
              AND f.due_from <= $3 AND (f.due_from < $3 OR f.id < $4)
            ORDER BY f.due_from DESC, f.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'assessment', x.* FROM records r CROSS JOIN practice z CROSS JOIN LATERAL (
            SELECT s.id, s.taken_on::timestamp AT TIME ZONE z.zone, NULL::text, 'taken',
                s.instrument || ' ' || trim_scale(s.score)
            FROM assessments s
            WHERE 'assessment' = ANY ($6) AND s.practice_id = $1 AND s.patient_id = r.id
              AND s.taken_on <= ($3 AT TIME ZONE z.zone)::date
              AND (s.taken_on::timestamp AT TIME ZONE z.zone < $3
                OR (s.taken_on::timestamp AT TIME ZONE z.zone = $3 AND s.id < $4))
            ORDER BY s.taken_on DESC, s.id DESC LIMIT $5) x
    ) e
    ORDER BY e.at DESC, e.id DESC LIMIT $5";

#[derive(QueryableByName)]
struct TimelineRow {
    #[diesel(sql_type = Text)]
    kind: TimelineKind,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
}

/// A page of a person's timeline in one statement.
pub(super) async fn timeline(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    kinds: &[TimelineKind],
    window: &Window<TimelineKey>,
) -> Stored<Vec<TimelineEntry>> {
    let (before, last) = window.after.unwrap_or((END_OF_TIME, Uuid::max()));
    let rows: Vec<TimelineRow> = prepared(
        diesel::sql_query(TIMELINE)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(patient_id)
            .bind::<Timestamptz, _>(before)
            .bind::<SqlUuid, _>(last)
            .bind::<BigInt, _>(window.probe())
            .bind::<Array<Text>, _>(kinds)
            .bind::<Timestamptz, _>(transaction.now()),
    )
    .load(&mut transaction.connection())
    .await?;
    let entry = |row: TimelineRow| TimelineEntry {
        kind: row.kind,
        id: row.id,
        at: row.at,
        // Only names of zones get into the columns; UTC is what a clock without a zone shows.
        zone: row.zone.parse().unwrap_or(Tz::UTC),
        status: row.status,
        title: row.title,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// Later than anything that is planned, and within what Postgres and a zone can hold.
const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(32_503_680_000, 0) {
    Some(instant) => instant,
    None => DateTime::<Utc>::MAX_UTC,
};

#[derive(QueryableByName)]
struct WholeRecord {
    #[diesel(sql_type = Jsonb)]
    record: Value,
}

/// All rows of a person's records that the caller may see, by table.
pub(super) async fn whole_record(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Value> {
    let row: WholeRecord = prepared(
        diesel::sql_query(
            "SELECT patient_record($1, ARRAY(SELECT p.id FROM patients p WHERE p.practice_id = $1 \
         AND p.person_id = (SELECT a.person_id \
         FROM patients a WHERE a.practice_id = $1 AND a.id = $2))) AS record",
        )
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(patient_id),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.record)
}
