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
    /// Set when the person is known to have died.
    pub(crate) death: Option<Death>,
    /// The record that stands for the person, where this one does not.
    pub(crate) merged_into_id: Option<PatientId>,
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What is known of a patient beside the record itself.
#[derive(Clone)]
pub(crate) struct Details {
    pub(crate) given_name: String,
    /// Empty where the person has one name.
    pub(crate) family_name: String,
    /// A name that the person had before, such as before a wedding.
    pub(crate) former_name: Option<String>,
    /// The name by which the person wants to be called.
    pub(crate) preferred_name: Option<String>,
    pub(crate) pronouns: Option<String>,
    pub(crate) birth_date: NaiveDate,
    /// The birth date is a guess, because nobody knows it.
    pub(crate) birth_date_estimated: bool,
    pub(crate) needs_interpreter: bool,
    /// Insurance as text.
    pub(crate) insurance: Option<String>,
    pub(crate) sex_at_birth: Option<SexAtBirth>,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) preferred_language: Option<String>,
    pub(crate) weight: Option<Weight>,
}

text_enum! {
    /// How exactly a date is known.
    pub(crate) enum DatePrecision {
        Day = "day",
        Month = "month",
        Year = "year",
    }
}

/// When a person died. Where only the month or the year is known, the date is its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) died_on: NaiveDate,
    pub(crate) precision: DatePrecision,
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

    /// Every name that the person has or had in plain lower-case letters, as search compares them.
    pub(crate) fn search_name(&self) -> String {
        let names = [
            Some(&self.given_name),
            Some(&self.family_name),
            self.former_name.as_ref(),
            self.preferred_name.as_ref(),
        ];
        let names: Vec<String> = names
            .into_iter()
            .flatten()
            .map(|name| plain(name))
            .collect();
        let mut words: Vec<&str> = Vec::new();
        for word in names.iter().flat_map(|name| name.split(' ')) {
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(" ")
    }
}

/// Both names as they are shown; one alone where the person has one name.
pub(crate) fn shown_name(given_name: &str, family_name: &str) -> String {
    let names = [given_name, family_name];
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.join(" ")
}

/// Whether search can find a name: it has a letter or a digit.
pub(super) fn can_be_found(name: &str) -> bool {
    !plain(name).is_empty()
}

/// Lower-case letters without accents, words apart by one space.
pub(super) fn plain(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for sign in text.chars().flat_map(char::to_lowercase) {
        let ascii = deunicode::deunicode_char(sign).unwrap_or_default();
        if sign.is_alphanumeric() && !ascii.contains(char::is_alphanumeric) {
            // A letter without a transcription is compared as it is written.
            letters.push(sign);
        } else {
            letters.push_str(ascii);
        }
    }
    let plain = letters.to_lowercase();
    let words: Vec<&str> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
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
        assert_eq!((plain("-"), plain(" . ")), (String::new(), String::new()));
    }

    #[test]
    fn every_letter_of_every_script_leaves_something_to_search_for() {
        let letters = (0_u32..0x11_0000).filter_map(char::from_u32);
        for letter in letters.filter(|letter| letter.is_alphabetic()) {
            let name = letter.to_string();
            assert!(!plain(&name).is_empty(), "U+{:04X}", u32::from(letter));
            assert_eq!(plain(&plain(&name)), plain(&name), "{name}");
        }
    }
}
