//! Versions of records: strong entity tags `"v7"`, and the version a change is meant for. What is
//! put together of many records has a weak one, which says that nothing on it has changed.

use std::future::{Ready, ready};
use std::hash::{BuildHasher, Hash};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::Output;
use diesel::sql_types::BigInt;
use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

use crate::platform::problem::{self, Problem, ProblemType, Refusal};

/// Counts the changes of a record, from 1.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[serde(transparent)]
pub(crate) struct Version(i64);

impl Version {
    /// The version of a new record.
    pub(crate) const FIRST: Self = Self(1);

    /// The version after one more change.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The version after this many more changes.
    pub(crate) const fn after(self, changes: i64) -> Self {
        Self(self.0.saturating_add(changes))
    }

    /// How often the record has changed since it was made.
    pub(crate) const fn changes(self) -> i64 {
        self.0.saturating_sub(1)
    }

    /// The plain number, to be shown to people.
    pub(crate) const fn number(self) -> i64 {
        self.0
    }

    /// The strong entity tag.
    pub(crate) fn etag(self) -> String {
        format!("\"v{}\"", self.0)
    }
}

/// The version of a record that is nothing but its parts: a change of any of them makes it later.
impl std::iter::Sum for Version {
    fn sum<Parts: Iterator<Item = Self>>(parts: Parts) -> Self {
        Self(parts.fold(0, |sum, part| sum.saturating_add(part.0)))
    }
}

impl diesel::serialize::ToSql<BigInt, Pg> for Version {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> diesel::serialize::Result {
        <i64 as diesel::serialize::ToSql<BigInt, Pg>>::to_sql(&self.0, out)
    }
}

impl diesel::deserialize::FromSql<BigInt, Pg> for Version {
    fn from_sql(value: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        <i64 as diesel::deserialize::FromSql<BigInt, Pg>>::from_sql(value).map(Self)
    }
}

/// The versions a client is willing to change, from `If-Match`.
#[derive(Debug, Clone)]
pub(crate) struct IfMatch(String);

/// The record is at another version than the client read.
#[derive(Debug, thiserror::Error)]
#[error("stale version")]
pub(crate) struct Stale;

impl Refusal for Stale {
    const TYPES: &'static [&'static ProblemType] = &[&problem::STALE];

    fn problem(self) -> Problem {
        Problem::new(&problem::STALE)
    }
}

impl IfMatch {
    /// Refuses a record that has moved on since the client read it.
    pub(crate) fn require(&self, current: Version) -> Result<(), Stale> {
        if matches(&self.0, &current.etag()) {
            Ok(())
        } else {
            Err(Stale)
        }
    }

    /// Refuses a record that has moved on since the client read it, where the client need not have
    /// read what came after `oldest`.
    pub(crate) fn require_since(&self, oldest: Version, current: Version) -> Result<(), Stale> {
        let is_known = |tag: &str| {
            let number = tag
                .strip_prefix("\"v")
                .and_then(|rest| rest.strip_suffix('"'));
            let number: Option<i64> = number.and_then(|digits| digits.parse().ok());
            number.is_some_and(|number| (oldest.0..=current.0).contains(&number))
        };
        let is_seen = |tag: &str| tag == "*" || is_known(&of_record(tag));
        if self.0.split(',').map(str::trim).any(is_seen) {
            Ok(())
        } else {
            Err(Stale)
        }
    }
}

/// The weak entity tag of what was put together. Another build of the service may hash otherwise:
/// then clients are answered in full, once.
pub(crate) fn weak(content: &impl Hash) -> String {
    format!("W/\"{:016x}\"", FixedState::default().hash_one(content))
}

/// The versions that a client has already, from `If-None-Match`.
#[derive(Debug, Clone)]
pub(crate) struct IfNoneMatch(Option<String>);

impl IfNoneMatch {
    /// Whether the client has what has this entity tag.
    pub(crate) fn knows(&self, etag: &str) -> bool {
        self.0.as_deref().is_some_and(|known| is_known(known, etag))
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(header::IF_NONE_MATCH);
        let known = header.and_then(|known| known.to_str().ok());
        ready(Ok(Self(known.map(str::to_owned))))
    }
}

/// Whether a list of entity tags names this one, by weak comparison: a client that has the content
/// weakly has it.
pub(crate) fn is_known(header: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    header
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || opaque(tag) == opaque(etag))
}

/// The tag of a record in one encoding. Bytes that differ have different strong tags.
pub(crate) fn encoded(etag: &str, encoding: &str) -> String {
    match etag.strip_suffix('"') {
        Some(open) if !etag.starts_with("W/") => format!("{open}-{encoding}\""),
        _ => etag.to_owned(),
    }
}

/// The tag of the record itself, whichever encoding the client has.
fn of_record(tag: &str) -> String {
    for encoding in ENCODINGS {
        let encoded = tag.strip_suffix('"');
        let plain = encoded.and_then(|open| open.strip_suffix(encoding)?.strip_suffix('-'));
        if let Some(plain) = plain {
            return format!("{plain}\"");
        }
    }
    tag.to_owned()
}

/// The encodings in which answers are sent.
const ENCODINGS: [&str; 3] = ["br", "gzip", "zstd"];

/// Whether a list of entity tags names this one; a tag of an encoding names the record that was
/// encoded.
fn matches(header: &str, etag: &str) -> bool {
    header
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || of_record(tag) == etag)
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(
                    "The `ETag` of the record as the change is meant for it. `*` stands for any \
                     version, but not on the record of a patient, a visit, a finding, a procedure, an \
                     adverse event or a treatment plan.",
                ))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .example(Some(serde_json::json!("\"v1\"")))
                .build(),
        ]
    }
}

/// Below these paths, everything is written by several people for one patient.
const CLINICAL: [&str; 5] = [
    "/api/v1/patients/",
    "/api/v1/visits/",
    "/api/v1/procedures/",
    "/api/v1/adverse-events/",
    "/api/v1/treatment-plans/",
];

/// Says why any version is not good enough here.
const TAG_WANTED: &str = "If-Match: * would overwrite what a colleague wrote meanwhile. Read the \
    record, and send its ETag with the change, for example If-Match: \"v3\".";

/// Whether `*` stands alone or among the tags.
fn names_any(tags: &HeaderValue) -> bool {
    tags.as_bytes()
        .split(|byte| *byte == b',')
        .any(|tag| tag.trim_ascii() == b"*")
}

/// Says what would be right where `If-Match` is missing.
const WANTED: &str = "Read the record, and send its ETag with the change, for example \
    If-Match: \"v3\". A record that somebody else has changed since is then not overwritten.";

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let wanted = |detail| Err(Problem::new(&problem::VERSION_REQUIRED).detail(detail));
        let is_clinical = CLINICAL.iter().any(|path| request.path().starts_with(path));
        ready(match request.headers().get(header::IF_MATCH) {
            None => wanted(WANTED),
            Some(tags) if is_clinical && names_any(tags) => wanted(TAG_WANTED),
            // A tag of bytes that are not text names no version.
            Some(tags) => Ok(Self(tags.to_str().unwrap_or_default().to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_tag_is_enough_to_know_a_record_and_not_to_change_it() {
        assert!(is_known("W/\"v1\"", "\"v1\"") && is_known("\"v1\"", "W/\"v1\""));
        assert!(is_known("\"v0\", \"v1\"", "\"v1\"") && is_known("*", "\"v1\""));
        assert!(!is_known("\"v2\"", "\"v1\""));
        assert!(!matches("W/\"v1\"", "\"v1\""));
    }

    #[test]
    fn a_tag_of_an_encoding_names_its_record_and_no_other_encoding() {
        assert_eq!(encoded("\"v1\"", "gzip"), "\"v1-gzip\"");
        assert_eq!(encoded("W/\"ab\"", "gzip"), "W/\"ab\"");
        assert!(matches("\"v1-gzip\"", "\"v1\"") && !matches("\"v2-br\"", "\"v1\""));
        assert!(!is_known("\"v1-gzip\"", "\"v1-br\"") && !is_known("\"v1\"", "\"v1-br\""));
    }
}
