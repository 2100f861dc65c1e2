//! SNOMED CT codes of muscles, loaded from a file.
//!
//! The catalogue has no such codes, because each user of the terminology needs a licence. A file has
//! two columns: our code of the muscle, and the identifier of the concept. A new file replaces
//! everything that was loaded before.

mod store;

use std::collections::BTreeMap;

use anyhow::bail;

/// The concept of each muscle, as read from a file.
#[derive(Debug, PartialEq, Eq)]
struct Mapping(BTreeMap<String, String>);

impl Mapping {
    /// Reads lines of `muscle_code,concept`. The first line may be a heading, and a line that begins
    /// with `#` is skipped.
    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut concepts = BTreeMap::new();
        let mut faults = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim().trim_start_matches('\u{feff}');
            let is_heading = index == 0 && !line.contains(|letter: char| letter.is_ascii_digit());
            if line.is_empty() || line.starts_with('#') || is_heading {
                continue;
            }
            let number = index + 1;
            let parts: Vec<&str> = line.split(',').map(str::trim).collect();
            match parts.as_slice() {
                [_, concept] if !is_concept(concept) => {
                    faults.push(format!(
                        "line {number}: {concept} is not a concept identifier"
                    ));
                }
                [muscle, concept] => {
                    if concepts
                        .insert((*muscle).to_owned(), (*concept).to_owned())
                        .is_some()
                    {
                        faults.push(format!("line {number}: {muscle} appears twice"));
                    }
                }
                _ => faults.push(format!("line {number}: must be muscle_code,concept")),
            }
        }
        if !faults.is_empty() {
            bail!("{}", faults.join("\n"));
        }
        Ok(Self(concepts))
    }
}

/// Whether a text is the identifier of a concept: 6 to 18 digits, with `00` or `10` before the last
/// digit, which is a Verhoeff check digit.
fn is_concept(text: &str) -> bool {
    let is_long_enough = (6..=18).contains(&text.len());
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let partition = text.get(text.len().saturating_sub(3)..text.len().saturating_sub(1));
    is_long_enough
        && is_number
        && matches!(partition, Some("00" | "10"))
        && verhoeff(text.bytes().map(|byte| byte - b'0')) == 0
}

/// Computes the Verhoeff check over digits that include their check digit; 0 when they are right.
/// The algorithm multiplies permuted digits in the dihedral group of a pentagon.
fn verhoeff(digits: impl DoubleEndedIterator<Item = u8>) -> u8 {
    let permuted = |digit: u8, times: usize| {
        (0..times).fold(digit, |digit, _| match digit {
            0 => 1,
            1 => 5,
            2 => 7,
            3 => 6,
            4 => 2,
            5 => 8,
            6 => 3,
            7 => 0,
            8 => 9,
            _ => 4,
        })
    };
    let multiplied = |left: u8, right: u8| match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left + 5 - right - 5) % 5,
        (false, false) => (left + 5 - right) % 5,
    };
    digits.rev().enumerate().fold(0, |check, (place, digit)| {
        multiplied(check, permuted(digit, place % 8))
    })
}

/// Replaces the loaded mapping with the mapping of a file. If a line is wrong, nothing is replaced.
pub(crate) async fn load_mapping(url: &str, text: &str) -> anyhow::Result<usize> {
    let Mapping(concepts) = Mapping::parse(text)?;
    store::replace(url, &concepts).await
}

#[cfg(test)]
mod tests {
    use super::*;

    // Numbers in the right form. They are not real concepts.
    const ONE: &str = "1000000";

    fn with_check_digit(front: &str) -> String {
        (0..10)
            .map(|digit| format!("{front}{digit}"))
            .find(|text| verhoeff(text.bytes().map(|byte| byte - b'0')) == 0)
            .unwrap()
    }

    #[test]
    fn the_check_digit_is_verhoeffs() {
        // The published example of the algorithm.
        assert_eq!(verhoeff([2, 3, 6, 3].into_iter()), 0);
        assert_ne!(verhoeff([2, 3, 6, 4].into_iter()), 0);
        assert_ne!(verhoeff([3, 2, 6, 3].into_iter()), 0);
    }

    #[test]
    fn a_file_is_read_with_heading_and_remarks() {
        let concept = with_check_digit("123400");
        let text = format!("muscle_code,snomed_ct\n# ours\n\nmasseter , {concept}\n");
        let Mapping(read) = Mapping::parse(&text).unwrap();
        assert_eq!(read, BTreeMap::from([("masseter".to_owned(), concept)]));
    }

    #[test]
    fn every_fault_of_a_file_is_named() {
        let concept = with_check_digit("123400");
        let text = format!("h\nmasseter,{concept}\nmasseter,{concept}\nx\ntemporalis,{ONE}1\n");
        let faults = Mapping::parse(&text).unwrap_err().to_string();
        assert_eq!(
            faults,
            "line 3: masseter appears twice\nline 4: must be muscle_code,concept\n\
             line 5: 10000001 is not a concept identifier"
        );
    }
}
