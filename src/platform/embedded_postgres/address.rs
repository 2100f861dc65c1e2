//! The address of the server, and whether it answers there.

use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::cluster::SUPERUSER;

/// Asks for the protocol 3.0, as the superuser, in the database every server has.
const STARTUP_MESSAGE: &[u8] =
    b"\x00\x00\x00\x29\x00\x03\x00\x00user\0tautband\0database\0postgres\0\0";

const TERMINATE_MESSAGE: &[u8] = b"X\x00\x00\x00\x04";

/// The error code of a server that is starting up, recovering or shutting down.
const CANNOT_CONNECT_NOW: &[u8] = b"57P03";

/// Whether the server takes connections; refusing this one for another reason counts as taking.
pub(super) fn answers(socket: &Path) -> io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(STARTUP_MESSAGE)?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    if kind == *b"R" {
        // Leaving without a word would be a line in the log.
        stream.write_all(TERMINATE_MESSAGE)?;
        io::copy(&mut stream, &mut io::sink())?;
        return Ok(true);
    }
    let mut message = Vec::new();
    stream.take(4096).read_to_end(&mut message)?;
    Ok(!message
        .windows(CANNOT_CONNECT_NOW.len())
        .any(|part| part == CANNOT_CONNECT_NOW))
}

pub(super) fn url(socket_directory: &Path, database: &str) -> String {
    let host = percent_encoded(socket_directory.as_os_str().as_bytes());
    let database = percent_encoded(database.as_bytes());
    format!("postgresql://{SUPERUSER}@{host}/{database}")
}

fn percent_encoded(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            encoded.extend(format!("%{byte:02X}").chars());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_escapes_what_a_url_would_misread() {
        let address = url(Path::new("/tmp/a b"), "clinic/1");
        assert_eq!(address, "postgresql://tautband@%2Ftmp%2Fa%20b/clinic%2F1");
    }
}
