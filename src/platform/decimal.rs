//! Exact decimals at the edges: JSON strings out, strings or numbers in, `numeric` in the
//! database, and never a float on the way.

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Numeric;
use postgres_types::private::BytesMut;
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A decimal as it crosses an edge; the value inside is what everything else computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Numeric)]
pub(crate) struct ExactDecimal(pub(crate) Decimal);

impl From<Decimal> for ExactDecimal {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl From<ExactDecimal> for Decimal {
    fn from(value: ExactDecimal) -> Self {
        value.0
    }
}

/// How many digits may stand before the point in anything a client sends.
const WHOLE_DIGITS: u32 = 9;
/// How many digits may stand after the point in anything a client sends.
pub(crate) const DECIMAL_PLACES: u32 = 6;

impl ExactDecimal {
    fn parse(text: &str) -> Option<Self> {
        let value = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        let value = value.ok()?.normalize();
        let fits = value.scale() <= DECIMAL_PLACES
            && value.abs() < Decimal::from(10_u64.pow(WHOLE_DIGITS));
        fits.then_some(Self(value))
    }
}

impl<'de> Deserialize<'de> for ExactDecimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return Err(D::Error::custom("must be a decimal")),
        };
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom("must be a decimal of at most 9 digits before and 6 after the point")
        })
    }
}

impl Serialize for ExactDecimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

impl PartialSchema for ExactDecimal {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"))
            .build();
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(-999_999_999))
            .maximum(Some(999_999_999))
            .build();
        OneOfBuilder::new()
            .item(text)
            .item(number)
            .description(Some(
                "An exact decimal: answered as a string, accepted as a string or number.",
            ))
            .examples([serde_json::json!("0.25")])
            .into()
    }
}

impl ToSchema for ExactDecimal {
    fn name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }
}

impl ToSql<Numeric, Pg> for ExactDecimal {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> serialize::Result {
        let mut bytes = BytesMut::new();
        postgres_types::ToSql::to_sql(&self.0, &postgres_types::Type::NUMERIC, &mut bytes)?;
        out.write_all(&bytes)?;
        Ok(IsNull::No)
    }
}

impl FromSql<Numeric, Pg> for ExactDecimal {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let decimal: Decimal =
            postgres_types::FromSql::from_sql(&postgres_types::Type::NUMERIC, value.as_bytes())?;
        Ok(Self(decimal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_every_digit_it_was_written_with() {
        for text in ["0.1", "0.3", "123456789.123456", "-2.5", "1e2"] {
            let from_number: ExactDecimal = serde_json::from_str(text).unwrap();
            let from_text: ExactDecimal = serde_json::from_str(&format!("{text:?}")).unwrap();
            assert_eq!(from_number, from_text);
        }
        let third: ExactDecimal = serde_json::from_str("0.300000").unwrap();
        assert_eq!(serde_json::to_string(&third).unwrap(), "\"0.3\"");
    }

    #[test]
    fn what_cannot_be_kept_exactly_is_refused() {
        for text in [
            "0.1234567",
            "1000000000",
            "1e400",
            "\"NaN\"",
            "\"\"",
            "true",
            "\"1,5\"",
        ] {
            assert!(
                serde_json::from_str::<ExactDecimal>(text).is_err(),
                "{text}"
            );
        }
    }
}
