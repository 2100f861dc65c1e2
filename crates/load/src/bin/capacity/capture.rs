//! What the service sends for one request, read from the server's log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Says how a connection is to be logged: every statement with its parameters. Only the service that is listened to connects
/// with it.
pub(crate) const LOGGED: &str = "options=-c%20log_statement%3Dall%20-c%20log_error_verbosity%3Ddefault%20-c%20log_parameter_max_length%3D-1";

/// Of every transaction: is the connection alive, begin, and at the end the commit.
const AROUND_WHOLE: [&str; 3] = ["SELECT $1", "BEGIN", "COMMIT"];

/// And these, by how they begin: the practice, the patients within reach, does the session hold, and the audit rows.
const AROUND: [&str; 4] = [
    "SET LOCAL app.practice_id",
    "SET LOCAL app.patient_ids",
    "SELECT CASE WHEN $5 <> 'patient'",
    "INSERT INTO audit_events",
];

/// A statement as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) sql: String,
    pub(crate) parameters: Vec<Option<String>>,
}

impl Sent {
    /// Whether it asks for rows and changes none.
    pub(crate) fn is_read(&self) -> bool {
        ["SELECT", "WITH"]
            .iter()
            .any(|start| self.sql.starts_with(start))
    }

    /// Whether every transaction has it.
    pub(crate) fn is_around(&self) -> bool {
        AROUND_WHOLE.contains(&self.sql.as_str())
            || AROUND.iter().any(|start| self.sql.starts_with(start))
    }
}

/// The server's log, from where it was last read.
pub(crate) struct Log {
    path: PathBuf,
    position: u64,
}

impl Log {
    pub(crate) fn of(directory: &Path) -> anyhow::Result<Self> {
        let path = directory.join("postgres.log");
        let position = path.metadata().context("the server has no log")?.len();
        Ok(Self { path, position })
    }

    /// What was sent since, without what the service does by itself.
    pub(crate) fn read(&mut self) -> anyhow::Result<Vec<Sent>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.position))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        self.position += u64::try_from(bytes.len())?;
        let statements = statements(&String::from_utf8_lossy(&bytes));
        // What is done between requests knows of no caller.
        let of_requests = transactions(statements)
            .into_iter()
            .filter(|one| one.iter().any(|sent| sent.sql.contains("app.practice_id")));
        Ok(of_requests.flatten().collect())
    }
}

/// Each up to its commit.
fn transactions(statements: Vec<Sent>) -> Vec<Vec<Sent>> {
    let mut transactions = vec![Vec::new()];
    for sent in statements {
        let ends = ["COMMIT", "ROLLBACK"].contains(&sent.sql.as_str());
        if let Some(last) = transactions.last_mut() {
            last.push(sent);
        }
        if ends {
            transactions.push(Vec::new());
        }
    }
    transactions
}

fn statements(log: &str) -> Vec<Sent> {
    let mut found: Vec<Sent> = Vec::new();
    for (severity, message) in entries(log) {
        match (severity, message.split_once(": ")) {
            // Those without parameters can be several in one message.
            ("LOG", Some(("statement", sqls))) => found.extend(sqls.split("; ").map(sent)),
            ("LOG", Some((kind, sql))) if kind.starts_with("execute ") => found.push(sent(sql)),
            ("DETAIL", Some(("parameters", values))) => {
                if let Some(last) = found.last_mut() {
                    last.parameters = parameters(values);
                }
            }
            _ => {}
        }
    }
    found
}

fn sent(sql: &str) -> Sent {
    Sent {
        sql: sql.trim().to_owned(),
        parameters: Vec::new(),
    }
}

/// Severity and message of each entry; lines after the first begin with a tab.
fn entries(log: &str) -> Vec<(&str, String)> {
    let mut entries: Vec<(&str, String)> = Vec::new();
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some((_, message)) = entries.last_mut() {
                message.push('\n');
                message.push_str(more);
            }
        } else if let Some((_, rest)) = line.split_once("] ")
            && let Some((severity, message)) = rest.split_once(":  ")
        {
            entries.push((severity, message.to_owned()));
        }
    }
    entries
}

/// `$1 = 'it''s', $2 = NULL` as values.
fn parameters(text: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = text;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(mut quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value.strip_prefix("NULL").unwrap_or_default();
            continue;
        };
        let mut whole = String::new();
        while let Some((part, after)) = quoted.split_once('\'') {
            whole.push_str(part);
            quoted = after;
            let Some(after) = quoted.strip_prefix('\'') else {
                break;
            };
            whole.push('\'');
            quoted = after;
        }
        values.push(Some(whole));
        rest = quoted;
    }
    values
}
