//! Reads when providers, patients and rooms are occupied.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, Bool, Integer, Nullable, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::Interval;
use crate::platform::prepared::prepared;
use crate::scheduling::book_error::Conflict;
use crate::scheduling::occupancy::{KeptApart, Occupancy, OccupiedSeat, OfOne, Resources};
use crate::scheduling::wanted::ForPatients;

/// Twenty is more than can ever block one appointment, except for the seats of a group.
const CONFLICTS: &str = "
    SELECT resource_kind, resource_id, appointment_id, starts_at, ends_at, expires_at
    FROM resource_bookings
    WHERE practice_id = $1
        AND resource_id = ANY ($2 || ARRAY(SELECT person_id FROM patients WHERE practice_id = $1 AND id = ANY ($6)))
        AND starts_at > $3 - interval '12 hours' AND starts_at < $4 AND ends_at > $3
        AND (expires_at IS NULL OR expires_at > $5) AND (appointment_id IS NULL OR appointment_id <> ALL ($7))
    ORDER BY starts_at, id LIMIT 20";

/// The bookings and holds of these resources and patients in this span.
pub(in crate::scheduling) async fn conflicts(
    transaction: &OpenTransaction<'_>,
    ids: &[Uuid],
    span: &Interval,
    patients: &ForPatients,
) -> Stored<Vec<Conflict>> {
    let statement = asked(transaction, CONFLICTS, (ids, span, patients));
    let rows = prepared(statement).load(&mut transaction.connection());
    Ok(rows.await?)
}

/// The bookings of one person, or those of rooms, or the other facts about a patient: appointments
/// with an interval, the last needling, and whether a review is awaited.
#[derive(QueryableByName)]
struct OccupancyRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person_id: Option<Uuid>,
    #[diesel(sql_type = Array<Timestamptz>)]
    starts: Vec<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Array<Timestamptz>>)]
    ends: Option<Vec<DateTime<Utc>>>,
    #[diesel(sql_type = Nullable<Array<Timestamptz>>)]
    seat_starts: Option<Vec<DateTime<Utc>>>,
    #[diesel(sql_type = Nullable<Array<Timestamptz>>)]
    seat_ends: Option<Vec<DateTime<Utc>>>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    seat_sessions: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<SmallInt>>)]
    seat_places: Option<Vec<i16>>,
    /// The room of each start and end.
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    room_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Integer>>)]
    min_interval_days: Option<Vec<i32>>,
    #[diesel(sql_type = Bool)]
    awaits_review: bool,
    /// Whether the record stands for a person and is not archived.
    #[diesel(sql_type = Bool)]
    is_in_use: bool,
}

/// Compares plain columns: under row-level security a range operator uses no index. Checks on the
/// tables guarantee that no booking is longer than 12 hours and no interval longer than a year.
///
/// Returns one row for each person instead of one for each booking: two months of twenty providers
/// are seven thousand bookings, and sending them costs more than finding them. Each person is
/// scanned separately, so nothing is sorted. The rooms of a location are one row.
fn busy_statement(asked: &str, seats: &str, rooms: &str) -> String {
    format!(
        "
    WITH asked AS MATERIALIZED ({asked})
    SELECT person.id AS person_id, b.*, NULL::uuid[] AS room_ids, NULL::integer[] AS min_interval_days,
        false AS awaits_review, false AS is_in_use
    FROM unnest($2::uuid[]) AS person (id) CROSS JOIN LATERAL (
        SELECT array_agg(starts_at) AS starts, array_agg(ends_at) AS ends, {seats}
        FROM resource_bookings
        WHERE practice_id = $1 AND resource_id = person.id AND location_id IS NULL
            AND (appointment_id IS NULL OR appointment_id <> ALL ($7))
            AND starts_at > (SELECT from_at FROM asked) - interval '12 hours'
            AND starts_at < (SELECT until FROM asked) AND ends_at > (SELECT from_at FROM asked)
            AND (expires_at IS NULL OR expires_at > $5)
    ) b
    WHERE b.starts IS NOT NULL
    UNION ALL
    SELECT NULL, array_agg(starts_at), array_agg(ends_at), NULL, NULL, NULL, NULL, array_agg(resource_id), NULL, false,
        false
    FROM resource_bookings
    WHERE practice_id = $1 AND location_id = ANY ((SELECT location_ids FROM asked)::uuid[]) AND location_id IS NOT NULL
        AND (appointment_id IS NULL OR appointment_id <> ALL ($7))
        AND starts_at > (SELECT from_at FROM asked) - interval '12 hours'
        AND starts_at < (SELECT rooms_until FROM asked) AND ends_at > (SELECT from_at FROM asked)
        AND (expires_at IS NULL OR expires_at > $5) {rooms}
    HAVING count(*) > 0
    UNION ALL
    SELECT a.patient_id, array_agg(a.starts_at), NULL, NULL, NULL, NULL, NULL, NULL, array_agg(t.min_interval_days), false,
        false
    FROM appointments a
    JOIN appointment_types t ON t.practice_id = a.practice_id AND t.id = a.appointment_type_id
    WHERE a.practice_id = $1 AND a.patient_id = ANY ($6) AND a.id <> ALL ($7)
        AND t.min_interval_days IS NOT NULL AND a.status NOT IN ('cancelled', 'no_show')
        AND a.starts_at > $3 - interval '368 days' AND a.starts_at < $4 + interval '368 days'
    GROUP BY a.patient_id
    UNION ALL
    SELECT record.id, array_remove(ARRAY[record.last_needled_at], NULL), NULL, NULL, NULL, NULL, NULL, NULL, ARRAY[0],
        record.awaited_reviews > 0, record.id = record.person_id AND record.archived_at IS NULL AND record.died_on IS NULL
    FROM patients person
    JOIN patients record ON record.practice_id = person.practice_id AND record.person_id = person.person_id
    WHERE person.practice_id = $1 AND person.id = ANY ($6)"
    )
}

/// For a known time and known locations.
const OF_THESE: &str = "
        SELECT $3::timestamptz AS from_at, $4::timestamptz AS until, $9::timestamptz AS rooms_until,
            $8::uuid[] AS location_ids";

/// For a type whose length is not known yet, and a provider whose locations are not known yet.
const OF_ONE: &str = "
        SELECT $3::timestamptz - of_type.reach AS from_at, $4::timestamptz + of_type.reach AS until,
            $9::timestamptz + of_type.reach AS rooms_until,
            CASE WHEN of_type.needs_room THEN ARRAY(
                SELECT t.location_id FROM availability_templates t
                WHERE t.practice_id = $1 AND t.provider_id = $8::uuid AND coalesce(t.location_id = $11::uuid, true)
                UNION
                SELECT e.location_id FROM extra_hours e
                WHERE e.practice_id = $1 AND e.provider_id = $8 AND coalesce(e.location_id = $11, true)
                    AND e.starts_at < $4 + of_type.reach AND e.ends_at > $3 - of_type.reach
                    AND e.starts_at > $3 - of_type.reach - interval '7 days'
            ) END AS location_ids
        FROM (
            SELECT needs_room,
                make_interval(mins => duration_minutes + buffer_before_minutes + buffer_after_minutes) AS reach
            FROM appointment_types WHERE practice_id = $1 AND id = $10::uuid
        ) of_type";

const NO_SEATS: &str = "NULL::timestamptz[] AS seat_starts, NULL::timestamptz[] AS seat_ends,
            NULL::uuid[] AS seat_sessions, NULL::smallint[] AS seat_places";

const SEATS: &str = "array_agg(starts_at) FILTER (WHERE place IS NOT NULL) AS seat_starts,
            array_agg(ends_at) FILTER (WHERE place IS NOT NULL) AS seat_ends,
            array_agg(session_id) FILTER (WHERE place IS NOT NULL) AS seat_sessions,
            array_agg(place) FILTER (WHERE place IS NOT NULL) AS seat_places";

/// Leaves out the bookings of rooms that have the span of a booking of the provider: they add
/// nothing. Most bookings are like that when visits have one length.
const BESIDE_THE_PROVIDER: &str = "AND (starts_at, ends_at) NOT IN (
            SELECT own.starts_at, own.ends_at FROM resource_bookings own
            WHERE own.practice_id = $1 AND own.resource_id = $8 AND own.location_id IS NULL
                AND (own.appointment_id IS NULL OR own.appointment_id <> ALL ($7))
                AND own.starts_at > (SELECT from_at FROM asked) - interval '12 hours'
                AND own.starts_at < (SELECT rooms_until FROM asked)
                AND (own.expires_at IS NULL OR own.expires_at > $5))";

static BUSY: LazyLock<String> = LazyLock::new(|| busy_statement(OF_THESE, NO_SEATS, ""));
/// Reading seats doubles the cost, so types without groups do not.
static BUSY_AND_SEATED: LazyLock<String> = LazyLock::new(|| busy_statement(OF_THESE, SEATS, ""));
static BUSY_OF_ONE: LazyLock<String> =
    LazyLock::new(|| busy_statement(OF_ONE, SEATS, BESIDE_THE_PROVIDER));

/// Reads the bookings and holds of the resources in the range, without expired holds and moved
/// appointments. Also reads the appointments of the patients that need an interval, and whether a
/// review is awaited for any of their records.
pub(in crate::scheduling) async fn busy(
    transaction: &OpenTransaction<'_>,
    resources: &Resources,
    range: &Interval,
    patients: &ForPatients,
) -> Stored<Occupancy> {
    let statement = if resources.with_seats {
        &BUSY_AND_SEATED
    } else {
        &BUSY
    };
    let statement = asked(transaction, statement, (&resources.ids, range, patients))
        .bind::<Array<SqlUuid>, _>(&resources.rooms.location_ids)
        .bind::<Timestamptz, _>(resources.rooms.before);
    let rows = prepared(statement).load(&mut transaction.connection());
    occupancy(rows.await?)
}

/// Reads the bookings of a provider, the patients and the rooms, as far as they decide a start in
/// `starts`.
pub(in crate::scheduling) async fn busy_of_one(
    transaction: &OpenTransaction<'_>,
    of: &OfOne,
    starts: &Interval,
    patients: &ForPatients,
) -> Stored<Occupancy> {
    let mut ids = patients.patient_ids.clone();
    ids.push(of.provider_id.uuid());
    let statement = asked(transaction, &BUSY_OF_ONE, (&ids, starts, patients))
        .bind::<SqlUuid, _>(of.provider_id)
        .bind::<Timestamptz, _>(of.rooms_until)
        .bind::<SqlUuid, _>(of.appointment_type_id)
        .bind::<Nullable<SqlUuid>, _>(of.location_id);
    let rows = prepared(statement).load(&mut transaction.connection());
    occupancy(rows.await?)
}

/// A statement with the parameters that all of them share.
fn asked(
    transaction: &OpenTransaction<'_>,
    statement: &str,
    (ids, range, patients): (&[Uuid], &Interval, &ForPatients),
) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
    diesel::sql_query(statement)
        .into_boxed()
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Timestamptz, _>(range.starts_at())
        .bind::<Timestamptz, _>(range.ends_at())
        .bind::<Timestamptz, _>(transaction.now())
        .bind::<Array<SqlUuid>, _>(patients.patient_ids.clone())
        .bind::<Array<SqlUuid>, _>(patients.moved_ids.clone())
}

/// Sorts the rows by resource.
fn occupancy(rows: Vec<OccupancyRow>) -> Stored<Occupancy> {
    let mut occupancy = Occupancy::default();
    for row in rows {
        add(&mut occupancy, row)?;
    }
    Ok(occupancy)
}

fn add(occupancy: &mut Occupancy, row: OccupancyRow) -> Stored<()> {
    occupancy.awaits_review |= row.awaits_review;
    occupancy.has_person |= row.is_in_use;
    if let Some(days) = row.min_interval_days {
        let others = row.starts.into_iter().zip(days);
        let others = others.map(|(starts_at, days)| KeptApart { starts_at, days });
        occupancy.kept_apart.extend(others);
        return Ok(());
    }
    let spans = row.starts.into_iter().zip(row.ends.unwrap_or_default());
    if let Some(room_ids) = row.room_ids {
        for (room_id, (starts_at, ends_at)) in room_ids.into_iter().zip(spans) {
            let span = span_of(room_id, starts_at, ends_at)?;
            occupancy.spans.entry(room_id).or_default().push(span);
        }
        return Ok(());
    }
    let Some(resource_id) = row.person_id else {
        return Ok(());
    };
    let own = occupancy.spans.entry(resource_id).or_default();
    for (starts_at, ends_at) in spans {
        own.push(span_of(resource_id, starts_at, ends_at)?);
    }
    let spans = row.seat_starts.unwrap_or_default().into_iter();
    let spans = spans.zip(row.seat_ends.unwrap_or_default());
    let sessions = row.seat_sessions.unwrap_or_default().into_iter();
    let seats = spans.zip(sessions.zip(row.seat_places.unwrap_or_default()));
    for ((starts_at, ends_at), (session_id, number)) in seats {
        occupancy.seats.push(OccupiedSeat {
            resource_id,
            span: span_of(resource_id, starts_at, ends_at)?,
            session_id,
            number,
        });
    }
    Ok(())
}

/// The span of a booking of this resource.
fn span_of(
    resource_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
) -> Result<Interval, InconsistentRow> {
    Interval::new(starts_at, ends_at)
        .ok_or_else(|| InconsistentRow::new("resource_bookings", "ends_at", resource_id))
}
