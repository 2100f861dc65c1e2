//! The effect of a session on the pain, worked out from what was found at its points afterwards.
//!
//! A payer asks how much the pain fell after the session before, for how long, and on the same
//! scale. The pain before the needle is compared with the pain found at the same points on later
//! days. Relief holds until the first day on which it lies below what the payer asks; what was
//! not measured stays unknown.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::findings::PointId;

use tautband_rules::coding::payer::MeasuredRelief;
use tautband_rules::relief::Relief;

/// The scale on which pain at a point is recorded, before and after.
const SCALE: &str = "nrs_0_10";

/// Pain at a point before its needle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PainBefore {
    pub(super) point_id: PointId,
    pub(super) pain_nrs: i16,
}

/// Pain found at a point on a later day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PainFound {
    pub(super) point_id: PointId,
    pub(super) pain_nrs: i16,
    pub(super) on: NaiveDate,
}

/// The relief after the session of this day, for as long as it was at least what is asked.
pub(super) fn measured_relief(
    session_on: NaiveDate,
    before: &[PainBefore],
    found: &[PainFound],
    asked_percent: Decimal,
) -> MeasuredRelief {
    let mut days: BTreeMap<NaiveDate, Vec<(i16, i16)>> = BTreeMap::new();
    for pain in found.iter().filter(|pain| pain.on > session_on) {
        let needled = before.iter().filter(|one| one.point_id == pain.point_id);
        let strongest = needled.map(|one| one.pain_nrs).max();
        if let Some(strongest) = strongest.filter(|pain| *pain > 0) {
            let measured = days.entry(pain.on).or_default();
            measured.push((strongest, pain.pain_nrs));
        }
    }
    let measured: Vec<(NaiveDate, Relief)> = days
        .into_iter()
        .filter_map(|(on, pairs)| Some((on, Relief::over(pairs)?)))
        .collect();
    let held: Vec<&(NaiveDate, Relief)> = measured
        .iter()
        .take_while(|(_, relief)| relief.is_at_least(asked_percent))
        .collect();
    let told = match (held.last(), measured.first()) {
        (Some((on, _)), _) => {
            let least = held.iter().map(|(_, relief)| *relief).min();
            least.map(|relief| (*on, relief))
        }
        (None, first) => first.copied(),
    };
    let Some((measured_on, relief)) = told else {
        return MeasuredRelief::default();
    };
    MeasuredRelief {
        relief: Some(relief),
        days: Some(measured_on.signed_duration_since(session_on).num_days()),
        scale_before: Some(SCALE.to_owned()),
        scale_after: Some(SCALE.to_owned()),
        measured_on: Some(measured_on),
        ..MeasuredRelief::default()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn point(number: u128) -> PointId {
        PointId::from(Uuid::from_u128(number))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn relief_holds_until_it_lies_below_what_is_asked() {
        for (found, percent, days) in [
            (vec![], None, None),
            (vec![("2026-02-12", 1, 4)], Some("50"), Some(42)),
            (vec![("2026-02-12", 1, 5)], Some("37.5"), Some(42)),
            (
                vec![("2026-01-15", 1, 2), ("2026-02-12", 1, 4)],
                Some("50"),
                Some(42),
            ),
            (
                vec![("2026-01-15", 1, 2), ("2026-02-12", 1, 5)],
                Some("75"),
                Some(14),
            ),
            (
                vec![("2026-01-15", 1, 5), ("2026-02-12", 1, 0)],
                Some("37.5"),
                Some(14),
            ),
            (
                vec![("2026-02-12", 1, 4), ("2026-02-12", 2, 2)],
                Some("57.1"),
                Some(42),
            ),
            (vec![("2026-02-12", 3, 0)], None, None),
            (vec![("2026-01-01", 1, 0)], None, None),
            (vec![("2025-12-01", 1, 0)], None, None),
            (vec![("2026-02-12", 1, 9)], Some("-12.5"), Some(42)),
        ] {
            let before = [(1, 8), (2, 6), (4, 0)].map(|(number, pain_nrs)| PainBefore {
                point_id: point(number),
                pain_nrs,
            });
            let later: Vec<PainFound> = found
                .iter()
                .map(|(on, number, pain_nrs)| PainFound {
                    point_id: point(*number),
                    pain_nrs: *pain_nrs,
                    on: day(on),
                })
                .collect();
            let relief = measured_relief(day("2026-01-01"), &before, &later, Decimal::from(50));
            let percent = percent.map(|text: &str| text.parse().unwrap());
            let shown = relief.relief.map(Relief::shown_percent);
            assert_eq!((shown, relief.days), (percent, days), "{found:?}");
            let has_scale = relief.scale_before.is_some();
            assert_eq!(has_scale, relief.relief.is_some());
            assert!(!relief.is_duration_explained, "nobody said so");
        }
    }

    #[test]
    fn relief_is_never_rounded_up_to_what_is_asked() {
        let before: Vec<PainBefore> = (0..3)
            .map(|number| PainBefore {
                point_id: point(number),
                pain_nrs: 7,
            })
            .collect();
        let found: Vec<PainFound> = (0..3)
            .zip([3, 4, 4])
            .map(|(number, pain_nrs)| PainFound {
                point_id: point(number),
                pain_nrs,
                on: day("2026-02-12"),
            })
            .collect();
        let relief = measured_relief(day("2026-01-01"), &before, &found, Decimal::from(50));
        let relief = relief.relief.unwrap();
        assert_eq!(relief.shown_percent(), "47.6".parse().unwrap());
        assert!(!relief.is_at_least("47.6190477".parse().unwrap()));
    }
}
