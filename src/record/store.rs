//! Rows of all features, as they are read across them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::patients::{PatientId, record_ids};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::prepared;
use crate::practice::{TimeZone, practice_zone};

use super::timeline_entry::{TimelineEntry, TimelineKey, TimelineKind, TimelineMark};

/// Reads each kind along an index of its own, from the place of the window and no further than a
/// page. Kinds that the caller may not see are not read.
const TIMELINE: &str = "
    WITH records AS (
        SELECT p.id FROM patients p WHERE p.practice_id = $1
        AND p.person_id = (SELECT a.person_id
            FROM patients a WHERE a.practice_id = $1 AND a.id = $2))
    SELECT e.kind, e.id, e.at, coalesce(e.zone, $8) AS zone, e.status, e.title,
        array_remove(e.marks, NULL) AS marks
    FROM (
        SELECT 'appointment' AS kind, x.* FROM records r CROSS JOIN LATERAL (
            SELECT a.id, a.starts_at AS at, l.time_zone AS zone, a.status, t.name AS title,
                ARRAY[]::text[] AS marks
            FROM appointments a
            JOIN locations l ON l.practice_id = a.practice_id AND l.id = a.location_id
            JOIN appointment_types t ON t.practice_id = a.practice_id AND t.id = a.appointment_type_id
            WHERE 'appointment' = ANY ($6) AND a.practice_id = $1 AND a.patient_id = r.id
              AND a.starts_at <= $3 AND (a.starts_at < $3 OR a.id < $4)
            ORDER BY a.starts_at DESC, a.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'visit', x.* FROM records r CROSS JOIN LATERAL (
            SELECT v.id, v.started_at, l.time_zone,
                CASE WHEN v.retracted_at IS NOT NULL THEN 'retracted' WHEN v.discarded_at IS NOT NULL THEN 'discarded'
                    WHEN v.signed_at IS NULL THEN 'open' ELSE 'signed' END, v.chief_complaint,
                ARRAY[CASE WHEN v.late_entry_reason IS NOT NULL THEN 'late_entry' END,
                    CASE WHEN v.discarded_at IS NOT NULL THEN 'discarded' END,
                    CASE WHEN v.retracted_at IS NOT NULL THEN 'retracted' END]
            FROM visits v
            JOIN locations l ON l.practice_id = v.practice_id AND l.id = v.location_id
            WHERE 'visit' = ANY ($6) AND v.practice_id = $1 AND v.patient_id = r.id
              AND v.started_at <= $3 AND (v.started_at < $3 OR v.id < $4)
            ORDER BY v.started_at DESC, v.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'procedure', x.* FROM records r CROSS JOIN LATERAL (
            SELECT o.id, coalesce(o.started_at, o.created_at) AS at, l.time_zone,
                CASE WHEN o.voided_at IS NULL THEN o.status ELSE 'voided' END, o.kind,
                ARRAY[CASE WHEN v.late_entry_reason IS NOT NULL THEN 'late_entry' END,
                    CASE WHEN o.voided_at IS NOT NULL AND v.retracted_at IS NULL THEN 'void' END,
                    CASE WHEN v.retracted_at IS NOT NULL THEN 'retracted' END]
            FROM procedures o
            JOIN visits v ON v.practice_id = o.practice_id AND v.id = o.visit_id
            JOIN locations l ON l.practice_id = v.practice_id AND l.id = v.location_id
            WHERE 'procedure' = ANY ($6) AND o.practice_id = $1 AND o.patient_id = r.id
              AND (coalesce(o.started_at, o.created_at), o.id) < ($3, $4)
            ORDER BY coalesce(o.started_at, o.created_at) DESC, o.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'follow_up', x.* FROM records r CROSS JOIN LATERAL (
            SELECT f.id, f.due_from, NULL::text, CASE WHEN f.status <> 'open' THEN f.status
                WHEN a.status NOT IN ('cancelled', 'no_show') THEN 'booked'
                WHEN f.due_from > $7 THEN 'upcoming' WHEN f.due_by > $7 THEN 'due'
                ELSE 'overdue' END, f.reason, ARRAY[]::text[]
            FROM follow_ups f
            LEFT JOIN appointments a ON a.practice_id = f.practice_id AND a.id = f.appointment_id
            WHERE 'follow_up' = ANY ($6) AND f.practice_id = $1 AND f.patient_id = r.id
              AND f.due_from <= $3 AND (f.due_from < $3 OR f.id < $4)
            ORDER BY f.due_from DESC, f.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'assessment', x.* FROM records r CROSS JOIN LATERAL (
            SELECT s.id, s.taken_on::timestamp AT TIME ZONE $8, NULL::text, 'taken',
                s.instrument || ' ' || trim_scale(s.score), ARRAY[]::text[]
            FROM assessments s
            WHERE 'assessment' = ANY ($6) AND s.practice_id = $1 AND s.patient_id = r.id
              AND s.taken_on <= ($3 AT TIME ZONE $8)::date
              AND (s.taken_on::timestamp AT TIME ZONE $8 < $3
                OR (s.taken_on::timestamp AT TIME ZONE $8 = $3 AND s.id < $4))
            ORDER BY s.taken_on DESC, s.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'outside_dose', x.* FROM records r CROSS JOIN LATERAL (
            SELECT d.id, d.given_on::timestamp AT TIME ZONE $8, NULL::text,
                CASE WHEN d.voided_at IS NULL THEN 'reported' ELSE 'voided' END,
                d.drug_code || ' ' || trim_scale(d.amount) || ' ' || d.unit,
                ARRAY['reported_elsewhere', CASE WHEN d.voided_at IS NOT NULL THEN 'void' END]
            FROM outside_doses d
            WHERE 'outside_dose' = ANY ($6) AND d.practice_id = $1 AND d.patient_id = r.id
              AND d.given_on <= ($3 AT TIME ZONE $8)::date
              AND (d.given_on::timestamp AT TIME ZONE $8, d.id) < ($3, $4)
            ORDER BY d.given_on DESC, d.id DESC LIMIT $5) x
        UNION ALL
        SELECT 'diary', x.* FROM records r CROSS JOIN LATERAL (
            SELECT (array_agg(y.id ORDER BY y.id))[1] AS id, y.created_at, NULL::text, 'taken_over',
                y.import_source || ', ' || count(*) || ' days from ' || min(y.entry_date) || ' to ' || max(y.entry_date),
                ARRAY['retrospective']
            FROM diary_entries y
            WHERE 'diary' = ANY ($6) AND y.practice_id = $1 AND y.patient_id = r.id AND y.import_source IS NOT NULL
            GROUP BY y.created_at, y.import_source
            HAVING (y.created_at, (array_agg(y.id ORDER BY y.id))[1]) < ($3, $4)
            ORDER BY y.created_at DESC, 1 DESC LIMIT $5) x
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
    zone: TimeZone,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    marks: Vec<TimelineMark>,
}

/// A page of a person's timeline in one statement.
pub(super) async fn timeline(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    kinds: &[TimelineKind],
    window: &Window<TimelineKey>,
) -> Stored<Vec<TimelineEntry>> {
    let (before, last) = window.after.unwrap_or((END_OF_TIME, Uuid::max()));
    let zone = practice_zone(transaction).await?;
    let rows: Vec<TimelineRow> = prepared(
        diesel::sql_query(TIMELINE)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(patient_id)
            .bind::<Timestamptz, _>(before)
            .bind::<SqlUuid, _>(last)
            .bind::<BigInt, _>(window.probe())
            .bind::<Array<Text>, _>(kinds)
            .bind::<Timestamptz, _>(transaction.now())
            .bind::<Text, _>(zone),
    )
    .load(&mut transaction.connection())
    .await?;
    let entry = |row: TimelineRow| TimelineEntry {
        kind: row.kind,
        id: row.id,
        at: row.at,
        zone: row.zone.0,
        status: row.status,
        title: row.title,
        marks: row.marks,
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
    let records = record_ids(transaction, patient_id).await?;
    let row: WholeRecord = prepared(
        diesel::sql_query("SELECT patient_record($1, $2) AS record")
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Array<SqlUuid>, _>(records),
    )
    .get_result(&mut transaction.connection())
    .await?;
    Ok(row.record)
}

/// Something that is planned for a patient or under way.
#[derive(Debug, QueryableByName)]
pub(super) struct OpenItem {
    #[diesel(sql_type = Text)]
    pub(super) kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) at: Option<DateTime<Utc>>,
}

const OPEN_ITEMS: &str = "
    SELECT 'appointment' AS kind, a.id, a.starts_at AS at FROM appointments a
    WHERE a.practice_id = $1 AND a.patient_id = ANY ($2)
        AND a.status IN ('booked', 'confirmed', 'arrived', 'roomed')
    UNION ALL
    SELECT 'waitlist_entry', w.id, NULL FROM waitlist_entries w
    WHERE w.practice_id = $1 AND w.patient_id = ANY ($2) AND w.status IN ('waiting', 'offered')
    UNION ALL
    SELECT 'follow_up', f.id, f.due_by FROM follow_ups f
    WHERE f.practice_id = $1 AND f.patient_id = ANY ($2) AND f.status = 'open'
    UNION ALL
    SELECT 'visit', v.id, v.started_at FROM visits v
    WHERE v.practice_id = $1 AND v.patient_id = ANY ($2) AND v.signed_at IS NULL
    ORDER BY 1, 3, 2";

/// What is open under the records of a person.
pub(super) async fn open_items(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<OpenItem>> {
    let records = record_ids(transaction, patient_id).await?;
    let query = diesel::sql_query(OPEN_ITEMS)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Array<SqlUuid>, _>(records);
    Ok(prepared(query).load(&mut transaction.connection()).await?)
}
