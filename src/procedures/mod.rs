//! Needles and what goes through them: solutions, injections, the safety checks and the codes.
//!
//! A procedure is planned within an open visit. It may begin when consent is recorded, the time-out
//! is confirmed in every point and nothing absolute speaks against it; only while it is under way
//! are solutions drawn up and sites recorded. The volumes of the components make the volume of a
//! solution, and no more is injected than was drawn.
//!
//! Templates and the last session propose sites as drafts; each is confirmed where the needle goes, and
//! until then counts for nothing. What is drawn is injected or wasted before a witness: a procedure
//! whose syringes do not add up is not completed.
//!
//! What is drawn leaves the stock in the transaction that completes or stops the procedure.
//!
//! The safety rules judge what is recorded at any time, and once more, binding, at completion. What
//! they stop, a provider may override with a reason, unless the check forbids it. An override covers what was
//! known when it was made: a stricter finding or a dose that is higher by the least, compared as exact
//! fractions, needs a new one. What they warn of (a relative contraindication, a dose close to the
//! limit) stops nobody, but a provider must have read it: a provider who completes a procedure thereby
//! says so, and for an assistant to complete it a provider has said so before, as an override does.
//! Who read what, and when, is stored with the binding assessment. Every figure the rules compare with
//! is a row of a versioned set with its source; a practice publishes its own, and results keep the
//! version they were judged by.
//!
//! What cannot be finished is stopped, with the reason, and abandoned then. Sites that were needled and
//! doses that were given before stay in the record and count for every rule and list like those of a
//! completed procedure; what was drawn up is accounted for, and the stock falls by it. The last
//! session that drafts are taken from is one that was completed.
//!
//! Afterwards the patient is observed for as long as the rules said, and let go.

mod account;
mod claim;
mod complete;
mod decision;
mod discharge;
mod draft;
mod draft_error;
mod draw_up;
mod ended;
mod exposure;
mod exposures;
mod history;
mod inject;
mod injection;
mod judge;
mod measured_relief;
mod missing;
mod needled_muscle;
mod observation;
mod observe;
mod observe_error;
mod obstacles;
mod origins;
mod override_check;
mod plan;
mod prepare_error;
mod procedure;
mod procedure_status;
mod propose_sites;
mod read;
mod read_drafts;
mod read_safety;
mod record_checklist;
mod record_consent;
mod record_set_up;
mod record_time_out;
mod record_waste;
mod report;
mod routes;
mod set_up;
mod settle_draft;
mod stage;
mod start;
mod stop;
mod store;
mod surroundings;
mod syringe;
mod treatment;

pub(crate) use complete::{CompleteError, CompleteProcedure, complete};
pub(crate) use ended::Ended;
pub(crate) use injection::InjectionId;
pub(crate) use procedure::ProcedureId;
pub(crate) use read::ReadProcedure;
pub(crate) use routes::{ProcedureBody, configure};
pub(crate) use stop::{StopError, StopProcedure, stop};
pub(crate) use store::{is_procedure_of, procedure_exists};
pub(crate) use tautband_rules::kind::ProcedureKind;
pub(crate) use treatment::{Treatment, TreatmentError, read_treatment};
