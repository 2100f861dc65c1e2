//! The total tenderness score: how tender eight muscles of head and neck are under pressure, left
//! and right, each from 0 to 3. The total lies between 0 and 48.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One site on both sides: 0 none, 1 mild, 2 moderate, 3 severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenderSite {
    #[schema(minimum = 0, maximum = 3)]
    left: i16,
    #[schema(minimum = 0, maximum = 3)]
    right: i16,
}

/// All sites. A score with a site missing would not be comparable, so all are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TendernessScores {
    frontal: TenderSite,
    temporal: TenderSite,
    masseter: TenderSite,
    lateral_pterygoid: TenderSite,
    mastoid: TenderSite,
    sternocleidomastoid: TenderSite,
    splenius: TenderSite,
    trapezius: TenderSite,
}

impl TendernessScores {
    /// Returns the scores in the order in which they are stored.
    pub(crate) const fn in_order(&self) -> [i16; 16] {
        [
            self.frontal.left,
            self.frontal.right,
            self.temporal.left,
            self.temporal.right,
            self.masseter.left,
            self.masseter.right,
            self.lateral_pterygoid.left,
            self.lateral_pterygoid.right,
            self.mastoid.left,
            self.mastoid.right,
            self.sternocleidomastoid.left,
            self.sternocleidomastoid.right,
            self.splenius.left,
            self.splenius.right,
            self.trapezius.left,
            self.trapezius.right,
        ]
    }

    /// Reads scores in the order in which they are stored; `None` unless there are all sixteen.
    pub(crate) fn from_order(scores: &[i16]) -> Option<Self> {
        let (sites, rest) = scores.as_chunks::<2>();
        let sites: Vec<TenderSite> = sites
            .iter()
            .map(|[left, right]| TenderSite {
                left: *left,
                right: *right,
            })
            .collect();
        let sites: [TenderSite; 8] = sites.try_into().ok()?;
        let [
            frontal,
            temporal,
            masseter,
            lateral_pterygoid,
            mastoid,
            sternocleidomastoid,
            splenius,
            trapezius,
        ] = sites;
        rest.is_empty().then_some(Self {
            frontal,
            temporal,
            masseter,
            lateral_pterygoid,
            mastoid,
            sternocleidomastoid,
            splenius,
            trapezius,
        })
    }

    /// Adds up all sites.
    pub(crate) fn total(&self) -> i16 {
        self.in_order().into_iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_of_all_sites_and_sides() {
        let worst = TendernessScores::from_order(&[3; 16]).unwrap();
        assert_eq!(worst.total(), 48);
        let none = TendernessScores::from_order(&[0; 16]).unwrap();
        assert_eq!(none.total(), 0);
        assert_eq!(TendernessScores::from_order(&[3; 15]), None);
        assert_eq!(TendernessScores::from_order(&[3; 18]), None);
    }

    #[test]
    fn what_is_stored_is_read_in_the_same_order() {
        let scores: Vec<i16> = (0..16).map(|site| site % 4).collect();
        let read = TendernessScores::from_order(&scores).unwrap();
        assert_eq!(read.in_order().as_slice(), scores);
        assert_eq!((read.frontal.right, read.trapezius.right), (1, 3));
    }
}
