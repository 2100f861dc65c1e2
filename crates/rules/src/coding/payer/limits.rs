//! How often, how soon and in how many regions a payer allows a session.

use std::collections::BTreeSet;

use chrono::{Months, TimeDelta};

use super::session::{PayerSession, PriorSession, TreatedPlace};
use super::{PayerCheck, PayerRules};

/// No more sessions within the rolling window than the payer allows.
pub(super) fn cap(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Option<PayerCheck> {
    let code = "session_cap";
    let (cap, months) = (rules.session_cap?, rules.cap_window_months?);
    let Some(opens) = session.on.checked_sub_months(Months::new(months)) else {
        return Some(PayerCheck::documented(
            code,
            vec!["date of the session".to_owned()],
            "The window of the cap cannot be told.",
        ));
    };
    let within = prior
        .iter()
        .filter(|earlier| earlier.on > opens && earlier.on <= session.on);
    let number = u32::try_from(within.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let explanation =
        format!("This is session number {number} within {months} months; the payer allows {cap}.");
    Some(PayerCheck::pass_or_fail(code, number <= cap, explanation))
}

/// So many days from one session to the next, whatever was treated.
pub(super) fn interval(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Option<PayerCheck> {
    let days = TimeDelta::days(rules.interval_days?);
    let last = prior
        .iter()
        .map(|earlier| earlier.on)
        .filter(|on| *on < session.on)
        .max();
    let earliest = last.and_then(|last| last.checked_add_signed(days));
    let passes = earliest.is_none_or(|earliest| session.on >= earliest);
    let explanation = earliest.map_or_else(
        || "There was no session before.".to_owned(),
        |earliest| format!("The next session may be from {earliest} on."),
    );
    Some(PayerCheck::pass_or_fail(
        "session_interval",
        passes,
        explanation,
    ))
}

/// The same place waits so many days.
pub(super) fn same_place(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Option<PayerCheck> {
    let days = TimeDelta::days(rules.same_place_days?);
    let is_same = |place: &TreatedPlace| {
        session
            .places
            .iter()
            .any(|planned| planned.counted_as == place.counted_as && planned.side == place.side)
    };
    let last = prior
        .iter()
        .filter(|earlier| earlier.on <= session.on && earlier.places.iter().any(is_same))
        .map(|earlier| earlier.on)
        .max();
    let earliest = last.and_then(|last| last.checked_add_signed(days));
    let passes = earliest.is_none_or(|earliest| session.on >= earliest);
    let explanation = earliest.map_or_else(
        || "No place of this session was treated before.".to_owned(),
        |earliest| format!("The same place may be repeated from {earliest} on."),
    );
    Some(PayerCheck::pass_or_fail(
        "same_place_interval",
        passes,
        explanation,
    ))
}

/// No more regions in one session than the payer allows.
pub(super) fn regions(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    let allowed = rules.maximum_regions?;
    let regions: BTreeSet<&str> = session
        .places
        .iter()
        .map(|place| place.region.as_str())
        .collect();
    let explanation = format!(
        "This session treats {} regions; the payer allows {allowed}.",
        regions.len()
    );
    Some(PayerCheck::pass_or_fail(
        "one_region",
        regions.len() <= allowed,
        explanation,
    ))
}
