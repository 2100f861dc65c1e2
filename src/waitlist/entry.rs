//! Entries of the waitlist, their wishes, and their offers.

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use thiserror::Error;

use crate::patients::PatientId;
use crate::platform::etag::Version;
use crate::platform::id::id;
use crate::platform::text::text_enum;
use crate::practice::{AppointmentTypeId, LocationId, ProviderId, Weekday};
use crate::scheduling::{AppointmentId, HoldId, Place};

id! {
    /// Names an entry of the waitlist.
    pub(crate) struct WaitlistEntryId
}

id! {
    /// Names an offer, and the hold that keeps it.
    pub(crate) struct OfferId
}

impl OfferId {
    /// The hold that keeps what is offered.
    pub(super) fn hold_id(self) -> HoldId {
        self.uuid().into()
    }
}

text_enum! {
    /// The status of an entry.
    pub(crate) enum EntryStatus {
        Waiting = "waiting",
        Offered = "offered",
        Booked = "booked",
        Withdrawn = "withdrawn",
        /// Its last day has passed.
        Expired = "expired",
    }
}

text_enum! {
    /// A part of the local day, by the start of the appointment.
    pub(crate) enum DayPart {
        /// Before noon.
        Morning = "morning",
        /// From noon to 17:00.
        Afternoon = "afternoon",
        /// From 17:00 on.
        Evening = "evening",
    }
}

text_enum! {
    /// The status of an offer.
    pub(crate) enum OfferStatus {
        Open = "open",
        Accepted = "accepted",
        Declined = "declined",
        Expired = "expired",
        Withdrawn = "withdrawn",
    }
}

impl DayPart {
    fn of_hour(hour: u32) -> Self {
        match hour {
            0..12 => Self::Morning,
            12..17 => Self::Afternoon,
            _ => Self::Evening,
        }
    }
}

/// What an entry waits for. An empty list accepts everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) provider_ids: Vec<ProviderId>,
    pub(crate) location_ids: Vec<LocationId>,
    /// The first acceptable start.
    pub(crate) earliest: DateTime<Utc>,
    /// The last acceptable start; later than `earliest`.
    pub(crate) latest: DateTime<Utc>,
    pub(crate) weekdays: Vec<Weekday>,
    pub(crate) day_parts: Vec<DayPart>,
}

impl Wishes {
    /// Whether a start suits the wishes, by the wall clock of the location.
    pub(super) fn suit(&self, starts_at: DateTime<Utc>, zone: Tz) -> bool {
        let local = starts_at.with_timezone(&zone);
        let weekday = Weekday::of(local.date_naive());
        let day_part = DayPart::of_hour(local.hour());
        (self.earliest..=self.latest).contains(&starts_at)
            && (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
            && (self.day_parts.is_empty() || self.day_parts.contains(&day_part))
    }
}

/// Changes of an entry. `None` keeps the value.
#[derive(Debug, Clone, Default)]
pub(crate) struct WishChanges {
    pub(crate) provider_ids: Option<Vec<ProviderId>>,
    pub(crate) location_ids: Option<Vec<LocationId>>,
    pub(crate) earliest: Option<DateTime<Utc>>,
    pub(crate) latest: Option<DateTime<Utc>>,
    pub(crate) weekdays: Option<Vec<Weekday>>,
    pub(crate) day_parts: Option<Vec<DayPart>>,
    pub(crate) priority: Option<i16>,
}

impl WishChanges {
    fn applied_to(self, before: Wishes) -> Wishes {
        Wishes {
            provider_ids: self.provider_ids.unwrap_or(before.provider_ids),
            location_ids: self.location_ids.unwrap_or(before.location_ids),
            earliest: self.earliest.unwrap_or(before.earliest),
            latest: self.latest.unwrap_or(before.latest),
            weekdays: self.weekdays.unwrap_or(before.weekdays),
            day_parts: self.day_parts.unwrap_or(before.day_parts),
        }
    }
}

/// The most urgent and the least urgent priority, as iCalendar counts them.
pub(super) const PRIORITIES: std::ops::RangeInclusive<i16> = 1..=9;
/// The default priority, and the most urgent one that patients can choose.
pub(super) const USUAL_PRIORITY: i16 = 5;

/// An entry of the waitlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: WaitlistEntryId,
    pub(crate) patient_id: PatientId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) wishes: Wishes,
    /// From 1, the most urgent, to 9.
    pub(crate) priority: i16,
    pub(crate) status: EntryStatus,
    /// Set exactly while the status is booked.
    pub(crate) appointment_id: Option<AppointmentId>,
    pub(crate) version: Version,
    /// When the entry was made.
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A time that is kept for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) id: OfferId,
    pub(crate) entry_id: WaitlistEntryId,
    pub(crate) patient_id: PatientId,
    pub(crate) place: Place,
    pub(crate) offered_at: DateTime<Utc>,
    /// When the hold ends.
    pub(crate) expires_at: DateTime<Utc>,
}

/// The status of the entry does not allow the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this does not apply to an entry that is {0}")]
pub(crate) struct WrongEntryStatus(pub(crate) EntryStatus);

impl Entry {
    /// Changes the wishes; the creation time stays.
    pub(super) fn changed(
        &self,
        changes: &WishChanges,
        now: DateTime<Utc>,
    ) -> Result<Self, WrongEntryStatus> {
        Ok(Self {
            wishes: changes.clone().applied_to(self.wishes.clone()),
            priority: changes.priority.unwrap_or(self.priority),
            ..self.step(EntryStatus::Waiting, EntryStatus::Waiting, now)?
        })
    }

    /// A time is offered.
    pub(super) fn offered(&self, now: DateTime<Utc>) -> Result<Self, WrongEntryStatus> {
        self.step(EntryStatus::Waiting, EntryStatus::Offered, now)
    }

    /// The offer was declined or ran out; the place in the queue is kept.
    pub(super) fn passed_over(&self, now: DateTime<Utc>) -> Result<Self, WrongEntryStatus> {
        self.step(EntryStatus::Offered, EntryStatus::Waiting, now)
    }

    /// The offer was accepted.
    pub(super) fn booked(
        &self,
        appointment_id: AppointmentId,
        now: DateTime<Utc>,
    ) -> Result<Self, WrongEntryStatus> {
        Ok(Self {
            appointment_id: Some(appointment_id),
            ..self.step(EntryStatus::Offered, EntryStatus::Booked, now)?
        })
    }

    /// The entry is withdrawn.
    pub(super) fn withdrawn(&self, now: DateTime<Utc>) -> Result<Self, WrongEntryStatus> {
        let from = if self.status == EntryStatus::Offered {
            EntryStatus::Offered
        } else {
            EntryStatus::Waiting
        };
        self.step(from, EntryStatus::Withdrawn, now)
    }

    fn step(
        &self,
        from: EntryStatus,
        to: EntryStatus,
        now: DateTime<Utc>,
    ) -> Result<Self, WrongEntryStatus> {
        if self.status != from {
            return Err(WrongEntryStatus(self.status));
        }
        Ok(Self {
            status: to,
            version: self.version.next(),
            updated_at: now,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;
    use uuid::Uuid;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

    fn wishes() -> Wishes {
        Wishes {
            provider_ids: Vec::new(),
            location_ids: Vec::new(),
            earliest: "2026-03-02T05:00:00Z".parse().unwrap(),
            latest: "2026-03-09T04:00:00Z".parse().unwrap(),
            weekdays: Vec::new(),
            day_parts: Vec::new(),
        }
    }

    fn entry(status: EntryStatus) -> Entry {
        let id = Uuid::from_u128(7);
        Entry {
            id: id.into(),
            patient_id: id.into(),
            appointment_type_id: id.into(),
            wishes: wishes(),
            priority: USUAL_PRIORITY,
            status,
            appointment_id: None,
            version: Version::FIRST,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    fn suits(wishes: &Wishes, starts_at: &str) -> bool {
        wishes.suit(starts_at.parse().unwrap(), New_York)
    }

    #[test]
    fn both_ends_of_the_window_will_do_and_nothing_outside() {
        let wishes = wishes();
        assert!(suits(&wishes, "2026-03-02T05:00:00Z"));
        assert!(suits(&wishes, "2026-03-09T04:00:00Z"));
        assert!(!suits(&wishes, "2026-03-02T04:59:59Z"));
        assert!(!suits(&wishes, "2026-03-09T04:00:01Z"));
    }

    #[test]
    fn days_and_parts_of_days_are_those_of_the_place() {
        let wishes = Wishes {
            weekdays: vec![Weekday::Tuesday],
            day_parts: vec![DayPart::Evening],
            ..wishes()
        };
        // Wednesday in Greenwich is still Tuesday evening in New York.
        assert!(suits(&wishes, "2026-03-04T01:00:00Z"));
        assert!(suits(&wishes, "2026-03-03T22:00:00Z"));
        assert!(!suits(&wishes, "2026-03-03T21:59:00Z"));
        assert!(!suits(&wishes, "2026-03-05T01:00:00Z"));
        assert_eq!(
            [0, 11, 12, 16, 17, 23].map(DayPart::of_hour),
            [
                DayPart::Morning,
                DayPart::Morning,
                DayPart::Afternoon,
                DayPart::Afternoon,
                DayPart::Evening,
                DayPart::Evening,
            ]
        );
    }

    #[test]
    fn what_is_not_said_stays_and_so_does_since_when_they_wait() {
        let before = Entry {
            wishes: Wishes {
                weekdays: vec![Weekday::Tuesday],
                ..wishes()
            },
            ..entry(EntryStatus::Waiting)
        };
        let now = NOW + chrono::TimeDelta::hours(1);
        let unchanged = before.changed(&WishChanges::default(), now).unwrap();
        let expected = Entry {
            version: before.version.next(),
            updated_at: now,
            ..before.clone()
        };
        assert_eq!(unchanged, expected);
        let changes = WishChanges {
            weekdays: Some(Vec::new()),
            day_parts: Some(vec![DayPart::Evening]),
            earliest: Some(NOW),
            priority: Some(7),
            ..WishChanges::default()
        };
        let changed = before.changed(&changes, now).unwrap();
        assert_eq!((changed.priority, changed.created_at), (7, NOW));
        assert_eq!(
            changed.wishes,
            Wishes {
                earliest: NOW,
                weekdays: Vec::new(),
                day_parts: vec![DayPart::Evening],
                ..wishes()
            }
        );
    }

    #[test]
    fn only_what_is_offered_is_answered_and_only_those_who_wait_are_offered_anything() {
        use EntryStatus as S;
        let appointment_id = AppointmentId::from(Uuid::from_u128(8));
        for status in EntryStatus::ALL.iter().copied() {
            let entry = entry(status);
            let to = |outcome: Result<Entry, WrongEntryStatus>| outcome.ok().map(|e| e.status);
            let expected = match status {
                S::Waiting => {
                    let (offered, changed) = (Some(S::Offered), Some(S::Waiting));
                    [offered, None, None, Some(S::Withdrawn), changed]
                }
                S::Offered => {
                    let (passed, booked) = (Some(S::Waiting), Some(S::Booked));
                    [None, passed, booked, Some(S::Withdrawn), None]
                }
                S::Booked | S::Withdrawn | S::Expired => [None, None, None, None, None],
            };
            let outcomes = [
                to(entry.offered(NOW)),
                to(entry.passed_over(NOW)),
                to(entry.booked(appointment_id, NOW)),
                to(entry.withdrawn(NOW)),
                to(entry.changed(&WishChanges::default(), NOW)),
            ];
            assert_eq!(outcomes, expected, "{status}");
        }
    }
}
