//! Trading a refresh token for the next pair.

use crate::platform::database::{Database, Door};
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::platform::token::AccessTokens;

use super::sign_in::{SignedIn, finish, hand_out, hash_of};
use super::store;

/// Why there is no next pair.
#[derive(Debug, thiserror::Error)]
pub(super) enum RefreshError {
    #[error("not a refresh token in force")]
    Ended,
}

static SESSION_ENDED: ProblemType = ProblemType::new(
    "session-ended",
    401,
    "This session has ended; sign in again",
);

impl Refusal for RefreshError {
    const TYPES: &'static [&'static ProblemType] = &[&SESSION_ENDED];

    fn problem(self) -> Problem {
        Problem::new(&SESSION_ENDED)
    }
}

/// Uses the token up and hands out the next pair; a token used before ends its session.
pub(super) async fn refresh(
    database: &Database,
    tokens: &AccessTokens,
    refresh_token: &str,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let hash = hash_of(refresh_token);
    // The end of a replayed session must be committed, so it is an answer here, not an error.
    let next = database
        .through(Door::SignIn, async |connection| {
            let Some(session_id) = store::use_refresh_token(connection, &hash, now).await? else {
                if store::revoke_replayed(connection, &hash, now).await? {
                    tracing::warn!("a used refresh token came back; its session was ended");
                }
                return Ok(None);
            };
            let Some(session) = store::live_session(connection, session_id, now).await? else {
                return Ok(None);
            };
            let member = store::member(connection, session.practice_id, session.user_id).await?;
            let Some(member) = member.filter(|member| member.disabled_at.is_none()) else {
                return Ok(None);
            };
            let (principal, token) = hand_out(connection, session_id, &member, now).await?;
            Ok(Some((principal, token, member)))
        })
        .await?;
    let (principal, token, member) = next.ok_or(RefreshError::Ended)?;
    finish(tokens, principal, token, member, now)
}
