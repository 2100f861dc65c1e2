//! Findings: what palpation finds in the muscles, and where.
//!
//! A finding names a muscle of the catalogue, a side and a place on the body chart, and the three
//! must agree: wrong-side needling begins with a point drawn on the wrong half. The raw signs are
//! kept, and what they amount to is derived beside them by the published criteria; nothing here
//! diagnoses.
//!
//! A trigger point outlives the visit that found it. Muscle, side and distance propose that a new
//! finding is an earlier point; only the provider says so, by `same_as`. From then on the point has
//! a course over the visits and a history with the needles it had, which is what shows whether a
//! treatment helps.

mod add_muscle;
mod anatomy;
mod body_chart;
mod catalogue;
mod chart;
mod classification;
mod course;
mod draw;
mod measures;
mod muscle;
mod palpate;
mod palpation;
mod read;
mod routes;
mod snomed;
mod store;

pub(crate) use catalogue::{find_muscle, muscles};
pub(crate) use chart::{CHART_VERSION, Side, View};
pub(crate) use classification::{Classification, Finding, PalpationFindings};
pub(crate) use course::{Observation, Presence, course};
pub(crate) use muscle::{Muscle, MuscleKind, Placement, PlacementRefused};
pub(crate) use palpate::find_point;
pub(crate) use palpation::{PatientPosition, PointId};
pub(crate) use routes::configure;
pub(crate) use snomed::load_mapping;
