//! The signature of a visit and the seal over its content.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// The signature of a visit: the user, the time and the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) signed_at: DateTime<Utc>,
    /// The user.
    pub(crate) signed_by: Uuid,
    pub(crate) seal: Seal,
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

/// A signature, and the seal that the content gives now.
pub(crate) struct CheckedSeal {
    pub(crate) signature: Signature,
    pub(crate) recomputed: Seal,
}

impl CheckedSeal {
    /// Whether the signed content is unchanged.
    pub(crate) fn is_intact(&self) -> bool {
        self.signature.seal == self.recomputed
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
