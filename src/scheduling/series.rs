//! A series: a number of appointments, some weeks apart, at the same wall-clock time.
//!
//! "Every four weeks at 09:00" is calendar arithmetic: the wall clock reads the same at every
//! occurrence, whatever daylight saving does. When the day of an occurrence does not fit, the days
//! around it are tried within the slack: one later, one earlier, two later, and so on. The slack is
//! less than half the distance to the next occurrence, so the order is kept.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::patients::PatientId;
use crate::platform::local_time::{LocalInstant, resolve};
use crate::practice::{AppointmentTypeId, LocationId, ProviderId};

use super::appointment::{Appointment, SeriesId};
use super::appointment_status::Status;

/// A series as it was requested. Its appointments show what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) id: SeriesId,
    pub(crate) patient_id: PatientId,
    pub(crate) appointment_type_id: AppointmentTypeId,
    pub(crate) provider_id: ProviderId,
    pub(crate) location_id: LocationId,
    /// Of the location.
    pub(crate) zone: Tz,
    pub(crate) first_starts_at: DateTime<Utc>,
    pub(crate) count: i16,
    pub(crate) every_weeks: i16,
    pub(crate) slack_days: i16,
    pub(crate) created_at: DateTime<Utc>,
}

impl Series {
    /// The starts of its occurrences, counted from the first.
    pub(super) const fn rhythm(&self) -> Rhythm {
        Rhythm {
            zone: self.zone,
            every_weeks: self.every_weeks,
            slack_days: self.slack_days,
            anchor: self.first_starts_at,
        }
    }
}

/// Whether the days around one occurrence stay clear of those around the next.
pub(super) const fn slack_fits(every_weeks: i16, slack_days: i16) -> bool {
    slack_days >= 0 && slack_days * 2 < every_weeks * 7
}

/// The starts of occurrences: a number of weeks apart from the anchor, within the slack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    pub(super) zone: Tz,
    pub(super) every_weeks: i16,
    pub(super) slack_days: i16,
    pub(super) anchor: DateTime<Utc>,
}

impl Rhythm {
    /// The start that follows from the rhythm for the occurrence `steps` after the anchor. When the
    /// clocks skip it, the first instant after the gap.
    pub(super) fn meant(&self, steps: i16) -> DateTime<Utc> {
        let days = i64::from(steps) * i64::from(self.every_weeks) * 7;
        self.date(days)
            .map_or(self.anchor, |date| self.resolve(date).first())
    }

    /// Whether the clocks skip the start of the occurrence `steps` after the anchor.
    pub(super) fn is_skipped(&self, steps: i16) -> bool {
        let days = i64::from(steps) * i64::from(self.every_weeks) * 7;
        days != 0
            && self
                .date(days)
                .is_some_and(|date| matches!(self.resolve(date), LocalInstant::Gap { .. }))
    }

    /// The starts to try for the occurrence `steps` after the anchor, best first.
    ///
    /// A day on which the clocks skip the time is left out. When they repeat it, the first one
    /// counts, except at the anchor, which is an instant.
    pub(super) fn candidates(&self, steps: i16) -> Vec<DateTime<Utc>> {
        let meant = i64::from(steps) * i64::from(self.every_weeks) * 7;
        let slack = i64::from(self.slack_days);
        let around = (1..=slack).flat_map(|days| [days, -days]);
        let shifts = std::iter::once(0).chain(around);
        shifts
            .filter_map(|shift| self.start(meant + shift))
            .collect()
    }

    fn start(&self, days: i64) -> Option<DateTime<Utc>> {
        if days == 0 {
            return Some(self.anchor);
        }
        match self.resolve(self.date(days)?) {
            LocalInstant::Gap { .. } => None,
            found => Some(found.first()),
        }
    }

    fn date(&self, days: i64) -> Option<NaiveDate> {
        let local = self.anchor.with_timezone(&self.zone);
        local
            .date_naive()
            .checked_add_signed(TimeDelta::try_days(days)?)
    }

    fn resolve(&self, date: NaiveDate) -> LocalInstant {
        let time = self.anchor.with_timezone(&self.zone).time();
        resolve(self.zone, date, time)
    }
}

/// Whether an appointment of a series is ahead, so that it is cancelled or moved with the others.
pub(super) fn is_ahead(appointment: &Appointment, now: DateTime<Utc>) -> bool {
    matches!(appointment.status, Status::Booked | Status::Confirmed)
        && appointment.place.starts_at > now
}

#[cfg(test)]
mod tests {
    use chrono_tz::{
        America::{Havana, New_York},
        Australia::Lord_Howe,
        Europe::London,
    };

    use crate::platform::local_time::to_zone_rfc3339;

    use super::*;

    fn rhythm(zone: Tz, anchor: &str, every_weeks: i16, slack_days: i16) -> Rhythm {
        Rhythm {
            zone,
            every_weeks,
            slack_days,
            anchor: anchor.parse().unwrap(),
        }
    }

    fn local(rhythm: &Rhythm, starts: &[DateTime<Utc>]) -> Vec<String> {
        let local = |start: &DateTime<Utc>| to_zone_rfc3339(*start, rhythm.zone);
        starts.iter().map(local).collect()
    }

    #[test]
    fn the_wall_clock_reads_the_same_across_a_change() {
        for (zone, anchor, expected) in [
            (
                New_York,
                "2026-03-02T14:00:00Z",
                "2026-03-30T09:00:00-04:00",
            ),
            (London, "2026-03-16T09:00:00Z", "2026-04-13T09:00:00+01:00"),
            (
                Lord_Howe,
                "2026-03-22T22:00:00Z",
                "2026-04-20T09:00:00+10:30",
            ),
        ] {
            let rhythm = rhythm(zone, anchor, 4, 0);
            assert_eq!(local(&rhythm, &rhythm.candidates(1)), [expected]);
            assert_eq!(rhythm.meant(1), rhythm.candidates(1)[0]);
        }
    }

    #[test]
    fn the_nearest_days_come_first_and_later_before_earlier() {
        let rhythm = rhythm(New_York, "2026-05-04T13:00:00Z", 1, 2);
        assert_eq!(
            local(&rhythm, &rhythm.candidates(1)),
            [
                "2026-05-11T09:00:00-04:00",
                "2026-05-12T09:00:00-04:00",
                "2026-05-10T09:00:00-04:00",
                "2026-05-13T09:00:00-04:00",
                "2026-05-09T09:00:00-04:00",
            ]
        );
    }

    #[test]
    fn a_time_the_clocks_skip_is_left_out_and_the_first_of_two_is_taken() {
        // 02:30 on 8 March does not happen in New York.
        let skipped = rhythm(New_York, "2026-03-01T07:30:00Z", 1, 0);
        assert!(skipped.candidates(1).is_empty());
        assert!(skipped.is_skipped(1) && !skipped.is_skipped(0) && !skipped.is_skipped(2));
        assert_eq!(
            to_zone_rfc3339(skipped.meant(1), New_York),
            "2026-03-08T03:00:00-04:00"
        );
        let with_slack = rhythm(New_York, "2026-03-01T07:30:00Z", 1, 1);
        assert_eq!(
            local(&with_slack, &with_slack.candidates(1)),
            ["2026-03-09T02:30:00-04:00", "2026-03-07T02:30:00-05:00"]
        );
        // Midnight itself is skipped in Havana.
        assert!(
            rhythm(Havana, "2026-03-01T05:00:00Z", 1, 0)
                .candidates(1)
                .is_empty()
        );
        // 01:30 on 1 November happens twice.
        let repeated = rhythm(New_York, "2026-10-25T05:30:00Z", 1, 0);
        assert_eq!(
            local(&repeated, &repeated.candidates(1)),
            ["2026-11-01T01:30:00-04:00"]
        );
        let anchored = rhythm(New_York, "2026-11-01T06:30:00Z", 1, 0);
        assert_eq!(
            local(&anchored, &anchored.candidates(0)),
            ["2026-11-01T01:30:00-05:00"]
        );
    }

    #[test]
    fn slack_never_reaches_the_days_of_the_next_one() {
        assert!(slack_fits(1, 3) && slack_fits(4, 13) && slack_fits(1, 0));
        assert!(!slack_fits(1, 4) && !slack_fits(4, 14) && !slack_fits(1, -1));
    }
}
