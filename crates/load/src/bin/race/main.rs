//! Races many clients for one slot and counts what must never happen.
//!
//! It starts a private Postgres and the service itself, with a clock of its own, and lets 32 clients
//! go for the same thing at once over HTTP, round after round: the same time, times that overlap,
//! different types, different providers, rooms and patients, moves onto one place, a slot whose hold
//! has just expired, and an offer of the waitlist. After each round it looks at the answers (exactly
//! one winner, or what else is defined for the kind) and asks the database, by a query that knows
//! nothing of how bookings are kept apart, for appointments that overlap. Any 5xx is a violation too.
//!
//! ```text
//! cargo run --release -p tautband-load --bin race -- --rounds 500
//! cargo run --release -p tautband-load --bin race -- --rounds 500 --drop-constraint
//! ```
//!
//! The second command drops the exclusion constraint first, to show that the race can be lost. The
//! exit code is 0 when there was no violation, 1 when there was one, 2 when the race could not run.

#![expect(
    unreachable_pub,
    clippy::indexing_slicing,
    reason = "its parts are modules of one program, and its lists have the length it gave them"
)]

mod clinic;
mod kinds;
mod overlaps;
mod table;

use std::process::ExitCode;

use clap::Parser;

use clinic::Clinic;
use kinds::Kind;
use table::Table;

/// Races clients for one slot and counts what must never happen
#[derive(Parser)]
struct Options {
    /// Rounds in all, shared out among the kinds
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Clients that go for it at once
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(8..=64))]
    clients: u32,
    /// Drop the exclusion constraint first: violations must show
    #[arg(long)]
    drop_constraint: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(race(&options)));
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            table::complain(&error);
            ExitCode::from(2)
        }
    }
}

/// Rounds of one clinic: each has hours of its own, and nothing is booked further ahead than two years.
const ROUNDS_OF_A_CLINIC: u32 = 5_000;

/// Runs all the rounds and answers the number of violations.
async fn race(options: &Options) -> anyhow::Result<u64> {
    let mut table = Table::default();
    let mut kinds = Kind::ALL.iter().copied().cycle();
    let mut rounds_left = options.rounds;
    while rounds_left > 0 {
        let rounds = rounds_left.min(ROUNDS_OF_A_CLINIC);
        rounds_left -= rounds;
        let clinic = Clinic::open(options.clients).await?;
        if options.drop_constraint {
            clinic.drop_constraint().await?;
        }
        for (round, kind) in (0..rounds).zip(&mut kinds) {
            let began = std::time::Instant::now();
            let result = kind.run(&clinic, round).await?;
            table.add(kind, &result, began.elapsed());
        }
        table.close(
            overlaps::count(&clinic, None).await?,
            clinic.deadlocks().await?,
        );
        clinic.close().await?;
    }
    table.print()?;
    Ok(table.violations())
}
