//! Rows and queries of closures.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::{Interval, IntervalSet};
use crate::platform::page::rows_after;
use crate::platform::pipeline::pipelined;
use crate::practice::locations::LocationId;

use crate::practice::profile::practice_zone;
use crate::practice::span::{Part, interval};
use crate::practice::time_zone::TimeZone;
use crate::schema::{closures, locations};

use super::{Closure, ClosureId};

#[derive(Queryable)]
struct ClosureRow {
    id: ClosureId,
    location_id: Option<LocationId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    reason: String,
    location_zone: Option<TimeZone>,
}

impl ClosureRow {
    fn into_noun(self, practice_zone: TimeZone) -> Stored<Closure> {
        let span = interval("closures", self.id, self.starts_at, self.ends_at)?;
        Ok(Closure {
            id: self.id,
            location_id: self.location_id,
            span,
            reason: self.reason,
            time_zone: self.location_zone.unwrap_or(practice_zone),
        })
    }
}

pub(super) async fn list(transaction: &OpenTransaction<'_>, part: &Part) -> Stored<Vec<Closure>> {
    use closures as of;
    let mut query = of::table
        .left_join(
            locations::table.on(locations::practice_id
                .eq(of::practice_id)
                .and(of::location_id.eq(locations::id.nullable()))),
        )
        .filter(of::practice_id.eq(transaction.practice_id()))
        .order((of::starts_at, of::id))
        .limit(part.window.probe())
        .select((
            of::id,
            of::location_id,
            of::starts_at,
            of::ends_at,
            of::reason,
            locations::time_zone.nullable(),
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
    let rows = async { Ok(query.load::<ClosureRow>(&mut connection).await?) };
    let (zone, rows) = pipelined!(practice_zone(transaction), rows)?;
    rows.into_iter().map(|row| row.into_noun(zone)).collect()
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: ClosureId,
) -> Stored<Option<Closure>> {
    use closures as of;
    let query = of::table
        .left_join(
            locations::table.on(locations::practice_id
                .eq(of::practice_id)
                .and(of::location_id.eq(locations::id.nullable()))),
        )
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::id.eq(id))
        .select((
            of::id,
            of::location_id,
            of::starts_at,
            of::ends_at,
            of::reason,
            locations::time_zone.nullable(),
        ));
    let mut connection = transaction.connection();
    let row = async {
        Ok(query
            .first::<ClosureRow>(&mut connection)
            .await
            .optional()?)
    };
    let (zone, row) = pipelined!(practice_zone(transaction), row)?;
    row.map(|row| row.into_noun(zone)).transpose()
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, added: &Closure) -> Stored<()> {
    use closures as of;
    diesel::insert_into(of::table)
        .values((
            of::practice_id.eq(transaction.practice_id()),
            of::id.eq(added.id),
            of::location_id.eq(added.location_id),
            of::starts_at.eq(added.span.starts_at()),
            of::ends_at.eq(added.span.ends_at()),
            of::reason.eq(&added.reason),
            of::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn delete(transaction: &OpenTransaction<'_>, id: ClosureId) -> Stored<()> {
    use closures as of;
    diesel::delete(of::table)
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::id.eq(id))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn zone(
    transaction: &OpenTransaction<'_>,
    id: LocationId,
) -> Stored<Option<TimeZone>> {
    Ok(locations::table
        .filter(locations::practice_id.eq(transaction.practice_id()))
        .filter(locations::id.eq(id))
        .select(locations::time_zone)
        .first(&mut transaction.connection())
        .await
        .optional()?)
}

/// When the practice, or one of its locations, is closed from `since` on.
pub(crate) async fn closed_times(
    transaction: &OpenTransaction<'_>,
    location_id: LocationId,
    since: DateTime<Utc>,
) -> Stored<IntervalSet> {
    use closures as of;
    let spans: Vec<(ClosureId, DateTime<Utc>, DateTime<Utc>)> = of::table
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::ends_at.gt(since))
        .filter(
            of::location_id
                .is_null()
                .or(of::location_id.eq(location_id)),
        )
        .select((of::id, of::starts_at, of::ends_at))
        .load(&mut transaction.connection())
        .await?;
    spans
        .into_iter()
        .map(|(id, starts_at, ends_at)| {
            let closed = Interval::new(starts_at, ends_at);
            closed.ok_or_else(|| InconsistentRow::new("closures", "ends_at", id.uuid()).into())
        })
        .collect()
}
