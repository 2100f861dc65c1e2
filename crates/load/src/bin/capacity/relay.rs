//! Stands between the service and the database, and counts how often the service waits for an answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

/// Answers are held back for so long: what the service sends together arrives together.
const HELD_BACK: Duration = Duration::from_millis(3);
const SOCKET: &str = ".s.PGSQL.5432";

/// A socket in a directory of its own that passes everything on.
pub(crate) struct Relay {
    pub(crate) directory: PathBuf,
    exchanges: Arc<AtomicU32>,
}

impl Relay {
    pub(crate) fn start(directory: &Path, server: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let path = directory.join(SOCKET);
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(path)?;
        let exchanges = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&exchanges);
        tokio::spawn(async move {
            while let Ok((service, _)) = listener.accept().await {
                let Ok(database) = UnixStream::connect(server.join(SOCKET)).await else {
                    continue;
                };
                let ((from_service, to_service), (from_database, to_database)) =
                    (service.into_split(), database.into_split());
                let answered = Arc::new(AtomicBool::new(true));
                tokio::spawn(pass_questions(
                    from_service,
                    to_database,
                    (Arc::clone(&answered), Arc::clone(&counter)),
                ));
                tokio::spawn(pass_answers(from_database, to_service, answered));
            }
        });
        Ok(Self {
            directory: directory.to_owned(),
            exchanges,
        })
    }

    /// Questions after an answer, so far.
    pub(crate) fn exchanges(&self) -> u32 {
        self.exchanges.load(Ordering::SeqCst)
    }
}

async fn pass_questions(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    (answered, exchanges): (Arc<AtomicBool>, Arc<AtomicU32>),
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if answered.swap(false, Ordering::SeqCst) {
            exchanges.fetch_add(1, Ordering::SeqCst);
        }
        match buffer.get(..count) {
            Some(part) if !part.is_empty() => to.write_all(part).await?,
            _ => return to.shutdown().await,
        }
    }
}

async fn pass_answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    answered: Arc<AtomicBool>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        tokio::time::sleep(HELD_BACK).await;
        answered.store(true, Ordering::SeqCst);
        match buffer.get(..count) {
            Some(part) if !part.is_empty() => to.write_all(part).await?,
            _ => return to.shutdown().await,
        }
    }
}
