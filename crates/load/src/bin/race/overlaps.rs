//! Looks for what must not be there, by nothing but what appointments and types say.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clinic::Clinic;

/// Appointments that take place: when provider and room are blocked, and when the patient is there.
/// Then every pair that shares one of them and overlaps, and every appointment or hold whose rows of
/// what is taken are missing, too many, or overlap others.
const OVERLAPS: &str = "
    WITH live AS (
        SELECT a.id, a.provider_id, a.room_id, a.patient_id, a.starts_at, a.ends_at, t.needs_room,
            a.starts_at - make_interval(mins => t.buffer_before_minutes) AS blocked_from,
            a.ends_at + make_interval(mins => t.buffer_after_minutes) AS blocked_until
        FROM appointments a
        JOIN appointment_types t ON t.practice_id = a.practice_id AND t.id = a.appointment_type_id
        WHERE a.status NOT IN ('cancelled', 'no_show')
            AND ($1::text IS NULL OR (a.starts_at >= $1::timestamptz AND a.starts_at < $2::text::timestamptz))
    ), double AS (
        SELECT 1 FROM live x JOIN live y ON x.id < y.id AND (
            (x.provider_id = y.provider_id OR x.room_id = y.room_id)
                AND x.blocked_from < y.blocked_until AND y.blocked_from < x.blocked_until
            OR x.patient_id = y.patient_id
                AND x.starts_at < y.ends_at AND y.starts_at < x.ends_at)
    ), roomless AS (
        SELECT 1 FROM live WHERE needs_room AND room_id IS NULL
    ), unproven AS (
        SELECT 1 FROM live WHERE 2 + (room_id IS NOT NULL)::int <> (
            SELECT count(*) FROM resource_bookings b WHERE b.appointment_id = live.id)
    ), taken_twice AS (
        SELECT 1 FROM resource_bookings x JOIN resource_bookings y
            ON x.practice_id = y.practice_id AND x.resource_id = y.resource_id AND x.id < y.id
                AND x.session_id <> y.session_id
                AND x.starts_at < y.ends_at AND y.starts_at < x.ends_at
        WHERE ($1::text IS NULL
            OR (x.starts_at >= $1::timestamptz - interval '1 hour' AND x.starts_at < $2::text::timestamptz))
    )
    SELECT (SELECT count(*) FROM double) + (SELECT count(*) FROM roomless)
         + (SELECT count(*) FROM unproven) + (SELECT count(*) FROM taken_twice)";

/// How many violations there are in the hours from an instant on; in all of the database without.
pub async fn count(clinic: &Clinic, from: Option<DateTime<Utc>>) -> anyhow::Result<u64> {
    let until = from.map(|from| (from + TimeDelta::hours(3)).to_rfc3339());
    let from = from.map(|from| from.to_rfc3339());
    clinic.number(OVERLAPS, &[&from, &until]).await
}

/// How many appointments take place in the hours from an instant on.
pub async fn appointments(clinic: &Clinic, from: DateTime<Utc>) -> anyhow::Result<u64> {
    let sql = "SELECT count(*) FROM appointments WHERE status NOT IN ('cancelled', 'no_show')
               AND starts_at >= $1::text::timestamptz AND starts_at < $2::text::timestamptz";
    let until = (from + TimeDelta::hours(3)).to_rfc3339();
    clinic.number(sql, &[&from.to_rfc3339(), &until]).await
}
