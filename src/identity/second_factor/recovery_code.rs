//! Recovery codes: for who has lost the app.

use rand::Rng;
use sha2::{Digest, Sha256};

/// Digits and letters without those that are taken for one another.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;
/// So many are handed out at once.
pub(super) const COUNT: usize = 10;

/// A code of 80 random bits.
pub(super) struct RecoveryCode(String);

impl RecoveryCode {
    pub(super) fn fresh() -> Self {
        let mut bytes = [0; LENGTH];
        rand::rng().fill_bytes(&mut bytes);
        let sign = |byte: &u8| SIGNS.get(usize::from(byte % 32)).copied().map(char::from);
        Self(bytes.iter().filter_map(sign).collect())
    }

    /// Reads a code in any case, with or without hyphens.
    pub(super) fn read(text: &str) -> Self {
        let signs = text.chars().filter(|sign| !matches!(sign, '-' | ' '));
        Self(signs.map(|sign| sign.to_ascii_uppercase()).collect())
    }

    /// As it is shown, in groups.
    pub(super) fn shown(&self) -> String {
        let signs: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = signs
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        groups.join("-")
    }

    /// The form in which it is stored.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(format!("recovery {}", self.0)).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_however_it_is_written() {
        let code = RecoveryCode::fresh();
        assert_eq!(code.shown().len(), 19);
        let typed = code.shown().to_lowercase().replace('-', " ");
        assert_eq!(RecoveryCode::read(&typed).hash(), code.hash());
        assert_ne!(RecoveryCode::fresh().hash(), code.hash());
    }
}
