//! One statement for everything that decides when providers are there.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Jsonb, Nullable, Text, Time, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::prepared::prepared;
use crate::platform::text::text_enum;
use crate::practice::appointment_types::{self, AppointmentType, AppointmentTypeId};
use crate::practice::hours::{AvailabilityTemplate, ProviderHours, Weekday, WeeklyWindow};
use crate::practice::providers::ProviderId;
use crate::practice::time_zone::TimeZone;
use crate::schema::{appointments, providers};

use super::{Affected, LocationSchedule, ScheduleQuery};

text_enum! {
    /// What a row of the statement tells of.
    enum Kind {
        Location = "location",
        Providers = "providers",
        Window = "window",
        ExtraHours = "extra_hours",
        TimeOff = "time_off",
        Closure = "closure",
        AppointmentType = "appointment_type",
    }
}

#[derive(QueryableByName)]
struct ScheduleRow {
    #[diesel(sql_type = Text)]
    kind: Kind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    /// Of the rooms of a location by name, or of the providers.
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    provider_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    location_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    time_zone: Option<TimeZone>,
    #[diesel(sql_type = Nullable<Date>)]
    valid_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    valid_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    weekday: Option<Weekday>,
    #[diesel(sql_type = Nullable<Time>)]
    opens_at: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<Time>)]
    closes_at: Option<NaiveTime>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    appointment_type_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    starts_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    appointment_type: Option<serde_json::Value>,
}

/// Each part is one scan of an index over what lies in the range. Templates are taken two days
/// early and one late: their dates are local, and a window over midnight opens the day before.
const SCHEDULES: &str = "
    WITH wanted_providers AS (
        SELECT id FROM providers
        WHERE practice_id = $1 AND active AND ($2::uuid[] IS NULL OR id = ANY ($2))
    ), wanted_locations AS (
        SELECT id, time_zone FROM locations
        WHERE practice_id = $1 AND ($3::uuid IS NULL OR id = $3)
    )
    SELECT 'location' AS kind, NULL::uuid AS id,
        ARRAY(SELECT r.id FROM rooms r WHERE r.practice_id = $1 AND r.location_id = l.id AND r.active
            ORDER BY r.name, r.id) AS ids,
        NULL::uuid AS provider_id, l.id AS location_id,
        l.time_zone, NULL::date AS valid_from, NULL::date AS valid_until, NULL::text AS weekday,
        NULL::time AS opens_at, NULL::time AS closes_at, NULL::uuid[] AS appointment_type_ids,
        NULL::timestamptz AS starts_at, NULL::timestamptz AS ends_at, NULL::jsonb AS appointment_type
    FROM wanted_locations l
    UNION ALL
    SELECT 'providers', NULL, ARRAY(SELECT id FROM wanted_providers ORDER BY id), NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    UNION ALL
    SELECT 'window', t.id, NULL, t.provider_id, t.location_id,
        l.time_zone, t.valid_from, t.valid_until, w.weekday, w.opens_at, w.closes_at,
        w.appointment_type_ids, NULL, NULL, NULL
    FROM availability_templates t
    JOIN wanted_providers p ON p.id = t.provider_id
    JOIN wanted_locations l ON l.id = t.location_id
    JOIN availability_windows w ON w.practice_id = t.practice_id AND w.template_id = t.id
    WHERE t.practice_id = $1
        AND t.valid_from <= ($5 AT TIME ZONE 'UTC')::date + 1
        AND (t.valid_until IS NULL OR t.valid_until >= ($4 AT TIME ZONE 'UTC')::date - 2)
    UNION ALL
    SELECT 'extra_hours', NULL, NULL, e.provider_id, e.location_id,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, e.starts_at, e.ends_at, NULL
    FROM extra_hours e
    JOIN wanted_providers p ON p.id = e.provider_id
    JOIN wanted_locations l ON l.id = e.location_id
    WHERE e.practice_id = $1 AND e.starts_at < $5 AND e.ends_at > $4
        AND e.starts_at > $4 - interval '7 days'
    UNION ALL
    SELECT 'time_off', NULL, NULL, o.provider_id, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.starts_at, o.ends_at, NULL
    FROM time_off o JOIN wanted_providers p ON p.id = o.provider_id
    WHERE o.practice_id = $1 AND o.starts_at < $5 AND o.ends_at > $4
    UNION ALL
    SELECT 'closure', NULL, NULL, NULL, c.location_id,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.starts_at, c.ends_at, NULL
    FROM closures c
    WHERE c.practice_id = $1 AND c.starts_at < $5 AND c.ends_at > $4
        AND (c.location_id IS NULL OR $3::uuid IS NULL OR c.location_id = $3)
    UNION ALL
    SELECT 'appointment_type', t.id, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, to_jsonb(t)
    FROM appointment_types t
    WHERE t.practice_id = $1 AND t.id = $6";

pub(super) async fn load(
    transaction: &OpenTransaction<'_>,
    query: &ScheduleQuery,
    appointment_type_id: Option<AppointmentTypeId>,
) -> Stored<Found> {
    let rows: Vec<ScheduleRow> = prepared(
        diesel::sql_query(SCHEDULES)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Nullable<Array<SqlUuid>>, _>(query.provider_ids.as_ref())
            .bind::<Nullable<SqlUuid>, _>(query.location_id)
            .bind::<Timestamptz, _>(query.range.starts_at())
            .bind::<Timestamptz, _>(query.range.ends_at())
            .bind::<Nullable<SqlUuid>, _>(appointment_type_id),
    )
    .load(&mut transaction.connection())
    .await?;
    let mut found = Found::default();
    for row in rows {
        found.add(row);
    }
    Ok(found)
}

pub(super) async fn lock_shared(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
) -> Stored<bool> {
    let row = providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(providers::id.eq(provider_id))
        .select(providers::id)
        .for_share()
        .first::<Uuid>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.is_some())
}

pub(super) async fn provider_exists(
    transaction: &OpenTransaction<'_>,
    id: ProviderId,
) -> Stored<bool> {
    let found = providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(providers::id.eq(id))
        .select(providers::id)
        .first::<Uuid>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(found.is_some())
}

pub(super) async fn lock_one(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
) -> Stored<bool> {
    let row = providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(providers::id.eq(provider_id))
        .select(providers::id)
        .for_no_key_update()
        .first::<Uuid>(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.is_some())
}

/// In the order of ids, so that two of these never wait for each other.
pub(super) async fn lock_all(transaction: &OpenTransaction<'_>) -> Stored<()> {
    providers::table
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .select(providers::id)
        .order(providers::id)
        .for_no_key_update()
        .load::<Uuid>(&mut transaction.connection())
        .await?;
    Ok(())
}

/// An appointment that is still to take place.
#[derive(HasQuery)]
#[diesel(table_name = appointments)]
pub(super) struct BookedRow {
    pub(super) id: Uuid,
    pub(super) patient_id: Uuid,
    pub(super) provider_id: Uuid,
    pub(super) location_id: Uuid,
    pub(super) appointment_type_id: Uuid,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) ends_at: DateTime<Utc>,
}

/// Appointments are the business of scheduling, which stands on this feature; they are read here
/// as data, because the answer to changed hours names them, in the same transaction.
pub(super) async fn booked_ahead(
    transaction: &OpenTransaction<'_>,
    affected: Affected,
) -> Stored<Vec<BookedRow>> {
    let mut query = BookedRow::query()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::status.eq_any(["booked", "confirmed"]))
        .filter(appointments::starts_at.gt(transaction.now()))
        .order((appointments::starts_at, appointments::id))
        .into_boxed();
    if let Some(provider_id) = affected.provider_id {
        query = query.filter(appointments::provider_id.eq(provider_id.uuid()));
    }
    if let Some(location_id) = affected.location_id {
        query = query.filter(appointments::location_id.eq(location_id.uuid()));
    }
    if let Some(range) = affected.range {
        query = query
            .filter(appointments::starts_at.lt(range.ends_at()))
            .filter(appointments::ends_at.gt(range.starts_at()));
    }
    Ok(query
        .load::<BookedRow>(&mut transaction.connection())
        .await?)
}

type Pair = (Uuid, Uuid);

/// A template whose windows come one a row.
struct Period {
    pair: Pair,
    zone: Tz,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    weekly: Vec<WeeklyWindow>,
}

/// The rows of the statement, sorted by provider and location.
#[derive(Default)]
pub(super) struct Found {
    zones: BTreeMap<Uuid, Tz>,
    rooms: BTreeMap<Uuid, Vec<Uuid>>,
    provider_ids: Vec<Uuid>,
    periods: BTreeMap<Uuid, Period>,
    extra_hours: BTreeMap<Pair, Vec<Interval>>,
    time_off: BTreeMap<Uuid, Vec<Interval>>,
    closures: Vec<(Option<Uuid>, Interval)>,
    appointment_type: Option<AppointmentType>,
}

impl Found {
    fn add(&mut self, row: ScheduleRow) {
        let span = row
            .starts_at
            .zip(row.ends_at)
            .and_then(|(from, to)| Interval::new(from, to));
        match (row.kind, row.provider_id, row.location_id) {
            (Kind::Location, _, Some(location_id)) => {
                self.zones
                    .extend(row.time_zone.map(|zone| (location_id, zone.0)));
                self.rooms.insert(location_id, row.ids.unwrap_or_default());
            }
            (Kind::Providers, _, _) => self.provider_ids = row.ids.unwrap_or_default(),
            (Kind::Window, Some(provider_id), Some(location_id)) => {
                self.add_window(row, (provider_id, location_id));
            }
            (Kind::ExtraHours, Some(provider_id), Some(location_id)) => {
                self.extra_hours
                    .entry((provider_id, location_id))
                    .or_default()
                    .extend(span);
            }
            (Kind::TimeOff, Some(provider_id), _) => {
                self.time_off.entry(provider_id).or_default().extend(span);
            }
            (Kind::Closure, _, location_id) => {
                self.closures.extend(span.map(|span| (location_id, span)));
            }
            (Kind::AppointmentType, _, _) => {
                self.appointment_type = row.appointment_type.and_then(appointment_types::from_json);
            }
            _ => {}
        }
    }

    fn add_window(&mut self, row: ScheduleRow, pair: Pair) {
        let (Some(id), Some(zone), Some(valid_from)) = (row.id, row.time_zone, row.valid_from)
        else {
            return;
        };
        let period = self.periods.entry(id).or_insert_with(|| Period {
            pair,
            zone: zone.0,
            valid_from,
            valid_until: row.valid_until,
            weekly: Vec::new(),
        });
        if let (Some(weekday), Some(from), Some(to)) = (row.weekday, row.opens_at, row.closes_at) {
            let appointment_type_ids = row.appointment_type_ids.unwrap_or_default();
            period.weekly.push(WeeklyWindow {
                weekday,
                from,
                to,
                appointment_type_ids,
            });
        }
    }

    pub(super) const fn take_appointment_type(&mut self) -> Option<AppointmentType> {
        self.appointment_type.take()
    }

    pub(super) fn into_schedules(mut self, all_pairs: bool) -> Vec<LocationSchedule> {
        let mut templates: BTreeMap<Pair, Vec<AvailabilityTemplate>> = BTreeMap::new();
        for period in std::mem::take(&mut self.periods).into_values() {
            let template = AvailabilityTemplate::new(
                period.zone,
                period.valid_from,
                period.valid_until,
                period.weekly,
            );
            match template {
                Ok(template) => templates.entry(period.pair).or_default().push(template),
                Err(refused) => tracing::error!(%refused, "stored hours contradict themselves"),
            }
        }
        let mut schedules = Vec::new();
        for provider_id in &self.provider_ids {
            for (location_id, zone) in &self.zones {
                let pair = (*provider_id, *location_id);
                let templates = templates.remove(&pair).unwrap_or_default();
                let extra_hours = self.extra_hours.remove(&pair).unwrap_or_default();
                if all_pairs || !templates.is_empty() || !extra_hours.is_empty() {
                    let hours = self.hours(pair, templates, extra_hours);
                    schedules.push(self.schedule(pair, *zone, hours));
                }
            }
        }
        schedules
    }

    fn hours(
        &self,
        (provider_id, location_id): Pair,
        templates: Vec<AvailabilityTemplate>,
        extra_hours: Vec<Interval>,
    ) -> ProviderHours {
        let closures = self
            .closures
            .iter()
            .filter(|(closed, _)| closed.is_none_or(|closed| closed == location_id));
        let time_off = self.time_off.get(&provider_id);
        ProviderHours {
            templates,
            extra_hours: extra_hours.into_iter().collect(),
            time_off: time_off.into_iter().flatten().copied().collect(),
            closures: closures.map(|(_, span)| *span).collect::<IntervalSet>(),
        }
    }

    fn schedule(&self, pair: Pair, zone: Tz, hours: ProviderHours) -> LocationSchedule {
        let (provider_id, location_id) = pair;
        let room_ids = self.rooms.get(&location_id).cloned().unwrap_or_default();
        LocationSchedule {
            provider_id,
            location_id,
            zone,
            hours,
            room_ids,
        }
    }
}
