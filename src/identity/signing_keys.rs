//! The keys that sign access tokens: made on the first start, kept in the database, shared by all
//! instances on it.
//!
//! A key signs for 90 days. The next one is published two minutes before it signs, so that every instance knows it by
//! then, and the last one is still accepted for an hour, which is longer than any token lives. In an
//! emergency all are taken out of use at once; then everybody renews their token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use ed25519_dalek::SigningKey as KeyPair;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use sha2::{Digest, Sha256};

use crate::platform::database::{Database, DatabaseError, Door};
use crate::platform::problem::{self, Problem};
use crate::platform::token::{AccessTokens, SigningKey};
use crate::platform::trail::TrailKey;

use super::set_up::secret;
use super::store::{self, StoredKey};

/// How long a key signs.
const SIGNS_FOR: TimeDelta = TimeDelta::days(90);
/// A new key is known to every instance after so long.
const KNOWN_AFTER: TimeDelta = TimeDelta::minutes(2);
/// The tokens of a key that no longer signs are over after so long.
const OVER_AFTER: TimeDelta = TimeDelta::hours(1);

/// The keys of this database; the first instance that starts makes one.
pub(crate) async fn load_or_make(database: &Database) -> Result<AccessTokens, Problem> {
    let now = database.now();
    let keys = database
        .through(Door::SigningKeys, async |connection| {
            let keys = store::signing_keys(connection).await?;
            if !keys.is_empty() {
                return Ok(keys);
            }
            // Two instances that start at once on a new database make one key between them.
            lock(connection).await?;
            let keys = store::signing_keys(connection).await?;
            if keys.is_empty() {
                store::insert_signing_key(connection, &make()?, now).await?;
                return Ok(store::signing_keys(connection).await?);
            }
            Ok(keys)
        })
        .await?;
    Ok(AccessTokens::new(&signer_first(keys, now)))
}

/// Takes over what another instance, or somebody at the command line, has changed.
pub(crate) async fn reload_keys(database: &Database, tokens: &AccessTokens) -> Result<(), Problem> {
    let keys = database
        .through(Door::SigningKeys, async |connection| {
            Ok(store::signing_keys(connection).await?)
        })
        .await?;
    tokens.replace(&signer_first(keys, database.now()));
    Ok(())
}

/// Makes the next key when the newest has signed long enough, and retires those that are over.
pub(crate) async fn rotate_keys_if_due(database: &Database) -> Result<(), Problem> {
    let now = database.now();
    database
        .through(Door::SigningKeys, async |connection| {
            lock(connection).await?;
            let keys = store::signing_keys(connection).await?;
            if keys.iter().all(|key| now - key.made_at >= SIGNS_FOR) {
                store::insert_signing_key(connection, &make()?, now).await?;
            }
            let over: Vec<String> = keys
                .iter()
                .zip(keys.iter().skip(1))
                .filter(|(newer, _)| now - newer.made_at >= OVER_AFTER + KNOWN_AFTER)
                .map(|(_, older)| older.key.key_id.clone())
                .collect();
            Ok(store::retire_signing_keys(connection, &over, now).await?)
        })
        .await
}

/// Makes the next key now; with `at_once` all others are out of use at the same moment.
pub(crate) async fn rotate_keys(database: &Database, at_once: bool) -> Result<(), Problem> {
    let now = database.now();
    database
        .through(Door::SigningKeys, async |connection| {
            lock(connection).await?;
            if at_once {
                let keys = store::signing_keys(connection).await?;
                let all: Vec<String> = keys.into_iter().map(|key| key.key.key_id).collect();
                store::retire_signing_keys(connection, &all, now).await?;
            }
            Ok(store::insert_signing_key(connection, &make()?, now).await?)
        })
        .await
}

async fn lock(mut connection: &diesel_async::AsyncPgConnection) -> Result<(), DatabaseError> {
    let lock = "LOCK TABLE control.signing_keys IN SHARE ROW EXCLUSIVE MODE";
    Ok(connection.batch_execute(lock).await?)
}

/// The newest key that everybody knows signs; without one, the oldest.
fn signer_first(keys: Vec<StoredKey>, now: DateTime<Utc>) -> Vec<SigningKey> {
    let known = |key: &StoredKey| now - key.made_at >= KNOWN_AFTER;
    let signer = keys.iter().position(known);
    let signer = signer.unwrap_or(keys.len().saturating_sub(1));
    let mut keys: Vec<SigningKey> = keys.into_iter().map(|key| key.key).collect();
    if signer < keys.len() {
        keys.swap(0, signer);
    }
    keys
}

/// The key of the audit trails; the first instance that starts makes it.
pub(crate) async fn load_or_make_trail_key(database: &Database) -> Result<TrailKey, Problem> {
    let secret = database
        .through(Door::SigningKeys, async |connection| {
            if let Some(secret) = store::trail_key(connection).await? {
                return Ok(secret);
            }
            let mut exchange: &diesel_async::AsyncPgConnection = connection;
            exchange
                .batch_execute("LOCK TABLE control.trail_keys IN SHARE ROW EXCLUSIVE MODE")
                .await
                .map_err(DatabaseError::from)?;
            if let Some(secret) = store::trail_key(connection).await? {
                return Ok(secret);
            }
            let secret = secret();
            store::insert_trail_key(connection, &secret, database.now()).await?;
            Ok(secret.to_vec())
        })
        .await?;
    let secret: [u8; 32] = secret
        .try_into()
        .map_err(|_other_length| Problem::new(&problem::INTERNAL))?;
    Ok(TrailKey::new(&secret))
}

fn make() -> Result<SigningKey, Problem> {
    let pair = KeyPair::generate(&mut rand::rng());
    let document = pair
        .to_pkcs8_der()
        .map_err(|_unwritable| Problem::new(&problem::INTERNAL))?;
    let public_key = pair.verifying_key().to_bytes().to_vec();
    let digest = Sha256::digest(&public_key);
    let key_id = URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default());
    Ok(SigningKey {
        key_id,
        private_key: document.as_bytes().to_vec(),
        public_key,
    })
}
