//! The question that every request of a service account begins with: whose key is it, does it still hold, and
//! what may the user do on whose behalf it is used?

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::sql_types::{Array, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use uuid::Uuid;

use super::{Database, Door, Stored};
use crate::platform::access::{Principal, Role, ServiceAccess, ServiceKey, ServiceScope};
use crate::platform::prepared::prepared;
use crate::platform::problem::{self, Problem};

/// What is refused to a key that is used from elsewhere, in the trail.
const USED_FROM_ELSEWHERE: &str = "service_accounts.use";

/// A key that a request brings.
pub(crate) struct BroughtKey {
    pub(crate) key: ServiceKey,
    pub(crate) address: Option<IpAddr>,
    /// Who is said to be acted for.
    pub(crate) on_behalf_of: Option<Uuid>,
}

#[derive(diesel::QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = SqlUuid)]
    key_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    practice_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<ServiceScope>,
    #[diesel(sql_type = Array<Text>)]
    networks: Vec<String>,
    /// Its last use was noted a while ago.
    #[diesel(sql_type = Bool)]
    is_unnoted: bool,
    /// The role of the user who is acted for; nothing when they are not active here.
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<Role>,
    #[diesel(sql_type = Array<SqlUuid>)]
    patient_ids: Vec<Uuid>,
    #[diesel(sql_type = Array<SqlUuid>)]
    appointments_of: Vec<Uuid>,
}

/// Returns no row when the key does not hold.
const KEY: &str = "
    SELECT k.id AS key_id, a.id AS account_id, a.practice_id, a.scopes, a.networks,
      coalesce(k.last_used_at <= $3 - interval '1 minute', true) AS is_unnoted, m.role,
      ARRAY(SELECT l.patient_id FROM control.patient_links l
        WHERE l.practice_id = a.practice_id AND l.user_id = $4 AND l.scope = 'record'
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > $3)
        ORDER BY l.patient_id) AS patient_ids,
      ARRAY(SELECT l.patient_id FROM control.patient_links l
        WHERE l.practice_id = a.practice_id AND l.user_id = $4 AND l.scope = 'appointments'
          AND l.revoked_at IS NULL AND (l.ends_at IS NULL OR l.ends_at > $3)) AS appointments_of
    FROM control.service_account_keys k
    JOIN control.service_accounts a ON a.id = k.service_account_id
    LEFT JOIN (control.memberships m JOIN control.users u ON u.id = m.user_id AND u.disabled_at IS NULL)
      ON m.practice_id = a.practice_id AND m.user_id = $4 AND m.suspended_at IS NULL
    WHERE k.prefix = $1 AND k.secret_hash = $2 AND k.revoked_at IS NULL AND k.expires_at > $3
      AND a.disabled_at IS NULL";

async fn find(
    mut connection: &AsyncPgConnection,
    brought: &BroughtKey,
    now: DateTime<Utc>,
) -> Stored<Option<KeyRow>> {
    let asked = diesel::sql_query(KEY)
        .bind::<Text, _>(&brought.key.prefix)
        .bind::<Bytea, _>(brought.key.hash.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(brought.on_behalf_of);
    let found = prepared(asked).get_result(&mut connection).await;
    Ok(found.optional()?)
}

async fn note_use(
    mut connection: &AsyncPgConnection,
    key_id: Uuid,
    now: DateTime<Utc>,
) -> Stored<()> {
    diesel::sql_query("UPDATE control.service_account_keys SET last_used_at = $2 WHERE id = $1")
        .bind::<SqlUuid, _>(key_id)
        .bind::<Timestamptz, _>(now)
        .execute(&mut connection)
        .await?;
    Ok(())
}

impl KeyRow {
    fn admits(&self, address: Option<IpAddr>) -> bool {
        let networks = self
            .networks
            .iter()
            .filter_map(|one| one.parse::<IpNet>().ok());
        self.networks.is_empty()
            || address.is_some_and(|address| networks.into_iter().any(|one| one.contains(&address)))
    }

    fn principal(self, on_behalf_of: Option<Uuid>) -> Principal {
        Principal {
            user_id: self.account_id,
            practice_id: self.practice_id,
            session_id: self.key_id,
            // The permit takes the one that fits the action when it acts for nobody.
            role: self.role.unwrap_or(Role::Assistant),
            // It is no provider, not even on behalf of one: it signs nothing.
            provider_id: None,
            patient_ids: self.patient_ids,
            service_access: Some(Box::new(ServiceAccess {
                scopes: self.scopes,
                on_behalf_of,
                appointments_of: self.appointments_of,
            })),
        }
    }
}

impl Database {
    /// Who acts with a key, or nothing when it does not hold here and now. A key that is right and comes from
    /// where it may not is noted in the trail.
    pub(crate) async fn holder_of(
        &self,
        brought: &BroughtKey,
    ) -> Result<Option<Principal>, Problem> {
        let now = self.now();
        let found = self
            .through(Door::ServiceAccount, async |connection| {
                let found = find(connection, brought, now).await?;
                if let Some(row) = found.as_ref().filter(|row| row.is_unnoted) {
                    note_use(connection, row.key_id, now).await?;
                }
                Ok(found)
            })
            .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        if !row.admits(brought.address) {
            let principal = row.principal(None);
            self.record_refusal(&principal, USED_FROM_ELSEWHERE).await?;
            return Ok(None);
        }
        if brought.on_behalf_of.is_some() && row.role.is_none() {
            return Err(names_nobody());
        }
        Ok(Some(row.principal(brought.on_behalf_of)))
    }
}

/// The header `On-Behalf-Of` does not name a user who may act here.
pub(crate) fn names_nobody() -> Problem {
    Problem::new(&problem::NOT_ALLOWED)
        .detail("The header On-Behalf-Of must be the id of a user who is active in this practice.")
}
