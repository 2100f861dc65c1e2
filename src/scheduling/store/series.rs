//! Series of appointments, as they were requested.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, person_id_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, TimeZone};
use crate::scheduling::appointment::SeriesId;
use crate::scheduling::series::Series;
use crate::schema::{appointment_series, locations};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = appointment_series, check_for_backend(Pg), treat_none_as_default_value = false)]
struct SeriesRow {
    practice_id: Uuid,
    id: SeriesId,
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_id: ProviderId,
    location_id: LocationId,
    first_starts_at: DateTime<Utc>,
    occurrence_count: i16,
    every_weeks: i16,
    slack_days: i16,
    created_by: Uuid,
    created_at: DateTime<Utc>,
}

/// With the person it is for, and the zone of its location.
type ReadRow = (SeriesRow, PatientId, TimeZone);

impl From<ReadRow> for Series {
    fn from((row, person_id, zone): ReadRow) -> Self {
        Self {
            id: row.id,
            patient_id: person_id,
            appointment_type_id: row.appointment_type_id,
            provider_id: row.provider_id,
            location_id: row.location_id,
            zone: zone.0,
            first_starts_at: row.first_starts_at,
            count: row.occurrence_count,
            every_weeks: row.every_weeks,
            slack_days: row.slack_days,
            created_at: row.created_at,
        }
    }
}

pub(in crate::scheduling) async fn insert_series(
    transaction: &OpenTransaction<'_>,
    series: &Series,
) -> Stored<()> {
    let row = SeriesRow {
        practice_id: transaction.practice_id(),
        id: series.id,
        patient_id: series.patient_id,
        appointment_type_id: series.appointment_type_id,
        provider_id: series.provider_id,
        location_id: series.location_id,
        first_starts_at: series.first_starts_at,
        occurrence_count: series.count,
        every_weeks: series.every_weeks,
        slack_days: series.slack_days,
        created_by: transaction.principal().user_id,
        created_at: series.created_at,
    };
    diesel::insert_into(appointment_series::table)
        .values(row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// A series within the caller's reach, with the zone of its location.
pub(in crate::scheduling) async fn find_series(
    transaction: &OpenTransaction<'_>,
    id: SeriesId,
) -> Stored<Option<Series>> {
    let row: Option<ReadRow> = appointment_series::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(appointment_series::practice_id)
                .and(locations::id.eq(appointment_series::location_id))),
        )
        .filter(appointment_series::practice_id.eq(transaction.practice_id()))
        .filter(appointment_series::id.eq(id))
        .select((
            SeriesRow::as_select(),
            person_id_of!("appointment_series"),
            locations::time_zone,
        ))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Series::from))
}

/// The series of a patient in the order in which they were booked.
pub(in crate::scheduling) async fn list_series(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    window: &Window<Uuid>,
) -> Stored<Vec<Series>> {
    let mut query = appointment_series::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(appointment_series::practice_id)
                .and(locations::id.eq(appointment_series::location_id))),
        )
        .filter(appointment_series::practice_id.eq(transaction.practice_id()))
        .filter(appointment_series::patient_id.eq_any(records_of(transaction, patient_id)))
        .order(appointment_series::id)
        .limit(window.probe())
        .select((
            SeriesRow::as_select(),
            person_id_of!("appointment_series"),
            locations::time_zone,
        ))
        .into_boxed();
    if let Some(last) = window.after {
        query = query.filter(appointment_series::id.gt(last));
    }
    let rows: Vec<ReadRow> = query.load(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(Series::from).collect())
}

/// The zone of a location.
pub(in crate::scheduling) async fn zone_of(
    transaction: &OpenTransaction<'_>,
    location_id: LocationId,
) -> Stored<Option<Tz>> {
    let zone: Option<TimeZone> = locations::table
        .filter(locations::practice_id.eq(transaction.practice_id()))
        .filter(locations::id.eq(location_id))
        .select(locations::time_zone)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(zone.map(|zone| zone.0))
}
