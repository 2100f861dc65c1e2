//! The database server of the run, the services on it, and clients.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use tautband::application::{Application, Housekeeping};
use tautband::migrations;
use tautband::platform::clock::Clock;
use tautband::platform::database::DatabaseAccess;
use tautband::platform::embedded_postgres::EmbeddedPostgres;
use tautband::settings::{MailRoute, Settings};
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::relay::{Recording, Relay};
use super::{contract, statements};

/// Lives as long as the run: services and their connections must not end with a test's runtime.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    })
}

/// Runs `work` on the runtime of the run.
pub async fn outside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    runtime().spawn(work).await.unwrap()
}

/// Does what the service does by itself, for so long at most.
pub async fn keep_house(housekeeping: Housekeeping, at_most: Duration) {
    let round = move || {
        runtime().block_on(async {
            // Cut short is well; a failure is not.
            if let Ok(done) = tokio::time::timeout(at_most, housekeeping.run_once()).await {
                done.unwrap();
            }
        });
    };
    tokio::task::spawn_blocking(round).await.unwrap();
}

/// Deletes what nobody needs any more.
pub async fn clean_up(housekeeping: Housekeeping) {
    let clean = move || runtime().block_on(housekeeping.clean_up()).unwrap();
    tokio::task::spawn_blocking(clean).await.unwrap();
}

const TEMPLATE: &str = "tautband_template";

/// The server of the run. It ends with this process, whatever way that goes.
fn server() -> &'static EmbeddedPostgres {
    static SERVER: OnceLock<EmbeddedPostgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        let filter = std::env::var("TAUTBAND_LOG").unwrap_or_else(|_| "error".to_owned());
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        tracing_subscriber::registry()
            .with(log.with_filter(EnvFilter::new(filter)))
            .with(statements::Counts.with_filter(EnvFilter::new("tautband::platform::edge=info")))
            .init();
        let server = EmbeddedPostgres::start_throw_away().unwrap();
        let (bare, url) = (server.url("postgres"), server.url(TEMPLATE));
        let prepare = async move {
            migrations::create_database(&bare, TEMPLATE).await.unwrap();
            migrations::apply(&url).await.unwrap();
            let seed = super::clinic::seed();
            execute(&url, &seed).await;
        };
        std::thread::spawn(move || runtime().block_on(prepare))
            .join()
            .unwrap();
        server
    })
}

/// Runs SQL as the owner of the database, past all permits and policies.
pub async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    if let Err(error) = client.batch_execute(sql).await {
        panic!("{error:?}");
    }
    drop(client);
    driver.await.unwrap().unwrap();
}

/// A service on a database of its own.
pub struct Service {
    pub url: String,
    pub database_url: String,
    pub clock: Clock,
    pub housekeeping: Housekeeping,
    handle: ServerHandle,
    _relay: Option<Relay>,
}

impl Drop for Service {
    fn drop(&mut self) {
        // Told at once; what comes of it happens on the runtime of the run.
        drop(self.handle.stop(false));
    }
}

/// Clones the clinic and serves it, with so many connections to its database.
pub async fn start(clock: Clock, connections: usize) -> Service {
    let database_url = clone().await;
    serve(
        clock,
        connections,
        (database_url.clone(), database_url),
        None,
    )
    .await
}

/// Clones the clinic and serves it on one connection, whose statements are written down.
pub async fn start_recorded(clock: Clock) -> (Service, Recording) {
    let database_url = clone().await;
    let server_url = database_url.clone();
    let relay = outside(async move { Relay::start(&server_url) }).await;
    let (recording, relayed_url) = (relay.recording.clone(), relay.url(&database_url));
    let service = serve(clock, 1, (database_url, relayed_url), Some(relay)).await;
    (service, recording)
}

/// Serves a database on another server.
pub async fn start_on(database_url: &str) -> Service {
    let urls = (database_url.to_owned(), database_url.to_owned());
    serve(Clock::system(), 2, urls, None).await
}

/// Clones the clinic; returns the address of the new database.
async fn clone() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(server).await.unwrap();
    let name = format!("tautband_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let (bare, database_url) = (server.url("postgres"), server.url(&name));
    let create = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}");
    outside(async move { execute(&bare, &create).await }).await;
    database_url
}

/// Serves the database at the first address, which the service reaches at the second.
async fn serve(
    clock: Clock,
    connections: usize,
    (database_url, service_url): (String, String),
    relay: Option<Relay>,
) -> Service {
    let settings = Settings {
        database: DatabaseAccess::Owner(SecretString::from(service_url)),
        listen: "127.0.0.1:0".parse().unwrap(),
        connections,
        workers: 1,
        requests_per_minute: 1_000_000.try_into().unwrap(),
        allowed_origins: vec!["https://desk.example".to_owned()],
        // So that a test can come from elsewhere.
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        // Where the OpenID provider of a test is.
        provider_networks: vec!["127.0.0.0/8".parse().unwrap()],
        mail: MailRoute::Kept,
    };
    let on = clock.clone();
    let begin = move || {
        runtime().block_on(async {
            let application = Application::start(&settings, on).await.unwrap();
            let (url, handle) = (application.url(), application.handle());
            let housekeeping = application.housekeeping();
            tokio::spawn(application.run());
            (url, handle, housekeeping)
        })
    };
    let (url, handle, housekeeping) = tokio::task::spawn_blocking(begin).await.unwrap();
    Service {
        url,
        database_url,
        clock,
        housekeeping,
        handle,
        _relay: relay,
    }
}

/// A client that goes nowhere encrypted, and so reads no certificates of authorities.
pub fn plain_http() -> reqwest::Client {
    // Building one asks for it all the same. It may be there already.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().tls_certs_only([]);
    client.build().unwrap()
}

/// Someone who talks to the service, signed in or not.
#[derive(Clone)]
pub struct Client {
    pub base: String,
    pub token: Option<String>,
    pub refresh_token: Option<String>,
    pub user: Value,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub text: String,
    pub headers: reqwest::header::HeaderMap,
}

impl Reply {
    /// The body, when the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect(200)
    }

    #[track_caller]
    pub fn created(self) -> Value {
        self.expect(201)
    }

    /// The entity tag.
    pub fn etag(&self) -> String {
        self.header("etag")
    }

    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    /// Pointers of the faulty fields a problem names, in order.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Client {
    /// Someone who is not signed in.
    pub fn anonymous(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            token: None,
            refresh_token: None,
            user: Value::Null,
            http: plain_http(),
        }
    }

    /// Signs in.
    pub async fn sign_in(base: &str, email: &str, password: &str) -> Self {
        let mut client = Self::anonymous(base);
        let body = client
            .post(
                "/auth/login",
                json!({ "email": email, "password": password }),
            )
            .await
            .ok();
        client.token = Some(body["access_token"].as_str().unwrap().to_owned());
        client.refresh_token = Some(body["refresh_token"].as_str().unwrap().to_owned());
        client.user = body["user"].clone();
        client
    }

    /// The same person with another access token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Sends anything; `path` is below `/api/v1` unless it starts with `//`.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Reply {
        let path = match path.strip_prefix("//") {
            Some(root) => format!("/{root}"),
            None => format!("/api/v1{path}"),
        };
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let reply = Reply {
            status,
            body,
            text,
            headers,
        };
        let media = reply.header("content-type");
        contract::check(method.as_str(), &path, status, &media, &reply.body);
        reply
    }

    async fn send_json(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Reply {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(method, path, &all, Some(body.to_string().into_bytes()))
            .await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send_json(Method::POST, path, &[], &body).await
    }

    /// A POST that may be retried.
    pub async fn post_once(&self, path: &str, key: &str, body: Value) -> Reply {
        self.send_json(Method::POST, path, &[("idempotency-key", key)], &body)
            .await
    }

    /// An action on a version of a record, with content or (`Value::Null`) without.
    pub async fn act(&self, path: &str, etag: &str, body: Value) -> Reply {
        if body.is_null() {
            return self
                .send(Method::POST, path, &[("if-match", &versions(etag))], None)
                .await;
        }
        self.send_json(Method::POST, path, &[("if-match", &versions(etag))], &body)
            .await
    }

    pub async fn put(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send_json(Method::PUT, path, &[("if-match", &versions(etag))], &body)
            .await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send_json(Method::PATCH, path, &[("if-match", &versions(etag))], &body)
            .await
    }

    /// Sends a GET, or a POST of a body, and says how many statements it took, without those that
    /// begin and end its transaction.
    pub async fn counted(&self, path: &str, body: Option<Value>) -> (Reply, u64) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let id = format!("counted-{:08}", COUNT.fetch_add(1, Ordering::Relaxed));
        let headers = [("x-request-id", id.as_str())];
        let reply = match body {
            Some(body) => self.send_json(Method::POST, path, &headers, &body).await,
            None => self.send(Method::GET, path, &headers, None).await,
        };
        let statements = statements::of(&id);
        (
            reply,
            statements.saturating_sub(statements::OF_EVERY_TRANSACTION),
        )
    }

    /// An action on a record as it is now, whatever its version.
    pub async fn act_now(&self, path: &str, body: Value) -> Reply {
        self.act(path, "*", body).await
    }
}

/// The tag as it is, or for `*` every version that a record of a test can have: a clinical record
/// takes no `*`.
pub fn versions(etag: &str) -> String {
    if etag != "*" {
        return etag.to_owned();
    }
    let every: Vec<String> = (1..100).map(|version| format!("\"v{version}\"")).collect();
    every.join(", ")
}
