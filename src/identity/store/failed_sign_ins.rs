//! Sign-ins that failed and stand in no trail yet.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::failed_sign_ins;
use crate::platform::database::Stored;

pub(in crate::identity) async fn insert_failed_sign_in(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    email: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::insert_into(failed_sign_ins::table)
        .values((
            failed_sign_ins::id.eq(id),
            failed_sign_ins::email.eq(email),
            failed_sign_ins::created_at.eq(now),
        ))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The oldest, of those that no other instance notes.
pub(in crate::identity) async fn lock_failed_sign_ins(
    mut connection: &AsyncPgConnection,
    most: i64,
) -> Stored<Vec<(Uuid, String)>> {
    let failed = failed_sign_ins::table
        .order(failed_sign_ins::id)
        .limit(most)
        .select((failed_sign_ins::id, failed_sign_ins::email))
        .for_update()
        .skip_locked()
        .load(&mut connection)
        .await?;
    Ok(failed)
}

pub(in crate::identity) async fn delete_failed_sign_in(
    mut connection: &AsyncPgConnection,
    id: Uuid,
) -> Stored<()> {
    diesel::delete(failed_sign_ins::table)
        .filter(failed_sign_ins::id.eq(id))
        .execute(&mut connection)
        .await?;
    Ok(())
}
