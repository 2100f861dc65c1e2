//! Instants as clients write them: RFC 3339 with any offset, within the years a clinic can mean.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An instant read from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(pub(crate) DateTime<Utc>);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let instant = DateTime::parse_from_rfc3339(&text)
            .map_err(|_unreadable| D::Error::custom("must be a date and time with an offset"))?;
        // To the microsecond, as Postgres keeps it; a leap second is the first of the next minute.
        DateTime::from_timestamp_micros(instant.timestamp_micros())
            .filter(|instant| (1900..2200).contains(&instant.year()))
            .map(Self)
            .ok_or_else(|| D::Error::custom("must lie between the years 1900 and 2200"))
    }
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Timestamp {}
