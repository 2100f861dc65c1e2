//! Sessions and their refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};
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
    pub(in crate::identity) created_at: DateTime<Utc>,
    pub(in crate::identity) refreshed_at: DateTime<Utc>,
    pub(in crate::identity) expires_at: DateTime<Utc>,
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

pub(in crate::identity) async fn insert_refresh_token(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    session_id: Uuid,
    (now, lifetime): (DateTime<Utc>, TimeDelta),
) -> Stored<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(hash),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::issued_at.eq(now),
            refresh_tokens::expires_at.eq(now + lifetime),
        ))
        .execute(&mut connection)
        .await?;
    diesel::update(sessions::table)
        .filter(sessions::id.eq(session_id))
        .set(sessions::refreshed_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Marks a refresh token as used. If two requests bring it at once, one of them gets the session.
pub(in crate::identity) async fn use_refresh_token(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<Uuid>> {
    let session = diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .set(refresh_tokens::used_at.eq(now))
        .returning(refresh_tokens::session_id)
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(session)
}

/// Ends the session of a refresh token that was used before. Returns `false` for a token that was
/// never issued.
pub(in crate::identity) async fn revoke_replayed(
    mut connection: &AsyncPgConnection,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<bool> {
    let family = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash))
        .filter(refresh_tokens::used_at.is_not_null())
        .select(refresh_tokens::session_id);
    let ended = diesel::update(sessions::table)
        .filter(sessions::id.eq_any(family))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(ended > 0)
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
