//! When providers are there, as booking and slot search ask it: many providers and locations at
//! once, in one statement.

mod store;

use chrono_tz::Tz;
use uuid::Uuid;

use crate::platform::access::Action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::intervals::Interval;

use super::hours::ProviderHours;
use super::providers::ProviderId;

/// Whose hours, where and when.
#[derive(Debug, Clone)]
pub(crate) struct ScheduleQuery {
    /// These providers; every provider of the practice when none.
    pub(crate) provider_ids: Option<Vec<Uuid>>,
    /// This location; every location when none.
    pub(crate) location_id: Option<Uuid>,
    /// Hours that share an instant with it are given.
    pub(crate) range: Interval,
}

/// One provider's hours at one location.
#[derive(Debug, Clone)]
pub(crate) struct LocationSchedule {
    /// The provider.
    pub(crate) provider_id: Uuid,
    /// The location.
    pub(crate) location_id: Uuid,
    /// The zone of the location.
    pub(crate) zone: Tz,
    /// When the provider is there.
    pub(crate) hours: ProviderHours,
    /// The rooms of the location, by name.
    pub(crate) room_ids: Vec<Uuid>,
}

/// The hours asked for, by provider and location.
///
/// A pair without any hours in the range is left out, unless both the providers and the location
/// were named: then every pair that exists is there, so that staff can book outside all hours.
pub(crate) async fn schedules<A: Action>(
    transaction: &Transaction<'_, A>,
    query: &ScheduleQuery,
) -> Stored<Vec<LocationSchedule>> {
    let found = store::load(transaction, query).await?;
    let all_pairs = query.provider_ids.is_some() && query.location_id.is_some();
    Ok(found.into_schedules(all_pairs))
}

/// Keeps the hours of a provider as they are until this transaction ends, as other bookings do at
/// the same time; false when there is no such provider.
pub(crate) async fn lock_schedule<A: Action>(
    transaction: &Transaction<'_, A>,
    provider_id: ProviderId,
) -> Stored<bool> {
    store::lock_shared(transaction, provider_id).await
}
