//! Ids: UUIDv7, made here and typed, so that a room cannot be passed for a patient.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// Counts the ids made within one instant, so that they sort in the order they were made.
static WITHIN_THE_INSTANT: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// Makes an id that sorts by the instant it was made, and behind those made before it here.
pub(crate) fn fresh(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let nanoseconds = now.timestamp_subsec_nanos();
    Uuid::new_v7(Timestamp::from_unix(
        &WITHIN_THE_INSTANT,
        seconds,
        nanoseconds,
    ))
}

/// An id that says nothing, not even when it was made.
#[expect(clippy::disallowed_methods, reason = "the one place that makes them")]
pub(crate) fn random() -> Uuid {
    Uuid::new_v4()
}

/// Declares the id of one kind of record.
macro_rules! id {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema,
            ::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = ::diesel::sql_types::Uuid)]
        #[serde(transparent)]
        #[schema(value_type = uuid::Uuid)]
        $visibility struct $name(::uuid::Uuid);

        #[expect(
            clippy::allow_attributes,
            reason = "whether any of it is unused differs from one id to the next"
        )]
        #[allow(dead_code, reason = "not every id is made and taken apart")]
        impl $name {
            /// Makes a new id that sorts by `now`.
            $visibility fn fresh(now: ::chrono::DateTime<::chrono::Utc>) -> Self {
                Self($crate::platform::id::fresh(now))
            }

            /// The plain UUID.
            $visibility const fn uuid(self) -> ::uuid::Uuid {
                self.0
            }
        }

        impl From<::uuid::Uuid> for $name {
            fn from(uuid: ::uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for ::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl ::diesel::serialize::ToSql<::diesel::sql_types::Uuid, ::diesel::pg::Pg> for $name {
            fn to_sql<'bytes>(
                &'bytes self,
                out: &mut ::diesel::serialize::Output<'bytes, '_, ::diesel::pg::Pg>,
            ) -> ::diesel::serialize::Result {
                <::uuid::Uuid as ::diesel::serialize::ToSql<
                    ::diesel::sql_types::Uuid,
                    ::diesel::pg::Pg,
                >>::to_sql(&self.0, out)
            }
        }

        impl ::diesel::deserialize::FromSql<::diesel::sql_types::Uuid, ::diesel::pg::Pg> for $name {
            fn from_sql(value: ::diesel::pg::PgValue<'_>) -> ::diesel::deserialize::Result<Self> {
                <::uuid::Uuid as ::diesel::deserialize::FromSql<
                    ::diesel::sql_types::Uuid,
                    ::diesel::pg::Pg,
                >>::from_sql(value)
                .map(Self)
            }
        }
    };
}

pub(crate) use id;
