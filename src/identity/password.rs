//! Passwords: long rather than complicated, hashed with Argon2id, a few at a time.

use std::sync::Arc;
use std::time::Duration;

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

/// How many may wait for each place; more are refused at once with 503.
const WAITING_A_PLACE: usize = 32;
/// How long somebody waits for a place.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Hashes and checks passwords away from the request threads, so many at once that a flood of
/// sign-ins takes neither all memory nor all processors.
///
/// A place is given back when its hash is done, not when its request is gone: a client that hangs up
/// does not make room for the next one while the hash still runs.
#[derive(Clone)]
pub(crate) struct PasswordHasher {
    /// Those who hash and those who wait.
    queue: Arc<Semaphore>,
    /// Those who hash.
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
            queue: Arc::new(Semaphore::new(places.saturating_mul(1 + WAITING_A_PLACE))),
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
        let busy = || Problem::new(&problem::BUSY);
        let queued = Arc::clone(&self.queue).try_acquire_owned();
        let queued = queued.map_err(|_full| busy())?;
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(LONGEST_WAIT, place).await;
        let place = place.map_err(|_late| busy())?;
        let place = place.map_err(|_closed| busy())?;
        let work = move || {
            let done = work();
            drop((place, queued));
            done
        };
        web::block(work).await.map_err(|_closed| busy())
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
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use secrecy::SecretString;

    use super::{PasswordHasher, Problem, WAITING_A_PLACE, problem, weakness};

    fn guess(hasher: &PasswordHasher) -> impl Future<Output = Result<bool, Problem>> + use<> {
        let hasher = hasher.clone();
        async move { hasher.matches(SecretString::from("a guess"), None).await }
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_leaves_no_place_to_the_next_while_its_hash_runs() {
        let hasher = PasswordHasher::new(1).unwrap();
        {
            let mut gone = pin!(guess(&hasher));
            let mut context = Context::from_waker(Waker::noop());
            assert!(gone.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(hasher.places.available_permits(), 0);
        assert!(!guess(&hasher).await.unwrap());
        assert_eq!(hasher.places.available_permits(), 1);
    }

    #[tokio::test]
    async fn who_finds_the_queue_full_is_refused_at_once() {
        let hasher = PasswordHasher::new(1).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut crowd: Vec<_> = (0..=WAITING_A_PLACE)
            .map(|_| Box::pin(guess(&hasher)))
            .collect();
        for one in &mut crowd {
            assert!(one.as_mut().poll(&mut context).is_pending());
        }
        let refused = guess(&hasher).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            Problem::new(&problem::BUSY).to_string()
        );
        drop(crowd);
    }

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
