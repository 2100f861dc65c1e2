//! How the data are created, and what the server is set to.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

pub(super) const SUPERUSER: &str = "tautband";

/// The default of Postgres; enough for data that are thrown away.
pub(super) const LEAST_CACHE_MIB: u64 = 128;

/// More is of no use to a practice, and takes longer to write back.
const MOST_CACHE_MIB: u64 = 8 * 1024;

/// Whether the data survive when the machine loses power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every committed transaction survives.
    Full,
    /// Nothing is forced to the disk: for throw-away data only.
    None,
}

/// A locale that knows the cases of letters outside ASCII, for names; it is called differently
/// from system to system.
pub(super) fn character_type() -> &'static str {
    let Ok(output) = Command::new("locale")
        .arg("-a")
        .stdin(Stdio::null())
        .output()
    else {
        // A system without the program is built on musl, which takes any name.
        return "C.UTF-8";
    };
    let is_known = String::from_utf8_lossy(&output.stdout)
        .lines()
        .any(|name| name.eq_ignore_ascii_case("C.UTF-8") || name.eq_ignore_ascii_case("C.utf8"));
    if is_known {
        "C.UTF-8"
    } else if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C"
    }
}

pub(super) fn initdb_arguments(character_type: &str, durability: Durability) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec![
        format!("--username={SUPERUSER}").into(),
        "--encoding=UTF8".into(),
        "--locale=C".into(),
        format!("--lc-ctype={character_type}").into(),
        "--auth-local=trust".into(),
        "--auth-host=reject".into(),
        "--data-checksums".into(),
        "--no-instructions".into(),
    ];
    if durability == Durability::None {
        arguments.push("--no-sync".into());
    }
    arguments
}

/// The memory that this process may use: that of the machine, or less in a container.
pub(super) fn memory_bytes() -> u64 {
    let kind = MemoryRefreshKind::nothing().with_ram();
    let machine = System::new_with_specifics(RefreshKind::nothing().with_memory(kind));
    let limit = machine.cgroup_limits().map(|limits| limits.total_memory);
    limit.map_or_else(
        || machine.total_memory(),
        |limit| limit.min(machine.total_memory()),
    )
}

/// A quarter of the memory for pages of the server's own, as its documentation advises; the rest is
/// the system's, which keeps the same files. It is taken as it is used.
pub(super) fn cache_mib(memory_bytes: u64) -> u64 {
    (memory_bytes / 4 / (1024 * 1024)).clamp(LEAST_CACHE_MIB, MOST_CACHE_MIB)
}

pub(super) fn server_settings(
    socket_directory: &Path,
    durability: Durability,
    cache_mib: u64,
) -> Vec<OsString> {
    // A list separated by commas, in which a quoted name may hold anything.
    let mut sockets = OsString::from("unix_socket_directories=\"");
    for (position, part) in socket_directory
        .as_os_str()
        .as_bytes()
        .split(|byte| *byte == b'"')
        .enumerate()
    {
        if position > 0 {
            sockets.push("\"\"");
        }
        sockets.push(OsStr::from_bytes(part));
    }
    sockets.push("\"");
    let mut settings = vec![sockets];
    settings.extend(
        [
            "listen_addresses=",
            "port=5432",
            "unix_socket_permissions=0700",
            "max_connections=200",
            "logging_collector=off",
            "log_destination=stderr",
            // A failed statement is the service's to report: the error quotes values, its detail
            // quotes rows. What is logged without its detail is the server's own affairs.
            "log_min_messages=log",
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
            "log_parameter_max_length=0",
            "log_parameter_max_length_on_error=0",
        ]
        .map(OsString::from),
    );
    settings.push(format!("shared_buffers={cache_mib}MB").into());
    if durability == Durability::None {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(OsString::from),
        );
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_the_socket_path_stays_inside_the_quoted_setting() {
        let settings = server_settings(Path::new("/a\"b,c"), Durability::Full, 128);
        assert_eq!(settings[0], "unix_socket_directories=\"/a\"\"b,c\"");
    }

    #[test]
    fn only_throw_away_data_are_not_forced_to_the_disk() {
        let full = server_settings(Path::new("/s"), Durability::Full, 128);
        assert!(!full.contains(&"fsync=off".into()));
        let thrown_away = server_settings(Path::new("/s"), Durability::None, 128);
        assert!(thrown_away.contains(&"fsync=off".into()));
        assert!(!initdb_arguments("C", Durability::Full).contains(&"--no-sync".into()));
    }

    #[test]
    fn the_server_gets_a_quarter_of_the_memory_within_reason() {
        const GIB: u64 = 1024 * 1024 * 1024;
        for (memory_bytes, expected_mib) in [
            (0, 128),
            (GIB / 4, 128),
            (4 * GIB, 1024),
            (24 * GIB, 6 * 1024),
            (512 * GIB, 8 * 1024),
        ] {
            assert_eq!(cache_mib(memory_bytes), expected_mib, "{memory_bytes}");
        }
        assert!(memory_bytes() >= GIB / 8);
        let settings = server_settings(Path::new("/s"), Durability::Full, 1024);
        assert!(settings.contains(&"shared_buffers=1024MB".into()));
    }
}
