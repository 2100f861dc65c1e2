//! Harm during and after a procedure: what happened, how bad it was, and how it went.
//!
//! Kinds of harm come from a catalogue with codes and words of our own; each says which grades are
//! used for it, from 1 (mild) to 5 (death). An event belongs to a procedure and, where these are
//! known, to a needle site and to the lot that is suspected. It is recorded at any time, also after
//! the visit was signed: harm shows itself later, so it does not lie under the seal.
//!
//! An event of grade 3 or more, of a kind that is always serious, or called serious by the one who
//! reports it, stands on the work list until a provider has reviewed it. One that gets worse after
//! its review is reviewed again. While any event of a person waits, nothing is booked for them; what
//! booking sees of it is that there is something to review, not what. Every word on an event is kept
//! beside the ones before.

mod catalogue;
mod course;
mod event;
mod event_report;
mod listed_event;
mod read_events;
mod report_event;
mod routes;
mod store;
mod update_event;

pub(crate) use event_report::EventReport;
pub(crate) use listed_event::ListedEvent;
pub(crate) use report_event::{ReportAdverseEvent, ReportAdverseEventError, report_adverse_event};
pub(crate) use routes::{AdverseEventBody, ReportAdverseEventBody, configure};
