//! Telephone numbers in the one form in which they are compared.

use std::str::FromStr;

use chrono_tz::Tz;
use phonenumber::country::Id as Region;

/// Which region each zone of the world is in, as the tables of time zones publish it.
const REGIONS: &str = include_str!("region_of_zone.tab");

/// The region in whose way a practice writes numbers without the code of a country.
pub(super) fn region_of(zone: Tz) -> Option<Region> {
    let mut lines = REGIONS.lines().filter(|line| !line.starts_with('#'));
    let (code, _) = lines.find_map(|line| {
        let (code, zone_of_line) = line.split_once('\t')?;
        (zone_of_line == zone.name()).then_some((code, zone_of_line))
    })?;
    Region::from_str(code).ok()
}

/// The digits of the number with the code of its country and without extension. A number that the
/// library cannot read keeps the digits it has; `None` when it has none.
pub(super) fn number_digits(text: &str, region: Option<Region>) -> Option<String> {
    let read = phonenumber::parse(region, text).ok();
    let digits = read.map_or_else(|| digits(text), |number| digits(&international(&number)));
    Some(digits).filter(|digits| !digits.is_empty())
}

/// Every form in which the number may have been written down: with the code of its country,
/// without it, and as it was said.
pub(super) fn number_forms(text: &str, region: Option<Region>) -> Vec<String> {
    let mut forms: Vec<String> = number_digits(text, region).into_iter().collect();
    if let Ok(number) = phonenumber::parse(region, text) {
        forms.push(number.national().value().to_string());
    }
    forms.push(digits(text));
    forms.retain(|form| !form.is_empty());
    forms.sort_unstable();
    forms.dedup();
    forms
}

fn international(number: &phonenumber::PhoneNumber) -> String {
    let code = number.code().value();
    format!("{code}{}", number.national())
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Europe::London};

    use super::*;

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        let here = region_of(New_York);
        for written in [
            "+1 917 555 0101",
            "1-917-555-0101",
            "(917) 555-0101",
            "917.555.0101",
            "917-555-0101 ext. 12",
        ] {
            let form = number_digits(written, here);
            assert_eq!(form.as_deref(), Some("19175550101"), "{written}");
        }
        let there = region_of(London);
        assert_eq!(
            number_digits("020 7946 0018", there).as_deref(),
            Some("442079460018")
        );
        assert_eq!(
            number_digits("+44 20 7946 0018", here).as_deref(),
            Some("442079460018")
        );
        assert_eq!(number_digits("call me", here), None);
    }

    #[test]
    fn a_number_is_looked_for_with_and_without_its_country() {
        let forms = number_forms("(917) 555-0101", region_of(New_York));
        assert_eq!(forms, ["19175550101", "9175550101"]);
    }
}
