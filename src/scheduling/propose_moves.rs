//! Proposes for each affected appointment the next time that fits.
//!
//! A proposal is a slot as a search for staff finds it, with the same provider at the same location
//! where there is one, and else with any provider there. No two proposals take the same provider or
//! the same patient at once, buffers included. Nothing is held: a proposal can be taken meanwhile,
//! and the move is then refused by name.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::platform::database::{OpenTransaction, Stored};
use crate::platform::intervals::Interval;
use crate::platform::page::Window;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, find_appointment_type};

use super::affected::{AffectedStatus, AffectedView, ProposedTime};
use super::clock_wishes::ClockWishes;
use super::load_calendars::appointment_rules;
use super::search_slots::{SearchError, SearchFor, found_slots};
use super::slots::Slot;

/// How far ahead a time is proposed.
const PROPOSED_AHEAD: TimeDelta = TimeDelta::days(60);
/// As many slots as one search gives.
const SLOTS_SEARCHED: i64 = 200;

/// Type, location and, unless any will do, provider.
type Search = (AppointmentTypeId, LocationId, Option<ProviderId>);

/// Proposes a time for each open appointment of the list.
pub(super) async fn propose_moves(
    transaction: &OpenTransaction<'_>,
    listed: &mut [AffectedView],
) -> Stored<()> {
    let mut proposals = Proposals::default();
    for view in listed {
        if view.status != AffectedStatus::Open {
            continue;
        }
        let appointment = &view.appointment.appointment;
        let (type_id, place) = (appointment.appointment_type_id, appointment.place);
        let person = appointment.patient_id.uuid();
        for provider_id in [Some(place.provider_id), None] {
            let search = (type_id, place.location_id, provider_id);
            proposals.search(transaction, search).await?;
            view.proposed = proposals.propose(search, person);
            if view.proposed.is_some() {
                break;
            }
        }
    }
    Ok(())
}

/// What was found and what was proposed so far.
#[derive(Default)]
struct Proposals {
    found: BTreeMap<Search, Vec<(Slot, Interval)>>,
    /// Whose time is taken by a proposal.
    taken: Vec<(Uuid, Interval)>,
}

impl Proposals {
    async fn search(&mut self, transaction: &OpenTransaction<'_>, search: Search) -> Stored<()> {
        if self.found.contains_key(&search) {
            return Ok(());
        }
        let (appointment_type_id, location_id, provider_id) = search;
        let now = transaction.now();
        let found_type = find_appointment_type(transaction, appointment_type_id).await?;
        let mut found = Vec::new();
        if let (Some(of_type), Some(starts)) =
            (found_type, Interval::new(now, now + PROPOSED_AHEAD))
        {
            let wanted = SearchFor {
                appointment_type_id,
                starts,
                provider_id,
                location_id: Some(location_id),
                patient_id: None,
                wishes: ClockWishes::default(),
            };
            let window = Window {
                after: None,
                size: SLOTS_SEARCHED,
            };
            let rules = appointment_rules(&of_type.rules);
            let slots = match found_slots(transaction, &wanted, &window).await {
                Ok(page) => page.slots,
                Err(SearchError::Database(error)) => return Err(error),
                Err(_) => Vec::new(),
            };
            let blocked = |slot: Slot| {
                let blocked = rules.blocked_span(slot.starts_at)?;
                Some((slot, blocked))
            };
            found = slots.into_iter().filter_map(blocked).collect();
        }
        self.found.insert(search, found);
        Ok(())
    }

    /// The first slot at which neither provider nor patient has another proposal.
    fn propose(&mut self, search: Search, person: Uuid) -> Option<ProposedTime> {
        let is_free = |resource: Uuid, span: &Interval| {
            let mut taken = self.taken.iter();
            !taken.any(|(whose, other)| *whose == resource && overlap(other, span))
        };
        let mut slots = self.found.get(&search)?.iter();
        let (slot, blocked) = slots.find(|(slot, blocked)| {
            is_free(slot.provider_id, blocked) && is_free(person, blocked)
        })?;
        let proposed = ProposedTime {
            provider_id: slot.provider_id.into(),
            location_id: slot.location_id.into(),
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            zone: slot.time_zone,
        };
        let taken = [(slot.provider_id, *blocked), (person, *blocked)];
        self.taken.extend(taken);
        Some(proposed)
    }
}

fn overlap(one: &Interval, other: &Interval) -> bool {
    let starts: DateTime<Utc> = one.starts_at().max(other.starts_at());
    starts < one.ends_at().min(other.ends_at())
}
