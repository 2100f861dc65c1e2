//! What is printed in the end.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use crate::kinds::{Kind, Round};

/// What came of all rounds of one kind.
#[derive(Default)]
struct Line {
    rounds: u64,
    won: u64,
    lost: u64,
    failed: u64,
    wrong: u64,
    overlaps: u64,
    took: Duration,
}

impl Line {
    const fn violations(&self) -> u64 {
        self.failed + self.wrong + self.overlaps
    }
}

/// A line for each kind.
#[derive(Default)]
pub struct Table(BTreeMap<Kind, Line>);

impl Table {
    /// Adds a round.
    pub fn add(&mut self, kind: Kind, round: &Round, took: Duration) {
        let line = self.0.entry(kind).or_default();
        line.rounds += 1;
        line.won += round.won;
        line.lost += round.lost;
        line.failed += round.failed;
        line.wrong += round.wrong;
        line.overlaps += round.overlaps;
        line.took += took;
    }

    /// Everything that must never happen, counted.
    pub fn violations(&self) -> u64 {
        self.0.values().map(Line::violations).sum()
    }

    /// Prints it all; what is left over was found in the whole database at the end.
    pub fn print(&self, left_over: u64, deadlocks: u64) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{:<24} {:>7} {:>7} {:>8} {:>7} {:>9} {:>6} {:>9}",
            "kind", "rounds", "won", "lost", "wrong", "overlaps", "5xx", "rounds/s"
        )?;
        for (kind, line) in &self.0 {
            let seconds = line.took.as_secs_f64().max(0.001);
            let rounds = u32::try_from(line.rounds).unwrap_or(u32::MAX);
            writeln!(
                out,
                "{:<24} {:>7} {:>7} {:>8} {:>7} {:>9} {:>6} {:>9.1}",
                kind.name(),
                line.rounds,
                line.won,
                line.lost,
                line.wrong,
                line.overlaps,
                line.failed,
                f64::from(rounds) / seconds
            )?;
        }
        writeln!(
            out,
            "overlaps in the whole database: {left_over}; deadlocks met and tried again unseen: {deadlocks}; violations: {}",
            self.violations() + left_over
        )
    }
}

/// Says why the race could not run.
pub fn complain(error: &anyhow::Error) {
    // There is nobody left to tell when this fails.
    let _ = writeln!(std::io::stderr(), "the race could not run: {error:#}");
}
