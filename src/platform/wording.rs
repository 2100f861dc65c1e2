//! Sentences about a text that is not of the form its field takes: what is wrong with it, and an
//! example of what would be right.

use chrono::NaiveDateTime;
use serde_json::Value;

/// The longest value that is repeated.
const LONGEST_VALUE: usize = 40;

/// The forms that fields take, with the sentence about a text of another form.
const PATTERNS: [(&str, &str); 11] = [
    (TIME_OF_DAY, "must be a time of day such as 09:00"),
    (r"\S", "must not be blank"),
    (
        r"^[^@\s]+@[^@\s]+$",
        "must be an e-mail address such as ana@example.org",
    ),
    (
        "^[A-Za-z0-9_-]+$",
        "must be a cursor from an earlier answer, unchanged",
    ),
    (
        r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$",
        "must be a number such as 12.5, with at most six digits behind the point",
    ),
    (
        r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
        "must be an ICD-10-CM code such as G44.219",
    ),
    (
        "^[ABCDGHJLMNPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$",
        "must be an ATC code such as B01AF02",
    ),
    (
        "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        "must be a language tag such as en or es-MX",
    ),
    (
        "^20[0-9]{2}-(0[1-9]|1[0-2])$",
        "must be a month such as 2026-03",
    ),
    ("^[0-9]{10}$", "must be ten digits"),
    (
        "^#[0-9a-f]{6}$",
        "must be a colour such as #2f6f9f, in small letters",
    ),
];

const TIME_OF_DAY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9]$";

/// The sentence about a text that does not match the pattern of its field.
pub(super) fn of_pattern(pattern: &str, value: &Value) -> String {
    let known = PATTERNS.iter().find(|(known, _)| *known == pattern);
    match known {
        Some((TIME_OF_DAY, wanted)) => about(value, wanted),
        Some((_, wanted)) => (*wanted).to_owned(),
        None => format!("must match the regular expression {pattern}"),
    }
}

/// The sentence about a text that is not of the format of its field.
pub(super) fn of_format(format: &str, value: &Value) -> String {
    match format {
        "date-time" if lacks_offset(value) => about(
            value,
            "has no offset from UTC: write it with one, such as 2026-03-09T09:00:00-04:00 or \
             2026-03-09T13:00:00Z",
        ),
        "date-time" => about(
            value,
            "must be a date and time with an offset from UTC, such as 2026-03-09T09:00:00-04:00",
        ),
        "date" => about(value, "must be a date such as 2026-03-09"),
        "uuid" => about(
            value,
            "must be an id such as 01900000-0000-7000-8000-000000000051",
        ),
        other => format!("must be a valid {other}"),
    }
}

/// Names the value before the sentence, if it is short and begins as a date or time does. A name of a
/// person is never repeated.
fn about(value: &Value, said: &str) -> String {
    let begins_with_digit = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
    match value.as_str().filter(begins_with_digit) {
        Some(text) if text.len() <= LONGEST_VALUE => format!("\"{text}\" {said}"),
        _ => said.to_owned(),
    }
}

/// Whether this is a date and a time, and only the offset from UTC is missing.
fn lacks_offset(value: &Value) -> bool {
    let forms = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ];
    let is_of = |text: &str| {
        forms
            .iter()
            .any(|form| NaiveDateTime::parse_from_str(text, form).is_ok())
    };
    value.as_str().is_some_and(is_of)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_of_a_time_names_it_and_an_example() {
        assert_eq!(
            of_pattern(TIME_OF_DAY, &json!("9:00")),
            "\"9:00\" must be a time of day such as 09:00"
        );
        assert!(
            of_format("date-time", &json!("2026-03-09T09:00"))
                .starts_with("\"2026-03-09T09:00\" has no offset from UTC")
        );
        assert!(of_format("date-time", &json!("tomorrow")).starts_with("must be a date and time"));
    }

    #[test]
    fn what_may_name_somebody_is_not_repeated() {
        let said = of_format("date", &json!("Ana Whitfield"));
        assert_eq!(said, "must be a date such as 2026-03-09");
        let said = of_pattern(r"^[^@\s]+@[^@\s]+$", &json!("ana"));
        assert!(!said.contains("\"ana\""), "{said}");
    }
}
