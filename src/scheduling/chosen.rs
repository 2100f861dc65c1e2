//! A time, room and seat that look free: what [`take`](super::take) tries to win.

use crate::patients::PatientId;
use crate::platform::intervals::Interval;
use crate::practice::{ProviderId, RoomId};

use super::appointment::Place;
use super::claim::{Claim, ResourceKind};
use super::group::{GroupOf, Seat};

/// A time that looks free, with the rooms and seats to try.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(super) provider_id: ProviderId,
    /// The time the patient is there.
    pub(super) span: Interval,
    /// The time provider and room are blocked, buffers included.
    pub(super) blocked: Interval,
    /// The rooms to try, in order; empty when no room is needed.
    pub(super) rooms: Vec<RoomId>,
    /// The seats of a group to try, in order; empty when the session is for one patient.
    pub(super) seats: Vec<i16>,
    pub(super) group: GroupOf,
}

impl Chosen {
    /// The place with the first of the rooms to try.
    pub(crate) fn place(&self) -> Place {
        Place {
            provider_id: self.provider_id,
            location_id: self.group.location_id,
            room_id: self.rooms.first().copied(),
            starts_at: self.span.starts_at(),
            ends_at: self.span.ends_at(),
        }
    }

    /// Puts this room first, if it is one of the rooms to try.
    pub(super) fn prefer(&mut self, room_id: Option<RoomId>) {
        self.rooms
            .sort_by_key(|candidate| Some(*candidate) != room_id);
    }

    pub(super) fn claims(
        &self,
        patient_id: Option<PatientId>,
        room_id: Option<RoomId>,
        seat: Option<Seat>,
    ) -> Vec<Claim> {
        let provider = Claim {
            kind: ResourceKind::Provider,
            resource_id: self.provider_id.uuid(),
            span: self.blocked,
            location_id: None,
            seat,
        };
        let patient = patient_id.map(|id| Claim {
            kind: ResourceKind::Patient,
            resource_id: id.uuid(),
            span: self.span,
            location_id: None,
            seat: None,
        });
        let room = room_id.map(|room_id| self.room(room_id, seat));
        [provider].into_iter().chain(patient).chain(room).collect()
    }

    pub(super) fn room(&self, room_id: RoomId, seat: Option<Seat>) -> Claim {
        Claim {
            kind: ResourceKind::Room,
            resource_id: room_id.uuid(),
            span: self.blocked,
            location_id: Some(self.group.location_id),
            seat,
        }
    }
}
