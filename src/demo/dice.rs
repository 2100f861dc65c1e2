//! A generator of random numbers that gives the same numbers every time.
//!
//! The generator is `SplitMix64`, written out here because a library may change its own between two
//! versions, and the demo must not change with it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A source of chance that begins anew from its seed.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A generator for one part of the story, so that a change there changes no other part.
    pub(super) const fn apart(&mut self) -> Self {
        Self(self.roll())
    }

    /// A whole number from `lowest` to `highest`, both included.
    pub(super) fn between(&mut self, lowest: i32, highest: i32) -> i32 {
        let span = u64::from(highest.abs_diff(lowest)) + 1;
        lowest + i32::try_from(self.roll() % span).unwrap_or(0)
    }

    /// As [`Self::between`], for a column of small numbers.
    pub(super) fn small(&mut self, lowest: i16, highest: i16) -> i16 {
        i16::try_from(self.between(lowest.into(), highest.into())).unwrap_or(lowest)
    }

    /// True so many times in a hundred.
    pub(super) fn chance(&mut self, percent: i32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of them, each as likely.
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is below the length of a full list"
    )]
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let count = u64::try_from(items.len()).unwrap_or(1).max(1);
        &items[usize::try_from(self.roll() % count).unwrap_or(0)]
    }

    /// An id that sorts by `at`, and is the same every time.
    pub(super) fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        let bytes = self
            .roll()
            .to_be_bytes()
            .into_iter()
            .chain(self.roll().to_be_bytes());
        for (slot, byte) in random.iter_mut().zip(bytes) {
            *slot = byte;
        }
        let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::Dice;

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let (mut one, mut other) = (Dice::new(7), Dice::new(7));
        let mut another = Dice::new(8);
        let rolls: Vec<i32> = (0..50).map(|_| one.between(1, 1000)).collect();
        assert_eq!(
            rolls,
            (0..50).map(|_| other.between(1, 1000)).collect::<Vec<_>>()
        );
        assert_ne!(
            rolls,
            (0..50)
                .map(|_| another.between(1, 1000))
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn numbers_stay_between_their_ends_and_reach_both() {
        let mut dice = Dice::new(1);
        let rolls: Vec<i32> = (0..500).map(|_| dice.between(-2, 3)).collect();
        assert_eq!(rolls.iter().min(), Some(&-2));
        assert_eq!(rolls.iter().max(), Some(&3));
    }

    #[test]
    fn ids_sort_by_their_instant() {
        let mut dice = Dice::new(1);
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (earlier, later) = (dice.id(at), dice.id(at + TimeDelta::milliseconds(1)));
        assert!(earlier < later);
        assert_eq!(later.get_version_num(), 7);
    }
}
