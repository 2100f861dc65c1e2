//! The form that all facts about a patient have: allergies, medicines, conditions, contacts, alerts
//! and consents.
//!
//! A fact is listed, read, recorded and changed in one way. It is kept under the record it was
//! written to and shown under the record that stands for the person. Nothing is deleted: a fact
//! ends, and it stays in the record. Every read and every change is in the audit trail, and so is a
//! list that came back empty, because an empty list says something about the patient too.
//!
//! The file of a fact says what is its own: fields, rules, who may act, and the texts of its
//! operations. [`Fact`] and [`Changeable`] are what the form asks of it. Three macros write what
//! Diesel, serde, utoipa and actix need for each type: [`fields_of_fact!`] the fields,
//! [`queries_of_fact!`] and [`changes_of_fact!`] the statements, [`operations_of_fact!`] and
//! [`change_of_fact!`] the operations.

mod change;
mod declare;
mod fact;
mod read;
mod record;
mod routes;
mod store;

pub(super) use declare::fields_of_fact;
pub(super) use fact::{Changeable, Changes, Fact, FactError, Writing, require_past};
pub(super) use routes::{ListFacts, change, change_of_fact, get, list, operations_of_fact, record};
pub(super) use store::{changes_of_fact, insertion_of_fact, queries_of_fact};
