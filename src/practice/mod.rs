//! The practice itself: where it is, who treats, what can be booked and when.
//!
//! A practice has locations in time zones, rooms in locations, providers, and types of appointment
//! with their rules. A provider's hours at a location are weekly templates in the wall-clock time
//! of the location; extra hours add to them, time off and closures take away, and what takes away
//! has the last word.
//!
//! Every booking reads hours that others may change at that moment. A change locks the row of the
//! provider exclusively (for a closure all rows, in the order of their ids). A booking shares the
//! lock with other bookings ([`lock_schedule`]), so the hours it read stay as they are until it is
//! written. Changed hours never cancel anything: the answer names the
//! appointments that now fall outside, and people decide. What they open anew is offered to those
//! who wait, as any time that becomes free. Rooms and providers that are not active any more count
//! as closed and away; what took place there and with them stays on record.
//!
//! Everybody in the practice reads the set-up, admins change it, and patients see what they need
//! to book: locations, providers and the types open to them.

mod affected;
mod appointment_types;
mod availability;
mod closures;
mod extra_hours;
mod hours;
mod listing;
mod locations;
mod openings;
mod profile;
mod providers;
mod rooms;
mod schedules;
mod short_notice;
mod span;
mod time_off;
mod time_zone;
mod why_closed;

use crate::platform::operations::Operations;

pub(crate) use affected::AffectedCause;
pub(crate) use appointment_types::{
    AppointmentType, AppointmentTypeId, TypeRules, find_appointment_type, type_names,
};
pub(crate) use closures::closed_times;
pub(crate) use hours::Weekday;
#[cfg(test)]
pub(crate) use hours::{AvailabilityTemplate, ProviderHours, WeeklyWindow};
pub(crate) use locations::LocationId;
pub(crate) use openings::{Opening, call_waitlist, open_times};
pub(crate) use profile::{
    WaitlistTerms, most_booked_ahead, practice_name, practice_zone, waitlist_terms,
};
pub(crate) use providers::ProviderId;
pub(crate) use rooms::RoomId;
pub(crate) use schedules::{
    LocationSchedule, ScheduleQuery, lock_schedule, schedules, schedules_with_type,
};
pub(crate) use time_zone::TimeZone;
pub(crate) use why_closed::{RefusedTime, WhyClosed, why_closed};

/// Adds the operations on the set-up of a practice.
pub(crate) fn configure(services: &mut Operations<'_>) {
    profile::configure(services);
    locations::configure(services);
    rooms::configure(services);
    providers::configure(services);
    appointment_types::configure(services);
    availability::configure(services);
    time_off::configure(services);
    closures::configure(services);
    extra_hours::configure(services);
}
