//! The keys that sign access tokens: made on the first start, kept in the database, shared by all
//! instances on it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel_async::SimpleAsyncConnection;
use ed25519_dalek::SigningKey as KeyPair;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use sha2::{Digest, Sha256};

use crate::platform::database::{Database, DatabaseError, Door};
use crate::platform::problem::{self, Problem};
use crate::platform::token::{AccessTokens, SigningKey};

use super::store;

/// The keys of this database; the first instance that starts makes one.
pub(crate) async fn load_or_make(database: &Database) -> Result<AccessTokens, Problem> {
    database
        .through(Door::SigningKeys, async |connection| {
            let keys = store::signing_keys(connection).await?;
            if !keys.is_empty() {
                return Ok(AccessTokens::new(&keys));
            }
            // Two instances that start at once on a new database make one key between them.
            let mut exchange: &diesel_async::AsyncPgConnection = connection;
            exchange
                .batch_execute("LOCK TABLE control.signing_keys IN SHARE ROW EXCLUSIVE MODE")
                .await
                .map_err(DatabaseError::from)?;
            let mut keys = store::signing_keys(connection).await?;
            if keys.is_empty() {
                let key = make()?;
                store::insert_signing_key(connection, &key, database.now()).await?;
                keys.push(key);
            }
            Ok(AccessTokens::new(&keys))
        })
        .await
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
