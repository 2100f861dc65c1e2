//! Slowing down guesses without locking anybody out.
//!
//! A guess is counted before it is tried, in a transaction of its own: of any number that come at
//! once, no more are tried than are free. What proves right is taken off the count again.
//!
//! Guesses at an account are counted by network, so that a stranger elsewhere slows down
//! nobody but themselves, and once more over all networks, for guesses that come from everywhere. A
//! device on which the person has signed in before has a count of its own, which no stranger reaches.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use sha2::{Digest, Sha256};

use crate::platform::database::Stored;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

use super::password::Lane;
use super::store;

/// After so long without a guess the count starts over.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// The longest wait.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(15);

/// Somebody who gives a secret, as far as it can be told who they are.
#[derive(Debug)]
pub(super) struct Guesser {
    /// Where they come from; see [`crate::platform::client_address::network_of`].
    pub(super) network: String,
    /// User agent, by which a person recognises their sessions.
    pub(super) client: Option<String>,
    /// SHA-256 of the token that a known device keeps.
    pub(super) device_hash: Option<Vec<u8>>,
}

/// Guesses that are counted together.
#[derive(Debug)]
pub(super) struct Bucket {
    subject: Vec<u8>,
    /// Guesses that cost nothing: people mistype.
    free: i32,
    memory: TimeDelta,
    /// Whether others guess here too, so that one success says nothing about the rest.
    is_shared: bool,
}

impl Bucket {
    /// Guesses at one secret by whoever knows where it belongs.
    pub(super) fn of(what: &str) -> Self {
        Self {
            subject: Sha256::digest(what).to_vec(),
            free: 5,
            memory: MEMORY,
            is_shared: false,
        }
    }

    fn everywhere(account: &str) -> Self {
        Self {
            free: 50,
            memory: TimeDelta::hours(1),
            is_shared: true,
            ..Self::of(&format!("everywhere {account}"))
        }
    }

    /// How long the next guess must still wait.
    fn wait(&self, tries: i32, last_tried_at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
        if tries < self.free || self.is_over(last_tried_at, now) {
            return TimeDelta::zero();
        }
        let doublings = u32::try_from(tries - self.free).unwrap_or(0).min(10);
        let pause = TimeDelta::seconds(1_i64 << doublings).min(LONGEST_PAUSE);
        (last_tried_at + pause - now).max(TimeDelta::zero())
    }

    fn is_over(&self, last_tried_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - last_tried_at > self.memory
    }
}

/// How a guess at an account is counted, and where its password waits to be hashed.
pub(super) struct Approach {
    pub(super) buckets: Vec<Bucket>,
    pub(super) lane: Lane,
}

impl Approach {
    /// The same for the second factor, whose guesses are counted apart.
    pub(super) fn at_second_factor(mut self) -> Self {
        for bucket in &mut self.buckets {
            let mut subject = b"second factor ".to_vec();
            subject.append(&mut bucket.subject);
            bucket.subject = Sha256::digest(subject).to_vec();
        }
        self
    }
}

/// Finds it out. An address without an account is counted like any other.
pub(super) async fn approach(
    connection: &AsyncPgConnection,
    account: &str,
    guesser: &Guesser,
) -> Stored<Approach> {
    if let Some(hash) = &guesser.device_hash
        && store::knows_device(connection, account, hash).await?
    {
        let device = format!("device {account} {hash:x?}");
        return Ok(Approach {
            buckets: vec![Bucket::of(&device)],
            lane: Lane::KnownDevice,
        });
    }
    let here = format!("network {account} {}", guesser.network);
    Ok(Approach {
        buckets: vec![Bucket::of(&here), Bucket::everywhere(account)],
        lane: Lane::Anybody,
    })
}

/// Too many guesses were made before.
#[derive(Debug, thiserror::Error)]
#[error("too many guesses")]
pub(super) struct TooMany {
    wait: TimeDelta,
}

impl Refusal for TooMany {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        Problem::new(&problem::TOO_MANY).header(
            actix_web::http::header::RETRY_AFTER,
            self.wait.num_seconds() + 1,
        )
    }
}

/// Counts a guess that is about to be tried; whoever finds a count full waits. The transaction must be
/// committed before the guess is tried.
pub(super) async fn count(
    connection: &AsyncPgConnection,
    buckets: &[Bucket],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    for bucket in buckets {
        let (tries, last_tried_at) = store::lock_tries(connection, &bucket.subject, now).await?;
        let wait = bucket.wait(tries, last_tried_at, now);
        if wait > TimeDelta::zero() {
            return Err(TooMany { wait }.into());
        }
        let before = if bucket.is_over(last_tried_at, now) {
            0
        } else {
            tries
        };
        store::set_tries(connection, &bucket.subject, before.saturating_add(1), now).await?;
    }
    Ok(())
}

/// Takes a guess that proved right off the count.
pub(super) async fn settle(connection: &AsyncPgConnection, buckets: &[Bucket]) -> Stored<()> {
    for bucket in buckets {
        if bucket.is_shared {
            store::take_off_one_try(connection, &bucket.subject).await?;
        } else {
            store::forget_tries(connection, &bucket.subject).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_after_five_guesses_and_never_passes_fifteen_minutes() {
        let now = DateTime::UNIX_EPOCH;
        let bucket = Bucket::of("a secret");
        assert_eq!(bucket.wait(4, now, now), TimeDelta::zero());
        assert_eq!(bucket.wait(5, now, now), TimeDelta::seconds(1));
        assert_eq!(bucket.wait(8, now, now), TimeDelta::seconds(8));
        assert_eq!(bucket.wait(1_000, now, now), LONGEST_PAUSE);
        let later = now + TimeDelta::seconds(8);
        assert_eq!(bucket.wait(8, now, later), TimeDelta::zero());
    }

    /// At the pace of the waits, from however many networks.
    #[test]
    fn an_account_is_guessed_at_no_more_than_a_hundred_times_an_hour() {
        let bucket = Bucket::everywhere("ada@riverside.example");
        let (mut now, mut tries) = (DateTime::UNIX_EPOCH, 0);
        let end = now + TimeDelta::hours(1);
        while now < end {
            tries += 1;
            now += bucket.wait(tries, now, now).max(TimeDelta::milliseconds(1));
        }
        assert!(tries <= 100, "{tries}");
    }
}
