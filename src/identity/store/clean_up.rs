//! Deleting rows of the schema `control` that are over.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::{
    activations, invitations, known_devices, mail_outbox, password_resets, practices,
    provider_sign_ins, refresh_tokens, sessions, sign_in_challenges, sign_in_throttles,
};
use crate::platform::database::Stored;

/// An ended session, and with it the tokens by which a replay is noticed.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);
/// Guesses count for an hour at most; the rows may stay a little.
const TRIES_KEPT: TimeDelta = TimeDelta::days(1);
/// A device on which nobody signed in for so long is forgotten.
const DEVICES_KEPT: TimeDelta = TimeDelta::days(180);
/// The lists of invitations and links show this much of the past.
const INVITATIONS_KEPT: TimeDelta = TimeDelta::days(365);

/// Deletes what is over at `now`.
pub(in crate::identity) async fn delete_over(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
) -> Stored<()> {
    let ended = now - SESSIONS_KEPT;
    let over = sessions::expires_at
        .lt(ended)
        .or(sessions::revoked_at.lt(ended));
    diesel::delete(refresh_tokens::table)
        .filter(
            refresh_tokens::session_id.eq_any(
                sessions::table
                    .filter(
                        sessions::expires_at
                            .lt(ended)
                            .or(sessions::revoked_at.lt(ended)),
                    )
                    .select(sessions::id),
            ),
        )
        .execute(&mut connection)
        .await?;
    diesel::delete(sessions::table)
        .filter(over)
        .execute(&mut connection)
        .await?;
    diesel::delete(sign_in_throttles::table)
        .filter(sign_in_throttles::last_tried_at.lt(now - TRIES_KEPT))
        .execute(&mut connection)
        .await?;
    diesel::delete(sign_in_challenges::table)
        .filter(sign_in_challenges::expires_at.lt(now - TRIES_KEPT))
        .execute(&mut connection)
        .await?;
    diesel::delete(provider_sign_ins::table)
        .filter(provider_sign_ins::expires_at.lt(now))
        .execute(&mut connection)
        .await?;
    diesel::delete(password_resets::table)
        .filter(password_resets::expires_at.lt(ended))
        .execute(&mut connection)
        .await?;
    diesel::delete(mail_outbox::table)
        .filter(mail_outbox::created_at.lt(ended))
        .execute(&mut connection)
        .await?;
    diesel::delete(known_devices::table)
        .filter(known_devices::last_used_at.lt(now - DEVICES_KEPT))
        .execute(&mut connection)
        .await?;
    diesel::delete(invitations::table)
        .filter(invitations::expires_at.lt(now - INVITATIONS_KEPT))
        .execute(&mut connection)
        .await?;
    diesel::delete(activations::table)
        .filter(activations::expires_at.lt(now - INVITATIONS_KEPT))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Every practice.
pub(in crate::identity) async fn all_practices(
    mut connection: &AsyncPgConnection,
) -> Stored<Vec<Uuid>> {
    let practices = practices::table
        .select(practices::id)
        .order(practices::id)
        .load(&mut connection)
        .await?;
    Ok(practices)
}
