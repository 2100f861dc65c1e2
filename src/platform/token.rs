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
        }
    }
}

struct Keys {
    newest: Option<(String, EncodingKey)>,
    by_id: HashMap<String, DecodingKey>,
    published: Vec<(String, String)>,
}

/// Signs and checks access tokens with the keys of the database.
#[derive(Clone)]
pub(crate) struct AccessTokens(Arc<RwLock<Keys>>);

impl AccessTokens {
    /// Takes the keys in use, newest first.
    pub(crate) fn new(keys: &[SigningKey]) -> Self {
        token_signature::install();
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
        Self(Arc::new(RwLock::new(Keys {
            newest,
            by_id,
            published,
        })))
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
mod tests {
    use ed25519_dalek::pkcs8::EncodePrivateKey;
    use ed25519_dalek::{Signer, SigningKey as KeyPair};
    use serde_json::{Value, json};

    use super::*;

    const HEADER: &str = r#"{"typ":"at+jwt","alg":"EdDSA","kid":"one"}"#;

    fn pair() -> KeyPair {
        KeyPair::from_bytes(&[7; 32])
    }

    fn tokens() -> AccessTokens {
        AccessTokens::new(&[SigningKey {
            key_id: "one".to_owned(),
            private_key: pair().to_pkcs8_der().unwrap().as_bytes().to_vec(),
            public_key: pair().verifying_key().to_bytes().to_vec(),
        }])
    }

    fn now() -> DateTime<Utc> {
        "2026-03-02T14:00:00Z".parse().unwrap()
    }

    fn claims() -> Value {
        let id = Uuid::from_u128(1);
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": id, "sid": id, "practice": id, "role": "admin",
            "iat": now().timestamp(), "exp": now().timestamp() + 600,
        })
    }

    /// Signs whatever it is given with the right key.
    fn signed(header: &str, claims: &str) -> String {
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = pair().sign(text.as_bytes()).to_bytes();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is made where it is given"
    )]
    fn with(changes: Value) -> String {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        signed(HEADER, &claims.to_string())
    }

    fn without(name: &str) -> String {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        signed(HEADER, &claims.to_string())
    }

    /// Tokens whose signature is right and whose header is not.
    #[expect(clippy::too_many_lines, reason = "a list of cases")]
    fn bad_headers() -> Vec<String> {
        let mut headers = vec![String::new(), "null".to_owned(), "[]".to_owned()];
        for more in [
            r#""crit":["exp"]"#,
            r#""crit":[]"#,
            r#""crit":["b64"],"b64":false"#,
            r#""crit":null"#,
            r#""jku":"https://evil.example/keys""#,
            r#""jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
            r#""x5u":"https://evil.example/cert""#,
            r#""x5c":["AAAA"]"#,
            r#""x5t":"AAAA""#,
            r#""cty":"JWT""#,
            r#""zip":"DEF""#,
            r#""enc":"A256GCM""#,
            r#""kid":"one""#,
            r#""alg":"EdDSA""#,
            r#""":1"#,
        ] {
            headers.push(HEADER.replace('}', &format!(",{more}}}")));
        }
        for alg in [
            "none", "None", "nOnE", "NONE", "HS256", "HS384", "HS512", "RS256", "RS512", "PS256",
            "ES256", "ES384", "ES256K", "ES512", "eddsa", "EDDSA", "Ed25519", "Ed448", "dir",
            "A128KW", " EdDSA", "EdDSA ", "",
        ] {
            headers.push(HEADER.replace("EdDSA", alg));
        }
        for typ in [
            "JWT",
            "jwt",
            "at+JWT",
            "AT+JWT",
            "rt+jwt",
            "application/at+jwt",
            "at+jwt ",
            "",
            "JOSE",
            "dpop+jwt",
        ] {
            headers.push(HEADER.replace("at+jwt", typ));
        }
        for kid in [
            "two",
            "",
            "ONE",
            "one ",
            " one",
            "../../dev/null",
            "one' OR '1'='1",
            "one\\u0000",
            "http://evil.example",
            "%6fne",
            "one/../one",
        ] {
            headers.push(HEADER.replace("one", kid));
        }
        for value in ["1", "null", "true", r#"["one"]"#, r#"{"one":1}"#] {
            headers.push(HEADER.replace(r#""one""#, value));
            headers.push(HEADER.replace(r#""EdDSA""#, value));
            headers.push(HEADER.replace(r#""at+jwt""#, value));
        }
        for missing in [
            r#"{"alg":"EdDSA","kid":"one"}"#,
            r#"{"typ":"at+jwt","kid":"one"}"#,
            r#"{"typ":"at+jwt","alg":"EdDSA"}"#,
            "{}",
        ] {
            headers.push(missing.to_owned());
        }
        headers.push(format!("\u{feff}{HEADER}"));
        headers.push(format!("{HEADER}{HEADER}"));
        headers.push(HEADER.replace("one", &"k".repeat(20_000)));
        headers
            .iter()
            .map(|header| signed(header, &claims().to_string()))
            .collect()
    }

    /// Tokens whose signature is right and whose claims are not.
    fn bad_claims() -> Vec<String> {
        let at = now().timestamp();
        let mut tokens = Vec::new();
        for name in ["iss", "aud", "sub", "sid", "practice", "role", "iat", "exp"] {
            tokens.push(without(name));
            for value in [
                json!(null),
                json!(""),
                json!([]),
                json!({}),
                json!(true),
                json!(-1),
                json!("x"),
                json!([1, 2]),
                json!(1e300),
            ] {
                tokens.push(with(json!({ name: value })));
            }
        }
        for name in ["sub", "sid", "practice"] {
            tokens.push(with(json!({ name: Uuid::nil() })));
            tokens.push(with(json!({ name: "01900000-0000-7000-8000-00000000000" })));
        }
        for exp in [
            json!(at),
            json!(at - 1),
            json!(at + 601),
            json!(at + 100_000),
            json!((at + 60).to_string()),
        ] {
            tokens.push(with(json!({ "exp": exp })));
        }
        tokens.push(with(json!({ "iat": at + 31, "exp": at + 600 })));
        tokens.push(with(json!({ "iat": at.to_string() })));
        for iss in ["Tautband", "tautband.evil.example", "tautban", " tautband"] {
            tokens.push(with(json!({ "iss": iss })));
            tokens.push(with(json!({ "iss": [iss] })));
        }
        for aud in ["tautband-api.evil.example", "tautband", "other"] {
            tokens.push(with(json!({ "aud": aud })));
            tokens.push(with(json!({ "aud": [aud] })));
        }
        for role in ["root", "Admin", "ADMIN", "owner", "service", "admin "] {
            tokens.push(with(json!({ "role": role })));
        }
        for name in ["nbf", "jti", "admin", "scope", "amr", "cnf"] {
            tokens.push(with(json!({ name: at })));
        }
        for patients in [
            json!("*"),
            json!(["*"]),
            json!(["x"]),
            json!([null]),
            json!({}),
        ] {
            tokens.push(with(json!({ "patients": patients })));
        }
        let twice = claims().to_string().replace('{', r#"{"role":"admin","#);
        tokens.push(signed(HEADER, &twice));
        for text in ["", "null", "[]", "{}", "\"\"", "{", "\u{feff}{}"] {
            tokens.push(signed(HEADER, text));
        }
        tokens
    }

    /// Tokens that were changed after they were signed.
    fn bad_signatures() -> Vec<String> {
        let good = with(json!({}));
        let parts: Vec<&str> = good.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            panic!("a token has three parts");
        };
        let mut tokens: Vec<String> = vec![
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            format!("{header}.{payload}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{signature}."),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{payload}.{header}.{signature}"),
            format!("{header}.{payload}.{payload}"),
            format!("{good}="),
            format!("{good}=="),
            format!(" {good}"),
            format!("{good} "),
            format!("{good}\n"),
            format!("{good}\0"),
            good.to_uppercase(),
            good.to_lowercase(),
            "a".repeat(100_000),
            "a.b.c".to_owned(),
        ];
        let all_zero = URL_SAFE_NO_PAD.encode([0; 64]);
        tokens.push(format!("{header}.{payload}.{all_zero}"));
        let mut small_order = [0_u8; 64];
        small_order[0] = 1;
        tokens.push(format!(
            "{header}.{payload}.{}",
            URL_SAFE_NO_PAD.encode(small_order)
        ));
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for at in 0..64 {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            tokens.push(format!(
                "{header}.{payload}.{}",
                URL_SAFE_NO_PAD.encode(broken)
            ));
        }
        tokens.push(format!(
            "{header}.{payload}.{}",
            URL_SAFE_NO_PAD.encode(&bytes[..63])
        ));
        let other = KeyPair::from_bytes(&[8; 32]);
        let text = format!("{header}.{payload}");
        let foreign = other.sign(text.as_bytes()).to_bytes();
        tokens.push(format!("{text}.{}", URL_SAFE_NO_PAD.encode(foreign)));
        tokens
    }

    #[test]
    fn of_hundreds_of_bad_tokens_none_is_taken() {
        let tokens = tokens();
        let good = with(json!({}));
        assert!(tokens.verify(&good, now()).is_some());
        let mut bad = bad_headers();
        bad.extend(bad_claims());
        bad.extend(bad_signatures());
        assert!(bad.len() >= 300, "{}", bad.len());
        for token in &bad {
            assert_eq!(tokens.verify(token, now()), None, "{token}");
        }
    }

    #[test]
    fn a_clock_that_is_half_a_minute_ahead_signs_good_tokens() {
        let ahead = now() + TimeDelta::seconds(30);
        let principal = tokens().verify(&with(json!({})), now()).unwrap();
        let token = tokens().issue(&principal, ahead).unwrap();
        assert_eq!(tokens().verify(&token, now()), Some(principal));
    }
}
