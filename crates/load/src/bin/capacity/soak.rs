//! Asks everything for a long time, and watches the memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::client::{Client, Limit};
use crate::load::World;
use crate::progress::Progress;
use crate::report::Soak;
use crate::run::Counted;
use crate::service::Service;

const CONNECTIONS: u32 = 8;
/// Memory may still grow by so much after the first tenth of the time.
const MOST_GROWTH_PERCENT: u64 = 10;

/// Asks the routes in turn, a second each.
pub(crate) async fn soak(
    service: &Service,
    routes: &[Counted],
    world: &Arc<World>,
    seconds: u64,
) -> anyhow::Result<Soak> {
    let progress = Progress::new(seconds);
    let (began, whole) = (Instant::now(), Duration::from_secs(seconds));
    let look_every = Duration::from_secs((seconds / 10).clamp(1, 60));
    let now = || {
        service
            .memory_kilobytes()
            .map(|(resident, _)| (began.elapsed().as_secs(), resident))
    };
    let mut soak = Soak {
        requests: 0,
        errors: 0,
        memory: now().into_iter().collect(),
        is_flat: true,
    };
    let (mut next_look, mut signed_in_at) = (look_every, Instant::now());
    let mut client = Arc::new(Client::sign_in(&service.url).await?);
    progress.say("soak");
    for counted in routes
        .iter()
        .filter(|one| one.route.key != "sign_in")
        .cycle()
    {
        if began.elapsed() >= whole {
            break;
        }
        if signed_in_at.elapsed() > Duration::from_secs(300) {
            client = Arc::new(Client::sign_in(&service.url).await?);
            signed_in_at = Instant::now();
        }
        let limit = Limit {
            time: Duration::from_secs(1),
            requests: u32::MAX,
        };
        let sample = client
            .load(counted.route, world, &counted.number, (CONNECTIONS, limit))
            .await?;
        soak.requests += u64::try_from(sample.microseconds.len())?;
        soak.errors += u64::from(sample.errors);
        progress.step();
        if began.elapsed() >= next_look {
            next_look += look_every;
            soak.memory.extend(now());
        }
    }
    soak.memory.extend(now());
    let settled = soak.memory.get(1).map(|(_, kilobytes)| *kilobytes);
    let last = soak.memory.last().map(|(_, kilobytes)| *kilobytes);
    soak.is_flat = settled
        .zip(last)
        .is_none_or(|(settled, last)| last * 100 <= settled * (100 + MOST_GROWTH_PERCENT));
    Ok(soak)
}
