//! Winning a place: provider, room and patient for one span of time, or a reason why not.
//!
//! Everything that takes time goes this way (booking, holding, moving), so that the rules are the
//! same everywhere and the same as in search. First the hours of the provider are locked against
//! change; then [`choose`] asks the very code that offers slots; then [`take`] writes the rows
//! whose constraint is the proof. Between the two somebody else may win: the constraint says so,
//! and the loser is told that the time is taken. A room nobody asked for by name is replaced by
//! the next free one.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::QueryableByName;
use diesel::pg::Pg;
use serde::Serialize;
use uuid::Uuid;

use crate::patients::{PatientId, Person, person_of};
use crate::platform::access::Role;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::intervals::Interval;
use crate::platform::pipeline::pipelined;
use crate::platform::problem::{self, FieldError, Problem, ProblemType, Refusal};
use crate::platform::text::text_enum;
use crate::practice::{
    AppointmentType, AppointmentTypeId, LocationId, ProviderId, RoomId, find_appointment_type,
    lock_schedule,
};
use crate::schema::resource_bookings;

use super::appointment::AppointmentId;
use super::calendars::{Calendars, Found, Whom, appointment_rules, caller_rules};
use super::group::{GroupOf, Seat};
use super::hold::HoldId;
use super::refusals::{BOOKING_RULE, BookingRule, OUTSIDE_AVAILABILITY, SLOT_TAKEN};
use super::slots::{CallerRules, Desk, SlotRefused, Space};
use super::store::{self, Cause};

text_enum! {
    /// What is in one place at a time, in the order in which it is taken.
    pub(crate) enum ResourceKind {
        Provider = "provider",
        Patient = "patient",
        // Last, because a lost room is replaced by another one while the rest is kept.
        Room = "room",
    }
}

/// A resource and the span it is wanted for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(super) kind: ResourceKind,
    pub(super) resource_id: Uuid,
    pub(super) span: Interval,
    /// Where a room is; nothing for people.
    pub(super) location_id: Option<LocationId>,
    /// The place in a session that is shared; nothing where it is not.
    pub(super) seat: Option<Seat>,
}

/// A place somebody wants.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(super) appointment_type_id: AppointmentTypeId,
    pub(super) provider_id: ProviderId,
    pub(super) location_id: LocationId,
    pub(super) starts_at: DateTime<Utc>,
    /// This room and no other.
    pub(super) room_id: Option<RoomId>,
    /// Staff have a reason to book against hours, grid and times, and before a review.
    pub(super) is_overridden: bool,
    /// The practice offered it by the rules for patients; they are not asked again.
    pub(super) is_promised: bool,
    /// Whom it is for, as far as that is known.
    pub(super) whom: Whom,
}

/// A place that looks free.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) provider_id: ProviderId,
    /// What the patient is told.
    pub(super) span: Interval,
    /// What provider and room are taken for, buffers included.
    pub(super) blocked: Interval,
    /// The rooms to try, in order; none when no room is needed.
    pub(super) rooms: Vec<RoomId>,
    /// The places of a group to try, in order; none when the session is for one patient.
    pub(super) places: Vec<i16>,
    pub(super) group: GroupOf,
}

/// What somebody else has, and, as far as staff were told, which bookings are in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(super) kinds: Vec<ResourceKind>,
    pub(super) conflicts: Vec<Conflict>,
}

/// A booking or a hold that is in the way, as the member `conflicts` of `/problems/slot-taken`
/// names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName)]
#[diesel(table_name = resource_bookings, check_for_backend(Pg))]
pub(crate) struct Conflict {
    #[diesel(column_name = resource_kind)]
    kind: ResourceKind,
    resource_id: Uuid,
    /// Nothing where it is a hold.
    appointment_id: Option<AppointmentId>,
    /// Buffers included, as for `ends_at`.
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    /// When a hold ends by itself.
    #[diesel(column_name = expires_at)]
    held_until: Option<DateTime<Utc>>,
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BookError {
    /// JSON pointers of the ids.
    #[error("ids that name nothing")]
    Unknown(Vec<&'static str>),
    #[error("nothing can be booked then: {0}")]
    Outside(SlotRefused),
    #[error("a rule does not allow it: {0}")]
    Rule(BookingRule),
    #[error("taken")]
    Taken(Taken),
    #[error("only staff override rules")]
    StaffOnly,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl BookError {
    /// Somebody else has this.
    pub(super) const fn taken(kinds: Vec<ResourceKind>) -> Self {
        Self::Taken(Taken {
            kinds,
            conflicts: Vec::new(),
        })
    }
}

impl Refusal for BookError {
    const TYPES: &'static [&'static ProblemType] =
        &[&SLOT_TAKEN, &OUTSIDE_AVAILABILITY, &BOOKING_RULE];

    fn problem(self) -> Problem {
        match self {
            Self::Unknown(pointers) => {
                let nothing = |pointer| FieldError::new(pointer, "names nothing here");
                Problem::invalid(pointers.into_iter().map(nothing).collect())
            }
            Self::Outside(refused) => Problem::new(&OUTSIDE_AVAILABILITY)
                .detail(format!("{refused}."))
                .errors(vec![FieldError::new("/starts_at", refused.to_string())]),
            Self::Rule(rule) => rule.problem(),
            Self::Taken(Taken { kinds, conflicts }) => {
                let problem = Problem::new(&SLOT_TAKEN).member("taken", kinds);
                if conflicts.is_empty() {
                    problem
                } else {
                    problem.member("conflicts", conflicts)
                }
            }
            Self::StaffOnly => Problem::new(&problem::NOT_ALLOWED)
                .detail("Only the practice can book against its rules."),
            Self::Database(error) => error.into(),
        }
    }
}

/// What the ids of a wish stand for.
pub(super) struct Checked {
    pub(super) appointment_type: AppointmentType,
    /// The person it is for, whichever of their records was named.
    pub(super) person_id: Option<PatientId>,
    /// Pointers of ids that name nothing.
    pub(super) unknown: Vec<&'static str>,
    /// What decides about the place.
    found: Found,
}

/// The longest that an appointment with its buffers can reach past its start, and before it.
const LONGEST_REACH: TimeDelta = TimeDelta::hours(12);

/// Who a place is wanted for, and with what.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claimant {
    pub(super) patient_id: Option<PatientId>,
    /// The hold that kept the place until now; it is used up.
    pub(super) hold_id: Option<HoldId>,
}

/// Locks the provider's hours against change and looks up everything the wish names, and what
/// decides about it. All of it in one exchange: each statement sees what was committed when its
/// turn came, and hours and bookings come after the locks and the end of the hold.
pub(super) async fn look_up(
    transaction: &OpenTransaction<'_>,
    wanted: &mut Wanted,
    claimant: Claimant,
) -> Result<Checked, BookError> {
    let Claimant {
        patient_id,
        hold_id,
    } = claimant;
    let range = Interval::new(
        wanted.starts_at - LONGEST_REACH,
        wanted.starts_at + LONGEST_REACH,
    );
    let pair = (wanted.provider_id.uuid(), wanted.location_id.uuid());
    let (is_provider, held, (), appointment_type, known, person, found) = pipelined!(
        lock_schedule(transaction, wanted.provider_id),
        held(transaction, hold_id, wanted),
        // Or two bookings at once, each too close to the other, would not see one another.
        store::lock_patients(transaction, &wanted.whom, wanted.appointment_type_id),
        find_appointment_type(transaction, wanted.appointment_type_id),
        store::known(transaction, wanted.location_id, wanted.room_id),
        person(transaction, patient_id),
        Found::load(transaction, pair, range.ok_or_else(nowhere)?, &wanted.whom),
    )?;
    if let Some(Some(held_room_id)) = held {
        wanted.room_id = wanted.room_id.or(held_room_id);
    }
    let person = person.filter(Person::is_in_use);
    let unknown: Vec<&str> = [
        ("/appointment_type_id", appointment_type.is_some()),
        ("/location_id", known.location),
        ("/patient_id", patient_id.is_none() || person.is_some()),
        ("/provider_id", is_provider),
        // Whether it is a room of the location can only be said of a location that is there.
        ("/room_id", known.room || !known.location),
        ("/hold_id", held != Some(None)),
    ]
    .into_iter()
    .filter_map(|(pointer, is_known)| (!is_known).then_some(pointer))
    .collect();
    match appointment_type {
        Some(appointment_type) => Ok(Checked {
            appointment_type,
            person_id: person.map(|person| person.id),
            unknown,
            found,
        }),
        None => Err(BookError::Unknown(unknown)),
    }
}

/// The room of the hold that is used up, if it has one; nothing in it where there is no such hold.
async fn held(
    transaction: &OpenTransaction<'_>,
    hold_id: Option<HoldId>,
    wanted: &Wanted,
) -> Stored<Option<Option<Option<RoomId>>>> {
    match hold_id {
        Some(hold_id) => Ok(Some(
            store::consume_hold(transaction, hold_id, wanted).await?,
        )),
        None => Ok(None),
    }
}

async fn person(
    transaction: &OpenTransaction<'_>,
    patient_id: Option<PatientId>,
) -> Stored<Option<Person>> {
    match patient_id {
        Some(patient_id) => person_of(transaction, patient_id).await,
        None => Ok(None),
    }
}

/// Asks whether the place can be booked under the caller's rules, as search would; the zone is
/// that of the location.
pub(super) async fn choose(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    checked: &Checked,
) -> Result<(Chosen, Tz), BookError> {
    let appointment_type = &checked.appointment_type;
    let calendars = checked.found.calendars(appointment_type, &wanted.whom);
    let chosen = choose_in(transaction, wanted, appointment_type, &calendars);
    explained(transaction, wanted, appointment_type, chosen).await
}

/// Tells staff which bookings are in the way of a place that is taken. Who loses it to somebody who
/// books at the same moment is told that it is taken and no more.
async fn explained<T>(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    outcome: Result<T, BookError>,
) -> Result<T, BookError> {
    let kinds = match outcome {
        Err(BookError::Taken(taken)) => taken.kinds,
        outcome => return outcome,
    };
    let rules = appointment_rules(&appointment_type.rules);
    let span = if kinds == [ResourceKind::Patient] {
        rules.appointment_span(wanted.starts_at)
    } else {
        rules.blocked_span(wanted.starts_at)
    };
    let mut ids = Vec::new();
    let mut whom = Whom {
        moved_ids: wanted.whom.moved_ids.clone(),
        ..Whom::default()
    };
    for kind in &kinds {
        match kind {
            ResourceKind::Provider => ids.push(wanted.provider_id.uuid()),
            // Where any room would have done, all of them are in the way.
            ResourceKind::Room => ids.extend(wanted.room_id.map(RoomId::uuid)),
            ResourceKind::Patient => whom.patient_ids.clone_from(&wanted.whom.patient_ids),
        }
    }
    let conflicts = if transaction.principal().role == Role::Patient {
        Vec::new()
    } else {
        store::conflicts(transaction, &ids, &span.ok_or_else(nowhere)?, &whom).await?
    };
    Err(BookError::Taken(Taken { kinds, conflicts }))
}

/// Asks whether a place that was booked before can be booked again: whenever it was, staff may.
pub(super) async fn choose_as_before(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    checked: &Checked,
) -> Result<Chosen, BookError> {
    let appointment_type = &checked.appointment_type;
    let calendars = checked.found.calendars(appointment_type, &wanted.whom);
    let caller = CallerRules::for_staff(transaction.now().min(wanted.starts_at));
    let chosen = choose_under(wanted, appointment_type, &calendars, (caller, false));
    let (chosen, _) = explained(transaction, wanted, appointment_type, chosen).await?;
    Ok(chosen)
}

/// What decides whether the place can be booked at any of these starts.
pub(super) async fn calendars_for(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    starts: &Interval,
) -> Result<Calendars, DatabaseError> {
    let pair = (wanted.provider_id.uuid(), wanted.location_id.uuid());
    let ((), calendars) = pipelined!(
        store::lock_patients(transaction, &wanted.whom, wanted.appointment_type_id),
        Calendars::load(transaction, appointment_type, pair, starts, &wanted.whom),
    )?;
    Ok(calendars)
}

/// As [`choose`], from calendars that were read for starts around the one that is wanted.
pub(super) fn choose_in(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    calendars: &Calendars,
) -> Result<(Chosen, Tz), BookError> {
    let is_new = wanted.whom.moved_ids.is_empty();
    if is_new && !appointment_type.rules.active {
        return Err(BookError::Rule(BookingRule::TypeRetired));
    }
    let is_patient = transaction.principal().role == Role::Patient && !wanted.is_promised;
    if is_patient && !appointment_type.rules.patient_bookable {
        return Err(BookError::Rule(BookingRule::NotPatientBookable));
    }
    let caller = if wanted.is_promised {
        CallerRules::for_staff(transaction.now())
    } else {
        caller_rules(transaction, &appointment_rules(&appointment_type.rules))
    };
    choose_under(wanted, appointment_type, calendars, (caller, is_patient))
}

fn choose_under(
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    calendars: &Calendars,
    (caller, is_patient): (CallerRules, bool),
) -> Result<(Chosen, Tz), BookError> {
    if calendars.awaits_review() && !wanted.is_overridden {
        return Err(BookError::Rule(BookingRule::AwaitingReview));
    }
    let rules = appointment_rules(&appointment_type.rules);
    let span = rules
        .appointment_span(wanted.starts_at)
        .ok_or_else(nowhere)?;
    let blocked = rules.blocked_span(wanted.starts_at).ok_or_else(nowhere)?;
    let calendars = calendars.all();
    let calendar = calendars.first().ok_or_else(nowhere)?;
    let desk = Desk {
        calendar,
        rules,
        caller,
    };
    let space = space_to_try(&desk, wanted).map_err(|refused| refusal(refused, is_patient))?;
    let named = wanted.room_id.map(|room_id| vec![room_id]);
    let free = space.free_room_ids.into_iter().map(RoomId::from);
    let zone = calendar.location.clock.zone();
    Ok((
        Chosen {
            provider_id: wanted.provider_id,
            span,
            blocked,
            rooms: named.unwrap_or_else(|| free.collect()),
            places: space.free_places,
            group: GroupOf {
                appointment_type_id: wanted.appointment_type_id,
                location_id: wanted.location_id,
            },
        },
        zone,
    ))
}

/// The refusal of a start at which nobody is there.
pub(super) const fn nowhere() -> BookError {
    BookError::Outside(SlotRefused::OutsideHours)
}

fn space_to_try(desk: &Desk<'_>, wanted: &Wanted) -> Result<Space, SlotRefused> {
    match desk.check(wanted.starts_at, wanted.room_id.map(RoomId::uuid)) {
        Ok(slot) => Ok(Space {
            free_room_ids: slot.free_room_ids,
            free_places: slot.free_places,
        }),
        Err(
            SlotRefused::TooSoon
            | SlotRefused::TooFar
            | SlotRefused::OffGrid
            | SlotRefused::OutsideHours
            | SlotRefused::TooClose,
        ) if wanted.is_overridden => {
            let space = desk.space(wanted.starts_at)?;
            match wanted.room_id {
                Some(room_id) if !desk.has_room(room_id.uuid(), wanted.starts_at) => {
                    Err(SlotRefused::RoomNotFree)
                }
                _ => Ok(space),
            }
        }
        Err(refused) => Err(refused),
    }
}

fn refusal(refused: SlotRefused, is_patient: bool) -> BookError {
    match refused {
        SlotRefused::TooSoon if is_patient => BookError::Rule(BookingRule::LeadTime),
        SlotRefused::TooSoon => BookError::Rule(BookingRule::InThePast),
        SlotRefused::TooFar => BookError::Rule(BookingRule::Horizon),
        SlotRefused::TooClose => BookError::Rule(BookingRule::MinInterval),
        SlotRefused::PatientBusy => BookError::taken(vec![ResourceKind::Patient]),
        SlotRefused::OffGrid | SlotRefused::OutsideHours | SlotRefused::Skipped => {
            BookError::Outside(refused)
        }
        SlotRefused::ProviderBusy => BookError::taken(vec![ResourceKind::Provider]),
        SlotRefused::NoRoomFree | SlotRefused::RoomNotFree => {
            BookError::taken(vec![ResourceKind::Room])
        }
    }
}

/// As [`take_for`], for the person behind a record.
pub(super) async fn take(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let person = person(transaction, patient_id).await?;
    take_for(transaction, cause, person.map(|person| person.id), chosen).await
}

/// Takes the place, and answers the room that was won. One person is in one place at a time, under
/// however many records they are known.
pub(super) async fn take_for(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    person_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    if chosen.places.is_empty() {
        take_alone(transaction, cause, person_id, chosen).await
    } else {
        join(transaction, cause, person_id, chosen).await
    }
}

async fn take_alone(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let (first, others) = match chosen.rooms.split_first() {
        Some((first, others)) => (Some(*first), others),
        None => (None, [].as_slice()),
    };
    let claims = chosen.claims(patient_id, first, None);
    let ((), lost) = pipelined!(
        clear(transaction, chosen),
        attempt(transaction, cause, &claims),
    )?;
    match lost.as_slice() {
        [] => return Ok(first),
        [ResourceKind::Room] => {}
        _ => return Err(BookError::taken(lost)),
    }
    for other in others {
        let claim = chosen.room(*other, None);
        if attempt(transaction, cause, &[claim]).await?.is_empty() {
            return Ok(Some(*other));
        }
    }
    Err(BookError::taken(lost))
}

/// Takes the first place of the session that nobody else gets. Who joins goes where the session is:
/// there is one room to try.
async fn join(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    patient_id: Option<PatientId>,
    chosen: &Chosen,
) -> Result<Option<RoomId>, BookError> {
    let room_id = chosen.rooms.first().copied();
    let session_id = chosen.group.session_id(
        chosen.provider_id.uuid(),
        room_id.map(RoomId::uuid),
        chosen.span.starts_at(),
    );
    clear(transaction, chosen).await?;
    let mut lost = Vec::new();
    for place in chosen.places.iter().copied() {
        let seat = Some(Seat { session_id, place });
        let mut claims = chosen.claims(patient_id, room_id, seat);
        claims.retain(|claim| lost.is_empty() || lost.contains(&claim.kind));
        lost = attempt(transaction, cause, &claims).await?;
        if lost.is_empty() {
            return Ok(room_id);
        }
        if lost.contains(&ResourceKind::Patient) {
            break;
        }
    }
    Err(BookError::taken(lost))
}

impl Chosen {
    /// Tries this room first, if it is free.
    pub(super) fn prefer(&mut self, room_id: Option<RoomId>) {
        self.rooms
            .sort_by_key(|candidate| Some(*candidate) != room_id);
    }

    fn claims(
        &self,
        patient_id: Option<PatientId>,
        room_id: Option<RoomId>,
        seat: Option<Seat>,
    ) -> Vec<Claim> {
        let provider = Claim {
            kind: ResourceKind::Provider,
            resource_id: self.provider_id.uuid(),
            span: self.blocked,
            location_id: None,
            seat,
        };
        let patient = patient_id.map(|id| Claim {
            kind: ResourceKind::Patient,
            resource_id: id.uuid(),
            span: self.span,
            location_id: None,
            seat: None,
        });
        let room = room_id.map(|room_id| self.room(room_id, seat));
        [provider].into_iter().chain(patient).chain(room).collect()
    }

    fn room(&self, room_id: RoomId, seat: Option<Seat>) -> Claim {
        Claim {
            kind: ResourceKind::Room,
            resource_id: room_id.uuid(),
            span: self.blocked,
            location_id: Some(self.group.location_id),
            seat,
        }
    }
}

/// Takes all the claims or says of which kind those are that were lost.
pub(super) async fn attempt(
    transaction: &OpenTransaction<'_>,
    cause: Cause,
    claims: &[Claim],
) -> Result<Vec<ResourceKind>, DatabaseError> {
    let won = store::acquire(transaction, cause, claims).await?;
    let is_lost = |claim: &&Claim| !won.contains(&claim.resource_id);
    Ok(claims
        .iter()
        .filter(is_lost)
        .map(|claim| claim.kind)
        .collect())
}

async fn clear(transaction: &OpenTransaction<'_>, chosen: &Chosen) -> Result<(), DatabaseError> {
    let mut resource_ids = vec![chosen.provider_id.uuid()];
    resource_ids.extend(chosen.rooms.iter().map(|room_id| room_id.uuid()));
    store::clear_expired(transaction, &resource_ids, &chosen.blocked).await
}
