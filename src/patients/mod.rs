//! The people a practice looks after.
//!
//! A patient is registered once. Before a new record is made, those who may be the same person are
//! shown, with the reasons, and the front desk says whether it is someone new. Records are archived
//! and never deleted. Search forgives misspelt names, accents and the order of names: it takes what
//! is said as it stands, then each word as names here spell it with one letter changed, then as
//! names here are alike, then any two of the words, then any one, and stops where it finds somebody, or twenty by one word.
//! It is a POST, because what one searches for is personal and does not belong in a URL.
//!
//! What is clinically known of a patient (allergies, medicines, conditions) is kept in the words of
//! the patient, beside the class or code that the dose and contraindication checks look for. The front desk sees
//! demographics, the banners of alerts, contacts and consents only.
//!
//! A record counts what a provider must review before anything is booked for the person. What it is
//! stays with the features that ask for the review; booking sees that there is something.
//!
//! Records that turned out to be one person are merged: the rows under them stay as they were
//! written, and every read by patient asks for all records of the person.

mod access_log;
mod accounts;
mod alerts;
mod clinical_facts;
mod consents;
mod contacts;
mod duplicates;
mod facts;
mod merge;
mod patient;
mod phone;
mod register;
mod routes;
mod search;
mod store;
mod update;

pub(crate) use clinical_facts::{KnownMedication, PatientFacts, clinical_facts};
pub(crate) use merge::{RecordPair, join_records, lock_pair, part_records};
pub(crate) use patient::{DatePrecision, Death, Patient, PatientId, SexAtBirth, shown_name};
pub(crate) use routes::{OpenItemBody, PatientBody, configure};
pub(crate) use store::{
    LatestConsent, Person, PersonIdIn, PersonIdOf, await_review, end_review, find, latest_consent,
    lock_person, note_needle, person_id, person_id_of, person_of, persons, record_ids, records_of,
};
pub(crate) use update::{
    Archive, PatientError, RecordDeath, Restore, archive, record_death, restore,
};
