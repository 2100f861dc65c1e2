//! Who gives a secret: read from the request, and remembered on the device by a cookie.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::identity::begin_session::hash_of;
use crate::identity::throttle::Guesser;
use crate::platform::client_address::{ClientAddress, network_of};
use crate::platform::problem::Problem;

/// The cookie that a browser keeps after a sign-in. It lets nobody in; guesses with it are counted apart.
const DEVICE_COOKIE: &str = "__Host-tautband_device";
/// Half a year, in seconds.
const DEVICE_KEPT: u32 = 180 * 24 * 60 * 60;
/// Longest user agent that is kept, in characters.
const LONGEST_CLIENT: usize = 300;

impl FromRequest for Guesser {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let address = request.extensions().get::<ClientAddress>().copied();
        let client = request.headers().get(header::USER_AGENT);
        let client = client.and_then(|value| value.to_str().ok());
        ready(Ok(Self {
            network: network_of(address.and_then(|address| address.0)),
            client: client.map(|client| client.chars().take(LONGEST_CLIENT).collect()),
            device_hash: device_in(request.headers()).map(hash_of),
        }))
    }
}

fn device_in(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE);
    let cookies = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, value)| *name == DEVICE_COOKIE && value.len() <= 64)
        .map(|(_, value)| value)
}

/// The header that makes the browser keep the token of a device.
pub(super) fn device_cookie(token: &str) -> Option<HeaderValue> {
    let cookie = format!(
        "{DEVICE_COOKIE}={token}; Path=/; Max-Age={DEVICE_KEPT}; Secure; HttpOnly; SameSite=Strict"
    );
    HeaderValue::from_str(&cookie).ok()
}
