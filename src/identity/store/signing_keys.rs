//! The keys that sign access tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::identity::schema::control::signing_keys;
use crate::platform::database::Stored;
use crate::platform::token::SigningKey;

/// The keys in use, newest first.
pub(in crate::identity) async fn signing_keys(
    mut connection: &AsyncPgConnection,
) -> Stored<Vec<SigningKey>> {
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.desc(), signing_keys::key_id))
        .select((
            signing_keys::key_id,
            signing_keys::private_key,
            signing_keys::public_key,
        ))
        .load(&mut connection)
        .await?;
    let key = |(key_id, private_key, public_key)| SigningKey {
        key_id,
        private_key,
        public_key,
    };
    Ok(rows.into_iter().map(key).collect())
}

pub(in crate::identity) async fn insert_signing_key(
    mut connection: &AsyncPgConnection,
    key: &SigningKey,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::key_id.eq(&key.key_id),
            signing_keys::private_key.eq(&key.private_key),
            signing_keys::public_key.eq(&key.public_key),
            signing_keys::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}
