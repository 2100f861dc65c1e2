//! Why a provider cannot be booked at a location, for the message to the person who is refused.

mod store;

use chrono_tz::Tz;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::Interval;

use super::appointment_types::AppointmentTypeId;
use super::locations::LocationId;
use super::providers::ProviderId;
use super::schedules::{ScheduleQuery, schedules};

/// The time that was refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusedTime {
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    pub(crate) span: Interval,
}

/// Names and reasons about one provider, one location and one time.
#[derive(Debug, Clone)]
pub(crate) struct WhyClosed {
    pub(crate) provider_name: String,
    /// Whether the provider works at the practice.
    pub(crate) is_provider_active: bool,
    pub(crate) location_name: String,
    pub(crate) zone: Tz,
    /// Whether the location has a room in use.
    pub(crate) has_room: bool,
    /// A closure at that time.
    pub(crate) closure: Option<ClosureNote>,
    /// Whether the provider is on time off at that time.
    pub(crate) is_time_off: bool,
    /// Another location where the provider has hours for the type at that time.
    pub(crate) elsewhere: Option<String>,
}

/// A closure, as everybody may know it.
#[derive(Debug, Clone)]
pub(crate) struct ClosureNote {
    pub(crate) reason: String,
    /// Whether the whole practice is closed, and not only the location.
    pub(crate) is_of_practice: bool,
}

/// Reads why nothing can be booked at this time; `None` when provider or location does not exist.
pub(crate) async fn why_closed(
    transaction: &OpenTransaction<'_>,
    time: &RefusedTime,
) -> Stored<Option<WhyClosed>> {
    let Some(mut why) = store::why_closed(transaction, time).await? else {
        return Ok(None);
    };
    let query = ScheduleQuery {
        provider_ids: Some(vec![time.provider_id.uuid()]),
        location_id: None,
        range: time.span,
    };
    let type_id = time.appointment_type_id.uuid();
    let elsewhere = schedules(transaction, &query).await?;
    let elsewhere = elsewhere.iter().find(|schedule| {
        let open = schedule.hours.open_intervals(type_id, &time.span);
        schedule.location_id != time.location_id.uuid() && open.contains(&time.span)
    });
    if let Some(schedule) = elsewhere {
        why.elsewhere = store::location_name(transaction, schedule.location_id.into()).await?;
    }
    Ok(Some(why))
}
