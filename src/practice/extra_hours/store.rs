//! Rows and queries of extra hours.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::rows_after;
use crate::practice::locations::LocationId;
use crate::practice::providers::ProviderId;
use crate::practice::span::{Part, interval};
use crate::practice::time_zone::TimeZone;
use crate::schema::{extra_hours, locations};

use super::{ExtraHours, ExtraHoursId};

#[derive(Queryable)]
struct ExtraHoursRow {
    id: ExtraHoursId,
    provider_id: ProviderId,
    location_id: LocationId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    time_zone: TimeZone,
}

impl ExtraHoursRow {
    fn into_noun(self) -> Stored<ExtraHours> {
        let span = interval("extra_hours", self.id, self.starts_at, self.ends_at)?;
        Ok(ExtraHours {
            id: self.id,
            provider_id: self.provider_id,
            location_id: self.location_id,
            span,
            time_zone: self.time_zone,
        })
    }
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    part: &Part,
) -> Stored<Vec<ExtraHours>> {
    use extra_hours as of;
    let mut query = of::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(of::practice_id)
                .and(locations::id.eq(of::location_id))),
        )
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .order((of::starts_at, of::id))
        .limit(part.window.probe())
        .select((
            of::id,
            of::provider_id,
            of::location_id,
            of::starts_at,
            of::ends_at,
            locations::time_zone,
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
    let rows = query
        .load::<ExtraHoursRow>(&mut transaction.connection())
        .await?;
    rows.into_iter().map(ExtraHoursRow::into_noun).collect()
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    id: ExtraHoursId,
) -> Stored<Option<ExtraHours>> {
    use extra_hours as of;
    let row = of::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(of::practice_id)
                .and(locations::id.eq(of::location_id))),
        )
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
        .filter(of::id.eq(id))
        .select((
            of::id,
            of::provider_id,
            of::location_id,
            of::starts_at,
            of::ends_at,
            locations::time_zone,
        ))
        .first::<ExtraHoursRow>(&mut transaction.connection())
        .await
        .optional()?;
    row.map(ExtraHoursRow::into_noun).transpose()
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, added: &ExtraHours) -> Stored<()> {
    use extra_hours as of;
    diesel::insert_into(of::table)
        .values((
            of::practice_id.eq(transaction.practice_id()),
            of::id.eq(added.id),
            of::provider_id.eq(added.provider_id),
            of::location_id.eq(added.location_id),
            of::starts_at.eq(added.span.starts_at()),
            of::ends_at.eq(added.span.ends_at()),
            of::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn delete(
    transaction: &OpenTransaction<'_>,
    provider_id: ProviderId,
    id: ExtraHoursId,
) -> Stored<()> {
    use extra_hours as of;
    diesel::delete(of::table)
        .filter(of::practice_id.eq(transaction.practice_id()))
        .filter(of::provider_id.eq(provider_id))
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
