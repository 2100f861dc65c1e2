//! Names of time zones at the edges: IANA names in JSON and in the database, and nothing else.

use std::io::Write;

use chrono_tz::Tz;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A time zone by its IANA name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(crate) struct TimeZone(pub(crate) Tz);

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let zone = name.parse().ok().map(Self);
        zone.ok_or_else(|| D::Error::custom("must be the IANA name of a time zone"))
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl PartialSchema for TimeZone {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(64))
            .description(Some("IANA name of a time zone."))
            .examples([serde_json::json!("America/New_York")])
            .into()
    }
}

impl ToSchema for TimeZone {}

impl ToSql<Text, Pg> for TimeZone {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.name().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Pg> for TimeZone {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let name = std::str::from_utf8(value.as_bytes())?;
        let zone = name.parse().ok().map(Self);
        zone.ok_or_else(|| "unknown time zone in the database".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_iana_name_alone() {
        let zone: TimeZone = serde_json::from_str("\"Australia/Lord_Howe\"").unwrap();
        assert_eq!(
            serde_json::to_string(&zone).unwrap(),
            "\"Australia/Lord_Howe\""
        );
        for name in [
            "\"Mars/Olympus\"",
            "\"+02:00\"",
            "\"\"",
            "\"america/new_york\"",
            "7",
        ] {
            assert!(serde_json::from_str::<TimeZone>(name).is_err(), "{name}");
        }
    }
}
