//! Checks whether a time can be booked, by the same rules as the search for free slots.
//!
//! The hours of the provider are locked first, so that they cannot change between the check and
//! the booking. A time that passes the check can still be lost to a booking made at the same
//! moment; [`take`](super::take) finds that out.

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::patients::{PatientId, Person, person_of};
use crate::platform::access::Role;
use crate::platform::database::{DatabaseError, OpenTransaction, Stored};
use crate::platform::intervals::Interval;
use crate::platform::pipeline::pipelined;
use crate::practice::{AppointmentType, RoomId, find_appointment_type, lock_schedule};

use super::book_error::{BookError, Taken, nowhere};
use super::chosen::Chosen;
use super::claim::ResourceKind;
use super::desk::{Desk, Space};
use super::group::GroupOf;
use super::hold::HoldId;
use super::load_calendars::{Calendars, Found, ProviderAt, appointment_rules, caller_rules};
use super::provider_calendar::CallerRules;
use super::refusals::BookingRule;
use super::slots::SlotRefused;
use super::store;
use super::wanted::{Claimant, ForPatients, Wanted};

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
    let at = ProviderAt {
        provider_id: wanted.provider_id,
        location_id: wanted.location_id,
    };
    let (is_provider, held, (), appointment_type, known, person, found) = pipelined!(
        lock_schedule(transaction, wanted.provider_id),
        held(transaction, hold_id, wanted),
        // Or two bookings at once, each too close to the other, would not see one another.
        store::lock_patients(transaction, &wanted.patients, wanted.appointment_type_id),
        find_appointment_type(transaction, wanted.appointment_type_id),
        store::known(transaction, wanted.location_id, wanted.room_id),
        person(transaction, patient_id),
        Found::load(
            transaction,
            at,
            range.ok_or_else(nowhere)?,
            &wanted.patients
        ),
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

pub(super) async fn person(
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
    let calendars = checked.found.calendars(appointment_type, &wanted.patients);
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
    let mut patients = ForPatients {
        moved_ids: wanted.patients.moved_ids.clone(),
        ..ForPatients::default()
    };
    for kind in &kinds {
        match kind {
            ResourceKind::Provider => ids.push(wanted.provider_id.uuid()),
            // Where any room would have done, all of them are in the way.
            ResourceKind::Room => ids.extend(wanted.room_id.map(RoomId::uuid)),
            ResourceKind::Patient => patients
                .patient_ids
                .clone_from(&wanted.patients.patient_ids),
        }
    }
    let conflicts = if transaction.principal().role == Role::Patient {
        Vec::new()
    } else {
        store::conflicts(transaction, &ids, &span.ok_or_else(nowhere)?, &patients).await?
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
    let calendars = checked.found.calendars(appointment_type, &wanted.patients);
    let caller = CallerRules::for_staff(transaction.now().min(wanted.starts_at));
    let chosen = choose_under(
        wanted,
        appointment_type,
        &calendars,
        Booker {
            rules: caller,
            is_patient: false,
        },
    );
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
    let at = ProviderAt {
        provider_id: wanted.provider_id,
        location_id: wanted.location_id,
    };
    let ((), calendars) = pipelined!(
        store::lock_patients(transaction, &wanted.patients, wanted.appointment_type_id),
        Calendars::load(transaction, appointment_type, at, starts, &wanted.patients),
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
    let is_new = wanted.patients.moved_ids.is_empty();
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
    choose_under(
        wanted,
        appointment_type,
        calendars,
        Booker {
            rules: caller,
            is_patient,
        },
    )
}

/// The rules that hold for the person who books.
#[derive(Clone, Copy)]
struct Booker {
    rules: CallerRules,
    /// Whether a refusal is worded for a patient.
    is_patient: bool,
}

fn choose_under(
    wanted: &Wanted,
    appointment_type: &AppointmentType,
    calendars: &Calendars,
    booker: Booker,
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
        caller: booker.rules,
    };
    let space =
        space_to_try(&desk, wanted).map_err(|refused| refusal(refused, booker.is_patient))?;
    let named = wanted.room_id.map(|room_id| vec![room_id]);
    let free = space.free_room_ids.into_iter().map(RoomId::from);
    let zone = calendar.location.clock.zone();
    Ok((
        Chosen {
            provider_id: wanted.provider_id,
            span,
            blocked,
            rooms: named.unwrap_or_else(|| free.collect()),
            seats: space.free_seats,
            group: GroupOf {
                appointment_type_id: wanted.appointment_type_id,
                location_id: wanted.location_id,
            },
        },
        zone,
    ))
}

fn space_to_try(desk: &Desk<'_>, wanted: &Wanted) -> Result<Space, SlotRefused> {
    match desk.check(wanted.starts_at, wanted.room_id.map(RoomId::uuid)) {
        Ok(slot) => Ok(Space {
            free_room_ids: slot.free_room_ids,
            free_seats: slot.free_seats,
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
