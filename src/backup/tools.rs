//! The programs of Postgres that copy, and how they reach the database.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::platform::embedded_postgres;

/// A program of Postgres, with the database in its environment: what stands on a command line can be read by
/// everybody on the machine, the password with it.
pub(super) fn tool(name: &str, url: &str) -> anyhow::Result<Command> {
    let path: PathBuf = embedded_postgres::newest_program(name).with_context(|| {
        format!("{name} is not installed: it comes with the client programs of Postgres")
    })?;
    let mut command = Command::new(path);
    command.arg("--no-password").envs(environment(url)?);
    Ok(command)
}

fn environment(url: &str) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let config: Config = url
        .parse()
        .context("the address of the database cannot be read")?;
    let host = config
        .get_hosts()
        .first()
        .context("the address names no host")?;
    let host: OsString = match host {
        Host::Tcp(name) => name.into(),
        Host::Unix(directory) => directory.into(),
    };
    let mut variables = vec![("PGHOST", host)];
    if let Some(port) = config.get_ports().first() {
        variables.push(("PGPORT", port.to_string().into()));
    }
    if let Some(user) = config.get_user() {
        variables.push(("PGUSER", user.into()));
    }
    if let Some(name) = config.get_dbname() {
        variables.push(("PGDATABASE", name.into()));
    }
    if let Some(password) = config.get_password() {
        variables.push((
            "PGPASSWORD",
            String::from_utf8_lossy(password).into_owned().into(),
        ));
    }
    let mode = match config.get_ssl_mode() {
        SslMode::Disable => "disable",
        SslMode::Require => "require",
        _ => "prefer",
    };
    variables.push(("PGSSLMODE", mode.into()));
    Ok(variables)
}
