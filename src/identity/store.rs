//! Rows and queries of the schema `control`, reached by nobody else.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::platform::access::Role;
use crate::platform::database::Stored;
use crate::platform::prepared::prepared;
use crate::platform::token::SigningKey;

use super::schema::control::{
    memberships, patient_links, practices, refresh_tokens, sessions, sign_in_throttles,
    signing_keys, users,
};

/// A user as one practice knows them.
#[derive(Queryable)]
pub(super) struct Member {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) display_name: String,
    pub(super) password_hash: String,
    pub(super) disabled_at: Option<DateTime<Utc>>,
    pub(super) role: Role,
    pub(super) provider_id: Option<Uuid>,
    pub(super) practice_id: Uuid,
    pub(super) slug: String,
    pub(super) practice_name: String,
    pub(super) time_zone: String,
}

type MemberColumns = (
    users::id,
    users::email,
    users::display_name,
    users::password_hash,
    users::disabled_at,
    memberships::role,
    memberships::provider_id,
    practices::id,
    practices::slug,
    practices::name,
    practices::time_zone,
);

fn member_columns() -> MemberColumns {
    (
        users::id,
        users::email,
        users::display_name,
        users::password_hash,
        users::disabled_at,
        memberships::role,
        memberships::provider_id,
        practices::id,
        practices::slug,
        practices::name,
        practices::time_zone,
    )
}

/// The memberships in force of the account with this address.
pub(super) async fn members(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> Stored<Vec<Member>> {
    let members = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .inner_join(practices::table.on(practices::id.eq(memberships::practice_id)))
        .filter(users::email.eq(email.to_lowercase()))
        .filter(memberships::suspended_at.is_null())
        .order(practices::slug)
        .select(member_columns())
        .load(&mut connection)
        .await?;
    Ok(members)
}

/// One user in one practice.
pub(super) async fn member(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
) -> Stored<Option<Member>> {
    let member = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .inner_join(practices::table.on(practices::id.eq(memberships::practice_id)))
        .filter(memberships::practice_id.eq(practice_id))
        .filter(users::id.eq(user_id))
        .filter(memberships::suspended_at.is_null())
        .select(member_columns())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(member)
}

/// The patient records a user may reach in a practice, in ascending order.
pub(super) async fn linked_patients(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<Vec<Uuid>> {
    let linked = patient_links::table
        .filter(patient_links::practice_id.eq(practice_id))
        .filter(patient_links::user_id.eq(user_id))
        .filter(patient_links::revoked_at.is_null())
        .filter(
            patient_links::ends_at
                .is_null()
                .or(patient_links::ends_at.gt(now)),
        )
        .order(patient_links::patient_id)
        .select(patient_links::patient_id)
        .load(&mut connection)
        .await?;
    Ok(linked)
}

/// A session about to begin.
#[derive(Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(super) struct NewSession<'a> {
    pub(super) id: Uuid,
    pub(super) practice_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) client: Option<&'a str>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_session(
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
pub(super) struct SessionRow {
    pub(super) id: Uuid,
    pub(super) practice_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) client: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// The sessions of a user that have not ended, newest first.
pub(super) async fn live_sessions(
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
pub(super) async fn revoke_session(
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
pub(super) async fn revoke_other_sessions(
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

pub(super) async fn insert_refresh_token(
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

/// Uses a refresh token up, once for all: of two who try, one gets the session.
pub(super) async fn use_refresh_token(
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

/// Ends the session of a refresh token that was used before; nothing for one never issued.
pub(super) async fn revoke_replayed(
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
pub(super) async fn live_session(
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

/// Failures in a row and the last of them.
pub(super) async fn failures(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
) -> Stored<Option<(i32, DateTime<Utc>)>> {
    let failures = sign_in_throttles::table
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .select((
            sign_in_throttles::failures,
            sign_in_throttles::last_failed_at,
        ))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(failures)
}

/// Counts a failure; after `memory` without one the count starts over.
pub(super) async fn record_failure(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
    now: DateTime<Utc>,
    memory: TimeDelta,
) -> Stored<()> {
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .filter(sign_in_throttles::last_failed_at.lt(now - memory))
        .execute(&mut connection)
        .await?;
    diesel::insert_into(sign_in_throttles::table)
        .values((
            sign_in_throttles::subject_hash.eq(subject),
            sign_in_throttles::failures.eq(1),
            sign_in_throttles::last_failed_at.eq(now),
        ))
        .on_conflict(sign_in_throttles::subject_hash)
        .do_update()
        .set((
            sign_in_throttles::failures.eq(sign_in_throttles::failures + 1),
            sign_in_throttles::last_failed_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(super) async fn forget_failures(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
) -> Stored<()> {
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(super) async fn change_password(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(users::table)
        .filter(users::id.eq(user_id))
        .set((users::password_hash.eq(hash), users::updated_at.eq(now)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The keys in use, newest first.
pub(super) async fn signing_keys(mut connection: &AsyncPgConnection) -> Stored<Vec<SigningKey>> {
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.desc(), signing_keys::key_id))
        .select((
            signing_keys::key_id,
            signing_keys::private_key,
            signing_keys::public_key,
        ))
        .load(&mut connection)
        .await?;
    let key = |(key_id, private_key, public_key)| SigningKey {
        key_id,
        private_key,
        public_key,
    };
    Ok(rows.into_iter().map(key).collect())
}

pub(super) async fn insert_signing_key(
    mut connection: &AsyncPgConnection,
    key: &SigningKey,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::key_id.eq(&key.key_id),
            signing_keys::private_key.eq(&key.private_key),
            signing_keys::public_key.eq(&key.public_key),
            signing_keys::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(super) async fn practice_id(
    mut connection: &AsyncPgConnection,
    slug: &str,
) -> Stored<Option<Uuid>> {
    let id = practices::table
        .filter(practices::slug.eq(slug))
        .select(practices::id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(id)
}

pub(super) async fn insert_practice(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    (slug, name, time_zone): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(practices::table)
        .values((
            practices::id.eq(id),
            practices::slug.eq(slug),
            practices::name.eq(name),
            practices::time_zone.eq(time_zone),
            practices::version.eq(1),
            practices::created_at.eq(now),
            practices::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A user about to be made.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct NewUser<'a> {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) display_name: &'a str,
    pub(super) password_hash: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

pub(super) async fn insert_user(
    mut connection: &AsyncPgConnection,
    user: &NewUser<'_>,
) -> Stored<()> {
    diesel::insert_into(users::table)
        .values(user)
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(super) async fn insert_membership(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    user_id: Uuid,
    (role, provider_id): (Role, Option<Uuid>),
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(memberships::table)
        .values((
            memberships::practice_id.eq(practice_id),
            memberships::user_id.eq(user_id),
            memberships::role.eq(role),
            memberships::provider_id.eq(provider_id),
            memberships::created_at.eq(now),
            memberships::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Lets whoever reaches one of these records reach all of them, by links that name the merge.
pub(super) async fn insert_merge_links(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    patient_ids: &[Uuid],
    merge_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    // A link of an earlier merge is revived; one that staff ended stays ended.
    prepared(
        diesel::sql_query(
            "INSERT INTO control.patient_links AS link \
             (practice_id, user_id, patient_id, created_at, ends_at, merge_id) \
         SELECT $1, l.user_id, p.id, $4, \
             nullif(max(coalesce(l.ends_at, 'infinity')), 'infinity'), $3 \
         FROM control.patient_links l CROSS JOIN unnest($2) AS p (id) \
         WHERE l.practice_id = $1 AND l.patient_id = ANY ($2) AND l.revoked_at IS NULL \
           AND (l.ends_at IS NULL OR l.ends_at > $4) \
         GROUP BY l.user_id, p.id \
         ON CONFLICT (practice_id, user_id, patient_id) DO UPDATE \
         SET revoked_at = NULL, merge_id = excluded.merge_id, ends_at = excluded.ends_at \
         WHERE link.merge_id IS NOT NULL AND link.revoked_at IS NOT NULL",
        )
        .bind::<SqlUuid, _>(practice_id)
        .bind::<Array<SqlUuid>, _>(patient_ids)
        .bind::<SqlUuid, _>(merge_id)
        .bind::<Timestamptz, _>(now),
    )
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Ends the links that a merge made.
pub(super) async fn revoke_merge_links(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
    merge_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(patient_links::table)
        .filter(patient_links::practice_id.eq(practice_id))
        .filter(patient_links::merge_id.eq(merge_id))
        .filter(patient_links::revoked_at.is_null())
        .set(patient_links::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}
