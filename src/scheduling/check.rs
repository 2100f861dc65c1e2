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

use super::book_error::{BookError, UnusableId, nowhere};
use super::chosen::Chosen;
use super::claim::ResourceKind;
use super::desk::{Desk, Space};
use super::explain::{Asked, explained};
use super::group::GroupOf;
use super::hold::HoldId;
use super::load_calendars::{Calendars, Found, ProviderAt, appointment_rules, caller_rules};
use super::provider_calendar::CallerRules;
use super::refusals::BookingRule;
use super::slots::SlotRefused;
use super::store::{self, Known};
use super::wanted::{Claimant, Wanted};
use super::wording;

/// The rows that the ids of a request name.
pub(super) struct Checked {
    pub(super) appointment_type: AppointmentType,
    /// The person, whichever of their records was named.
    pub(super) person_id: Option<PatientId>,
    /// The ids that cannot be used.
    pub(super) unknown: Vec<UnusableId>,
    /// Hours and bookings around the start.
    found: Found,
}

/// No appointment with its buffers reaches further than this before or after its start.
const LONGEST_REACH: TimeDelta = TimeDelta::hours(12);

/// Locks the provider's hours, looks up every id, and reads the hours and bookings around the start.
///
/// One round trip. Each statement sees what was committed before it, so hours and bookings are read
/// after the locks are taken and the hold is used up.
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
        // Lock the patients, or two bookings made at once would each miss that they are too close.
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
    let found_ids = FoundIds {
        has_type: appointment_type.is_some(),
        is_provider,
        known,
        has_hold: held != Some(None),
        person: person.as_ref(),
    };
    let unknown = unusable_ids(transaction, wanted, claimant, &found_ids).await?;
    let person = person.filter(Person::is_in_use);
    match appointment_type {
        Some(appointment_type) => Ok(Checked {
            appointment_type: wanted.fit(appointment_type),
            person_id: person.map(|person| person.id),
            unknown,
            found,
        }),
        None => Err(BookError::Unknown(unknown)),
    }
}

/// Which ids of the request were found.
struct FoundIds<'reads> {
    has_type: bool,
    is_provider: bool,
    known: Known,
    has_hold: bool,
    person: Option<&'reads Person>,
}

/// The ids that cannot be used, each with the reason.
async fn unusable_ids(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    claimant: Claimant,
    found: &FoundIds<'_>,
) -> Stored<Vec<UnusableId>> {
    let mut unusable = Vec::new();
    let mut add = |pointer, detail| unusable.push(UnusableId { pointer, detail });
    let (type_id, provider_id) = (wanted.appointment_type_id, wanted.provider_id);
    if !found.has_type {
        add(
            "/appointment_type_id",
            format!("{type_id} is no type of appointment of this practice"),
        );
    }
    if !found.known.location {
        let id = wanted.location_id;
        add(
            "/location_id",
            format!("{id} is no location of this practice"),
        );
    }
    if let Some(id) = claimant.patient_id {
        match found.person {
            Some(person) if person.is_in_use() => {}
            Some(_) => add(
                "/patient_id",
                format!(
                    "{id} is an archived record, or of a patient who has died; nothing can be \
                     booked for it"
                ),
            ),
            None => add(
                "/patient_id",
                format!("{id} is no patient that you can book for"),
            ),
        }
    }
    if !found.is_provider {
        add(
            "/provider_id",
            format!("{provider_id} is no provider of this practice"),
        );
    }
    // Only a location that exists can have the room.
    if let Some(id) = wanted
        .room_id
        .filter(|_| found.known.location && !found.known.room)
    {
        add("/room_id", format!("{id} is no room of this location"));
    }
    if let Some(id) = claimant.hold_id.filter(|_| !found.has_hold) {
        add("/hold_id", why_no_hold(transaction, id).await?);
    }
    Ok(unusable)
}

/// Why a hold cannot be used: it ended, it is for another time, or it is not the caller's.
async fn why_no_hold(transaction: &OpenTransaction<'_>, id: HoldId) -> Stored<String> {
    Ok(match store::own_hold(transaction, id).await? {
        Some((hold, zone)) if hold.expires_at <= transaction.now() => format!(
            "the hold ended at {}; hold the time again, or book without hold_id",
            wording::clock(hold.expires_at, zone)
        ),
        Some((hold, zone)) => format!(
            "the hold is for {}, {}, with its own type, provider and location; \
             book exactly that, or book without hold_id",
            wording::day(hold.place.starts_at, zone),
            wording::clock(hold.place.starts_at, zone)
        ),
        None => format!("{id} is no hold of yours, or it ended; book without hold_id"),
    })
}

/// Uses up the hold. Returns `None` when no hold was named, `Some(None)` when there is no such hold,
/// and else the room of the hold, if it has one.
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

/// Checks whether the time can be booked under the caller's rules, as the search for slots does.
/// Returns the zone of the location, too.
pub(super) async fn choose(
    transaction: &OpenTransaction<'_>,
    wanted: &Wanted,
    checked: &Checked,
) -> Result<(Chosen, Tz), BookError> {
    let appointment_type = &checked.appointment_type;
    let calendars = checked.found.calendars(appointment_type, &wanted.patients);
    let chosen = choose_in(transaction, wanted, appointment_type, &calendars);
    let asked = Asked {
        wanted,
        appointment_type,
        calendars: &calendars,
    };
    match chosen {
        Ok(chosen) => Ok(chosen),
        Err(refused) => Err(explained(transaction, asked, refused).await),
    }
}

/// Checks whether a time that was booked before can be booked again, even when it has passed.
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
    let asked = Asked {
        wanted,
        appointment_type,
        calendars: &calendars,
    };
    match chosen {
        Ok((chosen, _)) => Ok(chosen),
        Err(refused) => Err(explained(transaction, asked, refused).await),
    }
}

/// Reads the calendars that decide every start in `starts`.
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

/// Does what [`choose`] does with calendars that were read before. The refusal has no message yet.
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
            BookError::outside(refused)
        }
        SlotRefused::ProviderBusy => BookError::taken(vec![ResourceKind::Provider]),
        SlotRefused::NoRoomFree | SlotRefused::RoomNotFree => {
            BookError::taken(vec![ResourceKind::Room])
        }
    }
}
