//! Rows and queries of time off.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::rows_after;
use crate::platform::pipeline::pipelined;

use crate::practice::profile::practice_zone;
use crate::practice::providers::ProviderId;
use crate::practice::span::{Part, interval};
use crate::practice::time_zone::TimeZone;
use crate::schema::time_off;

use super::{TimeOff, TimeOffId};

#[derive(Queryable)]
struct TimeOffRow {
    id: TimeOffId,
    provider_id: ProviderId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    reason: String,
}

impl TimeOffRow {
    fn into_noun(self, practice_zone: TimeZone) -> Stored<TimeOff> {
        let span = interval("time_off", self.id, self.starts_at, self.ends_at)?;
        Ok(TimeOff {
            id: self.id,
            provider_id: self.provider_id,
            span,
            reason: self.reason,
            time_zone: practice_zone,
        })
    }
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    part: &Part,
) -> Stored<Vec<TimeOff>> {
    use time_off as of;
    let mut query = of::table
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .order((of::starts_at, of::id))
        .limit(part.window.probe())
        .select((
            of::id,
            of::provider_id,
            of::starts_at,
            of::ends_at,
            of::reason,
        ))
        .into_boxed();
    if let Some(from) = part.from {
        query = query.filter(of::ends_at.gt(from));
    }
    if let Some(to) = part.to {
        query = query.filter(of::starts_at.lt(to));
    }
    if let Some(since) = part.added_since {
        query = query.filter(of::created_at.ge(since));
    }
    rows_after!(query, part.window, of::starts_at, of::id);
    let mut connection = transaction.connection();
    let rows = async { Ok(query.load::<TimeOffRow>(&mut connection).await?) };
    let (zone, rows) = pipelined!(practice_zone(transaction), rows)?;
    rows.into_iter().map(|row| row.into_noun(zone)).collect()
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    id: TimeOffId,
) -> Stored<Option<TimeOff>> {
    use time_off as of;
    let query = of::table
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .filter(of::id.eq(id))
        .select((
            of::id,
            of::provider_id,
            of::starts_at,
            of::ends_at,
            of::reason,
        ));
    let mut connection = transaction.connection();
    let row = async {
        Ok(query
            .first::<TimeOffRow>(&mut connection)
            .await
            .optional()?)
    };
    let (zone, row) = pipelined!(practice_zone(transaction), row)?;
    row.map(|row| row.into_noun(zone)).transpose()
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, added: &TimeOff) -> Stored<()> {
    use time_off as of;
    diesel::insert_into(of::table)
        .values((
            of::practice_id.eq(transaction.practice_id()),
            of::id.eq(added.id),
            of::provider_id.eq(added.provider_id),
            of::starts_at.eq(added.span.starts_at()),
            of::ends_at.eq(added.span.ends_at()),
            of::reason.eq(&added.reason),
            of::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn delete(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    id: TimeOffId,
) -> Stored<()> {
    use time_off as of;
    diesel::delete(of::table)
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .filter(of::id.eq(id))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
