//! Which installed Postgres is used.

use std::fs;
use std::path::{Path, PathBuf};

use super::account::first_line_of;
use super::error::EmbeddedPostgresError;

const OLDEST_MAJOR: u32 = 15;

/// The programs of one installed version.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) directory: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    pub(super) fn in_directory(directory: PathBuf) -> Option<Self> {
        if !directory.join("initdb").is_file() {
            return None;
        }
        let version = first_line_of(directory.join("postgres"), "--version")?;
        let major = major_version(&version)?;
        (major >= OLDEST_MAJOR).then_some(Self { directory, major })
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }
}

/// The first installation that is new enough, or the one that wrote the data when there are any.
pub(super) fn find_programs(directory: &Path) -> Result<Programs, EmbeddedPostgresError> {
    let written_by = fs::read_to_string(directory.join("data").join("PG_VERSION"))
        .ok()
        .and_then(|version| version.trim().parse::<u32>().ok());
    let mut installed = program_directories()
        .into_iter()
        .filter_map(Programs::in_directory);
    match written_by {
        None => installed.next().ok_or(EmbeddedPostgresError::NotInstalled),
        Some(major) => installed
            .find(|programs| programs.major == major)
            .ok_or_else(|| EmbeddedPostgresError::OtherVersion {
                directory: directory.to_owned(),
                major,
            }),
    }
}

/// A program of the newest installation that has it.
pub(crate) fn newest_program(name: &str) -> Option<PathBuf> {
    let installed = program_directories().into_iter().filter_map(|directory| {
        let path = directory.join(name);
        let version = path
            .is_file()
            .then(|| first_line_of(&path, "--version"))??;
        Some((major_version(&version)?, path))
    });
    installed
        .max_by_key(|(major, _)| *major)
        .map(|(_, path)| path)
}

fn program_directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = first_line_of("pg_config", "--bindir")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        directories.extend(versions_below(Path::new(parent), prefix));
    }
    directories.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    directories
}

/// The `bin` directories of `<parent>/<prefix><version>`, the newest first.
fn versions_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry
                .file_name()
                .to_str()?
                .strip_prefix(prefix)?
                .parse()
                .ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort_by(|(left, _), (right, _)| right.cmp(left));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Reads `postgres (PostgreSQL) 17.2 (Debian …)`, also of test versions such as `18beta1`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split_once("(PostgreSQL) ")?.1;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_test_versions() {
        for (text, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
                Some(15),
            ),
            ("postgres (PostgreSQL) 17.2", Some(17)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (EnterpriseDB) x", None),
        ] {
            assert_eq!(major_version(text), major, "{text}");
        }
    }
}
