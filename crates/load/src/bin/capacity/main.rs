//! Measures the service on a practice of a chosen size, beside the database it stands on.
//!
//! ```sh
//! cargo build --profile dist && cargo run --profile dist -p tautband-load --bin capacity -- --appointments 1M
//! ```
//!
//! Starts a private Postgres that forces every commit to the disk, loads a practice group, and runs the service in its own
//! process, as in production: sign-in, session check, permit, row-level security and audit are on. What it finds:
//!
//! * What a request asks of the database, which moves with no neighbour: statements, exchanges (times the service waits for an
//!   answer) and pages of tables and indexes touched. These are counted one request at a time.
//! * Requests a second and latencies, at each number of connections, in rounds that interleave the routes, the builds under
//!   comparison, and `pgbench`. What `pgbench` sends is taken from the server's log of one request to the service: the same
//!   statements with the same parameters, only that ids which must be new are new each time.
//! * Memory and the time from start to ready.
//!
//! Times move with the machine, so look at ratios of one run: to reading one record, to `pgbench`, to another build
//! (`--service A --service B`), and for growth to a smaller practice in the same rounds (`--beside`).

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the table is what it is for, and the service under measurement runs by the machine's clock"
)]

mod bench;
mod capture;
mod client;
mod load;
mod progress;
mod promises;
mod relay;
mod report;
mod routes;
mod run;
mod script;
mod service;
mod soak;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tautband::platform::embedded_postgres::{Durability, EmbeddedPostgres};

/// Measures the service on a practice of a chosen size, beside the database it stands on
#[derive(Parser)]
struct Options {
    /// Appointments to load, such as 10k, 100k, 1M or 5M; 300 make a day
    #[arg(long, default_value = "10k", value_parser = load::size)]
    appointments: u32,
    /// Patients, a fifth of them with five trigger points [default: one for ten appointments, 2000 at least]
    #[arg(long, value_parser = load::size)]
    patients: Option<u32>,
    /// Open follow-ups [default: one for ten appointments, 1000 at least]
    #[arg(long, value_parser = load::size)]
    follow_ups: Option<u32>,
    /// Measure a practice of so many appointments beside it, and show by how much everything grew from there
    #[arg(long, value_parser = load::size)]
    beside: Option<u32>,
    /// Rounds that count; one more warms up
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How long each measurement of a round lasts
    #[arg(long, default_value_t = 1)]
    seconds: u32,
    /// Connections to measure with
    #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
    connections: Vec<u32>,
    /// Only routes whose key begins so, beside those they are compared with
    #[arg(long, value_delimiter = ',')]
    routes: Vec<String>,
    /// The program that serves; given twice, two builds are compared [default: the one beside this program]
    #[arg(long)]
    service: Vec<PathBuf>,
    /// Keep the data here, and use them again when they are of the wanted size
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Write what was found to this file, as JSON
    #[arg(long)]
    output: Option<PathBuf>,
    /// Fail when a promise is broken
    #[arg(long)]
    check: bool,
    /// Write the plans of every statement, as the service's own role gets them, into this directory, by route and size
    #[arg(long)]
    explain: Option<PathBuf>,
    /// Then ask everything for so many seconds, and see whether memory stays flat
    #[arg(long, value_name = "SECONDS")]
    soak: Option<u64>,
}

fn main() -> anyhow::Result<ExitCode> {
    // Clients of HTTP ask for it, although none of them goes anywhere encrypted here.
    drop(rustls::crypto::ring::default_provider().install_default());
    let options = Options::parse();
    let kept = options.directory.is_some();
    let directory = options.directory.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("tautband-capacity-{}", std::process::id()))
    });
    let mut servers = Vec::new();
    let beside = options.beside.map(|_| directory.join("beside"));
    for directory in std::iter::once(directory.clone()).chain(beside) {
        let server = EmbeddedPostgres::start(&directory, Durability::Full)?;
        servers.push((server, directory));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let measured = runtime.block_on(run::run(&servers, &options));
    drop(runtime);
    let stopped: Vec<_> = servers
        .into_iter()
        .map(|(server, _)| server.stop())
        .collect();
    if !kept {
        std::fs::remove_dir_all(&directory).context("the data directory is left behind")?;
    }
    let broken = measured?;
    stopped.into_iter().collect::<Result<(), _>>()?;
    for line in &broken {
        println!("broken: {line}");
    }
    let failed = options.check && !broken.is_empty();
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
