//! The document: what the features say of their operations, joined and completed.
//!
//! Every operation gets the problems that follow from what it has: a body can be unreadable, an id
//! can name nothing, a version can be stale. So an operation itself documents only what is its own,
//! and no common refusal can be forgotten. [`share`] then says once what would stand there many times,
//! [`links`] leads from what was created to what can be done with it.

mod links;
mod share;

use serde_json::Value;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, Header, InfoBuilder, LicenseBuilder, OpenApi,
    OpenApiBuilder, PathItem, RefOr, Response, ResponseBuilder, SecurityRequirement, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::platform::json;
use crate::platform::operations::Operations;
use crate::platform::problem::{self, FieldError, ProblemBody, ProblemType};
use crate::{
    adverse_events, calendar_feeds, care, findings, identity, outside_doses, patients, practice,
    procedures, record, rule_sets, scheduling, stock, visits, waitlist,
};

/// Adds the operations of all features that are not below `/api/v1`.
pub(crate) fn configure_root(services: &mut Operations<'_>) {
    identity::configure_root(services);
    calendar_feeds::configure_root(services);
}

/// Adds the operations of all features below `/api/v1`.
pub(crate) fn configure(services: &mut Operations<'_>) {
    identity::configure(services);
    practice::configure(services);
    patients::configure(services);
    scheduling::configure(services);
    waitlist::configure(services);
    visits::configure(services);
    findings::configure(services);
    rule_sets::configure(services);
    outside_doses::configure(services);
    stock::configure(services);
    procedures::configure(services);
    adverse_events::configure(services);
    care::configure(services);
    record::configure(services);
    calendar_feeds::configure(services);
}

/// What holds for every operation.
const CONVENTIONS: &str = "\
Books appointments and records trigger-point injections for headache and pain clinics.

**Signing in.** `POST /api/v1/auth/login` answers an access token; send it as `Authorization: Bearer …`. It is for one
person in one practice and lives for minutes; `POST /api/v1/auth/refresh` answers the next one.

**Programs** send the key of a service account in the same place: `Authorization: Bearer tautband_…`. It opens the operations
whose `x-scope` an admin gave it, and those without one are for people alone. `On-Behalf-Of: <id of a user>` says for whom it
acts; then it may do what both may, and the audit trail names both. Its requests are counted by the address they come from.

**Values.** Ids are UUIDs. Instants are RFC 3339 with an offset; what stands on a calendar is answered in the zone of its
location, with `time_zone` beside it. Doses and volumes are exact decimals: answered as strings, accepted as strings or
numbers. The unit is in the name of the field or in `unit` beside it.

**Lists** answer `items` and `next_cursor`. Send it as `cursor` for the next page; null means that there is none.

**Versions.** One record is answered with an `ETag`. A change of it takes that tag in `If-Match`: 428 without one, 412
when somebody else changed it meanwhile. `If-None-Match` answers 304 when nothing has changed.

**Retries.** `Idempotency-Key` makes a POST safe to send again: the same key with the same content replays the first answer
for 24 hours.

**Refusals** are problems (RFC 9457). `type` names the kind, `errors` points at every faulty field, `instance` is the id of
the request. 404 is the answer for what is missing and for what the caller may not know of alike.";

/// The groups of operations, in the order of a day at a clinic.
const TAGS: [(&str, &str); 13] = [
    (
        "signing in",
        "Sessions, passwords, second factors, and who one is.",
    ),
    (
        "scheduling",
        "Free times, appointments and what happens to them, the day board, series and the waitlist.",
    ),
    (
        "patients",
        "Who a patient is, what is known of their health, who looks after them, and who read their record.",
    ),
    ("visits", "The notes of a visit, its vitals, and its seal."),
    (
        "findings",
        "Muscles, body charts, and what was felt at each trigger point.",
    ),
    (
        "procedures",
        "Injections from consent to discharge: doses, checks, rules and adverse events.",
    ),
    (
        "lots",
        "What is in stock, from which lot, and who was given what is recalled.",
    ),
    (
        "care",
        "Treatment plans, follow-ups, diaries, scores and outcomes.",
    ),
    (
        "practice",
        "Locations, rooms, providers, their hours, and types of appointment.",
    ),
    ("users", "Who works here, and in which role."),
    (
        "service accounts",
        "Programs that work here, what they may do, and their keys.",
    ),
    (
        "calendar feeds",
        "Secret addresses at which a calendar program reads appointments.",
    ),
    (
        "around it",
        "Whether the service is well, and the keys of its tokens.",
    ),
];

/// The whole document, as clients get it.
pub(crate) fn document() -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(described())?;
    json::mend(&mut document);
    share::share(&mut document);
    share::tell_answers_from_requests(&mut document);
    links::add_links(&mut document);
    for (_, _, operation) in each_operation(&mut document) {
        let scope = operation["operationId"].as_str().and_then(scope_of);
        if let Some(scope) = scope {
            operation["x-scope"] = scope.into();
        }
        // A generator shows the description where a reader expects a sentence.
        if operation.get("description").is_none() {
            operation["description"] = operation["summary"].clone();
        }
    }
    Ok(document)
}

/// The scope that each operation asks of a service account; those for people alone have none. The scope follows from
/// the action of the operation, which nothing but its handler knows; `tests/api/service_accounts.rs` asks all of them
/// and holds this list to what they answer.
const SCOPES: &str = include_str!("scopes.txt");

fn scope_of(operation_id: &str) -> Option<&'static str> {
    let lines = SCOPES.lines().filter_map(|line| line.split_once(' '));
    let mut found = lines.filter(|(name, _)| *name == operation_id);
    found.next().map(|(_, scope)| scope)
}

/// What the features say, completed.
fn described() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Tautband")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(CONVENTIONS))
        .contact(Some(
            ContactBuilder::new()
                .name(Some("Tautband contributors"))
                .build(),
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT or Apache 2.0")
                .identifier(Some("MIT OR Apache-2.0"))
                .build(),
        ))
        .build();
    let components = ComponentsBuilder::new()
        .schema("Problem", ProblemBody::schema())
        .schema(FieldError::name(), FieldError::schema())
        .security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .build(),
            ),
        )
        .build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The service that answers this document."))
            .build()]))
        .tags(Some(TAGS.map(|(name, about)| {
            TagBuilder::new()
                .name(name)
                .description(Some(about))
                .build()
        })))
        .components(Some(components))
        .security(Some([SecurityRequirement::new(
            "bearer",
            Vec::<String>::new(),
        )]))
        .build();
    let mut described = Operations::to_describe(&mut document);
    configure(&mut described);
    configure_root(&mut described);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete(path, operation);
        }
        if let Some(get) = &mut item.get
            && get.responses.responses.get("200").is_some_and(carries_etag)
        {
            let unchanged = ResponseBuilder::new()
                .description("Nothing has changed since.")
                .build();
            get.responses
                .responses
                .insert("304".to_owned(), RefOr::T(unchanged));
        }
    }
    document
}

/// The path and method of every operation.
pub(crate) fn list() -> Vec<(String, &'static str)> {
    let mut list = Vec::new();
    let mut listed = Operations::to_list(&mut list);
    configure(&mut listed);
    configure_root(&mut listed);
    list
}

/// Every operation of the document with its path and its method in lower case.
fn each_operation(document: &mut Value) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object_mut().into_iter().flatten();
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

/// Adds what follows from the parameters and body of an operation.
fn complete(path: &str, operation: &mut Operation) {
    let mut types: Vec<&'static ProblemType> = vec![&problem::TOO_MANY, &problem::BUSY];
    let is_public = operation
        .security
        .as_ref()
        .is_some_and(|security| security.iter().all(is_empty));
    if is_public {
        operation.security = Some(Vec::new());
    } else {
        types.extend([
            &problem::NOT_SIGNED_IN,
            &problem::NOT_ALLOWED,
            &problem::SCOPE_REQUIRED,
            &problem::SECOND_FACTOR_REQUIRED,
            &problem::STEP_UP_REQUIRED,
        ]);
    }
    if path.contains('{') {
        types.push(&problem::NOT_FOUND);
    }
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else {
            continue;
        };
        match (&parameter.parameter_in, parameter.name.as_str()) {
            (ParameterIn::Query, _) => types.extend([&problem::UNREADABLE, &problem::INVALID]),
            (ParameterIn::Header, "If-Match") => {
                types.extend([&problem::VERSION_REQUIRED, &problem::STALE]);
            }
            (ParameterIn::Header, "Idempotency-Key") => {
                types.extend([
                    &problem::IN_PROGRESS,
                    &problem::KEY_REUSED,
                    &problem::INVALID,
                ]);
            }
            _ => {}
        }
    }
    if operation.request_body.is_some() {
        types.extend([
            &problem::UNREADABLE,
            &problem::TOO_LARGE,
            &problem::UNSUPPORTED_MEDIA,
            &problem::INVALID,
        ]);
    }
    problem::document(&mut operation.responses.responses, &types);
    for (status, response) in &mut operation.responses.responses {
        add_headers(status, response);
    }
}

fn is_empty(requirement: &SecurityRequirement) -> bool {
    serde_json::to_value(requirement).is_ok_and(|value| value == serde_json::json!({}))
}

fn add_headers(status: &str, response: &mut RefOr<Response>) {
    let has_version = carries_etag(response);
    let RefOr::T(response) = response else { return };
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let number = || {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
    };
    let header = |schema: ObjectBuilder, description: &str| {
        let mut header = Header::new(schema);
        header.description = Some(description.to_owned());
        RefOr::T(header)
    };
    match status {
        "200" | "201" if has_version => {
            let etag = text().pattern(Some("^(\"v[0-9]+(-(br|gzip|zstd))?\"|W/\"[0-9a-f]{16}\")$"));
            response.headers.insert(
                "ETag".to_owned(),
                header(
                    etag,
                    "Version of what the body shows; weak where it is put together of many records.",
                ),
            );
        }
        "401" => {
            response.headers.insert(
                "WWW-Authenticate".to_owned(),
                header(text(), "How to sign in."),
            );
        }
        "429" | "503" => {
            response.headers.insert(
                "Retry-After".to_owned(),
                header(number(), "Seconds to wait."),
            );
        }
        _ => {}
    }
    if status == "201" {
        response.headers.insert(
            "Location".to_owned(),
            header(text(), "Where it can be read from now on."),
        );
    }
}

/// Whether a response shows one record with a version.
fn carries_etag(response: &RefOr<Response>) -> bool {
    let value = serde_json::to_value(response).unwrap_or_default();
    value
        .pointer("/content/application~1json/schema/$ref")
        .and_then(serde_json::Value::as_str)
        .is_some_and(|reference| !reference.contains("Page_") && !reference.contains("Tokens"))
}
