//! Guesses at secrets, by which guessing is slowed, and the devices that this does not touch.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{known_devices, sign_in_throttles, users};
use crate::platform::database::Stored;

/// The devices of a user that are kept.
const MOST_DEVICES: i64 = 20;

/// The guesses so far and the last of them. Locked until the transaction ends.
pub(in crate::identity) async fn lock_tries(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
    now: DateTime<Utc>,
) -> Stored<(i32, DateTime<Utc>)> {
    diesel::insert_into(sign_in_throttles::table)
        .values((
            sign_in_throttles::subject_hash.eq(subject),
            sign_in_throttles::tries.eq(0),
            sign_in_throttles::last_tried_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await?;
    // A success may delete the row between the two statements; the count is zero then.
    let found = sign_in_throttles::table
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .select((sign_in_throttles::tries, sign_in_throttles::last_tried_at))
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(found.unwrap_or((0, now)))
}

pub(in crate::identity) async fn set_tries(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
    tries: i32,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(sign_in_throttles::table)
        .values((
            sign_in_throttles::subject_hash.eq(subject),
            sign_in_throttles::tries.eq(tries),
            sign_in_throttles::last_tried_at.eq(now),
        ))
        .on_conflict(sign_in_throttles::subject_hash)
        .do_update()
        .set((
            sign_in_throttles::tries.eq(tries),
            sign_in_throttles::last_tried_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn take_off_one_try(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
) -> Stored<()> {
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .filter(sign_in_throttles::tries.le(1))
        .execute(&mut connection)
        .await?;
    diesel::update(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .set(sign_in_throttles::tries.eq(sign_in_throttles::tries - 1))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub(in crate::identity) async fn forget_tries(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
) -> Stored<()> {
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Whether the account with this address was signed in to on this device.
pub(in crate::identity) async fn knows_device(
    mut connection: &AsyncPgConnection,
    email: &str,
    token_hash: &[u8],
) -> Stored<bool> {
    let known = known_devices::table
        .inner_join(users::table)
        .filter(users::email.eq(email))
        .filter(known_devices::token_hash.eq(token_hash));
    let known = diesel::select(exists(known))
        .get_result(&mut connection)
        .await?;
    Ok(known)
}

/// Remembers a device on which somebody has just signed in.
pub(in crate::identity) async fn remember_device(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(known_devices::table)
        .values((
            known_devices::user_id.eq(user_id),
            known_devices::token_hash.eq(token_hash),
            known_devices::created_at.eq(now),
            known_devices::last_used_at.eq(now),
        ))
        .on_conflict((known_devices::user_id, known_devices::token_hash))
        .do_update()
        .set(known_devices::last_used_at.eq(now))
        .execute(&mut connection)
        .await?;
    let hashes: Vec<Vec<u8>> = known_devices::table
        .filter(known_devices::user_id.eq(user_id))
        .order((
            known_devices::last_used_at.desc(),
            known_devices::token_hash,
        ))
        .offset(MOST_DEVICES)
        .select(known_devices::token_hash)
        .load(&mut connection)
        .await?;
    if !hashes.is_empty() {
        diesel::delete(known_devices::table)
            .filter(known_devices::user_id.eq(user_id))
            .filter(known_devices::token_hash.eq_any(hashes))
            .execute(&mut connection)
            .await?;
    }
    Ok(())
}
