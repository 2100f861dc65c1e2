//! What is being done, shown while it is done.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar at a terminal, lines anywhere else.
pub(crate) struct Progress {
    bar: ProgressBar,
    is_shown: bool,
}

impl Progress {
    pub(crate) fn new(steps: u64) -> Self {
        let style = ProgressStyle::with_template("{elapsed_precise} [{bar:30}] {pos}/{len} {msg}");
        let bar = ProgressBar::new(steps);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let is_shown = std::io::stderr().is_terminal();
        if is_shown {
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
        }
        Self { bar, is_shown }
    }

    /// Says what is done now.
    pub(crate) fn say(&self, what: &str) {
        if self.is_shown {
            self.bar.set_message(what.to_owned());
        } else {
            eprintln!("{what}");
        }
    }

    /// One step is behind us.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
