//! More callers than the database can serve.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::assert_problem;
use crate::harness::*;

/// Of those who wait for the only connection; one more is using it.
const QUEUE: usize = 64;
const CALLERS: usize = 100;
/// Longer than it takes them all to come, and shorter than anybody waits for a lock.
const HELD: Duration = Duration::from_millis(1_500);

#[tokio::test]
async fn who_comes_behind_a_long_queue_is_turned_away_at_once_and_the_queue_is_served() {
    let clinic = Clinic::open_with_connections(1).await;
    let desk = clinic.front_desk().await;
    let path = format!("/patients/{ANA}");
    // The connection is there before the crowd comes.
    desk.get(&path).await.ok();
    let hold = format!(
        "BEGIN; LOCK TABLE patients; SELECT pg_sleep({}); COMMIT",
        HELD.as_secs_f32()
    );
    let call = async || {
        let called = Instant::now();
        let reply = desk.get(&path).await;
        (reply, called.elapsed())
    };
    let callers = async {
        let held = "SELECT count(*)::text FROM pg_locks \
                    WHERE relation = 'patients'::regclass AND mode = 'AccessExclusiveLock'";
        while clinic.ask(held).await == "0" {}
        join_all((0..CALLERS).map(|_| call())).await
    };
    let ((), replies) = futures_util::join!(clinic.sql(&hold), callers);
    let (served, refused): (Vec<_>, Vec<_>) = replies
        .into_iter()
        .partition(|(reply, _)| reply.status == 200);
    assert_eq!(served.len(), 1 + QUEUE);
    for (reply, waited) in refused {
        let reply = assert_problem!(reply, 503, "/problems/busy");
        assert_eq!(reply.headers["retry-after"], "1");
        assert!(waited < HELD, "{waited:?}");
    }
}
