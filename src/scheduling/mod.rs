//! Booking: slots, holds, appointments over their whole life, and the front desk's day.
//!
//! A provider, a room and a patient can be booked once at a time. A Postgres exclusion constraint
//! guarantees it: each booking inserts a row for each of the three, and no two rows of one resource
//! overlap. Provider and room are booked with the buffers of the type of appointment, the patient
//! without, because buffers are for preparing and cleaning up. Holds are rows under the same
//! constraint. They expire by themselves; the next booking at their time deletes them. When two
//! people book the same time at once, one gets it and the other is refused with `slot-taken`. A
//! group is a session that several patients share: its bookings may overlap, and each has a seat of
//! its own.
//!
//! A booking is checked by the code that searches slots, so every slot that is found can be booked.
//! Staff may book against hours, grid and lead time with a reason; a time that is taken is never
//! booked. Patients book the types that are open to them, within lead time and horizon, and cancel
//! or move until the cut-off. The practice limits how many appointments an account books ahead for
//! one patient. Types with an interval (injections) keep a patient's appointments that many days
//! apart, counted also from the last needling, booked or not. Late cancellations and no-shows are
//! counted for the front desk to see; they block nothing. While a provider must review something
//! about a patient, nothing is booked, moved or offered for any record of that person; staff may
//! override this with a reason.
//!
//! A series is booked as a whole or not at all, each appointment by the code of a single booking.
//! A time that is given up (cancelled, missed, moved away from, or released) is stored as an
//! opening. The waitlist reads the openings.
//!
//! An appointment keeps its id from booking to completion. Every change adds a line to its history:
//! who, when, from what to what, and why. Cancelled and missed appointments give up their place.
//! Undoing that books the place again by the rules of booking; undoing a move moves back. The reason
//! can be changed until the appointment is over; this adds a line to the history and cannot be
//! undone. The same holds for the type, the length, the patient and the note for staff. A move keeps
//! the length unless staff ask for another, and another room keeps a confirmation. An appointment
//! can be a no-show only after its start. It is checked in and started on its day; staff do it on
//! another day with a reason. An appointment with a
//! visit cannot be undone to before the patient was seen; once the visit is signed, no step can be
//! undone. Visits are opened and signed under the lock of the appointment, so no other change
//! happens at the same time.
//!
//! The files: nouns (`appointment`, `hold`, `claim`, `occupancy`, ...) have types and rules and know
//! no database; verbs (`book`, `cancel`, `undo`, ...) are one use case each; `check` decides whether
//! a time can be booked, `take` wins it, and `explain` words the refusal.

mod affected;
mod allowed_acts;
mod another_day;
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
mod change_details;
mod change_series;
mod check;
mod chosen;
mod claim;
mod clean_up;
mod clock_wishes;
mod count_attendance;
mod day_board;
mod desk;
mod explain;
mod group;
mod hold;
mod hold_slot;
mod load_calendars;
mod merge_slots;
mod miss;
mod occupancy;
mod promise;
mod propose_moves;
mod provider_calendar;
mod read;
mod read_series;
mod record_step;
mod refusals;
mod require_today;
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
mod swap;
mod take;
mod undo;
mod view_day;
mod wanted;
mod wording;
mod work_through_affected;

pub(crate) use appointment::{AppointmentId, Place};
pub(crate) use appointment_status::Status;
pub(crate) use begin_visit::{begin_visit, keep_steps, take_visit_back};
pub(crate) use book::{Book, BookAppointment, book};
pub(crate) use book_error::BookError;
pub(crate) use cancel::{Cancel, cancel_ahead};
pub(crate) use change::ChangeError;
pub(crate) use chosen::Chosen;
pub(crate) use clean_up::clean_up;
pub(crate) use hold::{Hold, HoldId};
pub(crate) use hold_slot::HoldSlot;
pub(crate) use promise::{
    book_promised, choose_for, clear_taken_openings, drop_promised, hold_promised, starts_in,
    still_open,
};
pub(crate) use read::own_provider;
pub(crate) use record_step::RecordStep;
pub(crate) use refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
pub(crate) use routes::{NamedBody, OverrideBody, configure};
pub(crate) use slots::Slot;
pub(crate) use standing::AppointmentStanding;
pub(crate) use store::{book_for_person, book_for_record, overlapping, standings};
