//! What is promised, held against what was found.

use crate::report::Report;
use crate::routes::Route;

/// Latency may grow by so much from the smaller practice to the larger one.
const MOST_GROWTH: f64 = 1.3;
/// Pages may differ by so much of them, and by a few of a small number.
const MOST_PAGES_APART: f64 = 0.2;
const FEW_PAGES: i64 = 8;
const MOST_KILOBYTES: u64 = 64 * 1024;
const MOST_START_MS: f64 = 300.0;

/// The promises that this run breaks.
pub(crate) fn broken(report: &Report, routes: &[Route]) -> Vec<String> {
    let mut broken = Vec::new();
    for route in routes {
        let Some(found) = report.route(route.key) else {
            continue;
        };
        let promise = &route.promise;
        let mut exceeds = |what: &str, found: f64, most: f64| {
            if found > most {
                broken.push(format!(
                    "{}: {what} {found:.2}, promised at most {most:.2}",
                    route.name
                ));
            }
        };
        if let Some(most) = promise.statements {
            exceeds(
                "statements",
                f64::from(found.own_statements),
                f64::from(most),
            );
        }
        if let Some(most) = promise.exchanges {
            exceeds("exchanges", f64::from(found.exchanges), f64::from(most));
        }
        if let Some(most) = promise.pages {
            exceeds("pages", whole(found.pages), whole(most));
        }
        for load in &found.loads {
            exceeds("errors", f64::from(load.errors), 0.0);
            if let (1, Some(most), Some(ratio)) =
                (load.connections, promise.ratio, load.to_baseline)
            {
                exceeds("ratio", ratio.median, most);
            }
        }
        for load in &found.loads {
            let least = promise
                .of_bench
                .iter()
                .find(|(connections, _)| *connections == load.connections);
            if let (Some((connections, least)), Some(ratio)) = (least, load.of_bench)
                && ratio.median < *least
            {
                broken.push(format!(
                    "{}: {:.2} of pgbench at {connections} connections, promised at least {least:.2}",
                    route.name, ratio.median
                ));
            }
        }
    }
    for service in &report.services {
        if service
            .loaded_kilobytes
            .is_some_and(|found| found > MOST_KILOBYTES)
        {
            broken.push(format!(
                "{}: more than 64 MB resident after load",
                service.program
            ));
        }
        if service.start_to_ready_ms.median > MOST_START_MS {
            broken.push(format!(
                "{}: more than 300 ms from start to ready",
                service.program
            ));
        }
    }
    if report
        .soak
        .as_ref()
        .is_some_and(|soak| !soak.is_flat || soak.errors > 0)
    {
        broken.push("memory is not flat over the soak, or requests failed".to_owned());
    }
    broken
}

/// Prints how much larger everything is than in an earlier run at another size, and says which growth is too much.
pub(crate) fn compare(report: &Report, earlier: &Report) -> Vec<String> {
    let mut broken = Vec::new();
    println!(
        "\ngrowth from {} to {} appointments",
        earlier.appointments, report.appointments
    );
    println!(
        "{:<52} {:>14} {:>8} {:>12} {:>12}",
        "route", "pages", "growth", "p50 growth", "of its read"
    );
    for route in &report.routes {
        let Some(before) = earlier.route(&route.key) else {
            continue;
        };
        let pages = whole(route.pages) / whole(before.pages).max(1.0);
        let alone = |report: &Report, key: &str| {
            let load = report
                .route(key)?
                .loads
                .iter()
                .find(|load| load.connections == 1)?;
            Some((load.p50_ms, load.to_baseline.map(|ratio| ratio.median)))
        };
        let (now, then) = (alone(report, &route.key), alone(earlier, &route.key));
        let latency = now.zip(then).map(|(now, then)| now.0 / then.0);
        let ratio = now
            .and_then(|now| now.1)
            .zip(then.and_then(|then| then.1))
            .map(|(now, then)| now / then);
        let shown =
            |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        println!(
            "{:<52} {:>14} {pages:>8.2} {:>12} {:>12}",
            route.name,
            format!("{} -> {}", before.pages, route.pages),
            shown(latency),
            shown(ratio)
        );
        if (pages - 1.0).abs() > MOST_PAGES_APART && (route.pages - before.pages).abs() > FEW_PAGES
        {
            broken.push(format!(
                "{}: {} pages, and {} before",
                route.name, route.pages, before.pages
            ));
        }
        // Two runs: what both the machine and the route grew by is the machine's.
        if let Some(latency) =
            latency.filter(|latency| ratio.unwrap_or(*latency).min(*latency) > MOST_GROWTH)
        {
            broken.push(format!(
                "{}: latency grew by {latency:.2}, promised at most {MOST_GROWTH}",
                route.name
            ));
        }
    }
    broken
}

fn whole(number: i64) -> f64 {
    i32::try_from(number).map_or(f64::MAX, f64::from)
}
