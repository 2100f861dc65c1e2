//! The service under measurement, in a process of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::process::{Child, Command};

/// A running service; it is ended when this is dropped.
pub(crate) struct Service {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
    /// From the start of the process to the first answer that it is ready.
    pub(crate) start_to_ready: Duration,
}

impl Service {
    /// Starts `program serve` on a migrated database, with what further options are given.
    pub(crate) async fn start(
        program: &Path,
        database_url: &str,
        further: &[&str],
    ) -> anyhow::Result<Self> {
        // Free a moment ago; nobody else on this machine asks for it in between.
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--requests-per-minute", "100000000", "--listen"])
            .arg(listen.to_string())
            .args(further)
            .env("TAUTBAND_DATABASE_URL", database_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // It logs every request, as in production.
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let began = Instant::now();
        let mut process = command
            .spawn()
            .with_context(|| format!("cannot run {}: build it first", program.display()))?;
        let url = format!("http://{listen}");
        let http = reqwest::Client::builder().tls_certs_only([]).build()?;
        loop {
            let answer = http.get(format!("{url}/health/ready")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            if let Some(status) = process.try_wait()? {
                bail!(
                    "{} ended with {status}; run it by hand to see why",
                    program.display()
                );
            }
            if began.elapsed() > Duration::from_secs(60) {
                bail!("{} is not ready after a minute", program.display());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Self {
            process,
            url,
            start_to_ready: began.elapsed(),
        })
    }

    /// Resident memory now and at most so far, in kilobytes; nothing where the system does not tell.
    pub(crate) fn memory_kilobytes(&self) -> Option<(u64, u64)> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some((field("VmRSS:")?, field("VmHWM:")?))
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        Ok(self.process.kill().await?)
    }
}
