//! Beginning a session, and handing out its tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::platform::access::{Principal, Role, job};
use crate::platform::database::{Database, Door, Transaction};
use crate::platform::id;
use crate::platform::problem::{self, Problem};
use crate::platform::token::{self, AccessTokens};

use super::password::Lane;
use super::set_up::secret;
use super::store::{self, Member, NewRefreshToken, NewSession};
use super::throttle::{self, Approach, Guesser};

job!(
    /// Noting in the trail that somebody signed in, or tried to.
    RecordSignIn, "auth.sign_in", account
);

/// A pair of tokens and whose they are.
pub(super) struct SignedIn {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) member: Member,
    pub(super) principal: Principal,
    /// What the device is to keep, when it signed in for the first time.
    pub(super) device_token: Option<String>,
}

/// Somebody who has proved who they are.
pub(super) struct Entrant {
    pub(super) member: Member,
    /// When they gave a second factor.
    pub(super) second_factor_at: Option<DateTime<Utc>>,
}

/// So many sessions a user may have at once; a further one ends the oldest.
const MOST_SESSIONS: i64 = 50;

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

/// Begins the session.
pub(super) async fn begin(
    database: &Database,
    tokens: &AccessTokens,
    approach: &Approach,
    entrant: Entrant,
    guesser: &Guesser,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let member = entrant.member;
    let session_id = id::fresh(now);
    let fresh = URL_SAFE_NO_PAD.encode(secret());
    let is_known = approach.lane == Lane::KnownDevice;
    let device_hash = guesser.device_hash.clone().filter(|_| is_known);
    let device_hash = device_hash.unwrap_or_else(|| hash_of(&fresh));
    let (principal, refresh_token) = database
        .through(Door::SignIn, async |connection| {
            throttle::settle(connection, &approach.buckets).await?;
            store::remember_device(connection, member.user_id, &device_hash, now).await?;
            let session = NewSession {
                id: session_id,
                practice_id: member.practice_id,
                user_id: member.user_id,
                client: guesser.client.as_deref(),
                network: &guesser.network,
                created_at: now,
                refreshed_at: now,
                expires_at: now + session_lifetime(member.role),
                second_factor_at: entrant.second_factor_at,
            };
            store::insert_session(connection, &session).await?;
            store::end_oldest_sessions(connection, member.user_id, MOST_SESSIONS, now).await?;
            let refresh_token = hand_out(connection, session_id, &member, now).await?;
            let principal = principal_of(connection, session_id, &member, now).await?;
            Ok((principal, refresh_token))
        })
        .await?;
    let work = async |transaction: &Transaction<'_, RecordSignIn>| {
        transaction.touch_record("session", session_id);
        Ok(())
    };
    database.through_as(Door::SignIn, &principal, work).await?;
    let mut signed_in = finish(tokens, principal, refresh_token, member, now)?;
    signed_in.device_token = (!is_known).then_some(fresh);
    Ok(signed_in)
}

/// Makes the next refresh token of a session.
pub(super) async fn hand_out(
    connection: &AsyncPgConnection,
    session_id: Uuid,
    member: &Member,
    now: DateTime<Utc>,
) -> Result<String, Problem> {
    let refresh_token = URL_SAFE_NO_PAD.encode(secret());
    let row = NewRefreshToken {
        token_hash: hash_of(&refresh_token),
        session_id,
        issued_at: now,
        expires_at: now + idle_lifetime(member.role),
    };
    store::insert_refresh_token(connection, &row).await?;
    Ok(refresh_token)
}

/// Who an access token of the session speaks for.
pub(super) async fn principal_of(
    connection: &AsyncPgConnection,
    session_id: Uuid,
    member: &Member,
    now: DateTime<Utc>,
) -> Result<Principal, Problem> {
    let patient_ids = if member.role == Role::Patient {
        store::linked_patients(connection, member.practice_id, member.user_id, now).await?
    } else {
        Vec::new()
    };
    Ok(Principal {
        user_id: member.user_id,
        practice_id: member.practice_id,
        session_id,
        role: member.role,
        provider_id: member.provider_id,
        patient_ids,
        service_access: None,
    })
}

/// Signs the access token that goes with a refresh token.
pub(super) fn finish(
    tokens: &AccessTokens,
    principal: Principal,
    refresh_token: String,
    member: Member,
    now: DateTime<Utc>,
) -> Result<SignedIn, Problem> {
    let access_token = tokens
        .issue(&principal, now)
        .ok_or_else(|| Problem::new(&problem::INTERNAL))?;
    Ok(SignedIn {
        access_token,
        refresh_token,
        member,
        principal,
        device_token: None,
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
