//! Deleting the data of an earlier demo, and no other files.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::Context;

/// What the private Postgres of a demo has in its directory.
const OURS: [&str; 6] = [
    "data",
    "data.new",
    "service.lock",
    "server.lock",
    "socket",
    "postgres.log",
];

/// Deletes the data of a demo from its directory, when it holds no other files and is not in use.
pub(super) fn forget(directory: &Path) -> anyhow::Result<()> {
    if !directory.exists() {
        return Ok(());
    }
    let shown = directory.display();
    let entries: Vec<_> = fs::read_dir(directory)
        .with_context(|| format!("{shown} cannot be read"))?
        .collect::<Result<_, _>>()?;
    if entries.is_empty() {
        return Ok(());
    }
    anyhow::ensure!(
        directory.join("data").join("PG_VERSION").is_file(),
        "{shown} does not look like the data of a demo; it is left alone"
    );
    let strange = entries.iter().map(fs::DirEntry::file_name).find(|name| {
        !OURS
            .iter()
            .any(|ours| name.to_str().is_some_and(|name| name.starts_with(ours)))
    });
    if let Some(strange) = strange {
        anyhow::bail!(
            "{shown} holds {} too, which is no demo's; it is left alone",
            strange.display()
        );
    }
    let _held = hold(directory)?;
    for entry in entries {
        let path = entry.path();
        let removed = if entry.file_type()?.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

/// Makes sure that no service works on the directory until the file is dropped.
fn hold(directory: &Path) -> anyhow::Result<Option<File>> {
    let path = directory.join("service.lock");
    if !path.exists() {
        return Ok(None);
    }
    let lock = File::options().write(true).open(&path)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!("{} is in use by a running service", directory.display())
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::forget;

    fn directory(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("tautband-forget-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn a_directory_that_is_no_demo_is_left_alone() {
        let path = directory("other");
        fs::write(path.join("thesis.txt"), "years of work").unwrap();
        assert!(forget(&path).is_err());
        assert!(path.join("thesis.txt").exists());
        fs::create_dir(path.join("data")).unwrap();
        fs::write(path.join("data/PG_VERSION"), "17").unwrap();
        assert!(forget(&path).is_err());
        assert!(path.join("thesis.txt").exists() && path.join("data/PG_VERSION").exists());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_demo_is_forgotten_unless_it_is_running() {
        let path = directory("demo");
        fs::create_dir(path.join("data")).unwrap();
        fs::write(path.join("data/PG_VERSION"), "17").unwrap();
        let lock = fs::File::create(path.join("service.lock")).unwrap();
        lock.lock().unwrap();
        assert!(forget(&path).is_err());
        assert!(path.join("data").exists());
        lock.unlock().unwrap();
        forget(&path).unwrap();
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_is_not_there_is_forgotten_already() {
        forget(&std::env::temp_dir().join("tautband-never-was")).unwrap();
    }
}
