//! Entries of the waitlist.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::FieldError;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, Weekday};
use crate::scheduling::AppointmentId;
use crate::schema::{locations, providers, waitlist_entries};
use crate::waitlist::entry::{DayPart, Entry, EntryStatus, WaitlistEntryId, Wishes};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = waitlist_entries, check_for_backend(Pg), treat_none_as_default_value = false)]
pub(super) struct EntryRow {
    practice_id: Uuid,
    pub(super) id: WaitlistEntryId,
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_ids: Vec<Option<ProviderId>>,
    location_ids: Vec<Option<LocationId>>,
    earliest: DateTime<Utc>,
    latest: DateTime<Utc>,
    weekdays: Vec<Option<Weekday>>,
    day_parts: Vec<Option<DayPart>>,
    priority: i16,
    pub(super) status: EntryStatus,
    appointment_id: Option<AppointmentId>,
    created_by: Uuid,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = InconsistentRow;

    fn try_from(row: EntryRow) -> Result<Self, InconsistentRow> {
        let id = row.id;
        Ok(Self {
            id,
            patient_id: row.patient_id,
            appointment_type_id: row.appointment_type_id,
            wishes: Wishes {
                provider_ids: whole(id, "provider_ids", row.provider_ids)?,
                location_ids: whole(id, "location_ids", row.location_ids)?,
                earliest: row.earliest,
                latest: row.latest,
                weekdays: whole(id, "weekdays", row.weekdays)?,
                day_parts: whole(id, "day_parts", row.day_parts)?,
            },
            priority: row.priority,
            status: row.status,
            appointment_id: row.appointment_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The items of an array column; an array with an empty item cannot be read.
fn whole<T>(
    id: WaitlistEntryId,
    column: &'static str,
    items: Vec<Option<T>>,
) -> Result<Vec<T>, InconsistentRow> {
    let items: Option<Vec<T>> = items.into_iter().collect();
    items.ok_or_else(|| InconsistentRow::new("waitlist_entries", column, id))
}

/// Reads many rows.
pub(super) fn entries(rows: Vec<EntryRow>) -> Stored<Vec<Entry>> {
    let entries: Result<_, InconsistentRow> = rows.into_iter().map(Entry::try_from).collect();
    Ok(entries?)
}

/// The statuses of entries that can still get an appointment.
const LIVE: [EntryStatus; 2] = [EntryStatus::Waiting, EntryStatus::Offered];

fn some<T: Copy>(items: &[T]) -> Vec<Option<T>> {
    items.iter().copied().map(Some).collect()
}

pub(in crate::waitlist) async fn insert(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
) -> Stored<()> {
    let wishes = &entry.wishes;
    let row = EntryRow {
        practice_id: transaction.practice_id(),
        id: entry.id,
        patient_id: entry.patient_id,
        appointment_type_id: entry.appointment_type_id,
        provider_ids: some(&wishes.provider_ids),
        location_ids: some(&wishes.location_ids),
        earliest: wishes.earliest,
        latest: wishes.latest,
        weekdays: some(&wishes.weekdays),
        day_parts: some(&wishes.day_parts),
        priority: entry.priority,
        status: entry.status,
        appointment_id: entry.appointment_id,
        created_by: transaction.principal().user_id,
        version: entry.version,
        created_at: entry.created_at,
        updated_at: entry.updated_at,
    };
    diesel::insert_into(waitlist_entries::table)
        .values(row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Records the status of an entry.
pub(in crate::waitlist) async fn record(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
) -> Stored<()> {
    use waitlist_entries::dsl;
    diesel::update(dsl::waitlist_entries)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(entry.id))
        .set((
            dsl::status.eq(entry.status),
            dsl::appointment_id.eq(entry.appointment_id),
            dsl::version.eq(entry.version),
            dsl::updated_at.eq(entry.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Records the wishes of an entry.
pub(in crate::waitlist) async fn record_wishes(
    transaction: &OpenTransaction<'_>,
    entry: &Entry,
) -> Stored<()> {
    use waitlist_entries::dsl;
    let wishes = &entry.wishes;
    diesel::update(dsl::waitlist_entries)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(entry.id))
        .set((
            dsl::provider_ids.eq(some(&wishes.provider_ids)),
            dsl::location_ids.eq(some(&wishes.location_ids)),
            dsl::earliest.eq(wishes.earliest),
            dsl::latest.eq(wishes.latest),
            dsl::weekdays.eq(some(&wishes.weekdays)),
            dsl::day_parts.eq(some(&wishes.day_parts)),
            dsl::priority.eq(entry.priority),
            dsl::version.eq(entry.version),
            dsl::updated_at.eq(entry.updated_at),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

pub(in crate::waitlist) async fn lock(
    transaction: &OpenTransaction<'_>,
    id: WaitlistEntryId,
) -> Stored<Option<Entry>> {
    let row = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq(id))
        .select(EntryRow::as_select())
        .for_update()
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Entry::try_from).transpose()?)
}

/// Locks the entry and the other open entries of the person for the same type. One statement locks
/// them in the order of ids, so two answers at once cannot deadlock.
pub(in crate::waitlist) async fn lock_with_siblings(
    transaction: &OpenTransaction<'_>,
    id: WaitlistEntryId,
) -> Stored<(Option<Entry>, Vec<Entry>)> {
    use waitlist_entries::dsl;
    let of = dsl::waitlist_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq(id))
        .select((dsl::patient_id, dsl::appointment_type_id))
        .first::<(PatientId, AppointmentTypeId)>(&mut transaction.connection())
        .await
        .optional()?;
    let Some((patient_id, appointment_type_id)) = of else {
        return Ok((None, Vec::new()));
    };
    let rows: Vec<EntryRow> = dsl::waitlist_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::appointment_type_id.eq(appointment_type_id))
        .filter(dsl::id.eq(id).or(dsl::status.eq_any(LIVE)))
        .order(dsl::id)
        .select(EntryRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    let entries = entries(rows)?.into_iter();
    let (mut named, siblings): (Vec<Entry>, Vec<Entry>) = entries.partition(|found| found.id == id);
    Ok((named.pop(), siblings))
}

/// The open entry of the person for this type, under any of their records.
pub(in crate::waitlist) async fn live_of_type(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
) -> Stored<Option<WaitlistEntryId>> {
    use waitlist_entries::dsl;
    let found = dsl::waitlist_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::appointment_type_id.eq(appointment_type_id))
        .filter(dsl::status.eq_any(LIVE))
        .order(dsl::id)
        .select(dsl::id)
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(found)
}

/// The open entries of a person, under any of their records, locked.
pub(in crate::waitlist) async fn live_of_person(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<Vec<Entry>> {
    use waitlist_entries::dsl;
    let rows: Vec<EntryRow> = dsl::waitlist_entries
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(dsl::status.eq_any(LIVE))
        .order(dsl::id)
        .select(EntryRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    entries(rows)
}

/// The wishes that name a provider or location that does not exist.
pub(in crate::waitlist) async fn unknown(
    transaction: &OpenTransaction<'_>,
    wishes: &Wishes,
) -> Stored<Vec<FieldError>> {
    let practice_id = transaction.practice_id();
    let known_providers = providers::table
        .filter(providers::practice_id.eq(practice_id))
        .filter(providers::id.eq_any(&wishes.provider_ids))
        .count();
    let known_locations = locations::table
        .filter(locations::practice_id.eq(practice_id))
        .filter(locations::id.eq_any(&wishes.location_ids))
        .count();
    let (mut one, mut two) = (transaction.connection(), transaction.connection());
    let (known_providers, known_locations) = pipelined!(
        known_providers.get_result::<i64>(&mut one),
        known_locations.get_result::<i64>(&mut two),
    )?;
    let count = |distinct: usize| i64::try_from(distinct).unwrap_or(i64::MAX);
    let wanted_providers: BTreeSet<&ProviderId> = wishes.provider_ids.iter().collect();
    let wanted_locations: BTreeSet<&LocationId> = wishes.location_ids.iter().collect();
    let mut errors = Vec::new();
    if known_providers != count(wanted_providers.len()) {
        let detail = "names a provider that this practice does not have";
        errors.push(FieldError::new("/provider_ids", detail));
    }
    if known_locations != count(wanted_locations.len()) {
        let detail = "names a location that this practice does not have";
        errors.push(FieldError::new("/location_ids", detail));
    }
    Ok(errors)
}

/// How many open entries a patient has.
pub(in crate::waitlist) async fn count_waiting(
    transaction: &OpenTransaction<'_>,
    patient_id: PatientId,
) -> Stored<i64> {
    let count = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::patient_id.eq_any(records_of(transaction, patient_id)))
        .filter(waitlist_entries::status.eq_any(LIVE))
        .count()
        .get_result(&mut transaction.connection())
        .await?;
    Ok(count)
}

/// Ends the entries whose last start has passed, and returns them.
pub(in crate::waitlist) async fn expire_entries(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<(Uuid, Uuid)>> {
    use waitlist_entries::dsl;
    let expired: Vec<(WaitlistEntryId, PatientId)> = diesel::update(dsl::waitlist_entries)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::status.eq(EntryStatus::Waiting))
        .filter(dsl::latest.le(transaction.now()))
        .set((
            dsl::status.eq(EntryStatus::Expired),
            dsl::version.eq(dsl::version + 1),
            dsl::updated_at.eq(transaction.now()),
        ))
        .returning((dsl::id, dsl::patient_id))
        .get_results(&mut transaction.connection())
        .await?;
    let plain = |(id, patient_id): (WaitlistEntryId, PatientId)| (id.uuid(), patient_id.uuid());
    Ok(expired.into_iter().map(plain).collect())
}
