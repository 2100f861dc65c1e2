//! Holds every answer to the document: its status, its media type and the shape of its body.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

struct Contract {
    document: Value,
    /// By operation, status and media type. Compiled when it is first met: all of them at once take
    /// longer than a connection is kept open.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| Contract {
        document: serde_json::from_str(&tautband::application::document().unwrap()).unwrap(),
        validators: Mutex::default(),
    })
}

impl Contract {
    fn validator(&self, key: &str, schema: &Value) -> Arc<Validator> {
        if let Some(known) = self.validators.lock().unwrap().get(key) {
            return Arc::clone(known);
        }
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&whole)
            .unwrap_or_else(|error| panic!("{key}: {error}"));
        let validator = Arc::new(validator);
        let mut validators = self.validators.lock().unwrap();
        validators.insert(key.to_owned(), Arc::clone(&validator));
        validator
    }
}

/// Every operation of the document: method in lower case, path, operation.
pub fn operations() -> Vec<(String, String, &'static Value)> {
    let paths = contract().document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (method.clone(), path.clone(), operation))
    });
    each.collect()
}

/// The document itself.
pub fn document() -> &'static Value {
    &contract().document
}

fn template_of(path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').collect();
    let paths = contract().document["paths"].as_object().unwrap();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        let same = |(part, segment): (&&str, &&str)| part.starts_with('{') || part == segment;
        parts.len() == segments.len() && parts.iter().zip(&segments).all(same)
    };
    let mut fitting: Vec<&String> = paths.keys().filter(|template| fits(template)).collect();
    fitting.sort_by_key(|template| template.matches('{').count());
    fitting.first().map(|template| template.as_str())
}

/// What a reference names, or the value itself.
fn resolve(value: &'static Value) -> &'static Value {
    let reference = value["$ref"].as_str();
    let named = reference.and_then(|reference| document().pointer(reference.strip_prefix('#')?));
    named.unwrap_or(value)
}

/// Fails the test when the document does not allow this answer.
pub fn check(method: &str, path: &str, status: u16, media: &str, body: &Value) {
    let path = path.split('?').next().unwrap_or_default();
    if !path.starts_with("/api/v1/") || path.ends_with("/openapi.json") {
        return;
    }
    assert!(status != 500, "500 from {method} {path}: {body}");
    let Some(template) = template_of(path) else {
        assert_eq!(status, 404, "an undocumented path answers: {method} {path}");
        return;
    };
    let method = method.to_lowercase();
    let operation = &contract().document["paths"][template][&method];
    if operation.is_null() {
        assert_eq!(
            status, 405,
            "an undocumented method answers: {method} {path}"
        );
        return;
    }
    let documented = resolve(&operation["responses"][status.to_string()]);
    assert!(
        !documented.is_null(),
        "{method} {template} does not document {status}: {body}"
    );
    let media = media.split(';').next().unwrap_or_default().trim();
    if documented["content"].is_null() {
        return;
    }
    assert!(
        !documented["content"][media].is_null(),
        "{method} {template} {status} does not document {media}"
    );
    let schema = &documented["content"][media]["schema"];
    if media.ends_with("json") && !schema.is_null() {
        let key = format!("{method} {template} {status} {media}");
        let validator = contract().validator(&key, schema);
        let faults: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            faults.is_empty(),
            "{method} {template} {status}: {faults:#?} in {body:#}"
        );
    }
}
