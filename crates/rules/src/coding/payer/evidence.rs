//! What must be documented: relief and function after the session before, findings at the first,
//! and conservative care beside them.

use super::session::{Circumstance, PayerSession, PriorSession};
use super::{PayerCheck, PayerRules, named};

/// The previous session must have helped enough, for long enough, on one and the same scale.
pub(super) fn relief(rules: &PayerRules, last: &PriorSession) -> Option<PayerCheck> {
    let (percent, days) = (rules.relief_percent?, rules.relief_days?);
    let relief = &last.relief;
    let code = "previous_relief";
    let is_same_scale = match (&relief.scale_before, &relief.scale_after) {
        (Some(before), Some(after)) => before == after,
        _ => true,
    };
    let is_too_little = relief
        .relief
        .is_some_and(|actual| !actual.is_at_least(percent))
        || relief.days.is_some_and(|actual| actual < days);
    let explanation = format!(
        "A repetition needs at least {percent} % relief for at least {days} days after the \
         session of {}, on the same scale.",
        last.on
    );
    if is_too_little {
        return Some(PayerCheck::pass_or_fail(code, false, explanation));
    }
    let missing = [
        (
            relief.relief.is_none(),
            "relief in percent after the previous session",
        ),
        (relief.days.is_none(), "duration of the relief"),
        (
            relief.scale_before.is_none(),
            "pain scale before the previous session",
        ),
        (
            relief.scale_after.is_none(),
            "pain scale after the previous session",
        ),
        (!is_same_scale, "the same pain scale before and after"),
        (relief.measured_on.is_none(), "date of the measurement"),
        (
            !relief.is_duration_explained,
            "whether the duration fits the drug",
        ),
    ];
    Some(PayerCheck::documented(code, named(&missing), &explanation))
}

/// Function must have improved as well, on a scale.
pub(super) fn function(rules: &PayerRules, last: &PriorSession) -> Option<PayerCheck> {
    let percent = rules.function_percent?;
    let relief = &last.relief;
    let explanation =
        format!("A repetition needs {percent} % better function on an objective scale.");
    if relief
        .function_percent
        .is_some_and(|actual| actual < percent)
    {
        return Some(PayerCheck::pass_or_fail(
            "previous_function",
            false,
            explanation,
        ));
    }
    let missing = [
        (
            relief.function_scale.is_none(),
            "name of the function scale",
        ),
        (
            relief.function_percent.is_none(),
            "change of function in percent",
        ),
    ];
    Some(PayerCheck::documented(
        "previous_function",
        named(&missing),
        &explanation,
    ))
}

/// A first session needs a trigger point and a reason.
pub(super) fn first_session(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if !rules.asks_findings_at_first {
        return None;
    }
    let has_reason = session.documents(Circumstance::FailedConservativeCare)
        || session.documents(Circumstance::LimitedMovement)
        || session.documents(Circumstance::DiagnosticIntent);
    let missing = [
        (
            session.findings < rules.minimum_findings,
            "palpation findings of a trigger point",
        ),
        (
            !has_reason,
            "failed conservative care, limited movement or diagnostic intent",
        ),
    ];
    let explanation = "A first session needs a clinical trigger point and a reason to inject it.";
    Some(PayerCheck::documented(
        "first_session",
        named(&missing),
        explanation,
    ))
}

/// Conservative care was tried, and goes on.
pub(super) fn conservative_care(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    let days = rules.conservative_care_days;
    if !rules.asks_ongoing_programme && days.is_none() {
        return None;
    }
    let is_short = days
        .zip(session.conservative_care_days)
        .is_some_and(|(d, actual)| actual < d);
    if is_short {
        let explanation = "Conservative care has not been tried for long enough.".to_owned();
        return Some(PayerCheck::pass_or_fail(
            "conservative_care",
            false,
            explanation,
        ));
    }
    let is_unknown = days.is_some() && session.conservative_care_days.is_none();
    let is_idle =
        rules.asks_ongoing_programme && !session.documents(Circumstance::OngoingProgramme);
    let missing = [
        (is_unknown, "duration of conservative care"),
        (
            is_idle,
            "active part in an ongoing programme of exercise or rehabilitation",
        ),
    ];
    let explanation = "Injections go along with conservative care.";
    Some(PayerCheck::documented(
        "conservative_care",
        named(&missing),
        explanation,
    ))
}
