//! Holds every answer to the document: its status, its media type and the shape of its body.

use std::collections::HashMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Value, json};

struct Contract {
    document: Value,
    validators: HashMap<String, Validator>,
}

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let document: Value =
            serde_json::from_str(&tautband::application::document().unwrap()).unwrap();
        let mut validators = HashMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let Some(responses) = operation["responses"].as_object() else {
                    continue;
                };
                for (status, response) in responses {
                    let Some(content) = response["content"].as_object() else {
                        continue;
                    };
                    for (media, body) in content {
                        if !media.ends_with("json") {
                            continue;
                        }
                        let schema = json!({
                            "allOf": [body["schema"]],
                            "components": document["components"],
                        });
                        let validator = jsonschema::options()
                            .with_draft(jsonschema::Draft::Draft202012)
                            .should_validate_formats(true)
                            .build(&schema)
                            .unwrap_or_else(|error| panic!("{method} {path} {status}: {error}"));
                        validators.insert(format!("{method} {path} {status} {media}"), validator);
                    }
                }
            }
        }
        Contract {
            document,
            validators,
        }
    })
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
    let documented = &operation["responses"][status.to_string()];
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
    if let Some(validator) = contract()
        .validators
        .get(&format!("{method} {template} {status} {media}"))
    {
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
