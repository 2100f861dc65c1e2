//! Rows and queries of the waitlist.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::dsl::{auto_type, exists, not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::{PatientId, PersonIdOf, person_id_of, records_of};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::etag::Version;
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::platform::pipeline::pipelined;
use crate::platform::prepared::prepared;
use crate::platform::problem::FieldError;
use crate::practice::{
    AppointmentTypeId, LocationId, Opening, ProviderId, RoomId, TimeZone, Weekday,
};
use crate::scheduling::appointment::{AppointmentId, Place};
use crate::schema::{
    appointment_types, locations, patients, providers, waitlist_entries, waitlist_offers,
};

use super::entry::{
    DayPart, Entry, EntryStatus, Offer, OfferId, OfferStatus, WaitlistEntryId, Wishes,
};
use super::look::{EntryFilter, EntryView, OfferView, TurnKey};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = waitlist_entries, check_for_backend(Pg), treat_none_as_default_value = false)]
struct EntryRow {
    practice_id: Uuid,
    id: WaitlistEntryId,
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    provider_ids: Vec<Option<ProviderId>>,
    location_ids: Vec<Option<LocationId>>,
    earliest: DateTime<Utc>,
    latest: DateTime<Utc>,
    weekdays: Vec<Option<Weekday>>,
    day_parts: Vec<Option<DayPart>>,
    priority: i16,
    status: EntryStatus,
    appointment_id: Option<AppointmentId>,
    created_by: Uuid,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<EntryRow> for Entry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: row.id,
            patient_id: row.patient_id,
            appointment_type_id: row.appointment_type_id,
            wishes: Wishes {
                provider_ids: row.provider_ids.into_iter().flatten().collect(),
                location_ids: row.location_ids.into_iter().flatten().collect(),
                earliest: row.earliest,
                latest: row.latest,
                weekdays: row.weekdays.into_iter().flatten().collect(),
                day_parts: row.day_parts.into_iter().flatten().collect(),
            },
            priority: row.priority,
            status: row.status,
            appointment_id: row.appointment_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Where an entry stands that something can still come of.
const LIVE: [EntryStatus; 2] = [EntryStatus::Waiting, EntryStatus::Offered];

fn some<T: Copy>(items: &[T]) -> Vec<Option<T>> {
    items.iter().copied().map(Some).collect()
}

pub(super) async fn insert(transaction: &OpenTransaction<'_>, entry: &Entry) -> Stored<()> {
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

/// Writes where an entry stands now.
pub(super) async fn record(transaction: &OpenTransaction<'_>, entry: &Entry) -> Stored<()> {
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

/// Writes what somebody waits for now.
pub(super) async fn record_wishes(transaction: &OpenTransaction<'_>, entry: &Entry) -> Stored<()> {
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

pub(super) async fn lock(
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
    Ok(row.map(Entry::from))
}

/// The entry and, in one go so that two answers at once never wait for each other, whatever else
/// the person waits for of the same type under another of their records.
pub(super) async fn lock_with_siblings(
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
    let entries = rows.into_iter().map(Entry::from);
    let (mut named, siblings): (Vec<Entry>, Vec<Entry>) = entries.partition(|found| found.id == id);
    Ok((named.pop(), siblings))
}

/// What the person waits for of this type already, under whichever of their records.
pub(super) async fn live_of_type(
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

/// The pointers of what is wished for and is not there.
pub(super) async fn unknown(
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
    Ok([
        (
            "/provider_ids",
            known_providers == count(wanted_providers.len()),
        ),
        (
            "/location_ids",
            known_locations == count(wanted_locations.len()),
        ),
    ]
    .into_iter()
    .filter(|(_, is_known)| !is_known)
    .map(|(pointer, _)| FieldError::new(pointer, "names nothing here"))
    .collect())
}

/// How many things a patient waits for.
pub(super) async fn count_waiting(
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

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = waitlist_offers, check_for_backend(Pg), treat_none_as_default_value = false)]
struct OfferRow {
    practice_id: Uuid,
    id: OfferId,
    entry_id: WaitlistEntryId,
    patient_id: PatientId,
    provider_id: ProviderId,
    location_id: LocationId,
    room_id: Option<RoomId>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    status: OfferStatus,
    offered_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<OfferRow> for Offer {
    fn from(row: OfferRow) -> Self {
        Self {
            id: row.id,
            entry_id: row.entry_id,
            patient_id: row.patient_id,
            place: Place {
                provider_id: row.provider_id,
                location_id: row.location_id,
                room_id: row.room_id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
            },
            offered_at: row.offered_at,
            expires_at: row.expires_at,
        }
    }
}

pub(super) async fn insert_offer(transaction: &OpenTransaction<'_>, offer: &Offer) -> Stored<()> {
    let place = offer.place;
    let row = OfferRow {
        practice_id: transaction.practice_id(),
        id: offer.id,
        entry_id: offer.entry_id,
        patient_id: offer.patient_id,
        provider_id: place.provider_id,
        location_id: place.location_id,
        room_id: place.room_id,
        starts_at: place.starts_at,
        ends_at: place.ends_at,
        status: OfferStatus::Open,
        offered_at: offer.offered_at,
        expires_at: offer.expires_at,
    };
    diesel::insert_into(waitlist_offers::table)
        .values(row)
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// The offer of an entry that is not answered, whether it has run out or not.
pub(super) async fn open_offer(
    transaction: &OpenTransaction<'_>,
    entry_id: WaitlistEntryId,
) -> Stored<Option<Offer>> {
    let row = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::entry_id.eq(entry_id))
        .filter(waitlist_offers::status.eq(OfferStatus::Open))
        .select(OfferRow::as_select())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    Ok(row.map(Offer::from))
}

/// Says what became of offers.
pub(super) async fn close_offers(
    transaction: &OpenTransaction<'_>,
    ids: &[OfferId],
    status: OfferStatus,
) -> Stored<()> {
    use waitlist_offers::dsl;
    diesel::update(dsl::waitlist_offers)
        .filter(dsl::practice_id.eq(transaction.practice_id()))
        .filter(dsl::id.eq_any(ids))
        .set((
            dsl::status.eq(status),
            dsl::closed_at.eq(transaction.now()),
            dsl::closed_by.eq(transaction.principal().user_id),
        ))
        .execute(&mut transaction.connection())
        .await?;
    Ok(())
}

/// Takes the waitlist of the practice for this transaction; false when another one has it.
pub(super) async fn take_turn(transaction: &OpenTransaction<'_>) -> Stored<bool> {
    // Half of a UUID is enough: two practices that share it merely wait for each other.
    let (high, _) = transaction.practice_id().as_u64_pair();
    let number = i64::from_ne_bytes((high ^ u64::from_be_bytes(*b"waitlist")).to_ne_bytes());
    let taken = prepared(diesel::select(
        sql::<Bool>("pg_try_advisory_xact_lock(")
            .bind::<BigInt, _>(number)
            .sql(")"),
    ))
    .get_result(&mut transaction.connection())
    .await?;
    Ok(taken)
}

/// The entries whose offers have run out, locked, with those offers.
pub(super) async fn lock_run_out(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<(Entry, OfferId)>> {
    let offers: Vec<(WaitlistEntryId, OfferId)> = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::status.eq(OfferStatus::Open))
        .filter(waitlist_offers::expires_at.le(transaction.now()))
        .select((waitlist_offers::entry_id, waitlist_offers::id))
        .load(&mut transaction.connection())
        .await?;
    let offers: BTreeMap<WaitlistEntryId, OfferId> = offers.into_iter().collect();
    let entries: Vec<EntryRow> = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq_any(offers.keys()))
        .filter(waitlist_entries::status.eq(EntryStatus::Offered))
        .order(waitlist_entries::id)
        .select(EntryRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    let with_offer = |row: EntryRow| Some((*offers.get(&row.id)?, row));
    Ok(entries
        .into_iter()
        .filter_map(with_offer)
        .map(|(offer_id, row)| (row.into(), offer_id))
        .collect())
}

/// Ends the wait of those whose time is over, and says who they are.
pub(super) async fn expire_entries(transaction: &OpenTransaction<'_>) -> Stored<Vec<(Uuid, Uuid)>> {
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

/// Those who wait for something like this, in the order of turns. Left out is who has an offer to
/// answer, and who declined a start in it before or let it go by; both of persons, under whichever
/// entry and record of theirs it was.
pub(super) async fn queue_for(
    transaction: &OpenTransaction<'_>,
    opening: &Opening,
) -> Stored<Vec<Entry>> {
    use waitlist_entries::{
        created_at, earliest, id, latest, location_ids, patient_id, practice_id, priority,
        provider_ids, status,
    };
    let with_an_offer = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::status.eq(OfferStatus::Open))
        .select(person_id_of!("waitlist_offers"));
    let who_passed_it_on = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::provider_id.eq(opening.provider_id))
        .filter(waitlist_offers::starts_at.ge(opening.starts_at))
        .filter(waitlist_offers::starts_at.lt(opening.ends_at))
        .filter(waitlist_offers::status.eq_any([OfferStatus::Declined, OfferStatus::Expired]))
        .select(person_id_of!("waitlist_offers"));
    let is_patient = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq(patient_id))
        .filter(patients::archived_at.is_null());
    let any_provider = provider_ids.eq(Vec::<Option<ProviderId>>::new());
    let any_location = location_ids.eq(Vec::<Option<LocationId>>::new());
    let rows: Vec<EntryRow> = waitlist_entries::table
        .filter(practice_id.eq(transaction.practice_id()))
        .filter(status.eq(EntryStatus::Waiting))
        .filter(earliest.lt(opening.ends_at))
        .filter(latest.ge(opening.starts_at))
        .filter(any_provider.or(provider_ids.contains(vec![Some(opening.provider_id)])))
        .filter(any_location.or(location_ids.contains(vec![Some(opening.location_id)])))
        .filter(not(person_id_of!("waitlist_entries").eq_any(with_an_offer)))
        .filter(not(
            person_id_of!("waitlist_entries").eq_any(who_passed_it_on)
        ))
        .filter(exists(is_patient))
        .order((priority, created_at, id))
        .select(EntryRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Of those who wait, who gave up a time within an opening under whichever record of theirs.
const GIVEN_UP: &str = "
    SELECT e.id, o.starts_at, o.ends_at
    FROM openings o
    JOIN appointments a ON a.practice_id = o.practice_id AND a.id = o.appointment_id
    JOIN patients had ON had.practice_id = a.practice_id AND had.id = a.patient_id
    JOIN patients record ON record.practice_id = had.practice_id AND record.person_id = had.person_id
    JOIN waitlist_entries e ON e.practice_id = record.practice_id AND e.patient_id = record.id AND e.status = 'waiting'
    WHERE o.practice_id = $1 AND o.provider_id = $2 AND o.location_id = $3 AND o.starts_at < $5 AND o.ends_at > $4";

#[derive(QueryableByName)]
#[diesel(table_name = waitlist_entries, check_for_backend(Pg))]
struct GivenUpRow {
    id: WaitlistEntryId,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
}

/// The times within an opening that those who wait gave up themselves and that nobody has had since,
/// by their entries.
pub(super) async fn given_up(
    transaction: &OpenTransaction<'_>,
    opening: &Opening,
) -> Stored<Vec<(WaitlistEntryId, Interval)>> {
    let query = diesel::sql_query(GIVEN_UP)
        .bind::<SqlUuid, _>(transaction.practice_id())
        .bind::<SqlUuid, _>(opening.provider_id)
        .bind::<SqlUuid, _>(opening.location_id)
        .bind::<Timestamptz, _>(opening.starts_at)
        .bind::<Timestamptz, _>(opening.ends_at);
    let rows: Vec<GivenUpRow> = prepared(query).load(&mut transaction.connection()).await?;
    let with_span = |row: GivenUpRow| Some((row.id, Interval::new(row.starts_at, row.ends_at)?));
    Ok(rows.into_iter().filter_map(with_span).collect())
}

/// With the id and the names of the person.
type ViewRow = (EntryRow, (PatientId, String, String), String);

#[auto_type(no_type_alias)]
fn named() -> _ {
    let person_id: PersonIdOf = person_id_of!("waitlist_entries");
    let patient = patients::practice_id
        .eq(waitlist_entries::practice_id)
        .and(patients::id.eq(person_id));
    let appointment_type = appointment_types::practice_id
        .eq(waitlist_entries::practice_id)
        .and(appointment_types::id.eq(waitlist_entries::appointment_type_id));
    waitlist_entries::table
        .inner_join(patients::table.on(patient))
        .inner_join(appointment_types::table.on(appointment_type))
}

macro_rules! shown {
    () => {
        (
            EntryRow::as_select(),
            (patients::id, patients::given_name, patients::family_name),
            appointment_types::name,
        )
    };
}

/// An entry within the caller's reach.
pub(super) async fn view(
    transaction: &OpenTransaction<'_>,
    id: WaitlistEntryId,
) -> Stored<Option<EntryView>> {
    let row: Option<ViewRow> = named()
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq(id))
        .select(shown!())
        .first(&mut transaction.connection())
        .await
        .optional()?;
    let views = with_offers(transaction, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// The queue, in the order of turns.
pub(super) async fn list(
    transaction: &OpenTransaction<'_>,
    filter: &EntryFilter,
    window: &Window<TurnKey>,
) -> Stored<Vec<EntryView>> {
    use waitlist_entries::{
        appointment_type_id, created_at, id, patient_id, practice_id, priority, provider_ids,
        status, updated_at,
    };
    let mut query = named()
        .filter(practice_id.eq(transaction.practice_id()))
        .order((priority, created_at, id))
        .limit(window.probe())
        .select(shown!())
        .into_boxed();
    if let Some(wanted) = filter.status {
        query = query.filter(status.eq(wanted));
    }
    if let Some(patient) = filter.patient_id {
        query = query.filter(patient_id.eq_any(records_of(transaction, patient)));
    }
    if let Some(appointment_type) = filter.appointment_type_id {
        query = query.filter(appointment_type_id.eq(appointment_type));
    }
    if let Some(provider) = filter.provider_id {
        let any = provider_ids.eq(Vec::<Option<ProviderId>>::new());
        query = query.filter(any.or(provider_ids.contains(vec![Some(provider)])));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(updated_at.ge(since));
    }
    if let Some((urgency, since, last)) = window.after {
        let later = created_at
            .gt(since)
            .or(created_at.eq(since).and(id.gt(last)));
        query = query.filter(priority.ge(urgency));
        query = query.filter(priority.gt(urgency).or(later));
    }
    let rows: Vec<ViewRow> = query.load(&mut transaction.connection()).await?;
    with_offers(transaction, rows).await
}

/// Adds the offers that are open and have not run out, in one statement.
async fn with_offers(
    transaction: &OpenTransaction<'_>,
    rows: Vec<ViewRow>,
) -> Stored<Vec<EntryView>> {
    let is_offered = |row: &&ViewRow| row.0.status == EntryStatus::Offered;
    let offered: Vec<WaitlistEntryId> =
        rows.iter().filter(is_offered).map(|row| row.0.id).collect();
    let mut offers = BTreeMap::new();
    if !offered.is_empty() {
        let found: Vec<(OfferRow, String, (String, TimeZone))> = waitlist_offers::table
            .inner_join(
                providers::table.on(providers::practice_id
                    .eq(waitlist_offers::practice_id)
                    .and(providers::id.eq(waitlist_offers::provider_id))),
            )
            .inner_join(
                locations::table.on(locations::practice_id
                    .eq(waitlist_offers::practice_id)
                    .and(locations::id.eq(waitlist_offers::location_id))),
            )
            .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
            .filter(waitlist_offers::entry_id.eq_any(offered))
            .filter(waitlist_offers::status.eq(OfferStatus::Open))
            .filter(waitlist_offers::expires_at.gt(transaction.now()))
            .select((
                OfferRow::as_select(),
                providers::name,
                (locations::name, locations::time_zone),
            ))
            .load(&mut transaction.connection())
            .await?;
        for (row, provider_name, (location_name, zone)) in found {
            let offer = OfferView {
                offer: row.into(),
                provider_name,
                location_name,
                zone: zone.0,
            };
            offers.insert(offer.offer.entry_id, offer);
        }
    }
    let view = |(row, (person_id, given_name, family_name), type_name): ViewRow| EntryView {
        person_id,
        offer: offers.remove(&row.id),
        entry: row.into(),
        patient_name: format!("{given_name} {family_name}"),
        type_name,
    };
    Ok(rows.into_iter().map(view).collect())
}
