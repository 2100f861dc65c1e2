//! Who looks at a page, and what the page may ask for them.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::platform::access::{Principal, Role};
use crate::platform::database::Database;

use super::address;
use super::api::{Answered, Api, Call};
use super::form::Form;
use super::frame;
use super::session;

/// The user of a page.
pub(super) struct Context {
    request: HttpRequest,
    pub(super) principal: Principal,
    access_token: String,
    /// The answer of `GET /me`.
    pub(super) me: Value,
    pub(super) now: DateTime<Utc>,
}

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody is signed in, or the session has ended; then the sign-in leads back to `next`.
    SignIn { next: String },
    /// The problem that a route answered.
    Refused { status: StatusCode, problem: Value },
    /// A fault of the program.
    Broken,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SignIn { .. } => formatter.write_str("not signed in"),
            Self::Refused { status, .. } => write!(formatter, "refused with {status}"),
            Self::Broken => formatter.write_str("broken"),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::Refused { status, .. } => *status,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        match self {
            Self::SignIn { next } => {
                let to = format!("/console/sign-in?next={}", address::encoded(next));
                address::go_to(&to)
            }
            Self::Refused { status, problem } => frame::refused(*status, problem),
            Self::Broken => frame::refused(self.status_code(), &Value::Null),
        }
    }
}

impl Failure {
    /// The problem, for a form that shows it beside what was typed; other failures stay what they are.
    pub(super) fn problem(self) -> Result<Value, Self> {
        match self {
            Self::Refused { status, problem } if status != StatusCode::FORBIDDEN => Ok(problem),
            other => Err(other),
        }
    }
}

impl FromRequest for Context {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(request).await })
    }
}

impl Context {
    async fn of(request: HttpRequest) -> Result<Self, Failure> {
        let next = where_to_return(&request);
        let sign_in = || Failure::SignIn { next: next.clone() };
        let principal = session::signed_in(&request).ok_or_else(sign_in)?;
        let access_token = session::access_token(&request, &principal).ok_or(Failure::Broken)?;
        let database = request.app_data::<web::Data<Database>>();
        let now = database.map(|database| database.now());
        let mut context = Self {
            now: now.ok_or(Failure::Broken)?,
            request,
            principal,
            access_token,
            me: Value::Null,
        };
        context.me = context.get("/me").await?;
        Ok(context)
    }

    pub(super) const fn role(&self) -> Role {
        self.principal.role
    }

    /// Refuses who does not work with the people of the clinic, where the page itself asks no route.
    pub(super) fn works_with_people(&self) -> Result<(), Failure> {
        match self.role() {
            Role::Patient | Role::Auditor => Err(Failure::Refused {
                status: StatusCode::FORBIDDEN,
                problem: Value::Null,
            }),
            _ => Ok(()),
        }
    }

    /// The request of the page.
    pub(super) const fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// The time zone of the practice.
    pub(super) fn zone(&self) -> &str {
        self.me["practice"]["time_zone"].as_str().unwrap_or("UTC")
    }

    /// The user as a provider.
    pub(super) fn provider_id(&self) -> Option<String> {
        self.principal.provider_id.map(|id| id.to_string())
    }

    async fn call(&self, mut call: Call<'_>) -> Result<Answered, Failure> {
        let bearer = format!("Bearer {}", self.access_token);
        call.headers.push((header::AUTHORIZATION, bearer));
        let api = self.request.app_data::<web::Data<Api>>();
        let answered = api.ok_or(Failure::Broken)?.call(call).await;
        let answered = answered.ok_or(Failure::Broken)?;
        if answered.status == StatusCode::UNAUTHORIZED {
            return Err(Failure::SignIn {
                next: where_to_return(&self.request),
            });
        }
        if answered.status.is_success() {
            return Ok(answered);
        }
        Err(Failure::Refused {
            status: answered.status,
            problem: answered.json(),
        })
    }

    /// Reads what a path below `/api/v1` answers.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        Ok(self.read(path).await?.json())
    }

    /// The same with the bytes and headers, for drawings and tables.
    pub(super) async fn read(&self, path: &str) -> Result<Answered, Failure> {
        self.call(Call {
            method: Method::GET,
            path: &format!("/api/v1{path}"),
            body: None,
            headers: Vec::new(),
            peer: self.request.peer_addr(),
        })
        .await
    }

    /// What the path answers, or null when it is not there or not for this user.
    pub(super) async fn get_if_any(&self, path: &str) -> Result<Value, Failure> {
        match self.get(path).await {
            Err(Failure::Refused { status, .. })
                if status == StatusCode::NOT_FOUND || status == StatusCode::FORBIDDEN =>
            {
                Ok(Value::Null)
            }
            other => other,
        }
    }

    /// The items of a list, the first two hundred of them.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut answered = self.get(path).await?;
        Ok(match answered["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        })
    }

    /// The items of a list that this user may perhaps not see; then none.
    pub(super) async fn list_if_any(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut answered = self.get_if_any(path).await?;
        Ok(match answered["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        })
    }

    /// Asks without a change, where the question is too private for an address.
    pub(super) async fn ask(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.act(&Method::POST, path, body, &Form::default()).await
    }

    /// Changes something. The form says which version was shown, and by which key it is known.
    pub(super) async fn act(
        &self,
        method: &Method,
        path: &str,
        body: &Value,
        form: &Form,
    ) -> Result<Value, Failure> {
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        if let Some(version) = form.get("version") {
            headers.push((header::IF_MATCH, format!("\"v{version}\"")));
        }
        if let Some(once) = form.get("once") {
            headers.push((HeaderName::from_static("idempotency-key"), once.to_owned()));
        }
        let body = without_nulls(body);
        let call = Call {
            method: method.clone(),
            path: &format!("/api/v1{path}"),
            body: (!body.is_null()).then_some(&body),
            headers,
            peer: self.request.peer_addr(),
        };
        Ok(self.call(call).await?.json())
    }

    pub(super) async fn post(
        &self,
        path: &str,
        body: Value,
        form: &Form,
    ) -> Result<Value, Failure> {
        self.act(&Method::POST, path, &body, form).await
    }

    pub(super) async fn put(&self, path: &str, body: Value, form: &Form) -> Result<Value, Failure> {
        self.act(&Method::PUT, path, &body, form).await
    }

    pub(super) async fn patch(
        &self,
        path: &str,
        body: Value,
        form: &Form,
    ) -> Result<Value, Failure> {
        self.act(&Method::PATCH, path, &body, form).await
    }
}

/// A field that was left empty is left out. Where a change takes a value away, the caller says so
/// with `"\0"`, which no form can send.
fn without_nulls(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            let kept = kept.map(|(name, value)| (name.clone(), without_nulls(value)));
            Value::Object(kept.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        Value::String(text) if text == "\0" => json!(null),
        other => other.clone(),
    }
}

/// The page to come back to after signing in: this one, or for what was sent the one it came from.
fn where_to_return(request: &HttpRequest) -> String {
    if request.method().is_safe() {
        return request.uri().to_string();
    }
    let path = request.path();
    let parent = path.rsplit_once('/').map_or(path, |(parent, _)| parent);
    parent.to_owned()
}
