//! The signature of a visit and the seal over its content.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::text::text_enum;
use crate::platform::trail::KeySignature;

/// The signature of a visit: the user, the time and the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) signed_at: DateTime<Utc>,
    /// The user.
    pub(crate) signed_by: Uuid,
    pub(crate) seal: Seal,
    /// Which text the seal is over.
    pub(crate) format: ContentFormat,
    /// The seal, signed with the key of the service; none for a visit that was signed before there was one.
    pub(crate) by_key: Option<KeySignature>,
}

/// The text that a seal is over. A text never changes; what is to be sealed otherwise gets a new format, and
/// older seals are checked by theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentFormat(i16);

impl ContentFormat {
    /// What is sealed today: `tautband-visit-2`.
    pub(crate) const NEWEST: Self = Self(2);

    /// Reads a stored number; none where this program does not know the format.
    pub(crate) const fn stored(number: i16) -> Option<Self> {
        match number {
            2 => Some(Self(number)),
            _ => None,
        }
    }

    /// The number that is stored.
    pub(crate) const fn number(self) -> i16 {
        self.0
    }
}

/// What the key of the service signs of a visit: whose it is, and its seal.
pub(crate) fn signed_text(practice_id: Uuid, visit_id: Uuid, what: Sealed, seal: &Seal) -> String {
    let what = match what {
        Sealed::Visit => "visit",
        Sealed::Retraction => "retraction",
    };
    format!(
        "tautband/{practice_id}/{what}/{visit_id}\n{}\n",
        seal.hexadecimal()
    )
}

/// What a seal is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealed {
    Visit,
    Retraction,
}

/// A procedure that is neither completed nor stopped. The feature above visits owns procedures, so
/// its status is passed on as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ProcedureUnderWay {
    pub(crate) id: Uuid,
    pub(crate) status: String,
}

/// SHA-256 over the canonical text of a visit and everything under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal(Vec<u8>);

impl Seal {
    /// Seals a canonical text.
    pub(crate) fn over(content: &str) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(content).to_vec())
    }

    /// Reads a stored seal.
    pub(crate) const fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the digest.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the seal in lower-case hexadecimal, as clients see it.
    pub(crate) fn hexadecimal(&self) -> String {
        use std::fmt::Write;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

text_enum! {
    /// What the key of the service says of a seal.
    pub(crate) enum KeyCheck {
        Valid = "valid",
        Invalid = "invalid",
        /// It was sealed before there was a key.
        Absent = "absent",
    }
}

/// The seal of a retraction, checked.
pub(crate) struct CheckedRetraction {
    pub(crate) seal: Seal,
    pub(crate) recomputed: Seal,
    pub(crate) key: KeyCheck,
}

impl CheckedRetraction {
    /// Whether the retraction is unchanged.
    pub(crate) fn is_intact(&self) -> bool {
        self.seal == self.recomputed && self.key != KeyCheck::Invalid
    }
}

/// A signature, and the seal that the content gives now.
pub(crate) struct CheckedSeal {
    pub(crate) signature: Signature,
    pub(crate) recomputed: Seal,
    pub(crate) key: KeyCheck,
    /// Set for a visit that was taken back.
    pub(crate) retraction: Option<CheckedRetraction>,
}

impl CheckedSeal {
    /// Whether the signed content is unchanged, and the seal is the one that was signed.
    pub(crate) fn is_intact(&self) -> bool {
        self.signature.seal == self.recomputed && self.key != KeyCheck::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_the_digest_of_the_text() {
        assert_eq!(
            Seal::over("abc").hexadecimal(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
