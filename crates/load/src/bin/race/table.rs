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

/// A line for each kind, and what was found when a clinic closed.
#[derive(Default)]
pub struct Table {
    lines: BTreeMap<Kind, Line>,
    left_over: u64,
    deadlocks: u64,
}

impl Table {
    /// Adds a round.
    pub fn add(&mut self, kind: Kind, round: &Round, took: Duration) {
        let line = self.lines.entry(kind).or_default();
        line.rounds += 1;
        line.won += round.won;
        line.lost += round.lost;
        line.failed += round.failed;
        line.wrong += round.wrong;
        line.overlaps += round.overlaps;
        line.took += took;
    }

    /// Adds what the whole database of a clinic held in the end.
    pub const fn close(&mut self, left_over: u64, deadlocks: u64) {
        self.left_over += left_over;
        self.deadlocks += deadlocks;
    }

    /// Everything that must never happen, counted.
    pub fn violations(&self) -> u64 {
        self.lines.values().map(Line::violations).sum::<u64>() + self.left_over
    }

    /// Prints it all.
    pub fn print(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{:<24} {:>7} {:>7} {:>8} {:>7} {:>9} {:>6} {:>9}",
            "kind", "rounds", "won", "lost", "wrong", "overlaps", "5xx", "rounds/s"
        )?;
        for (kind, line) in &self.lines {
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
            "overlaps in the whole database: {}; deadlocks met and tried again unseen: {}; violations: {}",
            self.left_over,
            self.deadlocks,
            self.violations()
        )
    }
}

/// Says why the race could not run.
pub fn complain(error: &anyhow::Error) {
    // There is nobody left to tell when this fails.
    let _ = writeln!(std::io::stderr(), "the race could not run: {error:#}");
}
