//! A point over several visits: which earlier point a finding may be, and the course of the point.
//!
//! An earlier point of the same muscle and side is proposed when it is near. Only the provider
//! decides whether it is the same point, because two points can lie a finger's breadth apart in one
//! muscle. The course compares the finding of a visit with earlier findings. A visit that did not
//! assess the point changes nothing.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::chart::{ChartPoint, Side};
use super::classification::{Classification, Finding};
use crate::platform::text::text_enum;

text_enum! {
    /// The course of a point since the earlier visits.
    pub(crate) enum Course {
        /// No earlier visit found it.
        New = "new",
        /// Present when it was last assessed, and still present.
        Persistent = "persistent",
        /// Present at an earlier visit, and no longer present.
        Resolved = "resolved",
        /// Resolved at an earlier visit, and present again.
        Recurred = "recurred",
    }
}

/// Whether one visit found the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    Absent,
    NotAssessed,
}

impl Presence {
    /// Reads the finding of a visit. A spot that still hurts is present, whatever its classification.
    pub(crate) fn of(classification: Classification, hypersensitive_spot: Finding) -> Self {
        match (classification, hypersensitive_spot) {
            (Classification::None, Finding::No) => Self::Absent,
            (Classification::None, Finding::NotAssessed) => Self::NotAssessed,
            _ => Self::Present,
        }
    }
}

/// Whether an earlier visit found the point, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) observed_at: DateTime<Utc>,
    pub(crate) presence: Presence,
}

/// Derives the course of a point from its earlier observations, given in any order.
pub(crate) fn course(earlier: &[Observation], now: Presence) -> Course {
    let was_ever_there = earlier
        .iter()
        .any(|observation| observation.presence == Presence::Present);
    if !was_ever_there {
        return Course::New;
    }
    let was_there_last = earlier
        .iter()
        .filter(|observation| observation.presence != Presence::NotAssessed)
        .max_by_key(|observation| observation.observed_at)
        .is_some_and(|observation| observation.presence == Presence::Present);
    match (now, was_there_last) {
        (Presence::Present | Presence::NotAssessed, true) => Course::Persistent,
        (Presence::Present, false) => Course::Recurred,
        (Presence::Absent, _) | (Presence::NotAssessed, false) => Course::Resolved,
    }
}

/// An earlier point as far as recognising it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownPoint {
    pub(crate) point_id: Uuid,
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    /// Where it was last seen.
    pub(crate) place: ChartPoint,
}

/// The earlier points a new finding may be, the nearest first.
pub(crate) fn propose_same<'known>(
    known: &'known [KnownPoint],
    muscle_code: &str,
    side: Side,
    place: &ChartPoint,
) -> Vec<&'known KnownPoint> {
    let mut proposed: Vec<_> = known
        .iter()
        .filter(|point| point.muscle_code == muscle_code && point.side == side)
        .filter(|point| point.place.may_be_the_same_as(place))
        .collect();
    proposed.sort_by_key(|point| (point.place.distance_squared(place), point.point_id));
    proposed
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rust_decimal::Decimal;

    use super::*;
    use crate::findings::chart::View;

    fn visits(presences: &[Presence]) -> Vec<Observation> {
        let mut observed_at = DateTime::UNIX_EPOCH;
        let mut observations = Vec::new();
        for &presence in presences {
            observed_at += TimeDelta::days(14);
            observations.push(Observation {
                observed_at,
                presence,
            });
        }
        observations
    }

    #[test]
    fn a_course_follows_the_visits() {
        use Presence::{Absent, NotAssessed, Present};
        let vectors: [(&[Presence], Presence, Course); 14] = [
            (&[], Present, Course::New),
            (&[], Absent, Course::New),
            (&[Absent], Present, Course::New),
            (&[NotAssessed], Present, Course::New),
            (&[Present], Present, Course::Persistent),
            (&[Present], Absent, Course::Resolved),
            (&[Present], NotAssessed, Course::Persistent),
            (&[Present, NotAssessed], Present, Course::Persistent),
            (&[Present, Absent], Present, Course::Recurred),
            (&[Present, Absent], Absent, Course::Resolved),
            (&[Present, Absent], NotAssessed, Course::Resolved),
            (&[Present, Absent, NotAssessed], Present, Course::Recurred),
            (&[Present, Absent, Present], Present, Course::Persistent),
            (&[Present, Absent, Present], Absent, Course::Resolved),
        ];
        for (earlier, now, expected) in vectors {
            let mut observations = visits(earlier);
            assert_eq!(
                course(&observations, now),
                expected,
                "{earlier:?} then {now:?}"
            );
            observations.reverse();
            assert_eq!(course(&observations, now), expected, "in any order");
        }
    }

    #[test]
    fn a_spot_that_still_hurts_has_not_resolved() {
        let presence = Presence::of(Classification::None, Finding::Yes);
        assert_eq!(presence, Presence::Present);
        let tender = Presence::of(Classification::TenderPoint, Finding::Yes);
        assert_eq!(tender, Presence::Present);
        assert_eq!(
            Presence::of(Classification::None, Finding::No),
            Presence::Absent
        );
        let unassessed = Presence::of(Classification::None, Finding::NotAssessed);
        assert_eq!(unassessed, Presence::NotAssessed);
    }

    fn known(id: u128, muscle_code: &str, side: Side, x: i64) -> KnownPoint {
        KnownPoint {
            point_id: Uuid::from_u128(id),
            muscle_code: muscle_code.to_owned(),
            side,
            place: place(x),
        }
    }

    fn place(x: i64) -> ChartPoint {
        ChartPoint::parse(
            View::HeadNeckPosterior,
            Decimal::new(x, 3),
            Decimal::new(70, 2),
        )
        .unwrap()
    }

    #[test]
    fn only_near_points_of_the_same_muscle_and_side_are_proposed_nearest_first() {
        let earlier = [
            known(1, "trapezius_upper", Side::Left, 300),
            known(2, "trapezius_upper", Side::Left, 265),
            known(3, "trapezius_upper", Side::Right, 270),
            known(4, "levator_scapulae", Side::Left, 270),
            known(5, "trapezius_upper", Side::Left, 301),
        ];
        let proposed = propose_same(&earlier, "trapezius_upper", Side::Left, &place(270));
        let ids: Vec<_> = proposed
            .iter()
            .map(|point| point.point_id.as_u128())
            .collect();
        assert_eq!(ids, [2, 1]);
    }
}
