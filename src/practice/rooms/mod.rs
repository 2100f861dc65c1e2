//! Treatment rooms; each holds one appointment at a time, and one that is not active no new ones.

mod routes;
mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::affected::{AllOf, lift_all_ahead, note_all_ahead};
use super::listing::{NAME_TAKEN, NameKey, name_taken};
use super::locations::LocationId;
use super::schedules::lock_all_to_change;

id! {
    /// Names a room.
    pub(crate) struct RoomId
}

action!(
    /// Reading the rooms of the practice.
    Read, "rooms.read", practice, [Admin, FrontDesk, Provider, Assistant, Auditor]
);
action!(
    /// Adding a room.
    Add, "rooms.add", practice, [Admin]
);
action!(
    /// Changing a room, and learning which appointments are booked in one that is given up.
    Change, "rooms.change", record, [Admin]
);

/// A treatment room.
struct Room {
    id: RoomId,
    details: RoomDetails,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// What is known of a room.
#[derive(Clone)]
struct RoomDetails {
    location_id: LocationId,
    name: String,
    active: bool,
}

/// A room as it is now.
struct RoomChanged {
    room: Room,
    /// Booked in it and still to come, when it was given up just now.
    appointments_ahead: Vec<Uuid>,
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct RoomChanges {
    name: Option<String>,
    active: Option<bool>,
}

/// Why a room was not read, added or changed.
#[derive(Debug, thiserror::Error)]
enum RoomError {
    #[error("no such room")]
    NotFound,
    #[error("another room of the location has this name")]
    NameTaken,
    #[error("the location does not exist")]
    NoSuchLocation,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for RoomError {
    fn from(error: DatabaseError) -> Self {
        match error.constraint() {
            Some("rooms_name_unique") => Self::NameTaken,
            Some("rooms_location_exists") => Self::NoSuchLocation,
            _ => Self::Database(error),
        }
    }
}

impl Refusal for RoomError {
    const TYPES: &'static [&'static ProblemType] = &[&NAME_TAKEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NameTaken => name_taken(),
            Self::NoSuchLocation => Problem::field("/location_id", "names no location"),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

async fn read(transaction: &Transaction<'_, Read>, id: RoomId) -> Result<Room, RoomError> {
    store::find(transaction, id)
        .await?
        .ok_or(RoomError::NotFound)
}

async fn list(
    transaction: &Transaction<'_, Read>,
    location_id: Option<LocationId>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<NameKey>,
) -> Stored<Vec<Room>> {
    store::list(transaction, location_id, updated_since, window).await
}

async fn add(transaction: &Transaction<'_, Add>, details: &RoomDetails) -> Result<Room, RoomError> {
    let now = transaction.now();
    let added = Room {
        id: RoomId::fresh(now),
        details: details.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &added).await?;
    Ok(added)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    id: RoomId,
    if_match: &IfMatch,
    changes: &RoomChanges,
) -> Result<RoomChanged, RoomError> {
    if changes.active.is_some() {
        // A booking that runs now has read which rooms there are.
        lock_all_to_change(transaction).await?;
    }
    let mut room = store::lock(transaction, id)
        .await?
        .ok_or(RoomError::NotFound)?;
    if_match.require(room.version)?;
    let details = &mut room.details;
    if let Some(name) = &changes.name {
        details.name.clone_from(name);
    }
    let was_active = details.active;
    details.active = changes.active.unwrap_or(was_active);
    let is_given_up = was_active && !details.active;
    room.version = room.version.next();
    room.updated_at = transaction.now();
    store::update(transaction, &room).await?;
    let mut ahead = Vec::new();
    if is_given_up {
        ahead = store::booked_ahead(transaction, id).await?;
        note_all_ahead(transaction, AllOf::Room(id.uuid())).await?;
    } else if !was_active && room.details.active {
        lift_all_ahead(transaction, AllOf::Room(id.uuid())).await?;
    }
    transaction.touch_all("appointment", ahead.iter().copied());
    Ok(RoomChanged {
        room,
        appointments_ahead: ahead.into_iter().map(|(id, _)| id).collect(),
    })
}
