//! Says once what the document would say many times.
//!
//! Every operation describes itself in full, so that none can forget anything. For clients that is
//! the same text a thousand times over, and a generator would make a thousand types of it. So what
//! stands at several places moves to the components and is named there: problems and the responses
//! that hold them, parameters with their choices, headers, and the rows of lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use heck::ToUpperCamelCase as _;

use super::each_operation;

/// Moves what is said several times into the components.
pub(super) fn share(document: &mut Value) {
    let mut parts = Parts::default();
    for (_, _, operation) in each_operation(document) {
        leave_out_instead_of_null(operation);
        parts.take_problems(operation);
        parts.take_headers(operation);
        parts.take_choices(operation);
    }
    parts.count_parameters(document);
    for (_, _, operation) in each_operation(document) {
        parts.share_responses(operation);
        parts.share_parameters(operation);
    }
    parts.insert(document);
    share_rows(document);
}

/// Content that may be left out is left out; nobody sends `null` for it.
fn leave_out_instead_of_null(operation: &mut Value) {
    let schema = operation.pointer_mut("/requestBody/content/application~1json/schema");
    let Some(schema) = schema else { return };
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let (nulls, contents): (Vec<&Value>, Vec<&Value>) =
        choices.partition(|choice| choice["type"] == "null");
    if let ([_], [content]) = (nulls.as_slice(), contents.as_slice()) {
        *schema = (*content).clone();
    }
}

/// What the components get.
#[derive(Default)]
struct Parts {
    schemas: Map<String, Value>,
    responses: Map<String, Value>,
    headers: Map<String, Value>,
    parameters: Map<String, Value>,
    /// How often each parameter stands in the document.
    seen: BTreeMap<String, usize>,
}

impl Parts {
    /// Each kind of problem becomes a schema of its own, which `type` tells from the others.
    fn take_problems(&mut self, operation: &mut Value) {
        for (_, response) in responses(operation) {
            let Some(content) = response.pointer_mut("/content/application~1problem+json") else {
                continue;
            };
            let Some(kinds) = content
                .pointer_mut("/schema/oneOf")
                .and_then(Value::as_array_mut)
            else {
                continue;
            };
            let mut mapping = Map::new();
            for kind in kinds.iter_mut() {
                let name = text(&kind["title"]);
                let Some(uri) = kind.pointer("/allOf/1/properties/type/enum/0").map(text) else {
                    continue;
                };
                let reference = to_schema(&name);
                mapping.insert(uri, json!(path_of_schema(&name)));
                self.schemas
                    .insert(name, std::mem::replace(kind, reference));
            }
            let schema = match kinds.as_slice() {
                [only] => only.clone(),
                several => json!({
                    "oneOf": several,
                    "discriminator": { "propertyName": "type", "mapping": mapping },
                }),
            };
            content["schema"] = schema;
        }
    }

    fn take_headers(&mut self, operation: &mut Value) {
        for (_, response) in responses(operation) {
            let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) else {
                continue;
            };
            for (name, header) in headers {
                let key = name.replace('-', "");
                let shared = self
                    .headers
                    .entry(key.clone())
                    .or_insert_with(|| header.clone());
                if shared == header {
                    *header = json!({ "$ref": format!("#/components/headers/{key}") });
                }
            }
        }
    }

    /// The choices of a parameter become a schema, named for the operation and the parameter.
    fn take_choices(&mut self, operation: &mut Value) {
        let operation_id = text(&operation["operationId"]);
        for parameter in parameters(operation) {
            let name = text(&parameter["name"]).to_upper_camel_case();
            let schema = &mut parameter["schema"];
            let choices = match schema.pointer("/items/enum") {
                Some(_) => &mut schema["items"],
                None => schema,
            };
            if choices.get("enum").is_none() {
                continue;
            }
            let taken = self.schemas.iter().find(|(_, known)| *known == choices);
            let key = match taken {
                Some((key, _)) => key.clone(),
                None => format!("{name}Of{}", operation_id.to_upper_camel_case()),
            };
            let reference = to_schema(&key);
            self.schemas
                .insert(key, std::mem::replace(choices, reference));
        }
    }

    /// Responses that only refuse are the same wherever the same kinds of problem are possible.
    fn share_responses(&mut self, operation: &mut Value) {
        for (status, response) in responses(operation) {
            if response.get("content").is_none() {
                continue;
            }
            let Some(schema) = response.pointer("/content/application~1problem+json/schema") else {
                continue;
            };
            let kinds = kinds_of(schema);
            let first = kinds.first().cloned().unwrap_or_default();
            let key = match self.responses.get(&first) {
                Some(known) if known != response => kinds.join("Or"),
                _ => first,
            };
            let shared = self
                .responses
                .entry(key.clone())
                .or_insert_with(|| response.clone());
            // An operation that says more of a status than its kinds keeps its own words.
            if shared == response && status.starts_with(['4', '5']) {
                *response = json!({ "$ref": format!("#/components/responses/{key}") });
            }
        }
    }

    fn count_parameters(&mut self, document: &mut Value) {
        for (_, _, operation) in each_operation(document) {
            for parameter in parameters(operation) {
                *self.seen.entry(parameter.to_string()).or_default() += 1;
            }
        }
    }

    fn share_parameters(&mut self, operation: &mut Value) {
        let operation_id = text(&operation["operationId"]);
        for parameter in parameters(operation) {
            if self
                .seen
                .get(&parameter.to_string())
                .is_none_or(|&seen| seen < 2)
            {
                continue;
            }
            let known = self
                .parameters
                .iter()
                .find(|(_, known)| *known == parameter);
            let key = match known {
                Some((key, _)) => key.clone(),
                None => self.name_of(parameter, &operation_id),
            };
            let reference = json!({ "$ref": format!("#/components/parameters/{key}") });
            self.parameters
                .insert(key, std::mem::replace(parameter, reference));
        }
    }

    /// The name of the parameter; with that of its first operation when another one has it.
    fn name_of(&self, parameter: &Value, operation_id: &str) -> String {
        let name = text(&parameter["name"]).to_upper_camel_case();
        if self.parameters.contains_key(&name) {
            format!("{name}Of{}", operation_id.to_upper_camel_case())
        } else {
            name
        }
    }

    fn insert(self, document: &mut Value) {
        for (place, parts) in [
            ("schemas", self.schemas),
            ("responses", self.responses),
            ("headers", self.headers),
            ("parameters", self.parameters),
        ] {
            let components = document["components"].as_object_mut();
            let there = components.map(|all| all.entry(place).or_insert_with(|| json!({})));
            if let Some(there) = there.and_then(Value::as_object_mut) {
                there.extend(parts);
            }
        }
    }
}

/// A page of a list names its rows instead of repeating them.
fn share_rows(document: &mut Value) {
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    let mut renamed = BTreeMap::new();
    let pages: Vec<String> = schemas
        .keys()
        .filter(|name| name.starts_with("Page_"))
        .cloned()
        .collect();
    for page in pages {
        let row = page.trim_start_matches("Page_").to_owned();
        let Some(mut schema) = schemas.remove(&page) else {
            continue;
        };
        if let Some(rows) = schema.pointer_mut("/properties/items/items")
            && rows.get("$ref").is_none()
        {
            let inline = std::mem::replace(rows, to_schema(&row));
            schemas.entry(row.clone()).or_insert(inline);
        }
        let name = format!("{}Page", row.trim_end_matches("Body"));
        renamed.insert(path_of_schema(&page), name.clone());
        schemas.insert(name, schema);
    }
    rename(document, &renamed);
}

/// Points every reference at the new name.
fn rename(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = renamed.get(reference)
            {
                *reference = path_of_schema(name);
            }
            fields.values_mut().for_each(|field| rename(field, renamed));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, renamed)),
        _ => {}
    }
}

/// Says of the schemas that are only answered what holds for every answer: a member that may be
/// null is there all the same, and a decimal is a string. What is sent may leave it out, and may be
/// a number.
pub(super) fn tell_answers_from_requests(document: &mut Value) {
    let mut sent = BTreeSet::new();
    for (_, _, operation) in each_operation(document) {
        collect(&operation["requestBody"], &mut sent);
        collect(&operation["parameters"], &mut sent);
    }
    let shared = document.pointer("/components/parameters");
    collect(shared.unwrap_or(&Value::Null), &mut sent);
    let Some(schemas) = schemas_of(document) else {
        return;
    };
    let mut waiting: Vec<String> = sent.iter().cloned().collect();
    while let Some(name) = waiting.pop() {
        let mut next = BTreeSet::new();
        collect(schemas.get(&name).unwrap_or(&Value::Null), &mut next);
        waiting.extend(next.difference(&sent).cloned().collect::<Vec<_>>());
        sent.extend(next);
    }
    for (name, schema) in schemas.iter_mut() {
        if !sent.contains(name) {
            require_nullable(schema);
            answer_decimals(schema);
        }
    }
    let pattern = r"^-?[0-9]+(\.[0-9]+)?$";
    schemas.insert(
        ANSWERED_DECIMAL.to_owned(),
        json!({
            "type": "string",
            "pattern": pattern,
            "description": "An exact decimal, as it is answered.",
            "examples": ["0.25"],
        }),
    );
}

const ANSWERED_DECIMAL: &str = "AnsweredDecimal";

/// Every schema that is referred to.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref")
                && let Some(name) = reference.strip_prefix("#/components/schemas/")
            {
                names.insert(name.to_owned());
            }
            fields.values().for_each(|field| collect(field, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

fn require_nullable(schema: &mut Value) {
    let Value::Object(fields) = schema else {
        return;
    };
    if let Some(Value::Object(properties)) = fields.get("properties") {
        let nullable = properties.iter().filter(|(_, of)| may_be_null(of));
        let nullable: Vec<Value> = nullable.map(|(name, _)| json!(name)).collect();
        let required = fields.entry("required").or_insert_with(|| json!([]));
        if let Some(required) = required.as_array_mut() {
            for name in nullable {
                if !required.contains(&name) {
                    required.push(name);
                }
            }
        }
        if fields["required"] == json!([]) {
            fields.remove("required");
        }
    }
    for (key, field) in fields {
        match key.as_str() {
            "properties" => {
                let properties = field.as_object_mut().into_iter();
                properties.for_each(|of| of.values_mut().for_each(require_nullable));
            }
            "items" => require_nullable(field),
            "allOf" | "oneOf" | "anyOf" => {
                let parts = field.as_array_mut().into_iter();
                parts.for_each(|parts| parts.iter_mut().for_each(require_nullable));
            }
            _ => {}
        }
    }
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |of: &Value| *of == json!("null");
    match &schema["type"] {
        Value::Array(types) => types.iter().any(is_null),
        of if is_null(of) => true,
        _ => ["oneOf", "anyOf"].iter().any(|key| {
            let choices = schema[*key].as_array();
            choices.is_some_and(|choices| choices.iter().any(may_be_null))
        }),
    }
}

fn answer_decimals(schema: &mut Value) {
    let to = path_of_schema(ANSWERED_DECIMAL);
    match schema {
        Value::Object(fields) => {
            if fields.get("$ref") == Some(&json!("#/components/schemas/Decimal")) {
                fields.insert("$ref".to_owned(), json!(to));
            }
            fields.values_mut().for_each(answer_decimals);
        }
        Value::Array(items) => items.iter_mut().for_each(answer_decimals),
        _ => {}
    }
}

/// The names of the problems that a response may be.
fn kinds_of(schema: &Value) -> Vec<String> {
    let name = |schema: &Value| {
        let reference = text(&schema["$ref"]);
        let name = reference.rsplit('/').next().unwrap_or_default();
        name.trim_end_matches("Problem").to_owned()
    };
    match schema["oneOf"].as_array() {
        Some(kinds) => kinds.iter().map(name).collect(),
        None => vec![name(schema)],
    }
}

fn responses(operation: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let responses = operation["responses"].as_object_mut();
    responses.into_iter().flatten()
}

fn parameters(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let parameters = operation.get_mut("parameters");
    parameters
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn schemas_of(document: &mut Value) -> Option<&mut Map<String, Value>> {
    let schemas = document.pointer_mut("/components/schemas");
    schemas.and_then(Value::as_object_mut)
}

fn path_of_schema(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn to_schema(name: &str) -> Value {
    json!({ "$ref": path_of_schema(name) })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
