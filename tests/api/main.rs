//! The service through its public API, against a real Postgres: each test has a database of its
//! own, and every answer is held to the OpenAPI document.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a test stops where an answer is not what it says, and may tell a long story"
)]

mod harness;

mod access;
mod adverse_events;
mod affected;
mod anatomy_check;
mod appointment_life;
mod architecture;
mod audit;
mod audit_trail;
mod awaited_reviews;
mod backup;
mod bedside;
mod calendar_feeds;
mod care;
mod care_accounts;
mod care_calls;
mod care_patient;
mod care_reports;
mod care_sequences;
mod checks;
mod clocks;
mod corrections;
mod crowds;
mod database_errors;
mod database_tls;
mod day_board;
mod decisions;
mod demo;
mod desk_changes;
mod document;
mod doors;
mod drafts;
mod findings;
mod forgotten_password;
mod front_desk;
mod journey;
mod killed;
mod late_entries;
mod manners;
mod muscle_catalogue;
mod no_dead_ends;
mod note_templates;
mod owners;
mod paging;
mod patient_search;
mod patients;
mod people;
mod plans;
mod practice;
mod procedures;
mod record;
mod roles;
mod rule_sets;
mod scheduling;
mod seals;
mod second_factor;
mod series;
mod service_accounts;
mod signing_in;
mod single_sign_on;
mod statement_order;
mod states;
mod stock;
mod stopping;
mod tables;
mod users;
mod vials;
mod visits;
mod waitlist;
