//! Rows of forgotten passwords. They lie in the schema `control`, and only sign-in reads them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{
    known_devices, memberships, password_resets, password_wishes, practices, sessions, users,
};
use crate::identity::second_factor::has_second_factor;
use crate::platform::database::Stored;

pub(super) async fn insert_wish(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    email: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(password_wishes::table)
        .values((
            password_wishes::id.eq(id),
            password_wishes::email.eq(email),
            password_wishes::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The oldest wishes, of those that no other instance looks up.
pub(super) async fn lock_wishes(
    mut connection: &AsyncPgConnection,
    most: i64,
) -> Stored<Vec<(Uuid, String)>> {
    let wishes = password_wishes::table
        .order(password_wishes::id)
        .limit(most)
        .select((password_wishes::id, password_wishes::email))
        .for_update()
        .skip_locked()
        .load(&mut connection)
        .await?;
    Ok(wishes)
}

pub(super) async fn delete_wish(mut connection: &AsyncPgConnection, id: Uuid) -> Stored<()> {
    diesel::delete(password_wishes::table)
        .filter(password_wishes::id.eq(id))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The account with this address, while it may sign in.
pub(super) async fn usable_account(
    mut connection: &AsyncPgConnection,
    email: &str,
) -> Stored<Option<Uuid>> {
    let account = users::table
        .filter(users::email.eq(email))
        .filter(users::disabled_at.is_null())
        .select(users::id)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(account)
}

/// Makes the tokens that were sent before useless.
pub(super) async fn withdraw_resets(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(password_resets::table)
        .filter(password_resets::user_id.eq(user_id))
        .filter(password_resets::used_at.is_null())
        .set(password_resets::used_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// A token about to be sent.
#[derive(Insertable)]
#[diesel(table_name = password_resets)]
pub(super) struct NewReset {
    pub(super) token_hash: Vec<u8>,
    pub(super) user_id: Uuid,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

pub(super) async fn insert_reset(
    mut connection: &AsyncPgConnection,
    reset: &NewReset,
) -> Stored<()> {
    diesel::insert_into(password_resets::table)
        .values(reset)
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The account that a token is for.
pub(super) struct Account {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) display_name: String,
    /// The names of all practices it belongs to.
    pub(super) practice_names: String,
    pub(super) has_second_factor: bool,
}

/// Finds it while the token is good.
pub(super) async fn account_of(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<Option<Account>> {
    let found: Option<(Uuid, String, String)> = password_resets::table
        .inner_join(users::table)
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .select((users::id, users::email, users::display_name))
        .first(&mut connection)
        .await
        .optional()?;
    let Some((user_id, email, display_name)) = found else {
        return Ok(None);
    };
    let names: Vec<String> = memberships::table
        .inner_join(practices::table)
        .filter(memberships::user_id.eq(user_id))
        .select(practices::name)
        .load(&mut connection)
        .await?;
    Ok(Some(Account {
        user_id,
        email,
        display_name,
        practice_names: names.join(" "),
        has_second_factor: has_second_factor(connection, user_id).await?,
    }))
}

/// Uses a token up; says whether it was good.
pub(super) async fn use_up(
    mut connection: &AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<bool> {
    let used = diesel::update(password_resets::table)
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .set(password_resets::used_at.eq(now))
        .execute(&mut connection)
        .await?;
    Ok(used == 1)
}

/// Ends every session, and forgets every device: whoever had the password may have used it.
pub(super) async fn end_all_sessions(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(&mut connection)
        .await?;
    diesel::delete(known_devices::table)
        .filter(known_devices::user_id.eq(user_id))
        .execute(&mut connection)
        .await?;
    Ok(())
}
