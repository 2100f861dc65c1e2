//! JSON content: read once, strictly, and judged as a whole.
//!
//! The schema that documents a body is the schema it is checked against, so what the document
//! promises is what happens. All faulty fields are named at once, by pointer. What was sent may be
//! about a patient, so that it is repeated only where it is a date or a time. Duplicate keys,
//! unknown fields and NUL are refused; numbers never become floats.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::platform::problem::{self, FieldError, Problem};
use crate::platform::wording;

/// More than the largest content the document allows.
pub(crate) const LARGEST_CONTENT: usize = 256 * 1024;
/// Deeper than anything the document describes.
const DEEPEST_NESTING: usize = 32;

/// Content of the type the operation documents.
#[derive(Debug)]
pub(crate) struct Json<T> {
    content: T,
    fingerprint: Fingerprint,
}

/// SHA-256 of the content: tells a retry from another request. The same JSON with its fields in
/// another order, or with other white space, is the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The digest of content that came as these bytes; no bytes where there is no content.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of JSON, the same for all ways to write it.
    fn of_json(value: &Value) -> Self {
        let mut text = String::new();
        write_sorted(value, &mut text);
        Self::of(text.as_bytes())
    }

    /// The 32 bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T> Json<T> {
    /// The content itself.
    pub(crate) fn into_inner(self) -> T {
        self.content
    }

    /// Tells this content from another.
    pub(crate) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = check_headers(request, "application/json");
        let mut payload = payload.take();
        Box::pin(async move {
            acceptable?;
            let bytes = read(&mut payload).await?;
            let value = parse(&bytes)?;
            let fingerprint = Fingerprint::of_json(&value);
            let content = check(value, validator_of::<T>().as_deref(), "")?;
            Ok(Self {
                content,
                fingerprint,
            })
        })
    }
}

/// Reads a part of content by the schema of its own type.
pub(crate) fn read_value<T: DeserializeOwned + ToSchema + 'static>(
    value: Value,
) -> Result<T, Problem> {
    check(value, validator_of::<T>().as_deref(), "")
}

/// Reads content to its end.
pub(super) async fn read(payload: &mut Payload) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_broken| Problem::new(&problem::UNREADABLE))?;
        if bytes.len() + chunk.len() > LARGEST_CONTENT {
            return Err(Problem::new(&problem::TOO_LARGE));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Content that may be left out: then every field has its default.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + ToSchema + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = check_headers(request, "application/json");
        let mut payload = payload.take();
        Box::pin(async move {
            let bytes = read(&mut payload).await?;
            if bytes.is_empty() {
                return Ok(Self(T::default()));
            }
            acceptable?;
            let value = parse(&bytes)?;
            Ok(Self(check(value, validator_of::<T>().as_deref(), "")?))
        })
    }
}

/// Writes JSON with the fields of every object in order.
fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in sorted {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_sorted(item, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

pub(super) fn check_headers(request: &HttpRequest, media_type: &str) -> Result<(), Problem> {
    if request
        .mime_type()
        .ok()
        .flatten()
        .is_none_or(|mime| mime.essence_str() != media_type)
    {
        return Err(Problem::new(&problem::UNSUPPORTED_MEDIA));
    }
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(&problem::UNSUPPORTED_MEDIA).detail("Send it unencoded."));
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    if length.is_some_and(|length: usize| length > LARGEST_CONTENT) {
        return Err(Problem::new(&problem::TOO_LARGE));
    }
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let unreadable = |error: serde_json::Error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Problem::new(&problem::UNREADABLE).detail(format!("This is not JSON: {place}."))
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .map_err(|error| {
            if error.classify() == serde_json::error::Category::Data {
                Problem::new(&problem::UNREADABLE)
                    .detail("A key stands twice, or the nesting is too deep.")
            } else {
                unreadable(error)
            }
        })?;
    deserializer.end().map_err(unreadable)?;
    Ok(value)
}

/// Judges `value` by the schema, and reads it when nothing is wrong. `base` stands before every
/// pointer.
pub(super) fn check<T: DeserializeOwned>(
    value: Value,
    validator: Option<&Validator>,
    base: &str,
) -> Result<T, Problem> {
    let mut errors = Vec::new();
    if let Some(validator) = validator {
        for error in validator.iter_errors(&value) {
            explain(&error, base, &mut errors);
        }
    }
    find_nul(&value, base.to_owned(), &mut errors);
    if !errors.is_empty() {
        errors.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        errors.dedup();
        return Err(Problem::invalid(errors));
    }
    // The types refuse what a schema cannot express, such as the range of an instant.
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = base.to_owned();
        for segment in error.path() {
            pointer.push('/');
            pointer.push_str(&segment.to_string());
        }
        Problem::field(pointer, error.inner().to_string())
    })
}

fn find_nul(value: &Value, pointer: String, errors: &mut Vec<FieldError>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            errors.push(FieldError::new(pointer, "must not contain NUL"));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_nul(item, format!("{pointer}/{index}"), errors);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                find_nul(field, format!("{pointer}/{name}"), errors);
            }
        }
        _ => {}
    }
}

fn explain(error: &jsonschema::ValidationError<'_>, base: &str, errors: &mut Vec<FieldError>) {
    let at = format!("{base}{}", error.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                errors.push(FieldError::new(
                    format!("{at}/{name}"),
                    "is not a field here",
                ));
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            errors.push(FieldError::new(format!("{at}/{name}"), "is required"));
        }
        kind => errors.push(FieldError::new(at, sentence(kind, error.instance()))),
    }
}

fn sentence(kind: &ValidationErrorKind, value: &Value) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Type { kind } => match kind {
            jsonschema::error::TypeKind::Single(one) => format!("must be of type {one}"),
            jsonschema::error::TypeKind::Multiple(many) => {
                let names: Vec<String> = many.iter().map(|one| one.to_string()).collect();
                format!("must be of type {}", names.join(" or "))
            }
        },
        Kind::Enum { options } => format!("must be one of {options}"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::Pattern { pattern } => wording::of_pattern(pattern, value),
        Kind::Format { format } => wording::of_format(format, value),
        Kind::UniqueItems => "must not contain the same item twice".to_owned(),
        _ => "is not of any form this field takes".to_owned(),
    }
}

/// The compiled schema of a body type; made once.
fn validator_of<T: ToSchema + 'static>() -> Option<Arc<Validator>> {
    static COMPILED: OnceLock<RwLock<HashMap<TypeId, Option<Arc<Validator>>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(found) = compiled
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
    {
        return found.clone();
    }
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let schema = serde_json::to_value(T::schema()).unwrap_or(Value::Bool(true));
    let made = compile(schema, parts).map(Arc::new);
    compiled
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, made.clone());
    made
}

/// Compiles a schema together with the named parts it refers to. A schema that does not compile is
/// a fault of ours that the document's own test finds; the types still judge the content then.
pub(super) fn compile(
    schema: Value,
    parts: Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>,
) -> Option<Validator> {
    let mut schema = schema;
    mend(&mut schema);
    let parts: Map<String, Value> = parts
        .into_iter()
        .filter_map(|(name, part)| {
            let mut part = serde_json::to_value(part).ok()?;
            mend(&mut part);
            Some((name, part))
        })
        .collect();
    let whole = serde_json::json!({
        "allOf": [schema],
        "components": { "schemas": parts },
    });
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&whole)
        .map_err(|error| tracing::error!(%error, "a schema does not compile"))
        .ok()
}

/// A description beside a type comes out of the derivation as `allOf` with a second schema that asks
/// for an object. It describes and asks for nothing: its type is taken out.
pub(crate) fn mend(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(mend),
        Value::Object(fields) => {
            if let Some(Value::Array(parts)) = fields.get_mut("allOf") {
                for part in parts.iter_mut().filter_map(Value::as_object_mut) {
                    let says_nothing = part.keys().all(|key| DESCRIBING.contains(&key.as_str()));
                    if says_nothing && part.get("type").is_some_and(|of| of == "object") {
                        part.remove("type");
                    }
                }
            }
            fields.values_mut().for_each(mend);
        }
        _ => {}
    }
}

/// Keywords that say something of a value and ask nothing of it.
const DESCRIBING: [&str; 5] = ["type", "description", "title", "example", "examples"];

/// Reads JSON into a value and refuses what `serde_json::Value` would silently accept: a key that
/// stands twice, and nesting without end.
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= DEEPEST_NESTING {
            return Err(E::custom("too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(self.deeper::<A::Error>()?)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            // How a number that keeps its digits comes through: as a map with one marked entry.
            if name == NUMBER_MARK {
                let digits: String = entries.next_value()?;
                let number = serde_json::from_str(&digits).map_err(A::Error::custom)?;
                return Ok(Value::Number(number));
            }
            let value = entries.next_value_seed(self.deeper::<A::Error>()?)?;
            if fields.insert(name, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(fields))
    }
}

/// The name under which `serde_json` hands on a number with all its digits.
const NUMBER_MARK: &str = "$serde_json::private::Number";
