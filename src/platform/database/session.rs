//! The question that every transaction of a session begins with: does the session still hold, which
//! provider is its user, and which patients are still within reach?

use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::result::Error as DieselError;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::platform::access::{Principal, StepUp};
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
    /// The practice requires a second factor that was not given.
    #[diesel(sql_type = Bool)]
    pub(super) lacks_second_factor: bool,
    /// The practice asks for it again before this act.
    #[diesel(sql_type = Bool)]
    pub(super) lacks_step_up: bool,
}

impl Standing {
    /// What holds where nobody is signed in.
    pub(super) fn of_token(principal: &Principal) -> Self {
        Self {
            reach: principal.reach(),
            provider_id: principal.provider_id,
            lacks_second_factor: false,
            lacks_step_up: false,
        }
    }
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
      m.provider_id,
      NOT $8 AND s.second_factor_at IS NULL AND m.role = ANY (p.second_factor_roles) AS lacks_second_factor,
      coalesce($9 = ANY (p.step_up_for), false)
        AND coalesce(s.second_factor_at <= $2 - interval '15 minutes', true) AS lacks_step_up
    FROM control.sessions s
    JOIN control.memberships m ON m.practice_id = s.practice_id AND m.user_id = s.user_id
    JOIN control.users u ON u.id = s.user_id
    JOIN control.practices p ON p.id = s.practice_id
    WHERE s.id = $1 AND s.practice_id = $3 AND s.user_id = $4
      AND s.revoked_at IS NULL AND s.expires_at > $2
      AND m.role = $5 AND m.suspended_at IS NULL AND u.disabled_at IS NULL";

/// The patients of the token, of which some may no longer be within reach.
pub(super) struct Claimed<'c> {
    /// In the form of [`Principal::reach`].
    pub(super) reach: &'c str,
    /// What the act asks of the session.
    pub(super) demands: Demands,
}

/// What an act asks of the session it is done in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demands {
    /// A link for appointments alone is not enough.
    pub(super) whole_record: bool,
    /// The act is about the caller's own account, which a second factor is set up in.
    pub(super) own_account: bool,
    pub(super) step_up: Option<StepUp>,
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
        .bind::<Bool, _>(claimed.demands.whole_record)
        .bind::<Bool, _>(claimed.demands.own_account)
        .bind::<Nullable<Text>, _>(claimed.demands.step_up.map(StepUp::as_str));
    prepared(asked).get_result(&mut connection).await.optional()
}
