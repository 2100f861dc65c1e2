//! Walks the calendars of many providers at once, the earliest slot first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::platform::intervals::Interval;

use super::desk::{Desk, Offers};
use super::provider_calendar::{AppointmentRules, CallerRules, ProviderCalendar};
use super::slots::{Slot, SlotPosition};

/// The search, the same for every calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotSearch {
    /// The rules of the type of appointment.
    pub(crate) rules: AppointmentRules,
    /// What the caller may book.
    pub(crate) caller: CallerRules,
    /// The range of starts.
    pub(crate) starts: Interval,
    /// The last slot of the page before; only later ones are returned.
    pub(crate) after: Option<SlotPosition>,
}

/// Returns the slots of all calendars, by start, provider and location.
///
/// Each calendar computes only its next slot, so the first free slot of many providers over months
/// costs no more than the slots before it.
pub(crate) fn slots<'calendars>(
    calendars: &'calendars [ProviderCalendar<'calendars>],
    search: SlotSearch,
) -> Slots<'calendars> {
    let mut slots = Slots {
        waiting: BinaryHeap::with_capacity(calendars.len()),
    };
    for calendar in calendars {
        if let Some(starts) = remaining(&search) {
            let desk = Desk {
                calendar,
                rules: search.rules,
                caller: search.caller,
            };
            slots.enqueue(desk.offers(starts), search.after);
        }
    }
    slots
}

/// The range of starts from the position on.
fn remaining(search: &SlotSearch) -> Option<Interval> {
    let from = search.starts.starts_at();
    let from = search.after.map_or(from, |after| from.max(after.starts_at));
    Interval::new(from, search.starts.ends_at())
}

/// The slots of several desks, merged in order.
#[derive(Debug)]
pub(crate) struct Slots<'calendars> {
    waiting: BinaryHeap<Reverse<NextOffer<'calendars>>>,
}

impl<'calendars> Slots<'calendars> {
    /// Queues a desk by its next slot after the position; a desk without one is left out.
    fn enqueue(&mut self, mut offers: Offers<'calendars>, after: Option<SlotPosition>) {
        let next = offers.find(|slot| after.is_none_or(|after| slot.position() > after));
        self.waiting
            .extend(next.map(|slot| Reverse(NextOffer { slot, offers })));
    }
}

impl Iterator for Slots<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let Reverse(NextOffer { slot, offers }) = self.waiting.pop()?;
        self.enqueue(offers, None);
        Some(slot)
    }
}

/// The next slot of a desk and those behind it, ordered by the slot's position.
#[derive(Debug)]
struct NextOffer<'calendars> {
    slot: Slot,
    offers: Offers<'calendars>,
}

impl PartialEq for NextOffer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.slot.position() == other.slot.position()
    }
}

impl Eq for NextOffer<'_> {}

impl PartialOrd for NextOffer<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NextOffer<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.slot.position().cmp(&other.slot.position())
    }
}

/// One page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotPage {
    /// The slots, in order.
    pub(crate) slots: Vec<Slot>,
    /// Where the next page starts; `None` on the last page.
    pub(crate) next: Option<SlotPosition>,
}

impl SlotPage {
    /// The first `limit` slots, and where the rest starts.
    pub(crate) fn of(mut found: Vec<Slot>, limit: usize) -> Self {
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(Slot::position);
        Self { slots: found, next }
    }
}
