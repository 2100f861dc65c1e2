//! A service account and its keys.

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;

use crate::platform::access::ServiceScope;
use crate::platform::etag::Version;
use crate::platform::id::id;

id! {
    /// Names a service account.
    pub(crate) struct ServiceAccountId
}
id! {
    /// Names a key of a service account.
    pub(crate) struct ServiceKeyId
}

/// A key is good for so long at the most.
pub(super) const LONGEST_LIFE: TimeDelta = TimeDelta::days(365);

/// What an admin says of a service account.
#[derive(Debug, Clone)]
pub(super) struct Details {
    pub(super) name: String,
    pub(super) scopes: Vec<ServiceScope>,
    /// Where its requests must come from; from anywhere when it is empty.
    pub(super) networks: Vec<IpNet>,
}

/// A program that works in a practice.
#[derive(Debug, Clone)]
pub(super) struct ServiceAccount {
    pub(super) id: ServiceAccountId,
    pub(super) details: Details,
    pub(super) disabled_at: Option<DateTime<Utc>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) version: Version,
    /// Those that were not taken back; two at the most.
    pub(super) keys: Vec<Key>,
}

/// A key as it is kept: without its secret.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: ServiceKeyId,
    pub(super) place: Place,
    pub(super) prefix: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) last_used_at: Option<DateTime<Utc>>,
}

/// One of the two places for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Second,
}

impl ServiceAccount {
    /// A place for another key, and the expired key that has to leave it.
    pub(super) fn place_for_key(
        &self,
        now: DateTime<Utc>,
    ) -> Option<(Place, Option<ServiceKeyId>)> {
        let in_place = |place: Place| self.keys.iter().find(|key| key.place == place);
        let places = [Place::First, Place::Second];
        let is_empty = |place: &Place| in_place(*place).is_none();
        if let Some(place) = places.into_iter().find(is_empty) {
            return Some((place, None));
        }
        let expired = places.into_iter().filter_map(in_place);
        let expired = expired.into_iter().find(|key| key.expires_at <= now);
        expired.map(|key| (key.place, Some(key.id)))
    }
}
