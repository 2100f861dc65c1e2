//! Finding a patient from what a caller on the telephone says.

use chrono::NaiveDate;

use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;

use super::patient::{Patient, digits, plain};
use super::store;

action!(
    /// Searching patients by name, birth date, telephone or record number.
    Search, "patients.search", record, [Admin, FrontDesk, Provider, Assistant]
);

/// What is known of the person looked for; all of it must fit.
#[derive(Default)]
pub(crate) struct Criteria {
    /// Words of the name, in plain letters; misspellings are forgiven.
    pub(super) spoken: Option<String>,
    pub(super) birth_date: Option<NaiveDate>,
    /// The digits of the telephone number.
    pub(super) phone_digits: Option<String>,
    pub(super) record_number: Option<String>,
}

impl Criteria {
    /// Takes the fields as given; `text` is sorted by what it looks like.
    pub(crate) fn new(
        text: Option<&str>,
        name: Option<&str>,
        birth_date: Option<NaiveDate>,
        phone: Option<&str>,
        record_number: Option<&str>,
    ) -> Self {
        let mut criteria = Self {
            spoken: name.map(plain).filter(|name| !name.is_empty()),
            birth_date,
            phone_digits: phone.map(digits).filter(|digits| !digits.is_empty()),
            record_number: record_number.map(|number| number.trim().to_uppercase()),
        };
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            criteria.add(text);
        }
        criteria
    }

    /// Whether something is asked for that fits or does not, beside the name.
    pub(super) const fn is_exact(&self) -> bool {
        self.birth_date.is_some() || self.phone_digits.is_some() || self.record_number.is_some()
    }

    fn add(&mut self, text: &str) {
        let letters = text.chars().any(char::is_alphabetic);
        if let Ok(date) = text.parse() {
            self.birth_date = self.birth_date.or(Some(date));
        } else if text.to_uppercase().starts_with("P-") {
            self.record_number = Some(text.to_uppercase());
        } else if !letters && !digits(text).is_empty() {
            self.phone_digits = Some(digits(text));
        } else {
            self.spoken = Some(plain(text)).filter(|name| !name.is_empty());
        }
    }
}

/// Patients who fit, the likeliest first, or by name where no name was given.
pub(crate) async fn search(
    transaction: &Transaction<'_, Search>,
    criteria: &Criteria,
    window: &Window<SearchKey>,
) -> Stored<Vec<Patient>> {
    let patients = match &criteria.spoken {
        Some(spoken) => store::sounding_like(transaction, spoken, criteria, window).await?,
        None => store::matching(transaction, criteria, window).await?,
    };
    transaction.touch_all(
        "patient",
        patients
            .iter()
            .map(|patient| (patient.id.uuid(), patient.id.uuid())),
    );
    Ok(patients)
}

/// Family name, given name and id of the row before a page.
pub(crate) type SearchKey = (String, String, uuid::Uuid);
