//! Codes of SNOMED CT for muscles, loaded from a file by those who hold a licence.
//!
//! The catalogue brings none: the terminology needs a licence of one's own. A file has two columns,
//! our own code and the identifier of the concept, and replaces what was loaded before as a whole.

mod store;

use std::collections::BTreeMap;

use anyhow::bail;

/// Concept by muscle, as a file says it.
#[derive(Debug, PartialEq, Eq)]
struct Mapping(BTreeMap<String, String>);

impl Mapping {
    /// Reads lines of `muscle_code,concept`; the first may be a heading, and `#` begins a remark.
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
                    faults.push(format!("line {number}: {concept} is no concept identifier"));
                }
                [muscle, concept] => {
                    if concepts
                        .insert((*muscle).to_owned(), (*concept).to_owned())
                        .is_some()
                    {
                        faults.push(format!("line {number}: {muscle} stands there twice"));
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

/// Whether digits are the identifier of a concept: 6 to 18 of them, `00` or `10` before the last
/// one, which is a check digit after Verhoeff.
fn is_concept(text: &str) -> bool {
    let is_long_enough = (6..=18).contains(&text.len());
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let partition = text.get(text.len().saturating_sub(3)..text.len().saturating_sub(1));
    is_long_enough
        && is_number
        && matches!(partition, Some("00" | "10"))
        && verhoeff(text.bytes().map(|byte| byte - b'0')) == 0
}

/// The check of Verhoeff over digits with their check digit: 0 where they are right. It is the
/// multiplication of the dihedral group of a pentagon over permuted digits.
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

/// Puts the mapping of a file in place of what was loaded before; all of it or nothing.
pub(crate) async fn load_mapping(url: &str, text: &str) -> anyhow::Result<usize> {
    let Mapping(concepts) = Mapping::parse(text)?;
    store::replace(url, &concepts).await
}

#[cfg(test)]
mod tests {
    use super::*;

    // Numbers with the right form; none of them is a claim about the terminology.
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
            "line 3: masseter stands there twice\nline 4: must be muscle_code,concept\n\
             line 5: 10000001 is no concept identifier"
        );
    }
}
