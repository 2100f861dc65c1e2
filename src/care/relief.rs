//! How much a needle helped at a point, and for how long.
//!
//! Relief at once is the pain before against the pain after. How long it lasts is told by the pain
//! found at the point at later visits: relief is lost at the first one where more than half of the
//! pain from before is back, and counted in whole weeks. Local anaesthetic wears off within hours;
//! weeks of relief mean that the point itself was inactivated. Another injection ends the count.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::instrument::{ResponseClass, relief_percent};

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
    /// When the pain was found to be back; nothing while it holds.
    pub(super) lost_at: Option<DateTime<Utc>>,
}

/// What one injection of a point did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PointRelief {
    pub(super) injection: PointInjection,
    /// What was injected; nothing for a dry needle.
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
    fn another_injection_ends_the_count() {
        assert_eq!(
            lasting_of(&[found(20, 3), found(60, 8)], Some(30)),
            Some((2, false))
        );
        assert_eq!(lasting_of(&[found(60, 8)], Some(30)), None);
    }
}
