//! What is taken: the rows under the exclusion constraint that proves nothing is booked twice.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, Bool, Integer, Nullable, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::intervals::Interval;
use crate::platform::prepared::prepared;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId};
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::calendars::Whom;
use crate::scheduling::group::Seat;
use crate::scheduling::hold::HoldId;
use crate::scheduling::place::{Claim, Conflict, ResourceKind};
use crate::schema::{appointment_types, locations, patients, resource_bookings, rooms};

/// What a resource is taken for.
#[derive(Debug, Clone, Copy)]
pub(in crate::scheduling) enum Cause {
    Appointment(AppointmentId),
    Hold {
        id: HoldId,
        expires_at: DateTime<Utc>,
    },
}

#[derive(Insertable)]
#[diesel(table_name = resource_bookings, treat_none_as_default_value = false)]
struct NewBookingRow {
    practice_id: Uuid,
    id: Uuid,
    resource_id: Uuid,
    resource_kind: ResourceKind,
    appointment_id: Option<AppointmentId>,
    hold_id: Option<HoldId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    session_id: Uuid,
    place: Option<i16>,
    location_id: Option<LocationId>,
}

/// Takes the resources, and says which of them were won.
///
/// The claims are taken in order of kind and id, the same in every transaction, so that two of
/// them can wait for one another in one direction only.
pub(in crate::scheduling) async fn acquire(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    claims: &[Claim],
) -> Stored<Vec<Uuid>> {
    let (appointment_id, hold_id, expires_at) = match cause {
        Cause::Appointment(id) => (Some(id), None, None),
        Cause::Hold { id, expires_at } => (None, Some(id), Some(expires_at)),
    };
    let mut sorted = claims.to_vec();
    sorted.sort_unstable_by_key(|claim| (claim.kind, claim.resource_id));
    let rows: Vec<NewBookingRow> = sorted
        .iter()
        .map(|claim| NewBookingRow {
            practice_id: transaction.practice_id(),
            id: id::fresh(transaction.now()),
            resource_id: claim.resource_id,
            resource_kind: claim.kind,
            appointment_id,
            hold_id,
            starts_at: claim.span.starts_at(),
            ends_at: claim.span.ends_at(),
            expires_at,
            // A session of its own where none is shared.
            session_id: claim
                .seat
                .map_or_else(|| id::fresh(transaction.now()), |seat| seat.session_id),
            place: claim.seat.map(|seat| seat.place),
            location_id: claim.location_id,
        })
        .collect();
    let insertion = diesel::insert_into(resource_bookings::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .returning(resource_bookings::resource_id);
    let won = prepared(insertion)
        .get_results(&mut transaction.connection())
        .await?;
    Ok(won)
}

/// Frees what an appointment has taken: all of it, or only what is of one kind.
pub(in crate::scheduling) async fn release(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    kind: Option<ResourceKind>,
) -> Stored<()> {
    let kinds = kind.map_or_else(|| ResourceKind::ALL.to_vec(), |kind| vec![kind]);
    diesel::delete(resource_bookings::table)
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::appointment_id.eq(id))
        .filter(resource_bookings::resource_kind.eq_any(kinds))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// More than are ever in the way of one appointment, but for the places of a group.
const CONFLICTS: &str = "
    SELECT resource_kind, resource_id, appointment_id, starts_at, ends_at, expires_at
    FROM resource_bookings
    WHERE practice_id = $1
        AND resource_id = ANY ($2 || ARRAY(SELECT person_id FROM patients WHERE practice_id = $1 AND id = ANY ($6)))
        AND starts_at > $3 - interval '12 hours' AND starts_at < $4 AND ends_at > $3
        AND (expires_at IS NULL OR expires_at > $5) AND (appointment_id IS NULL OR appointment_id <> ALL ($7))
    ORDER BY starts_at, id LIMIT 20";

/// What is in the way of these resources, and of the patients, in this span.
pub(in crate::scheduling) async fn conflicts(
    transaction: &OpenTransaction<'_>,
    ids: &[Uuid],
    span: &Interval,
    whom: &Whom,
) -> Stored<Vec<Conflict>> {
    let statement = asked(transaction, CONFLICTS, (ids, span, whom));
    let rows = prepared(statement).load(&mut transaction.connection());
    Ok(rows.await?)
}

/// The place of an appointment in a session that is shared, if it is.
pub(in crate::scheduling) async fn seat_of(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<Seat>> {
    let seat: Option<(Uuid, i16)> = resource_bookings::table
        .filter(resource_bookings::practice_id.eq(transaction.practice_id()))
        .filter(resource_bookings::appointment_id.eq(id))
        .filter(resource_bookings::resource_kind.eq(ResourceKind::Provider))
        .filter(resource_bookings::place.is_not_null())
        .select((
            resource_bookings::session_id,
            resource_bookings::place.assume_not_null(),
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(seat.map(|(session_id, place)| Seat { session_id, place }))
}

/// What takes the time of resources and patients.
#[derive(Debug, Default)]
pub(in crate::scheduling) struct Taken {
    /// When each resource is booked or held.
    pub(in crate::scheduling) spans: BTreeMap<Uuid, Vec<Interval>>,
    /// Which of them are places in sessions that are shared.
    pub(in crate::scheduling) seats: Vec<TakenSeat>,
    /// When the patients have other appointments that want an interval, and of how many days.
    pub(in crate::scheduling) kept_apart: Vec<(DateTime<Utc>, i32)>,
    /// Whether a provider must review something about one of the patients first.
    pub(in crate::scheduling) awaits_review: bool,
    /// Whether one of the patients is a person for whom something can be booked.
    pub(in crate::scheduling) has_person: bool,
}

/// A place in a session of a resource.
#[derive(Debug, Clone, Copy)]
pub(in crate::scheduling) struct TakenSeat {
    pub(in crate::scheduling) resource_id: Uuid,
    pub(in crate::scheduling) span: Interval,
    pub(in crate::scheduling) session_id: Uuid,
    pub(in crate::scheduling) place: i16,
}

/// All that takes one person, or all that takes rooms, or what else is known of a patient: other
/// appointments, when a needle last went in, and whether a review is awaited.
#[derive(QueryableByName)]
struct TakenRow {
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
    /// Which room each start and end is of.
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    room_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Array<Integer>>)]
    min_interval_days: Option<Vec<i32>>,
    #[diesel(sql_type = Bool)]
    awaits_review: bool,
    /// Of the record that stands for a person.
    #[diesel(sql_type = Bool)]
    is_in_use: bool,
}

/// Plain comparisons of columns: under row-level security a range operator uses no index. No
/// booking is longer than 12 hours, and no interval than a year: checks on the tables hold it.
///
/// A row a person and not a row a booking: two months of twenty providers are seven thousand
/// bookings, and sending them costs more than finding them. Each is gone through by itself, so that
/// nothing is sorted. The rooms of a location lie beside each other, and are one row.
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
        record.awaited_reviews > 0, record.id = record.person_id AND record.archived_at IS NULL
    FROM patients person
    JOIN patients record ON record.practice_id = person.practice_id AND record.person_id = person.person_id
    WHERE person.practice_id = $1 AND person.id = ANY ($6)"
    )
}

/// The time and the locations are known.
const OF_THESE: &str = "
        SELECT $3::timestamptz AS from_at, $4::timestamptz AS until, $9::timestamptz AS rooms_until,
            $8::uuid[] AS location_ids";

/// Neither the type of appointment is known yet, and how far it reaches around its start, nor where
/// the provider keeps hours.
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

/// A room that is taken just when the provider is, as most are where visits are of one length, says
/// nothing that the provider does not. It need be neither sent nor read.
const BESIDE_THE_PROVIDER: &str = "AND (starts_at, ends_at) NOT IN (
            SELECT own.starts_at, own.ends_at FROM resource_bookings own
            WHERE own.practice_id = $1 AND own.resource_id = $8 AND own.location_id IS NULL
                AND (own.appointment_id IS NULL OR own.appointment_id <> ALL ($7))
                AND own.starts_at > (SELECT from_at FROM asked) - interval '12 hours'
                AND own.starts_at < (SELECT rooms_until FROM asked)
                AND (own.expires_at IS NULL OR own.expires_at > $5))";

static BUSY: LazyLock<String> = LazyLock::new(|| busy_statement(OF_THESE, NO_SEATS, ""));
/// Looking for seats costs as much again as looking for spans.
static BUSY_AND_SEATED: LazyLock<String> = LazyLock::new(|| busy_statement(OF_THESE, SEATS, ""));
static BUSY_OF_ONE: LazyLock<String> =
    LazyLock::new(|| busy_statement(OF_ONE, SEATS, BESIDE_THE_PROVIDER));

/// What may be in the way of somebody.
#[derive(Debug, Clone, Default)]
pub(in crate::scheduling) struct Resources {
    /// Providers and patients.
    pub(in crate::scheduling) ids: Vec<Uuid>,
    pub(in crate::scheduling) rooms: Rooms,
    /// Whether sessions are shared, so that it matters which places in them are taken.
    pub(in crate::scheduling) with_seats: bool,
}

/// The rooms that may be in the way: all of some locations, before an instant.
#[derive(Debug, Clone, Default)]
pub(in crate::scheduling) struct Rooms {
    pub(in crate::scheduling) location_ids: Vec<Uuid>,
    pub(in crate::scheduling) before: DateTime<Utc>,
}

/// What blocks the resources in the range (expired holds and what is moved do not), and around it
/// the other appointments of the patients that want an interval; and whether a review is awaited
/// about any record of them.
pub(in crate::scheduling) async fn busy(
    transaction: &OpenTransaction<'_>,
    resources: &Resources,
    range: &Interval,
    whom: &Whom,
) -> Stored<Taken> {
    let statement = if resources.with_seats {
        &BUSY_AND_SEATED
    } else {
        &BUSY
    };
    let statement = asked(transaction, statement, (&resources.ids, range, whom))
        .bind::<Array<SqlUuid>, _>(&resources.rooms.location_ids)
        .bind::<Timestamptz, _>(resources.rooms.before);
    let rows = prepared(statement).load(&mut transaction.connection());
    Ok(Taken::of(rows.await?))
}

/// One provider whose hours are not known yet, and what is to be booked with them.
#[derive(Debug, Clone, Copy)]
pub(in crate::scheduling) struct OfOne {
    pub(in crate::scheduling) appointment_type_id: AppointmentTypeId,
    pub(in crate::scheduling) provider_id: ProviderId,
    /// This location; wherever they keep hours when there is none.
    pub(in crate::scheduling) location_id: Option<LocationId>,
    /// Rooms are looked at for starts before this.
    pub(in crate::scheduling) rooms_until: DateTime<Utc>,
}

/// When a provider, the patients and the rooms they could be in are taken, as far as it decides any
/// start in `starts`.
pub(in crate::scheduling) async fn busy_of_one(
    transaction: &OpenTransaction<'_>,
    of: &OfOne,
    starts: &Interval,
    whom: &Whom,
) -> Stored<Taken> {
    let mut ids = whom.patient_ids.clone();
    ids.push(of.provider_id.uuid());
    let statement = asked(transaction, &BUSY_OF_ONE, (&ids, starts, whom))
        .bind::<SqlUuid, _>(of.provider_id)
        .bind::<Timestamptz, _>(of.rooms_until)
        .bind::<SqlUuid, _>(of.appointment_type_id)
        .bind::<Nullable<SqlUuid>, _>(of.location_id);
    let rows = prepared(statement).load(&mut transaction.connection());
    Ok(Taken::of(rows.await?))
}

/// A statement with what each of them is told first.
fn asked(
    transaction: &OpenTransaction<'_>,
    statement: &str,
    (ids, range, whom): (&[Uuid], &Interval, &Whom),
) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
    diesel::sql_query(statement)
        .into_boxed()
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .bind::<Timestamptz, _>(range.starts_at())
        .bind::<Timestamptz, _>(range.ends_at())
        .bind::<Timestamptz, _>(transaction.now())
        .bind::<Array<SqlUuid>, _>(whom.patient_ids.clone())
        .bind::<Array<SqlUuid>, _>(whom.moved_ids.clone())
}

impl Taken {
    fn of(rows: Vec<TakenRow>) -> Self {
        let mut taken = Self::default();
        for row in rows {
            taken.add(row);
        }
        taken
    }

    fn add(&mut self, row: TakenRow) {
        self.awaits_review |= row.awaits_review;
        self.has_person |= row.is_in_use;
        if let Some(days) = row.min_interval_days {
            self.kept_apart.extend(row.starts.into_iter().zip(days));
            return;
        }
        let ends = row.ends.unwrap_or_default();
        let spans = row.starts.into_iter().zip(ends);
        let spans = spans.map(|(starts_at, ends_at)| Interval::new(starts_at, ends_at));
        if let Some(room_ids) = row.room_ids {
            for (room_id, span) in room_ids.into_iter().zip(spans) {
                self.spans.entry(room_id).or_default().extend(span);
            }
            return;
        }
        let Some(resource_id) = row.person_id else {
            return;
        };
        self.spans
            .entry(resource_id)
            .or_default()
            .extend(spans.flatten());
        let sessions = row.seat_sessions.unwrap_or_default();
        let seats = row.seat_starts.unwrap_or_default().into_iter();
        let seats = seats.zip(row.seat_ends.unwrap_or_default());
        let seats = seats.zip(
            sessions
                .into_iter()
                .zip(row.seat_places.unwrap_or_default()),
        );
        let seat = |((starts_at, ends_at), (session_id, place))| {
            Some(TakenSeat {
                resource_id,
                span: Interval::new(starts_at, ends_at)?,
                session_id,
                place,
            })
        };
        self.seats.extend(seats.filter_map(seat));
    }
}

/// Lets no other booking that keeps appointments of these patients apart go on beside this one, if
/// this type does.
pub(in crate::scheduling) async fn lock_patients(
    transaction: &OpenTransaction<'_>,
    whom: &Whom,
    appointment_type_id: AppointmentTypeId,
) -> Stored<()> {
    let keeps_apart = appointment_types::table
        .filter(appointment_types::practice_id.eq(transaction.practice_id()))
        .filter(appointment_types::id.eq(appointment_type_id))
        .filter(appointment_types::min_interval_days.is_not_null());
    patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq_any(&whom.patient_ids))
        .filter(exists(keeps_apart))
        .order(patients::id)
        .select(patients::id)
        .for_no_key_update()
        .load::<Uuid>(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Locks the holds in the order of their ids before it deletes them, so that two bookings that
/// clear the same ones do not deadlock.
const CLEAR_EXPIRED: &str = "
    DELETE FROM holds WHERE practice_id = $1 AND id IN (
        SELECT h.id FROM holds h
        WHERE h.practice_id = $1 AND h.expires_at <= $3 AND h.id IN (
            SELECT b.hold_id FROM resource_bookings b
            WHERE b.practice_id = $1 AND b.resource_id = ANY ($2) AND b.hold_id IS NOT NULL
                AND b.starts_at > $4 - interval '12 hours' AND b.starts_at < $5
                AND b.ends_at > $4)
        ORDER BY h.id FOR UPDATE)";

/// Deletes the expired holds that are in the way of the resources in this span.
pub(in crate::scheduling) async fn clear_expired(
    transaction: &OpenTransaction<'_>,
    resource_ids: &[Uuid],
    span: &Interval,
) -> Stored<()> {
    prepared(
        diesel::sql_query(CLEAR_EXPIRED)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Array<SqlUuid>, _>(resource_ids)
            .bind::<Timestamptz, _>(transaction.now())
            .bind::<Timestamptz, _>(span.starts_at())
            .bind::<Timestamptz, _>(span.ends_at()),
    )
    .execute(&mut transaction.connection())
    .await?;
    Ok(())
}

/// Whether ids that a client named stand for something within its reach.
#[derive(Debug, Clone, Copy)]
pub(in crate::scheduling) struct Known {
    pub(in crate::scheduling) location: bool,
    /// The room is one of the location.
    pub(in crate::scheduling) room: bool,
    /// False where the room was given up.
    pub(in crate::scheduling) is_room_in_use: bool,
}

/// Asks for the ids at once; one that was not named counts as known.
pub(in crate::scheduling) async fn known(
    transaction: &OpenTransaction<'_>,
    location_id: LocationId,
    room_id: Option<RoomId>,
) -> Stored<Known> {
    let practice_id = transaction.practice_id();
    let location = locations::table
        .filter(locations::practice_id.eq(practice_id))
        .filter(locations::id.eq(location_id));
    let room = rooms::table
        .filter(rooms::practice_id.eq(practice_id))
        .filter(rooms::location_id.eq(location_id))
        .filter(rooms::id.nullable().eq(room_id))
        .select(rooms::active)
        .single_value();
    let (location, active): (bool, Option<bool>) = diesel::select((exists(location), room))
        .get_result(&mut transaction.connection())
        .await?;
    Ok(Known {
        location,
        room: active.is_some() || room_id.is_none(),
        is_room_in_use: active != Some(false),
    })
}
