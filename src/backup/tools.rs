//! The programs of Postgres that copy, and how they reach the database.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::process::Command;

use anyhow::Context;

use crate::platform::database;
use crate::platform::embedded_postgres;

/// A program of Postgres that works on the database. The password goes through its environment: everybody on
/// the machine can read what stands on a command line.
pub(super) fn tool(name: &str, url: &str) -> anyhow::Result<Command> {
    let path = embedded_postgres::newest_program(name).with_context(|| {
        format!("{name} is not installed: it comes with the client programs of Postgres")
    })?;
    let mut command = Command::new(path);
    let address = database::without_password(url);
    command
        .arg("--no-password")
        .arg(format!("--dbname={address}"));
    if let Some(password) = database::password_in(url) {
        command.env("PGPASSWORD", OsString::from_vec(password));
    }
    Ok(command)
}
