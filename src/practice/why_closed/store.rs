//! Rows about one provider, one location and one time.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::prepared::prepared;
use crate::practice::locations::LocationId;
use crate::practice::time_zone::TimeZone;
use crate::schema::locations;

use super::{ClosureNote, RefusedTime, WhyClosed};

#[derive(QueryableByName)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one column for each question asked"
)]
struct WhyRow {
    #[diesel(sql_type = Text)]
    provider_name: String,
    #[diesel(sql_type = Bool)]
    is_provider_active: bool,
    #[diesel(sql_type = Text)]
    location_name: String,
    #[diesel(sql_type = Text)]
    time_zone: TimeZone,
    #[diesel(sql_type = Bool)]
    has_room: bool,
    #[diesel(sql_type = Bool)]
    is_time_off: bool,
    #[diesel(sql_type = Nullable<Text>)]
    closure_reason: Option<String>,
    #[diesel(sql_type = Bool)]
    is_closure_of_practice: bool,
}

const WHY: &str = "
    SELECT p.name AS provider_name, p.active AS is_provider_active, l.name AS location_name, l.time_zone,
        EXISTS (SELECT FROM rooms r WHERE r.practice_id = $1 AND r.location_id = $3 AND r.active) AS has_room,
        EXISTS (SELECT FROM time_off o WHERE o.practice_id = $1 AND o.provider_id = $2
            AND o.starts_at < $5 AND o.ends_at > $4) AS is_time_off,
        c.reason AS closure_reason, c.id IS NOT NULL AND c.location_id IS NULL AS is_closure_of_practice
    FROM providers p
    JOIN locations l ON l.practice_id = p.practice_id AND l.id = $3
    LEFT JOIN LATERAL (
        SELECT id, location_id, reason FROM closures
        WHERE practice_id = $1 AND starts_at < $5 AND ends_at > $4 AND (location_id IS NULL OR location_id = $3)
        ORDER BY starts_at, id LIMIT 1
    ) c ON true
    WHERE p.practice_id = $1 AND p.id = $2";

pub(super) async fn why_closed(
    transaction: &OpenTransaction<'_>,
    time: &RefusedTime,
) -> Stored<Option<WhyClosed>> {
    let statement = diesel::sql_query(WHY)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(time.provider_id)
        .bind::<SqlUuid, _>(time.location_id)
        .bind::<Timestamptz, _>(time.span.starts_at())
        .bind::<Timestamptz, _>(time.span.ends_at());
    let row: Option<WhyRow> = prepared(statement)
        .get_result(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(|row| WhyClosed {
        provider_name: row.provider_name,
        is_provider_active: row.is_provider_active,
        location_name: row.location_name,
        zone: row.time_zone.0,
        has_room: row.has_room,
        closure: row.closure_reason.map(|reason| ClosureNote {
            reason,
            is_of_practice: row.is_closure_of_practice,
        }),
        is_time_off: row.is_time_off,
        elsewhere: None,
    }))
}

pub(super) async fn location_name(
    transaction: &OpenTransaction<'_>,
    id: LocationId,
) -> Stored<Option<String>> {
    let name = locations::table
        .filter(locations::practice_id.eq(transaction.practice_id()))
        .filter(locations::id.eq(id))
        .select(locations::name)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(name)
}
