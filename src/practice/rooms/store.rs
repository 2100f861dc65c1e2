//! Rows and queries of rooms.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::{Window, rows_after};
use crate::practice::listing::NameKey;
use crate::practice::locations::LocationId;
use crate::schema::appointments;
use crate::schema::rooms::dsl;

use super::{Room, RoomDetails, RoomId};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = crate::schema::rooms, treat_none_as_null = true, treat_none_as_default_value = false)]
struct RoomRow {
    id: RoomId,
    location_id: LocationId,
    name: String,
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

impl From<RoomRow> for Room {
    fn from(row: RoomRow) -> Self {
        Self {
            id: row.id,
            details: RoomDetails {
                location_id: row.location_id,
                name: row.name,
                active: row.active,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Room> for RoomRow {
    fn from(room: &Room) -> Self {
        let details = room.details.clone();
        Self {
            id: room.id,
            location_id: details.location_id,
            name: details.name,
            active: details.active,
            version: room.version,
            updated_at: room.updated_at,
        }
    }
}

pub(super) async fn find(transaction: &OpenTransaction<'_>, id: RoomId) -> Stored<Option<Room>> {
    let row = RoomRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Room::from))
}

pub(super) async fn lock(transaction: &OpenTransaction<'_>, id: RoomId) -> Stored<Option<Room>> {
    let row = RoomRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Room::from))
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    location_id: Option<LocationId>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Room>> {
    let mut query = RoomRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::name, dsl::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(location_id) = location_id {
        query = query.filter(dsl::location_id.eq(location_id));
    }
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    rows_after!(query, window, dsl::name, dsl::id);
    let rows = query.load::<RoomRow>(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(Room::from).collect())
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, room: &Room) -> Stored<()> {
    diesel::insert_into(dsl::rooms)
        .values((
            RoomRow::from(room),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(transaction: &OpenTransaction<'_>, room: &Room) -> Stored<()> {
    diesel::update(dsl::rooms)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(room.id))
        .set(RoomRow::from(room))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The appointments still to come that are booked in the room, and whose they are. Appointments are
/// the business of scheduling, which stands on this feature; they are read here as data.
pub(super) async fn booked_ahead(
    transaction: &OpenTransaction<'_>,
    id: RoomId,
) -> Stored<Vec<(Uuid, Uuid)>> {
    let booked = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::room_id.eq(id.uuid()))
        .filter(appointments::status.eq_any(["booked", "confirmed"]))
        .filter(appointments::starts_at.gt(transaction.now()))
        .order((appointments::starts_at, appointments::id))
        .select((appointments::id, appointments::patient_id))
        .load(&mut transaction.connection())
        .await?;
    Ok(booked)
}
