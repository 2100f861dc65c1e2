//! The log of the server.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::{EmbeddedPostgresError, at};

pub(super) const LOG_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

const LOG_TAIL_LINES: usize = 15;

/// Opens the log for adding to it, and says where that begins; a large one is put aside first.
pub(super) fn open_log(directory: &Path) -> Result<(File, u64), EmbeddedPostgresError> {
    let path = directory.join("postgres.log");
    if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LIMIT_BYTES) {
        let earlier = directory.join("postgres.earlier.log");
        fs::rename(&path, &earlier).map_err(at("put aside", &path))?;
    }
    let log = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(at("open", &path))?;
    let start_bytes = log.metadata().map_err(at("look at", &path))?.len();
    Ok((log, start_bytes))
}

pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(LOG_TAIL_LINES);
    lines
        .into_iter()
        .skip(skipped)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_quoted_by_its_last_lines() {
        let lines: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let tail = last_lines(&lines.join("\n"));
        assert!(tail.starts_with("6\n") && tail.ends_with("\n20"), "{tail}");
    }
}
