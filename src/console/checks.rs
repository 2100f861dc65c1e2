//! The checks of a procedure: the share of each ceiling as a bar, in words and in numbers.

use maud::{Markup, html};
use serde_json::Value;

use crate::platform::access::Role;

use super::context::Context;
use super::fields::{hidden, plain, version};
use super::procedure_seen::Seen;
use super::texts;

/// Stops first, then warnings, then what is not known.
fn rank(check: &Value) -> u8 {
    match check["status"].as_str() {
        Some("block") => 0,
        Some("warn") => 1,
        Some("indeterminate") => 2,
        _ => 3,
    }
}

pub(super) fn shown(context: &Context, seen: &Seen) -> Markup {
    let safety = &seen.safety;
    let mut checks: Vec<&Value> = safety["checks"].as_array().into_iter().flatten().collect();
    checks.sort_by_key(|check| rank(check));
    let (told, quiet): (Vec<&Value>, Vec<&Value>) =
        checks.iter().partition(|check| rank(check) < 3);
    let bars: Vec<&Value> = checks
        .iter()
        .copied()
        .filter(|check| !check["fraction"].is_null())
        .collect();
    let unread = checks
        .iter()
        .filter(|check| check["needs_acknowledgement"] == true);
    let unread: Vec<&&Value> = unread
        .filter(|check| check["acknowledged_at"].is_null())
        .collect();
    let reads = context.role() == Role::Provider
        && (seen.is_under_way() || seen.procedure["status"] == "planned");
    let (shape, word) = texts::check(safety["status"].as_str().unwrap_or_default());
    html! {
        div.toolbar { h2 { "Doses and checks" } span.tag.(plain(&safety["status"])) { (shape) " " (word) } }
        (dose_bars(&bars))
        ul.checks { @for check in &told { (one(check, seen, reads)) } }
        @if told.is_empty() { p.hint { "No check says anything. A check compares what is recorded with the rules of the practice; it knows nothing else." } }
        @if reads && unread.len() > 1 {
            form.act method="post" action={ "/console/procedures/" (seen.id()) "/acknowledge" } {
                (version(&seen.procedure))
                @for check in &unread { (hidden("check_codes", &plain(&check["code"]))) }
                button { "I have read all " (unread.len()) }
            }
        }
        @if !quiet.is_empty() {
            details { summary { (quiet.len()) " within their limits" }
                ul.checks { @for check in &quiet { (one(check, seen, false)) } }
            }
        }
        @if !safety["rule_version"].is_null() { p.hint { "Rules " (plain(&safety["rule_version"])) "." } }
    }
}

fn hundredths(fraction: &Value) -> u32 {
    let text = plain(fraction);
    let (whole, rest) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let rest: String = rest.chars().chain("00".chars()).take(2).collect();
    let whole = whole.parse::<u32>().unwrap_or(0);
    whole * 100 + rest.parse::<u32>().unwrap_or(0)
}

fn dose_bars(checks: &[&Value]) -> Markup {
    html! {
        @if !checks.is_empty() {
            ul.bars {
                @for check in checks {
                    @let share = hundredths(&check["fraction"]);
                    @let status = plain(&check["status"]);
                    @let name = texts::check_name(&plain(&check["code"]));
                    li.(status) {
                        span.bar-name { (name) }
                        svg.bar viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={ (name) ": " (share) " percent of the ceiling" } { rect width=(share.min(100)) height="6" {} }
                        span.bar-words { b { (share) " %" } " "
                            @if check["unit"] == "share_of_maximum" { "of the ceiling" } @else if !check["actual"].is_null() { (plain(&check["actual"])) " of " (plain(&check["limit"])) " " (texts::code(&plain(&check["unit"])).to_lowercase()) } }
                    }
                }
            }
        }
    }
}

fn one(check: &Value, seen: &Seen, reads: bool) -> Markup {
    let status = plain(&check["status"]);
    let (shape, word) = texts::check(&status);
    let code = plain(&check["code"]);
    let is_unread = check["needs_acknowledgement"] == true && check["acknowledged_at"].is_null();
    let may_go_on = status == "block"
        && check["override_policy"] == "by_provider"
        && check["overridden"] != true;
    html! {
        li.(status) {
            p { span.shape aria-hidden="true" { (shape) } " " b { (word) ": " (texts::check_name(&code)) } }
            p { (plain(&check["explanation"])) }
            @if check["overridden"] == true { p.hint { "✓ Gone on in spite of it, with a reason." } }
            @if !check["acknowledged_at"].is_null() { p.hint { "✓ Read." } }
            @if reads && is_unread && status != "block" {
                form.act method="post" action={ "/console/procedures/" (seen.id()) "/acknowledge" } {
                    (version(&seen.procedure)) (hidden("check_codes", &code))
                    button.small { "I have read it" span.hidden { ": " (texts::check_name(&code)) } }
                }
            }
            @if reads && may_go_on {
                details { summary { "Go on in spite of it" }
                    form.row method="post" action={ "/console/procedures/" (seen.id()) "/override" } {
                        (version(&seen.procedure)) (hidden("check_code", &code))
                        input name="reason" required aria-label="Why" placeholder="Why, for the record"; button.danger { "Go on" }
                    }
                }
            }
        }
    }
}
