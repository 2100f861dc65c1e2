//! One run from an empty directory to a report.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::Utc;
use serde_json::Value;
use tautband::platform::embedded_postgres::EmbeddedPostgres;
use tokio_postgres::Client as Database;

use crate::Options;
use crate::bench::Bench;
use crate::capture::{LOGGED, Log, Sent};
use crate::client::{Client, Limit, Sample};
use crate::load::{self, Size, World};
use crate::progress::Progress;
use crate::relay::Relay;
use crate::report::{Growth, Load, Machine, OfRoute, Report, Serving, Soak, Spread, percentile};
use crate::routes::{self, Route};
use crate::script::{self, Script};
use crate::service::Service;
use crate::{promises, soak};

/// Requests over which pages are counted.
const COUNTED_REQUESTS: u32 = 20;
/// Signing in is slow by intent.
const SIGN_INS: u32 = 5;
const STARTS: u32 = 5;
/// The first service, at one connection.
const ALONE: (usize, u32) = (0, 1);
/// So long after the last request the service holds what it holds on to.
const AFTER_LOAD: Duration = Duration::from_secs(15);

/// A route, and what one request of it asks of the database.
pub(crate) struct Counted {
    pub(crate) route: Route,
    /// The number of the next request.
    pub(crate) number: Arc<AtomicU64>,
    statements: u32,
    own_statements: u32,
    exchanges: u32,
    pages: i64,
    script: Option<Script>,
    /// By service and connections.
    cells: BTreeMap<(usize, u32), Cell>,
}

/// What was measured of a route at so many connections, round by round.
#[derive(Default)]
struct Cell {
    per_second: Vec<f64>,
    medians: Vec<f64>,
    bench_per_second: Vec<f64>,
    microseconds: Vec<u32>,
    errors: u32,
    an_error: Option<String>,
}

/// A practice of a size, what serves it, and what was found of it.
struct Site<'a> {
    directory: &'a Path,
    url: String,
    size: Size,
    world: Arc<World>,
    database: Database,
    /// By earlier runs on the same data.
    booked_by_bench: u64,
    routes: Vec<Counted>,
    services: Vec<Service>,
    serving: Vec<Serving>,
}

/// Measures, prints, writes; the promises that are broken. The second of the servers, if there is one, is for the practice that
/// growth is counted from.
pub(crate) async fn run(
    servers: &[(EmbeddedPostgres, PathBuf)],
    options: &Options,
) -> anyhow::Result<Vec<String>> {
    ensure!(
        options.beside.is_none() || options.connections.contains(&ALONE.1),
        "growth is measured at one connection: leave it among --connections"
    );
    let programs = programs(options)?;
    let mut sites = Site::load_all(servers, options).await?;
    let (site, beside) = sites.split_first_mut().context("no server")?;
    let mut beside = beside.first_mut();
    let mut bench = Bench::find(
        &site.database,
        &site.directory.join("pgbench"),
        site.booked_by_bench,
    )
    .await?;
    let first = programs.first().context("no program")?;
    site.count(first, options).await?;
    site.start_all(&programs).await?;
    if let Some(beside) = beside.as_deref_mut() {
        beside.count(first, options).await?;
        beside.start_all(std::slice::from_ref(first)).await?;
    }
    measure(site, beside.as_deref_mut(), bench.as_mut(), options).await?;
    // What is kept for the next request is given back by then.
    tokio::time::sleep(AFTER_LOAD).await;
    for (serving, service) in site.serving.iter_mut().zip(&site.services) {
        let (resident, most) = service.memory_kilobytes().unzip();
        (serving.loaded_kilobytes, serving.most_kilobytes) = (resident, most);
    }
    let soaked = match (options.soak, site.services.first()) {
        (Some(seconds), Some(service)) => {
            Some(soak::soak(service, &site.routes, &site.world, seconds).await?)
        }
        _ => None,
    };
    let report = site.report(beside.as_deref(), soaked, options).await?;
    let routes: Vec<Route> = site.routes.iter().map(|counted| counted.route).collect();
    for site in sites {
        for service in site.services {
            service.stop().await?;
        }
    }
    report.print();
    if let Some(path) = &options.output {
        std::fs::write(path, serde_json::to_string_pretty(&report)?)?;
    }
    Ok(promises::broken(&report, &routes))
}

impl<'a> Site<'a> {
    /// One on each server: the one that is measured, and the one that growth is counted from.
    async fn load_all(
        servers: &'a [(EmbeddedPostgres, PathBuf)],
        options: &Options,
    ) -> anyhow::Result<Vec<Self>> {
        let sizes = [
            Some(Size::new(
                options.appointments,
                options.patients,
                options.follow_ups,
            )),
            options.beside.map(|beside| Size::new(beside, None, None)),
        ];
        let mut sites = Vec::new();
        for ((server, directory), size) in servers.iter().zip(sizes.into_iter().flatten()) {
            sites.push(Self::load(server, directory, size, options).await?);
        }
        Ok(sites)
    }

    async fn load(
        server: &EmbeddedPostgres,
        directory: &'a Path,
        size: Size,
        options: &Options,
    ) -> anyhow::Result<Self> {
        let url = server.url("capacity");
        let world = load::load(&server.url("postgres"), &url, size).await?;
        let database = load::connect(&url).await?;
        let made = load::made_before(&database, &world).await?;
        let routes = routes::chosen(&options.routes).into_iter().map(|route| {
            let number = match route.key {
                "book" => made.by_service,
                "reschedule" => made.moves,
                _ => 0,
            };
            Counted::new(route, number)
        });
        Ok(Self {
            directory,
            url,
            size,
            world: Arc::new(world),
            database,
            booked_by_bench: made.by_bench,
            routes: routes.collect(),
            services: Vec::new(),
            serving: Vec::new(),
        })
    }

    async fn report(
        &mut self,
        beside: Option<&Site<'_>>,
        soak: Option<Soak>,
        options: &Options,
    ) -> anyhow::Result<Report> {
        let routes = self.routes.iter().enumerate().map(|(place, counted)| {
            let smaller = beside.and_then(|beside| beside.routes.get(place));
            counted.found(&self.routes, smaller)
        });
        Ok(Report {
            machine: machine(&self.database).await?,
            appointments: self.size.appointments,
            patients: self.size.patients,
            follow_ups: self.size.follow_ups,
            beside: options.beside,
            database_bytes: self
                .database
                .query_one("SELECT pg_database_size(current_database())", &[])
                .await?
                .get(0),
            rounds: options.rounds,
            seconds: options.seconds,
            routes: routes.collect(),
            services: std::mem::take(&mut self.serving),
            soak,
        })
    }

    /// Every build, and what is known of it before it is asked anything.
    async fn start_all(&mut self, programs: &[PathBuf]) -> anyhow::Result<()> {
        for program in programs {
            let (service, starts) = start(program, &self.url).await?;
            self.serving.push(Serving {
                program: program.display().to_string(),
                start_to_ready_ms: starts,
                idle_kilobytes: service.memory_kilobytes().map(|(resident, _)| resident),
                loaded_kilobytes: None,
                most_kilobytes: None,
            });
            self.services.push(service);
        }
        Ok(())
    }

    /// What each route asks of the database, one request at a time over one connection.
    async fn count(&mut self, program: &Path, options: &Options) -> anyhow::Result<()> {
        let database = &self.database;
        let socket: String = database
            .query_one("SHOW unix_socket_directories", &[])
            .await?
            .get(0);
        let relay = Relay::start(
            &self.directory.join("relay"),
            PathBuf::from(socket.trim_matches('"')),
        )?;
        let host = relay.directory.display().to_string().replace('/', "%2F");
        let url = format!("postgresql://tautband@{host}/capacity?{LOGGED}");
        // Each thread has connections of its own, and only the one that is asked reports its pages.
        let alone = ["--workers", "1", "--connections", "1"];
        let service = Service::start(program, &url, &alone).await?;
        let client = Client::sign_in(&service.url).await?;
        let mut log = Log::of(self.directory)?;
        let progress = Progress::new(u64::try_from(self.routes.len())?);
        // It touches pages as well, of whatever the rounds before have changed.
        let reread = "SELECT pg_reload_conf()";
        database
            .batch_execute("ALTER SYSTEM SET autovacuum = off")
            .await?;
        database.batch_execute(reread).await?;
        for counted in &mut self.routes {
            progress.say(&format!("counting: {}", counted.route.name));
            counted
                .count(
                    &client,
                    (&relay, &mut log),
                    (database, &self.world),
                    options,
                )
                .await?;
            progress.step();
        }
        database
            .batch_execute("ALTER SYSTEM RESET autovacuum")
            .await?;
        database.batch_execute(reread).await?;
        service.stop().await
    }

    /// One round of one of its routes: at so many connections, for so many seconds, and whether it counts.
    async fn measure(
        &mut self,
        place: usize,
        bench: Option<&mut Bench>,
        how: (u32, u32, bool),
    ) -> anyhow::Result<()> {
        let route = self.routes.get_mut(place).context("no such route")?;
        route.measure(&self.services, bench, &self.world, how).await
    }
}

/// The programs to be measured; beside this program there is one of the same build.
fn programs(options: &Options) -> anyhow::Result<Vec<PathBuf>> {
    if !options.service.is_empty() {
        return Ok(options.service.clone());
    }
    let own = std::env::current_exe()?;
    let program = own.with_file_name("tautband");
    ensure!(
        program.exists(),
        "{} is missing: build it first, or name one with --service",
        program.display()
    );
    Ok(vec![program])
}

/// All rounds; the first only warms up what is warm in a running clinic.
async fn measure(
    site: &mut Site<'_>,
    mut beside: Option<&mut Site<'_>>,
    mut bench: Option<&mut Bench>,
    options: &Options,
) -> anyhow::Result<()> {
    let routes = site.routes.len();
    let progress = Progress::new(u64::from(options.rounds + 1) * u64::try_from(routes)?);
    for round in 0..=options.rounds {
        for place in 0..routes {
            let counts = round > 0;
            let name = site.routes.get(place).map_or("", |it| it.route.name);
            progress.say(&format!("round {round} of {}: {name}", options.rounds));
            for &connections in &options.connections {
                let how = (connections, options.seconds, counts);
                let mut beside = beside.as_deref_mut().filter(|_| connections == ALONE.1);
                // The other one first in every other round: whoever comes second finds the machine warm, or busy.
                if let Some(beside) = beside.take_if(|_| round % 2 == 1) {
                    beside.measure(place, None, how).await?;
                }
                site.measure(place, bench.as_deref_mut(), how).await?;
                if let Some(beside) = beside {
                    beside.measure(place, None, how).await?;
                }
            }
            progress.step();
        }
    }
    Ok(())
}

/// Starts it some times, and leaves the last running.
async fn start(program: &Path, url: &str) -> anyhow::Result<(Service, Spread)> {
    let mut times = Vec::new();
    for _ in 1..STARTS {
        let service = Service::start(program, url, &[]).await?;
        times.push(service.start_to_ready.as_secs_f64() * 1_000.0);
        service.stop().await?;
    }
    let service = Service::start(program, url, &[]).await?;
    times.push(service.start_to_ready.as_secs_f64() * 1_000.0);
    Ok((service, Spread::of(times).context("never started")?))
}

impl Counted {
    fn new(route: Route, number: u64) -> Self {
        Self {
            route,
            number: Arc::new(AtomicU64::new(number)),
            statements: 0,
            own_statements: 0,
            exchanges: 0,
            pages: 0,
            script: None,
            cells: BTreeMap::new(),
        }
    }

    async fn ask(&self, client: &Client, world: &World) -> anyhow::Result<(u64, Value)> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let ask = (self.route.ask)(world, number);
        Ok((number, client.answer(&self.route, &ask).await?))
    }

    async fn count(
        &mut self,
        client: &Client,
        (relay, log): (&Relay, &mut Log),
        (database, world): (&Database, &World),
        options: &Options,
    ) -> anyhow::Result<()> {
        // Its statements are prepared once.
        for _ in 0..3 {
            self.ask(client, world).await?;
        }
        let mut captured = Vec::new();
        // What the service does by itself may come in between: the least is the request's.
        for attempt in 0..5 {
            log.read()?;
            let (began, exchanges) = (Utc::now(), relay.exchanges());
            let (number, body) = self.ask(client, world).await?;
            let exchanges = relay.exchanges() - exchanges;
            let sent = log.read()?;
            if attempt == 0 || exchanges < self.exchanges {
                self.exchanges = exchanges;
                captured = sent;
                self.statements = u32::try_from(captured.len())?;
                let own = captured.iter().filter(|sent| !sent.is_around());
                self.own_statements = u32::try_from(own.count())?;
                if let Some(repeat) = self.route.repeat {
                    let variation = repeat(world, number, &body);
                    let repeated: Vec<Sent> = match self.route.only {
                        Some(table) => captured
                            .iter()
                            .filter(|sent| sent.is_read() && sent.sql.contains(table))
                            .cloned()
                            .collect(),
                        None => captured.clone(),
                    };
                    ensure!(!repeated.is_empty(), "{}: nothing was sent", self.route.key);
                    self.script =
                        Some(script::write(database, &repeated, &variation, began).await?);
                }
            }
        }
        let before = pages(client, self, (database, world)).await?;
        for _ in 0..COUNTED_REQUESTS {
            self.ask(client, world).await?;
        }
        let touched = pages(client, self, (database, world)).await? - before;
        // The last one asks once more.
        self.pages = touched / i64::from(COUNTED_REQUESTS + 1);
        if let Some(directory) = &options.explain {
            let file = format!("{}-{}.txt", self.route.key, world.appointments);
            explain(database, &captured, &directory.join(file)).await?;
        }
        Ok(())
    }

    /// One round of it: at so many connections, for so many seconds, and whether it counts.
    async fn measure(
        &mut self,
        services: &[Service],
        bench: Option<&mut Bench>,
        world: &Arc<World>,
        (connections, seconds, counts): (u32, u32, bool),
    ) -> anyhow::Result<()> {
        let is_sign_in = self.route.key == "sign_in";
        if is_sign_in && connections != 1 {
            return Ok(());
        }
        let limit = Limit {
            time: Duration::from_secs(u64::from(seconds)),
            requests: if is_sign_in { SIGN_INS } else { u32::MAX },
        };
        let mut bench_per_second = None;
        if let (Some(bench), Some(script)) = (bench, &self.script) {
            let span = (connections, seconds.max(1));
            bench_per_second = Some(bench.repeat(self.route.key, script, span).await?);
        }
        for (service, served) in services.iter().enumerate() {
            // Every time anew: what a sign-in gives holds for minutes.
            let client = Arc::new(Client::sign_in(&served.url).await?);
            let sample = client
                .load(self.route, world, &self.number, (connections, limit))
                .await?;
            if counts {
                self.cells
                    .entry((service, connections))
                    .or_default()
                    .add(sample, bench_per_second);
            }
        }
        Ok(())
    }

    /// What was found of it, and by how much that is more than on a smaller practice.
    fn found(&self, all: &[Self], smaller: Option<&Self>) -> OfRoute {
        let of = |key: &str, cell: &(usize, u32)| {
            let route = all.iter().find(|one| one.route.key == key)?;
            route.cells.get(cell)
        };
        let loads = self.cells.iter().filter_map(|(place, cell)| {
            let (service, connections) = *place;
            let baseline = of(self.route.baseline, place);
            let first = of(self.route.key, &(0, connections));
            let mut sorted = cell.microseconds.clone();
            sorted.sort_unstable();
            Some(Load {
                service,
                connections,
                per_second: Spread::of(cell.per_second.iter().copied())?,
                p50_ms: percentile(&sorted, 50),
                p95_ms: percentile(&sorted, 95),
                p99_ms: percentile(&sorted, 99),
                errors: cell.errors,
                an_error: cell.an_error.clone(),
                to_baseline: baseline.and_then(|it| Spread::of_ratios(&cell.medians, &it.medians)),
                bench_per_second: Spread::of(cell.bench_per_second.iter().copied()),
                of_bench: Spread::of_ratios(&cell.per_second, &cell.bench_per_second),
                of_first: first.and_then(|it| Spread::of_ratios(&cell.per_second, &it.per_second)),
            })
        });
        let growth = smaller.map(|smaller| {
            let alone = self.cells.get(&ALONE).zip(smaller.cells.get(&ALONE));
            Growth {
                pages_before: smaller.pages,
                errors_before: smaller.cells.get(&ALONE).map_or(0, |cell| cell.errors),
                p50: alone.and_then(|(now, then)| Spread::of_ratios(&now.medians, &then.medians)),
            }
        });
        OfRoute {
            key: self.route.key.to_owned(),
            name: self.route.name.to_owned(),
            baseline: self.route.baseline.to_owned(),
            statements: self.statements,
            own_statements: self.own_statements,
            exchanges: self.exchanges,
            pages: self.pages,
            loads: loads.collect(),
            growth,
        }
    }
}

impl Cell {
    fn add(&mut self, mut sample: Sample, bench_per_second: Option<f64>) {
        sample.microseconds.sort_unstable();
        self.medians.push(percentile(&sample.microseconds, 50));
        self.per_second.push(sample.per_second);
        self.bench_per_second.extend(bench_per_second);
        self.microseconds.extend(sample.microseconds);
        self.errors += sample.errors;
        self.an_error = self.an_error.take().or(sample.an_error);
    }
}

/// Pages of tables and indexes touched since the database was made, but for the trail of who read what: it grows with
/// each answer, whatever the route, and is appended to.
async fn pages(
    client: &Client,
    counted: &Counted,
    (database, world): (&Database, &World),
) -> anyhow::Result<i64> {
    // A connection reports what it counted with the first transaction after a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    counted.ask(client, world).await?;
    let row = database
        .query_one(
            "SELECT sum(coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0) + coalesce(idx_blks_hit, 0)
                 + coalesce(idx_blks_read, 0) + coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)
                 + coalesce(tidx_blks_hit, 0) + coalesce(tidx_blks_read, 0))::bigint
             FROM pg_statio_user_tables WHERE relname NOT IN ('waitlist_calls', 'audit_events')",
            &[],
        )
        .await?;
    Ok(row.get(0))
}

/// Writes the plans of what a request reads, as the service's role gets them.
async fn explain(database: &Database, sent: &[Sent], path: &Path) -> anyhow::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let mut text = String::new();
    database
        .batch_execute("BEGIN; SELECT set_config('role', control.role_name('app'), true)")
        .await?;
    for one in sent {
        if one.sql.starts_with("SET LOCAL") {
            database.batch_execute(&one.sql).await?;
        } else {
            writeln!(text, "-- {}\n", one.sql)?;
        }
        if one.is_read() && !one.parameters.is_empty() {
            let sql = script::written_out(database, one).await?;
            let plan = database
                .query(&format!("EXPLAIN (ANALYZE, BUFFERS) {sql}"), &[])
                .await
                .with_context(|| one.sql.clone())?;
            for line in plan {
                writeln!(text, "{}", line.get::<_, &str>(0))?;
            }
            writeln!(text)?;
        }
    }
    database.batch_execute("ROLLBACK").await?;
    Ok(std::fs::write(path, text)?)
}

async fn machine(database: &Database) -> anyhow::Result<Machine> {
    let row = database
        .query_one(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('shared_buffers')",
            &[],
        )
        .await?;
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, name)| name);
    Ok(Machine {
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        processor: processor.to_owned(),
        postgres: row.get(0),
        fsync: row.get(1),
        shared_buffers: row.get(2),
    })
}
