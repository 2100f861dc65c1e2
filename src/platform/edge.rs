//! The steps that every request passes on its way in, and every answer on its way out.
//!
//! In: an id for the request, who it comes from, how many more such requests there may be, and a
//! deadline. Out: the id, the limits, headers that keep browsers careful, 304 for what a client has
//! already, a problem in place of a panic, and one log line that names the route but never the path
//! or the query, since those may name people.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::platform::access::{Attempt, Principal, ServiceKey, bearer_in};
use crate::platform::client_address::{ClientAddress, TrustedProxies};
use crate::platform::database::{BroughtKey, Database, names_nobody};
use crate::platform::etag;
use crate::platform::id;
use crate::platform::not_found;
use crate::platform::problem::{self, Problem, ProblemType};
use crate::platform::telemetry;
use crate::platform::token::AccessTokens;

/// Longer than any request should take; a request that still runs then is dropped.
const DEADLINE: Duration = Duration::from_secs(20);

/// A page takes what comes from here and nothing else; no other site shows it.
const PAGE_POLICY: &str = "default-src 'self'; base-uri 'none'; object-src 'none'; \
     form-action 'self'; frame-ancestors 'none'";

type Limiter = RateLimiter<
    Caller,
    governor::state::keyed::DashMapStateStore<Caller>,
    governor::clock::DefaultClock,
    StateInformationMiddleware,
>;

/// The requests that are counted together: those of a session, or of an address without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Caller {
    Session(Uuid),
    Address(Option<IpAddr>),
}

/// How many requests a caller may make.
pub(crate) struct RequestLimits {
    per_minute: NonZeroU32,
    limiter: Limiter,
}

impl RequestLimits {
    /// So many a minute, and at most so many at once.
    pub(crate) fn per_minute(per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute);
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self {
            per_minute,
            limiter,
        }
    }

    /// The number of requests that are left for the caller, or the seconds to wait.
    fn take(&self, caller: Caller) -> Result<u32, u64> {
        match self.limiter.check_key(&caller) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(not_until) => {
                let now = governor::clock::Clock::now(&governor::clock::DefaultClock::default());
                Err(not_until.wait_time_from(now).as_secs() + 1)
            }
        }
    }

    /// Forgets callers who have not sent a request for a while.
    pub(crate) fn forget_idle(&self) {
        self.limiter.retain_recent();
    }

    fn announce(&self, headers: &mut HeaderMap, left: u32) {
        let quota = self.per_minute.get();
        let until_full = u64::from(quota.saturating_sub(left)) * 60 / u64::from(quota) + 1;
        let policy = format!("\"requests\";q={quota};w=60");
        let limit = format!("\"requests\";r={left};t={until_full}");
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Middleware around everything; see the module.
pub(crate) async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let request_id = request_id(request.headers());
    telemetry::in_request(request_id.clone(), inside(request, next, request_id)).await
}

async fn inside(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    request_id: String,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let caller = identify(&request);
    let limits = request.app_data::<web::Data<RequestLimits>>().cloned();
    let left = limits.as_ref().map_or(Ok(0), |limits| limits.take(caller));
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let method = request.method().clone();
    let is_docs = request.path().starts_with("/docs");
    let is_page = is_page(request.path());
    let finish = |headers: &mut HeaderMap| {
        if let Some(limits) = &limits {
            limits.announce(headers, left.unwrap_or(0));
        }
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        guard(headers, (is_docs, is_page));
    };
    let answer = match left {
        Ok(_) => match identify_program(&request).await {
            Ok(()) => answer(request, next).await,
            Err(problem) => Ok(request.into_response(problem.error_response())),
        },
        Err(seconds) => {
            let problem = Problem::new(&problem::TOO_MANY).header(header::RETRY_AFTER, seconds);
            Ok(request.into_response(problem.error_response()))
        }
    };
    let mut response = match answer {
        Ok(response) => not_modified(response, &method, known.as_ref()),
        Err(of) => {
            // The handler took the request and did not return it, so that the response is made
            // without it, with all its headers.
            let problem = Problem::new(of);
            let mut response = problem.error_response();
            finish(response.headers_mut());
            return Err(InternalError::from_response(problem, response).into());
        }
    };
    if response.status() == StatusCode::FORBIDDEN {
        note_refusal(&response).await;
    }
    finish(response.headers_mut());
    tracing::info!(
        request_id,
        method = %method,
        route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned()),
        status = response.status().as_u16(),
        statements = telemetry::statements(),
        milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    Ok(response)
}

/// The answer of the handler, or what became of it when there was none.
async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, &'static ProblemType> {
    let work = AssertUnwindSafe(next.call(request)).catch_unwind();
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(Ok(Ok(response))) => {
            let response = name_missing(response.map_into_boxed_body());
            Ok(tag_by_encoding(response))
        }
        // Handlers answer their own errors; only the framework can fail here.
        Ok(Ok(Err(error))) => {
            tracing::error!(%error, "the framework failed");
            Err(&problem::INTERNAL)
        }
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Err(&problem::INTERNAL)
        }
        Err(_) => Err(&problem::BUSY),
    }
}

/// Lets a 404 say which kind of thing was not found, and under which id.
fn name_missing(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let error = response.response().error();
    let is_bare = error
        .and_then(|error| error.as_error::<Problem>())
        .is_some_and(Problem::is_bare_not_found);
    let detail = is_bare.then(|| not_found::detail(response.request()));
    match detail.flatten() {
        Some(detail) => {
            let problem = Problem::new(&problem::NOT_FOUND).detail(detail);
            response.into_response(problem.error_response())
        }
        None => response,
    }
}

/// What was refused to somebody who is signed in stands in the trail.
async fn note_refusal(response: &ServiceResponse<BoxBody>) {
    let request = response.request();
    let known = {
        let extensions = request.extensions();
        let principal = extensions.get::<Principal>().cloned();
        principal.zip(extensions.get::<Attempt>().copied())
    };
    let database = request.app_data::<web::Data<Database>>();
    if let (Some((principal, Attempt(action))), Some(database)) = (known, database)
        && let Err(problem) = database.record_refusal(&principal, action).await
    {
        tracing::error!(%problem, action, "a refusal was not recorded");
    }
}

/// Gives an encoded body a tag of its own: a cache must not take one encoding for another.
fn tag_by_encoding(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let encoded = text(header::CONTENT_ENCODING)
        .zip(text(header::ETAG))
        .map(|(encoding, etag)| etag::encoded(etag, encoding));
    if let Some(etag) = encoded.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// In place of a body that the client has already, 304.
fn not_modified(
    response: ServiceResponse<BoxBody>,
    method: &Method,
    known: Option<&HeaderValue>,
) -> ServiceResponse<BoxBody> {
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    let etag = response.headers().get(header::ETAG).cloned();
    let tag = etag.as_ref().and_then(|etag| etag.to_str().ok());
    let known = known.and_then(|known| known.to_str().ok());
    let is_known = known
        .zip(tag)
        .is_some_and(|(known, tag)| etag::is_known(known, tag));
    match etag {
        Some(etag) if is_known && is_read && response.status() == StatusCode::OK => {
            let mut unchanged = HttpResponse::NotModified()
                .insert_header((header::ETAG, etag))
                .finish();
            if let Some(caching) = response.headers().get(header::CACHE_CONTROL).cloned() {
                unchanged
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, caching);
            }
            response.into_response(unchanged)
        }
        _ => response,
    }
}

/// Whether a path is a page of the console. Its drawings are documents with styles of their own.
fn is_page(path: &str) -> bool {
    let is_console = path == "/" || path == "/console" || path.starts_with("/console/");
    is_console && path.rsplit_once('.').is_none_or(|(_, kind)| kind != "svg")
}

/// Finds out who is calling; the permit of the handler reads it from the request.
fn identify(request: &ServiceRequest) -> Caller {
    let tokens = request.app_data::<web::Data<AccessTokens>>();
    let database = request.app_data::<web::Data<Database>>();
    let proxies = request.app_data::<web::Data<TrustedProxies>>();
    let peer = request.peer_addr().map(|address| address.ip());
    let address = proxies.map_or(peer, |proxies| proxies.client(peer, request.headers()));
    request.extensions_mut().insert(ClientAddress(address));
    let principal: Option<Principal> = bearer_in(request.headers())
        .zip(tokens.zip(database))
        .and_then(|(token, (tokens, database))| tokens.verify(token, database.now()));
    match principal {
        Some(principal) => {
            let session = principal.session_id;
            request.extensions_mut().insert(principal);
            Caller::Session(session)
        }
        None => Caller::Address(address),
    }
}

/// Finds out which service account is calling, if the request brings a key of one. Its requests are counted by
/// the address they come from.
async fn identify_program(request: &ServiceRequest) -> Result<(), Problem> {
    let key = bearer_in(request.headers()).and_then(ServiceKey::parse);
    let database = request.app_data::<web::Data<Database>>().cloned();
    let (Some(key), Some(database)) = (key, database) else {
        return Ok(());
    };
    let on_behalf_of = match request.headers().get("on-behalf-of") {
        None => None,
        Some(said) => {
            let named = said.to_str().ok().and_then(|said| said.parse().ok());
            Some(named.ok_or_else(names_nobody)?)
        }
    };
    let address = request
        .extensions()
        .get::<ClientAddress>()
        .and_then(|client| client.0);
    let brought = BroughtKey {
        key,
        address,
        on_behalf_of,
    };
    if let Some(principal) = database.holder_of(&brought).await? {
        request.extensions_mut().insert(principal);
    }
    Ok(())
}

/// The id the client gave, when it is one; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    let is_id = |text: &&str| {
        (8..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given
        .filter(is_id)
        .map_or_else(|| id::random().to_string(), str::to_owned)
}

fn guard(headers: &mut HeaderMap, (is_docs, is_page): (bool, bool)) {
    let policy = if is_docs {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else if is_page {
        PAGE_POLICY
    } else {
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    };
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::REFERRER_POLICY,
            // With `no-referrer` a browser sends a form without saying where it comes from.
            if is_page {
                "same-origin"
            } else {
                "no-referrer"
            },
        ),
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        ),
        (
            header::CACHE_CONTROL,
            if is_docs { "no-cache" } else { "no-store" },
        ),
    ];
    for (name, value) in fixed {
        // An operation may set its own rule for caching.
        if name != header::CACHE_CONTROL || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
