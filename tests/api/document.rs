//! The document as those read it who generate clients from it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::contract::{document, operations};
use crate::harness::*;

#[test]
fn every_reference_names_something_and_everything_is_named_by_a_reference() {
    fn collect(value: &Value, references: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    references.insert(reference.clone());
                }
                fields.values().for_each(|field| collect(field, references));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
            _ => {}
        }
    }
    let mut references = BTreeSet::new();
    collect(document(), &mut references);
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document().pointer(pointer).is_some(), "{reference}");
    }
    let components = document()["components"].as_object().unwrap();
    let named = components
        .iter()
        .filter(|(kind, _)| *kind != "securitySchemes");
    for (kind, parts) in named {
        for name in parts.as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "nothing uses {reference}");
        }
    }
}

#[test]
fn each_kind_of_problem_is_one_schema_and_responses_name_them() {
    for (method, path, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let schema = response.pointer("/content/application~1problem+json/schema");
            let Some(schema) = schema else { continue };
            let kinds = schema["oneOf"].as_array().cloned();
            for kind in kinds.unwrap_or_else(|| vec![schema.clone()]) {
                let reference = kind["$ref"].as_str().unwrap_or_default();
                assert!(
                    reference.ends_with("Problem"),
                    "{method} {path} {status}: {kind}"
                );
            }
        }
    }
    let taken = &document()["components"]["schemas"]["SlotTakenProblem"]["allOf"][1];
    assert_eq!(taken["properties"]["taken"]["items"]["type"], "string");
    let conflict = &taken["properties"]["conflicts"]["items"]["required"];
    assert!(conflict.as_array().unwrap().contains(&json!("starts_at")));
}

#[test]
fn an_answer_has_every_field_and_a_decimal_is_sent_as_a_number_or_a_string() {
    let schemas = &document()["components"]["schemas"];
    let patient = &schemas["PatientBody"];
    // Only archiving and a death answer what was open.
    let fields = patient["properties"].as_object().unwrap().keys();
    let always: BTreeSet<&str> = fields
        .map(String::as_str)
        .filter(|field| *field != "open_items")
        .collect();
    let required = patient["required"].as_array().unwrap().iter();
    let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
    assert_eq!(required, always);
    let weight = patient["properties"]["weight_kg"].to_string();
    assert!(weight.contains("AnsweredDecimal"), "{weight}");
    let sent = schemas["RegisterPatientBody"]["properties"]["weight_kg"].to_string();
    assert!(sent.contains("schemas/Decimal"), "{sent}");
}

#[test]
fn every_group_of_operations_is_described_in_the_order_of_a_day() {
    let described: Vec<&str> = document()["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    for (method, path, operation) in operations() {
        let tag = operation["tags"][0].as_str().unwrap();
        assert!(described.contains(&tag), "{method} {path}: {tag}");
    }
    assert_eq!(described[..2], ["signing in", "scheduling"]);
}

#[test]
fn what_is_created_leads_to_what_can_be_done_with_it() {
    let links = operations().into_iter().flat_map(|(_, _, operation)| {
        let links = operation.pointer("/responses/201/links");
        links.and_then(Value::as_object).into_iter().flatten()
    });
    let operation_ids: BTreeSet<String> = operations()
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let mut followed = 0;
    for (name, link) in links {
        assert!(operation_ids.contains(name));
        assert!(
            link["parameters"]
                .to_string()
                .contains("$response.body#/id")
        );
        followed += 1;
    }
    assert!(followed >= 100, "{followed} links");
    let booked = &document()["paths"]["/api/v1/appointments"]["post"]["responses"]["201"];
    assert_eq!(
        booked["links"]["checkInAppointment"]["parameters"],
        json!({ "appointment_id": "$response.body#/id" })
    );
}

#[tokio::test]
async fn the_document_is_small_and_sent_again_only_when_it_has_changed() {
    let clinic = Clinic::open().await;
    let anonymous = clinic.anonymous();
    let served = anonymous.get("/openapi.json").await;
    assert!(served.text.len() < 700_000, "{} bytes", served.text.len());
    let etag = served.header("etag");
    assert_eq!(served.header("cache-control"), "public, no-cache");
    let known = [("if-none-match", etag.as_str())];
    let again = anonymous
        .send(Method::GET, "/openapi.json", &known, None)
        .await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}
