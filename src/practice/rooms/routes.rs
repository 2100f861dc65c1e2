//! Rooms over HTTP.

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::access::Permit;
use crate::platform::blank::trimmed;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::Json;
use crate::platform::operations::Operations;
use crate::platform::page::{Page, PageParameters};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{Paged, PathId};
use crate::platform::timestamp::Timestamp;
use crate::practice::locations::LocationId;

use super::{
    Add, Change, Read, Room, RoomChanges, RoomDetails, RoomError, RoomId, add, change, list, read,
};

/// Adds the operations on rooms.
pub(in crate::practice) fn configure(services: &mut Operations<'_>) {
    services
        .service(list_rooms)
        .service(add_room)
        .service(get_room)
        .service(change_room);
}

/// A room to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddRoomBody {
    location_id: LocationId,
    #[schema(min_length = 1, max_length = 100, example = "Room 2")]
    name: String,
}

/// What is to be changed; a field left out stays, null clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRoomBody {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// False gives the room up: nothing new is booked in it.
    #[schema(nullable = false)]
    active: Option<bool>,
}

/// A room.
#[derive(Serialize, ToSchema)]
struct RoomBody {
    id: RoomId,
    location_id: LocationId,
    name: String,
    /// Whether anything new is booked in it.
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// A room that was changed.
#[derive(Serialize, ToSchema)]
struct ChangedRoomBody {
    #[serde(flatten)]
    room: RoomBody,
    /// When it is given up: what is booked in it and still to come; it stays booked.
    appointments_ahead: Vec<Uuid>,
}

impl From<Room> for RoomBody {
    fn from(room: Room) -> Self {
        let details = room.details;
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

impl AddRoomBody {
    fn details(&self) -> Result<RoomDetails, Problem> {
        let mut errors = Vec::new();
        let name = trimmed(&self.name, "/name", &mut errors);
        if errors.is_empty() {
            Ok(RoomDetails {
                location_id: self.location_id,
                name,
                active: true,
            })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

impl ChangeRoomBody {
    fn changes(&self) -> Result<RoomChanges, Problem> {
        let mut errors = Vec::new();
        let name = self
            .name
            .as_deref()
            .map(|text| trimmed(text, "/name", &mut errors));
        if errors.is_empty() {
            let active = self.active;
            Ok(RoomChanges { name, active })
        } else {
            Err(Problem::invalid(errors))
        }
    }
}

fn answer(room: Room) -> Result<Answer, Problem> {
    let version = room.version;
    Ok(Answer::ok(&RoomBody::from(room))?.version(version))
}

/// Which rooms are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListRooms {
    /// Only rooms of this location.
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<LocationId>,
    /// Only what changed at this instant or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
}

impl ListRooms {
    fn updated_since(&self) -> Option<DateTime<Utc>> {
        self.updated_since.map(|instant| instant.0)
    }
}

/// Lists the rooms, by name.
#[utoipa::path(
    operation_id = "listRooms", tag = "practice", context_path = "/api/v1",
    params(ListRooms, PageParameters),
    responses((status = 200, description = "The rooms.", body = Page<RoomBody>))
)]
#[get("/rooms")]
async fn list_rooms(permit: Permit<Read>, query: Paged<ListRooms>) -> Result<Answer, Problem> {
    let window = query.window()?;
    permit
        .transaction(async |transaction| {
            let found = list(
                transaction,
                query.location_id,
                query.updated_since(),
                &window,
            )
            .await?;
            let key = |room: &Room| (room.details.name.clone(), room.id.uuid());
            Answer::ok(&Page::of(found, window.size, key, RoomBody::from))
        })
        .await
}

/// Adds a room.
#[utoipa::path(
    operation_id = "addRoom", tag = "practice", context_path = "/api/v1",
    request_body = AddRoomBody,
    params(Once),
    responses((status = 201, description = "Added.", body = RoomBody), Refused<RoomError>)
)]
#[post("/rooms")]
async fn add_room(
    permit: Permit<Add>,
    once: Once,
    body: Json<AddRoomBody>,
) -> Result<Answer, Problem> {
    let details = body.details()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let added = add(transaction, &details).await?;
            let (version, location) = (added.version, format!("/api/v1/rooms/{}", added.id));
            Ok(Answer::created(&RoomBody::from(added), location)?.version(version))
        })
        .await
}

/// Reads a room.
#[utoipa::path(
    operation_id = "getRoom", tag = "practice", context_path = "/api/v1",
    params(("room_id" = RoomId, Path, description = "The room.")),
    responses((status = 200, description = "The room.", body = RoomBody))
)]
#[get("/rooms/{room_id}")]
async fn get_room(permit: Permit<Read>, id: PathId<RoomId>) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| answer(read(transaction, id.0).await?))
        .await
}

/// Changes a room.
#[utoipa::path(
    operation_id = "changeRoom", tag = "practice", context_path = "/api/v1",
    params(("room_id" = RoomId, Path, description = "The room."), IfMatch),
    request_body = ChangeRoomBody,
    responses(
        (status = 200, description = "As it is now.", body = ChangedRoomBody),
        Refused<RoomError>
    )
)]
#[patch("/rooms/{room_id}")]
async fn change_room(
    permit: Permit<Change>,
    id: PathId<RoomId>,
    if_match: IfMatch,
    body: Json<ChangeRoomBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes()?;
    permit
        .transaction(async |transaction| {
            let changed = change(transaction, id.0, &if_match, &changes).await?;
            let version = changed.room.version;
            let body = ChangedRoomBody {
                room: changed.room.into(),
                appointments_ahead: changed.appointments_ahead,
            };
            Ok(Answer::ok(&body)?.version(version))
        })
        .await
}
