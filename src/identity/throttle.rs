//! Slowing down guesses without locking anybody out.

use chrono::{DateTime, TimeDelta, Utc};

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: i32 = 5;
/// After so long without a failure the count starts over.
pub(super) const MEMORY: TimeDelta = TimeDelta::minutes(15);

/// How long the next try must still wait.
pub(super) fn wait(failures: i32, last_failed_at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    if failures < FREE_FAILURES || now - last_failed_at > MEMORY {
        return TimeDelta::zero();
    }
    let doublings = u32::try_from(failures - FREE_FAILURES).unwrap_or(0).min(10);
    let pause = TimeDelta::seconds(1_i64 << doublings).min(MEMORY);
    (last_failed_at + pause - now).max(TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_after_five_failures_and_never_passes_fifteen_minutes() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(wait(4, now, now), TimeDelta::zero());
        assert_eq!(wait(5, now, now), TimeDelta::seconds(1));
        assert_eq!(wait(8, now, now), TimeDelta::seconds(8));
        assert_eq!(wait(1_000, now, now), MEMORY);
        assert_eq!(wait(8, now, now + TimeDelta::seconds(8)), TimeDelta::zero());
    }
}
