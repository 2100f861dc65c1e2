//! What is promised, held against what was found.

use crate::report::{OfRoute, Report, whole};
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
        broken.extend(outgrown(found));
    }
    broken.extend(of_services(report));
    broken
}

/// Those of memory and start, whatever is asked.
fn of_services(report: &Report) -> Vec<String> {
    let mut broken = Vec::new();
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

/// What grew by too much from the smaller practice.
fn outgrown(route: &OfRoute) -> Vec<String> {
    let mut outgrown = Vec::new();
    let Some(growth) = &route.growth else {
        return outgrown;
    };
    if growth.errors_before > 0 {
        let errors = growth.errors_before;
        outgrown.push(format!(
            "{}: {errors} errors on the smaller practice",
            route.name
        ));
    }
    let (before, now) = (growth.pages_before, route.pages);
    if (route.page_growth(growth) - 1.0).abs() > MOST_PAGES_APART
        && (now - before).abs() > FEW_PAGES
    {
        outgrown.push(format!("{}: {now} pages, and {before} before", route.name));
    }
    if let Some(latency) = growth.p50.filter(|latency| latency.median > MOST_GROWTH) {
        outgrown.push(format!(
            "{}: latency grew by {:.2}, promised at most {MOST_GROWTH}",
            route.name, latency.median
        ));
    }
    outgrown
}
