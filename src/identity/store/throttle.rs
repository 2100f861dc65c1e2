//! Failed attempts to sign in, by which guessing is slowed.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::identity::schema::control::sign_in_throttles;
use crate::platform::database::Stored;

/// Failures in a row and the last of them.
pub(in crate::identity) async fn failures(
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
pub(in crate::identity) async fn record_failure(
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

pub(in crate::identity) async fn forget_failures(
    mut connection: &AsyncPgConnection,
    subject: &[u8],
) -> Stored<()> {
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::subject_hash.eq(subject))
        .execute(&mut connection)
        .await?;
    Ok(())
}
