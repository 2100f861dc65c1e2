//! Appointments as they are shown: with the names of whom, where and what, in one statement.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{auto_type, sql};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

use crate::patients::{PatientId, persons, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::prepared;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId, TimeZone};
use crate::scheduling::appointment::{Appointment, AppointmentId, SeriesId, Status};
use crate::scheduling::change::allowed;
use crate::scheduling::read::AppointmentView;
use crate::schema::{
    appointment_types, appointments, availability_templates, locations, patients, providers, rooms,
};

use super::appointments::AppointmentRow;

type ViewRow = (
    AppointmentRow,
    PatientRow,
    String,
    LocationRow,
    Option<String>,
    TypeRow,
);

/// Given name, family name, and the record that took this one in.
type PatientRow = (String, String, Option<PatientId>);

type LocationRow = (String, TimeZone);

/// Name, colour, cut-off in minutes, and whether patients book it.
type TypeRow = (String, String, i32, bool);

fn view_of(transaction: &OpenTransaction<'_>, row: ViewRow) -> AppointmentView {
    let (row, (given_name, family_name, _), provider_name, location, room_name, of_type) = row;
    let (type_name, color, cutoff_minutes, patient_bookable) = of_type;
    let appointment = Appointment::from(row);
    let rules = (cutoff_minutes, patient_bookable);
    AppointmentView {
        allowed: allowed(transaction, &appointment, rules),
        appointment,
        patient_name: format!("{given_name} {family_name}"),
        provider_name,
        location_name: location.0,
        zone: location.1.0,
        room_name,
        type_name,
        color,
    }
}

#[auto_type(no_type_alias)]
fn named() -> _ {
    let patient = patients::practice_id
        .eq(appointments::practice_id)
        .and(patients::id.eq(appointments::patient_id));
    let provider = providers::practice_id
        .eq(appointments::practice_id)
        .and(providers::id.eq(appointments::provider_id));
    let location = locations::practice_id
        .eq(appointments::practice_id)
        .and(locations::id.eq(appointments::location_id));
    let appointment_type = appointment_types::practice_id
        .eq(appointments::practice_id)
        .and(appointment_types::id.eq(appointments::appointment_type_id));
    let room = rooms::practice_id
        .eq(appointments::practice_id)
        .and(rooms::id.nullable().eq(appointments::room_id));
    appointments::table
        .inner_join(patients::table.on(patient))
        .inner_join(providers::table.on(provider))
        .inner_join(locations::table.on(location))
        .inner_join(appointment_types::table.on(appointment_type))
        .left_join(rooms::table.on(room))
}

macro_rules! shown {
    () => {
        (
            AppointmentRow::as_select(),
            (
                patients::given_name,
                patients::family_name,
                patients::merged_into_id,
            ),
            providers::name,
            (locations::name, locations::time_zone),
            rooms::name.nullable(),
            (
                appointment_types::name,
                appointment_types::color,
                appointment_types::cancel_cutoff_minutes,
                appointment_types::patient_bookable,
            ),
        )
    };
}

/// The rows as they are shown: the person where a record was merged.
async fn shown(
    transaction: &OpenTransaction<'_>,
    rows: Vec<ViewRow>,
) -> Stored<Vec<AppointmentView>> {
    let persons = persons(transaction, rows.iter().map(|row| row.1.2)).await?;
    let view = |row: ViewRow| {
        let merged_into = row.1.2;
        let mut view = view_of(transaction, row);
        if let Some(person) = merged_into.and_then(|id| persons.get(&id)) {
            view.appointment.patient_id = person.id;
            view.patient_name = person.name();
        }
        view
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One appointment.
pub(in crate::scheduling) async fn view(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<Option<AppointmentView>> {
    let row: Option<ViewRow> = named()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .select(shown!())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(shown(transaction, row.into_iter().collect()).await?.pop())
}

/// Which appointments are listed; all of it must fit.
#[derive(Debug, Default)]
pub(in crate::scheduling) struct ListFilter {
    /// Those that start here or later.
    pub(in crate::scheduling) from: Option<DateTime<Utc>>,
    /// Those that start before.
    pub(in crate::scheduling) to: Option<DateTime<Utc>>,
    pub(in crate::scheduling) provider_id: Option<ProviderId>,
    pub(in crate::scheduling) location_id: Option<LocationId>,
    pub(in crate::scheduling) patient_id: Option<PatientId>,
    pub(in crate::scheduling) series_id: Option<SeriesId>,
    pub(in crate::scheduling) status: Option<Status>,
    /// Those that changed then or later.
    pub(in crate::scheduling) updated_since: Option<DateTime<Utc>>,
}

/// Start and id of the row before a page.
pub(in crate::scheduling) type ListKey = (DateTime<Utc>, Uuid);

/// Appointments by their start.
pub(in crate::scheduling) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &ListFilter,
    window: &Window<ListKey>,
) -> Stored<Vec<AppointmentView>> {
    use appointments::{
        id, location_id, patient_id, practice_id, provider_id, series_id, starts_at, status,
        updated_at,
    };
    let mut query = named()
        .filter(practice_id.eq(transaction.practice_id()))
        .order((starts_at, id))
        .limit(window.probe())
        .select(shown!())
        .into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(starts_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(starts_at.lt(to));
    }
    if let Some(provider) = filter.provider_id {
        query = query.filter(provider_id.eq(provider));
    }
    if let Some(location) = filter.location_id {
        query = query.filter(location_id.eq(location));
    }
    if let Some(patient) = filter.patient_id {
        query = query.filter(patient_id.eq_any(records_of(transaction, patient)));
    }
    if let Some(series) = filter.series_id {
        query = query.filter(series_id.eq(series));
    }
    if let Some(wanted) = filter.status {
        query = query.filter(status.eq(wanted));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(updated_at.ge(since));
    }
    if let Some((start, last)) = window.after {
        query = query.filter(starts_at.ge(start));
        query = query.filter(starts_at.gt(start).or(id.gt(last)));
    }
    let rows: Vec<ViewRow> = query.load(&mut transaction.connection()).await?;
    shown(transaction, rows).await
}

/// All the appointments of a series, in order.
pub(in crate::scheduling) async fn of_series(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
) -> Stored<Vec<AppointmentView>> {
    let rows: Vec<ViewRow> = named()
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::series_id.eq(id))
        .order(appointments::occurrence)
        .select(shown!())
        .load(&mut transaction.connection())
        .await?;
    shown(transaction, rows).await
}

/// Everything that starts on a day of its location (each location's own today when no date is
/// named), or can have begun the evening before and last into it, and what starts in the hours
/// around, by start. Postgres and this program may know the zones from
/// different years: which of the first and the last are of the day is not said here.
pub(in crate::scheduling) async fn of_day(
    transaction: &OpenTransaction<'_>,
    date: Option<NaiveDate>,
    location_id: Option<LocationId>,
    provider_id: Option<ProviderId>,
) -> Stored<Vec<AppointmentView>> {
    // Plain bounds that are known before the scan: under row-level security no other use an index.
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
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::starts_at.ge(from))
        .filter(appointments::starts_at.lt(to))
        .order((appointments::starts_at, appointments::id))
        .select((
            AppointmentRow::as_select(),
            (
                patients::given_name,
                patients::family_name,
                patients::merged_into_id,
            ),
        ))
        .into_boxed();
    if let Some(location_id) = location_id {
        query = query.filter(appointments::location_id.eq(location_id));
    }
    if let Some(provider_id) = provider_id {
        query = query.filter(appointments::provider_id.eq(provider_id));
    }
    let (mut for_settings, mut for_rows) = (transaction.connection(), transaction.connection());
    // The names behind the rows: whoever was booked by then has one.
    let ((), rows, names) = futures_util::try_join!(
        for_settings.batch_execute(ROW_BY_ROW),
        prepared(query).load::<(AppointmentRow, PatientRow)>(&mut for_rows),
        Names::load(transaction),
    )?;
    let rows = rows.into_iter().filter_map(|(row, of)| names.add(row, of));
    shown(transaction, rows.collect()).await
}

/// What the appointments of a practice are with, where, and of which type. The few of them are read
/// beside a whole day: joined to it, each would be found, sent and read for every row.
struct Names {
    providers: HashMap<ProviderId, String>,
    locations: HashMap<LocationId, LocationRow>,
    rooms: HashMap<RoomId, String>,
    types: HashMap<AppointmentTypeId, TypeRow>,
}

impl Names {
    async fn load(transaction: &OpenTransaction<'_>) -> diesel::QueryResult<Self> {
        let practice_id = transaction.practice_id();
        let providers = providers::table
            .filter(providers::practice_id.eq(practice_id))
            .select((providers::id, providers::name));
        let locations = locations::table
            .filter(locations::practice_id.eq(practice_id))
            .select((locations::id, (locations::name, locations::time_zone)));
        let rooms = rooms::table
            .filter(rooms::practice_id.eq(practice_id))
            .select((rooms::id, rooms::name));
        let types = appointment_types::table
            .filter(appointment_types::practice_id.eq(practice_id))
            .select((
                appointment_types::id,
                (
                    appointment_types::name,
                    appointment_types::color,
                    appointment_types::cancel_cutoff_minutes,
                    appointment_types::patient_bookable,
                ),
            ));
        let connection = transaction.connection();
        let (mut of_providers, mut of_locations) = (connection, connection);
        let (mut of_rooms, mut of_types) = (connection, connection);
        let (providers, locations, rooms, types) = futures_util::try_join!(
            providers.load(&mut of_providers),
            locations.load(&mut of_locations),
            rooms.load(&mut of_rooms),
            types.load(&mut of_types),
        )?;
        Ok(Self {
            providers: providers.into_iter().collect(),
            locations: locations.into_iter().collect(),
            rooms: rooms.into_iter().collect(),
            types: types.into_iter().collect(),
        })
    }

    /// Nothing for an appointment of what is not there, which keys exclude.
    fn add(&self, row: AppointmentRow, of: PatientRow) -> Option<ViewRow> {
        let provider = self.providers.get(&row.provider_id)?.clone();
        let location = self.locations.get(&row.location_id)?.clone();
        let room = row.room_id.and_then(|id| self.rooms.get(&id)).cloned();
        let of_type = self.types.get(&row.appointment_type_id)?.clone();
        Some((row, of, provider, location, room, of_type))
    }
}

/// The planner does not know the bounds of a day, takes it for one in two hundred of all
/// appointments, and would read every patient of the practice to find those of the day.
const ROW_BY_ROW: &str = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

/// The providers who keep hours around this date, and where, by name.
pub(in crate::scheduling) async fn providers_of_day(
    transaction: &OpenTransaction<'_>,
    date: NaiveDate,
    location_id: Option<LocationId>,
    provider_id: Option<ProviderId>,
) -> Stored<Vec<(ProviderId, String)>> {
    let mut query = providers::table
        .inner_join(
            availability_templates::table.on(availability_templates::practice_id
                .eq(providers::practice_id)
                .and(availability_templates::provider_id.eq(providers::id))),
        )
        .filter(providers::practice_id.eq(transaction.practice_id()))
        .filter(availability_templates::valid_from.le(date))
        .filter(
            availability_templates::valid_until
                .is_null()
                .or(availability_templates::valid_until.ge(date)),
        )
        .order((providers::name, providers::id))
        .select((providers::id, providers::name))
        .distinct()
        .into_boxed();
    if let Some(location_id) = location_id {
        query = query.filter(availability_templates::location_id.eq(location_id));
    }
    if let Some(provider_id) = provider_id {
        query = query.filter(providers::id.eq(provider_id));
    }
    Ok(query.load(&mut transaction.connection()).await?)
}
