//! Affected appointments: what became of each follows from where its appointment stands now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::page::Window;
use crate::platform::prepared::constant_sql;
use crate::practice::AffectedCause;
use crate::scheduling::affected::{AffectedFilter, AffectedKey, AffectedStatus, AffectedView};
use crate::scheduling::appointment::AppointmentId;
use crate::schema::{affected_appointments, appointments};

use super::affected_by::AFFECTED_BY;
use super::views;

/// What became of a row of `affected_appointments` beside the one of its appointment.
const STATUS: &str = "(CASE
    WHEN appointments.status = 'cancelled' THEN 'cancelled'
    WHEN (appointments.provider_id, appointments.location_id, appointments.starts_at)
            IS DISTINCT FROM (affected_appointments.provider_id, affected_appointments.location_id,
                affected_appointments.starts_at)
        OR affected_appointments.room_id IS NOT NULL
            AND affected_appointments.room_id IS DISTINCT FROM appointments.room_id
        OR affected_appointments.appointment_type_id IS NOT NULL
            AND affected_appointments.appointment_type_id <> appointments.appointment_type_id
        THEN 'moved'
    WHEN affected_appointments.lifted_at IS NOT NULL THEN 'lifted'
    WHEN affected_appointments.kept_at IS NOT NULL
        OR appointments.status NOT IN ('booked', 'confirmed') THEN 'kept'
    ELSE 'open' END)";

/// The columns of the list.
#[derive(Queryable, Selectable)]
#[diesel(table_name = affected_appointments, check_for_backend(Pg))]
struct AffectedRow {
    id: Uuid,
    appointment_id: AppointmentId,
    cause: AffectedCause,
    starts_at: DateTime<Utc>,
    noted_at: DateTime<Utc>,
    kept_reason: Option<String>,
}

/// Affected appointments by the start that they had.
pub(in crate::scheduling) async fn list_affected(
    transaction: &OpenTransaction<'_>,
    filter: AffectedFilter,
    window: &Window<AffectedKey>,
) -> Stored<Vec<AffectedView>> {
    use affected_appointments::{
        appointment_id, cause, id, location_id, practice_id, provider_id, starts_at,
    };
    let status = || constant_sql::<Text, 0>([], [], STATUS);
    let appointment = appointments::practice_id
        .eq(practice_id)
        .and(appointments::id.eq(appointment_id));
    let mut query = affected_appointments::table
        .inner_join(appointments::table.on(appointment))
        .filter(practice_id.eq(transaction.practice_id()))
        .order((starts_at, id))
        .limit(window.probe())
        .select((AffectedRow::as_select(), status()))
        .into_boxed();
    if let Some(wanted) = filter.cause {
        query = query.filter(cause.eq(wanted));
    }
    if let Some(wanted) = filter.status {
        query = query.filter(status().eq(wanted.as_str()));
    }
    if let Some(wanted) = filter.provider_id {
        query = query.filter(provider_id.eq(wanted));
    }
    if let Some(wanted) = filter.location_id {
        query = query.filter(location_id.eq(wanted));
    }
    if let Some(from) = filter.from {
        query = query.filter(starts_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(starts_at.lt(to));
    }
    if let Some((start, last)) = window.after {
        query = query.filter(starts_at.ge(start));
        query = query.filter(starts_at.gt(start).or(id.gt(last)));
    }
    let rows: Vec<(AffectedRow, AffectedStatus)> =
        query.load(&mut transaction.connection()).await?;
    let ids: Vec<AppointmentId> = rows.iter().map(|(row, _)| row.appointment_id).collect();
    let views = views::of_ids(transaction, &ids).await?;
    let views: BTreeMap<AppointmentId, _> = views
        .into_iter()
        .map(|view| (view.appointment.id, view))
        .collect();
    let shown = |(row, status): (AffectedRow, AffectedStatus)| {
        Some(AffectedView {
            id: row.id,
            starts_at: row.starts_at,
            cause: row.cause,
            status,
            noted_at: row.noted_at,
            kept_reason: row.kept_reason,
            appointment: views.get(&row.appointment_id)?.clone(),
            proposed: None,
        })
    };
    Ok(rows.into_iter().filter_map(shown).collect())
}

/// Whether the appointment is on the list and still open.
pub(in crate::scheduling) async fn is_affected(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
) -> Stored<bool> {
    let cause = constant_sql::<Nullable<Text>, 0>([], [], AFFECTED_BY);
    let found: Option<Option<AffectedCause>> = appointments::table
        .filter(appointments::practice_id.eq(transaction.practice_id()))
        .filter(appointments::id.eq(id))
        .select(cause)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(found.flatten().is_some())
}

/// Writes down that the appointment stays where it is.
pub(in crate::scheduling) async fn keep_affected(
    transaction: &OpenTransaction<'_>,
    id: AppointmentId,
    reason: &str,
) -> Stored<()> {
    use affected_appointments::dsl;
    diesel::update(dsl::affected_appointments)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::appointment_id.eq(id.uuid()))
        .filter(dsl::kept_at.is_null())
        .filter(dsl::lifted_at.is_null())
        .set((
            dsl::kept_at.eq(transaction.now()),
            dsl::kept_by.eq(transaction.principal().user_id),
            dsl::kept_reason.eq(reason),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}
