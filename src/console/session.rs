//! The cookie by which a browser is recognised, and the origin of what it sends.
//!
//! The cookie is a signed ticket for a row of `control.sessions`, which every transaction asks for.
//! It is worth nothing once the session has ended. It dies by itself when it was not used for so
//! long; each page renews it.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, web};
use chrono::TimeDelta;

use crate::platform::access::{Principal, Role};
use crate::platform::database::Database;
use crate::platform::token::AccessTokens;

use super::frame;

/// Bound to this host and to HTTPS.
const NAME: &str = "__Host-tautband";
/// A browser refuses the name above without HTTPS, and a demo has none.
const NAME_ON_LOOPBACK: &str = "tautband";

/// After so long without a page, one has to sign in again.
pub(super) fn idle_lifetime(role: Role) -> TimeDelta {
    if role == Role::Patient {
        TimeDelta::days(7)
    } else {
        TimeDelta::minutes(60)
    }
}

/// Whether the browser talks to its own machine without HTTPS.
fn is_on_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn cookie(request: &HttpRequest, value: String) -> Cookie<'static> {
    let on_loopback = is_on_loopback(request.connection_info().host());
    let name = if on_loopback { NAME_ON_LOOPBACK } else { NAME };
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(!on_loopback)
        .same_site(SameSite::Lax)
        .finish()
}

/// The cookie that lets a browser in.
pub(super) fn ticket(request: &HttpRequest, principal: &Principal) -> Option<Cookie<'static>> {
    let tokens = request.app_data::<web::Data<AccessTokens>>()?;
    let database = request.app_data::<web::Data<Database>>()?;
    let ticket = tokens.issue_ticket(principal, database.now())?;
    Some(cookie(request, ticket))
}

/// The cookie that takes the other one away.
pub(super) fn no_ticket(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

/// The token that the routes ask for, in the name of the user.
pub(super) fn access_token(request: &HttpRequest, principal: &Principal) -> Option<String> {
    let tokens = request.app_data::<web::Data<AccessTokens>>()?;
    let database = request.app_data::<web::Data<Database>>()?;
    tokens.issue(principal, database.now())
}

/// Reads an access token that a route has just handed out.
pub(super) fn principal_of(request: &HttpRequest, access_token: &str) -> Option<Principal> {
    let tokens = request.app_data::<web::Data<AccessTokens>>()?;
    let database = request.app_data::<web::Data<Database>>()?;
    tokens.verify(access_token, database.now())
}

/// Who is signed in, by the cookie of a page.
pub(super) fn signed_in(request: &HttpRequest) -> Option<Principal> {
    let tokens = request.app_data::<web::Data<AccessTokens>>()?;
    let database = request.app_data::<web::Data<Database>>()?;
    let on_loopback = is_on_loopback(request.connection_info().host());
    let name = if on_loopback { NAME_ON_LOOPBACK } else { NAME };
    let ticket = request.cookie(name)?;
    tokens.verify_ticket(ticket.value(), database.now(), idle_lifetime)
}

/// Refuses what another site makes a browser send: the cookie alone proves nothing.
pub(super) async fn refuse_other_origins(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.method().is_safe() || is_from_here(&request) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.into_response(frame::from_elsewhere()))
}

fn is_from_here(request: &ServiceRequest) -> bool {
    let text = |name: &str| {
        let value = request.headers().get(name)?;
        value.to_str().ok()
    };
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = text(header::ORIGIN.as_str());
    let host = origin.and_then(|origin| origin.split_once("://"));
    host.is_some_and(|(_, host)| host == request.connection_info().host())
}
