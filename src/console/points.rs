//! The points of a visit: asked about by click or by typing, felt, and taken back.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::address::encoded;
use super::body::{Candidate, Place, sided};
use super::context::{Context, Failure};
use super::fields::{Field, Tried, hidden, once, plain, version};
use super::form::Form;
use super::texts;
use super::time;
use super::visit_seen::Seen;

/// What is asked about.
pub(super) enum Asked {
    /// A place that was clicked on.
    Clicked { view: String, place: Place },
    /// A few letters of a muscle.
    Typed(String),
    /// A point that was felt at an earlier visit.
    Again(String),
}

impl Asked {
    pub(super) fn of(form: &Form) -> Option<Self> {
        if let Some(point_id) = form.get("again") {
            return Some(Self::Again(point_id.to_owned()));
        }
        if let Some(typed) = form.get("muscle") {
            return Some(Self::Typed(typed.to_owned()));
        }
        let exact = form.get("x").zip(form.get("y"));
        let exact = exact.and_then(|(x, y)| Place::of(x, y));
        let clicked = form.get("at.x").zip(form.get("at.y"));
        let clicked = clicked.and_then(|(x, y)| Place::clicked(x, y));
        let place = exact.or(clicked)?;
        let view = form.get("view")?.to_owned();
        Some(Self::Clicked { view, place })
    }

    fn candidates(&self, seen: &Seen) -> Vec<Candidate> {
        match self {
            Self::Clicked { view, place } => seen.muscles.near(view, *place),
            Self::Typed(text) => seen.muscles.typed(text),
            Self::Again(_) => Vec::new(),
        }
    }

    fn earlier<'s>(&self, seen: &'s Seen) -> Option<&'s Value> {
        let Self::Again(point_id) = self else {
            return None;
        };
        let mut earlier = seen.earlier.iter();
        earlier.find(|point| plain(&point["point_id"]) == *point_id)
    }

    pub(super) fn view(&self, seen: &Seen) -> Option<String> {
        match self {
            Self::Clicked { view, .. } => Some(view.clone()),
            Self::Typed(_) => self
                .candidates(seen)
                .first()
                .map(|first| first.view.clone()),
            Self::Again(_) => self.earlier(seen).map(|point| plain(&point["view"])),
        }
    }

    pub(super) fn place(&self, seen: &Seen) -> Option<Place> {
        match self {
            Self::Clicked { place, .. } => Some(*place),
            Self::Typed(_) => self.candidates(seen).first().map(|first| first.place),
            Self::Again(_) => Place::shown_at(self.earlier(seen)?),
        }
    }
}

/// What is sent to the route, and the place to show again when it is refused.
pub(super) struct Palpation {
    pub(super) body: Value,
    pub(super) asked: Option<Asked>,
}

/// What is felt at a point, and the key that says yes to it.
const FINDINGS: [(&str, &str); 7] = [
    ("taut_band", "Taut band"),
    ("hypersensitive_spot", "Hypersensitive spot"),
    ("pain_recognised", "Pain recognised"),
    ("referred_pain", "Referred pain"),
    ("local_twitch", "Local twitch"),
    ("jump_sign", "Jump sign"),
    ("palpable_nodule", "Palpable nodule"),
];

/// The form in which what was felt is recorded.
pub(super) async fn form(
    context: &Context,
    seen: &Seen,
    asked: &Asked,
    tried: &Tried,
) -> Result<Markup, Failure> {
    let candidates = asked.candidates(seen);
    let earlier = asked.earlier(seen);
    if candidates.is_empty() && earlier.is_none() {
        return Ok(
            html! { p.empty role="status" { "No muscle is called that. Try fewer letters, such as " b { "spl r" } " for the right splenius." } },
        );
    }
    let last = earlier.and_then(|point| point["palpations"].as_array()?.last().cloned());
    let last = last.unwrap_or_default();
    let same = if let Some(first) = candidates.first() {
        proposals(context, seen, first).await?
    } else {
        Vec::new()
    };
    let place = asked.place(seen);
    Ok(html! {
        form.point method="post" action={ "/console/visits/" (seen.id()) "/points" } data-point="" {
            (once(tried)) (hidden("form", "point"))
            @if let Some(place) = place {
                input #x type="hidden" name="x" value=(place.x()); input #y type="hidden" name="y" value=(place.y());
            }
            (which(&candidates, earlier))
            p.hint #place role="status" aria-live="polite" {}
            (same_as(&same, earlier, context))
            (felt(&last, earlier.is_some()))
            div.actions { button { "Record the point" } a.button.quiet href={ "/console/visits/" (seen.id()) } { "Leave it" } }
        }
    })
}

async fn proposals(
    context: &Context,
    seen: &Seen,
    first: &Candidate,
) -> Result<Vec<Value>, Failure> {
    let path = format!(
        "/visits/{}/point-proposals?muscle_code={}&side={}&view={}&x={}&y={}",
        seen.id(),
        encoded(&first.code),
        first.side,
        first.view,
        first.place.x(),
        first.place.y()
    );
    context.list_if_any(&path).await
}

/// The muscle, chosen among those that are meant.
fn which(candidates: &[Candidate], earlier: Option<&Value>) -> Markup {
    html! {
        @if let Some(point) = earlier {
            h3 { (sided(&plain(&point["muscle_name"]), &plain(&point["side"]))) }
            (hidden("muscle", &again_value(point)))
        } @else {
            fieldset.pick {
                legend { "Which muscle is it?" }
                @for (index, one) in candidates.iter().enumerate() {
                    label.tick { input type="radio" name="muscle" value=(one.value()) checked[index == 0] autofocus[index == 0];
                        " " (one.words()) @if !one.cautions.is_empty() { " " small { "▲ " (one.cautions.join(", ")) } } }
                }
            }
        }
    }
}

fn again_value(point: &Value) -> String {
    let place = Place::shown_at(point);
    let (x, y) = place.map_or_else(Default::default, |place| (place.x(), place.y()));
    let text = |name: &str| plain(&point[name]);
    format!(
        "{}|{}|{}|{x}|{y}",
        text("muscle_code"),
        text("side"),
        text("view")
    )
}

/// Whether it is a new point or one that was felt before.
fn same_as(proposals: &[Value], earlier: Option<&Value>, context: &Context) -> Markup {
    html! {
        @if let Some(point) = earlier {
            (hidden("same_as", &plain(&point["point_id"])))
        } @else if !proposals.is_empty() {
            fieldset.pick { legend { "Is it a point that you know?" }
                label.tick { input type="radio" name="same_as" value="" checked; " a new point" }
                @for one in proposals.iter().take(3) {
                    label.tick { input type="radio" name="same_as" value=(plain(&one["point_id"]));
                        " the same as " (sided(&plain(&one["muscle_name"]), &plain(&one["side"]))) " felt " (time::day_in(&one["recorded_at"], context.zone())) }
                }
            }
        }
    }
}

/// The findings. What is copied from an earlier visit is only a proposal, and says so.
fn felt(last: &Value, is_copied: bool) -> Markup {
    let none = Tried::default();
    let now = |name: &str| {
        let known = last[name].as_str();
        known.unwrap_or("not_assessed").to_owned()
    };
    let tenderness = if last.is_null() {
        json!(2)
    } else {
        last["tenderness_grade"].clone()
    };
    html! {
        @if is_copied { p.copied { "▲ Copied from last time. Feel the point again and correct what is different; nothing is recorded until you do." } }
        div.findings {
            @for (index, (name, label)) in FINDINGS.iter().enumerate() {
                fieldset.finding data-key=(index + 1) {
                    legend { kbd { (index + 1) } " " (label) }
                    @for (value, words) in [("yes", "Yes"), ("no", "No"), ("not_assessed", "–")] {
                        label { input type="radio" name=(name) value=(value) checked[now(name) == value]; span { (words) @if value == "not_assessed" { span.hidden { "not assessed" } } } }
                    }
                }
            }
        }
        div.row.measures {
            (Field::new(&none, "tenderness_grade", "Tenderness 0–4").kind("number").value(&tenderness).required())
            (Field::new(&none, "pain_nrs", "Pain 0–10").kind("number"))
            (Field::new(&none, "pressure_threshold_kpa", "Pressure, kPa").kind("number"))
            (Field::new(&none, "note", "Note"))
        }
    }
}

/// What was felt today, then what was felt before and not again.
pub(super) fn listed(seen: &Seen) -> Markup {
    let again = |point: &Value| point["activity"] != "none";
    let earlier: Vec<&Value> = seen.earlier.iter().filter(|point| again(point)).collect();
    html! {
        h2 { "Points felt today" }
        @if seen.found.is_empty() { p.hint { "None yet." @if seen.is_open() { " Click on the chart, or type a muscle." } } }
        ol.points {
            @for one in &seen.found { li { (felt_today(seen, one)) } }
        }
        @if seen.is_open() && !earlier.is_empty() {
            h3 { "Felt before, not yet today" }
            ul.rows {
                @for point in earlier {
                    li {
                        span { (sided(&plain(&point["muscle_name"]), &plain(&point["side"]))) " " small { (texts::code(&plain(&point["activity"]))) ", " (texts::code(&plain(&point["course"]))) } }
                        form.act method="post" action={ "/console/visits/" (seen.id()) "/place#chart" } { (hidden("again", &plain(&point["point_id"]))) button.small { "Feel again" span.hidden { ": " (plain(&point["muscle_name"])) } } }
                    }
                }
            }
        }
    }
}

fn felt_today(seen: &Seen, one: &Value) -> Markup {
    let yes = FINDINGS.iter().filter(|(name, _)| one[*name] == "yes");
    let yes: Vec<String> = yes.map(|(_, label)| label.to_lowercase()).collect();
    let activity = plain(&one["activity"]);
    html! {
        div {
            b { (sided(&plain(&one["muscle_name"]), &plain(&one["side"]))) } " "
            span.tag.(activity) { @if activity == "none" { (texts::code(&plain(&one["classification"]))) } @else { (texts::code(&activity)) ", " (plain(&one["classification"])) } }
            " " small { (texts::code(&plain(&one["course"]))) }
            p.hint { @if yes.is_empty() { "nothing found" } @else { (yes.join(", ")) } " · tenderness " (plain(&one["tenderness_grade"]))
                @if !one["pressure_threshold_kpa"].is_null() { " · " (plain(&one["pressure_threshold_kpa"])) " kPa" } }
        }
        @if seen.is_open() {
            details.void { summary { "Mistake" span.hidden { " in " (plain(&one["muscle_name"])) } }
                form.row method="post" action={ "/console/visits/" (seen.id()) "/points/" (plain(&one["id"])) "/void" } {
                    (version(one)) input name="reason" required aria-label="Why it is a mistake" placeholder="Why"; button.danger.small { "Take it out" }
                }
            }
        }
    }
}

/// What the form says was felt.
pub(super) fn palpation_of(form: &Form) -> Palpation {
    let muscle = form.get("muscle").unwrap_or_default().to_owned();
    let parts: Vec<&str> = muscle.split('|').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default().to_owned();
    // A place that was nudged is the form's; else that of the muscle.
    let nudged = form.has("nudged");
    let place = |name: &str, index: usize| {
        let nudged = form.get(name).filter(|_| nudged);
        nudged.map_or_else(|| part(index), str::to_owned)
    };
    let mut body = json!({
        "muscle_code": part(0), "side": part(1), "view": part(2), "x": place("x", 3), "y": place("y", 4),
        "same_as": form.text("same_as"), "tenderness_grade": form.integer("tenderness_grade"),
        "pain_nrs": form.integer("pain_nrs"), "pressure_threshold_kpa": form.text("pressure_threshold_kpa"),
        "note": form.text("note"),
    });
    for (name, _) in FINDINGS {
        body[name] = form.text(name);
    }
    let asked = Place::of(&place("x", 3), &place("y", 4)).map(|place| Asked::Clicked {
        view: part(2),
        place,
    });
    Palpation { body, asked }
}
