//! The keys of service accounts as programs send them.
//!
//! A key is `tautband_`, twelve digits that name it, and its secret with a checksum behind it. The word in
//! front lets a scanner find a key that was published by mistake, and the checksum lets it tell a key from
//! something that only looks like one. Made-up keys are turned away without asking the database.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What every key begins with.
const WORD: &str = "tautband_";
/// Hexadecimal digits that name the key.
const NAME_DIGITS: usize = 12;
/// 256 random bits.
const SECRET_DIGITS: usize = 64;
const CHECKSUM_DIGITS: usize = 8;

/// A key whose form is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceKey {
    /// The part that names it, which is no secret.
    pub(crate) prefix: String,
    /// SHA-256 of the whole key.
    pub(crate) hash: [u8; 32],
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn checksum(stem: &str) -> String {
    let sum = hex(&Sha256::digest(stem));
    sum.chars().take(CHECKSUM_DIGITS).collect()
}

impl ServiceKey {
    /// Makes a key of random bytes, of which the first ones name it; it is shown once as the text beside it.
    pub(crate) fn make(name: [u8; 6], secret: [u8; 32]) -> (Self, String) {
        let prefix = format!("{WORD}{}", hex(&name));
        let stem = format!("{prefix}_{}", hex(&secret));
        let text = format!("{stem}{}", checksum(&stem));
        let hash = Sha256::digest(&text).into();
        (Self { prefix, hash }, text)
    }

    /// Reads a key, or returns nothing for what is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.strip_prefix(WORD)?.split_once('_')?;
        let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let fits = name.len() == NAME_DIGITS && rest.len() == SECRET_DIGITS + CHECKSUM_DIGITS;
        if !fits || !is_hex(name) || !is_hex(rest) {
            return None;
        }
        let (stem, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM_DIGITS)?)?;
        (checksum(stem) == sum).then(|| Self {
            prefix: format!("{WORD}{name}"),
            hash: Sha256::digest(text).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_made_and_nothing_else_is_one() {
        let (made, text) = ServiceKey::make([1; 6], [2; 32]);
        assert_eq!(ServiceKey::parse(&text), Some(made));
        assert!(text.starts_with("tautband_010101010101_0202"));
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(ServiceKey::parse(&other), None, "{other}");
            assert_eq!(ServiceKey::parse(text.get(..at).unwrap()), None);
        }
        assert_eq!(ServiceKey::parse(&text.to_uppercase()), None);
        assert_eq!(ServiceKey::parse(&format!("{text}0")), None);
    }
}
