//! What a payer asks before it pays: limits, intervals and documentation.
//!
//! The answers are pass, fail, or needs documentation with the list of what is missing. None of
//! them stops care; the clinic can still treat and tell the patient about the cost. Windows roll:
//! a window of twelve months before a day leaves out the same day one year earlier.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate, TimeDelta};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as};

use super::indications::is_same_code;
use crate::platform::text::text_enum;
use crate::procedures::formulary::ReviewState;
use crate::procedures::kind::{ProcedureKind, Side};

text_enum! {
    /// The answer to one payer question.
    pub(crate) enum PayerResult {
        Pass = "pass",
        NeedsDocumentation = "needs_documentation",
        Fail = "fail",
    }
}

text_enum! {
    /// What is documented of a session beside its figures.
    pub(crate) enum Circumstance {
        FailedConservativeCare = "failed_conservative_care",
        LimitedMovement = "limited_movement",
        DiagnosticIntent = "diagnostic_intent",
        OngoingProgramme = "ongoing_programme",
        ImagingGuidance = "imaging_guidance",
        OtherBlock = "other_block",
        BiologicInjectate = "biologic_injectate",
    }
}

/// The rules of one payer; an absent figure is a question it does not ask.
#[serde_as]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayerRules {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) session_cap: u32,
    pub(crate) cap_window_months: u32,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) relief_percent: Option<Decimal>,
    #[serde(default)]
    pub(crate) relief_days: Option<i64>,
    #[serde_as(as = "Option<DisplayFromStr>")]
    #[serde(default)]
    pub(crate) function_percent: Option<Decimal>,
    #[serde(default)]
    pub(crate) same_place_days: Option<i64>,
    #[serde(default)]
    pub(crate) maximum_regions: Option<usize>,
    #[serde(default)]
    pub(crate) conservative_care_days: Option<i64>,
    pub(crate) asks_ongoing_programme: bool,
    pub(crate) asks_findings_at_first: bool,
    pub(crate) minimum_findings: u32,
    pub(crate) refuses_extras: bool,
    /// Empty when the payer names none.
    #[serde(default)]
    pub(crate) covered_indications: Vec<String>,
    pub(crate) source: String,
    pub(crate) review_state: ReviewState,
}

/// A place that was or will be treated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TreatedPlace {
    pub(crate) muscle_code: String,
    pub(crate) side: Side,
    pub(crate) region: String,
}

/// A pain relief as measured after a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MeasuredRelief {
    pub(crate) percent: Option<Decimal>,
    pub(crate) days: Option<i64>,
    pub(crate) scale_before: Option<String>,
    pub(crate) scale_after: Option<String>,
    pub(crate) measured_on: Option<NaiveDate>,
    /// Whether the duration was said to fit the drug used.
    pub(crate) is_duration_explained: bool,
    pub(crate) function_scale: Option<String>,
    pub(crate) function_percent: Option<Decimal>,
}

/// An earlier session of the same kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PriorSession {
    pub(crate) on: NaiveDate,
    pub(crate) places: Vec<TreatedPlace>,
    pub(crate) relief: MeasuredRelief,
}

/// What is documented of the session in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerSession {
    pub(crate) on: NaiveDate,
    pub(crate) kind: ProcedureKind,
    pub(crate) indications: Vec<String>,
    pub(crate) places: Vec<TreatedPlace>,
    /// Fewest palpation findings among the treated points.
    pub(crate) findings: u32,
    pub(crate) conservative_care_days: Option<i64>,
    pub(crate) circumstances: BTreeSet<Circumstance>,
    /// Elements of the record that are not there yet, in words.
    pub(crate) missing_record_elements: Vec<String>,
}

impl PayerSession {
    fn documents(&self, circumstance: Circumstance) -> bool {
        self.circumstances.contains(&circumstance)
    }
}

/// The answer to one question, with what is missing for a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerCheck {
    pub(crate) code: &'static str,
    pub(crate) result: PayerResult,
    pub(crate) missing: Vec<String>,
    pub(crate) explanation: String,
}

impl PayerCheck {
    fn pass_or_fail(code: &'static str, passes: bool, explanation: String) -> Self {
        let result = if passes {
            PayerResult::Pass
        } else {
            PayerResult::Fail
        };
        Self {
            code,
            result,
            missing: Vec::new(),
            explanation,
        }
    }

    fn documented(code: &'static str, missing: Vec<String>, explanation: &str) -> Self {
        let result = if missing.is_empty() {
            PayerResult::Pass
        } else {
            PayerResult::NeedsDocumentation
        };
        Self {
            code,
            result,
            missing,
            explanation: explanation.to_owned(),
        }
    }
}

/// Asks every question of one payer about a session.
pub(crate) fn check_payer(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Vec<PayerCheck> {
    let mut checks = vec![cap(rules, session, prior)];
    let last = prior
        .iter()
        .filter(|earlier| earlier.on <= session.on)
        .max_by_key(|e| e.on);
    match last {
        Some(last) => {
            checks.extend(relief(rules, last));
            checks.extend(function(rules, last));
        }
        None => checks.extend(first_session(rules, session)),
    }
    checks.extend(same_place(rules, session, prior));
    checks.extend(regions(rules, session));
    checks.extend(conservative_care(rules, session));
    checks.extend(extras(rules, session));
    checks.extend(indication(rules, session));
    checks.push(PayerCheck::documented(
        "record_complete",
        session.missing_record_elements.clone(),
        "The record names diagnosis, procedure, drug and units, places and immediate relief.",
    ));
    checks
}

/// Everything that is missing, once each.
pub(crate) fn missing_documentation(checks: &[PayerCheck]) -> Vec<String> {
    let missing: BTreeSet<&String> = checks.iter().flat_map(|check| &check.missing).collect();
    missing.into_iter().cloned().collect()
}

fn cap(rules: &PayerRules, session: &PayerSession, prior: &[PriorSession]) -> PayerCheck {
    let code = "session_cap";
    let Some(opens) = session
        .on
        .checked_sub_months(Months::new(rules.cap_window_months))
    else {
        return PayerCheck::documented(
            code,
            vec!["date of the session".to_owned()],
            "The window of the cap cannot be told.",
        );
    };
    let within = prior
        .iter()
        .filter(|earlier| earlier.on > opens && earlier.on <= session.on);
    let number = u32::try_from(within.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let explanation = format!(
        "This is session number {number} within {} months; the payer allows {}.",
        rules.cap_window_months, rules.session_cap
    );
    PayerCheck::pass_or_fail(code, number <= rules.session_cap, explanation)
}

/// The previous session must have helped enough, for long enough, on one and the same scale.
fn relief(rules: &PayerRules, last: &PriorSession) -> Option<PayerCheck> {
    let (percent, days) = (rules.relief_percent?, rules.relief_days?);
    let relief = &last.relief;
    let code = "previous_relief";
    let is_same_scale = match (&relief.scale_before, &relief.scale_after) {
        (Some(before), Some(after)) => before == after,
        _ => true,
    };
    let is_too_little = relief.percent.is_some_and(|actual| actual < percent)
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
            relief.percent.is_none(),
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

fn function(rules: &PayerRules, last: &PriorSession) -> Option<PayerCheck> {
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

fn first_session(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
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

fn same_place(
    rules: &PayerRules,
    session: &PayerSession,
    prior: &[PriorSession],
) -> Option<PayerCheck> {
    let days = TimeDelta::days(rules.same_place_days?);
    let is_same = |place: &TreatedPlace| {
        session
            .places
            .iter()
            .any(|planned| planned.muscle_code == place.muscle_code && planned.side == place.side)
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

fn regions(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
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

fn conservative_care(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
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

/// What makes a payer refuse the whole session.
fn extras(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if !rules.refuses_extras {
        return None;
    }
    let refused = [
        (session.kind == ProcedureKind::DryNeedling, "dry needling"),
        (
            session.documents(Circumstance::BiologicInjectate),
            "a biologic injectate",
        ),
        (
            session.documents(Circumstance::OtherBlock),
            "another block in the same session",
        ),
        (
            session.documents(Circumstance::ImagingGuidance),
            "imaging guidance",
        ),
    ];
    let refused = named(&refused);
    let explanation = if refused.is_empty() {
        "Nothing in this session is excluded.".to_owned()
    } else {
        format!("The payer does not cover {}.", refused.join(", "))
    };
    Some(PayerCheck::pass_or_fail(
        "not_excluded",
        refused.is_empty(),
        explanation,
    ))
}

fn indication(rules: &PayerRules, session: &PayerSession) -> Option<PayerCheck> {
    if rules.covered_indications.is_empty() {
        return None;
    }
    if session.indications.is_empty() {
        let missing = vec!["a diagnosis code".to_owned()];
        let explanation = "The session needs a diagnosis code.";
        return Some(PayerCheck::documented("indication", missing, explanation));
    }
    let is_covered = session.indications.iter().any(|code| {
        rules
            .covered_indications
            .iter()
            .any(|covered| is_same_code(covered, code))
    });
    let explanation = if is_covered {
        "A recorded diagnosis supports the procedure.".to_owned()
    } else {
        format!(
            "No recorded diagnosis ({}) supports it.",
            session.indications.join(", ")
        )
    };
    Some(PayerCheck::pass_or_fail(
        "indication",
        is_covered,
        explanation,
    ))
}

fn named(elements: &[(bool, &str)]) -> Vec<String> {
    elements
        .iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, name)| (*name).to_owned())
        .collect()
}

#[cfg(test)]
#[expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]
mod tests {
    use super::super::CodingTable;
    use super::*;
    use crate::procedures::sample::decimal;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rules(code: &str) -> PayerRules {
        CodingTable::shipped().unwrap().payer(code).unwrap().clone()
    }

    fn place(muscle: &str, region: &str) -> TreatedPlace {
        TreatedPlace {
            muscle_code: muscle.to_owned(),
            side: Side::Left,
            region: region.to_owned(),
        }
    }

    fn relief() -> MeasuredRelief {
        MeasuredRelief {
            percent: Some(decimal("50")),
            days: Some(42),
            scale_before: Some("nrs".to_owned()),
            scale_after: Some("nrs".to_owned()),
            measured_on: Some(day("2025-12-20")),
            is_duration_explained: true,
            function_scale: Some("ndi".to_owned()),
            function_percent: Some(decimal("50")),
        }
    }

    fn prior(on: &str) -> PriorSession {
        PriorSession {
            on: day(on),
            places: vec![place("trapezius", "neck")],
            relief: relief(),
        }
    }

    fn session(on: &str) -> PayerSession {
        PayerSession {
            on: day(on),
            kind: ProcedureKind::TriggerPointInjection,
            indications: vec!["G44.209".to_owned()],
            places: vec![place("trapezius", "neck")],
            findings: 2,
            conservative_care_days: Some(60),
            circumstances: BTreeSet::from([
                Circumstance::FailedConservativeCare,
                Circumstance::OngoingProgramme,
            ]),
            missing_record_elements: Vec::new(),
        }
    }

    fn with(session: &mut PayerSession, circumstance: Circumstance) {
        session.circumstances.insert(circumstance);
    }

    fn without(session: &mut PayerSession, circumstance: Circumstance) {
        session.circumstances.remove(&circumstance);
    }

    fn answer(checks: &[PayerCheck], code: &str) -> Option<PayerResult> {
        checks
            .iter()
            .find(|check| check.code == code)
            .map(|check| check.result)
    }

    #[test]
    fn the_window_of_the_cap_rolls() {
        use PayerResult::{Fail, Pass};
        let three = ["2025-01-10", "2025-04-10", "2025-09-01"];
        for (payer, dates, candidate, expected) in [
            ("lcd_2024", &three[..], "2026-01-09", Fail),
            ("lcd_2024", &three[..], "2026-01-10", Pass),
            ("lcd_2024", &three[..2], "2025-09-01", Pass),
            ("lcd_2024", &[][..], "2025-09-01", Pass),
            (
                "lcd_2024",
                &["2025-09-01", "2025-09-01", "2025-09-01"][..],
                "2025-09-01",
                Fail,
            ),
            (
                "lcd_2024",
                &["2025-09-02", "2025-09-03", "2025-09-04"][..],
                "2025-09-01",
                Pass,
            ),
            ("four_a_year", &three[..], "2026-01-09", Pass),
            (
                "four_a_year",
                &["2025-02-01", "2025-04-10", "2025-09-01", "2025-11-01"][..],
                "2026-01-09",
                Fail,
            ),
            (
                "three_in_three_months",
                &["2026-01-01", "2026-02-01", "2026-03-01"][..],
                "2026-03-31",
                Fail,
            ),
            (
                "three_in_three_months",
                &["2026-01-01", "2026-02-01", "2026-03-01"][..],
                "2026-04-01",
                Pass,
            ),
        ] {
            let prior: Vec<PriorSession> = dates.iter().map(|on| prior(on)).collect();
            let checks = check_payer(&rules(payer), &session(candidate), &prior);
            assert_eq!(
                answer(&checks, "session_cap"),
                Some(expected),
                "{payer} {candidate}"
            );
        }
    }

    #[test]
    fn the_same_place_waits_six_weeks() {
        use PayerResult::{Fail, Pass};
        for (last, candidate, muscle, expected) in [
            ("2025-11-29", "2026-01-10", "trapezius", Pass),
            ("2025-11-29", "2026-01-09", "trapezius", Fail),
            ("2025-11-29", "2025-11-29", "trapezius", Fail),
            ("2025-11-29", "2026-01-09", "temporalis", Pass),
            ("2026-01-10", "2026-01-09", "trapezius", Pass),
        ] {
            let mut now = session(candidate);
            now.places[0].muscle_code = muscle.to_owned();
            let checks = check_payer(&rules("lcd_2024"), &now, &[prior(last)]);
            assert_eq!(
                answer(&checks, "same_place_interval"),
                Some(expected),
                "{candidate}"
            );
        }
        let mut other_side = session("2026-01-09");
        other_side.places[0].side = Side::Right;
        let checks = check_payer(&rules("lcd_2024"), &other_side, &[prior("2025-11-29")]);
        assert_eq!(answer(&checks, "same_place_interval"), Some(Pass));
    }

    #[test]
    fn a_repetition_needs_relief_that_was_measured() {
        use PayerResult::{Fail, NeedsDocumentation, Pass};
        type Change = fn(&mut MeasuredRelief);
        let table: [(&str, Change, PayerResult, usize); 13] = [
            ("previous_relief", |_| {}, Pass, 0),
            (
                "previous_relief",
                |r| r.percent = Some(decimal("49.999999")),
                Fail,
                0,
            ),
            (
                "previous_relief",
                |r| r.percent = Some(decimal("50.000001")),
                Pass,
                0,
            ),
            ("previous_relief", |r| r.days = Some(41), Fail, 0),
            (
                "previous_relief",
                |r| r.percent = None,
                NeedsDocumentation,
                1,
            ),
            ("previous_relief", |r| r.days = None, NeedsDocumentation, 1),
            (
                "previous_relief",
                |r| r.scale_after = Some("vas".to_owned()),
                NeedsDocumentation,
                1,
            ),
            (
                "previous_relief",
                |r| r.scale_before = None,
                NeedsDocumentation,
                1,
            ),
            (
                "previous_relief",
                |r| r.measured_on = None,
                NeedsDocumentation,
                1,
            ),
            (
                "previous_relief",
                |r| r.is_duration_explained = false,
                NeedsDocumentation,
                1,
            ),
            (
                "previous_relief",
                |r| *r = MeasuredRelief::default(),
                NeedsDocumentation,
                6,
            ),
            (
                "previous_function",
                |r| r.function_percent = Some(decimal("49")),
                Fail,
                0,
            ),
            (
                "previous_function",
                |r| r.function_scale = None,
                NeedsDocumentation,
                1,
            ),
        ];
        for (code, change, expected, missing) in table {
            let mut earlier = prior("2025-09-01");
            change(&mut earlier.relief);
            let checks = check_payer(&rules("lcd_2024"), &session("2026-01-10"), &[earlier]);
            assert_eq!(answer(&checks, code), Some(expected), "{code} {missing}");
            let found = checks.iter().find(|check| check.code == code).unwrap();
            assert_eq!(found.missing.len(), missing, "{code} {:?}", found.missing);
        }
    }

    #[test]
    fn the_latest_session_is_the_previous_one() {
        let mut old = prior("2025-03-01");
        old.relief.percent = Some(decimal("10"));
        let checks = check_payer(
            &rules("lcd_2024"),
            &session("2026-01-10"),
            &[prior("2025-09-01"), old],
        );
        assert_eq!(answer(&checks, "previous_relief"), Some(PayerResult::Pass));
    }

    #[test]
    fn each_question_has_its_edges() {
        use PayerResult::{Fail, NeedsDocumentation, Pass};
        type Change = fn(&mut PayerSession);
        let table: [(&str, &str, Change, Option<PayerResult>); 25] = [
            ("lcd_2024", "first_session", |_| {}, Some(Pass)),
            (
                "lcd_2024",
                "first_session",
                |s| s.findings = 1,
                Some(NeedsDocumentation),
            ),
            (
                "lcd_2024",
                "first_session",
                |s| without(s, Circumstance::FailedConservativeCare),
                Some(NeedsDocumentation),
            ),
            (
                "lcd_2024",
                "first_session",
                |s| {
                    without(s, Circumstance::FailedConservativeCare);
                    with(s, Circumstance::DiagnosticIntent);
                },
                Some(Pass),
            ),
            (
                "lcd_2024",
                "first_session",
                |s| {
                    without(s, Circumstance::FailedConservativeCare);
                    with(s, Circumstance::LimitedMovement);
                },
                Some(Pass),
            ),
            (
                "three_in_three_months",
                "first_session",
                |s| s.findings = 0,
                None,
            ),
            ("lcd_2024", "one_region", |_| {}, Some(Pass)),
            (
                "lcd_2024",
                "one_region",
                |s| s.places.push(place("frontalis", "head")),
                Some(Fail),
            ),
            (
                "lcd_2024",
                "one_region",
                |s| s.places.push(place("scm", "neck")),
                Some(Pass),
            ),
            (
                "four_a_year",
                "one_region",
                |s| s.places.push(place("frontalis", "head")),
                None,
            ),
            ("lcd_2024", "conservative_care", |_| {}, Some(Pass)),
            (
                "lcd_2024",
                "conservative_care",
                |s| without(s, Circumstance::OngoingProgramme),
                Some(NeedsDocumentation),
            ),
            (
                "four_a_year",
                "conservative_care",
                |s| s.conservative_care_days = Some(41),
                Some(Fail),
            ),
            (
                "four_a_year",
                "conservative_care",
                |s| s.conservative_care_days = Some(42),
                Some(Pass),
            ),
            (
                "four_a_year",
                "conservative_care",
                |s| s.conservative_care_days = None,
                Some(NeedsDocumentation),
            ),
            (
                "three_in_three_months",
                "conservative_care",
                |s| without(s, Circumstance::OngoingProgramme),
                None,
            ),
            ("lcd_2024", "not_excluded", |_| {}, Some(Pass)),
            (
                "lcd_2024",
                "not_excluded",
                |s| s.kind = ProcedureKind::DryNeedling,
                Some(Fail),
            ),
            (
                "lcd_2024",
                "not_excluded",
                |s| with(s, Circumstance::ImagingGuidance),
                Some(Fail),
            ),
            (
                "lcd_2024",
                "not_excluded",
                |s| with(s, Circumstance::OtherBlock),
                Some(Fail),
            ),
            (
                "lcd_2024",
                "not_excluded",
                |s| with(s, Circumstance::BiologicInjectate),
                Some(Fail),
            ),
            (
                "lcd_2024",
                "indication",
                |s| s.indications = vec!["G43.709".to_owned()],
                Some(Fail),
            ),
            (
                "lcd_2024",
                "indication",
                |s| s.indications.insert(0, "G43.709".to_owned()),
                Some(Pass),
            ),
            (
                "lcd_2024",
                "indication",
                |s| s.indications.clear(),
                Some(NeedsDocumentation),
            ),
            (
                "lcd_2024",
                "record_complete",
                |s| s.missing_record_elements = vec!["signature".to_owned()],
                Some(NeedsDocumentation),
            ),
        ];
        for (payer, code, change, expected) in table {
            let mut now = session("2026-01-10");
            change(&mut now);
            let checks = check_payer(&rules(payer), &now, &[]);
            assert_eq!(answer(&checks, code), expected, "{payer} {code} {now:?}");
        }
    }

    #[test]
    fn every_covered_diagnosis_supports_and_migraine_alone_does_not() {
        for (code, is_covered) in [
            ("G44.201", true),
            ("G44.209", true),
            ("G44.211", true),
            ("G44.219", true),
            ("G44.221", true),
            ("G44.229", true),
            ("M79.10", true),
            ("M79.11", true),
            ("M79.12", true),
            ("M79.18", true),
            ("m7918", true),
            ("G43.709", false),
            ("M54.2", false),
            ("M79.7", false),
            ("M79.1", false),
        ] {
            let mut now = session("2026-01-10");
            now.indications = vec![code.to_owned()];
            let answer = answer(&check_payer(&rules("lcd_2024"), &now, &[]), "indication");
            let expected = if is_covered {
                PayerResult::Pass
            } else {
                PayerResult::Fail
            };
            assert_eq!(answer, Some(expected), "{code}");
        }
    }

    #[test]
    fn missing_documents_are_listed_once() {
        let mut now = session("2026-01-10");
        now.missing_record_elements = vec!["signature".to_owned(), "signature".to_owned()];
        now.findings = 0;
        let missing = missing_documentation(&check_payer(&rules("lcd_2024"), &now, &[]));
        assert_eq!(
            missing,
            ["palpation findings of a trigger point", "signature"]
        );
    }
}
