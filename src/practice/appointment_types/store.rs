//! Rows and queries of appointment types.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::page::{Window, rows_after};
use crate::schema::appointment_types::dsl;

use super::{AppointmentType, AppointmentTypeId, TypeRules};

#[derive(HasQuery, Insertable, AsChangeset, Deserialize)]
#[diesel(table_name = crate::schema::appointment_types, treat_none_as_null = true, treat_none_as_default_value = false)]
struct TypeRow {
    id: AppointmentTypeId,
    name: String,
    duration_minutes: i32,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    needs_room: bool,
    patient_bookable: bool,
    min_lead_minutes: i32,
    max_ahead_days: i32,
    cancel_cutoff_minutes: i32,
    start_every_minutes: i32,
    color: String,
    capacity: i32,
    min_interval_days: Option<i32>,
    active: bool,
    version: Version,
    updated_at: DateTime<Utc>,
}

/// A count that the database keeps above zero.
fn positive(count: i32) -> NonZeroU32 {
    NonZeroU32::new(count.unsigned_abs()).unwrap_or(NonZeroU32::MIN)
}

/// A count that its schema keeps far below the limit.
fn stored(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl From<TypeRow> for AppointmentType {
    fn from(row: TypeRow) -> Self {
        Self {
            id: row.id,
            rules: TypeRules {
                name: row.name,
                duration_minutes: positive(row.duration_minutes),
                buffer_before_minutes: row.buffer_before_minutes.unsigned_abs(),
                buffer_after_minutes: row.buffer_after_minutes.unsigned_abs(),
                needs_room: row.needs_room,
                patient_bookable: row.patient_bookable,
                min_lead_minutes: row.min_lead_minutes.unsigned_abs(),
                max_ahead_days: row.max_ahead_days.unsigned_abs(),
                cancel_cutoff_minutes: row.cancel_cutoff_minutes.unsigned_abs(),
                start_every_minutes: positive(row.start_every_minutes),
                color: row.color,
                capacity: positive(row.capacity),
                min_interval_days: row.min_interval_days.map(positive),
                active: row.active,
            },
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

impl From<&AppointmentType> for TypeRow {
    fn from(of: &AppointmentType) -> Self {
        let rules = of.rules.clone();
        Self {
            id: of.id,
            name: rules.name,
            duration_minutes: stored(rules.duration_minutes.get()),
            buffer_before_minutes: stored(rules.buffer_before_minutes),
            buffer_after_minutes: stored(rules.buffer_after_minutes),
            needs_room: rules.needs_room,
            patient_bookable: rules.patient_bookable,
            min_lead_minutes: stored(rules.min_lead_minutes),
            max_ahead_days: stored(rules.max_ahead_days),
            cancel_cutoff_minutes: stored(rules.cancel_cutoff_minutes),
            start_every_minutes: stored(rules.start_every_minutes.get()),
            color: rules.color,
            capacity: stored(rules.capacity.get()),
            min_interval_days: rules.min_interval_days.map(|days| stored(days.get())),
            active: rules.active,
            version: of.version,
            updated_at: of.updated_at,
        }
    }
}

pub(super) fn from_json(row: serde_json::Value) -> Option<AppointmentType> {
    let row: TypeRow = serde_json::from_value(row)
        .inspect_err(|error| tracing::error!(%error, "a stored type cannot be read"))
        .ok()?;
    Some(row.into())
}

pub(super) async fn find(
    transaction: &OpenTransaction<'_>,
    id: AppointmentTypeId,
) -> Stored<Option<AppointmentType>> {
    let row = TypeRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(AppointmentType::from))
}

pub(super) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: AppointmentTypeId,
) -> Stored<Option<AppointmentType>> {
    let row = TypeRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(AppointmentType::from))
}

pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    updated_since: Option<DateTime<Utc>>,
    open_to_patients_only: bool,
    window: &Window<(String, Uuid)>,
) -> Stored<Vec<AppointmentType>> {
    let mut query = TypeRow::query()
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::name, dsl::id))
        .limit(window.probe())
        .into_boxed();
    if let Some(since) = updated_since {
        query = query.filter(dsl::updated_at.ge(since));
    }
    if open_to_patients_only {
        query = query.filter(dsl::active.and(dsl::patient_bookable));
    }
    rows_after!(query, window, dsl::name, dsl::id);
    let rows = query.load::<TypeRow>(&mut transaction.connection()).await?;
    Ok(rows.into_iter().map(AppointmentType::from).collect())
}

pub(super) async fn insert(
    transaction: &OpenTransaction<'_>,
    added: &AppointmentType,
) -> Stored<()> {
    diesel::insert_into(dsl::appointment_types)
        .values((
            TypeRow::from(added),
            dsl::practice_id.eq(transaction.practice_id()),
            dsl::created_at.eq(transaction.now()),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(super) async fn update(
    transaction: &OpenTransaction<'_>,
    changed: &AppointmentType,
) -> Stored<()> {
    diesel::update(dsl::appointment_types)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(changed.id))
        .set(TypeRow::from(changed))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The types of a practice with their names, the shortest first.
pub(crate) async fn type_names(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<(AppointmentTypeId, String)>> {
    Ok(dsl::appointment_types
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .order((dsl::duration_minutes, dsl::id))
        .select((dsl::id, dsl::name))
        .load(&mut transaction.connection())
        .await?)
}
