//! The question that every transaction of a session begins with: does the session still hold, which
//! provider is its user, and which patients are still within reach?

use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::platform::access::Principal;
use crate::platform::prepared::prepared;

/// What holds of a session now, whatever its token says.
#[derive(diesel::QueryableByName)]
pub(super) struct Standing {
    /// In the form of [`Principal::reach`].
    #[diesel(sql_type = Text)]
    pub(super) reach: String,
    /// The provider that the user is.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) provider_id: Option<Uuid>,
}

/// Returns no row when the session does not hold. Every transaction asks, so that sign-out, a changed
/// role and an ended link work on the very next request.
const STANDING: &str = "
    SELECT CASE WHEN $5 <> 'patient' THEN '*' ELSE coalesce((
        SELECT string_agg(l.patient_id::text, ',' ORDER BY l.patient_id)
        FROM control.patient_links l
        WHERE l.practice_id = $3 AND l.user_id = $4
          AND l.patient_id = ANY (string_to_array($6, ',')::uuid[])
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > $2)
          AND (l.scope = 'record' OR NOT $7)), '') END AS reach,
      m.provider_id
    FROM control.sessions s
    JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
    JOIN control.users u ON u.id = s.user_id
    WHERE s.id = $1 AND s.practice_id = $3 AND s.user_id = $4
      AND s.revoked_at IS NULL AND s.expires_at > $2
      AND m.role = $5 AND m.suspended_at IS NULL AND u.disabled_at IS NULL";

/// The patients of the token, of which some may no longer be within reach.
pub(super) struct Claimed<'c> {
    /// In the form of [`Principal::reach`].
    pub(super) reach: &'c str,
    /// Whether a link for appointments alone is not enough.
    pub(super) whole_record: bool,
}

/// What holds of the session of a token. Returns `None` when it does not hold at all.
pub(super) async fn standing<'c>(
    mut connection: &'c AsyncPgConnection,
    principal: &'c Principal,
    now: DateTime<Utc>,
    claimed: Claimed<'c>,
) -> Result<Option<Standing>, DieselError> {
    let asked = diesel::sql_query(STANDING)
        .bind::<SqlUuid, _>(principal.session_id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(principal.practice_id)
        .bind::<SqlUuid, _>(principal.user_id)
        .bind::<Text, _>(principal.role.as_str())
        .bind::<Text, _>(claimed.reach)
        .bind::<Bool, _>(claimed.whole_record);
    prepared(asked).get_result(&mut connection).await.optional()
}
