//! How much a needle helped at a point, and for how long.
//!
//! Relief at once is the pain before against the pain after. How long it lasts is measured by the pain
//! found at the point at later visits: relief is lost at the first one where more than half of the
//! pain from before is back, and counted in whole weeks. Local anaesthetic wears off within hours;
//! weeks of relief mean that the point itself was inactivated. Another injection ends the count.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tautband_rules::relief::Relief;
use uuid::Uuid;

use crate::platform::text::text_enum;

/// One injection of a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointInjection {
    pub(super) procedure_id: Uuid,
    pub(super) point_id: Option<Uuid>,
    pub(super) muscle_code: String,
    pub(super) side: String,
    pub(super) solution_id: Option<Uuid>,
    pub(super) pain_nrs_before: Option<i16>,
    pub(super) pain_nrs_after: Option<i16>,
    pub(super) injected_at: DateTime<Utc>,
}

/// Pain found at a point when it was palpated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointPain {
    pub(super) point_id: Uuid,
    pub(super) pain_nrs: i16,
    pub(super) found_at: DateTime<Utc>,
}

/// How long relief lasted, in whole weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lasting {
    pub(super) weeks: i64,
    /// When the pain was found to be back; `None` while the relief holds.
    pub(super) lost_at: Option<DateTime<Utc>>,
}

/// What one injection of a point did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointRelief {
    pub(super) injection: PointInjection,
    /// The drugs that were injected; empty for a dry needle.
    pub(super) drug_codes: Vec<String>,
    pub(super) percent: Option<Decimal>,
    pub(super) response: Option<ResponseClass>,
    pub(super) lasting: Option<Lasting>,
}

impl PointRelief {
    /// Judges an injection by what was found later; both lists are in order of time.
    pub(crate) fn of(
        injection: &PointInjection,
        injections: &[PointInjection],
        found: &[PointPain],
        drug_codes: Vec<String>,
    ) -> Self {
        let pain = injection.pain_nrs_before.zip(injection.pain_nrs_after);
        let percent = pain.and_then(|(before, after)| relief_percent(before, after));
        Self {
            injection: injection.clone(),
            drug_codes,
            percent,
            response: percent.map(ResponseClass::of),
            lasting: lasting(injection, injections, found),
        }
    }
}

/// What several injections did together: those of one recipe, or of one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReliefSummary {
    pub(super) injections: usize,
    /// Mean relief at once, to one place.
    pub(super) mean_percent: Option<Decimal>,
    /// Injections whose relief was looked at later.
    pub(super) followed: usize,
    /// Half of those that were looked at held for so many weeks or longer.
    pub(super) median_weeks: Option<i64>,
    /// Relief that held when it was last looked at.
    pub(super) still_holding: usize,
}

impl ReliefSummary {
    fn of(reliefs: &[&PointRelief]) -> Self {
        let percents: Vec<Decimal> = reliefs.iter().filter_map(|relief| relief.percent).collect();
        let mean_percent = (!percents.is_empty()).then(|| {
            (percents.iter().sum::<Decimal>() / Decimal::from(percents.len())).round_dp(1)
        });
        let lasting: Vec<Lasting> = reliefs.iter().filter_map(|relief| relief.lasting).collect();
        let mut weeks: Vec<i64> = lasting.iter().map(|lasting| lasting.weeks).collect();
        weeks.sort_unstable();
        Self {
            injections: reliefs.len(),
            mean_percent,
            followed: lasting.len(),
            // The lower of the two middle values, so that the report never promises more than was seen.
            median_weeks: weeks.get(weeks.len().saturating_sub(1) / 2).copied(),
            still_holding: lasting.iter().filter(|l| l.lost_at.is_none()).count(),
        }
    }
}

/// Injections put together by what was injected: the drugs in the order of their codes.
pub(crate) fn by_recipe(reliefs: &[PointRelief]) -> Vec<(Vec<String>, ReliefSummary)> {
    summed(reliefs, |relief| {
        let mut drugs = relief.drug_codes.clone();
        drugs.sort_unstable();
        drugs.dedup();
        Some(drugs)
    })
}

/// Injections put together by the trigger point; those into no recorded point are left out.
pub(crate) fn by_point(reliefs: &[PointRelief]) -> Vec<(Uuid, ReliefSummary)> {
    summed(reliefs, |relief| relief.injection.point_id)
}

fn summed<K: Ord>(
    reliefs: &[PointRelief],
    key: impl Fn(&PointRelief) -> Option<K>,
) -> Vec<(K, ReliefSummary)> {
    let mut groups: BTreeMap<K, Vec<&PointRelief>> = BTreeMap::new();
    for relief in reliefs {
        if let Some(key) = key(relief) {
            groups.entry(key).or_default().push(relief);
        }
    }
    let summary = |(key, reliefs): (K, Vec<&PointRelief>)| (key, ReliefSummary::of(&reliefs));
    groups.into_iter().map(summary).collect()
}

fn lasting(
    injection: &PointInjection,
    injections: &[PointInjection],
    found: &[PointPain],
) -> Option<Lasting> {
    let point_id = injection.point_id?;
    let before = injection.pain_nrs_before.filter(|pain| *pain > 0)?;
    let next = injections
        .iter()
        .filter(|other| other.point_id == Some(point_id))
        .map(|other| other.injected_at)
        .find(|at| *at > injection.injected_at);
    let later: Vec<&PointPain> = found
        .iter()
        .filter(|pain| pain.point_id == point_id && pain.found_at > injection.injected_at)
        .filter(|pain| next.is_none_or(|next| pain.found_at <= next))
        .collect();
    let weeks = |at: DateTime<Utc>| (at - injection.injected_at).num_days().div_euclid(7);
    let lost = later
        .iter()
        .find(|pain| pain.pain_nrs.saturating_mul(2) > before);
    match (lost, later.last()) {
        (Some(lost), _) => Some(Lasting {
            weeks: weeks(lost.found_at),
            lost_at: Some(lost.found_at),
        }),
        (None, Some(last)) => Some(Lasting {
            weeks: weeks(last.found_at),
            lost_at: None,
        }),
        (None, None) => None,
    }
}

/// Relief in percent of the pain before, to one place; `None` when there was no pain before.
pub(crate) fn relief_percent(before: i16, after: i16) -> Option<Decimal> {
    Relief::over([(before, after)]).map(Relief::shown_percent)
}

text_enum! {
    /// How well a treatment worked, by relief.
    pub(crate) enum ResponseClass {
        Complete = "complete",
        Good = "good",
        Partial = "partial",
        Minimal = "minimal",
        Worse = "worse",
    }
}

impl ResponseClass {
    /// The class of a relief in percent.
    pub(crate) fn of(percent: Decimal) -> Self {
        let at_least = |limit: i64| percent >= Decimal::from(limit);
        if at_least(80) {
            Self::Complete
        } else if at_least(50) {
            Self::Good
        } else if at_least(30) {
            Self::Partial
        } else if at_least(0) {
            Self::Minimal
        } else {
            Self::Worse
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn day(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn injected(on: i64, before: i16, after: i16) -> PointInjection {
        PointInjection {
            procedure_id: Uuid::nil(),
            point_id: Some(Uuid::nil()),
            muscle_code: "trapezius_upper".into(),
            side: "left".into(),
            solution_id: None,
            pain_nrs_before: Some(before),
            pain_nrs_after: Some(after),
            injected_at: day(on),
        }
    }

    fn found(on: i64, pain_nrs: i16) -> PointPain {
        PointPain {
            point_id: Uuid::nil(),
            pain_nrs,
            found_at: day(on),
        }
    }

    fn lasting_of(found: &[PointPain], next: Option<i64>) -> Option<(i64, bool)> {
        let first = injected(0, 8, 3);
        let mut injections = vec![first.clone()];
        injections.extend(next.map(|on| injected(on, 6, 2)));
        let relief = PointRelief::of(&first, &injections, found, vec![]);
        relief
            .lasting
            .map(|lasting| (lasting.weeks, lasting.lost_at.is_some()))
    }

    #[test]
    fn relief_at_once_is_classed() {
        let first = injected(0, 8, 3);
        let relief = PointRelief::of(&first, &[], &[], vec![]);
        assert_eq!(
            relief.percent.map(|p| p.to_string()).as_deref(),
            Some("62.5")
        );
        assert_eq!(relief.response, Some(ResponseClass::Good));
        assert_eq!(relief.lasting, None);
    }

    #[test]
    fn relief_is_lost_when_more_than_half_of_the_pain_is_back() {
        assert_eq!(
            lasting_of(&[found(20, 4), found(41, 5)], None),
            Some((5, true))
        );
        assert_eq!(
            lasting_of(&[found(20, 4), found(42, 4)], None),
            Some((6, false))
        );
    }

    #[test]
    fn recipes_and_points_are_summed_up() {
        let mut injections = vec![injected(0, 8, 2), injected(100, 8, 4), injected(200, 8, 8)];
        injections.push(PointInjection {
            point_id: None,
            ..injected(300, 10, 0)
        });
        let found = [found(14, 2), found(21, 8), found(142, 3)];
        let recipe = |injection: &PointInjection| {
            if injection.injected_at < day(150) {
                vec!["lidocaine".to_owned(), "cyanocobalamin".to_owned()]
            } else {
                vec![]
            }
        };
        let reliefs: Vec<PointRelief> = injections
            .iter()
            .map(|one| PointRelief::of(one, &injections, &found, recipe(one)))
            .collect();
        let recipes = by_recipe(&reliefs);
        let said: Vec<(String, usize, Option<i64>, usize)> = recipes
            .iter()
            .map(|(drugs, of)| {
                (
                    drugs.join("+"),
                    of.injections,
                    of.median_weeks,
                    of.still_holding,
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                (String::new(), 2, None, 0),
                ("cyanocobalamin+lidocaine".to_owned(), 2, Some(3), 1)
            ]
        );
        let means: Vec<Option<String>> = recipes
            .iter()
            .map(|(_, of)| of.mean_percent.map(|mean| mean.normalize().to_string()))
            .collect();
        assert_eq!(means, [Some("50".to_owned()), Some("62.5".to_owned())]);
        let points = by_point(&reliefs);
        assert_eq!(points.len(), 1);
        assert_eq!((points[0].1.injections, points[0].1.followed), (3, 2));
    }

    #[test]
    fn another_injection_ends_the_count() {
        assert_eq!(
            lasting_of(&[found(20, 3), found(60, 8)], Some(30)),
            Some((2, false))
        );
        assert_eq!(lasting_of(&[found(60, 8)], Some(30)), None);
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn relief_is_percent_of_the_pain_before() {
        for (before, after, percent) in [
            (8, 3, Some("62.5")),
            (10, 5, Some("50.0")),
            (6, 4, Some("33.3")),
            (7, 7, Some("0")),
            (4, 6, Some("-50")),
            (0, 3, None),
        ] {
            assert_eq!(
                relief_percent(before, after),
                percent.map(decimal),
                "{before} to {after}"
            );
        }
    }

    #[test]
    fn response_classes_follow_the_percent() {
        let class = |text| ResponseClass::of(decimal(text)).as_str();
        assert_eq!(
            ["100", "80", "79.9", "50", "49", "30", "29", "0", "-1"].map(class),
            [
                "complete", "complete", "good", "good", "partial", "partial", "minimal", "minimal",
                "worse"
            ]
        );
    }
}
