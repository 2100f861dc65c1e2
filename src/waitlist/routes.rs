//! The waitlist over HTTP.

use std::cell::Cell;

use actix_web::{get, patch, post};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::database::OpenTransaction;
use crate::platform::etag::{IfMatch, Version};
use crate::platform::idempotency::{Answer, Once};
use crate::platform::json::{Fingerprint, Json};
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Page, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::{PathId, Query};
use crate::platform::timestamp::Timestamp;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, RoomId, Weekday, practice_zone};
use crate::scheduling::{AppointmentId, NamedBody};

use super::answer::{
    AcceptError, AcceptOffer, AnswerError, DeclineOffer, Withdraw, WithdrawError, accept, decline,
    end_offer, withdraw,
};
use super::change::{ChangeEntry, ChangeEntryError, change};
use super::entry::{
    DayPart, EntryStatus, OfferId, PRIORITIES, WaitlistEntryId, WishChanges, Wishes,
};
use super::entry_view::{EntryFilter, EntryView, OfferView, TurnKey};
use super::join::{Join, JoinError, NewEntry, join};
use super::read::{ReadEntryError, ReadWaitlist, list, read, view};

/// Adds the operations of the waitlist.
pub(crate) fn configure(services: &mut Operations<'_>) {
    services
        .service(join_waitlist)
        .service(list_waitlist)
        .service(get_waitlist_entry)
        .service(change_waitlist_entry)
        .service(accept_offer)
        .service(decline_offer)
        .service(withdraw_from_waitlist);
}

/// A new entry. A list that is empty or left out accepts everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JoinWaitlistBody {
    patient_id: PatientId,
    appointment_type_id: AppointmentTypeId,
    /// One of these providers.
    #[schema(max_items = 50)]
    provider_ids: Option<Vec<ProviderId>>,
    /// One of these locations.
    #[schema(max_items = 50)]
    location_ids: Option<Vec<LocationId>>,
    /// The first acceptable start.
    earliest: Timestamp,
    /// The last acceptable start.
    latest: Timestamp,
    /// Days of the week at the location.
    #[schema(max_items = 7)]
    weekdays: Option<Vec<Weekday>>,
    /// Parts of the local day, by the start: before noon, before 17:00, and later.
    #[schema(max_items = 3)]
    day_parts: Option<Vec<DayPart>>,
    /// From 1, the most urgent, to 9, as in iCalendar; 5 when it is left out. Patients can send 5
    /// to 9.
    #[schema(minimum = 1, maximum = 9)]
    priority: Option<i16>,
}

impl JoinWaitlistBody {
    fn command(&self) -> Result<NewEntry, Problem> {
        require_priority(self.priority)?;
        Ok(NewEntry {
            patient_id: self.patient_id,
            appointment_type_id: self.appointment_type_id,
            wishes: Wishes {
                provider_ids: self.provider_ids.clone().unwrap_or_default(),
                location_ids: self.location_ids.clone().unwrap_or_default(),
                earliest: self.earliest.0,
                latest: self.latest.0,
                weekdays: self.weekdays.clone().unwrap_or_default(),
                day_parts: self.day_parts.clone().unwrap_or_default(),
            },
            priority: self.priority,
        })
    }
}

fn require_priority(priority: Option<i16>) -> Result<(), Problem> {
    match priority {
        Some(given) if !PRIORITIES.contains(&given) => {
            Err(Problem::field("/priority", "must lie between 1 and 9"))
        }
        _ => Ok(()),
    }
}

/// Changes of an entry. A field that is left out keeps its value; an empty list accepts everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeWaitlistEntryBody {
    /// One of these providers.
    #[schema(max_items = 50, nullable = false)]
    provider_ids: Option<Vec<ProviderId>>,
    /// One of these locations.
    #[schema(max_items = 50, nullable = false)]
    location_ids: Option<Vec<LocationId>>,
    /// The first acceptable start.
    #[schema(nullable = false)]
    earliest: Option<Timestamp>,
    /// The last acceptable start.
    #[schema(nullable = false)]
    latest: Option<Timestamp>,
    /// Days of the week at the location.
    #[schema(max_items = 7, nullable = false)]
    weekdays: Option<Vec<Weekday>>,
    /// Parts of the local day, by the start: before noon, before 17:00, and later.
    #[schema(max_items = 3, nullable = false)]
    day_parts: Option<Vec<DayPart>>,
    /// From 1, the most urgent, to 9, as in iCalendar. Patients can send 5 to 9, or the present
    /// value.
    #[schema(minimum = 1, maximum = 9, nullable = false)]
    priority: Option<i16>,
}

impl ChangeWaitlistEntryBody {
    fn changes(&self) -> Result<WishChanges, Problem> {
        require_priority(self.priority)?;
        Ok(WishChanges {
            provider_ids: self.provider_ids.clone(),
            location_ids: self.location_ids.clone(),
            earliest: self.earliest.map(|earliest| earliest.0),
            latest: self.latest.map(|latest| latest.0),
            weekdays: self.weekdays.clone(),
            day_parts: self.day_parts.clone(),
            priority: self.priority,
        })
    }
}

/// A time that is kept for an entry. Times are in the zone of the location.
#[derive(Serialize, ToSchema)]
struct WaitlistOfferBody {
    id: OfferId,
    provider: NamedBody,
    location: NamedBody,
    /// The room that is kept, if one is needed.
    room_id: Option<RoomId>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    offered_at: DateTime<Utc>,
    /// When the offer ends; the time then goes to the next entry.
    expires_at: DateTime<Utc>,
}

impl From<OfferView> for WaitlistOfferBody {
    fn from(view: OfferView) -> Self {
        let (offer, zone) = (view.offer, view.zone);
        let place = offer.place;
        Self {
            id: offer.id,
            provider: NamedBody::new(place.provider_id.uuid(), view.provider_name),
            location: NamedBody::new(place.location_id.uuid(), view.location_name),
            room_id: place.room_id,
            starts_at: to_zone_rfc3339(place.starts_at, zone),
            ends_at: to_zone_rfc3339(place.ends_at, zone),
            time_zone: zone.name(),
            offered_at: offer.offered_at,
            expires_at: offer.expires_at,
        }
    }
}

/// An entry of the waitlist.
#[derive(Serialize, ToSchema)]
struct WaitlistEntryBody {
    id: WaitlistEntryId,
    status: EntryStatus,
    patient: NamedBody,
    appointment_type: NamedBody,
    provider_ids: Vec<ProviderId>,
    location_ids: Vec<LocationId>,
    #[schema(value_type = String, format = DateTime)]
    earliest: String,
    #[schema(value_type = String, format = DateTime)]
    latest: String,
    /// IANA zone of the practice, in which `earliest` and `latest` are written.
    time_zone: &'static str,
    weekdays: Vec<Weekday>,
    day_parts: Vec<DayPart>,
    priority: i16,
    /// The open offer; null when there is none.
    offer: Option<WaitlistOfferBody>,
    /// The appointment that was booked.
    appointment_id: Option<AppointmentId>,
    version: Version,
    /// When the entry was made.
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl WaitlistEntryBody {
    fn new(view: EntryView, zone: Tz) -> Self {
        let (entry, wishes) = (view.entry.clone(), view.entry.wishes);
        Self {
            id: entry.id,
            status: entry.status,
            patient: NamedBody::new(view.person_id.uuid(), view.patient_name),
            appointment_type: NamedBody::new(entry.appointment_type_id.uuid(), view.type_name),
            provider_ids: wishes.provider_ids,
            location_ids: wishes.location_ids,
            earliest: to_zone_rfc3339(wishes.earliest, zone),
            latest: to_zone_rfc3339(wishes.latest, zone),
            time_zone: zone.name(),
            weekdays: wishes.weekdays,
            day_parts: wishes.day_parts,
            priority: entry.priority,
            offer: view.offer.map(WaitlistOfferBody::from),
            appointment_id: entry.appointment_id,
            version: entry.version,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}

async fn answer(transaction: &OpenTransaction<'_>, view: EntryView) -> Result<Answer, Problem> {
    let version = view.entry.version;
    let zone = practice_zone(transaction).await?.0;
    Ok(Answer::ok(&WaitlistEntryBody::new(view, zone))?.version(version))
}

/// Adds an entry to the waitlist.
///
/// Times that become free are offered automatically: by priority, then by waiting time. The offer
/// is in `offer` and is kept until it expires. A person has one entry for each type of appointment;
/// a refusal names it in `waitlist_entry_id`.
#[utoipa::path(
    operation_id = "joinWaitlist", tag = "scheduling", context_path = "/api/v1",
    request_body = JoinWaitlistBody,
    params(Once),
    responses((status = 201, description = "Waiting.", body = WaitlistEntryBody), Refused<JoinError>)
)]
#[post("/waitlist")]
async fn join_waitlist(
    permit: Permit<Join>,
    once: Once,
    body: Json<JoinWaitlistBody>,
) -> Result<Answer, Problem> {
    let command = body.command()?;
    permit
        .once(&once, body.fingerprint(), async |transaction| {
            let entry = join(transaction, &command).await?;
            let zone = practice_zone(transaction).await?.0;
            let shown = WaitlistEntryBody::new(view(transaction, entry.id).await?, zone);
            let location = format!("/api/v1/waitlist/{}", entry.id);
            Ok(Answer::created(&shown, location)?.version(entry.version))
        })
        .await
}

/// Which entries. An entry must match every filter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListWaitlistQuery {
    #[param(inline, nullable = false)]
    status: Option<EntryStatus>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<PatientId>,
    #[param(value_type = Option<Uuid>, nullable = false)]
    appointment_type_id: Option<AppointmentTypeId>,
    /// Entries that this provider would suit. Providers who leave out this and `patient_id` get the
    /// entries that they would suit.
    #[param(value_type = Option<Uuid>, nullable = false)]
    provider_id: Option<ProviderId>,
    /// Items that changed then or later.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    updated_since: Option<Timestamp>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Rows of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// Lists the waitlist in the order of turns; patients see their own entries.
#[utoipa::path(
    operation_id = "listWaitlist", tag = "scheduling", context_path = "/api/v1",
    params(ListWaitlistQuery),
    responses((status = 200, description = "The queue.", body = Page<WaitlistEntryBody>))
)]
#[get("/waitlist")]
async fn list_waitlist(
    permit: Permit<ReadWaitlist>,
    query: Query<ListWaitlistQuery>,
) -> Result<Answer, Problem> {
    let window: Window<TurnKey> = Window::new(query.limit, query.cursor.as_ref())?;
    permit
        .transaction(async |transaction| {
            let filter = EntryFilter {
                status: query.status,
                patient_id: query.patient_id,
                appointment_type_id: query.appointment_type_id,
                provider_id: query.provider_id,
                updated_since: query.updated_since.map(|since| since.0),
            };
            let views = list(transaction, filter, &window).await?;
            let zone = practice_zone(transaction).await?.0;
            let key = |view: &EntryView| -> TurnKey {
                let entry = &view.entry;
                (entry.priority, entry.created_at, entry.id.uuid())
            };
            let body = |view| WaitlistEntryBody::new(view, zone);
            Answer::ok(&Page::of(views, window.size, key, body))
        })
        .await
}

/// Reads an entry of the waitlist.
#[utoipa::path(
    operation_id = "getWaitlistEntry", tag = "scheduling", context_path = "/api/v1",
    params(("waitlist_entry_id" = WaitlistEntryId, Path, description = "The entry.")),
    responses(
        (status = 200, description = "The entry.", body = WaitlistEntryBody),
        Refused<ReadEntryError>
    )
)]
#[get("/waitlist/{waitlist_entry_id}")]
async fn get_waitlist_entry(
    permit: Permit<ReadWaitlist>,
    id: PathId<WaitlistEntryId>,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            let view = read(transaction, id.0).await?;
            answer(transaction, view).await
        })
        .await
}

/// Changes the wishes and the priority of an entry. Patient and type cannot be changed.
///
/// The entry keeps its place in the queue. Openings that suit it now are offered automatically. An
/// open offer must be answered first.
#[utoipa::path(
    operation_id = "changeWaitlistEntry", tag = "scheduling", context_path = "/api/v1",
    params(
        ("waitlist_entry_id" = WaitlistEntryId, Path, description = "The entry."),
        IfMatch
    ),
    request_body = ChangeWaitlistEntryBody,
    responses(
        (status = 200, description = "As it is now.", body = WaitlistEntryBody),
        Refused<ChangeEntryError>
    )
)]
#[patch("/waitlist/{waitlist_entry_id}")]
async fn change_waitlist_entry(
    permit: Permit<ChangeEntry>,
    id: PathId<WaitlistEntryId>,
    if_match: IfMatch,
    body: Json<ChangeWaitlistEntryBody>,
) -> Result<Answer, Problem> {
    let changes = body.changes()?;
    permit
        .transaction(async |transaction| {
            change(transaction, id.0, &if_match, &changes).await?;
            answer(transaction, view(transaction, id.0).await?).await
        })
        .await
}

/// Accepts the offer: the appointment is booked.
///
/// When it is refused because hours or types have changed since, the offer ends and the entry waits
/// again.
#[utoipa::path(
    operation_id = "acceptWaitlistOffer", tag = "scheduling", context_path = "/api/v1",
    params(
        ("waitlist_entry_id" = WaitlistEntryId, Path, description = "The entry."),
        Once,
        IfMatch
    ),
    responses(
        (status = 200, description = "Booked.", body = WaitlistEntryBody),
        Refused<AcceptError>
    )
)]
#[post("/waitlist/{waitlist_entry_id}/accept")]
async fn accept_offer(
    permit: Permit<AcceptOffer>,
    id: PathId<WaitlistEntryId>,
    once: Once,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    let is_gone = Cell::new(false);
    let accepted = permit.once(&once, Fingerprint::of(&[]), async |transaction| {
        let accepted = accept(transaction, id.0, &if_match).await;
        accepted.inspect_err(|error| is_gone.set(error.is_for_good()))?;
        answer(transaction, view(transaction, id.0).await?).await
    });
    let accepted = accepted.await;
    if is_gone.get() {
        // The refused transaction was rolled back; the end of the offer must be stored.
        let ended = permit.transaction(async |transaction| {
            Ok(end_offer(transaction, id.0, &if_match).await.map(drop)?)
        });
        ended.await?;
    }
    accepted
}

/// Declines the offer. The entry keeps its place in the queue. The time goes to the next entry and
/// is not offered to this one again.
#[utoipa::path(
    operation_id = "declineWaitlistOffer", tag = "scheduling", context_path = "/api/v1",
    params(
        ("waitlist_entry_id" = WaitlistEntryId, Path, description = "The entry."),
        IfMatch
    ),
    responses(
        (status = 200, description = "Waiting again.", body = WaitlistEntryBody),
        Refused<AnswerError>
    )
)]
#[post("/waitlist/{waitlist_entry_id}/decline")]
async fn decline_offer(
    permit: Permit<DeclineOffer>,
    id: PathId<WaitlistEntryId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            decline(transaction, id.0, &if_match).await?;
            answer(transaction, view(transaction, id.0).await?).await
        })
        .await
}

/// Withdraws an entry. A time that was offered goes to the next entry.
#[utoipa::path(
    operation_id = "withdrawFromWaitlist", tag = "scheduling", context_path = "/api/v1",
    params(
        ("waitlist_entry_id" = WaitlistEntryId, Path, description = "The entry."),
        IfMatch
    ),
    responses(
        (status = 200, description = "Withdrawn.", body = WaitlistEntryBody),
        Refused<WithdrawError>
    )
)]
#[post("/waitlist/{waitlist_entry_id}/withdraw")]
async fn withdraw_from_waitlist(
    permit: Permit<Withdraw>,
    id: PathId<WaitlistEntryId>,
    if_match: IfMatch,
) -> Result<Answer, Problem> {
    permit
        .transaction(async |transaction| {
            withdraw(transaction, id.0, &if_match).await?;
            answer(transaction, view(transaction, id.0).await?).await
        })
        .await
}
