//! The body chart on a page: where a muscle lies, what lies near a place, and how both are drawn.
//!
//! Only the usual places of the catalogue are compared here, so that the likely muscles come first.
//! Whether muscle, side and place agree is for the route to say.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::Value;

use crate::findings::{self, View};

use super::context::{Context, Failure};
use super::fields::{hidden, plain};
use super::texts;

/// A drawing is shown so many pixels wide; a click without a script comes back in them.
const SHOWN_PIXELS: i64 = 520;

pub(super) fn configure(services: &mut web::ServiceConfig) {
    services.route("/drawings/{view}.svg", web::get().to(drawing));
}

/// A view without points. Every browser keeps it.
async fn drawing(view: web::Path<String>) -> HttpResponse {
    let known = View::ALL.iter().find(|known| known.as_str() == *view);
    let Some(known) = known else {
        return HttpResponse::NotFound().finish();
    };
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .content_type("image/svg+xml")
        .body(findings::render_view(*known))
}

/// A place in a view, in ten-thousandths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    x: i64,
    y: i64,
}

impl Place {
    /// Two coordinates from 0 to 1 as the routes write them.
    pub(super) fn of(x: &str, y: &str) -> Option<Self> {
        let (x, y) = (ten_thousandths(x)?, ten_thousandths(y)?);
        Some(Self { x, y })
    }

    pub(super) fn shown_at(of: &Value) -> Option<Self> {
        Self::of(&plain(&of["x"]), &plain(&of["y"]))
    }

    /// Where a drawing was clicked on, in pixels.
    pub(super) fn clicked(x: &str, y: &str) -> Option<Self> {
        let scaled = |pixels: &str| {
            let pixels = pixels.parse::<i64>().ok()?;
            Some((pixels * 10_000 / SHOWN_PIXELS).clamp(0, 10_000))
        };
        Some(Self {
            x: scaled(x)?,
            y: scaled(y)?,
        })
    }

    const fn mirrored(self) -> Self {
        Self {
            x: 10_000 - self.x,
            y: self.y,
        }
    }

    const fn distance(self, other: Self) -> i64 {
        let (across, down) = (self.x - other.x, self.y - other.y);
        across * across + down * down
    }

    pub(super) fn x(self) -> String {
        decimal(self.x)
    }

    pub(super) fn y(self) -> String {
        decimal(self.y)
    }

    /// For the attribute of a drawing that is a thousand wide.
    fn moved(self) -> String {
        format!("translate({} {})", self.x / 10, self.y / 10)
    }
}

fn ten_thousandths(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<i64>().ok()?;
    let rest: String = rest.chars().chain("0000".chars()).take(4).collect();
    Some(whole * 10_000 + rest.parse::<i64>().ok()?)
}

fn decimal(value: i64) -> String {
    format!("{}.{:04}", value / 10_000, value % 10_000)
}

/// A muscle of one side, and where it is meant.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) code: String,
    pub(super) name: String,
    latin: String,
    pub(super) side: &'static str,
    pub(super) view: String,
    pub(super) place: Place,
    pub(super) cautions: Vec<String>,
}

impl Candidate {
    /// How a form carries it.
    pub(super) fn value(&self) -> String {
        let Self {
            code, side, view, ..
        } = self;
        format!("{code}|{side}|{view}|{}|{}", self.place.x(), self.place.y())
    }

    /// As people say it: `Left upper trapezius`.
    pub(super) fn words(&self) -> String {
        sided(&self.name, self.side)
    }

    fn is_typed(&self, typed: &[String]) -> bool {
        let words = format!("{} {} {}", self.side, self.name, self.latin).to_lowercase();
        let words: Vec<&str> = words
            .split(|letter: char| !letter.is_alphanumeric())
            .collect();
        let is_known = |token: &String| words.iter().any(|word| word.starts_with(token.as_str()));
        typed.iter().all(is_known)
    }
}

/// A muscle with its side before it.
pub(super) fn sided(name: &str, side: &str) -> String {
    match side {
        "left" => format!("Left {}", lowered(name)),
        "right" => format!("Right {}", lowered(name)),
        _ => name.to_owned(),
    }
}

fn lowered(name: &str) -> String {
    // Abbreviations such as SCM keep their letters.
    if name
        .chars()
        .take(2)
        .filter(|letter| letter.is_uppercase())
        .count()
        == 2
    {
        return name.to_owned();
    }
    let mut letters = name.chars();
    let first = letters
        .next()
        .map(|first| first.to_lowercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

fn mirror(view: &str) -> &str {
    match view {
        "HN_LAT_L" => "HN_LAT_R",
        "HN_LAT_R" => "HN_LAT_L",
        same => same,
    }
}

/// The muscles of the catalogue, each side with each of its usual places.
pub(super) struct Muscles(Vec<Candidate>);

impl Muscles {
    pub(super) async fn read(context: &Context) -> Result<Self, Failure> {
        let muscles = context.list("/muscles?limit=200").await?;
        Ok(Self(muscles.iter().flat_map(sides_of).collect()))
    }

    pub(super) fn name(&self, code: &str) -> String {
        let known = self.0.iter().find(|known| known.code == code);
        known.map_or_else(|| texts::code(code), |known| known.name.clone())
    }

    /// What lies near a place, the nearest first.
    pub(super) fn near(&self, view: &str, place: Place) -> Vec<Candidate> {
        let mut there: Vec<&Candidate> = self.0.iter().filter(|one| one.view == view).collect();
        there.sort_by_key(|one| one.place.distance(place));
        let there = there.into_iter().map(|one| Candidate {
            place,
            ..one.clone()
        });
        firsts(there, 6)
    }

    /// What a few letters of side and muscle may mean, such as `tra u l`.
    pub(super) fn typed(&self, text: &str) -> Vec<Candidate> {
        let typed = text.to_lowercase();
        let typed: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
        let mut meant: Vec<&Candidate> = self.0.iter().filter(|one| one.is_typed(&typed)).collect();
        meant.sort_by_key(|one| one.name.len());
        firsts(meant.into_iter().cloned(), 8)
    }

    pub(super) fn all_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.iter().map(Candidate::words).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The first of each muscle and side.
fn firsts(candidates: impl Iterator<Item = Candidate>, most: usize) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for one in candidates {
        let is_kept = |kept: &Candidate| kept.code == one.code && kept.side == one.side;
        if kept.len() < most && !kept.iter().any(is_kept) {
            kept.push(one);
        }
    }
    kept
}

fn sides_of(muscle: &Value) -> Vec<Candidate> {
    let points = muscle["chart_points"].as_array();
    let cautions = muscle["cautions"].as_array().into_iter().flatten();
    let cautions: Vec<String> = cautions.map(|one| texts::caution(&plain(one))).collect();
    let is_paired = muscle["paired"] == true;
    let mut sides = Vec::new();
    for point in points.into_iter().flatten() {
        let Some(place) = Place::shown_at(point) else {
            continue;
        };
        let view = plain(&point["view"]);
        let one = |side: &'static str, view: &str, place: Place| Candidate {
            code: plain(&muscle["code"]),
            name: plain(&muscle["name"]),
            latin: plain(&muscle["latin"]),
            side,
            view: view.to_owned(),
            place,
            cautions: cautions.clone(),
        };
        if is_paired {
            sides.push(one("left", &view, place));
            sides.push(one("right", mirror(&view), place.mirrored()));
        } else {
            sides.push(one("midline", &view, place));
        }
    }
    sides
}

/// A mark on the drawing.
pub(super) struct Mark<'m> {
    pub(super) of: &'m Value,
    /// Its number in the list beside the drawing; none for what was found before.
    pub(super) number: Option<usize>,
}

/// One view with its marks. Where `action` is given, a click on it asks what lies there.
pub(super) fn canvas(
    view: &str,
    marks: &[Mark<'_>],
    chosen: Option<Place>,
    action: Option<&str>,
) -> Markup {
    let title = texts::code(view);
    let drawing = format!("/console/drawings/{view}.svg");
    let marks = html! {
        svg viewBox="0 0 1000 1000" aria-hidden="true" {
            @for mark in marks.iter().filter(|mark| mark.of["view"] == view) {
                @if let Some(place) = Place::shown_at(mark.of) { (drawn(mark, place)) }
            }
            @if let Some(place) = chosen { g.pt.chosen data-mark="" transform=(place.moved()) { circle r="24" {} circle.core r="5" {} } }
        }
    };
    html! {
        @if let Some(action) = action {
            form.canvas method="post" action=(action) data-chart="" {
                (hidden("view", view))
                input type="image" name="at" src=(drawing) width=(SHOWN_PIXELS) height=(SHOWN_PIXELS) alt={ (title) ": click where the point is" };
                (marks)
            }
        } @else {
            div.canvas { img src=(drawing) width=(SHOWN_PIXELS) height=(SHOWN_PIXELS) alt=(title); (marks) }
        }
    }
}

fn drawn(mark: &Mark<'_>, place: Place) -> Markup {
    let activity = plain(&mark.of["activity"]);
    html! {
        @if let Some(number) = mark.number {
            g.pt.(activity) transform=(place.moved()) { circle r="21" {} text y="9" { (number) } }
        } @else {
            g.pt.ghost transform=(place.moved()) { circle r="19" {} }
        }
    }
}

/// The views as tabs, each with the number of its points.
pub(super) fn views(current: &str, count: impl Fn(&str) -> usize) -> Markup {
    html! {
        nav.views aria-label="Views of the body" {
            @for view in View::ALL {
                @let code = view.as_str();
                @let points = count(code);
                a href={ "?view=" (code) "#chart" } aria-current=[(code == current).then_some("true")] {
                    (texts::view(code)) @if points > 0 { " " span.count { (points) span.hidden { " points" } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_written_without_rounding() {
        let place = Place::of("0.0315", "1").unwrap();
        assert_eq!(
            (place.x(), place.y()),
            ("0.0315".to_owned(), "1.0000".to_owned())
        );
        assert_eq!(place.mirrored().x(), "0.9685");
    }
}
