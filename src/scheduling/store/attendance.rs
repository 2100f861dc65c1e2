//! Counts appointments by their outcome.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::practice::TimeZone;
use crate::scheduling::attendance::Attendance;

#[derive(QueryableByName)]
struct AttendanceRow {
    #[diesel(sql_type = SqlUuid)]
    person_id: PatientId,
    #[diesel(sql_type = BigInt)]
    completed: i64,
    #[diesel(sql_type = BigInt)]
    cancelled: i64,
    #[diesel(sql_type = BigInt)]
    cancelled_late: i64,
    #[diesel(sql_type = BigInt)]
    no_shows: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_missed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    time_zone: Option<TimeZone>,
}

const ATTENDANCE: &str = "
    SELECT asked.person_id, count(*) FILTER (WHERE a.status = 'completed') AS completed,
        count(*) FILTER (WHERE a.status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE a.cancelled_late) AS cancelled_late,
        count(*) FILTER (WHERE a.status = 'no_show') AS no_shows,
        max(a.starts_at) FILTER (WHERE a.cancelled_late OR a.status = 'no_show') AS last_missed_at,
        (array_agg(l.time_zone ORDER BY a.starts_at DESC)
            FILTER (WHERE a.cancelled_late OR a.status = 'no_show'))[1] AS time_zone
    FROM patients asked
    JOIN patients p ON p.practice_id = asked.practice_id AND p.person_id = asked.person_id
    LEFT JOIN appointments a ON a.practice_id = p.practice_id AND a.patient_id = p.id
        AND ($3::timestamptz IS NULL OR a.starts_at >= $3)
    LEFT JOIN locations l ON l.practice_id = a.practice_id AND l.id = a.location_id
    WHERE asked.practice_id = $1 AND asked.id = $2
    GROUP BY asked.person_id";

/// Returns `None` when there is no such patient.
pub(in crate::scheduling) async fn count_attendance(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    since: Option<DateTime<Utc>>,
) -> Stored<Option<Attendance>> {
    let row: Option<AttendanceRow> = prepared(
        diesel::sql_query(ATTENDANCE)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<SqlUuid, _>(patient_id)
            .bind::<Nullable<Timestamptz>, _>(since),
    )
    .get_result(&mut transaction.connection())
    .await
    .optional()?;
    Ok(row.map(|row| Attendance {
        patient_id: row.person_id,
        completed: row.completed,
        cancelled: row.cancelled,
        cancelled_late: row.cancelled_late,
        no_shows: row.no_shows,
        last_missed: row.last_missed_at.zip(row.time_zone.map(|zone| zone.0)),
    }))
}
