//! Sessions and their refresh tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{refresh_tokens, sessions};
use crate::platform::database::Stored;

/// A session about to begin.
#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(in crate::identity) struct NewSession<'a> {
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) practice_id: Uuid,
    pub(in crate::identity) user_id: Uuid,
    pub(in crate::identity) client: Option<&'a str>,
    pub(in crate::identity) network: &'a str,
    pub(in crate::identity) created_at: DateTime<Utc>,
    pub(in crate::identity) refreshed_at: DateTime<Utc>,
    pub(in crate::identity) expires_at: DateTime<Utc>,
    pub(in crate::identity) second_factor_at: Option<DateTime<Utc>>,
}

pub(in crate::identity) async fn insert_session(
    mut connection: &AsyncPgConnection,
    session: &NewSession<'_>,
) -> Stored<()> {
    diesel::insert_into(sessions::table)
        .values(session)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub(in crate::identity) struct SessionRow {
    pub(in crate::identity) id: Uuid,
    pub(in crate::identity) practice_id: Uuid,
    pub(in crate::identity) user_id: Uuid,
    pub(in crate::identity) client: Option<String>,
    pub(in crate::identity) network: String,
    pub(in crate::identity) created_at: DateTime<Utc>,
    pub(in crate::identity) refreshed_at: DateTime<Utc>,
    pub(in crate::identity) expires_at: DateTime<Utc>,
}

/// The sessions of a user that have not ended, newest first.
pub(in crate::identity) async fn live_sessions(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
    (after, size): (Option<Uuid>, i64),
) -> Stored<Vec<SessionRow>> {
    let mut query = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order(sessions::id.desc())
        .select(SessionRow::as_select())
        .limit(size)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(sessions::id.lt(after));
    }
    Ok(query.load(&mut connection).await?)
}

/// Ends a session; says whether there was one to end.
pub(in crate::identity) async fn revoke_session(
    mut connection: &AsyncPgConnection,
    session_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let ended = diesel::update(sessions::table)
        .filter(sessions::id.eq(session_id))
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(ended == 1)
}

/// Ends every session of a user but one.
pub(in crate::identity) async fn revoke_other_sessions(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    kept: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::id.ne(kept))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Ends the sessions of a user that began before the newest so many.
pub(in crate::identity) async fn end_oldest_sessions(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    most: i64,
    now: DateTime<Utc>,
) -> Stored<()> {
    let oldest: Vec<Uuid> = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order(sessions::id.desc())
        .offset(most)
        .select(sessions::id)
        .load(&mut connection)
        .await?;
    if !oldest.is_empty() {
        diesel::update(sessions::table)
            .filter(sessions::id.eq_any(oldest))
            .set(sessions::revoked_at.eq(now))
            .execute(&mut connection)
            .await?;
    }
    Ok(())
}

/// A refresh token about to be handed out.
#[derive(Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(in crate::identity) struct NewRefreshToken {
    pub(in crate::identity) token_hash: Vec<u8>,
    pub(in crate::identity) session_id: Uuid,
    pub(in crate::identity) issued_at: DateTime<Utc>,
    pub(in crate::identity) expires_at: DateTime<Utc>,
}

pub(in crate::identity) async fn insert_refresh_token(
    mut connection: &AsyncPgConnection,
    token: &NewRefreshToken,
) -> Stored<()> {
    diesel::insert_into(refresh_tokens::table)
        .values(token)
        .execute(&mut connection)
        .await?;
    diesel::update(sessions::table)
        .filter(sessions::id.eq(token.session_id))
        .set(sessions::refreshed_at.eq(token.issued_at))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Marks a refresh token as used. If two requests bring it at once, one of them gets the session.
pub(in crate::identity) async fn use_refresh_token(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    used_by: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<Uuid>> {
    let session = diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .set((
            refresh_tokens::used_at.eq(now),
            refresh_tokens::used_by.eq(used_by),
        ))
        .returning(refresh_tokens::session_id)
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(session)
}

/// Keeps the token that was handed out for a used one, under its mask.
pub(in crate::identity) async fn mask_successor(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    masked: &[u8],
) -> Stored<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::token_hash.eq(hash))
        .set(refresh_tokens::successor_mask.eq(masked))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A refresh token that was used before.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens, check_for_backend(diesel::pg::Pg))]
pub(in crate::identity) struct Replay {
    pub(in crate::identity) session_id: Uuid,
    pub(in crate::identity) used_at: Option<DateTime<Utc>>,
    pub(in crate::identity) used_by: Option<Vec<u8>>,
    pub(in crate::identity) successor_mask: Option<Vec<u8>>,
}

/// The use of a token that comes back; nothing for one that was never issued or never used.
pub(in crate::identity) async fn lock_replayed(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
) -> Stored<Option<Replay>> {
    let replay = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::used_at.is_not_null())
        .select(Replay::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(replay)
}

/// Whether a token can still be used.
pub(in crate::identity) async fn is_unused(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<bool> {
    let unused = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now));
    let unused = diesel::select(diesel::dsl::exists(unused))
        .get_result(&mut connection)
        .await?;
    Ok(unused)
}

/// Ends a session that its user did not ask to end.
pub(in crate::identity) async fn revoke_unasked(
    mut connection: &AsyncPgConnection,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(sessions::table)
        .filter(sessions::id.eq(session_id))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A session that has not ended.
pub(in crate::identity) async fn live_session(
    mut connection: &AsyncPgConnection,
    session_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<Option<SessionRow>> {
    let session = sessions::table
        .filter(sessions::id.eq(session_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select(SessionRow::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(session)
}
