//! Every category of ICD-10-CM, and every code that a rule names, against every row that asks for a
//! condition: what lies in a range raises the row, and what lies beside it does not.

use std::collections::BTreeSet;

use super::super::facts::is_listed;
use super::rules;

/// Every category that can be written: a letter, a digit, and a digit or letter.
fn categories() -> Vec<String> {
    let mut all = Vec::new();
    for letter in 'A'..='Z' {
        for digit in '0'..='9' {
            for last in ('0'..='9').chain('A'..='Z') {
                all.push(format!("{letter}{digit}{last}"));
            }
        }
    }
    all
}

/// The categories between two of them, counted out and not compared.
fn between(range: &str) -> BTreeSet<String> {
    let (first, last) = range.split_once('-').unwrap();
    categories()
        .into_iter()
        .skip_while(|category| category != first)
        .take_while({
            let mut is_over = false;
            move |category| !std::mem::replace(&mut is_over, category == last)
        })
        .collect()
}

#[test]
fn every_code_of_every_range_is_in_it_and_no_other() {
    let rules = rules();
    let mut listed: BTreeSet<&String> = rules
        .contraindications
        .iter()
        .flat_map(|row| {
            row.trigger
                .conditions
                .iter()
                .chain(&row.trigger.active_conditions)
        })
        .collect();
    listed.extend(&rules.local_anaesthetic.reduction.conditions);
    listed.extend(&rules.epinephrine.at_risk_conditions);
    let ranges: Vec<&String> = listed
        .iter()
        .copied()
        .filter(|row| row.contains('-'))
        .collect();
    assert!(ranges.len() >= 15, "{ranges:?}");
    let mut cases = 0_u32;
    for range in ranges {
        let inside = between(range);
        assert!(inside.len() > 1, "{range}");
        for category in categories() {
            let expected = inside.contains(&category);
            for code in [
                category.clone(),
                format!("{category}.0"),
                format!("{category}.9"),
                format!("{category}91XA").to_lowercase(),
                format!(" {category}.A1 "),
            ] {
                assert_eq!(is_listed(&code, range), expected, "{code} in {range}");
                cases += 1;
            }
        }
    }
    println!("{cases} codes against the ranges of the rules");
    assert!(cases > 500_000);
}

#[test]
fn a_code_is_found_below_the_listed_one_and_not_beside_it() {
    for (code, listed, expected) in [
        ("K70.4", "K70.4", true),
        ("k7041", "K70.4", true),
        ("K70.3", "K70.4", false),
        ("K7", "K70-K77", false),
        ("", "K70-K77", false),
        ("C4A.0", "C45-C49", false),
        ("C4A.0", "C45-C50", true),
        ("I5A", "I30-I5A", true),
        ("I60.0", "I30-I5A", false),
        ("É0", "K70-K77", false),
    ] {
        assert_eq!(is_listed(code, listed), expected, "{code} {listed}");
    }
}
