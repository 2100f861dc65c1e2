//! Query strings and ids in paths, judged by what the document says of them.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use uuid::Uuid;

use crate::platform::json;
use crate::platform::page::{PageParameters, SortKey, Window};
use crate::platform::problem::{self, FieldError, Problem};

/// The parameters of a query string.
#[derive(Debug)]
pub(crate) struct Query<T>(T);

impl<T> Query<T> {
    /// The parameters themselves.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read::<T>(request.query_string()).map(Self))
    }
}

/// The parameters of a list that comes in pages: those of its own, and those that all such lists
/// have. The document names both: `params(ListFacts, PageParameters)`.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    own: T,
    page: PageParameters,
}

impl<T> Paged<T> {
    /// Reads where the page begins and how many rows it has.
    pub(crate) fn window<K: SortKey>(&self) -> Result<Window<K>, Problem> {
        self.page.window()
    }
}

impl<T> Deref for Paged<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.own
    }
}

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Paged<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_paged(request.query_string()))
    }
}

/// The parameters that a [`Paged`] takes.
struct WithPage<T>(PhantomData<T>);

impl<T: IntoParams> IntoParams for WithPage<T> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = T::into_params(&parameter_in);
        parameters.extend(PageParameters::into_params(parameter_in));
        parameters
    }
}

fn read_paged<T: DeserializeOwned + IntoParams + 'static>(
    query: &str,
) -> Result<Paged<T>, Problem> {
    let expected = expected_of::<WithPage<T>>();
    let mut own: Map<String, Value> = judge(query, &expected)?;
    let page = PageParameters::NAMES.iter();
    let page: Map<String, Value> = page.filter_map(|name| own.remove_entry(*name)).collect();
    Ok(Paged {
        own: json::check(Value::Object(own), None, POINTER)?,
        page: json::check(Value::Object(page), None, POINTER)?,
    })
}

struct Expected {
    integers: Vec<String>,
    booleans: Vec<String>,
    validator: Option<Validator>,
}

fn read<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T, Problem> {
    judge(query, &expected_of::<T>())
}

/// Stands before the name of a parameter in a pointer.
const POINTER: &str = "#/query";

/// Reads the parameters of a query string, judged by what is expected of them.
fn judge<T: DeserializeOwned>(query: &str, expected: &Expected) -> Result<T, Problem> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|_unreadable| {
            Problem::new(&problem::UNREADABLE).detail("The query string cannot be read.")
        })?
        .into_inner();
    let mut fields = Map::new();
    for (name, text) in pairs {
        let value = match (
            expected.integers.contains(&name),
            expected.booleans.contains(&name),
        ) {
            (true, _) => text
                .parse::<i64>()
                .map_or(Value::String(text), |n| Number::from(n).into()),
            (_, true) => text
                .parse::<bool>()
                .map_or(Value::String(text), Value::Bool),
            _ => Value::String(text),
        };
        let pointer = format!("{POINTER}/{name}");
        if fields.insert(name, value).is_some() {
            return Err(Problem::invalid(vec![FieldError::new(
                pointer,
                "is given twice; give it once",
            )]));
        }
    }
    json::check(Value::Object(fields), expected.validator.as_ref(), POINTER)
}

fn expected_of<T: IntoParams + 'static>() -> Arc<Expected> {
    static COMPILED: OnceLock<RwLock<HashMap<TypeId, Arc<Expected>>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(found) = compiled
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
    {
        return Arc::clone(found);
    }
    let made = Arc::new(expect::<T>());
    compiled
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&made));
    made
}

fn expect<T: IntoParams>() -> Expected {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut integers = Vec::new();
    let mut booleans = Vec::new();
    for parameter in T::into_params(|| Some(ParameterIn::Query)) {
        let schema = serde_json::to_value(&parameter.schema).unwrap_or(Value::Bool(true));
        let is = |kind: &str| {
            schema.get("type").is_some_and(|of| {
                of == kind
                    || of
                        .as_array()
                        .is_some_and(|kinds| kinds.iter().any(|k| k == kind))
            })
        };
        if is("integer") {
            integers.push(parameter.name.clone());
        }
        if is("boolean") {
            booleans.push(parameter.name.clone());
        }
        if matches!(parameter.required, utoipa::openapi::Required::True) {
            required.push(Value::String(parameter.name.clone()));
        }
        // A schema that is only referred to is not here. Such a value is judged when it is read.
        let stands_alone = !schema.to_string().contains("$ref");
        properties.insert(
            parameter.name,
            if stands_alone { schema } else { true.into() },
        );
    }
    let schema = serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    Expected {
        integers,
        booleans,
        validator: json::compile(schema, Vec::new()),
    }
}

/// The id in a path. One that is no UUID names nothing, as one that is not there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathId<T>(pub(crate) T);

impl<T: From<Uuid>> FromRequest for PathId<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request
            .match_info()
            .iter()
            .last()
            .and_then(|(_, text)| parse_id(text));
        ready(
            id.map(|id| Self(id.into()))
                .ok_or_else(|| Problem::new(&problem::NOT_FOUND)),
        )
    }
}

/// The two ids in the path of a thing that is found under another, the outer one first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathIds<Outer, Inner>(pub(crate) Outer, pub(crate) Inner);

impl<Outer: From<Uuid>, Inner: From<Uuid>> FromRequest for PathIds<Outer, Inner> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut ids = request.match_info().iter().map(|(_, text)| parse_id(text));
        let (outer, inner) = (ids.next().flatten(), ids.next().flatten());
        let both = outer
            .zip(inner)
            .map(|(outer, inner)| Self(outer.into(), inner.into()));
        ready(both.ok_or_else(|| Problem::new(&problem::NOT_FOUND)))
    }
}

/// Only the hyphenated form: the others would be second names of one thing.
pub(crate) fn parse_id(text: &str) -> Option<Uuid> {
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}
