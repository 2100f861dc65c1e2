//! One view with its points: the drawing in the middle, and a column of names on each side.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use super::artwork::{self, Layer};
use super::canvas::Canvas;
pub(super) use super::canvas::{COLUMN, FIELD, WIDTH};
use super::labels::{self, Anchor, LABEL_HEIGHT};
use super::marks::{self, Glyph};
use super::zones;
use crate::findings::chart::{Aspect, ChartPoint, Side, View};

/// Room for the heading above the first view.
pub(super) const HEADER: i64 = 100;

/// Height of the title above a drawing, and of the gap below it.
const TITLE: i64 = 64;
const GAP: i64 = 56;

/// The distances from the drawing at which the lines end and the names begin.
const LEADER_END: i64 = 14;
const NAME_START: i64 = 24;

/// A longer name is cut. The description of the picture has the whole name.
const NAME_LETTERS: usize = 29;

/// A longer status is written in a smaller size.
const STATUS_LETTERS: usize = 34;

/// One point of a panel.
pub(super) struct Item {
    pub(super) point_id: Uuid,
    pub(super) place: ChartPoint,
    /// The place at the earlier visit, if the point moved.
    pub(super) moved_from: Option<ChartPoint>,
    pub(super) name: String,
    /// Side and state in words.
    pub(super) status: String,
    pub(super) glyph: Glyph,
    pub(super) is_injected: bool,
    pub(super) referred: Vec<Referred>,
}

/// Where pain of a point is felt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Referred {
    pub(super) zone: String,
    pub(super) side: Side,
}

impl Item {
    /// Orders points from top to bottom. That is the order of drawing and of the description.
    pub(super) fn order(&self) -> (View, Decimal, Decimal, Uuid) {
        (
            self.place.view(),
            self.place.y(),
            self.place.x(),
            self.point_id,
        )
    }

    fn anchor(&self) -> Anchor {
        anchor(&self.place)
    }

    /// All of it in words.
    fn words(&self) -> String {
        let zones: Vec<String> = self.referred.iter().map(Referred::words).collect();
        if zones.is_empty() {
            format!("{}: {}", self.name, self.status)
        } else {
            format!(
                "{}: {}, refers to {}",
                self.name,
                self.status,
                zones.join(", ")
            )
        }
    }
}

impl Referred {
    fn words(&self) -> String {
        self.zone.replace('_', " ")
    }
}

/// So many points on one drawing are told apart by numbers.
const MANY_POINTS: usize = 9;
/// Signs that lie nearer to each other than this cover each other in part.
const NEAR: i64 = 44;

/// Rounds a place to whole thousandths of the view.
fn anchor(place: &ChartPoint) -> Anchor {
    let thousandths = |part: Decimal| {
        (part * Decimal::ONE_THOUSAND)
            .round()
            .to_i64()
            .unwrap_or_default()
    };
    Anchor {
        x: thousandths(place.x()),
        y: thousandths(place.y()),
    }
}

/// A view that has points.
pub(super) struct Panel<'item> {
    view: View,
    /// The points on the viewer's left half and on the right one, from top to bottom.
    halves: [Vec<&'item Item>; 2],
}

impl<'item> Panel<'item> {
    /// Makes the panel of one view. The points come sorted from top to bottom. Returns `None` when
    /// there are no points.
    pub(super) fn of(view: View, items: Vec<&'item Item>) -> Option<Self> {
        if items.is_empty() {
            return None;
        }
        let (left, right) = items
            .into_iter()
            .partition(|item| item.anchor().x < FIELD / 2);
        Some(Self {
            view,
            halves: [left, right],
        })
    }

    /// The height that the panel takes in the picture.
    pub(super) fn height(&self) -> i64 {
        TITLE + self.field_height() + GAP
    }

    /// Describes the panel in words.
    pub(super) fn description(&self) -> String {
        let points: Vec<String> = self
            .halves
            .iter()
            .flatten()
            .map(|item| item.words())
            .collect();
        format!("{}: {}.", self.view.title(), points.join("; "))
    }

    /// Whether the points lie so dense that numbers tell them apart.
    fn is_numbered(&self) -> bool {
        let anchors: Vec<Anchor> = self
            .halves
            .iter()
            .flatten()
            .map(|item| item.anchor())
            .collect();
        let is_near = |one: &Anchor, other: &Anchor| {
            (one.x - other.x).abs() < NEAR && (one.y - other.y).abs() < NEAR
        };
        let mut rest = anchors.as_slice();
        while let Some((one, others)) = rest.split_first() {
            if others.iter().any(|other| is_near(one, other)) {
                return true;
            }
            rest = others;
        }
        anchors.len() >= MANY_POINTS
    }

    /// The number of each point, counted down the names of the left column, then of the right.
    fn numbered(&self) -> impl Iterator<Item = (usize, &&'item Item)> {
        self.halves
            .iter()
            .flatten()
            .zip(1..)
            .map(|(item, number)| (number, item))
    }

    /// Draws the title, the view, the points and their names below `top`.
    pub(super) fn draw(&self, canvas: &mut Canvas, top: i64, referred: &[&Referred]) {
        canvas.text("view", WIDTH / 2, top + 36, self.view.title());
        canvas.open_at("panel", COLUMN, top + TITLE);
        draw_field(canvas, self.view);
        self.draw_referred(canvas, referred);
        let [left, right] = &self.halves;
        let numbers = self.is_numbered();
        let first = |number: usize| numbers.then_some(number);
        self.draw_names(canvas, left, -LEADER_END, first(1));
        self.draw_names(canvas, right, FIELD + LEADER_END, first(left.len() + 1));
        // Frames are drawn before signs, so that no frame hides the sign of a neighbour.
        for item in self.halves.iter().flatten().filter(|item| item.is_injected) {
            let Anchor { x, y } = item.anchor();
            marks::draw_injected(canvas, x, y);
        }
        for item in self.halves.iter().flatten() {
            draw_point(canvas, item);
        }
        if numbers {
            for (number, item) in self.numbered() {
                let Anchor { x, y } = item.anchor();
                canvas.text("number", x + 17, y - 13, &number.to_string());
            }
        }
        canvas.close();
    }

    /// Shades the places where pain of any point is felt, each once.
    fn draw_referred(&self, canvas: &mut Canvas, referred: &[&Referred]) {
        let each: BTreeSet<&Referred> = referred.iter().copied().collect();
        for one in each {
            if let Some(place) = zones::place_of(&one.zone, one.side, self.view) {
                canvas.open("class=\"zone\"");
                canvas.title(&format!("referred pain: {}", one.words()));
                canvas.ellipse("referred", (place.x, place.y), (place.width, place.height));
                canvas.close();
            }
        }
    }

    fn field_height(&self) -> i64 {
        let longest = self.halves.iter().map(Vec::len).max().unwrap_or_default();
        let names = i64::try_from(longest).unwrap_or_default() * LABEL_HEIGHT;
        names.max(FIELD)
    }

    fn draw_names(
        &self,
        canvas: &mut Canvas,
        items: &[&Item],
        column_x: i64,
        first_number: Option<usize>,
    ) {
        let anchors: Vec<Anchor> = items.iter().map(|item| item.anchor()).collect();
        let middles = labels::place(&anchors, column_x, self.field_height());
        let is_left = column_x < 0;
        let (suffix, text_x) = if is_left {
            (" before", -NAME_START)
        } else {
            ("", FIELD + NAME_START)
        };
        for (index, ((item, anchor), middle)) in items.iter().zip(&anchors).zip(middles).enumerate()
        {
            let leader = format!("M{column_x} {middle}L{} {}", anchor.x, anchor.y);
            canvas.path("leader", &leader);
            let name = format!("name{suffix}");
            let shown = match first_number {
                Some(first) => format!("{} \u{b7} {}", first + index, shortened(&item.name)),
                None => shortened(&item.name),
            };
            canvas.text(&name, text_x, middle - 3, &shown);
            let is_long = item.status.chars().count() > STATUS_LETTERS;
            let status = if is_long { "status small" } else { "status" };
            canvas.text(
                &format!("{status}{suffix}"),
                text_x,
                middle + 26,
                &item.status,
            );
        }
    }
}

fn draw_point(canvas: &mut Canvas, item: &Item) {
    let Anchor { x, y } = item.anchor();
    canvas.open("class=\"point\"");
    canvas.title(&item.words());
    if let Some(from) = &item.moved_from {
        let from = anchor(from);
        canvas.path("moved", &format!("M{} {}L{x} {y}", from.x, from.y));
    }
    item.glyph.draw(canvas, x, y);
    canvas.close();
}

/// Draws the body and the letters of the sides, without points.
pub(super) fn draw_field(canvas: &mut Canvas, view: View) {
    canvas.path("field", FIELD_OUTLINE);
    canvas.open("clip-path=\"url(#tp-field)\"");
    let artwork = artwork::of(view);
    let is_turned = artwork::is_turned(view);
    if is_turned {
        canvas.open(MIRRORED);
    }
    for layer in &artwork.layers {
        draw_layer(canvas, layer);
    }
    if is_turned {
        canvas.close();
    }
    for landmark in &artwork.landmarks {
        let (class, x) = if is_turned {
            ("landmark before", FIELD - landmark.x)
        } else {
            ("landmark", landmark.x)
        };
        canvas.text(class, x, landmark.y, &landmark.name);
    }
    canvas.close();
    draw_sides(canvas, view);
}

/// The field with rounded corners.
const FIELD_OUTLINE: &str = "M24 0H976A24 24 0 0 1 1000 24V976A24 24 0 0 1 976 1000H24\
    A24 24 0 0 1 0 976V24A24 24 0 0 1 24 0Z";

const MIRRORED: &str = "transform=\"matrix(-1 0 0 1 1000 0)\"";

fn draw_layer(canvas: &mut Canvas, layer: &Layer) {
    canvas.open(&format!("class=\"{}\"", layer.class));
    for path in &layer.half {
        canvas.bare_path(path);
    }
    if !layer.half.is_empty() {
        canvas.open(MIRRORED);
        for path in &layer.half {
            canvas.bare_path(path);
        }
        canvas.close();
    }
    for path in &layer.whole {
        canvas.bare_path(path);
    }
    canvas.close();
}

/// Draws the letters of the patient's own sides. A profile shows one side, and its letter is drawn
/// in front of the face.
fn draw_sides(canvas: &mut Canvas, view: View) {
    let (left_x, right_x) = (48, FIELD - 48);
    let letters = match view.aspect() {
        Aspect::Posterior => [Some((left_x, "L")), Some((right_x, "R"))],
        Aspect::Anterior => [Some((left_x, "R")), Some((right_x, "L"))],
        Aspect::Lateral(Side::Right) => [None, Some((right_x, "R"))],
        Aspect::Lateral(_) => [Some((left_x, "L")), None],
    };
    for (x, letter) in letters.into_iter().flatten() {
        canvas.text("side", x, 72, letter);
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(NAME_LETTERS - 1).collect();
    short.push('…');
    short
}
