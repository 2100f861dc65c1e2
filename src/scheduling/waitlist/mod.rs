//! The waitlist: who wants to come sooner than there is time, and whose turn it is.
//!
//! An entry says what for, with whom, where, and when. It keeps its place in the queue (priority,
//! then waiting time) until it is booked, withdrawn or over; nothing but its own row says so. Who waits
//! for something else changes the entry and goes to no end of a queue for it; what is offered is
//! answered before that.
//!
//! Whatever gives up a time (a cancelled, missed or moved appointment, a hold let go of or about to
//! expire, hours that were added, time off or a closure that was taken back) writes two rows in its
//! own transaction: the time as an opening, and a call to look at the waitlist of the practice.
//! [`mod@tend`] answers the calls. It ends offers that have run out, and then asks of every opening
//! who comes first among those it suits. That one gets an offer: the slot, kept by a hold under the
//! same constraint as every booking, for as long as the practice has set. Whoever declines or does
//! not answer keeps their place but is not offered the same time again, whatever they wait for; the
//! next one is.
//!
//! Whoever cancels, misses or moves an appointment is not offered what that gave up, until somebody else
//! had it; they are, where the practice took it from them. Of a time that several people gave up, as the
//! places of a class, the last one is remembered.
//!
//! A person has one entry for each type of appointment, which an index makes sure of. Records that
//! are merged later may bring two of them together: they count as one person's when a time is
//! offered, and accepting it ends the other wait.
//!
//! The service may end at any point of this. Calls are deleted after the work they ask for, offers
//! and their holds are written in one transaction, and an opening stays until it is booked or over:
//! whatever was not finished is found again. Two services on one database take turns practice by
//! practice. A person has one open offer at a time, which an index makes sure of, so two times that
//! become free at once go to two people.
//!
//! A time is offered by the rules for patients: lead time, horizon, hours and what is taken. Once
//! offered it can be accepted until the offer ends, even if that is inside the lead time by then.
//! A type that only the practice books can be waited for when the practice says so.

mod answer;
mod change;
mod entry;
mod join;
mod look;
mod routes;
mod store;
mod tend;

pub(super) use routes::configure;
pub(crate) use tend::tend;
