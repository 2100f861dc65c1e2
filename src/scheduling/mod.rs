//! Booking: slots, holds and appointments over their whole life, and the front desk's day.
//!
//! A provider, a room and a patient are each in one place at a time. That is not looked up but
//! proven: what is taken is a row for each of them, and an exclusion constraint lets no two of
//! one resource overlap. Provider and room are taken with the buffers of the type of appointment,
//! the patient without, because buffers are for preparing and cleaning up. Holds stand under the
//! same constraint, expire by themselves and are cleared by the next booking they are in the way
//! of. Two people who book the same time at once are both answered at once: one has it, the other
//! is told that it is taken. A group is a session that several patients share: its bookings may
//! overlap with one another, and each of them has a place of its own.
//!
//! A booking is checked by the code that offers slots, so that what is offered can be booked. Staff
//! may book against hours, grid and times and say why; nobody books what is taken. Patients book
//! the types that are open to them, keep to lead time and horizon, and cancel or move until the
//! cut-off; an account of theirs has so many appointments still to come at most for one patient, as
//! the practice has set. Appointments whose types have an interval (injections) are kept that many days apart
//! for each patient, and from when a needle last went in, booked or not. Who cancels after the
//! cut-off or does not come is counted, for the front desk to see; it closes no door by itself.
//! While a provider has something to review about a patient, nothing is booked for any record of
//! that person, moved, or offered to them; staff may say why it is booked all the same.
//!
//! A series is booked as a whole or not at all, each appointment of it by the same code as one
//! that is booked alone. Whatever is given up (cancelled, missed, moved away from, let go of) is
//! remembered as an opening, and offered to those who wait; see the waitlist.
//!
//! An appointment keeps its id from booking to completion, and every change leaves a line of
//! history: who, when, from what to what, and why. Cancelled and missed appointments give up
//! their place; undoing that books it again, by the rules of booking and if nobody else has it, and
//! undoing a move is a move back. Why the patient comes can be told anew until it is over, which
//! leaves a line too and is no step that anything takes back.
//! Nobody misses what has not begun. Checking in is bound to no time: patients come early, a front
//! desk that sees the wrong day takes it back, and nothing is given up by it. An appointment that
//! has a visit was seen: it is not undone to before that, nor undone at all once the visit is
//! signed. Visits are begun and signed under the lock of the appointment, so that none of it
//! crosses another change.

mod allowed_acts;
mod appointment;
mod appointment_status;
#[cfg(test)]
mod appointment_tests;
mod appointment_view;
mod attendance;
mod begin_visit;
mod book;
mod book_error;
mod book_series;
mod cancel;
mod change;
mod change_reason;
mod change_series;
mod check;
mod chosen;
mod claim;
mod count_attendance;
mod day_board;
mod desk;
mod group;
mod hold;
mod hold_slot;
mod load_calendars;
mod merge_slots;
mod miss;
mod occupancy;
mod promise;
mod provider_calendar;
mod read;
mod read_series;
mod record_step;
mod refusals;
mod reschedule;
mod routes;
mod search_slots;
mod series;
mod show_to_room;
mod slots;
#[cfg(test)]
mod slots_model;
#[cfg(test)]
mod slots_tests;
mod standing;
mod store;
mod take;
mod undo;
mod view_day;
mod wanted;

pub(crate) use appointment::{AppointmentId, Place};
pub(crate) use appointment_status::Status;
pub(crate) use begin_visit::{begin_visit, keep_steps};
pub(crate) use book::{Book, BookAppointment, book};
pub(crate) use book_error::BookError;
pub(crate) use change::ChangeError;
pub(crate) use chosen::Chosen;
pub(crate) use hold::{Hold, HoldId};
pub(crate) use hold_slot::HoldSlot;
pub(crate) use promise::{
    book_promised, choose_for, clear_taken_openings, drop_promised, hold_promised, starts_in,
};
pub(crate) use read::own_provider;
pub(crate) use record_step::RecordStep;
pub(crate) use refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
pub(crate) use routes::{NamedBody, OverrideBody, configure};
pub(crate) use slots::Slot;
pub(crate) use standing::AppointmentStanding;
pub(crate) use store::{book_for_person, book_for_record, overlapping, standings};
