//! The waitlist: patients who want an earlier appointment, and the times that are offered to them.
//!
//! An entry says what the patient waits for: type of appointment, providers, locations, dates and
//! parts of the day. Its place in the queue follows from its own row alone: priority first, then
//! creation time. A patient who wants something else changes the entry and keeps the place. An open
//! offer must be answered before the entry can be changed.
//!
//! Many acts free a time: an appointment is cancelled, missed or moved, a hold ends, hours are added,
//! time off or a closure is deleted. Each writes two rows in its own transaction: the free time as
//! an opening, and a call to work through the waitlist of the practice. [`offer_openings()`] answers
//! the calls. It ends the offers that have run out. Then it offers each opening to the first entry
//! in the queue that it suits. An offer is a slot kept by a hold, under the same constraint as every
//! booking, for as long as the practice has set. A patient who declines, or does not answer in time,
//! keeps the place in the queue and is not offered that time again; the next entry is.
//!
//! A patient who cancels, misses or moves an appointment is not offered the time they gave up until
//! another appointment was booked there. They are offered it when the practice cancelled. When
//! several patients gave up the same time (the seats of a group), only the last one is remembered.
//!
//! A person has one entry for each type of appointment, and one open offer at a time; unique indexes
//! guarantee both. Merging records can bring two entries of a type together. They then count as one
//! person's when a time is offered, and accepting an offer ends the other entry.
//!
//! The service can stop at any point of this work. Calls are deleted after the work they ask for, an
//! offer and its hold are written in one transaction, and an opening stays until it is booked or
//! over, so unfinished work is found again. Two instances on one database take turns practice by
//! practice.
//!
//! A time is offered by the rules for patients: lead time, horizon, hours and what is taken. It can
//! be accepted until the offer ends, even inside the lead time. Patients can wait for a type that
//! only the practice books when the practice puts them on the list.

mod answer;
mod change;
mod entry;
mod entry_view;
mod join;
mod offer_openings;
mod read;
mod refusals;
mod routes;
mod store;

pub(crate) use answer::{Withdraw, withdraw_all};
pub(crate) use offer_openings::offer_openings;
pub(crate) use routes::configure;
