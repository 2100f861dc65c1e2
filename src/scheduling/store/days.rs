//! Reads a day of appointments as plain rows, and the names beside them. A join would find, send
//! and read each name for every row.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use crate::patients::{PatientId, persons, shown_name};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::{ConstantSql, constant_sql, prepared};
use crate::platform::text::text_enum;
use crate::practice::{AffectedCause, AppointmentTypeId, LocationId, ProviderId, RoomId, TimeZone};
use crate::scheduling::allowed_acts::{PatientRules, allowed_acts};
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::appointment_status::{Standing, Status};
use crate::scheduling::day_board::{DayAppointment, DayOf, Named};
use crate::schema::{appointments, patients};

use super::affected_by::AFFECTED_BY;

/// The columns of an appointment that the day board shows.
#[derive(Queryable, Selectable)]
#[diesel(table_name = appointments, check_for_backend(Pg))]
struct DayRow {
    id: AppointmentId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    appointment_type_id: AppointmentTypeId,
    status: Status,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    reason: Option<String>,
    note: Option<String>,
    arrived_at: Option<DateTime<Utc>>,
    roomed_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    undoable_steps: i16,
    version: Version,
}

/// What is shown of a patient, and the record that this one was merged into.
type PatientRow = (
    String,
    String,
    Option<PatientId>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// Reads the appointments that start on a day of their location, or can last into it from the
/// evening before, plus those of the hours around; and the providers who have not left. The caller drops those of other days: Postgres and this program may have different
/// time-zone tables.
pub(in crate::scheduling) async fn of_day(
    transaction: &OpenTransaction<'_>,
    of: DayOf,
) -> Stored<Day> {
    let (mut for_settings, mut for_rows) = (transaction.connection(), transaction.connection());
    let query = day_query(transaction, of);
    // Names are read after the rows, so every row has its names.
    let ((), rows, names) = pipelined!(
        async { Ok(for_settings.batch_execute(ROW_BY_ROW).await?) },
        async {
            Ok(prepared(query)
                .load::<(DayRow, PatientRow, Option<AffectedCause>)>(&mut for_rows)
                .await?)
        },
        Names::load(transaction, of),
    )?;
    let persons = persons(transaction, rows.iter().map(|(_, patient, _)| patient.2)).await?;
    let shown = rows.into_iter().map(|(row, patient, affected_by)| {
        let merged_into = patient.2;
        let mut shown = names.add(transaction, row, patient)?;
        shown.affected_by = affected_by;
        if let Some(person) = merged_into.and_then(|id| persons.get(&id)) {
            shown.patient = Named::new(person.id, person.name());
        }
        Ok(shown)
    });
    let shown: Result<_, InconsistentRow> = shown.collect();
    Ok(Day {
        appointments: shown?,
        providers: names.in_use,
        type_ids: names.types.keys().map(|id| id.uuid()).collect(),
    })
}

/// A day as it was read.
pub(in crate::scheduling) struct Day {
    pub(in crate::scheduling) appointments: Vec<DayAppointment>,
    /// The providers who have not left.
    pub(in crate::scheduling) providers: Vec<Named<ProviderId>>,
    /// The types of appointment that there are.
    pub(in crate::scheduling) type_ids: Vec<Uuid>,
}

type DayQuery = diesel::dsl::IntoBoxed<
    'static,
    diesel::dsl::Select<
        diesel::dsl::InnerJoinOn<appointments::table, patients::table, PatientOf>,
        (
            diesel::dsl::AsSelect<DayRow, Pg>,
            (
                patients::given_name,
                patients::family_name,
                patients::merged_into_id,
                patients::phone,
                patients::preferred_name,
                patients::pronouns,
            ),
            ConstantSql<Nullable<Text>, 0>,
        ),
    >,
    Pg,
>;

type PatientOf = diesel::dsl::And<
    diesel::dsl::Eq<patients::practice_id, appointments::practice_id>,
    diesel::dsl::Eq<patients::id, appointments::patient_id>,
>;

fn day_query(transaction: &OpenTransaction<'_>, of: DayOf) -> DayQuery {
    let (date, location_id, provider_id) = (of.date, of.location_id, of.provider_id);
    // The bounds are computed before the scan: under row-level security only such bounds use an
    // index.
    let midnight = |first_or_last: &'static str, locations: &'static str| {
        sql::<Timestamptz>(first_or_last)
            .bind::<Nullable<Date>, _>(date)
            .sql("::date, (")
            .bind::<Timestamptz, _>(transaction.now())
            .sql(locations)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .sql(" AND coalesce(id = ")
            .bind::<Nullable<SqlUuid>, _>(location_id)
            .sql(", true))")
    };
    let from = midnight(
        "(SELECT min(coalesce(",
        " AT TIME ZONE time_zone)::date)::timestamp AT TIME ZONE time_zone) - interval '2 hours'
            FROM locations WHERE practice_id = ",
    )
    .sql(
        " - (SELECT make_interval(mins => coalesce(max(duration_minutes), 0)) FROM appointment_types
            WHERE practice_id = ",
    )
    .bind::<SqlUuid, _>(transaction.practice_id())
    .sql(")");
    let to = midnight(
        "(SELECT max((coalesce(",
        " AT TIME ZONE time_zone)::date) + 1)::timestamp AT TIME ZONE time_zone) + interval '2 hours'
            FROM locations WHERE practice_id = ",
    );
    let patient = patients::practice_id
        .eq(appointments::practice_id)
        .and(patients::id.eq(appointments::patient_id));
    let mut query = appointments::table
        .inner_join(patients::table.on(patient))
        .select((
            DayRow::as_select(),
            (
                patients::given_name,
                patients::family_name,
                patients::merged_into_id,
                patients::phone,
                patients::preferred_name,
                patients::pronouns,
            ),
            constant_sql::<Nullable<Text>, 0>([], [], AFFECTED_BY),
        ))
        .into_boxed()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::starts_at.ge(from))
        .filter(appointments::starts_at.lt(to))
        .order((appointments::starts_at, appointments::id));
    if let Some(location_id) = location_id {
        query = query.filter(appointments::location_id.eq(location_id));
    }
    if let Some(provider_id) = provider_id {
        query = query.filter(appointments::provider_id.eq(provider_id));
    }
    query
}

/// The planner does not know the bounds of a day. It expects one in two hundred of all
/// appointments, and would read every patient of the practice.
const ROW_BY_ROW: &str = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

text_enum! {
    /// What a name is of.
    enum Kind {
        Provider = "provider",
        Location = "location",
        Room = "room",
        AppointmentType = "appointment_type",
    }
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    kind: Kind,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    time_zone: Option<TimeZone>,
    #[diesel(sql_type = Nullable<Text>)]
    color: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    cancel_cutoff_minutes: Option<i32>,
    /// For a type: whether patients book it. For a provider: whether they have not left.
    #[diesel(sql_type = Bool)]
    holds: bool,
}

/// The names that can be on the board. Their number does not grow with the number of appointments.
const NAMES: &str = "
    SELECT 'provider' AS kind, p.id, p.name, NULL::text AS time_zone, NULL::text AS color,
        NULL::integer AS cancel_cutoff_minutes, p.active AS holds
    FROM providers p WHERE p.practice_id = $1 AND coalesce(p.id = $3, true)
    UNION ALL
    SELECT 'location', l.id, l.name, l.time_zone, NULL, NULL, false
    FROM locations l WHERE l.practice_id = $1 AND coalesce(l.id = $2, true)
    UNION ALL
    SELECT 'room', r.id, r.name, NULL, NULL, NULL, false
    FROM rooms r WHERE r.practice_id = $1 AND coalesce(r.location_id = $2, true)
    UNION ALL
    SELECT 'appointment_type', t.id, t.name, NULL, t.color, t.cancel_cutoff_minutes, t.patient_bookable
    FROM appointment_types t WHERE t.practice_id = $1";

/// The names of providers, locations, rooms and types.
#[derive(Default)]
struct Names {
    providers: HashMap<ProviderId, String>,
    locations: HashMap<LocationId, (String, TimeZone)>,
    rooms: HashMap<RoomId, String>,
    types: HashMap<AppointmentTypeId, NamedType>,
    in_use: Vec<Named<ProviderId>>,
}

struct NamedType {
    name: String,
    color: String,
    cancel_cutoff_minutes: i32,
    is_patient_bookable: bool,
}

impl Names {
    async fn load(transaction: &OpenTransaction<'_>, of: DayOf) -> Stored<Self> {
        let statement = diesel::sql_query(NAMES)
            .bind::<SqlUuid, _>(transaction.practice_id())
            .bind::<Nullable<SqlUuid>, _>(of.location_id)
            .bind::<Nullable<SqlUuid>, _>(of.provider_id);
        let rows: Vec<NameRow> = prepared(statement)
            .load(&mut transaction.connection())
            .await?;
        let mut names = Self::default();
        for row in rows {
            names.know(row)?;
        }
        Ok(names)
    }

    fn know(&mut self, row: NameRow) -> Result<(), InconsistentRow> {
        match row.kind {
            Kind::Provider => {
                let id = ProviderId::from(row.id);
                if row.holds {
                    self.in_use.push(Named::new(id, row.name.clone()));
                }
                self.providers.insert(id, row.name);
            }
            Kind::Location => {
                let zone = row.time_zone;
                let zone =
                    zone.ok_or_else(|| InconsistentRow::new("locations", "time_zone", row.id))?;
                self.locations.insert(row.id.into(), (row.name, zone));
            }
            Kind::Room => {
                self.rooms.insert(row.id.into(), row.name);
            }
            Kind::AppointmentType => {
                let missing = |column| InconsistentRow::new("appointment_types", column, row.id);
                let cutoff = row.cancel_cutoff_minutes;
                let named = NamedType {
                    name: row.name,
                    color: row.color.ok_or_else(|| missing("color"))?,
                    cancel_cutoff_minutes: cutoff
                        .ok_or_else(|| missing("cancel_cutoff_minutes"))?,
                    is_patient_bookable: row.holds,
                };
                self.types.insert(row.id.into(), named);
            }
        }
        Ok(())
    }

    /// Adds the names to a row. They are there: foreign keys guarantee it.
    fn add(
        &self,
        transaction: &OpenTransaction<'_>,
        row: DayRow,
        (given_name, family_name, _, phone, preferred_name, pronouns): PatientRow,
    ) -> Result<DayAppointment, InconsistentRow> {
        let unnamed = |column| move || InconsistentRow::new("appointments", column, row.id);
        let provider_name = self.providers.get(&row.provider_id);
        let provider_name = provider_name.ok_or_else(unnamed("provider_id"))?;
        let location = self.locations.get(&row.location_id);
        let (location_name, zone) = location.ok_or_else(unnamed("location_id"))?;
        let room_name = |id| self.rooms.get(&id).ok_or_else(unnamed("room_id"));
        let room = row
            .room_id
            .map(|id| Ok(Named::new(id, room_name(id)?.clone())));
        let room = room.transpose()?;
        let of_type = self.types.get(&row.appointment_type_id);
        let of_type = of_type.ok_or_else(unnamed("appointment_type_id"))?;
        let standing = Standing {
            status: row.status,
            starts_at: row.starts_at,
            undoable_steps: row.undoable_steps,
        };
        let rules = PatientRules {
            cancel_cutoff_minutes: of_type.cancel_cutoff_minutes.into(),
            is_patient_bookable: of_type.is_patient_bookable,
        };
        Ok(DayAppointment {
            id: row.id,
            patient: Named::new(row.patient_id, shown_name(&given_name, &family_name)),
            provider: Named::new(row.provider_id, provider_name.clone()),
            location: Named::new(row.location_id, location_name.clone()),
            zone: zone.0,
            room,
            appointment_type: Named::new(row.appointment_type_id, of_type.name.clone()),
            color: of_type.color.clone(),
            status: row.status,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            reason: row.reason,
            note: row.note,
            phone,
            preferred_name,
            pronouns,
            affected_by: None,
            arrived_at: row.arrived_at,
            roomed_at: row.roomed_at,
            started_at: row.started_at,
            allowed: allowed_acts(transaction, &standing, rules),
            version: row.version,
        })
    }
}
