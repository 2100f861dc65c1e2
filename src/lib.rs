//! Tautband: booking and trigger-point injection records for headache and pain clinics.
//!
//! The features stand on one another in one order, and see only what lies below: identity,
//! practice, patients, scheduling, waitlist, visits, findings, rule sets, stock, procedures,
//! adverse events, care, record, calendar feeds.
//! `application` joins them.

pub mod application;
pub mod backup;
pub mod demo;
pub mod migrations;
pub mod platform;
pub mod set_up;
pub mod settings;

mod adverse_events;
mod calendar_feeds;
mod care;
mod console;
mod findings;
mod identity;
mod manners;
mod openapi;
mod outside_doses;
mod patients;
mod practice;
mod procedures;
mod record;
mod rule_sets;
mod scheduling;
mod schema;
mod stock;
mod visits;
mod waitlist;
