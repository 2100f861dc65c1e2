//! Entries as they are shown, with names and offers.

use std::collections::BTreeMap;

use diesel::dsl::auto_type;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::patients::{PatientId, PersonIdOf, person_id_of, records_of, shown_name};
use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::inconsistent_row::InconsistentRow;
use crate::platform::page::Window;
use crate::practice::{ProviderId, TimeZone};
use crate::schema::{
    appointment_types, locations, patients, providers, waitlist_entries, waitlist_offers,
};
use crate::waitlist::entry::{EntryStatus, OfferStatus, WaitlistEntryId};
use crate::waitlist::entry_view::{EntryFilter, EntryView, OfferView, TurnKey};

use super::entries::EntryRow;
use super::offers::OfferRow;

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

/// An entry that the caller can read.
pub(in crate::waitlist) async fn view(
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
pub(in crate::waitlist) async fn list(
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
    let view = |(row, (person_id, given_name, family_name), type_name): ViewRow| {
        Ok(EntryView {
            person_id,
            offer: offers.remove(&row.id),
            entry: row.try_into().map_err(|row: InconsistentRow| row)?,
            patient_name: shown_name(&given_name, &family_name),
            type_name,
        })
    };
    rows.into_iter().map(view).collect()
}
