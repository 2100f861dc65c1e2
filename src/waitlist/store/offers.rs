//! Offers of the waitlist.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::database::{OpenTransaction, Stored};
use crate::practice::{LocationId, ProviderId, RoomId};
use crate::scheduling::Place;
use crate::schema::{waitlist_entries, waitlist_offers};
use crate::waitlist::entry::{Entry, EntryStatus, Offer, OfferId, OfferStatus, WaitlistEntryId};

use super::entries::{EntryRow, entries};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = waitlist_offers, check_for_backend(Pg), treat_none_as_default_value = false)]
pub(super) struct OfferRow {
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

pub(in crate::waitlist) async fn insert_offer(
    transaction: &OpenTransaction<'_>,
    offer: &Offer,
) -> Stored<()> {
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

/// The unanswered offer of an entry, expired or not.
pub(in crate::waitlist) async fn open_offer(
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

/// Records the outcome of offers.
pub(in crate::waitlist) async fn close_offers(
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

/// Locks the entries whose offers have expired, and returns them with these offers.
pub(in crate::waitlist) async fn lock_run_out(
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
    let rows: Vec<EntryRow> = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq_any(offers.keys()))
        .filter(waitlist_entries::status.eq(EntryStatus::Offered))
        .order(waitlist_entries::id)
        .select(EntryRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    let with_offer = |entry: Entry| Some((*offers.get(&entry.id)?, entry));
    let found = entries(rows)?.into_iter().filter_map(with_offer);
    Ok(found.map(|(offer_id, entry)| (entry, offer_id)).collect())
}

/// Locks the entries with an open offer, and returns them with their offers.
pub(in crate::waitlist) async fn lock_offered(
    transaction: &OpenTransaction<'_>,
) -> Stored<Vec<(Entry, Offer)>> {
    let offers: Vec<OfferRow> = waitlist_offers::table
        .filter(waitlist_offers::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_offers::status.eq(OfferStatus::Open))
        .filter(waitlist_offers::expires_at.gt(transaction.now()))
        .select(OfferRow::as_select())
        .load(&mut transaction.connection())
        .await?;
    let mut offers: BTreeMap<WaitlistEntryId, Offer> = offers
        .into_iter()
        .map(|row| (row.entry_id, Offer::from(row)))
        .collect();
    let rows: Vec<EntryRow> = waitlist_entries::table
        .filter(waitlist_entries::practice_id.eq(transaction.practice_id()))
        .filter(waitlist_entries::id.eq_any(offers.keys()))
        .filter(waitlist_entries::status.eq(EntryStatus::Offered))
        .order(waitlist_entries::id)
        .select(EntryRow::as_select())
        .for_update()
        .load(&mut transaction.connection())
        .await?;
    let with_offer = |entry: Entry| {
        let offer = offers.remove(&entry.id)?;
        Some((entry, offer))
    };
    Ok(entries(rows)?.into_iter().filter_map(with_offer).collect())
}
