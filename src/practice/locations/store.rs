//! Rows and queries of locations.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::{Window, rows_after};
use crate::practice::listing::NameKey;
use crate::practice::time_zone::TimeZone;
use crate::schema::locations::dsl;

use super::{Location, LocationDetails, LocationId};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::locations, treat_none_as_null = true, treat_none_as_default_value = false)]
struct LocationRow {
    id: LocationId,
    name: String,
    time_zone: TimeZone,
    address: Option<String>,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<LocationRow> for Location {
    fn from(row: LocationRow) -> Self {
        Self {
            id: row.id,
            details: LocationDetails {
                name: row.name,
                time_zone: row.time_zone,
                address: row.address,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Location> for LocationRow {
    fn from(location: &Location) -> Self {
        let details = location.details.clone();
        Self {
            id: location.id,
            name: details.name,
            time_zone: details.time_zone,
            address: details.address,
            version: location.version,
            updated_at: location.updated_at,
        }
    }
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: LocationId,
) -> Stored<Option<Location>> {
    let row = LocationRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Location::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: LocationId,
) -> Stored<Option<Location>> {
    let row = LocationRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Location::from))
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Location>> {
    let mut query = LocationRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::name, dsl::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    rows_after!(query, window, dsl::name, dsl::id);
    let rows = query
        .load::<LocationRow>(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Location::from).collect())
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, location: &Location) -> Stored<()> {
    diesel::insert_into(dsl::locations)
        .values((
            LocationRow::from(location),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, location: &Location) -> Stored<()> {
    diesel::update(dsl::locations)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(location.id))
        .set(LocationRow::from(location))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
