//! Rows and queries of weekly hours.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::id;
use crate::platform::page::{Window, rows_after};
use crate::practice::hours::{Weekday, WeeklyWindow};
use crate::practice::locations::LocationId;
use crate::practice::providers::ProviderId;
use crate::practice::time_zone::TimeZone;
use crate::schema::{appointment_types, availability_templates, availability_windows, locations};

use super::{Availability, AvailabilityFilter, AvailabilityId};

#[derive(Queryable)]
struct TemplateRow {
    id: AvailabilityId,
    provider_id: ProviderId,
    location_id: LocationId,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    updated_at: DateTime<Utc>,
    time_zone: TimeZone,
}

#[derive(HasQuery)]
#[diesel(table_name = availability_windows)]
struct WindowRow {
    template_id: AvailabilityId,
    weekday: Weekday,
    opens_at: NaiveTime,
    closes_at: NaiveTime,
    appointment_type_ids: Vec<Option<Uuid>>,
}

#[derive(Insertable)]
#[diesel(table_name = availability_windows, treat_none_as_default_value = false)]
struct NewWindowRow<'a> {
    practice_id: Uuid,
    id: Uuid,
    template_id: AvailabilityId,
    weekday: Weekday,
    opens_at: NaiveTime,
    closes_at: NaiveTime,
    appointment_type_ids: &'a [Uuid],
}

pub(super) async fn zone(
    transaction: &OpenTransaction<'_>,
    id: LocationId,
) -> Stored<Option<TimeZone>> {
    Ok(locations::table
        .filter(locations::practice_id.eq(transaction.practice_id()))
        .filter(locations::id.eq(id))
        .select(locations::time_zone)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

/// Those of the ids that name no appointment type.
pub(super) async fn unknown_types(
    transaction: &OpenTransaction<'_>,
    mut ids: Vec<Uuid>,
) -> Stored<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let known = appointment_types::table
        .filter(appointment_types::practice_id.eq(transaction.practice_id()))
        .filter(appointment_types::id.eq_any(ids.clone()))
        .select(appointment_types::id)
        .load::<Uuid>(&mut transaction.connection())
        .await?;
    ids.retain(|id| !known.contains(id));
    Ok(ids)
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    filter: AvailabilityFilter,
    window: &Window<(NaiveDate, Uuid)>,
) -> Stored<Vec<Availability>> {
    use availability_templates as of;
    let mut query = of::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(of::practice_id)
                .and(locations::id.eq(of::location_id))),
        )
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .order((of::valid_from, of::id))
        .limit(window.probe())
        .select((
            of::id,
            of::provider_id,
            of::location_id,
            of::valid_from,
            of::valid_until,
            of::updated_at,
            locations::time_zone,
        ))
        .into_boxed();
    if let Some(location_id) = filter.location_id {
        query = query.filter(of::location_id.eq(location_id));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(of::updated_at.ge(since));
    }
    rows_after!(query, window, of::valid_from, of::id);
    let rows: Vec<TemplateRow> = query.load(&mut transaction.connection()).await?;
    let windows = windows_of(transaction, rows.iter().map(|row| row.id).collect()).await?;
    let with_windows = |row: TemplateRow| Availability {
        id: row.id,
        provider_id: row.provider_id,
        location_id: row.location_id,
        time_zone: row.time_zone,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        updated_at: row.updated_at,
        weekly: windows
            .iter()
            .filter(|window| window.template_id == row.id)
            .map(WeeklyWindow::from)
            .collect(),
    };
    Ok(rows.into_iter().map(with_windows).collect())
}

async fn windows_of(
    transaction: &OpenTransaction<'_>,
    ids: Vec<AvailabilityId>,
) -> Stored<Vec<WindowRow>> {
    let mut rows: Vec<WindowRow> = WindowRow::query()
        .filter(availability_windows::practice_id.eq(transaction.practice_id()))
        .filter(availability_windows::template_id.eq_any(ids))
        .load(&mut transaction.connection())
        .await?;
    rows.sort_by_key(|row| (row.weekday, row.opens_at));
    Ok(rows)
}

impl From<&WindowRow> for WeeklyWindow {
    fn from(row: &WindowRow) -> Self {
        Self {
            weekday: row.weekday,
            from: row.opens_at,
            to: row.closes_at,
            appointment_type_ids: row.appointment_type_ids.iter().flatten().copied().collect(),
        }
    }
}

/// Puts these hours in the place of all that held from their first day on.
pub(super) async fn replace(
    transaction: &OpenTransaction<'_>,
    availability: &Availability,
) -> Stored<()> {
    use availability_templates as of;
    end_the_day_before(transaction, availability).await?;
    diesel::insert_into(of::table)
        .values((
            of::practice_id.eq(transaction.practice_id()),
            of::id.eq(availability.id),
            of::provider_id.eq(availability.provider_id),
            of::location_id.eq(availability.location_id),
            of::valid_from.eq(availability.valid_from),
            of::valid_until.eq(availability.valid_until),
            of::created_at.eq(transaction.now()),
            of::updated_at.eq(availability.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    let windows: Vec<NewWindowRow<'_>> = availability
        .weekly
        .iter()
        .map(|window| NewWindowRow {
            practice_id: transaction.practice_id(),
            id: id::fresh(transaction.now()),
            template_id: availability.id,
            weekday: window.weekday,
            opens_at: window.from,
            closes_at: window.to,
            appointment_type_ids: &window.appointment_type_ids,
        })
        .collect();
    diesel::insert_into(availability_windows::table)
        .values(windows)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

async fn end_the_day_before(
    transaction: &OpenTransaction<'_>,
    availability: &Availability,
) -> Stored<()> {
    use availability_templates as of;
    let same_place = || {
        of::practice_id
            .eq(transaction.practice_id())
            .and(of::provider_id.eq(availability.provider_id))
            .and(of::location_id.eq(availability.location_id))
    };
    let first = availability.valid_from;
    diesel::delete(of::table)
        .filter(same_place())
        .filter(of::valid_from.ge(first))
        .execute(&mut transaction.connection())
        .await?;
    diesel::update(of::table)
        .filter(same_place())
        .filter(of::valid_until.is_null().or(of::valid_until.ge(first)))
        .set((
            of::valid_until.eq(first.pred_opt()),
            of::updated_at.eq(availability.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
