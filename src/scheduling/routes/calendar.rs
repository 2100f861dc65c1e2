//! Free slots and the front desk's day.

use actix_web::get;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patients::PatientId;
use crate::platform::access::Permit;
use crate::platform::database::Transaction;
use crate::platform::etag::{IfNoneMatch, Version};
use crate::platform::idempotency::Answer;
use crate::platform::intervals::Interval;
use crate::platform::local_time::to_zone_rfc3339;
use crate::platform::operations::Operations;
use crate::platform::page::{Cursor, Window};
use crate::platform::problem::{Problem, Refused};
use crate::platform::query::Query;
use crate::platform::timestamp::Timestamp;
use crate::practice::{AffectedCause, AppointmentTypeId, LocationId, ProviderId, Weekday};
use crate::scheduling::appointment::AppointmentId;
use crate::scheduling::appointment_status::{Act, Status};
use crate::scheduling::clock_wishes::ClockWishes;
use crate::scheduling::day_board::{Column, DayAppointment, DayBoard, Named};
use crate::scheduling::merge_slots::SlotPage;
use crate::scheduling::search_slots::{
    SearchError, SearchFor, SearchSlots, SlotKey, next_free, search_slots,
};
use crate::scheduling::slots::{Slot, SlotPosition};
use crate::scheduling::view_day::{Seen, ViewDay, ViewOf, view_day, view_week};

use super::bodies::{NamedBody, local};

/// The longest range of one search.
const WIDEST_SEARCH: TimeDelta = TimeDelta::days(92);
/// The range of a search without `to`.
const USUAL_SEARCH: TimeDelta = TimeDelta::days(14);

pub(super) fn configure(services: &mut Operations<'_>) {
    services
        .service(get_slots)
        .service(get_day_board)
        .service(get_week_board);
}

/// The type of appointment, the range of starts, provider and location.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SlotQuery {
    #[param(value_type = Uuid)]
    appointment_type_id: AppointmentTypeId,
    /// The first start; now when it is left out.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    from: Option<Timestamp>,
    /// Starts before it; 14 days after `from` when it is left out, at most 92 days.
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    to: Option<Timestamp>,
    /// This provider; any when it is left out.
    #[param(value_type = Option<Uuid>, nullable = false)]
    provider_id: Option<Uuid>,
    /// This location; any when it is left out.
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<Uuid>,
    /// The patient, whose other appointments are taken into account. Patients who leave it out get
    /// the slots that suit every person they can book for.
    #[param(value_type = Option<Uuid>, nullable = false)]
    patient_id: Option<Uuid>,
    /// Starts on these weekdays of the location, separated by commas, such as `monday,thursday`.
    #[param(pattern = "^[a-z]+(,[a-z]+)*$", max_length = 80, nullable = false)]
    weekdays: Option<String>,
    /// Starts at this time of the day or later, by the clock of the location, such as `13:30`.
    #[param(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", nullable = false)]
    not_before: Option<String>,
    /// Starts at this time of the day or earlier.
    #[param(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", nullable = false)]
    not_after: Option<String>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]+$", min_length = 1, max_length = 4000, nullable = false)]
    cursor: Option<Cursor>,
    /// Slots of the page.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
}

/// A start that can be booked now. Times are in the zone of the location.
#[derive(Serialize, ToSchema)]
struct SlotBody {
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    provider_id: Uuid,
    location_id: Uuid,
    /// IANA zone of the location.
    time_zone: &'static str,
    /// Empty when no room is needed.
    free_room_ids: Vec<Uuid>,
    /// How many patients can still book it: more than one for groups.
    #[schema(minimum = 1)]
    free_places: usize,
}

/// Free slots.
#[derive(Serialize, ToSchema)]
struct SlotsBody {
    items: Vec<SlotBody>,
    /// For the next page; null on the last one.
    next_cursor: Option<Cursor>,
    /// Where nothing is free in the range: the first slot after it, within 92 days.
    next_free: Option<SlotBody>,
}

impl From<Slot> for SlotBody {
    fn from(slot: Slot) -> Self {
        Self {
            starts_at: to_zone_rfc3339(slot.starts_at, slot.time_zone),
            ends_at: to_zone_rfc3339(slot.ends_at, slot.time_zone),
            provider_id: slot.provider_id,
            location_id: slot.location_id,
            time_zone: slot.time_zone.name(),
            free_room_ids: slot.free_room_ids,
            free_places: slot.free_seats.len().max(1),
        }
    }
}

impl SlotQuery {
    fn wishes(&self) -> Result<ClockWishes, Problem> {
        let words = self.weekdays.iter().flat_map(|list| list.split(','));
        let weekday = |word: &str| {
            let known = Weekday::ALL.iter().find(|day| day.as_str() == word);
            known.copied().ok_or_else(|| {
                let detail = "must name weekdays in English, such as monday,thursday";
                Problem::field("#/query/weekdays", detail)
            })
        };
        let weekdays: Vec<Weekday> = words.map(weekday).collect::<Result<_, _>>()?;
        let time = |text: Option<&String>| {
            text.and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok())
        };
        let mut wishes = ClockWishes::default().on(&weekdays);
        wishes.not_before = time(self.not_before.as_ref());
        wishes.not_after = time(self.not_after.as_ref());
        Ok(wishes)
    }

    fn wanted(&self, now: chrono::DateTime<chrono::Utc>) -> Result<SearchFor, Problem> {
        let from = self.from.map_or(now, |from| from.0);
        let to = self.to.map_or(from + USUAL_SEARCH, |to| to.0);
        let starts = Interval::new(from, to)
            .ok_or_else(|| Problem::field("#/query/to", "must be later than from"))?;
        if to - from > WIDEST_SEARCH {
            return Err(Problem::field(
                "#/query/to",
                "must be 92 days after from at most",
            ));
        }
        Ok(SearchFor {
            appointment_type_id: self.appointment_type_id,
            starts,
            provider_id: self.provider_id.map(Into::into),
            location_id: self.location_id.map(Into::into),
            patient_id: self.patient_id,
            wishes: self.wishes()?,
        })
    }
}

/// Searches free slots, the earliest first.
///
/// The caller can book every slot that is returned: hours, bookings, holds, rooms, seats of groups
/// and, for patients, lead time and horizon are checked. When the patient is known, their other
/// appointments and the interval of the type are checked, too.
#[utoipa::path(
    operation_id = "searchSlots", tag = "scheduling", context_path = "/api/v1",
    params(SlotQuery),
    responses(
        (status = 200, description = "Free slots.", body = SlotsBody),
        Refused<SearchError>
    )
)]
#[get("/slots")]
async fn get_slots(
    permit: Permit<SearchSlots>,
    query: Query<SlotQuery>,
) -> Result<Answer, Problem> {
    let wanted = query.wanted(permit.now())?;
    let window: Window<SlotKey> = Window::new(query.limit, query.cursor.as_ref())?;
    let read = async |transaction: &Transaction<'_, SearchSlots>| {
        let page = search_slots(transaction, &wanted, &window).await?;
        let is_none = page.slots.is_empty() && window.after.is_none();
        let next = if is_none {
            next_free(transaction, &wanted).await?
        } else {
            None
        };
        Ok((page, next))
    };
    let write = |(page, next): (SlotPage, Option<Slot>)| {
        let key = |at: &SlotPosition| (at.starts_at, at.provider_id, at.location_id);
        Answer::ok(&SlotsBody {
            next_free: next.map(SlotBody::from),
            items: page.slots.into_iter().map(SlotBody::from).collect(),
            next_cursor: page.next.map(|at| Cursor::after(&key(&at))),
        })
    };
    permit.transaction_and(read, write).await
}

/// Which day, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DayQuery {
    /// A local date; today when it is left out.
    #[param(nullable = false)]
    date: Option<NaiveDate>,
    /// This location; all locations when it is left out. Providers who leave it out get their own
    /// column.
    #[param(value_type = Option<Uuid>, nullable = false)]
    location_id: Option<LocationId>,
    /// This provider; all who are on duty or booked when it is left out.
    #[param(value_type = Option<Uuid>, nullable = false)]
    provider_id: Option<ProviderId>,
    /// Only these statuses, separated by commas.
    #[param(pattern = "^[a-z_]+(,[a-z_]+)*$", max_length = 120, nullable = false)]
    status: Option<String>,
}

impl DayQuery {
    fn view(&self) -> Result<ViewOf, Problem> {
        Ok(ViewOf {
            date: self.date,
            location_id: self.location_id,
            provider_id: self.provider_id,
            statuses: statuses(self.status.as_deref())?,
        })
    }
}

/// The statuses of a list such as `booked,confirmed`.
fn statuses(list: Option<&str>) -> Result<Vec<Status>, Problem> {
    let words = list.into_iter().flat_map(|list| list.split(','));
    let status = |word: &str| {
        let known = Status::ALL.iter().find(|status| status.as_str() == word);
        known.copied().ok_or_else(|| {
            let all: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
            Problem::field(
                "#/query/status",
                format!("must name some of {}", all.join(", ")),
            )
        })
    };
    words.map(status).collect()
}

/// A patient of the day.
#[derive(Serialize, ToSchema)]
struct DayPatientBody {
    id: PatientId,
    name: String,
    /// The telephone number to call.
    phone: Option<String>,
    /// How the patient is called, where that is another name.
    preferred_name: Option<String>,
    pronouns: Option<String>,
}

/// An appointment of the day, with the facts the front desk needs at a glance. `getAppointment`
/// shows more. Times are in the zone of the location.
#[derive(Serialize, ToSchema)]
struct DayAppointmentBody {
    id: AppointmentId,
    status: Status,
    /// Whether the patient has not confirmed yet.
    unconfirmed: bool,
    patient: DayPatientBody,
    location: NamedBody,
    room: Option<NamedBody>,
    appointment_type: NamedBody,
    /// The colour of the type of appointment, `#rrggbb`.
    color: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: String,
    /// The end; this instant is not part of the appointment.
    #[schema(value_type = String, format = DateTime)]
    ends_at: String,
    /// IANA zone of the location.
    time_zone: &'static str,
    reason: Option<String>,
    /// What staff note for each other.
    note: Option<String>,
    /// What has left it standing where it cannot take place, until it is worked through.
    affected_by: Option<AffectedCause>,
    /// Minutes since the start while the patient is not here; null when they are not late.
    late_minutes: Option<i64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    roomed_at: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<String>,
    /// Minutes from arriving to being seen, or until now; null before the patient arrives.
    waiting_minutes: Option<i64>,
    /// What the caller may do next. A visit can still forbid undoing the last step.
    allowed: Vec<Act>,
    version: Version,
}

impl DayAppointmentBody {
    fn new(appointment: DayAppointment, now: chrono::DateTime<chrono::Utc>) -> Self {
        let zone = appointment.zone;
        Self {
            waiting_minutes: appointment.waiting_minutes(now),
            id: appointment.id,
            status: appointment.status,
            unconfirmed: appointment.status == Status::Booked,
            late_minutes: appointment.late_minutes(now),
            patient: DayPatientBody {
                id: appointment.patient.id,
                name: appointment.patient.name,
                phone: appointment.phone,
                preferred_name: appointment.preferred_name,
                pronouns: appointment.pronouns,
            },
            location: appointment.location.into(),
            room: appointment.room.map(NamedBody::from),
            appointment_type: appointment.appointment_type.into(),
            color: appointment.color,
            starts_at: to_zone_rfc3339(appointment.starts_at, zone),
            ends_at: to_zone_rfc3339(appointment.ends_at, zone),
            time_zone: zone.name(),
            reason: appointment.reason,
            note: appointment.note,
            affected_by: appointment.affected_by,
            arrived_at: local(appointment.arrived_at, zone),
            roomed_at: local(appointment.roomed_at, zone),
            started_at: local(appointment.started_at, zone),
            allowed: appointment.allowed,
            version: appointment.version,
        }
    }
}

impl<Id: Into<Uuid>> From<Named<Id>> for NamedBody {
    fn from(named: Named<Id>) -> Self {
        Self::new(named.id.into(), named.name)
    }
}

/// One provider's day.
#[derive(Serialize, ToSchema)]
struct DayColumnBody {
    provider: NamedBody,
    /// The next patient's appointment.
    next_appointment_id: Option<AppointmentId>,
    appointments: Vec<DayAppointmentBody>,
}

/// The front desk's day.
#[derive(Serialize, ToSchema)]
struct DayBoardBody {
    date: NaiveDate,
    columns: Vec<DayColumnBody>,
}

fn column(column: Column, now: chrono::DateTime<chrono::Utc>) -> DayColumnBody {
    let next_appointment_id = column.next();
    let appointments = column.appointments.into_iter();
    DayColumnBody {
        provider: column.provider.into(),
        next_appointment_id,
        appointments: appointments
            .map(|appointment| DayAppointmentBody::new(appointment, now))
            .collect(),
    }
}

/// Shows a day: a column for each provider, with who is where, how long they have waited, and who
/// is next.
///
/// Request it again with its `ETag` in `If-None-Match` as often as you like: 304 means that nothing
/// changed. `waiting_minutes` and `late_minutes` are not compared, because they follow from the
/// clock. Without a date it is today at the location. A column stands for each provider who works
/// on the day, by weekly or extra hours less time off and closures, or who is booked.
#[utoipa::path(
    operation_id = "getDayBoard", tag = "scheduling", context_path = "/api/v1",
    params(DayQuery),
    responses((status = 200, description = "The day.", body = DayBoardBody))
)]
#[get("/day-board")]
async fn get_day_board(
    permit: Permit<ViewDay>,
    query: Query<DayQuery>,
    known: IfNoneMatch,
) -> Result<Answer, Problem> {
    let now = permit.now();
    let view = query.view()?;
    let read = async |transaction: &Transaction<'_, ViewDay>| {
        Ok(view_day(transaction, &view, &known).await?)
    };
    let write = |seen: Seen| match seen {
        Seen::Before(etag) => Ok(Answer::unchanged(etag)),
        Seen::Now(board, etag) => Ok(Answer::ok(&shown(board, now))?.etag(etag)),
    };
    permit.transaction_and(read, write).await
}

fn shown(board: DayBoard, now: chrono::DateTime<chrono::Utc>) -> DayBoardBody {
    let columns = board.columns.into_iter();
    DayBoardBody {
        date: board.date,
        columns: columns.map(|one| column(one, now)).collect(),
    }
}

/// Seven days.
#[derive(Serialize, ToSchema)]
struct WeekBoardBody {
    days: Vec<DayBoardBody>,
}

/// Shows seven days from `date` on, such as the week of a provider.
#[utoipa::path(
    operation_id = "getWeekBoard", tag = "scheduling", context_path = "/api/v1",
    params(DayQuery),
    responses((status = 200, description = "The days.", body = WeekBoardBody))
)]
#[get("/week-board")]
async fn get_week_board(
    permit: Permit<ViewDay>,
    query: Query<DayQuery>,
) -> Result<Answer, Problem> {
    let now = permit.now();
    let view = query.view()?;
    permit
        .transaction(async |transaction| {
            let days = view_week(transaction, &view).await?;
            let days = days.into_iter().map(|day| shown(day, now)).collect();
            Answer::ok(&WeekBoardBody { days })
        })
        .await
}
