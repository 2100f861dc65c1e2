//! What was found: as a table for people, as JSON for machines.

use serde::Serialize;

/// Of one value each round.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

/// Everything of one run.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) appointments: u32,
    pub(crate) patients: u32,
    pub(crate) follow_ups: u32,
    /// Appointments of the practice that growth is counted from.
    pub(crate) beside: Option<u32>,
    pub(crate) database_bytes: i64,
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
    pub(crate) services: Vec<Serving>,
    pub(crate) routes: Vec<OfRoute>,
    pub(crate) soak: Option<Soak>,
}

/// What it was measured on.
#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) postgres: String,
    pub(crate) fsync: String,
    pub(crate) shared_buffers: String,
}

/// A build that was measured.
#[derive(Serialize)]
pub(crate) struct Serving {
    pub(crate) program: String,
    pub(crate) start_to_ready_ms: Spread,
    /// Before the first request, after the last, and the most in between.
    pub(crate) idle_kilobytes: Option<u64>,
    pub(crate) loaded_kilobytes: Option<u64>,
    pub(crate) most_kilobytes: Option<u64>,
}

/// What a route asks of the database, and how it did under load.
#[derive(Serialize)]
pub(crate) struct OfRoute {
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) baseline: String,
    /// All of them, and those that not every transaction has.
    pub(crate) statements: u32,
    pub(crate) own_statements: u32,
    pub(crate) exchanges: u32,
    pub(crate) pages: i64,
    pub(crate) loads: Vec<Load>,
    pub(crate) growth: Option<Growth>,
}

/// From a smaller practice, in the same rounds.
#[derive(Serialize)]
pub(crate) struct Growth {
    pub(crate) pages_before: i64,
    /// Of the requests to the smaller practice.
    pub(crate) errors_before: u32,
    /// Medians of the rounds over those on the smaller practice, with one connection.
    pub(crate) p50: Option<Spread>,
}

/// A route at so many connections.
#[derive(Serialize)]
pub(crate) struct Load {
    /// Which of the services.
    pub(crate) service: usize,
    pub(crate) connections: u32,
    pub(crate) per_second: Spread,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) errors: u32,
    pub(crate) an_error: Option<String>,
    /// Medians of the rounds over those of the route it is compared with.
    pub(crate) to_baseline: Option<Spread>,
    pub(crate) bench_per_second: Option<Spread>,
    /// Requests a second over the repetitions of its statements.
    pub(crate) of_bench: Option<Spread>,
    /// Requests a second over those of the first build.
    pub(crate) of_first: Option<Spread>,
}

/// Memory over a long time.
#[derive(Serialize)]
pub(crate) struct Soak {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// Seconds since the begin, and resident kilobytes.
    pub(crate) memory: Vec<(u64, u64)>,
    pub(crate) is_flat: bool,
}

impl Spread {
    /// Of nothing there is none.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        Some(Self {
            min: *values.first()?,
            median: *values.get(values.len() / 2)?,
            max: *values.last()?,
        })
    }

    /// Round by round.
    pub(crate) fn of_ratios(values: &[f64], over: &[f64]) -> Option<Self> {
        Self::of(values.iter().zip(over).map(|(value, over)| value / over))
    }
}

/// As many hundredths of the samples are at most this, in milliseconds.
pub(crate) fn percentile(sorted: &[u32], hundredths: usize) -> f64 {
    let position = (sorted.len() * hundredths / 100).min(sorted.len().saturating_sub(1));
    f64::from(sorted.get(position).copied().unwrap_or_default()) / 1_000.0
}

impl Report {
    pub(crate) fn route(&self, key: &str) -> Option<&OfRoute> {
        self.routes.iter().find(|route| route.key == key)
    }

    pub(crate) fn print(&self) {
        self.print_head();
        println!(
            "\n{:<52} {:>10} {:>5} {:>6} {:>3} {:>3} {:>8} {:>8} {:>8} {:>8} {:>18} {:>20}",
            "route",
            "statements",
            "trips",
            "pages",
            "s",
            "c",
            "req/s",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "to its baseline",
            "of pgbench"
        );
        for route in &self.routes {
            let statements = format!("{} ({})", route.own_statements, route.statements);
            let mut head = format!(
                "{:<52} {statements:>10} {:>5} {:>6}",
                route.name, route.exchanges, route.pages
            );
            for load in &route.loads {
                println!("{head:<76} {}", load.row());
                head.clear();
            }
        }
        println!(
            "\nstatements: the route's own (all); trips: times the service waits for the database; s: service; c: connections"
        );
        self.print_growth();
        if let Some(soak) = &self.soak {
            let memory: Vec<String> = soak
                .memory
                .iter()
                .map(|(at, it)| format!("{at} s {} MB", it / 1024))
                .collect();
            let (memory, verdict) = (
                memory.join(", "),
                if soak.is_flat { "flat" } else { "not flat" },
            );
            println!(
                "soak: {} requests, {} errors; {memory}: {verdict}",
                soak.requests, soak.errors
            );
        }
    }

    fn print_growth(&self) {
        let Some(beside) = self.beside else { return };
        println!(
            "\n{:<52} {:>14} {:>8} {:>20}",
            format!("growth from {beside} to {} appointments", self.appointments),
            "pages",
            "times",
            "p50, round by round"
        );
        for route in &self.routes {
            if let Some(growth) = &route.growth {
                println!(
                    "{:<52} {:>14} {:>8.2} {:>20}",
                    route.name,
                    format!("{} -> {}", growth.pages_before, route.pages),
                    route.page_growth(growth),
                    shown(growth.p50)
                );
            }
        }
    }

    fn print_head(&self) {
        let machine = &self.machine;
        println!(
            "{} appointments, {} patients, {} open follow-ups, {} MB; Postgres {}, fsync {}; {} cores of {}; {} rounds of {} s",
            self.appointments,
            self.patients,
            self.follow_ups,
            self.database_bytes / 1_000_000,
            machine.postgres,
            machine.fsync,
            machine.cores,
            machine.processor,
            self.rounds,
            self.seconds
        );
        for (number, service) in (1..).zip(&self.services) {
            let megabytes = |kilobytes: Option<u64>| {
                kilobytes.map_or("?".to_owned(), |it| (it / 1024).to_string())
            };
            println!(
                "service {number}: {}: {:.0} ms from start to ready ({:.0}-{:.0}); resident {} MB idle, {} MB after load, {} MB at most",
                service.program,
                service.start_to_ready_ms.median,
                service.start_to_ready_ms.min,
                service.start_to_ready_ms.max,
                megabytes(service.idle_kilobytes),
                megabytes(service.loaded_kilobytes),
                megabytes(service.most_kilobytes),
            );
        }
    }
}

impl OfRoute {
    /// Pages over those on the smaller practice.
    pub(crate) fn page_growth(&self, growth: &Growth) -> f64 {
        whole(self.pages) / whole(growth.pages_before).max(1.0)
    }
}

/// A count of pages, to divide by.
pub(crate) fn whole(number: i64) -> f64 {
    i32::try_from(number).map_or(f64::MAX, f64::from)
}

/// The median, and in brackets the least and the most.
fn shown(spread: Option<Spread>) -> String {
    spread.map_or("-".to_owned(), |it| {
        format!("{:.2} ({:.2}-{:.2})", it.median, it.min, it.max)
    })
}

impl Load {
    fn row(&self) -> String {
        let compared = match self.of_first {
            Some(of_first) if self.service > 0 => {
                format!("  {} of service 1", shown(Some(of_first)))
            }
            _ => String::new(),
        };
        let errors = match &self.an_error {
            Some(error) => format!("  {} errors, such as {error}", self.errors),
            None => String::new(),
        };
        format!(
            "{:>3} {:>3} {:>8.0} {:>8.2} {:>8.2} {:>8.2} {:>18} {:>20}{compared}{errors}",
            self.service + 1,
            self.connections,
            self.per_second.median,
            self.p50_ms,
            self.p95_ms,
            self.p99_ms,
            shown(self.to_baseline),
            shown(self.of_bench),
        )
    }
}
