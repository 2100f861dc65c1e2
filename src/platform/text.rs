//! Closed sets of words that travel as text: through JSON, through the document and into a
//! checked `text` column, spelt the same in all three.

use std::borrow::Cow;
use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub(crate) use tautband_rules::text::Word as TextEnum;

/// A word as a column holds it and as the document describes it.
///
/// The sets of words of `tautband_rules` know neither Diesel nor utoipa; this wrapper gives both
/// to every one of them. A word that the database holds and the set does not know is an error that
/// names the set, never a silent default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow, Deserialize)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub(crate) struct Word<T: TextEnum>(pub(crate) T);

impl<T: TextEnum> ToSql<Text, Pg> for Word<T> {
    fn to_sql<'bytes>(&'bytes self, out: &mut Output<'bytes, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_str().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl<T: TextEnum> FromSql<Text, Pg> for Word<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let text = std::str::from_utf8(value.as_bytes())?;
        let word = T::parse(text).map(Self);
        word.ok_or_else(|| {
            format!("{} has no word `{text}`, which the database holds", T::NAME).into()
        })
    }
}

impl<T: TextEnum> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(T::ALL.iter().map(|word| word.as_str())))
            .into()
    }
}

impl<T: TextEnum> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }
}

/// Declares an enum whose every variant has one spelling, used in JSON, OpenAPI and the database.
macro_rules! text_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident { $($variants:tt)* }
    ) => {
        ::tautband_rules::text_enum! {
            $(#[$meta])*
            #[derive(::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow)]
            #[diesel(sql_type = ::diesel::sql_types::Text)]
            $visibility enum $name { $($variants)* }
        }

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                $crate::platform::text::Word::<Self>::schema()
            }
        }

        impl ::utoipa::ToSchema for $name {}

        impl ::diesel::serialize::ToSql<::diesel::sql_types::Text, ::diesel::pg::Pg> for $name {
            fn to_sql<'bytes>(
                &'bytes self,
                out: &mut ::diesel::serialize::Output<'bytes, '_, ::diesel::pg::Pg>,
            ) -> ::diesel::serialize::Result {
                ::std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(::diesel::serialize::IsNull::No)
            }
        }

        impl ::diesel::deserialize::FromSql<::diesel::sql_types::Text, ::diesel::pg::Pg> for $name {
            fn from_sql(
                value: ::diesel::pg::PgValue<'_>,
            ) -> ::diesel::deserialize::Result<Self> {
                $crate::platform::text::Word::<Self>::from_sql(value).map(|word| word.0)
            }
        }
    };
}

pub(crate) use text_enum;
