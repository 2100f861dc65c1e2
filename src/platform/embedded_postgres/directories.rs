//! Where the server keeps its data and its socket, and who may go there.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::Account;
use super::error::{EmbeddedPostgresError, at};

/// macOS has room for 103 bytes, Linux for 107.
const SOCKET_PATH_LIMIT_BYTES: usize = 100;

pub(super) const SOCKET_NAME: &str = ".s.PGSQL.5432";

pub(super) const THROW_AWAY_PREFIX: &str = "tautband-throw-away-";

const ABANDONED_AFTER: Duration = Duration::from_secs(10 * 60);

/// Creates what is missing on the way to the directory, and checks that the server can go there.
pub(super) fn create_directory(
    directory: &Path,
    account: Option<&Account>,
) -> Result<PathBuf, EmbeddedPostgresError> {
    let absolute = std::path::absolute(directory).map_err(at("find", directory))?;
    let mut missing: Vec<&Path> = absolute
        .ancestors()
        .take_while(|ancestor| !ancestor.exists())
        .collect();
    // The server's account may pass through directories of root; no account may list them.
    let mode = if account.is_some() { 0o711 } else { 0o700 };
    while let Some(path) = missing.pop() {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            created => created.map_err(at("create", path))?,
        }
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at("open", path))?;
    }
    let directory = absolute.canonicalize().map_err(at("find", &absolute))?;
    if let Some(account) = account {
        check_reachable(&directory, account)?;
    }
    Ok(directory)
}

fn check_reachable(directory: &Path, account: &Account) -> Result<(), EmbeddedPostgresError> {
    for ancestor in directory.ancestors() {
        let metadata = fs::metadata(ancestor).map_err(at("look at", ancestor))?;
        if !account.can_enter(&metadata) {
            return Err(EmbeddedPostgresError::Unreachable {
                user: account.name.clone(),
                directory: directory.to_owned(),
                closed: ancestor.to_owned(),
            });
        }
    }
    Ok(())
}

/// Below the data when the path is short enough for a socket, else a short one of the same name
/// at every start.
pub(super) fn choose_socket_directory(directory: &Path, temporary: &Path) -> PathBuf {
    let fits = |path: &PathBuf| {
        path.as_os_str().as_bytes().len() + 1 + SOCKET_NAME.len() <= SOCKET_PATH_LIMIT_BYTES
    };
    let name = format!(
        "tautband-{:016x}",
        fingerprint(directory.as_os_str().as_bytes())
    );
    [directory.join("socket"), temporary.join(&name)]
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| Path::new("/tmp").join(name))
}

/// FNV-1a, which unlike the standard library's is the same in every release.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

pub(super) fn create_socket_directory(
    path: &Path,
    account: Option<&Account>,
) -> Result<(), EmbeddedPostgresError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(at("create", path)(error));
        }
        _ => {}
    }
    // Anybody may have made a directory below the temporary one.
    let metadata = fs::symlink_metadata(path).map_err(at("look at", path))?;
    let is_ours = match account {
        Some(account) => [0, account.uid].contains(&metadata.uid()),
        // Only the owner of a directory may set its mode.
        None => fs::set_permissions(path, Permissions::from_mode(0o700)).is_ok(),
    };
    if !(metadata.is_dir() && is_ours) {
        return Err(EmbeddedPostgresError::SocketDirectoryTaken(path.to_owned()));
    }
    account.map_or(Ok(()), |account| account.give(path))
}

/// Removes throw-away directories whose supervisor was killed too; only a power cut or an
/// out-of-memory kill of everything leaves one.
pub(super) fn remove_abandoned(parent: &Path, account: Option<&Account>) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let named = entry
            .file_name()
            .as_bytes()
            .starts_with(THROW_AWAY_PREFIX.as_bytes());
        if named && is_abandoned(&entry.path(), account).unwrap_or(false) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(directory: &Path, account: Option<&Account>) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(directory)?;
    // A directory belongs to root until it is handed over; others cannot be removed anyway.
    let is_ours = account.is_none_or(|account| [0, account.uid].contains(&metadata.uid()));
    let is_old = metadata
        .modified()?
        .elapsed()
        .is_ok_and(|age| age >= ABANDONED_AFTER);
    let is_free = |name| match File::open(directory.join(name)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    Ok(metadata.is_dir() && is_ours && is_old && is_free("service.lock") && is_free("server.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_below_the_data_when_its_path_is_short() {
        let chosen = choose_socket_directory(Path::new("/var/lib/tautband"), Path::new("/tmp"));
        assert_eq!(chosen, Path::new("/var/lib/tautband/socket"));
    }

    #[test]
    fn a_long_path_gets_the_same_short_socket_at_every_start() {
        let long = PathBuf::from(format!("/{}", "x".repeat(90)));
        let chosen = choose_socket_directory(&long, Path::new("/tmp"));
        assert_eq!(chosen, choose_socket_directory(&long, Path::new("/tmp")));
        assert!(chosen.starts_with("/tmp"), "{}", chosen.display());
        assert_ne!(
            chosen,
            choose_socket_directory(&long.join("y"), Path::new("/tmp"))
        );
        assert_eq!(chosen, choose_socket_directory(&long, &long));
    }

    #[test]
    fn the_fingerprint_is_the_published_one() {
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
