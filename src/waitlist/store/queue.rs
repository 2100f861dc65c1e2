//! The queue for an opening.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not, sql};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::person_id_of;
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::intervals::Interval;
use crate::platform::prepared::prepared;
use crate::practice::{LocationId, Opening, ProviderId};
use crate::schema::{patients, waitlist_entries, waitlist_offers};
use crate::waitlist::entry::{Entry, EntryStatus, OfferStatus, WaitlistEntryId};

use super::entries::{EntryRow, entries};

/// Locks the waitlist of the practice for this transaction; false when another transaction has it.
pub(in crate::waitlist) async fn take_turn(transaction: &OpenTransaction<'_>) -> Stored<bool> {
    // Half of a UUID is enough: two practices that share it only wait for each other.
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

/// The entries that the opening may suit, in the order of turns. Persons with an open offer are
/// left out.
pub(in crate::waitlist) async fn queue_for(
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
    let is_patient = patients::table
        .filter(patients::practice_id.eq(transaction.practice_id()))
        .filter(patients::id.eq(patient_id))
        .filter(patients::archived_at.is_null())
        .filter(patients::died_on.is_null());
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
        .filter(exists(is_patient))
        .order((priority, created_at, id))
        .select(EntryRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    entries(rows)
}

/// The waiting entries of persons who gave up a time within an opening, under any of their records.
const GIVEN_UP: &str = "
    SELECT e.id, o.id AS opening_id, o.starts_at, o.ends_at
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
    #[diesel(sql_type = SqlUuid)]
    opening_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
}

/// The times within an opening that the persons behind the entries gave up themselves, by entry.
pub(in crate::waitlist) async fn given_up(
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
    let with_span = |row: GivenUpRow| {
        let span = Interval::new(row.starts_at, row.ends_at);
        let span =
            span.ok_or_else(|| InconsistentRow::new("openings", "ends_at", row.opening_id))?;
        Ok((row.id, span))
    };
    rows.into_iter().map(with_span).collect()
}

/// The times with this provider within an opening that the persons behind the entries were offered
/// and declined, or whose offer they let expire, by entry. Whoever passed on one time may still
/// want another one.
pub(in crate::waitlist) async fn passed_on(
    transaction: &OpenTransaction<'_>,
    opening: &Opening,
    queue: &[Entry],
) -> Stored<Vec<(WaitlistEntryId, Interval)>> {
    let ids: Vec<WaitlistEntryId> = queue.iter().map(|entry| entry.id).collect();
    let person_of_offer = || person_id_of!("waitlist_offers");
    let offers: Vec<(Uuid, DateTime<Utc>, DateTime<Utc>)> = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::provider_id.eq(opening.provider_id))
        .filter(waitlist_offers::starts_at.ge(opening.starts_at))
        .filter(waitlist_offers::starts_at.lt(opening.ends_at))
        .filter(waitlist_offers::status.eq_any([OfferStatus::Declined, OfferStatus::Expired]))
        .select((
            person_of_offer(),
            waitlist_offers::starts_at,
            waitlist_offers::ends_at,
        ))
        .load(&mut transaction.connection())
        .await?;
    let persons: Vec<(WaitlistEntryId, Uuid)> = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq_any(ids))
        .select((waitlist_entries::id, person_id_of!("waitlist_entries")))
        .load(&mut transaction.connection())
        .await?;
    let of_person = |(id, person): (WaitlistEntryId, Uuid)| {
        let theirs = offers.iter().filter(move |(whose, ..)| *whose == person);
        theirs.filter_map(move |(_, start, end)| Some((id, Interval::new(*start, *end)?)))
    };
    Ok(persons.into_iter().flat_map(of_person).collect())
}
