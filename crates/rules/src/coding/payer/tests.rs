//! The edges of every payer question.

#![expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one place"
)]

use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

use super::super::CodingTable;
use super::super::drugs::{DrugLine, WasteModifier};
use super::*;
use crate::kind::{ProcedureKind, Side};
use crate::relief::Relief;
use crate::sample::decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rules(code: &str) -> PayerRules {
    CodingTable::shipped().unwrap().payer(code).unwrap().clone()
}

/// A relief of exactly so many percent.
fn percent(text: &str) -> Relief {
    let gained = (decimal(text) * Decimal::from(1_000_000)).to_u32().unwrap();
    Relief::from_to(100_000_000, 100_000_000 - gained).unwrap()
}

fn place(muscle: &str, region: &str) -> TreatedPlace {
    TreatedPlace {
        muscle_code: muscle.to_owned(),
        counted_as: muscle.to_owned(),
        side: Side::Left,
        region: region.to_owned(),
    }
}

fn relief() -> MeasuredRelief {
    MeasuredRelief {
        relief: Some(percent("50")),
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
        drugs: Vec::new(),
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
        now.places = vec![place(muscle, "neck")];
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
            |r| r.relief = Some(percent("49.999999")),
            Fail,
            0,
        ),
        (
            "previous_relief",
            |r| r.relief = Some(percent("50.000001")),
            Pass,
            0,
        ),
        ("previous_relief", |r| r.days = Some(41), Fail, 0),
        (
            "previous_relief",
            |r| r.relief = None,
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
    old.relief.relief = Some(percent("10"));
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

#[test]
fn toxin_has_rules_of_its_own() {
    use PayerResult::{Fail, NeedsDocumentation, Pass};
    let table = CodingTable::shipped().unwrap();
    let rules = table.usual_payer(ProcedureKind::BotulinumToxin).unwrap();
    assert_eq!(rules.code, "toxin_12_weeks");
    let line = |modifier| DrugLine {
        code: "J0585".to_owned(),
        units: 155,
        modifier,
        notice: None,
    };
    let toxin = |on: &str, drugs: Vec<DrugLine>| PayerSession {
        kind: ProcedureKind::BotulinumToxin,
        indications: vec!["G43.709".to_owned()],
        places: vec![
            place("frontalis", "head"),
            place("trapezius", "shoulder_girdle"),
        ],
        drugs,
        ..session(on)
    };
    let wasted = || vec![line(None), line(Some(WasteModifier::Discarded))];
    for (on, drugs, code, expected) in [
        ("2026-03-26", wasted(), "session_interval", Some(Pass)),
        ("2026-03-25", wasted(), "session_interval", Some(Fail)),
        ("2026-03-26", wasted(), "units_and_waste", Some(Pass)),
        (
            "2026-03-26",
            vec![line(Some(WasteModifier::NothingDiscarded))],
            "units_and_waste",
            Some(Pass),
        ),
        (
            "2026-03-26",
            vec![line(None)],
            "units_and_waste",
            Some(NeedsDocumentation),
        ),
        (
            "2026-03-26",
            Vec::new(),
            "units_and_waste",
            Some(NeedsDocumentation),
        ),
        ("2026-03-26", wasted(), "indication", Some(Pass)),
        // What is asked about trigger points is not asked here.
        ("2026-03-26", wasted(), "session_cap", None),
        ("2026-03-26", wasted(), "one_region", None),
        ("2026-03-26", wasted(), "first_session", None),
        ("2026-03-26", wasted(), "previous_relief", None),
    ] {
        let checks = check_payer(rules, &toxin(on, drugs), &[prior("2026-01-01")]);
        assert_eq!(answer(&checks, code), expected, "{on} {code}");
    }
    let mut other = toxin("2026-03-26", wasted());
    other.indications = vec!["G44.209".to_owned()];
    assert_eq!(
        answer(&check_payer(rules, &other, &[]), "indication"),
        Some(Fail)
    );
}

#[test]
fn a_part_is_its_whole_muscle_for_the_interval() {
    let mut upper = place("trapezius_upper", "shoulder_girdle");
    upper.counted_as = "trapezius".to_owned();
    let mut next = session("2026-01-09");
    next.places = vec![upper];
    let checks = check_payer(&rules("lcd_2024"), &next, &[prior("2025-11-29")]);
    assert_eq!(
        answer(&checks, "same_place_interval"),
        Some(PayerResult::Fail)
    );
}
