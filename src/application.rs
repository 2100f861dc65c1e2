//! The service as a whole, the same for the program and for its tests.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use actix_cors::Cors;
use actix_router::ResourceDef;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::{Compress, Condition, Next, from_fn};
use actix_web::web::Bytes;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, guard, web};
use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::platform::client_address::TrustedProxies;
use crate::platform::clock::Clock;
use crate::platform::database::{Database, Logins};
use crate::platform::edge::{self, RequestLimits};
use crate::platform::idempotency;
use crate::platform::operations::Operations;
use crate::platform::outbound::Outbound;
use crate::platform::problem::{self, Problem};
use crate::platform::token::AccessTokens;
use crate::platform::trail::{TrailKey, seal_trail};
use crate::settings::Settings;
use crate::waitlist::offer_openings;
use crate::{console, identity, manners, openapi, scheduling};

pub use crate::console::DemoSignIns;

/// Where the document is served.
pub(crate) const DOCUMENT_PATH: &str = "/api/v1/openapi.json";

/// A service that listens.
pub struct Application {
    server: Server,
    address: SocketAddr,
    housekeeping: Housekeeping,
}

/// The work that the service does by itself, beside answering requests.
#[derive(Clone)]
pub struct Housekeeping {
    database: Database,
    mailer: identity::Mailer,
    trail_key: TrailKey,
    tokens: AccessTokens,
}

/// Which methods there are on which path.
struct Paths {
    methods: BTreeMap<String, Vec<Method>>,
    /// Patterns take more room than the rest, and only a path that nothing answers needs them.
    patterns: OnceLock<Vec<(ResourceDef, String)>>,
}

impl Application {
    /// Prepares the pool and the keys and begins to listen. The schema must be current.
    pub async fn start(settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        Self::start_demo(settings, clock, DemoSignIns::default()).await
    }

    /// The same, where everybody may sign in as one of these accounts with one click.
    #[expect(
        clippy::too_many_lines,
        reason = "all that a worker is made of stands in one place"
    )]
    pub async fn start_demo(
        settings: &Settings,
        clock: Clock,
        sign_ins: DemoSignIns,
    ) -> anyhow::Result<Self> {
        let logins = Logins::of(&settings.database).await?;
        // One for what the service does by itself, and the others shared out among the workers.
        let database = Database::new(&logins, 1, clock.clone())?;
        let connections = settings.connections.div_ceil(settings.workers.max(1));
        let databases = (0..settings.workers)
            .map(|_| Database::new(&logins, connections, clock.clone()).map(web::Data::new))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let (tokens, trail_key) = keys_of(&database).await?;
        let passwords = identity::PasswordHasher::new(settings.workers.div_ceil(2))?;
        let limits = web::Data::new(RequestLimits::per_minute(settings.requests_per_minute));
        tokio::spawn(forget_idle_callers(web::Data::clone(&limits)));
        let proxies = web::Data::new(TrustedProxies::new(&settings.trusted_proxies));
        let outbound = web::Data::new(Outbound::new(&settings.provider_networks)?);
        let paths = Paths::of_this_program();
        let listener = TcpListener::bind(settings.listen)
            .with_context(|| format!("cannot listen on {}", settings.listen))?;
        let address = listener.local_addr()?;
        let housekeeping = Housekeeping {
            database: database.clone(),
            mailer: identity::Mailer::new(&settings.mail)?,
            trail_key: trail_key.clone(),
            tokens: tokens.clone(),
        };
        let trail_key = web::Data::new(trail_key);
        let own = web::Data::new(database);
        let next_worker = Arc::new(AtomicUsize::new(0));
        let tokens = web::Data::new(tokens);
        let passwords = web::Data::new(passwords);
        let origins = settings.allowed_origins.clone();
        let sign_ins = web::Data::new(sign_ins);
        let server = HttpServer::new(move || {
            let worker = next_worker.fetch_add(1, Ordering::Relaxed) % databases.len().max(1);
            let database = databases.get(worker).unwrap_or(&own);
            let shared = Shared {
                database: web::Data::clone(database),
                tokens: web::Data::clone(&tokens),
                passwords: web::Data::clone(&passwords),
                outbound: web::Data::clone(&outbound),
                trail_key: web::Data::clone(&trail_key),
            };
            App::new()
                .app_data(web::Data::clone(&shared.database))
                .app_data(web::Data::clone(&shared.tokens))
                .app_data(web::Data::clone(&shared.passwords))
                .app_data(web::Data::clone(&shared.outbound))
                .app_data(web::Data::clone(&shared.trail_key))
                .app_data(web::Data::clone(&limits))
                .app_data(web::Data::clone(&proxies))
                .app_data(web::Data::clone(&paths))
                .app_data(web::Data::clone(&sign_ins))
                .app_data(web::Data::new(routes_for_pages(shared)))
                .wrap(from_fn(refuse_other_methods))
                .wrap(from_fn(manners::head_as_get))
                .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
                .wrap(Compress::default())
                .wrap(from_fn(edge::around))
                .service(
                    web::resource("/")
                        .route(
                            web::get()
                                .guard(guard::fn_guard(asks_for_a_page))
                                .to(console::go_home),
                        )
                        .route(web::get().to(manners::front_page)),
                )
                .route("/problems/{kind}", web::get().to(manners::problem_page))
                .route(DOCUMENT_PATH, web::get().to(serve_document))
                .configure(|services| {
                    openapi::configure_root(&mut Operations::to_serve(services));
                })
                .service(web::scope("/api/v1").configure(|services| {
                    openapi::configure(&mut Operations::to_serve(services));
                }))
                .configure(console::configure)
                .route("/docs", web::get().to(show_docs))
                .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from(DOCUMENT_PATH)))
                .default_service(web::to(refuse_unknown))
        })
        .workers(settings.workers)
        .client_request_timeout(Duration::from_secs(10))
        .client_disconnect_timeout(Duration::from_secs(2))
        .keep_alive(Duration::from_secs(75))
        .max_connections(10_000)
        .shutdown_timeout(10)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self {
            server,
            address,
            housekeeping,
        })
    }

    /// Where it can be reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it from outside: new connections are refused, running requests finish.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// The work that the service does by itself while it serves. It must be run.
    #[must_use]
    pub fn housekeeping(&self) -> Housekeeping {
        self.housekeeping.clone()
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> anyhow::Result<()> {
        Ok(self.server.await?)
    }
}

impl Housekeeping {
    /// The longest wait between a time becoming free and the next look at the waitlist.
    const ROUND_EVERY: Duration = Duration::from_secs(1);
    /// How long an act may wait for its seal.
    const SEAL_EVERY: Duration = Duration::from_secs(5);
    const LONGEST_ROUND: Duration = Duration::from_secs(60);
    const CLEAN_UP_EVERY: Duration = Duration::from_secs(60 * 60);
    const LONGEST_CLEAN_UP: Duration = Duration::from_secs(10 * 60);

    /// Does what is due by now. May be dropped at any point: what was not finished is due again.
    pub async fn run_once(&self) -> anyhow::Result<()> {
        self.round().await?;
        self.seal().await
    }

    /// Seals what the trails of all practices have recorded since the last time.
    async fn seal(&self) -> anyhow::Result<()> {
        let failed = |problem: Problem| anyhow::anyhow!("a trail was not sealed: {problem}");
        for practice_id in identity::practices(&self.database).await.map_err(failed)? {
            while seal_trail(&self.database, &self.trail_key, practice_id)
                .await
                .map_err(failed)?
                > 0
            {}
        }
        Ok(())
    }

    async fn round(&self) -> anyhow::Result<()> {
        identity::reload_keys(&self.database, &self.tokens)
            .await
            .map_err(|problem| {
                anyhow::anyhow!("the signing keys were not read again: {problem}")
            })?;
        offer_openings(&self.database).await.map_err(|problem| {
            anyhow::anyhow!("not everything that was due was done: {problem}")
        })?;
        identity::note_failures(&self.database)
            .await
            .map_err(|problem| anyhow::anyhow!("not every failed sign-in was noted: {problem}"))?;
        identity::send_mails(&self.database, &self.mailer)
            .await
            .map_err(|problem| anyhow::anyhow!("not every mail was sent: {problem}"))
    }

    /// Does what is due, again and again, until it is dropped. A round that takes too long is cut
    /// short, because its connection may be dead: what it left is due again, here or on another
    /// instance.
    pub async fn run(self) {
        let mut cleaned_at = None;
        let mut sealed_at = None;
        loop {
            match tokio::time::timeout(Self::LONGEST_ROUND, self.round()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "will be tried again"),
                Err(_late) => tracing::warn!("the round took too long and will be tried again"),
            }
            if sealed_at.is_none_or(|at: Instant| at.elapsed() >= Self::SEAL_EVERY) {
                sealed_at = Some(Instant::now());
                match tokio::time::timeout(Self::LONGEST_ROUND, self.seal()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "will be tried again"),
                    Err(_late) => tracing::warn!("the sealing took too long and will go on"),
                }
            }
            let is_due = cleaned_at.is_none_or(|at: Instant| at.elapsed() >= Self::CLEAN_UP_EVERY);
            if is_due {
                cleaned_at = Some(Instant::now());
                match tokio::time::timeout(Self::LONGEST_CLEAN_UP, self.clean_up()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "not everything was cleaned up"),
                    Err(_late) => tracing::warn!("the clean-up will go on in an hour"),
                }
            }
            tokio::time::sleep(Self::ROUND_EVERY).await;
        }
    }

    /// Deletes what nobody needs any more; `docs/tables.md` says what that is, table by table.
    pub async fn clean_up(&self) -> anyhow::Result<()> {
        let failed = |problem: Problem| anyhow::anyhow!("{problem}");
        identity::rotate_keys_if_due(&self.database)
            .await
            .map_err(failed)?;
        let practices = identity::clean_up(&self.database).await.map_err(failed)?;
        for practice_id in practices {
            idempotency::clean_up(&self.database, practice_id)
                .await
                .map_err(failed)?;
            scheduling::clean_up(&self.database, practice_id)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// Whether a browser asks, and not a program.
fn asks_for_a_page(context: &guard::GuardContext<'_>) -> bool {
    let accept = context.head().headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    accept.is_some_and(|kinds| kinds.contains("text/html"))
}

/// What the routes and the pages of one worker share.
struct Shared {
    database: web::Data<Database>,
    tokens: web::Data<AccessTokens>,
    passwords: web::Data<identity::PasswordHasher>,
    outbound: web::Data<Outbound>,
    trail_key: web::Data<TrailKey>,
}

/// The routes once more, for the pages of the same worker. Requests are not counted again.
fn routes_for_pages(shared: Shared) -> console::Api {
    console::Api::of(move || {
        App::new()
            .app_data(web::Data::clone(&shared.database))
            .app_data(web::Data::clone(&shared.tokens))
            .app_data(web::Data::clone(&shared.passwords))
            .app_data(web::Data::clone(&shared.outbound))
            .app_data(web::Data::clone(&shared.trail_key))
            .wrap(from_fn(edge::around))
            .service(web::scope("/api/v1").configure(|services| {
                openapi::configure(&mut Operations::to_serve(services));
            }))
    })
}

/// The keys that sign access tokens and the trails.
async fn keys_of(database: &Database) -> anyhow::Result<(AccessTokens, TrailKey)> {
    let tokens = identity::load_or_make(database)
        .await
        .map_err(|problem| anyhow::anyhow!("the signing keys cannot be read: {problem}"))?;
    let trail_key = identity::load_or_make_trail_key(database)
        .await
        .map_err(|problem| anyhow::anyhow!("the key of the trail cannot be read: {problem}"))?;
    Ok((tokens, trail_key))
}

/// The document as JSON, without a database.
pub fn document() -> anyhow::Result<String> {
    Ok(serde_json::to_string(&openapi::document()?)?)
}

impl Paths {
    fn of_this_program() -> web::Data<Self> {
        let mut methods: BTreeMap<String, Vec<Method>> = BTreeMap::new();
        for (path, method) in openapi::list() {
            methods.entry(path).or_default().extend(method.parse().ok());
        }
        for path in [DOCUMENT_PATH, "/docs", "/", "/problems/{kind}"] {
            methods.insert(path.to_owned(), vec![Method::GET]);
        }
        web::Data::new(Self {
            methods,
            patterns: OnceLock::new(),
        })
    }

    /// The methods of a path without a parameter.
    fn literal(&self, path: &str) -> Option<&[Method]> {
        let is_literal = !path.contains('{');
        let methods = self.methods.get(path).filter(|_| is_literal);
        methods.map(Vec::as_slice)
    }

    /// The methods that a path allows, if the path exists.
    fn allowed(&self, path: &str) -> Option<&str> {
        let patterns = self.patterns.get_or_init(|| {
            let patterns = self.methods.iter().map(|(path, methods)| {
                let pattern = ResourceDef::new(path.as_str());
                (pattern, allow(methods))
            });
            let mut patterns: Vec<(ResourceDef, String)> = patterns.collect();
            // A literal path is what it says before a parameter may take it.
            patterns.sort_by_key(|(path, _)| {
                path.pattern().is_some_and(|pattern| pattern.contains('{'))
            });
            patterns
        });
        let known = patterns.iter().find(|(pattern, _)| pattern.is_match(path));
        known.map(|(_, allow)| allow.as_str())
    }
}

/// The value of the `Allow` header: what is documented, HEAD beside GET, and OPTIONS.
fn allow(methods: &[Method]) -> String {
    let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.join(", ")
}

/// Which pages of other origins may call the service. Tokens travel in a header and never in a
/// cookie, so no credentials of the browser are let through.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
            "x-request-id",
        ])
        .expose_headers([
            "etag",
            "location",
            "retry-after",
            "x-request-id",
            "idempotency-replayed",
            "ratelimit",
            "ratelimit-policy",
        ])
        .max_age(3600);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// The document, made when it is first asked for: it takes more room than all else, and most
/// services are never asked. A client that has it asks whether it is still the same.
async fn serve_document() -> Result<HttpResponse, Problem> {
    static MADE: OnceLock<(Bytes, String)> = OnceLock::new();
    let (made, etag) = if let Some(made) = MADE.get() {
        made
    } else {
        let made = document().map_err(|error| {
            tracing::error!(%error, "the document cannot be made");
            Problem::new(&problem::INTERNAL)
        })?;
        let etag = URL_SAFE_NO_PAD.encode(Sha256::digest(&made));
        MADE.get_or_init(|| (made.into(), format!("\"{etag}\"")))
    };
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, no-cache"))
        .insert_header((header::ETAG, etag.as_str()))
        .body(made.clone()))
}

async fn show_docs() -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// Keeps `GET /patients/search` from being read as a patient whose id is `search`: a literal path
/// takes its own methods alone.
async fn refuse_other_methods(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let allowed = request.app_data::<web::Data<Paths>>().and_then(|paths| {
        let methods = paths.literal(request.path())?;
        (!methods.contains(request.method())).then(|| allow(methods))
    });
    if *request.method() == Method::OPTIONS {
        let paths = request.app_data::<web::Data<Paths>>().cloned();
        let allowed = paths.and_then(|paths| paths.allowed(request.path()).map(str::to_owned));
        if let Some(allowed) = allowed {
            let options = HttpResponse::NoContent()
                .insert_header((header::ALLOW, allowed))
                .finish();
            return Ok(request.into_response(options));
        }
    }
    let Some(allowed) = allowed else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let refused = Problem::new(&problem::METHOD_NOT_ALLOWED).header(header::ALLOW, allowed);
    Ok(request.into_response(refused.error_response()))
}

/// Answers what no operation took: 405 where the path exists, 404 where it does not.
async fn refuse_unknown(request: HttpRequest, paths: web::Data<Paths>) -> HttpResponse {
    match paths.allowed(request.path()) {
        Some(allowed) => Problem::new(&problem::METHOD_NOT_ALLOWED)
            .header(header::ALLOW, allowed)
            .error_response(),
        None => Problem::new(&problem::NOT_FOUND)
            .detail("No operation has this path. All of them begin with /api/v1; /docs lists them.")
            .error_response(),
    }
}

async fn forget_idle_callers(limits: web::Data<RequestLimits>) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        limits.forget_idle();
    }
}
