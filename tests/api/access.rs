//! Who gets what answer: every operation of the document, asked by everybody. The table stands in
//! `snapshots/`, so that a new route, or another answer, is seen and judged before it lands.

use std::collections::BTreeMap;
use std::fmt::Write;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::harness::*;

/// Who asks, from the least to the most, so that a refusal is tried before the deed.
const COLUMNS: [&str; 9] = [
    "nobody",
    "other practice",
    "other patient",
    "auditor",
    "patient",
    "assistant",
    "provider",
    "front desk",
    "admin",
];

/// The only doors that open without a token.
const PUBLIC: [&str; 6] = [
    "GET /.well-known/jwks.json",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
];

struct Story<'a> {
    clinic: &'a Clinic,
    document: Value,
    /// What stands for each path parameter: records of Riverside, Ana's where they are somebody's.
    ids: BTreeMap<String, String>,
}

/// An operation of the document.
struct Operation {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn parameters(path: &str) -> Vec<String> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(ToOwned::to_owned)
        .collect()
}

impl Story<'_> {
    fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let Ok(method) = method.to_uppercase().parse::<Method>() else {
                    continue;
                };
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                operations.push(Operation {
                    body: (!schema.is_null()).then(|| self.body(&method, path, schema)),
                    method,
                    path: path.clone(),
                });
            }
        }
        operations
    }

    /// Content that the operation takes from whoever may send it.
    fn body(&self, method: &Method, path: &str, schema: &Value) -> Value {
        let mut body = self.example(schema, "");
        let own = match (method.as_str(), path.trim_start_matches("/api/v1")) {
            ("POST", "/appointments") => json!({ "appointment_type_id": TPI }),
            ("POST", "/appointment-series") => {
                json!({ "first_starts_at": "2026-03-05T10:00:00-05:00" })
            }
            ("POST", "/visits") => {
                json!({ "patient_id": ANA, "provider_id": ADA, "location_id": MAIN_STREET })
            }
            ("POST", "/patients/{patient_id}/diary") => json!({ "entry_date": "2026-03-02" }),
            ("POST", "/patients/{patient_id}/conditions") => json!({ "code": "G43.709" }),
            ("POST", "/patients/{patient_id}/assessments") => {
                json!({ "instrument": "nrs", "score": 4 })
            }
            ("POST", "/visits/{visit_id}/trigger-points") => json!({
                "muscle_code": "temporalis", "side": "left", "view": "HN_LAT_L", "x": "0.45",
                "y": "0.25",
            }),
            ("POST", "/procedures/{procedure_id}/injections") => json!({
                "muscle_code": "temporalis", "side": "left", "view": "HN_LAT_L", "x": "0.45",
                "y": "0.25", "needle_gauge": 30, "needle_length_mm": 13,
            }),
            ("POST", "/auth/login") => {
                json!({ "email": "ana@riverside.example", "password": "not hers at all" })
            }
            _ => json!({}),
        };
        if let (Some(body), Value::Object(own)) = (body.as_object_mut(), own) {
            body.extend(own);
        }
        body
    }

    /// The least that a schema takes, with the story's own records where a field names one.
    fn example(&self, schema: &Value, name: &str) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let referred = self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap();
            return self.example(referred, name);
        }
        for key in ["const", "default", "example"] {
            if !schema[key].is_null() {
                return schema[key].clone();
            }
        }
        if let Some(first) = schema["examples"].get(0).or(schema["enum"].get(0)) {
            return first.clone();
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(choices) = schema[key].as_array() {
                let first = choices.iter().find(|choice| choice["type"] != "null");
                return self.example(first.unwrap(), name);
            }
        }
        let kind = schema["type"].as_str().or_else(|| {
            let kinds = schema["type"].as_array()?;
            kinds
                .iter()
                .filter_map(Value::as_str)
                .find(|kind| *kind != "null")
        });
        match kind {
            Some("object") | None => {
                let mut object = Map::new();
                for required in schema["required"].as_array().into_iter().flatten() {
                    let required = required.as_str().unwrap();
                    let value = self.example(&schema["properties"][required], required);
                    object.insert(required.to_owned(), value);
                }
                Value::Object(object)
            }
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                let item = || self.example(&schema["items"], name);
                Value::Array((0..least).map(|_| item()).collect())
            }
            Some("string") => self.text(schema, name),
            Some("boolean") => json!(true),
            _ => schema.get("minimum").cloned().unwrap_or(json!(1)),
        }
    }

    fn text(&self, schema: &Value, name: &str) -> Value {
        if let Some(id) = self.ids.get(name) {
            return json!(id);
        }
        let by_name = match name {
            "starts_at" | "first_starts_at" | "due_from" | "earliest" => {
                "2026-03-03T10:00:00-05:00"
            }
            "ends_at" | "due_by" | "latest" => "2026-03-03T12:00:00-05:00",
            "indication_codes" => "M79.18",
            "time_zone" => "America/New_York",
            "volume_ml" => "1",
            "lot_id" => LIDOCAINE,
            "drug_code" => "lidocaine",
            "therapy_code" => "massage_deep_tissue",
            "password" | "new_password" => "nine slow cedar boats",
            "current_password" => PASSWORD,
            "expires_on" | "valid_until" => "2027-01-31",
            _ => match schema["format"].as_str() {
                Some("uuid") => ANA,
                Some("date") => "2026-03-02",
                Some("date-time") => "2026-03-02T10:00:00-05:00",
                Some("email") => "someone@riverside.example",
                _ if schema["pattern"]
                    .as_str()
                    .is_some_and(|it| it.contains("[0-9]")) =>
                {
                    "1"
                }
                _ => "Something in words",
            },
        };
        json!(by_name)
    }

    fn path(&self, path: &str) -> String {
        parameters(path).iter().fold(path.to_owned(), |path, name| {
            let id = self.ids.get(name);
            let id = id.unwrap_or_else(|| panic!("nothing stands for {name} of {path}"));
            path.replace(&format!("{{{name}}}"), id)
        })
    }

    async fn ask(&self, who: &Client, operation: &Operation) -> Reply {
        let path = format!("/{}", self.path(&operation.path));
        let mut headers = vec![("if-match", "*")];
        if operation.body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = operation
            .body
            .as_ref()
            .map(|body| body.to_string().into_bytes());
        let body = if operation.method == Method::GET {
            None
        } else {
            body
        };
        who.send(operation.method.clone(), &path, &headers, body)
            .await
    }

    /// Makes one record of a collection, by whoever may, and lets it stand for the parameter.
    async fn make(&mut self, name: &str, collection: &str) {
        let operations = self.operations();
        let creates = operations
            .iter()
            .find(|one| one.method == Method::POST && one.path == collection)
            .unwrap_or_else(|| panic!("nothing makes what {name} names"));
        let makers = [
            self.clinic.provider().await,
            self.clinic.admin().await,
            self.clinic.front_desk().await,
        ];
        let mut answers = Vec::new();
        for maker in &makers {
            let reply = self.ask(maker, creates).await;
            if reply.status == 201 {
                let id = reply.body["id"].as_str().unwrap().to_owned();
                self.ids.insert(name.to_owned(), id);
                return;
            }
            answers.push(reply.body);
        }
        panic!("nobody could make what {name} names: {answers:?}");
    }

    /// Everything a path names: what tests' clinics have, and one new record of every other kind.
    async fn fill(&mut self) {
        for (name, id) in [
            ("patient_id", ANA),
            ("provider_id", ADA),
            ("location_id", MAIN_STREET),
            ("room_id", ROOM_ONE),
            ("appointment_type_id", FOLLOW_UP),
            ("drug_code", "lidocaine"),
            ("entry_date", "2026-03-02"),
        ] {
            self.ids.insert(name.to_owned(), id.to_owned());
        }
        let ada = self.clinic.provider().await;
        let sets = ada.get("/rule-sets").await.ok();
        let version = sets["items"][0]["version"].as_str().unwrap().to_owned();
        self.ids.insert("rule_version".to_owned(), version);
        let sessions = self.clinic.patient().await.get("/auth/sessions").await.ok();
        let session = sessions["items"][0]["id"].as_str().unwrap().to_owned();
        self.ids.insert("session_id".to_owned(), session);

        let paths: Vec<String> = self.operations().into_iter().map(|one| one.path).collect();
        // A record stands under its collection: `/visits/{visit_id}` under `/visits`. Parents first.
        let mut wanted: Vec<(String, String)> = Vec::new();
        for path in &paths {
            for name in parameters(path) {
                let end = path.find(&format!("/{{{name}}}")).unwrap();
                let collection = path.get(..end).unwrap().to_owned();
                let depth = |path: &str| path.matches('/').count();
                match wanted.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, other)) if depth(other) < depth(&collection) => *other = collection,
                    Some(_) => {}
                    None => wanted.push((name, collection)),
                }
            }
        }
        for (name, collection) in self.in_order(wanted, &paths) {
            self.make(&name, &collection).await;
        }
    }

    fn in_order(&self, wanted: Vec<(String, String)>, paths: &[String]) -> Vec<(String, String)> {
        let mut wanted: Vec<_> = wanted
            .into_iter()
            .filter(|(name, _)| !self.ids.contains_key(name))
            .map(|(name, collection)| (collection_of(&name, &collection, paths), name))
            .collect();
        wanted.sort_by_key(|(collection, name)| (parameters(collection).len(), name.clone()));
        wanted.sort_by_key(|(collection, _)| {
            let needs = parameters(collection);
            needs
                .iter()
                .filter(|one| !self.ids.contains_key(*one))
                .count()
        });
        wanted
            .into_iter()
            .map(|(collection, name)| (name, collection))
            .collect()
    }
}

/// Where a record is made: in its own collection, or, where that takes no POST, in the one of the
/// same name below another record.
fn collection_of(name: &str, collection: &str, paths: &[String]) -> String {
    let own = match name {
        "procedure_id" => "/api/v1/visits/{visit_id}/procedures",
        "palpation_id" => "/api/v1/visits/{visit_id}/trigger-points",
        "follow_up_id" => "/api/v1/patients/{patient_id}/follow-ups",
        "assessment_id" => "/api/v1/patients/{patient_id}/assessments",
        "treatment_plan_id" => "/api/v1/patients/{patient_id}/treatment-plans",
        _ => collection,
    };
    assert!(paths.iter().any(|path| path == own), "{own}");
    own.to_owned()
}

/// Signs in who asks, anew for each operation: some of them end sessions.
async fn client(clinic: &Clinic, column: &str, stranger: &str) -> Client {
    match column {
        "nobody" => clinic.anonymous(),
        "other practice" => clinic.stranger(stranger).await,
        "other patient" => clinic.other_patient().await,
        "auditor" => clinic.auditor().await,
        "patient" => clinic.patient().await,
        "assistant" => clinic.assistant().await,
        "provider" => clinic.provider().await,
        "front desk" => clinic.front_desk().await,
        _ => clinic.admin().await,
    }
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_table_says() {
    let clinic = Clinic::open().await;
    let document = clinic.anonymous().get("/openapi.json").await.ok();
    let mut story = Story {
        clinic: &clinic,
        document,
        ids: BTreeMap::new(),
    };
    story.fill().await;
    let mut table = String::new();
    writeln!(table, "{:<66} {}", "operation", COLUMNS.join(" | ")).unwrap();
    for operation in story.operations() {
        let name = operation.name();
        let names_a_record = !parameters(&operation.path).is_empty();
        let mut statuses = Vec::new();
        // Of Hillside, somebody who would get through at home.
        let mut stranger = "admin";
        for role in ["patient", "desk", "provider", "admin"] {
            let probe = clinic.stranger(role).await;
            let status = story.ask(&probe, &operation).await.status;
            if status != 403 {
                stranger = role;
            }
        }
        for column in COLUMNS {
            let who = client(&clinic, column, stranger).await;
            let reply = story.ask(&who, &operation).await;
            statuses.push((column, reply.status));
        }
        let of = |column: &str| statuses.iter().find(|one| one.0 == column).unwrap().1;
        assert!(
            statuses.iter().all(|(_, status)| *status < 500),
            "{name}: {statuses:?}"
        );
        assert_eq!(
            of("nobody") != 401,
            PUBLIC.contains(&name.as_str()),
            "{name} for nobody: {}",
            of("nobody")
        );
        if names_a_record && !is_catalogue(&operation.path) {
            assert!(
                [403, 404].contains(&of("other practice")),
                "{name} for another practice: {}",
                of("other practice")
            );
        }
        if of("patient") < 300 && operation.path.contains("{patient_id}") {
            assert_eq!(of("other patient"), 404, "{name} for another patient");
        }
        let row: Vec<String> = statuses
            .iter()
            .map(|(column, status)| format!("{status:>width$}", width = column.len()))
            .collect();
        writeln!(table, "{name:<66} {}", row.join(" | ")).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Reference data is everybody's.
fn is_catalogue(path: &str) -> bool {
    path.contains("{drug_code}") || path.contains("{rule_version}")
}
