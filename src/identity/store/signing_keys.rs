//! The keys that sign access tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::identity::schema::control::{signing_keys, trail_keys};
use crate::platform::database::Stored;
use crate::platform::token::SigningKey;

/// Id, private key, public key, and when it was made.
type KeyColumns = (String, Vec<u8>, Vec<u8>, DateTime<Utc>);

/// A key in use.
pub(in crate::identity) struct StoredKey {
    pub(in crate::identity) key: SigningKey,
    pub(in crate::identity) made_at: DateTime<Utc>,
}

/// Takes these keys out of use.
pub(in crate::identity) async fn retire_signing_keys(
    mut connection: &AsyncPgConnection,
    key_ids: &[String],
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(signing_keys::table)
        .filter(signing_keys::key_id.eq_any(key_ids))
        .set(signing_keys::retired_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The keys in use, newest first.
pub(in crate::identity) async fn signing_keys(
    mut connection: &AsyncPgConnection,
) -> Stored<Vec<StoredKey>> {
    let rows: Vec<KeyColumns> = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.desc(), signing_keys::key_id))
        .select((
            signing_keys::key_id,
            signing_keys::private_key,
            signing_keys::public_key,
            signing_keys::created_at,
        ))
        .load(&mut connection)
        .await?;
    let key = |(key_id, private_key, public_key, made_at)| StoredKey {
        key: SigningKey {
            key_id,
            private_key,
            public_key,
        },
        made_at,
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

/// The key of the audit trails: the first that was made.
pub(in crate::identity) async fn trail_key(
    mut connection: &AsyncPgConnection,
) -> Stored<Option<Vec<u8>>> {
    let key = trail_keys::table
        .order(trail_keys::created_at)
        .select(trail_keys::secret)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(key)
}

pub(in crate::identity) async fn insert_trail_key(
    mut connection: &AsyncPgConnection,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(trail_keys::table)
        .values((
            trail_keys::secret.eq(secret),
            trail_keys::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}
