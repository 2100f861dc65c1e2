//! Passwords: hashed with Argon2id, a few at a time. What a new one must be is in `password_rules`.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::platform::problem::{self, Problem};

use super::password_rules::normalised;

/// Memory for one hash, in KiB. OWASP's floor for Argon2id with two passes is 19 MiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;

/// How many may wait for each place; more are refused at once with 503.
const WAITING_A_PLACE: usize = 32;
/// How long somebody waits for a place.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Where a password waits for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    Anybody,
    /// A flood of strangers does not stand in the way of who signs in on their own device.
    KnownDevice,
}

/// One line of passwords that wait.
#[derive(Clone)]
struct Queue {
    /// Those who hash and those who wait.
    all: Arc<Semaphore>,
    /// Those who hash.
    places: Arc<Semaphore>,
}

impl Queue {
    fn new(places: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(places.saturating_mul(1 + WAITING_A_PLACE))),
            places: Arc::new(Semaphore::new(places)),
        }
    }
}

/// Hashes and checks passwords away from the request threads, so many at once that a flood of
/// sign-ins takes neither all memory nor all processors.
///
/// A place is given back when its hash is done, not when its request is gone: a client that hangs up
/// does not make room for the next one while the hash still runs.
#[derive(Clone)]
pub(crate) struct PasswordHasher {
    anybody: Queue,
    known_devices: Queue,
    /// Checked against when there is no account, so that both take the same time.
    nobody: Arc<str>,
}

impl PasswordHasher {
    /// Prepares for `places` hashes at a time.
    pub(crate) fn new(places: usize) -> anyhow::Result<Self> {
        let nobody = hash("nobody has this password")
            .ok_or_else(|| anyhow::anyhow!("passwords cannot be hashed here"))?;
        Ok(Self {
            anybody: Queue::new(places),
            known_devices: Queue::new(places),
            nobody: nobody.into(),
        })
    }

    /// The hash to store.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let work = move || hash(password.expose_secret());
        let hashed = self.away(Lane::Anybody, work).await?;
        hashed.ok_or_else(|| Problem::new(&problem::INTERNAL))
    }

    /// Whether the password is the one that was hashed; without a hash it is not, and that takes
    /// just as long.
    pub(crate) async fn matches(
        &self,
        password: SecretString,
        hash: Option<String>,
        lane: Lane,
    ) -> Result<bool, Problem> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let same = self
            .away(lane, move || {
                let password = normalised(password.expose_secret());
                PasswordHash::new(&hash).is_ok_and(|parsed| {
                    argon2().is_some_and(|argon2| {
                        argon2.verify_password(password.as_bytes(), &parsed).is_ok()
                    })
                })
            })
            .await?;
        Ok(same && exists)
    }

    async fn away<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::new(&problem::BUSY);
        let queue = match lane {
            Lane::Anybody => &self.anybody,
            Lane::KnownDevice => &self.known_devices,
        };
        let queued = Arc::clone(&queue.all).try_acquire_owned();
        let queued = queued.map_err(|_full| busy())?;
        let place = Arc::clone(&queue.places).acquire_owned();
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
        .hash_password(normalised(password).as_bytes())
        .ok()
        .map(|hash| hash.to_string())
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use secrecy::SecretString;

    use super::{Lane, PasswordHasher, Problem, WAITING_A_PLACE, problem};

    fn guess(hasher: &PasswordHasher) -> impl Future<Output = Result<bool, Problem>> + use<> {
        guess_in(hasher, Lane::Anybody)
    }

    fn guess_in(
        hasher: &PasswordHasher,
        lane: Lane,
    ) -> impl Future<Output = Result<bool, Problem>> + use<> {
        let hasher = hasher.clone();
        async move {
            let guess = SecretString::from("a guess");
            hasher.matches(guess, None, lane).await
        }
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_leaves_no_place_to_the_next_while_its_hash_runs() {
        let hasher = PasswordHasher::new(1).unwrap();
        {
            let mut gone = pin!(guess(&hasher));
            let mut context = Context::from_waker(Waker::noop());
            assert!(gone.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(hasher.anybody.places.available_permits(), 0);
        assert!(!guess(&hasher).await.unwrap());
        assert_eq!(hasher.anybody.places.available_permits(), 1);
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
        // Who comes on a device of their own is let in beside them.
        assert!(!guess_in(&hasher, Lane::KnownDevice).await.unwrap());
        drop(crowd);
    }
}
