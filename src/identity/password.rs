//! Passwords: long rather than complicated, hashed with Argon2id, a few at a time.

use std::sync::Arc;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::platform::problem::{self, Problem};

/// Shortest password accepted, in characters. NIST SP 800-63B-4 asks for 15 without a second factor.
pub(crate) const SHORTEST: usize = 15;
/// Longest password accepted, in bytes: refused, never cut.
pub(crate) const LONGEST: usize = 256;

/// Memory for one hash, in KiB. OWASP's floor for Argon2id with two passes is 19 MiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// Hashes and checks passwords away from the request threads; so many at once that a flood of
/// sign-ins cannot take all memory.
#[derive(Clone)]
pub(crate) struct PasswordHasher {
    places: Arc<Semaphore>,
    /// Checked against when there is no account, so that both take the same time.
    nobody: Arc<str>,
}

impl PasswordHasher {
    /// Prepares for `places` hashes at a time.
    pub(crate) fn new(places: usize) -> anyhow::Result<Self> {
        let nobody = hash("nobody has this password")
            .ok_or_else(|| anyhow::anyhow!("passwords cannot be hashed here"))?;
        Ok(Self {
            places: Arc::new(Semaphore::new(places)),
            nobody: nobody.into(),
        })
    }

    /// The hash to store.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let hashed = self.away(move || hash(password.expose_secret())).await?;
        hashed.ok_or_else(|| Problem::new(&problem::INTERNAL))
    }

    /// Whether the password is the one that was hashed; without a hash it is not, and that takes
    /// just as long.
    pub(crate) async fn matches(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, Problem> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let same = self
            .away(move || {
                PasswordHash::new(&hash).is_ok_and(|parsed| {
                    argon2().is_some_and(|argon2| {
                        argon2
                            .verify_password(password.expose_secret().as_bytes(), &parsed)
                            .is_ok()
                    })
                })
            })
            .await?;
        Ok(same && exists)
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|_closed| Problem::new(&problem::BUSY))?;
        web::block(work)
            .await
            .map_err(|_closed| Problem::new(&problem::BUSY))
    }
}

/// Hashes now, on this thread: for the command line.
pub(crate) fn hash(password: &str) -> Option<String> {
    argon2()?
        .hash_password(password.as_bytes())
        .ok()
        .map(|hash| hash.to_string())
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Says what is wrong with a new password, if anything.
pub(crate) fn weakness(password: &str, email: &str) -> Option<&'static str> {
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    if password.chars().count() < SHORTEST {
        Some("must have at least 15 characters; a few words make a good one")
    } else if password.len() > LONGEST {
        Some("must have at most 256 bytes")
    } else if name.len() > 3 && lower.contains(name) {
        Some("must not contain the name in your address")
    } else if lower.contains("tautband") || lower.contains("password") || few_signs(&lower) {
        Some("is among the first that anybody would guess")
    } else {
        None
    }
}

fn few_signs(password: &str) -> bool {
    let mut signs: Vec<char> = password.chars().collect();
    signs.sort_unstable();
    signs.dedup();
    signs.len() < 5
}

#[cfg(test)]
mod tests {
    use super::weakness;

    #[test]
    fn a_few_words_are_a_good_password_and_tricks_are_not() {
        assert_eq!(weakness("seven quiet rivers", "ana@clinic.example"), None);
        for weak in [
            "Short1!",
            "aaaaaaaaaaaaaaaaaaaa",
            "my password is long",
            "johanna rivers moon",
        ] {
            assert!(weakness(weak, "johanna@clinic.example").is_some(), "{weak}");
        }
        assert!(weakness(&"long words ".repeat(30), "ana@clinic.example").is_some());
    }
}
