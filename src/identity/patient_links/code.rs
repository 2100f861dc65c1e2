//! One-time codes: twelve signs that can be read out on the telephone.

use chrono::NaiveDate;
use rand::Rng;
use sha2::{Digest, Sha256};

use crate::identity::throttle::Bucket;

/// Digits and letters without those that are taken for one another.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 12;

/// A code: 60 random bits.
pub(super) struct Code(String);

impl Code {
    /// Makes a code that cannot be guessed.
    pub(super) fn fresh() -> Self {
        let mut bytes = [0; LENGTH];
        rand::rng().fill_bytes(&mut bytes);
        let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).copied().map(char::from);
        Self(bytes.iter().filter_map(sign).collect())
    }

    /// Reads a code as people write it: in any case, with or without hyphens, O for 0 and I for 1.
    pub(super) fn read(text: &str) -> Self {
        let sign = |sign: char| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        };
        let written = text.chars().filter(|sign| !matches!(sign, '-' | ' '));
        Self(written.map(sign).collect())
    }

    /// As it is shown, in three groups.
    pub(super) fn shown(&self) -> String {
        let signs: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = signs
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        groups.join("-")
    }

    /// The form in which it is stored and found.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(format!("code {}", self.0)).to_vec()
    }

    /// What is stored of the birth date that goes with it. The code in it keeps the few thousand
    /// dates there are from being tried out.
    pub(super) fn proof(&self, birth_date: NaiveDate) -> Vec<u8> {
        Sha256::digest(format!("proof {} {birth_date}", self.0)).to_vec()
    }

    /// Where tries with it are counted, whether it was ever made or not.
    pub(super) fn bucket(&self) -> Bucket {
        Bucket::of(&format!("activation {}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = Code::read("7k0o-1IlM-abcd");
        assert_eq!(code.shown(), "7K00-111M-ABCD");
        assert_eq!(code.hash(), Code::read("7K00 111M ABCD").hash());
        assert_ne!(code.hash(), Code::read("7K00-111M-ABCE").hash());
    }

    #[test]
    fn codes_have_twelve_signs_and_do_not_repeat() {
        let codes: std::collections::BTreeSet<String> =
            (0..1000).map(|_| Code::fresh().shown()).collect();
        assert_eq!(codes.len(), 1000);
        assert!(codes.iter().all(|code| code.len() == 14));
    }

    #[test]
    fn the_proof_is_of_code_and_birth_date() {
        let date: NaiveDate = "1984-05-17".parse().unwrap();
        let other: NaiveDate = "1984-05-18".parse().unwrap();
        let code = Code::read("AAAABBBBCCCC");
        assert_ne!(code.proof(date), code.proof(other));
        assert_ne!(code.proof(date), Code::read("AAAABBBBCCCD").proof(date));
    }
}
