//! Leads from what was created to what can be done with it.
//!
//! A link says that the `id` of an answer goes into the path of another operation. It follows from
//! the paths: what is created at `/holds` is read at `/holds/{hold_id}`, and what is done with it is
//! one step below.

use serde_json::{Map, Value, json};

use super::each_operation;

/// Adds the links of every operation that creates something.
pub(super) fn add_links(document: &mut Value) {
    let targets: Vec<(String, String)> = each_operation(document)
        .map(|(path, _, operation)| (path.to_owned(), operation["operationId"].clone()))
        .filter_map(|(path, id)| Some((path, id.as_str()?.to_owned())))
        .collect();
    for (path, method, operation) in each_operation(document) {
        let created = operation.pointer_mut("/responses/201");
        let Some(created) = created.filter(|_| method == "post") else {
            continue;
        };
        let links: Map<String, Value> = targets
            .iter()
            .filter_map(|(target, id)| Some((id.clone(), link(path, target, id)?)))
            .collect();
        if !links.is_empty() {
            created["links"] = Value::Object(links);
        }
    }
}

/// The link from where something is created to an operation on it.
fn link(created_at: &str, target: &str, operation_id: &str) -> Option<Value> {
    let below = target.strip_prefix(created_at)?.strip_prefix("/{")?;
    let (own, rest) = below.split_once('}')?;
    if rest.contains('{') {
        return None;
    }
    let mut parameters = Map::new();
    for outer in created_at
        .split('/')
        .filter_map(|part| part.strip_prefix('{'))
    {
        let outer = outer.trim_end_matches('}');
        parameters.insert(outer.to_owned(), json!(format!("$request.path.{outer}")));
    }
    parameters.insert(own.to_owned(), json!("$response.body#/id"));
    Some(json!({ "operationId": operation_id, "parameters": parameters }))
}
