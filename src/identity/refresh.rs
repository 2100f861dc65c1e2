//! Trading a refresh token for the next pair.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::platform::access::Principal;
use crate::platform::database::{Database, Door};
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::platform::token::AccessTokens;

use super::begin_session::{SignedIn, finish, hand_out, hash_of, principal_of};
use super::store::{self, Member, Replay};
use super::throttle::Guesser;

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

/// An answer that was lost on its way is given again for so long.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// A pair to be finished.
struct Next {
    principal: Principal,
    refresh_token: String,
    member: Member,
}

/// Uses the token up and hands out the next pair. A token that comes back within seconds from
/// where it was used gets the same answer again, as long as nobody used that; any other return ends the session.
pub(super) async fn refresh(
    database: &Database,
    tokens: &AccessTokens,
    refresh_token: &str,
    guesser: &Guesser,
) -> Result<SignedIn, Problem> {
    let now = database.now();
    let hash = hash_of(refresh_token);
    let used_by = hash_of(&format!("{} {:?}", guesser.network, guesser.client));
    // The end of a replayed session must be committed, so it is an answer here, not an error.
    let next = database
        .through(Door::SignIn, async |connection| {
            let used = store::use_refresh_token(connection, &hash, &used_by, now).await?;
            let Some(session_id) = used else {
                return answer_again(connection, refresh_token, &used_by, now).await;
            };
            let Some(member) = member_of(connection, session_id, now).await? else {
                return Ok(None);
            };
            let successor = hand_out(connection, session_id, &member, now).await?;
            if let Some(masked) = masked(refresh_token, &successor) {
                store::mask_successor(connection, &hash, &masked).await?;
            }
            let principal = principal_of(connection, session_id, &member, now).await?;
            Ok(Some(Next {
                principal,
                refresh_token: successor,
                member,
            }))
        })
        .await?;
    let next = next.ok_or(RefreshError::Ended)?;
    finish(tokens, next.principal, next.refresh_token, next.member, now)
}

/// Who the session is of, while it lasts.
async fn member_of(
    connection: &AsyncPgConnection,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Member>, Problem> {
    let Some(session) = store::live_session(connection, session_id, now).await? else {
        return Ok(None);
    };
    let member = store::member(connection, session.practice_id, session.user_id).await?;
    Ok(member.filter(|member| member.disabled_at.is_none()))
}

/// The answer of a moment ago, or the end of the session.
async fn answer_again(
    connection: &AsyncPgConnection,
    refresh_token: &str,
    used_by: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Next>, Problem> {
    let replay = store::lock_replayed(connection, &hash_of(refresh_token)).await?;
    let Some(replay) = replay else {
        return Ok(None);
    };
    let session_id = replay.session_id;
    if let Some(successor) = lost_answer(connection, refresh_token, (&replay, used_by), now).await?
    {
        let Some(member) = member_of(connection, session_id, now).await? else {
            return Ok(None);
        };
        let principal = principal_of(connection, session_id, &member, now).await?;
        return Ok(Some(Next {
            principal,
            refresh_token: successor,
            member,
        }));
    }
    store::revoke_unasked(connection, session_id, now).await?;
    tracing::warn!("a used refresh token came back; its session was ended");
    Ok(None)
}

/// The successor of a used token, when the same client asks again soon and has not used it.
async fn lost_answer(
    connection: &AsyncPgConnection,
    refresh_token: &str,
    (replay, used_by): (&Replay, &[u8]),
    now: DateTime<Utc>,
) -> Result<Option<String>, Problem> {
    let is_soon = replay.used_at.is_some_and(|at| now - at <= GRACE);
    let is_same = replay.used_by.as_deref() == Some(used_by);
    let successor = replay.successor_mask.as_deref();
    let successor = successor.and_then(|mask| unmasked(refresh_token, mask));
    match successor {
        Some(successor) if is_soon && is_same => {
            let is_unused = store::is_unused(connection, &hash_of(&successor), now).await?;
            Ok(is_unused.then_some(successor))
        }
        _ => Ok(None),
    }
}

/// What a successor is stored under. Only who holds the token before it can lift the mask, and each
/// token masks one successor.
fn mask(refresh_token: &str) -> Option<impl Iterator<Item = u8> + use<>> {
    let mac = Hmac::<Sha256>::new_from_slice(refresh_token.as_bytes()).ok()?;
    let mask = mac.chain_update("successor").finalize().into_bytes();
    Some(mask.into_iter())
}

fn masked(refresh_token: &str, successor: &str) -> Option<Vec<u8>> {
    let successor = URL_SAFE_NO_PAD.decode(successor).ok()?;
    let mask = mask(refresh_token)?;
    Some(
        successor
            .into_iter()
            .zip(mask)
            .map(|(a, b)| a ^ b)
            .collect(),
    )
}

fn unmasked(refresh_token: &str, masked: &[u8]) -> Option<String> {
    let mask = mask(refresh_token)?;
    let successor: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    Some(URL_SAFE_NO_PAD.encode(successor))
}
