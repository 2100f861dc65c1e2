//! Searching free slots. Never writes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::platform::access::{Role, action};
use crate::platform::database::{DatabaseError, Transaction};
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::platform::problem::{Problem, ProblemType, Refusal};
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, find_appointment_type};

use super::calendars::{Calendars, appointment_rules, caller_rules};
use super::slots::{self, SlotPage, SlotPosition, SlotSearch};

action!(
    /// Searching free slots.
    SearchSlots, "slots.search", practice, [Admin, FrontDesk, Provider, Assistant, Patient]
);

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub(super) struct SearchFor {
    pub(super) appointment_type_id: AppointmentTypeId,
    /// When it may begin.
    pub(super) starts: Interval,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) location_id: Option<LocationId>,
}

/// Start, provider and location of the slot before a page.
pub(super) type SlotKey = (DateTime<Utc>, Uuid, Uuid);

/// Why nothing was searched.
#[derive(Debug, thiserror::Error)]
pub(super) enum SearchError {
    #[error("no such type of appointment")]
    UnknownType,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl Refusal for SearchError {
    const TYPES: &'static [&'static ProblemType] = &[];

    fn problem(self) -> Problem {
        match self {
            Self::UnknownType => {
                Problem::field("#/query/appointment_type_id", "names nothing here")
            }
            Self::Database(error) => error.into(),
        }
    }
}

/// The slots that the caller could book as things stand, by start, provider and location.
pub(super) async fn search_slots(
    transaction: &Transaction<'_, SearchSlots>,
    wanted: &SearchFor,
    window: &Window<SlotKey>,
) -> Result<SlotPage, SearchError> {
    let found = find_appointment_type(transaction, wanted.appointment_type_id).await?;
    let appointment_type = found.ok_or(SearchError::UnknownType)?;
    let is_patient = transaction.principal().role == Role::Patient;
    if is_patient && !appointment_type.rules.patient_bookable {
        return Ok(SlotPage {
            slots: Vec::new(),
            next: None,
        });
    }
    let rules = appointment_rules(&appointment_type.rules);
    let caller = caller_rules(transaction, &rules);
    let after = window
        .after
        .map(|(starts_at, provider_id, location_id)| SlotPosition {
            starts_at,
            provider_id,
            location_id,
        });
    // What lies before the caller's first start, or before the page, need not be read.
    let from = wanted.starts.starts_at().max(caller.earliest);
    let from = after.map_or(from, |after| from.max(after.starts_at));
    let Some(starts) = Interval::new(from, wanted.starts.ends_at()) else {
        return Ok(SlotPage {
            slots: Vec::new(),
            next: None,
        });
    };
    let pair = (
        wanted.provider_id.map(ProviderId::uuid),
        wanted.location_id.map(LocationId::uuid),
    );
    let calendars = Calendars::load(transaction, &appointment_type, pair, &starts).await?;
    let search = SlotSearch {
        rules,
        caller,
        starts,
        after,
    };
    let limit = usize::try_from(window.size).unwrap_or_default();
    Ok(slots::page(&calendars.all(), search, limit))
}
