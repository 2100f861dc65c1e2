//! The second step of signing in: the password was right, the code is still to come.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use crate::identity::begin_session::{Entrant, SignedIn, begin, hash_of};
use crate::identity::set_up::secret;
use crate::identity::store as accounts;
use crate::identity::throttle::{self, Approach, Guesser};
use crate::platform::database::{Database, Door, Stored};
use crate::platform::problem::Problem;
use crate::platform::token::AccessTokens;

use super::store::ChallengeRow;
use super::verify::use_code;
use super::{SecondFactorError, store};

/// So long the code can be given.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What a person signs in with in the second step.
pub(in crate::identity) struct Challenge {
    /// Good for the second step and for nothing else.
    pub(in crate::identity) token: String,
    pub(in crate::identity) expires_in: i64,
}

/// Opens the second step.
pub(in crate::identity) async fn open_challenge(
    connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<Challenge> {
    let token = URL_SAFE_NO_PAD.encode(secret());
    let row = ChallengeRow {
        token_hash: hash_of(&token),
        practice_id,
        user_id,
        created_at: now,
        expires_at: now + LIFETIME,
    };
    store::insert_challenge(connection, &row).await?;
    Ok(Challenge {
        token,
        expires_in: LIFETIME.num_seconds(),
    })
}

/// A code for a sign-in that waits for it.
pub(super) struct Answer {
    pub(super) token: String,
    pub(super) code: String,
    pub(super) guesser: Guesser,
}

/// Begins the session that waits for the code.
pub(super) async fn answer_challenge(
    database: &Database,
    tokens: &AccessTokens,
    answer: &Answer,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let hash = hash_of(&answer.token);
    let waiting = database
        .through(Door::SignIn, async |connection| {
            let Some((challenge, email)) = store::find_challenge(connection, &hash, now).await?
            else {
                return Ok(None);
            };
            let approach = throttle::approach(connection, &email, &answer.guesser).await?;
            let approach = approach.at_second_factor();
            throttle::count(connection, &approach.buckets, now).await?;
            Ok(Some((challenge, approach)))
        })
        .await?;
    let (challenge, approach) = waiting.ok_or(SecondFactorError::Refused)?;
    let user_id = challenge.user_id;
    let is_good = database
        .through(Door::SignIn, async |connection| {
            Ok(use_code(connection, user_id, &answer.code, now).await?
                && store::delete_challenge(connection, &hash).await?)
        })
        .await?;
    if !is_good {
        return Err(SecondFactorError::Refused.into());
    }
    enter(database, tokens, (&challenge, &approach), &answer.guesser).await
}

async fn enter(
    database: &Database,
    tokens: &AccessTokens,
    (challenge, approach): (&ChallengeRow, &Approach),
    guesser: &Guesser,
) -> Result<SignedIn, Problem> {
    let member = database
        .through(Door::SignIn, async |connection| {
            let (practice_id, user_id) = (challenge.practice_id, challenge.user_id);
            Ok(accounts::member(connection, practice_id, user_id).await?)
        })
        .await?;
    let member = member.filter(|member| member.disabled_at.is_none());
    let entrant = Entrant {
        member: member.ok_or(SecondFactorError::Refused)?,
        second_factor_at: Some(database.now()),
    };
    begin(database, tokens, approach, entrant, guesser).await
}
