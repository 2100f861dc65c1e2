//! Half-open spans of time and sets of them.
//!
//! `[starts_at, ends_at)`: what ends at 09:00 leaves 09:00 free. A set is kept normalised (sorted,
//! nothing overlapping, nothing touching), so two windows that meet are one, and every question
//! is a binary search.

use chrono::{DateTime, Utc};

/// A span of time with its end excluded; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Interval {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

impl Interval {
    /// The span between two instants, or nothing when the second is not after the first.
    pub(crate) fn new(starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Option<Self> {
        (starts_at < ends_at).then_some(Self { starts_at, ends_at })
    }

    /// The first instant inside.
    pub(crate) const fn starts_at(&self) -> DateTime<Utc> {
        self.starts_at
    }

    /// The first instant after it.
    pub(crate) const fn ends_at(&self) -> DateTime<Utc> {
        self.ends_at
    }

    /// Whether the whole of `other` lies inside.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.starts_at <= other.starts_at && other.ends_at <= self.ends_at
    }

    /// Whether the instant lies inside.
    pub(crate) fn includes(&self, instant: DateTime<Utc>) -> bool {
        self.starts_at <= instant && instant < self.ends_at
    }

    /// Whether at least one instant lies in both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// A set of instants as its maximal spans: sorted, disjoint, never touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IntervalSet {
    intervals: Vec<Interval>,
}

impl FromIterator<Interval> for IntervalSet {
    fn from_iter<Source: IntoIterator<Item = Interval>>(source: Source) -> Self {
        let mut sorted: Vec<Interval> = source.into_iter().collect();
        sorted.sort_unstable();
        let mut intervals: Vec<Interval> = Vec::with_capacity(sorted.len());
        for next in sorted {
            match intervals.last_mut() {
                Some(last) if next.starts_at <= last.ends_at => {
                    last.ends_at = last.ends_at.max(next.ends_at);
                }
                _ => intervals.push(next),
            }
        }
        Self { intervals }
    }
}

impl IntervalSet {
    /// The maximal spans, in order.
    pub(crate) fn as_slice(&self) -> &[Interval] {
        &self.intervals
    }

    /// From the first instant of the set to its end, or nothing when it is empty.
    pub(crate) fn hull(&self) -> Option<Interval> {
        let first = self.intervals.first()?;
        let last = self.intervals.last()?;
        Interval::new(first.starts_at, last.ends_at)
    }

    /// The time in either set.
    pub(crate) fn union(&self, other: &Self) -> Self {
        self.intervals
            .iter()
            .chain(&other.intervals)
            .copied()
            .collect()
    }

    /// The time in this set and not in `taken`.
    pub(crate) fn subtract(&self, taken: &Self) -> Self {
        let mut intervals = Vec::with_capacity(self.intervals.len());
        for interval in &self.intervals {
            let mut from = interval.starts_at;
            for hole in taken.overlapping(interval) {
                intervals.extend(Interval::new(from, hole.starts_at));
                from = hole.ends_at;
            }
            intervals.extend(Interval::new(from, interval.ends_at));
        }
        Self { intervals }
    }

    /// Whether the whole span lies in the set.
    pub(crate) fn contains(&self, span: &Interval) -> bool {
        self.ending_after(span.starts_at)
            .first()
            .is_some_and(|interval| interval.contains(span))
    }

    /// The maximal spans that share an instant with `span`, in order.
    pub(crate) fn overlapping(&self, span: &Interval) -> impl Iterator<Item = &Interval> {
        let ends_at = span.ends_at;
        self.ending_after(span.starts_at)
            .iter()
            .take_while(move |interval| interval.starts_at < ends_at)
    }

    /// The maximal spans that are not over at `instant`, in order.
    pub(crate) fn ending_after(&self, instant: DateTime<Utc>) -> &[Interval] {
        let over = self
            .intervals
            .partition_point(|interval| interval.ends_at <= instant);
        self.intervals.get(over..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    fn span(from: i64, until: i64) -> Interval {
        Interval::new(minute(from), minute(until)).unwrap()
    }

    fn set(spans: &[(i64, i64)]) -> IntervalSet {
        spans
            .iter()
            .map(|&(from, length)| span(from, from + length))
            .collect()
    }

    fn minutes(spans: &[(i64, i64)]) -> BTreeSet<i64> {
        spans
            .iter()
            .flat_map(|&(from, length)| from..from + length)
            .collect()
    }

    fn minutes_of(set: &IntervalSet) -> BTreeSet<i64> {
        let range = |interval: &Interval| {
            interval.starts_at().timestamp() / 60..interval.ends_at().timestamp() / 60
        };
        set.as_slice().iter().flat_map(range).collect()
    }

    fn is_normalised(set: &IntervalSet) -> bool {
        set.as_slice()
            .windows(2)
            .all(|pair| pair[0].ends_at() < pair[1].starts_at())
    }

    fn spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0_i64..80, 1_i64..15), 0..8)
    }

    #[test]
    fn a_span_is_never_empty() {
        assert_eq!(Interval::new(minute(5), minute(5)), None);
        assert_eq!(Interval::new(minute(6), minute(5)), None);
    }

    #[test]
    fn what_ends_at_nine_leaves_nine_free() {
        assert!(!span(0, 9).overlaps(&span(9, 10)));
        assert!(span(0, 10).overlaps(&span(9, 10)));
    }

    #[test]
    fn touching_spans_are_one() {
        assert_eq!(set(&[(5, 5), (0, 5)]).as_slice(), [span(0, 10)]);
        assert!(set(&[(5, 5), (0, 5)]).contains(&span(3, 8)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sets_of_spans_behave_like_sets_of_minutes(left in spans(), right in spans()) {
            let (a, b) = (set(&left), set(&right));
            let (model_a, model_b) = (minutes(&left), minutes(&right));
            prop_assert_eq!(minutes_of(&a), model_a.clone());
            prop_assert_eq!(minutes_of(&a.union(&b)), &model_a | &model_b);
            prop_assert_eq!(minutes_of(&a.subtract(&b)), &model_a - &model_b);
            prop_assert!(is_normalised(&a));
            prop_assert!(is_normalised(&a.union(&b)));
            prop_assert!(is_normalised(&a.subtract(&b)));
        }

        #[test]
        fn a_span_is_contained_or_overlapped_as_its_minutes_are(
            spans in spans(),
            from in 0_i64..90,
            length in 1_i64..12,
        ) {
            let (set, model) = (set(&spans), minutes(&spans));
            let wanted = span(from, from + length);
            let mut inside = (from..from + length).map(|minute| model.contains(&minute));
            prop_assert_eq!(set.contains(&wanted), inside.clone().all(|is_in| is_in));
            prop_assert_eq!(set.overlapping(&wanted).next().is_some(), inside.any(|is_in| is_in));
        }
    }
}
