//! What is drawn up, and where the needle goes: one row fills all sites, and each can differ.

use maud::{Markup, html};
use serde_json::Value;

use super::body::sided;
use super::context::{Context, Failure};
use super::fields::{Tried, hidden, once, plain, version};
use super::procedure_seen::Seen;
use super::texts;
use super::time;

pub(super) const COMPONENTS: [usize; 3] = [0, 1, 2];

/// A lot in one strength. A lot whose strength nobody wrote down is offered in each that its drug comes in.
pub(super) struct Choice {
    pub(super) value: String,
    codes: String,
    words: String,
}

fn choices(lots: &[Value], drugs: &[Value]) -> Vec<Choice> {
    let mut all = Vec::new();
    for lot in lots {
        let known = (!lot["strength"].is_null())
            .then(|| (plain(&lot["strength"]), plain(&lot["strength_unit"])));
        let drug = drugs.iter().find(|drug| drug["code"] == lot["drug_code"]);
        let usual = drug.and_then(|drug| drug["concentrations"].as_array());
        let usual = usual
            .into_iter()
            .flatten()
            .map(|one| (plain(&one["value"]), plain(&one["unit"])));
        let mut strengths: Vec<(String, String)> =
            known.map_or_else(|| usual.collect(), |known| vec![known]);
        if strengths.is_empty() {
            strengths.push(Default::default());
        }
        all.extend(
            strengths
                .into_iter()
                .map(|strength| choice(lot, drug, strength)),
        );
    }
    all
}

fn choice(lot: &Value, drug: Option<&Value>, (strength, unit): (String, String)) -> Choice {
    let text = |name: &str| plain(&lot[name]);
    let name = drug.map_or_else(
        || texts::code(&text("drug_code")),
        |drug| plain(&drug["name"]),
    );
    Choice {
        value: format!("{}|{}|{strength}|{unit}", text("id"), text("drug_code")),
        codes: format!("{} {} {}", text("barcode"), text("lot_number"), text("ndc")),
        words: format!(
            "{name} {strength} {} · lot {} · until {} · {} ml left",
            texts::unit(&unit),
            text("lot_number"),
            time::short_date(&lot["expires_on"]),
            text("quantity_ml")
        ),
    }
}

/// The lots in stock at the place of the visit.
pub(super) async fn lots_at(context: &Context, location: &str) -> Result<Vec<Choice>, Failure> {
    let lots = format!("/lots?status=available&location_id={location}&limit=200");
    let lots = context.list_if_any(&lots).await?;
    let drugs = context.list_if_any("/drugs?limit=200").await?;
    Ok(choices(&lots, &drugs))
}

/// The choice that a scanner or a few letters name.
pub(super) fn scanned<'c>(choices: &'c [Choice], text: &str) -> Option<&'c Choice> {
    let means = |choice: &&Choice| {
        let mut codes = choice.codes.split(' ').filter(|code| code.len() > 3);
        codes.any(|code| text.contains(code))
    };
    choices.iter().find(means)
}

pub(super) async fn drawing_up(
    context: &Context,
    seen: &Seen,
    tried: &Tried,
) -> Result<Markup, Failure> {
    let solutions = seen.solutions();
    if seen.procedure["kind"] == "dry_needling" {
        return Ok(html! { h2 { "2 · Draw up" } p.hint { "Dry needling takes no solution." } });
    }
    let location = plain(&seen.visit["location_id"]);
    let lots = if seen.is_under_way() {
        lots_at(context, &location).await?
    } else {
        Vec::new()
    };
    let again = tried.form.get("form") == Some("solution");
    Ok(html! {
        h2 { "2 · Draw up" }
        ul.rows {
            @for one in &solutions { li { (syringe(context, seen, one).await?) } }
        }
        @if seen.is_under_way() {
            details open[solutions.is_empty() || again] { summary { @if solutions.is_empty() { "Draw up the first syringe" } @else { "Draw up another" } }
                (recipe(seen, &lots, tried, again))
            }
        }
    })
}

async fn syringe(context: &Context, seen: &Seen, one: &Value) -> Result<Markup, Failure> {
    let path = format!(
        "/console/procedures/{}/solutions/{}",
        seen.id(),
        plain(&one["id"])
    );
    let parts = one["components"].as_array().into_iter().flatten();
    let parts = parts.map(|part| {
        format!(
            "{} {} ml",
            texts::code(&plain(&part["drug_code"])),
            plain(&part["volume_ml"])
        )
    });
    let parts: Vec<String> = parts.collect();
    let users = if seen.is_under_way() {
        context.list_if_any("/providers?limit=100").await?
    } else {
        Vec::new()
    };
    let users: Vec<&Value> = users
        .iter()
        .filter(|one| !one["user_id"].is_null())
        .collect();
    Ok(html! {
        div {
            b { (plain(&one["label"])) } " " span.tag { (plain(&one["left_ml"])) " of " (plain(&one["volume_ml"])) " ml left" }
            p.hint { (parts.join(", ")) @if !one["beyond_use_at"].is_null() { " · use before " (time::clock(&one["beyond_use_at"])) } }
        }
        @if seen.is_under_way() {
            details.void { summary { "Throw away or take back" }
                form.row method="post" action={ (path) "/waste" } { (version(&seen.procedure)) (once(&Tried::default()))
                    input.volume name="volume_ml" inputmode="decimal" required value=(plain(&one["left_ml"])) aria-label="Millilitres thrown away";
                    select name="witnessed_by" aria-label="Witness" required { option value="" { "Witness …" } @for user in &users { option value=(plain(&user["user_id"])) { (plain(&user["name"])) } } }
                    button.small { "Thrown away" } }
                form.row method="post" action={ (path) "/void" } { (version(&seen.procedure)) input name="reason" required aria-label="Why it is a mistake" placeholder="Why"; button.danger.small { "Entered in error" } }
            }
        }
    })
}

fn recipe(seen: &Seen, lots: &[Choice], tried: &Tried, again: bool) -> Markup {
    let typed = |name: &str| {
        tried
            .form
            .get(name)
            .filter(|_| again)
            .unwrap_or_default()
            .to_owned()
    };
    html! {
        @if lots.is_empty() { p.empty { "No lot is in stock at this location. Take one in under " a href="/console/stock" { "Stock" } "." } }
        form.recipe method="post" action={ "/console/procedures/" (seen.id()) "/solutions" } {
            (once(tried)) (hidden("form", "solution"))
            label.scan { "Scan or type a lot" input name="scan" data-scan="" autocomplete="off" placeholder="barcode or lot number" autofocus[!again]; }
            @for index in COMPONENTS {
                @let lot_name = format!("lot_{index}");
                @let volume_name = format!("volume_{index}");
                div.row.component {
                    select name=(lot_name) aria-label={ "Lot " (index + 1) } data-lot="" {
                        option value="" { @if index == 0 { "Choose a lot …" } @else { "and, if it is mixed …" } }
                        @for lot in lots { option value=(lot.value) data-codes=(lot.codes) selected[typed(&lot_name) == lot.value] { (lot.words) } }
                    }
                    label { input.volume name=(volume_name) inputmode="decimal" value=(typed(&volume_name)) aria-label={ "Millilitres of lot " (index + 1) }; " ml" }
                }
            }
            button { "Draw up" }
        }
    }
}

/// A row of the table of sites: a draft, or a point that was felt.
fn planned(seen: &Seen) -> Vec<(&Value, &'static str)> {
    if !seen.drafts.is_empty() {
        return seen.drafts.iter().map(|draft| (draft, "draft")).collect();
    }
    let injections = seen.injections();
    let is_given = |point: &Value| {
        injections
            .iter()
            .any(|one| one["point_id"] == point["point_id"])
    };
    let points = seen.points.iter();
    points
        .filter(|point| !is_given(point))
        .map(|point| (point, "point"))
        .collect()
}

pub(super) fn sites(seen: &Seen, tried: &Tried) -> Markup {
    let rows = planned(seen);
    html! {
        h2 { "3 · Sites" }
        (given(seen))
        @if seen.is_under_way() {
            @if seen.solutions().is_empty() && seen.procedure["kind"] != "dry_needling" {
                p.hint { (rows.len()) " sites are planned. Draw up first; then all of them are filled by one row." }
            } @else if rows.is_empty() {
                p.hint { "No more sites are planned. Points that you mark in the visit become sites here." }
            } @else {
                (table_of_sites(seen, &rows, tried))
            }
            @if seen.drafts.is_empty() {
                form.row method="post" action={ "/console/procedures/" (seen.id()) "/drafts" } { (once(tried))
                    button.quiet name="from" value="last_time" { "Propose the sites of last time" }
                    @if seen.procedure["kind"] == "botulinum_toxin" { button.quiet name="from" value="template" { "Propose the PREEMPT sites" } }
                }
            }
        }
    }
}

/// What was given, each with its way back in two acts.
fn given(seen: &Seen) -> Markup {
    let all = seen.procedure["injections"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    html! {
        @if !all.is_empty() {
            ol.points {
                @for one in &all {
                    @let is_void = !one["voided"].is_null();
                    li.voided[is_void] {
                        div { b { (sided(&seen.muscles.name(&plain(&one["muscle_code"])), &plain(&one["side"]))) } " " (plain(&one["volume_ml"])) " ml "
                            small { (plain(&one["needle_gauge"])) " G × " (plain(&one["needle_length_mm"])) " mm"
                                @if one["twitch_elicited"] == true { " · twitch" }
                                @if !one["pain_nrs_before"].is_null() { " · pain " (plain(&one["pain_nrs_before"])) @if !one["pain_nrs_after"].is_null() { " → " (plain(&one["pain_nrs_after"])) } } }
                            @if is_void { " " span.tag { "✕ entered in error" } small { " " (plain(&one["voided"]["reason"])) } } }
                        @if !is_void && seen.visit["status"] == "open" && seen.procedure["status"] != "voided" {
                            details.void { summary { "Mistake" span.hidden { " at " (plain(&one["muscle_code"])) } }
                                form.row method="post" action={ "/console/procedures/" (seen.id()) "/sites/" (plain(&one["id"])) "/void" } {
                                    (version(&seen.procedure)) input name="reason" required aria-label="Why it is a mistake" placeholder="Why"; button.danger.small { "Take it out" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table_of_sites(seen: &Seen, rows: &[(&Value, &str)], tried: &Tried) -> Markup {
    let solutions = seen.solutions();
    let typed = |name: &str, usual: &str| tried.form.get(name).unwrap_or(usual).to_owned();
    let is_dry = seen.procedure["kind"] == "dry_needling";
    let gauge = if seen.procedure["kind"] == "botulinum_toxin" {
        "30"
    } else {
        "25"
    };
    let length = if seen.procedure["kind"] == "botulinum_toxin" {
        "13"
    } else {
        "38"
    };
    html! {
        form.sites method="post" action={ "/console/procedures/" (seen.id()) "/sites" } {
            (once(tried)) (version(&seen.procedure))
            div.row.for-all { strong { "For all" }
                @if !is_dry {
                    label { "From" select name="solution_id" aria-label="Syringe for all" { @for one in &solutions { option value=(plain(&one["id"])) { (plain(&one["label"])) } } } }
                    label { "ml each" input.volume inputmode="decimal" data-fill="volume" name="volume_all" value=(typed("volume_all", "0.5")); }
                }
                label { "Gauge" input.volume name="needle_gauge" inputmode="numeric" value=(typed("needle_gauge", gauge)); }
                label { "Length, mm" input.volume name="needle_length_mm" inputmode="numeric" value=(typed("needle_length_mm", length)); }
                label { "Approach" select name="approach" { @for one in ["perpendicular", "tangential", "pincer"] { option value=(one) { (texts::code(one)) } } } }
                label.tick { input type="checkbox" name="aspirated" value="yes" checked; " aspirated" }
            }
            div.wide tabindex="0" role="region" aria-label="Planned sites" { table {
                thead { tr { th scope="col" { "Give" } th scope="col" { "Site" } @if !is_dry { th scope="col" { "ml" } } th scope="col" { "Twitch" } th scope="col" { "Pain before" } th scope="col" { "Pain after" } } }
                tbody {
                    @for (index, (one, kind)) in rows.iter().enumerate() { (site_row(seen, index, one, kind, is_dry)) }
                }
            } }
            p.running role="status" data-running="" {}
            button { "Record what was given" }
        }
    }
}

fn site_row(seen: &Seen, index: usize, one: &Value, kind: &str, is_dry: bool) -> Markup {
    let id = if kind == "draft" {
        plain(&one["id"])
    } else {
        plain(&one["point_id"])
    };
    let name = sided(
        &seen.muscles.name(&plain(&one["muscle_code"])),
        &plain(&one["side"]),
    );
    html! {
        tr {
            td { label.tick { input type="checkbox" name="give" value={ (index) "|" (kind) "|" (id) } checked[one["classification"] != "none"] aria-label={ "Give " (name) }; } }
            td { b { (name) } @if kind == "point" { " " small { (texts::code(&plain(&one["activity"]))) } } }
            @if !is_dry { td { input.volume name={ "volume_" (index) } inputmode="decimal" data-filled="volume" aria-label={ "Millilitres, " (name) } value=(plain(&one["volume_ml"])) placeholder="all"; } }
            td { input type="checkbox" name={ "twitch_" (index) } value="yes" aria-label={ "Twitch, " (name) }; }
            td { input.volume name={ "before_" (index) } inputmode="numeric" aria-label={ "Pain before, " (name) } value=(plain(&one["pain_nrs"])); }
            td { input.volume name={ "after_" (index) } inputmode="numeric" aria-label={ "Pain after, " (name) }; }
        }
    }
}
