//! Finding a patient from what a caller on the telephone says.

use chrono::{Datelike, NaiveDate};
use phonenumber::country::Id as Region;

use crate::platform::access::action;
use crate::platform::database::{Stored, Transaction};
use crate::platform::page::Window;
use crate::platform::problem::FieldError;

use super::patient::{Patient, plain};
use super::phone::{digits, number_forms};
use super::store;

action!(
    /// Searching patients by name, birth date, telephone, e-mail or record number.
    Search, "patients.search", record, [Admin, FrontDesk, Provider, Assistant]
);

/// What a caller says of the person looked for, as it was said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'text> {
    /// Anything; sorted by what it looks like.
    pub(crate) text: Option<&'text str>,
    pub(crate) name: Option<&'text str>,
    pub(crate) birth_date: Option<NaiveDate>,
    pub(crate) phone: Option<&'text str>,
    pub(crate) email: Option<&'text str>,
    pub(crate) record_number: Option<&'text str>,
    /// Archived records are searched, too.
    pub(crate) with_archived: bool,
}

/// What is known of the person looked for; all of it must fit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Criteria {
    /// Words of the name, in plain letters; misspellings are forgiven.
    pub(super) spoken: Option<String>,
    /// One of these; none when nothing was said about it.
    pub(super) birth_dates: Vec<NaiveDate>,
    /// The forms in which the telephone number may be on record.
    pub(super) phone_forms: Vec<String>,
    /// The last four digits of the telephone number.
    pub(super) last_four: Option<String>,
    /// In lower case.
    pub(super) email: Option<String>,
    pub(super) record_number: Option<String>,
    pub(super) with_archived: bool,
}

impl Criteria {
    /// Sorts what was said. A field that says nothing, such as a name of a hyphen, is refused: to
    /// ignore it would answer everybody.
    pub(crate) fn of(said: Said<'_>, region: Option<Region>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut says_something = |pointer: &str, text: Option<&str>, is_said: bool| {
            if text.is_some() && !is_said {
                errors.push(FieldError::new(pointer, nothing_in(pointer)));
            }
        };
        let spoken = said.name.map(plain).filter(|name| !name.is_empty());
        says_something("/name", said.name, spoken.is_some());
        let mut criteria = Self {
            spoken,
            birth_dates: said.birth_date.into_iter().collect(),
            record_number: said
                .record_number
                .map(|number| number.trim().to_uppercase()),
            email: said.email.map(|email| email.trim().to_lowercase()),
            with_archived: said.with_archived,
            ..Self::default()
        };
        says_something("/mrn", said.record_number, !is_blank(said.record_number));
        says_something("/email", said.email, !is_blank(said.email));
        if let Some(phone) = said.phone {
            criteria.add_phone(phone, region);
        }
        let has_phone = criteria.last_four.is_some() || !criteria.phone_forms.is_empty();
        says_something("/phone", said.phone, has_phone);
        if let Some(text) = said.text {
            let is_said = criteria.add(text.trim(), region);
            says_something("/text", said.text, is_said);
        }
        if errors.is_empty() {
            Ok(criteria)
        } else {
            Err(errors)
        }
    }

    /// Whether something is asked for that fits or does not, beside the name.
    pub(super) const fn is_exact(&self) -> bool {
        !self.birth_dates.is_empty()
            || !self.phone_forms.is_empty()
            || self.last_four.is_some()
            || self.email.is_some()
            || self.record_number.is_some()
    }

    fn add_phone(&mut self, phone: &str, region: Option<Region>) {
        let said = digits(phone);
        if said.len() == 4 {
            self.last_four = Some(said);
        } else {
            self.phone_forms = number_forms(phone, region);
        }
    }

    /// Adds what the text looks like; false when it says nothing.
    fn add(&mut self, text: &str, region: Option<Region>) -> bool {
        let letters = text.chars().any(char::is_alphabetic);
        let dates = dates_in(text);
        if !dates.is_empty() {
            self.birth_dates = dates;
        } else if text.to_uppercase().starts_with("P-") {
            self.record_number = Some(text.to_uppercase());
        } else if text.contains('@') {
            self.email = Some(text.to_lowercase());
        } else if !letters && !digits(text).is_empty() {
            self.add_phone(text, region);
        } else {
            self.spoken = Some(plain(text)).filter(|name| !name.is_empty());
            return self.spoken.is_some();
        }
        true
    }
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn nothing_in(pointer: &str) -> &'static str {
    match pointer {
        "/phone" => "has no digit; write at least the last four",
        "/name" => "has no letter that a name could begin with",
        "/text" => "has no letter and no digit; say a name, a date, a number or an address",
        _ => "must not be blank",
    }
}

/// The dates that a text can mean. `03/04/1984` is the third of April in one country and the fourth
/// of March in another, so both are looked for.
fn dates_in(text: &str) -> Vec<NaiveDate> {
    if let Ok(date) = text.parse() {
        return vec![date];
    }
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    let [first, second, year] = parts.as_slice() else {
        return Vec::new();
    };
    let (Ok(first), Ok(second), Ok(year)) = (
        first.parse::<u32>(),
        second.parse::<u32>(),
        year.parse::<i32>(),
    ) else {
        return Vec::new();
    };
    let readings = [(first, second), (second, first)];
    let mut dates: Vec<NaiveDate> = readings
        .into_iter()
        .filter_map(|(month, day)| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|date| date.year() > 1800)
        .collect();
    dates.dedup();
    dates
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

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_that_can_be_read_in_two_ways_is_looked_for_in_both() {
        assert_eq!(
            dates_in("03/04/1984"),
            [date("1984-03-04"), date("1984-04-03")]
        );
        assert_eq!(dates_in("17.5.1984"), [date("1984-05-17")]);
        assert_eq!(dates_in("1984-05-17"), [date("1984-05-17")]);
        assert_eq!(dates_in("555-010-1"), Vec::<NaiveDate>::new());
    }

    #[test]
    fn what_says_nothing_is_refused_by_name() {
        let said = Said {
            text: Some("-"),
            name: Some("."),
            phone: Some("abc"),
            record_number: Some(" "),
            ..Said::default()
        };
        let errors = Criteria::of(said, None).unwrap_err();
        let pointers: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/mrn", "/phone", "/text"]);
    }
}
