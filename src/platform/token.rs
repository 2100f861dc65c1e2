//! Access tokens: short-lived JWTs signed with Ed25519, checked without asking anybody.
//!
//! A token says who, where and in which role, and whose records a patient may reach. It is only
//! half of the truth: the transaction it opens asks the database whether the session still holds.
//! One algorithm, one token type, one issuer and one audience are accepted; a key named inside a
//! token is never used, `kid` only looks one up.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::access::{Principal, Role};
use crate::platform::token_signature;

/// How long an access token is good for.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// The clocks of two instances may differ by so much. It counts for the beginning of a token alone.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

const ISSUER: &str = "tautband";
const AUDIENCE: &str = "tautband-api";
const TOKEN_TYPE: &str = "at+jwt";
/// The ticket of a browser, which the pages take and no route does.
const TICKET_TYPE: &str = "tautband-ticket+jwt";
/// Longer than any token made here; nothing beyond it is even parsed.
const LONGEST_TOKEN: usize = 8 * 1024;

/// A key pair as it is stored.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) key_id: String,
    /// PKCS#8 document.
    pub(crate) private_key: Vec<u8>,
    /// Raw 32 bytes.
    pub(crate) public_key: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    exp: i64,
    sid: Uuid,
    practice: Uuid,
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    provider: Option<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[serde(default)]
    patients: Vec<Uuid>,
}

/// The header of a token. Anything else in it, such as a key or a `crit` that must be understood,
/// makes the token one that is not ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    typ: String,
    alg: String,
    kid: String,
}

impl TokenHeader {
    fn read(kind: &str, token: &str) -> Option<Self> {
        let (header, _) = token.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Self = serde_json::from_slice(&header).ok()?;
        (header.typ == kind && header.alg == "EdDSA").then_some(header)
    }
}

impl From<Claims> for Principal {
    fn from(claims: Claims) -> Self {
        Self {
            user_id: claims.sub,
            practice_id: claims.practice,
            session_id: claims.sid,
            role: claims.role,
            provider_id: claims.provider,
            patient_ids: claims.patients,
            service_access: None,
        }
    }
}

struct Keys {
    newest: Option<(String, EncodingKey)>,
    by_id: HashMap<String, DecodingKey>,
    published: Vec<(String, String)>,
}

impl Keys {
    fn of(keys: &[SigningKey]) -> Self {
        let newest = keys.first().map(|key| {
            (
                key.key_id.clone(),
                EncodingKey::from_ed_der(&key.private_key),
            )
        });
        let by_id = keys
            .iter()
            .map(|key| {
                (
                    key.key_id.clone(),
                    DecodingKey::from_ed_der(&key.public_key),
                )
            })
            .collect();
        let published = keys
            .iter()
            .map(|key| (key.key_id.clone(), URL_SAFE_NO_PAD.encode(&key.public_key)))
            .collect();
        Self {
            newest,
            by_id,
            published,
        }
    }
}

/// Signs and checks access tokens with the keys of the database.
#[derive(Clone)]
pub(crate) struct AccessTokens(Arc<RwLock<Keys>>);

impl AccessTokens {
    /// Takes the keys in use, newest first.
    pub(crate) fn new(keys: &[SigningKey]) -> Self {
        token_signature::install();
        Self(Arc::new(RwLock::new(Keys::of(keys))))
    }

    /// Goes over to these keys, the one that signs first. Tokens of a key that is not among them are refused
    /// from now on.
    pub(crate) fn replace(&self, keys: &[SigningKey]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Keys::of(keys);
    }

    /// A token for `principal`, or nothing when there is no key to sign with.
    pub(crate) fn issue(&self, principal: &Principal, now: DateTime<Utc>) -> Option<String> {
        self.signed(TOKEN_TYPE, principal, now)
    }

    /// A ticket by which the pages recognise a browser. How long it is good for is for the reader to say.
    pub(crate) fn issue_ticket(&self, principal: &Principal, now: DateTime<Utc>) -> Option<String> {
        self.signed(TICKET_TYPE, principal, now)
    }

    fn signed(&self, kind: &str, principal: &Principal, now: DateTime<Utc>) -> Option<String> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (key_id, key) = keys.newest.as_ref()?;
        let header = Header {
            typ: Some(kind.to_owned()),
            kid: Some(key_id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: principal.user_id,
            iat: now.timestamp(),
            exp: (now + LIFETIME).timestamp(),
            sid: principal.session_id,
            practice: principal.practice_id,
            role: principal.role,
            provider: principal.provider_id,
            patients: principal.patient_ids.clone(),
        };
        jsonwebtoken::encode(&header, &claims, key).ok()
    }

    /// Returns the user of the token, or `None` when anything about it is not as issued.
    pub(crate) fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Principal> {
        let claims = self.claims(TOKEN_TYPE, token)?;
        // Compared with our own clock, which tests can move.
        let now = now.timestamp();
        let in_force = claims.iat <= now + LEEWAY.num_seconds() && now < claims.exp;
        in_force.then(|| claims.into())
    }

    /// Returns the user of a ticket that is not older than `lifetime` says for the role.
    pub(crate) fn verify_ticket(
        &self,
        ticket: &str,
        now: DateTime<Utc>,
        lifetime: impl Fn(Role) -> TimeDelta,
    ) -> Option<Principal> {
        let claims = self.claims(TICKET_TYPE, ticket)?;
        let age = now.timestamp() - claims.iat;
        let youngest = -LEEWAY.num_seconds();
        let in_force = (youngest..lifetime(claims.role).num_seconds()).contains(&age);
        in_force.then(|| claims.into())
    }

    fn claims(&self, kind: &str, token: &str) -> Option<Claims> {
        if token.len() > LONGEST_TOKEN {
            return None;
        }
        let header = TokenHeader::read(kind, token)?;
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.by_id.get(&header.kid)?;
        let decoded = jsonwebtoken::decode::<Claims>(token, key, &validation());
        let claims = decoded.ok()?.claims;
        let too_long = claims.exp - claims.iat > LIFETIME.num_seconds();
        // A nil session would stand for the service itself.
        let of_nobody = [claims.sub, claims.sid, claims.practice]
            .iter()
            .any(Uuid::is_nil);
        (!too_long && !of_nobody).then_some(claims)
    }

    /// The public keys as a JSON Web Key Set.
    pub(crate) fn key_set(&self) -> serde_json::Value {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<serde_json::Value> = keys
            .published
            .iter()
            .map(|(key_id, x)| {
                serde_json::json!({
                    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                    "kid": key_id, "x": x,
                })
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    validation
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
