//! Signing in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::platform::access::{Principal, Role};
use crate::platform::database::{Database, Door};
use crate::platform::id;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};
use crate::platform::token::{self, AccessTokens};

use super::password::PasswordHasher;
use super::set_up::secret;
use super::store::{self, Member, NewSession};
use super::throttle;

/// The credentials of a person who signs in.
pub(super) struct Credentials {
    pub(super) email: String,
    pub(super) password: SecretString,
    /// Slug of the practice, for who belongs to several.
    pub(super) practice: Option<String>,
    /// User agent, by which a person recognises their sessions.
    pub(super) client: Option<String>,
}

/// A pair of tokens and whose they are.
pub(super) struct SignedIn {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) member: Member,
    pub(super) principal: Principal,
}

/// Why the sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    #[error("wrong address or password")]
    Wrong,
    #[error("too many failures")]
    TooMany { wait: TimeDelta },
    #[error("belongs to several practices")]
    Several(Vec<String>),
}

pub(super) static WRONG_CREDENTIALS: ProblemType =
    ProblemType::new("wrong-credentials", 401, "Address or password is wrong");
static PRACTICE_NEEDED: ProblemType = ProblemType::new(
    "practice-needed",
    422,
    "Say which practice, for you belong to several",
);

impl Refusal for SignInError {
    const TYPES: &'static [&'static ProblemType] = &[&WRONG_CREDENTIALS, &PRACTICE_NEEDED];

    fn problem(self) -> Problem {
        match self {
            Self::Wrong => Problem::new(&WRONG_CREDENTIALS),
            Self::TooMany { wait } => Problem::new(&problem::TOO_MANY)
                .header(actix_web::http::header::RETRY_AFTER, wait.num_seconds() + 1),
            Self::Several(slugs) => Problem::new(&PRACTICE_NEEDED).member("practices", slugs),
        }
    }
}

/// Sessions end after so long whatever happens: a working day for staff, a month for patients.
fn session_lifetime(role: Role) -> TimeDelta {
    if role == Role::Patient {
        TimeDelta::days(30)
    } else {
        TimeDelta::hours(12)
    }
}

/// A refresh token not used for so long is dead.
fn idle_lifetime(role: Role) -> TimeDelta {
    if role == Role::Patient {
        TimeDelta::days(7)
    } else {
        TimeDelta::minutes(60)
    }
}

/// Checks the credentials and begins a session.
pub(super) async fn sign_in(
    database: &Database,
    tokens: &AccessTokens,
    passwords: &PasswordHasher,
    credentials: &Credentials,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let subject = Sha256::digest(credentials.email.to_lowercase());
    let (failures, members, hash) = database
        .through(Door::SignIn, async |connection| {
            let failures = store::failures(connection, &subject).await?;
            let members = store::members(connection, &credentials.email).await?;
            let hash = store::password_hash(connection, &credentials.email).await?;
            Ok((failures, members, hash))
        })
        .await?;
    let wait = failures.map_or(TimeDelta::zero(), |(count, at)| {
        throttle::wait(count, at, now)
    });
    if wait > TimeDelta::zero() {
        return Err(SignInError::TooMany { wait }.into());
    }
    // No connection is held while the password is being hashed.
    let hash = hash.filter(|_| !members.is_empty());
    let matches = passwords
        .matches(credentials.password.clone(), hash)
        .await?;
    let usable = members
        .first()
        .is_some_and(|member| member.disabled_at.is_none());
    if !matches || !usable {
        database
            .through(Door::SignIn, async |connection| {
                let memory = throttle::MEMORY;
                Ok(store::record_failure(connection, &subject, now, memory).await?)
            })
            .await?;
        return Err(SignInError::Wrong.into());
    }
    let member = choose(members, credentials.practice.as_deref())?;
    begin(
        database,
        tokens,
        &subject,
        member,
        credentials.client.as_deref(),
    )
    .await
}

fn choose(members: Vec<Member>, practice: Option<&str>) -> Result<Member, SignInError> {
    let slugs: Vec<String> = members.iter().map(|member| member.slug.clone()).collect();
    let mut fitting: Vec<Member> = members
        .into_iter()
        .filter(|member| practice.is_none_or(|slug| member.slug == slug))
        .collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(member), true) => Ok(member),
        (Some(_), false) => Err(SignInError::Several(slugs)),
        (None, _) => Err(SignInError::Wrong),
    }
}

async fn begin(
    database: &Database,
    tokens: &AccessTokens,
    subject: &[u8],
    member: Member,
    client: Option<&str>,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let session_id = id::fresh(now);
    let (principal, refresh_token) = database
        .through(Door::SignIn, async |connection| {
            store::forget_failures(connection, subject).await?;
            let session = NewSession {
                id: session_id,
                practice_id: member.practice_id,
                user_id: member.user_id,
                client,
                created_at: now,
                refreshed_at: now,
                expires_at: now + session_lifetime(member.role),
            };
            store::insert_session(connection, &session).await?;
            hand_out(connection, session_id, &member, now).await
        })
        .await?;
    finish(tokens, principal, refresh_token, member, now)
}

/// Makes the next refresh token of a session, and who its access token speaks for.
pub(super) async fn hand_out(
    connection: &AsyncPgConnection,
    session_id: uuid::Uuid,
    member: &Member,
    now: chrono::DateTime<Utc>,
) -> Result<(Principal, String), Problem> {
    let bytes = secret();
    let lifetime = idle_lifetime(member.role);
    let refresh_token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash_of(&refresh_token);
    store::insert_refresh_token(connection, &hash, session_id, (now, lifetime)).await?;
    let patient_ids = if member.role == Role::Patient {
        store::linked_patients(connection, member.practice_id, member.user_id, now).await?
    } else {
        Vec::new()
    };
    let principal = Principal {
        user_id: member.user_id,
        practice_id: member.practice_id,
        session_id,
        role: member.role,
        provider_id: member.provider_id,
        patient_ids,
    };
    Ok((principal, refresh_token))
}

/// Signs the access token that goes with a refresh token.
pub(super) fn finish(
    tokens: &AccessTokens,
    principal: Principal,
    refresh_token: String,
    member: Member,
    now: chrono::DateTime<Utc>,
) -> Result<SignedIn, Problem> {
    let access_token = tokens
        .issue(&principal, now)
        .ok_or_else(|| Problem::new(&problem::INTERNAL))?;
    Ok(SignedIn {
        access_token,
        refresh_token,
        member,
        principal,
    })
}

/// The form in which a refresh token is stored.
pub(super) fn hash_of(refresh_token: &str) -> Vec<u8> {
    Sha256::digest(refresh_token).to_vec()
}

/// Seconds until an access token must be replaced.
pub(super) const fn expires_in() -> i64 {
    token::LIFETIME.num_seconds()
}
