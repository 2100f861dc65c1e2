//! Links to the records of a person that a merge makes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::identity::schema::control::patient_links;
use crate::platform::database::Stored;
use crate::platform::prepared::prepared;

/// Links every account that reaches one of these records to all of them. The links name the merge.
pub(in crate::identity) async fn insert_merge_links(
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
pub(in crate::identity) async fn revoke_merge_links(
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
