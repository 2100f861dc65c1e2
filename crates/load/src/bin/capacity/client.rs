//! Asks the service, and keeps asking it over many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::load::{DESK, PASSWORD, PROVIDER, World};
use crate::routes::{Ask, Route, Who};

/// The front desk and a provider, signed in.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    desk: String,
    provider: String,
}

/// What came of asking for a while.
pub(crate) struct Sample {
    /// Of what was answered well, in microseconds.
    pub(crate) microseconds: Vec<u32>,
    pub(crate) errors: u32,
    /// One of them, in words.
    pub(crate) an_error: Option<String>,
    pub(crate) per_second: f64,
}

impl Client {
    pub(crate) async fn sign_in(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .timeout(Duration::from_secs(30))
            .build()?;
        let base = format!("{url}/api/v1");
        let desk = token(&http, &base, DESK).await?;
        let provider = token(&http, &base, PROVIDER).await?;
        Ok(Self {
            http,
            base,
            desk,
            provider,
        })
    }

    fn request(&self, who: Who, ask: &Ask) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.base, ask.path);
        let request = match &ask.body {
            Some(body) => self.http.request(Method::POST, url).json(body),
            None if ask.if_match => self.http.request(Method::POST, url),
            None => self.http.get(url),
        };
        let request = match who {
            Who::Nobody => request,
            Who::Desk => request.bearer_auth(&self.desk),
            Who::Provider => request.bearer_auth(&self.provider),
        };
        if ask.if_match {
            request.header("if-match", "*")
        } else {
            request
        }
    }

    /// One answer, looked at.
    pub(crate) async fn answer(&self, route: &Route, ask: &Ask) -> anyhow::Result<Value> {
        let answer = self.request(route.who, ask).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        ensure!(status.is_success(), "{}: {status}: {body}", route.key);
        ensure!(
            (route.holds)(&body),
            "{}: not what was loaded: {body}",
            route.key
        );
        Ok(body)
    }

    /// One answer, taken whole and not looked at.
    async fn time(&self, who: Who, ask: &Ask) -> Result<Duration, String> {
        let began = Instant::now();
        let answer = self
            .request(who, ask)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(began.elapsed())
        } else {
            Err(format!("{status}: {}", String::from_utf8_lossy(&body)))
        }
    }

    /// Asks over so many connections for so long, each request as soon as the one before is answered.
    pub(crate) async fn load(
        self: &Arc<Self>,
        route: Route,
        world: &Arc<World>,
        counter: &Arc<AtomicU64>,
        (connections, at_most): (u32, Limit),
    ) -> anyhow::Result<Sample> {
        let began = Instant::now();
        let ask_on = |client: Arc<Self>, world: Arc<World>, counter: Arc<AtomicU64>| async move {
            let (mut microseconds, mut errors, mut an_error) = (Vec::new(), 0_u32, None);
            let mut asked = 0_u32;
            while began.elapsed() < at_most.time && asked < at_most.requests {
                asked += 1;
                let ask = (route.ask)(&world, counter.fetch_add(1, Ordering::Relaxed));
                match client.time(route.who, &ask).await {
                    Ok(took) => {
                        microseconds.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
                    }
                    Err(error) => {
                        errors += 1;
                        an_error = Some(error);
                    }
                }
            }
            (microseconds, errors, an_error)
        };
        let asking: Vec<_> = (0..connections)
            .map(|_| {
                tokio::spawn(ask_on(
                    Arc::clone(self),
                    Arc::clone(world),
                    Arc::clone(counter),
                ))
            })
            .collect();
        let mut sample = Sample {
            microseconds: Vec::new(),
            errors: 0,
            an_error: None,
            per_second: 0.0,
        };
        for one in asking {
            let (microseconds, errors, an_error) = one.await?;
            sample.microseconds.extend(microseconds);
            sample.errors += errors;
            sample.an_error = sample.an_error.or(an_error);
        }
        let answered = u32::try_from(sample.microseconds.len())?;
        sample.per_second = f64::from(answered) / began.elapsed().as_secs_f64();
        Ok(sample)
    }
}

/// When to stop asking.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) time: Duration,
    pub(crate) requests: u32,
}

async fn token(http: &reqwest::Client, base: &str, email: &str) -> anyhow::Result<String> {
    let answer: Value = http
        .post(format!("{base}/auth/login"))
        .json(&json!({ "email": email, "password": PASSWORD }))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let token = answer.get("access_token").and_then(Value::as_str);
    Ok(token.context("no token")?.to_owned())
}
