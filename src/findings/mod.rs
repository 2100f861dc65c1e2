//! Findings: what palpation finds in the muscles, and where.
//!
//! A finding names a muscle of the catalogue, a side and a place on the body chart. The three must
//! agree, because a point drawn on the wrong half can lead to needling the wrong side. The raw signs
//! are kept, and the classification is derived from them by the published criteria. The service does
//! not diagnose.
//!
//! A trigger point lasts longer than the visit that found it. When a new finding is near an earlier
//! point of the same muscle and side, the service proposes that they are the same point; only the
//! provider decides, by `same_as`. The point then has a course over the visits and a history of its
//! injections, which shows whether a treatment helps. Which points may be meant can be asked before anything
//! is recorded, and `same_as`, muscle, side and place can be put right while the visit is open.
//!
//! A palpation that was entered in error is voided: it stays, marked, and counts nowhere.

mod add_muscle;
mod anatomy;
mod body_chart;
mod catalogue;
mod chart;
mod classification;
mod correct;
mod course;
mod draw;
mod measures;
mod muscle;
mod palpate;
mod palpation;
mod propose_points;
mod read;
mod routes;
mod snomed;
mod store;
mod void_palpation;

pub(crate) use body_chart::render_view;
pub(crate) use catalogue::{find_muscle, muscles};
pub(crate) use chart::{CHART_VERSION, ChartPoint, Side, View};
pub(crate) use classification::{Classification, Finding, PalpationFindings};
pub(crate) use course::{Observation, Presence, course};
pub(crate) use muscle::{Muscle, MuscleKind, Placement, PlacementRefused};
pub(crate) use palpate::find_point;
pub(crate) use palpation::{PatientPosition, PointId};
pub(crate) use routes::configure;
pub(crate) use snomed::load_mapping;
