//! What can be booked: how long it takes, what it needs, and by which rules patients book it.
//!
//! Patients see the types that they may book themselves, and no others. Of a type that is not active
//! nothing new is booked by anybody; what is booked already can be moved and takes place.
//!
//! A type with a capacity above one is a group: that many patients share provider, room and time.
//! A type with an interval keeps its appointments apart: payers and clinicians want so many days
//! between two procedures on one patient, whichever type each of them is of.

mod routes;
mod store;

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, OpenTransaction, Stored, Transaction};
use crate::platform::etag::{IfMatch, Stale, Version};
use crate::platform::id::id;
use crate::platform::page::Window;
use crate::platform::problem::{self, Problem, ProblemType, Refusal};

pub(crate) use routes::configure;
pub(crate) use store::type_names;

use super::affected::{AllOf, lift_all_ahead, note_all_ahead};
use super::listing::{NAME_TAKEN, name_taken};

id! {
    /// Names a type of appointment.
    pub(crate) struct AppointmentTypeId
}

action!(
    /// Reading what can be booked.
    Read, "appointment_types.read", practice,
    [Admin, FrontDesk, Provider, Assistant, Patient, Auditor]
);
action!(
    /// Adding something that can be booked.
    Add, "appointment_types.add", practice, [Admin]
);
action!(
    /// Changing what can be booked.
    Change, "appointment_types.change", practice, [Admin]
);

/// A type of appointment.
#[derive(Debug, Clone)]
pub(crate) struct AppointmentType {
    pub(crate) id: AppointmentTypeId,
    pub(crate) rules: TypeRules,
    pub(crate) version: Version,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What a type of appointment asks of provider, room and patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeRules {
    pub(crate) name: String,
    pub(crate) duration_minutes: NonZeroU32,
    /// Blocks provider and room before the start.
    pub(crate) buffer_before_minutes: u32,
    /// Blocks provider and room after the end.
    pub(crate) buffer_after_minutes: u32,
    pub(crate) needs_room: bool,
    pub(crate) patient_bookable: bool,
    /// How long before the start a patient may still book.
    pub(crate) min_lead_minutes: u32,
    /// How far ahead a patient may book.
    pub(crate) max_ahead_days: u32,
    /// How long before the start a patient may still cancel or move.
    pub(crate) cancel_cutoff_minutes: u32,
    /// Grid of starts, counted from local midnight.
    pub(crate) start_every_minutes: NonZeroU32,
    /// `#rrggbb`.
    pub(crate) color: String,
    /// How many patients share one session; more than one for groups.
    pub(crate) capacity: NonZeroU32,
    /// Fewest days to another appointment of the same patient whose type has an interval too.
    pub(crate) min_interval_days: Option<NonZeroU32>,
    /// Whether anything new is booked.
    pub(crate) active: bool,
}

/// What is to be changed: nothing where nothing is said.
#[derive(Debug, Default)]
pub(super) struct TypeChanges {
    pub(super) name: Option<String>,
    pub(super) duration_minutes: Option<NonZeroU32>,
    pub(super) buffer_before_minutes: Option<u32>,
    pub(super) buffer_after_minutes: Option<u32>,
    pub(super) needs_room: Option<bool>,
    pub(super) patient_bookable: Option<bool>,
    pub(super) min_lead_minutes: Option<u32>,
    pub(super) max_ahead_days: Option<u32>,
    pub(super) cancel_cutoff_minutes: Option<u32>,
    pub(super) start_every_minutes: Option<NonZeroU32>,
    pub(super) color: Option<String>,
    pub(super) capacity: Option<NonZeroU32>,
    /// Cleared where `Some(None)`.
    pub(super) min_interval_days: Option<Option<NonZeroU32>>,
    pub(super) active: Option<bool>,
}

/// Why a type was not read, added or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TypeError {
    #[error("no such type")]
    NotFound,
    #[error("another type has this name")]
    NameTaken,
    #[error(transparent)]
    Stale(#[from] Stale),
    #[error(transparent)]
    Database(DatabaseError),
}

impl From<DatabaseError> for TypeError {
    fn from(error: DatabaseError) -> Self {
        if error.breaks("appointment_types_name_unique") {
            Self::NameTaken
        } else {
            Self::Database(error)
        }
    }
}

impl Refusal for TypeError {
    const TYPES: &'static [&'static ProblemType] = &[&NAME_TAKEN];

    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::new(&problem::NOT_FOUND),
            Self::NameTaken => name_taken(),
            Self::Stale(stale) => stale.problem(),
            Self::Database(error) => error.into(),
        }
    }
}

/// The type of a row that another statement of this feature read as JSON.
pub(super) fn from_json(row: serde_json::Value) -> Option<AppointmentType> {
    store::from_json(row)
}

/// The type with this id, for any role.
pub(crate) async fn find_appointment_type(
    transaction: &OpenTransaction<'_>,
    id: AppointmentTypeId,
) -> Stored<Option<AppointmentType>> {
    store::find(transaction, id).await
}

/// A type that the caller may see.
async fn read(
    transaction: &Transaction<'_, Read>,
    id: AppointmentTypeId,
) -> Result<AppointmentType, TypeError> {
    let found = store::find(transaction, id).await?;
    found
        .filter(|found| found.rules.is_open_to_patients() || !books_for_themselves(transaction))
        .ok_or(TypeError::NotFound)
}

/// The types that the caller may see, by name.
async fn list(
    transaction: &Transaction<'_, Read>,
    updated_since: Option<DateTime<Utc>>,
    window: &Window<(String, Uuid)>,
) -> Stored<Vec<AppointmentType>> {
    store::list(
        transaction,
        updated_since,
        books_for_themselves(transaction),
        window,
    )
    .await
}

fn books_for_themselves(transaction: &Transaction<'_, Read>) -> bool {
    transaction.principal().role == Role::Patient
}

async fn add(
    transaction: &Transaction<'_, Add>,
    rules: &TypeRules,
) -> Result<AppointmentType, TypeError> {
    let now = transaction.now();
    let added = AppointmentType {
        id: AppointmentTypeId::fresh(now),
        rules: rules.clone(),
        version: Version::FIRST,
        updated_at: now,
    };
    store::insert(transaction, &added).await?;
    Ok(added)
}

async fn change(
    transaction: &Transaction<'_, Change>,
    id: AppointmentTypeId,
    if_match: &IfMatch,
    changes: &TypeChanges,
) -> Result<AppointmentType, TypeError> {
    let mut found = store::lock(transaction, id)
        .await?
        .ok_or(TypeError::NotFound)?;
    if_match.require(found.version)?;
    let was_active = found.rules.active;
    changes.apply(&mut found.rules);
    let of_type = AllOf::AppointmentType(id.uuid());
    match (was_active, found.rules.active) {
        (true, false) => note_all_ahead(transaction, of_type).await?,
        (false, true) => lift_all_ahead(transaction, of_type).await?,
        _ => {}
    }
    found.version = found.version.next();
    found.updated_at = transaction.now();
    store::update(transaction, &found).await?;
    Ok(found)
}

impl TypeRules {
    /// Whether patients book it themselves.
    pub(crate) const fn is_open_to_patients(&self) -> bool {
        self.active && self.patient_bookable
    }
}

impl TypeChanges {
    fn apply(&self, rules: &mut TypeRules) {
        fn set<T: Clone>(field: &mut T, change: Option<&T>) {
            if let Some(value) = change {
                *field = value.clone();
            }
        }
        set(&mut rules.name, self.name.as_ref());
        set(&mut rules.duration_minutes, self.duration_minutes.as_ref());
        set(
            &mut rules.buffer_before_minutes,
            self.buffer_before_minutes.as_ref(),
        );
        set(
            &mut rules.buffer_after_minutes,
            self.buffer_after_minutes.as_ref(),
        );
        set(&mut rules.needs_room, self.needs_room.as_ref());
        set(&mut rules.patient_bookable, self.patient_bookable.as_ref());
        set(&mut rules.min_lead_minutes, self.min_lead_minutes.as_ref());
        set(&mut rules.max_ahead_days, self.max_ahead_days.as_ref());
        set(
            &mut rules.cancel_cutoff_minutes,
            self.cancel_cutoff_minutes.as_ref(),
        );
        set(
            &mut rules.start_every_minutes,
            self.start_every_minutes.as_ref(),
        );
        set(&mut rules.color, self.color.as_ref());
        set(&mut rules.capacity, self.capacity.as_ref());
        set(
            &mut rules.min_interval_days,
            self.min_interval_days.as_ref(),
        );
        set(&mut rules.active, self.active.as_ref());
    }
}
