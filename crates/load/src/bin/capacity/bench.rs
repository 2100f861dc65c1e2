//! Runs `pgbench`, which comes with the server programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::Utc;
use tokio::process::Command;
use tokio_postgres::Client;

use crate::script::Script;

/// The program, where it connects, and what it has used up.
pub(crate) struct Bench {
    program: PathBuf,
    socket: PathBuf,
    directory: PathBuf,
    /// What the service sets for every connection, so that policies hold.
    options: String,
    /// No two runs make the same ids: each lasts a second at least.
    run: i64,
    /// The next repetition of each route.
    next: BTreeMap<&'static str, u64>,
}

impl Bench {
    /// Finds the program beside the running server; nothing when it is not installed.
    pub(crate) async fn find(
        database: &Client,
        directory: &Path,
        booked: u64,
    ) -> anyhow::Result<Option<Self>> {
        let row = database
            .query_one(
                "SELECT (SELECT setting FROM pg_config WHERE name = 'BINDIR'), current_setting('unix_socket_directories'), \
                     (SELECT id::text FROM control.practices), control.role_name('app')",
                &[],
            )
            .await?;
        let program = Path::new(row.get::<_, &str>(0)).join("pgbench");
        if !program.exists() {
            return Ok(None);
        }
        std::fs::create_dir_all(directory)?;
        Ok(Some(Self {
            program,
            socket: PathBuf::from(row.get::<_, &str>(1).trim_matches('"')),
            directory: directory.to_owned(),
            options: format!(
                "-c role={} -c TimeZone=UTC -c statement_timeout=5s -c app.patient_ids=* -c app.practice_id={}",
                row.get::<_, &str>(3),
                row.get::<_, &str>(2)
            ),
            run: Utc::now().timestamp() % 500_000,
            next: BTreeMap::from([("book", booked)]),
        }))
    }

    /// Repeats a script; transactions a second.
    pub(crate) async fn repeat(
        &mut self,
        key: &'static str,
        script: &Script,
        (clients, seconds): (u32, u32),
    ) -> anyhow::Result<f64> {
        let path = self.directory.join(format!("{key}.sql"));
        std::fs::write(&path, &script.text)?;
        self.run += 1;
        let next = self.next.entry(key).or_default();
        let mut command = Command::new(&self.program);
        command
            .env("PGOPTIONS", &self.options)
            .args(["--no-vacuum", "--protocol=prepared", "--username=tautband"])
            .arg(format!("--host={}", self.socket.display()))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={seconds}"))
            .arg(format!("--file={}", path.display()))
            .args([
                format!("--define=base={next}"),
                format!("--define=run={}", self.run),
            ])
            .args([
                "--define=turn=0".to_owned(),
                format!("--define=clients={clients}"),
            ]);
        for (name, value) in &script.definitions {
            command.arg(format!("--define={name}={value}"));
        }
        let output = command.arg("capacity").output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "pgbench cannot repeat {key}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let number = |name: &str| -> Option<&str> {
            let (_, rest) = text.split_once(name)?;
            rest.split(|c: char| !(c.is_ascii_digit() || c == '.'))
                .next()
        };
        let done: u64 = number("actually processed: ")
            .context("no count")?
            .parse()?;
        // One client may be quicker than another.
        *next += u64::from(clients) * (2 * done / u64::from(clients) + 100);
        Ok(number("tps = ").context("no rate")?.parse()?)
    }
}
