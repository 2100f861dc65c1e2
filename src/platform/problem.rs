//! Refusals as clients read them: RFC 9457 problems, one mechanism for all.
//!
//! A use case has its own small error enum. It says which problem types it can become by
//! [`Refusal`]; the same list documents the operation through [`Refused`], so that the document
//! and the code cannot drift apart. What is internal stays inside: a failed statement is logged by
//! its kind and answered as 500 or 503 without a word of it.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::platform::problem_type::documented;
pub(crate) use crate::platform::problem_type::{MEDIA_TYPE, Member, ProblemType, Shape, document};
use crate::platform::telemetry;

/// What a muscle, a side, a view and a place must be so that they agree.
const AGREEING: &[Member] = &[
    Member::new("sides", Shape::Texts, "Sides that the muscle has."),
    Member::new(
        "side_of_position",
        Shape::Nullable(&Shape::Text),
        "The side on which the place lies.",
    ),
    Member::new(
        "views",
        Shape::Texts,
        "Views that show the muscle on this side.",
    ),
    Member::new(
        "x_between",
        Shape::Nullable(&Shape::Texts),
        "From where to where the muscle reaches.",
    ),
];

macro_rules! common {
    ($($(#[$meta:meta])* $name:ident = $kind:literal, $status:literal, $title:literal $(, [$($member:expr),+ $(,)?])?;)+) => {
        $($(#[$meta])* pub(crate) static $name: ProblemType = ProblemType::new($kind, $status, $title)$(.with(&[$($member),+]))?;)+
    };
}

common! {
    UNREADABLE = "unreadable", 400, "The request cannot be read";
    NOT_SIGNED_IN = "not-signed-in", 401, "Sign in first";
    NOT_ALLOWED = "not-allowed", 403, "Not allowed in this role";
    SCOPE_REQUIRED = "scope-required", 403, "The service account lacks a scope", [
        Member::new("required_scope", Shape::Text, "The scope that covers it."),
    ];
    SECOND_FACTOR_REQUIRED = "second-factor-required", 403, "The practice requires a second factor: set one up at /auth/mfa/enroll, or sign in with it";
    STEP_UP_REQUIRED = "step-up-required", 403, "Give your second factor again at /auth/mfa/verify first";
    NOT_FOUND = "not-found", 404, "Not found";
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "This method does not apply here";
    WRONG_STATUS = "wrong-status", 409, "The record is not in a status that allows this", [
        Member::new("current_status", Shape::Text, "The status it is in."),
        Member::new("allowed", Shape::Texts, "What can be done with it now."),
    ];
    IN_PROGRESS = "request-in-progress", 409, "A request with this Idempotency-Key is still running";
    STALE = "stale-version", 412, "The record has changed since it was read";
    TOO_LARGE = "too-large", 413, "The content is too large";
    UNSUPPORTED_MEDIA = "unsupported-media-type", 415, "The content is of another type than this operation takes";
    INVALID = "invalid-content", 422, "The content breaks a rule", [
        Member::new("disagreements", Shape::Texts, "What does not agree among muscle, side, view and place."),
        Member::new("would_agree", Shape::Object(AGREEING), "What would agree with the rest."),
    ];
    KEY_REUSED = "idempotency-key-reused", 422, "This Idempotency-Key was used for other content";
    SEALED = "sealed", 423, "The visit is signed and sealed";
    VERSION_REQUIRED = "version-required", 428, "The header If-Match does not name a version";
    TOO_MANY = "too-many-requests", 429, "Too many requests";
    INTERNAL = "internal", 500, "Something went wrong here";
    BUSY = "busy", 503, "The service is busy";
}

/// One faulty field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON pointer into the content, or `#/query/<name>` and `#/header/<name>` beside it.
    #[schema(example = "/starts_at")]
    pub(crate) pointer: String,
    /// Says what is wrong with it, and what would be right. A value is repeated only where it is a
    /// date or a time.
    pub(crate) detail: String,
}

impl FieldError {
    /// Names a field and what is wrong with it.
    pub(crate) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// A statement that failed, in words for the log. They hold nothing of the row, since the text of the
/// driver may hold its values.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: String,
    pub(super) constraint: Option<String>,
    /// Whether the connection was lost.
    pub(super) is_cut_off: bool,
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    of: &'static ProblemType,
    detail: Option<String>,
    errors: Vec<FieldError>,
    members: serde_json::Map<String, serde_json::Value>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
    transient: bool,
    failure: Option<Box<Failure>>,
}

impl Problem {
    /// A problem of this type and nothing more.
    pub(crate) fn new(of: &'static ProblemType) -> Self {
        let mut problem = Self {
            of,
            detail: None,
            errors: Vec::new(),
            members: serde_json::Map::new(),
            headers: Vec::new(),
            transient: false,
            failure: None,
        };
        if of.status == 401 {
            problem = problem.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        if of.status == 503 {
            problem = problem.header(header::RETRY_AFTER, "1");
        }
        problem
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> u16 {
        self.of.status
    }

    /// A statement failed. The end of the transaction decides what that means for the client.
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            failure: Some(Box::new(failure)),
            ..Self::new(&INTERNAL)
        }
    }

    /// Content that breaks rules: all the faulty fields at once.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(&INVALID)
        }
    }

    /// One faulty field.
    pub(crate) fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, detail)])
    }

    /// Says more about this occurrence, without patient data.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names faulty fields beside the type.
    pub(crate) fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Says that it is about one line of a list: its faulty fields are those of that line.
    pub(crate) fn at_line(mut self, line: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, line);
        }
        if self.errors.is_empty() {
            let detail = self.detail.clone();
            let detail = detail.unwrap_or_else(|| self.of.title.to_owned());
            self.errors.push(FieldError::new(line, detail));
        }
        self
    }

    /// One problem of the problems of several lines: content that breaks a rule is named with all its
    /// faulty fields; otherwise it is the first refusal.
    pub(crate) fn of_lines(problems: Vec<Self>) -> Self {
        let refused = problems.iter().position(|problem| problem.of != &INVALID);
        let mut problems = problems;
        match refused {
            Some(first) => problems.swap_remove(first),
            None => Self::invalid(problems.into_iter().flat_map(|one| one.errors).collect()),
        }
    }

    /// Adds an extension member that a client can act on.
    pub(crate) fn member(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    /// Adds a header that belongs to the status, such as `Allow`.
    pub(crate) fn header(mut self, name: header::HeaderName, value: impl fmt::Display) -> Self {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.headers.push((name, value));
        }
        self
    }

    /// The statement that failed, if the use case had no answer to it.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_deref()
    }

    /// The faulty fields.
    pub(crate) fn faults(&self) -> &[FieldError] {
        &self.errors
    }

    /// Says that the same transaction may succeed when it is run again.
    pub(super) const fn transient(mut self) -> Self {
        self.transient = true;
        self
    }

    /// The type, as the member `type` gives it.
    pub(crate) fn kind(&self) -> String {
        self.of.uri()
    }

    /// What is wrong, in words, for an answer that names several refusals.
    pub(crate) fn said(&self) -> String {
        let of_field = self.errors.first().map(|error| &error.detail);
        let said = self.detail.as_ref().or(of_field);
        said.map_or_else(|| self.of.title.to_owned(), Clone::clone)
    }

    /// Whether this is a 404 that does not say yet what was not found.
    pub(super) fn is_bare_not_found(&self) -> bool {
        self.of == &NOT_FOUND && self.detail.is_none()
    }

    /// Whether the same transaction may succeed when it is run again.
    pub(crate) const fn is_transient(&self) -> bool {
        self.transient
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.of.title)
    }
}

impl std::error::Error for Problem {}

/// The members of RFC 9457 as they are sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Which kind of problem this is.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid-content")]
    pub(crate) kind: String,
    /// One line about the kind.
    pub(crate) title: String,
    /// The HTTP status, repeated.
    pub(crate) status: u16,
    /// About this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) detail: Option<String>,
    /// The id of the request, as in `X-Request-Id`.
    pub(crate) instance: String,
    /// Every faulty field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) errors: Vec<FieldError>,
    /// Members that belong to the kind.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) members: serde_json::Map<String, serde_json::Value>,
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.of.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        let body = ProblemBody {
            kind: self.of.uri(),
            title: self.of.title.to_owned(),
            status: self.of.status,
            detail: self.detail.clone(),
            instance: telemetry::request_id(),
            errors: self.errors.clone(),
            members: self.members.clone(),
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        response.content_type(MEDIA_TYPE).body(body)
    }
}

/// The problem that the error enum of a use case becomes, and all that it can become.
pub(crate) trait Refusal {
    /// Every problem type, for the document.
    const TYPES: &'static [&'static ProblemType];

    /// The problem of this refusal.
    fn problem(self) -> Problem;
}

impl<R: Refusal> From<R> for Problem {
    fn from(refusal: R) -> Self {
        refusal.problem()
    }
}

/// Documents the problem types of a use case on its operation.
pub(crate) struct Refused<R>(std::marker::PhantomData<R>);

impl<R: Refusal> IntoResponses for Refused<R> {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(R::TYPES)
    }
}
