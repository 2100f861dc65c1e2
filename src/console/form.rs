//! What a form sent, and how it becomes the body of a call.
//!
//! Nothing is checked here. What cannot be read as a number goes on as it was typed, so that the
//! route refuses it and names the field.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::Value;

/// The fields of a form in the order in which they were sent.
#[derive(Debug, Default, Clone)]
pub(super) struct Form(Vec<(String, String)>);

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        Box::pin(async move { Ok(Self(fields.await?.into_inner())) })
    }
}

impl Form {
    /// The fields of a query.
    pub(super) fn of_query(request: &HttpRequest) -> Self {
        let fields = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        Self(fields.map(web::Query::into_inner).unwrap_or_default())
    }

    /// What was typed, without the space around it; nothing when nothing was.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter().filter(|(given, _)| given == name);
        let (_, value) = fields.next_back()?;
        let value = value.trim();
        (!value.is_empty()).then_some(value)
    }

    /// All values of a field that may be chosen several times.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.0.iter().filter(|(given, _)| given == name);
        let values = fields.map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn text(&self, name: &str) -> Value {
        self.get(name).map_or(Value::Null, Value::from)
    }

    /// For a change: what was emptied is taken away.
    pub(super) fn text_or_nothing(&self, name: &str) -> Value {
        Value::from(self.get(name).unwrap_or("\0"))
    }

    pub(super) fn integer(&self, name: &str) -> Value {
        self.get(name).map_or(Value::Null, integer_of)
    }

    pub(super) fn yes(&self, name: &str) -> Value {
        Value::from(self.has(name) && self.get(name) != Some("no"))
    }

    /// Yes, no, or nothing when neither was chosen.
    pub(super) fn yes_or_no(&self, name: &str) -> Value {
        match self.get(name) {
            Some("yes") => Value::from(true),
            Some("no") => Value::from(false),
            _ => Value::Null,
        }
    }

    pub(super) fn list(&self, name: &str) -> Value {
        Value::from(self.all(name))
    }

    /// A day and a time of the clock in a zone as an instant.
    pub(super) fn instant(&self, name: &str, zone: &str) -> Value {
        let Some(typed) = self.get(name) else {
            return Value::Null;
        };
        super::time::instant_of(typed, zone).map_or_else(|| Value::from(typed), Value::from)
    }
}

/// A whole number, or what was typed.
pub(super) fn integer_of(typed: &str) -> Value {
    let number = typed.parse::<i64>();
    number.map_or_else(|_| Value::from(typed), Value::from)
}
