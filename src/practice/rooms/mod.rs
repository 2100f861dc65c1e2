//! Treatment rooms; each holds one appointment at a time.

mod routes;
mod store;

use chrono::{DateTime, Utc};

use crate::platform::access::action;
use crate::platform::database::{DatabaseError, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(super) use routes::configure;

use super::listing::{NAME_TAKEN, NameKey, name_taken};
use super::locations::LocationId;

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
    /// Changing a room.
    Change, "rooms.change", practice, [Admin]
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
}

/// What is to be changed: nothing where nothing is said, cleared where `Some(None)`.
struct RoomChanges {
    name: Option<String>,
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
) -> Result<Room, RoomError> {
    let mut room = store::lock(transaction, id)
        .await?
        .ok_or(RoomError::NotFound)?;
    if_match.require(room.version)?;
    let details = &mut room.details;
    if let Some(name) = &changes.name {
        details.name.clone_from(name);
    }
    room.version = room.version.next();
    room.updated_at = transaction.now();
    store::update(transaction, &room).await?;
    Ok(room)
}
