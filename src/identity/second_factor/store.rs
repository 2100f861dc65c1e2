//! Rows of second factors. They lie in the schema `control`, and only sign-in reads them.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{
    practices, recovery_codes, second_factors, sessions, sign_in_challenges, users,
};
use crate::platform::database::Stored;

/// Whether signing in asks this user for a second factor.
pub(in crate::identity) async fn has_second_factor(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
) -> Stored<bool> {
    let active = second_factors::table
        .filter(second_factors::user_id.eq(user_id))
        .filter(second_factors::activated_at.is_not_null());
    let active = diesel::select(exists(active))
        .get_result(&mut connection)
        .await?;
    Ok(active)
}

/// The app of a user: its secret, and whether it was proved.
#[derive(Queryable, Selectable)]
#[diesel(table_name = second_factors, check_for_backend(diesel::pg::Pg))]
pub(super) struct FactorRow {
    pub(super) secret: Vec<u8>,
    pub(super) activated_at: Option<DateTime<Utc>>,
}

/// Locked until the transaction ends.
pub(super) async fn lock_factor(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
) -> Stored<Option<FactorRow>> {
    let row = second_factors::table
        .filter(second_factors::user_id.eq(user_id))
        .select(FactorRow::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row)
}

/// Keeps the secret of an app that was not proved yet, in place of an earlier one.
pub(super) async fn propose_factor(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user_id),
            second_factors::secret.eq(secret),
            second_factors::created_at.eq(now),
        ))
        .on_conflict(second_factors::user_id)
        .do_update()
        .set((
            second_factors::secret.eq(secret),
            second_factors::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Uses a step of the app up; says whether it was still good.
pub(super) async fn use_step(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    step: i64,
) -> Stored<bool> {
    let is_new = second_factors::last_step
        .is_null()
        .or(second_factors::last_step.lt(step));
    let used = diesel::update(second_factors::table)
        .filter(second_factors::user_id.eq(user_id))
        .filter(is_new)
        .set(second_factors::last_step.eq(step))
        .execute(&mut connection)
        .await?;
    Ok(used == 1)
}

/// Uses a recovery code up; says whether it was one and still good.
pub(super) async fn use_recovery_code(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    code_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<bool> {
    let used = diesel::update(recovery_codes::table)
        .filter(recovery_codes::user_id.eq(user_id))
        .filter(recovery_codes::code_hash.eq(code_hash))
        .filter(recovery_codes::used_at.is_null())
        .set(recovery_codes::used_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(used == 1)
}

/// Signing in asks for the app from now on, or for one of these codes.
pub(super) async fn activate_factor(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    code_hashes: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(second_factors::table)
        .filter(second_factors::user_id.eq(user_id))
        .set(second_factors::activated_at.eq(now))
        .execute(&mut connection)
        .await?;
    let rows: Vec<_> = code_hashes
        .iter()
        .map(|hash| {
            (
                recovery_codes::user_id.eq(user_id),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(recovery_codes::table)
        .values(rows)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Takes app and codes away.
pub(super) async fn remove_factor(mut connection: &AsyncPgConnection, user_id: Uuid) -> Stored<()> {
    diesel::delete(recovery_codes::table)
        .filter(recovery_codes::user_id.eq(user_id))
        .execute(&mut connection)
        .await?;
    diesel::delete(second_factors::table)
        .filter(second_factors::user_id.eq(user_id))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Notes that a session has given the factor now.
pub(super) async fn mark_session(
    mut connection: &AsyncPgConnection,
    session_id: Uuid,
    at: Option<DateTime<Utc>>,
) -> Stored<()> {
    diesel::update(sessions::table)
        .filter(sessions::id.eq(session_id))
        .set(sessions::second_factor_at.eq(at))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The roles of which a practice requires a second factor.
pub(super) async fn required_roles(
    mut connection: &AsyncPgConnection,
    practice_id: Uuid,
) -> Stored<Vec<String>> {
    let roles: Vec<Option<String>> = practices::table
        .filter(practices::id.eq(practice_id))
        .select(practices::second_factor_roles)
        .first(&mut connection)
        .await?;
    Ok(roles.into_iter().flatten().collect())
}

/// A sign-in that waits for its second factor.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_challenges, check_for_backend(diesel::pg::Pg))]
pub(super) struct ChallengeRow {
    pub(super) token_hash: Vec<u8>,
    pub(super) practice_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_challenge(
    mut connection: &AsyncPgConnection,
    challenge: &ChallengeRow,
) -> Stored<()> {
    diesel::insert_into(sign_in_challenges::table)
        .values(challenge)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The sign-in that waits under this token, and the address of its user.
pub(super) async fn find_challenge(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<(ChallengeRow, String)>> {
    let found = sign_in_challenges::table
        .inner_join(users::table)
        .filter(sign_in_challenges::token_hash.eq(token_hash))
        .filter(sign_in_challenges::expires_at.gt(now))
        .select((ChallengeRow::as_select(), users::email))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(found)
}

/// Ends a challenge; says whether it was still there.
pub(super) async fn delete_challenge(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
) -> Stored<bool> {
    let deleted = diesel::delete(sign_in_challenges::table)
        .filter(sign_in_challenges::token_hash.eq(token_hash))
        .execute(&mut connection)
        .await?;
    Ok(deleted == 1)
}
