//! Who on record may be the same person, weighed with reasons.
//!
//! Names are compared by how they sound, former and preferred ones included. A birth date counts as
//! the same, with day and month exchanged, or with one digit off, each with less weight. Archived
//! records are looked at, too.

use chrono::{Datelike, NaiveDate};

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;

use super::patient::{Details, Patient, plain};
use super::phone::{number_digits, number_forms, region_of};
use super::search::Criteria;
use super::store;

/// Someone on record who may be the same person.
pub(crate) struct Candidate {
    pub(crate) patient: Patient,
    /// The heaviest first.
    pub(crate) reasons: Vec<&'static str>,
}

/// So many candidates are shown.
const SHOWN: usize = 5;
/// How alike names must be where the birth date or a number is the same, and where the date only
/// resembles.
const ALIKE: f32 = 0.3;
const VERY_ALIKE: f32 = 0.6;

/// Those on record who may be the same person, the likeliest first.
pub(super) async fn look_alikes(
    transaction: &OpenTransaction<'_>,
    details: &Details,
) -> Stored<Vec<Candidate>> {
    let zone = crate::practice::practice_zone(transaction).await?;
    let region = region_of(zone.0);
    let window = Window {
        after: None,
        size: 100,
    };
    let spoken = details.search_name();
    let all = Criteria {
        with_archived: true,
        ..Criteria::default()
    };
    let by_date = Criteria {
        birth_dates: resembling(details.birth_date),
        ..all.clone()
    };
    let phone = details.phone.as_deref();
    let by_phone = Criteria {
        phone_forms: phone.map_or_else(Vec::new, |phone| number_forms(phone, region)),
        ..all.clone()
    };
    let by_email = Criteria {
        email: details.email.as_deref().map(str::to_lowercase),
        ..all
    };
    let found = async |criteria: &Criteria| {
        if criteria.is_exact() {
            store::fitting_from(transaction, &spoken, criteria, (ALIKE, &window)).await
        } else {
            Ok(Vec::new())
        }
    };
    let (mut alike, by_phone, by_email) =
        pipelined!(found(&by_date), found(&by_phone), found(&by_email),)?;
    for one in by_phone.into_iter().chain(by_email) {
        if alike.iter().all(|(known, _)| known.id != one.0.id) {
            alike.push(one);
        }
    }
    let number = phone.and_then(|phone| number_digits(phone, region));
    let weighed = alike.into_iter().filter_map(|(patient, likeness)| {
        let known_number = patient.details.phone.as_deref();
        let known_number = known_number.and_then(|phone| number_digits(phone, region));
        let has_same_number = number.is_some() && number == known_number;
        weigh(details, patient, likeness, has_same_number)
    });
    let mut weighed: Vec<(u32, Candidate)> = weighed.collect();
    weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let candidates = weighed.into_iter().map(|(_, candidate)| candidate);
    Ok(candidates.take(SHOWN).collect())
}

/// The weight of what speaks for one person, with the reasons; `None` when nothing does.
fn weigh(
    details: &Details,
    patient: Patient,
    likeness: f32,
    has_same_number: bool,
) -> Option<(u32, Candidate)> {
    let known = &patient.details;
    let mut reasons = Vec::new();
    let mut weight = 0;
    let mut add = |points: u32, reason: &'static str| {
        weight += points;
        reasons.push(reason);
    };
    if known.birth_date == details.birth_date {
        if likeness >= 0.4 || plain(&known.given_name) == plain(&details.given_name) {
            add(4, "similar name and same birth date");
        }
    } else if exchanged(known.birth_date) == Some(details.birth_date) && likeness >= VERY_ALIKE {
        add(
            3,
            "similar name, and birth date with day and month exchanged",
        );
    } else if likeness >= VERY_ALIKE && differ_in_one_digit(known.birth_date, details.birth_date) {
        add(2, "similar name, and birth date with one digit different");
    }
    if has_same_number && likeness >= 0.4 {
        add(3, "similar name and same telephone number");
    }
    let email = |of: &Details| of.email.as_deref().map(str::to_lowercase);
    if details.email.is_some() && email(known) == email(details) && likeness >= 0.4 {
        add(3, "similar name and same e-mail address");
    }
    (!reasons.is_empty()).then_some((weight, Candidate { patient, reasons }))
}

/// The date itself, with day and month exchanged, and all dates with one digit different.
fn resembling(date: NaiveDate) -> Vec<NaiveDate> {
    let text = date.format("%Y%m%d").to_string();
    let mut dates: Vec<NaiveDate> = [Some(date), exchanged(date)]
        .into_iter()
        .flatten()
        .collect();
    for place in 0..text.len() {
        for digit in '0'..='9' {
            let changed: String = text
                .chars()
                .enumerate()
                .map(|(at, sign)| if at == place { digit } else { sign })
                .collect();
            dates.extend(NaiveDate::parse_from_str(&changed, "%Y%m%d").ok());
        }
    }
    dates.sort_unstable();
    dates.dedup();
    dates
}

fn exchanged(date: NaiveDate) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(date.year(), date.day(), date.month())
}

fn differ_in_one_digit(one: NaiveDate, other: NaiveDate) -> bool {
    let digits = |date: NaiveDate| date.format("%Y%m%d").to_string().into_bytes();
    let (one, other) = (digits(one), digits(other));
    one.len() == other.len() && one.iter().zip(&other).filter(|(a, b)| a != b).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_date_resembles_those_that_a_slip_makes_of_it() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let like = resembling(date("1984-05-07"));
        for slip in [
            "1984-05-07",
            "1984-07-05",
            "1984-05-17",
            "1994-05-07",
            "1984-06-07",
        ] {
            assert!(like.contains(&date(slip)), "{slip}");
        }
        assert!(!like.contains(&date("1985-05-08")));
        assert!(differ_in_one_digit(date("1984-05-07"), date("1984-05-17")));
        assert!(!differ_in_one_digit(date("1984-05-07"), date("1984-05-07")));
    }
}
