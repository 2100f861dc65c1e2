//! The document: what the features say of their operations, joined and completed.
//!
//! Every operation gets the problems that follow from what it has: a body can be unreadable, an id
//! can name nothing, a version can be stale. So an operation itself documents only what is its own,
//! and no common refusal can be forgotten.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, Header, InfoBuilder, LicenseBuilder, OpenApi,
    OpenApiBuilder, PathItem, RefOr, Response, ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use crate::platform::operations::Operations;
use crate::platform::problem::{self, FieldError, ProblemBody, ProblemType, documented};
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

/// The whole document.
pub(crate) fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Tautband")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Books appointments and records trigger-point injections for headache and pain clinics.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("Tautband contributors")).build()))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
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
    merge(&mut operation.responses.responses, &types);
    for (status, response) in &mut operation.responses.responses {
        add_headers(status, response);
    }
}

fn is_empty(requirement: &SecurityRequirement) -> bool {
    serde_json::to_value(requirement).is_ok_and(|value| value == serde_json::json!({}))
}

/// Adds problem types to what an operation documents itself.
fn merge(responses: &mut BTreeMap<String, RefOr<Response>>, types: &[&'static ProblemType]) {
    let mut by_status: BTreeMap<String, Vec<&'static ProblemType>> = BTreeMap::new();
    for of in types {
        let types = by_status.entry(of.status.to_string()).or_default();
        if !types.contains(of) {
            types.push(of);
        }
    }
    for (status, types) in by_status {
        match responses.get_mut(&status) {
            None => responses.extend(documented(&types)),
            Some(RefOr::T(response)) => widen(response, &types),
            Some(RefOr::Ref(_)) => {}
        }
    }
}

/// Adds problem types to a documented status that has some already.
fn widen(response: &mut Response, types: &[&'static ProblemType]) {
    let own = serde_json::to_value(&*response).unwrap_or_default();
    let known: Vec<String> = own
        .pointer("/content/application~1problem+json/schema/allOf/1/properties/type/enum")
        .and_then(|kinds| serde_json::from_value(kinds.clone()).ok())
        .unwrap_or_default();
    let all = types
        .iter()
        .map(|of| of.uri())
        .filter(|uri| !known.contains(uri));
    let kinds: Vec<String> = known.iter().cloned().chain(all).collect();
    let titles = types
        .iter()
        .map(|of| format!("`{}`: {}.", of.uri(), of.title));
    let titles: Vec<String> = titles
        .filter(|title| !response.description.contains(title))
        .collect();
    response.description = format!("{} {}", response.description, titles.join(" "));
    let mut changed = serde_json::to_value(&*response).unwrap_or_default();
    if let Some(place) = changed
        .pointer_mut("/content/application~1problem+json/schema/allOf/1/properties/type/enum")
    {
        *place = serde_json::json!(kinds);
    }
    if let Ok(changed) = serde_json::from_value(changed) {
        *response = changed;
    }
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
            let etag = text().pattern(Some("^(\"v[0-9]+\"|W/\"[0-9a-f]{16}\")$"));
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
