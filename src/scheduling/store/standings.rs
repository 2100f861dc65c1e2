//! Where appointments stand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::platform::database::{OpenTransaction, Stored};
use crate::practice::TimeZone;
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::appointment_status::Status;
use crate::scheduling::standing::AppointmentStanding;
use crate::schema::{appointments, locations};

/// Where those of the appointments stand that are within reach, by their ids.
pub(crate) async fn standings(
    transaction: &OpenTransaction<'_>,
    ids: &[AppointmentId],
) -> Stored<BTreeMap<AppointmentId, AppointmentStanding>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(AppointmentId, Status, DateTime<Utc>, TimeZone)> = appointments::table
        .inner_join(
            locations::table.on(locations::practice_id
                .eq(appointments::practice_id)
                .and(locations::id.eq(appointments::location_id))),
        )
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq_any(ids))
        .select((
            appointments::id,
            appointments::status,
            appointments::starts_at,
            locations::time_zone,
        ))
        .load(&mut transaction.connection())
        .await?;
    let standing = |(id, status, starts_at, zone): (_, _, _, TimeZone)| {
        let zone = zone.0;
        (
            id,
            AppointmentStanding {
                id,
                status,
                starts_at,
                zone,
            },
        )
    };
    Ok(rows.into_iter().map(standing).collect())
}
