//! The stream from the server, read along for the codes of errors.
//!
//! Diesel has a kind for a few codes of Postgres and hides all others: a deadlock, a timeout and a
//! full disk look alike, apart from a message in the language of the server. The stream between the
//! two therefore looks at each message of the server as it passes. It reads the five bytes of the
//! header, skips the rest, and copies a message only when it is an error.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::either::Either;

use super::sqlstate::{FirstError, SqlState};

/// The kind of a message that reports an error.
const ERROR_RESPONSE: u8 = b'E';

/// The field of such a message that holds the code.
const CODE_FIELD: u8 = b'C';

/// The kind of the message, and its length without the kind.
const HEADER_BYTES: usize = 5;

/// A socket of either sort.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

/// A socket as it was opened.
pub(super) type Plain = Either<TcpStream, UnixStream>;

/// The same socket, encrypted.
pub(super) type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Plain>>::Stream;

/// A socket whose messages are read along.
pub(super) struct Watched<S = Plain> {
    socket: S,
    messages: Messages,
}

impl<S: Socket> Watched<S> {
    /// Notes the errors that come through `socket` in `first_error`.
    pub(super) fn new(socket: S, first_error: Arc<FirstError>) -> Self {
        Self {
            socket,
            messages: Messages {
                asks_for_encryption: false,
                header: Vec::with_capacity(HEADER_BYTES),
                left: 0,
                error: Vec::new(),
                first_error,
            },
        }
    }

    /// The server is asked first whether it can encrypt, and answers with one byte that is no message.
    pub(super) const fn asking_for_encryption(mut self) -> Self {
        self.messages.asks_for_encryption = true;
        self
    }
}

/// Encrypts a socket below what reads along: messages are read after they were deciphered.
pub(super) struct Encrypting {
    pub(super) encryption: <MakeRustlsConnect as MakeTlsConnect<Plain>>::TlsConnect,
}

impl TlsConnect<Watched> for Encrypting {
    type Stream = Watched<Encrypted>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Stream>> + Send>>;

    fn connect(self, stream: Watched) -> Self::Future {
        Box::pin(async move {
            let Watched { socket, messages } = stream;
            let encrypted = self.encryption.connect(socket).await?;
            Ok(Watched::new(encrypted, messages.first_error))
        })
    }
}

impl<S: Socket + TlsStream> TlsStream for Watched<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.socket.channel_binding()
    }
}

/// Where in the stream of messages the reader is.
struct Messages {
    /// The answer to the question for encryption is still to come.
    asks_for_encryption: bool,
    /// As much of the header of the present message as was read.
    header: Vec<u8>,
    /// How many bytes of its body are still to come.
    left: usize,
    /// As much of the body as was read, if it is an error.
    error: Vec<u8>,
    first_error: Arc<FirstError>,
}

impl Messages {
    fn read(&mut self, mut bytes: &[u8]) {
        if self.asks_for_encryption && !bytes.is_empty() {
            self.asks_for_encryption = false;
            bytes = bytes.get(1..).unwrap_or_default();
        }
        while !bytes.is_empty() {
            if self.header.len() < HEADER_BYTES {
                let wanted = HEADER_BYTES.saturating_sub(self.header.len());
                let (header, rest) = bytes.split_at(wanted.min(bytes.len()));
                self.header.extend_from_slice(header);
                bytes = rest;
                if let [_, length @ ..] = self.header.as_slice()
                    && let Ok(length) = <[u8; 4]>::try_from(length)
                {
                    // The length counts its own four bytes.
                    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                    self.left = length.saturating_sub(length_bytes());
                }
            } else {
                let (body, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left = self.left.saturating_sub(body.len());
                bytes = rest;
                if self.header.first() == Some(&ERROR_RESPONSE) {
                    self.error.extend_from_slice(body);
                }
            }
            if self.header.len() == HEADER_BYTES && self.left == 0 {
                self.end();
            }
        }
    }

    /// The present message is complete.
    fn end(&mut self) {
        if let Some(state) = code(&self.error) {
            self.first_error.record(state);
        }
        self.error.clear();
        self.header.clear();
    }
}

/// The bytes of the length in a header.
const fn length_bytes() -> usize {
    HEADER_BYTES - 1
}

/// The code in the body of an error: fields of one byte and a text, each with a zero behind it.
fn code(error: &[u8]) -> Option<SqlState> {
    let mut fields = error.split(|byte| *byte == 0);
    let code = fields.find_map(|field| field.strip_prefix(&[CODE_FIELD]))?;
    SqlState::parse(code)
}

impl<S: Socket> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        if let Some(new) = buffer.filled().get(before..) {
            self.messages.read(new);
        }
        read
    }
}

impl<S: Socket> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + length_bytes()).unwrap();
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    }

    #[test]
    fn the_code_of_an_error_is_found_however_the_stream_is_cut() {
        let error = b"SFEHLER\0VERROR\0C40P01\0MVerklemmung entdeckt\0Fdeadlock.c\0\0";
        let later = b"SFEHLER\0C25P02\0MC53100\0\0";
        let stream = [
            message(b'D', b"E\0\0\0\x05C57014\0"),
            message(b'1', b""),
            message(b'E', error),
            message(b'E', later),
            message(b'Z', b"E"),
        ]
        .concat();
        for size in 1..=stream.len() {
            let first_error = Arc::new(FirstError::default());
            let mut watched = Watched::new(tokio::io::empty(), Arc::clone(&first_error));
            for piece in stream.chunks(size) {
                watched.messages.read(piece);
            }
            assert_eq!(first_error.get(), SqlState::parse(b"40P01"), "{size}");
        }
    }

    #[test]
    fn the_answer_of_a_server_that_does_not_encrypt_is_no_message() {
        let first_error = Arc::new(FirstError::default());
        let mut watched =
            Watched::new(tokio::io::empty(), Arc::clone(&first_error)).asking_for_encryption();
        watched.messages.read(b"");
        watched.messages.read(b"N");
        watched.messages.read(&message(b'E', b"C53300\0\0"));
        assert_eq!(first_error.get(), SqlState::parse(b"53300"));
    }
}
