//! A relay between the service and Postgres that writes down the statements, in the order in which
//! Postgres receives them.

#![expect(
    clippy::string_slice,
    reason = "the places were found in the same text"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

const SOCKET: &str = ".s.PGSQL.5432";

/// The characters of a statement that are kept, before its lock.
const LONGEST: usize = 100;

/// What was written down.
#[derive(Clone, Default)]
pub struct Recording(Arc<Mutex<Vec<String>>>);

impl Recording {
    /// The statements since the last call, each shortened to what tells it from the others.
    pub fn take(&self) -> Vec<String> {
        let statements = std::mem::take(&mut *self.0.lock().unwrap());
        statements
            .iter()
            .map(|statement| shortened(statement))
            .collect()
    }

    fn add(&self, statement: String) {
        self.0.lock().unwrap().push(statement);
    }
}

/// Listens in a directory of its own, which goes with it.
pub struct Relay {
    directory: PathBuf,
    pub recording: Recording,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.directory);
    }
}

impl Relay {
    /// Starts a relay before the server at this address.
    pub fn start(url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tautband-relay-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir(&directory).unwrap();
        let listener = UnixListener::bind(directory.join(SOCKET)).unwrap();
        let recording = Recording::default();
        let (server, kept) = (socket_directory(url).join(SOCKET), recording.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.unwrap();
                let (mut from_server, to_server) = server.into_split();
                let (from_client, mut to_client) = client.into_split();
                tokio::spawn(pass_on(from_client, to_server, kept.clone()));
                tokio::spawn(async move {
                    let _ended = tokio::io::copy(&mut from_server, &mut to_client).await;
                });
            }
        });
        Self {
            directory,
            recording,
        }
    }

    /// The address of the relay in place of the server's.
    pub fn url(&self, url: &str) -> String {
        let host = self.directory.to_str().unwrap().replace('/', "%2F");
        let (before, after) = url.split_once('@').unwrap();
        let (_, database) = after.split_once('/').unwrap();
        format!("{before}@{host}/{database}")
    }
}

fn socket_directory(url: &str) -> PathBuf {
    let (_, after) = url.split_once('@').unwrap();
    let (host, _) = after.split_once('/').unwrap();
    Path::new(&host.replace("%2F", "/")).to_owned()
}

/// Hands on the messages of a client, and writes down those that run a statement.
async fn pass_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, recording: Recording) {
    let mut prepared: HashMap<String, String> = HashMap::new();
    let mut is_first = true;
    loop {
        // The first message has no kind.
        let mut header = vec![0; if is_first { 4 } else { 5 }];
        if from.read_exact(&mut header).await.is_err() {
            return;
        }
        let length: [u8; 4] = header[header.len() - 4..].try_into().unwrap();
        let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
        from.read_exact(&mut body).await.unwrap();
        let texts: Vec<String> = body
            .splitn(3, |byte| *byte == 0)
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect();
        match (is_first, header[0], texts.as_slice()) {
            (true, ..) => {}
            (_, b'Q', [query, ..]) => recording.add(query.clone()),
            (_, b'P', [name, query, ..]) => {
                prepared.insert(name.clone(), query.clone());
            }
            (_, b'B', [_, name, ..]) => recording.add(prepared[name].clone()),
            _ => {}
        }
        is_first = false;
        if to.write_all(&[header, body].concat()).await.is_err() {
            return;
        }
    }
}

/// What tells a statement from the others: its verb, its tables and whether it locks; no ids, no
/// literals and no columns.
fn shortened(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let text = words.join(" ").replace('"', "");
    let pieces: Vec<&str> = text.split('\'').collect();
    let text: String = pieces
        .iter()
        .enumerate()
        .map(
            |(index, piece)| match (index % 2, piece.contains(|c: char| c.is_ascii_digit())) {
                (0, _) => (*piece).to_owned(),
                (_, true) => "'…'".to_owned(),
                (_, false) => format!("'{piece}'"),
            },
        )
        .collect();
    let text = match (text.strip_prefix("SELECT "), list_end(&text)) {
        (Some(_), Some(end)) => format!("SELECT …{}", &text[end..]),
        _ => text,
    };
    let locks = [
        " FOR UPDATE",
        " FOR NO KEY UPDATE",
        " FOR SHARE",
        " FOR KEY SHARE",
    ];
    let lock = locks.iter().find(|lock| text.ends_with(*lock)).copied();
    let lock = lock.unwrap_or_default();
    let rest = text.strip_suffix(lock).unwrap_or(&text);
    let short: String = rest.chars().take(LONGEST).collect();
    let cut = if short == rest { "" } else { " …" };
    format!("{short}{cut}{lock}")
}

/// Where the list of columns ends: the first FROM that is in no parentheses.
fn list_end(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, character)| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        (depth == 0 && text[at..].starts_with(" FROM ")).then_some(at)
    })
}
