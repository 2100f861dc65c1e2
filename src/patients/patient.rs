//! A patient as a record: what identifies a person and how to reach them.

use chrono::{DateTime, NaiveDate, Utc};
use rand::seq::IndexedRandom;
use rust_decimal::Decimal;

use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;

id! {
    /// Names a patient record.
    pub(crate) struct PatientId
}

text_enum! {
    /// Sex as recorded at birth.
    pub(crate) enum SexAtBirth {
        Female = "female",
        Male = "male",
        Intersex = "intersex",
        Unknown = "unknown",
    }
}

/// A patient record.
pub(crate) struct Patient {
    pub(crate) id: PatientId,
    pub(crate) record_number: String,
    pub(crate) details: Details,
    pub(crate) archived_at: Option<DateTime<Utc>>,
    /// The record that stands for the person, where this one does not.
    pub(crate) merged_into_id: Option<PatientId>,
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What is known of a patient beside the record itself.
#[derive(Clone)]
pub(crate) struct Details {
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) birth_date: NaiveDate,
    pub(crate) sex_at_birth: Option<SexAtBirth>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) preferred_language: Option<String>,
    pub(crate) weight: Option<Weight>,
}

/// A body weight and when it was measured: doses are checked against it, and an old one is none.
#[derive(Clone, Copy)]
pub(crate) struct Weight {
    pub(crate) kg: Decimal,
    pub(crate) measured_at: DateTime<Utc>,
}

/// The earliest birth date of a living person; the table refuses an earlier one too.
const EARLIEST_BIRTH: NaiveDate = match NaiveDate::from_ymd_opt(1880, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

impl Details {
    /// What is wrong with the birth date as of today.
    pub(crate) fn birth_date_fault(&self, today: NaiveDate) -> Option<&'static str> {
        if self.birth_date > today {
            Some("lies in the future")
        } else if self.birth_date < EARLIEST_BIRTH {
            Some("lies before 1880")
        } else {
            None
        }
    }

    /// Both names in plain lower-case letters, as search compares them.
    pub(crate) fn search_name(&self) -> String {
        plain(&format!("{} {}", self.given_name, self.family_name))
    }

    /// The digits of the telephone number.
    pub(crate) fn phone_digits(&self) -> Option<String> {
        self.phone
            .as_deref()
            .map(digits)
            .filter(|digits| !digits.is_empty())
    }
}

/// Lower-case letters without accents, words apart by one space.
pub(super) fn plain(text: &str) -> String {
    let plain = deunicode::deunicode(text).to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The digits of a telephone number.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A new record number: eight signs that cannot be misread over the telephone.
pub(super) fn fresh_record_number() -> String {
    let mut random = rand::rng();
    let signs = std::iter::repeat_with(|| RECORD_SIGNS.choose(&mut random).copied());
    let signs: String = signs.flatten().take(8).map(char::from).collect();
    format!("P-{signs}")
}

/// Digits and letters without I, L, O and U.
const RECORD_SIGNS: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_are_compared_without_accents_case_or_punctuation() {
        assert_eq!(plain("Zoë  O'Brien-Müller"), "zoe o brien muller");
        assert_eq!(plain("Łukasz Ångström"), "lukasz angstrom");
    }
}
