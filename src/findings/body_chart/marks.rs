//! The signs of the points. Each sign has its own shape and filling, so that it can be read without
//! colour.

use super::Mark;
use super::canvas::Canvas;
use super::difference::Change;

/// A sign on the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glyph {
    /// The finding of one visit.
    Of(Mark),
    /// The change of a point between two visits.
    Change(Change),
}

const DISC: &str = "M-15 0a15 15 0 1 0 30 0a15 15 0 1 0 -30 0Z";
const RING: &str = "M-13 0a13 13 0 1 0 26 0a13 13 0 1 0 -26 0Z";
const HALO: &str = "M-20 0a20 20 0 1 0 40 0a20 20 0 1 0 -40 0Z";
const DIAMOND: &str = "M0 -18L18 0L0 18L-18 0Z";
const TRIANGLE: &str = "M0 -18L18 14L-18 14Z";
const SQUARE: &str = "M-14 -14H14V14H-14Z";
const CROSS: &str = "M-8 -8L8 8M-8 8L8 -8";
const PLUS: &str = "M0 -8V8M-8 0H8";
const EQUALS: &str = "M-7 -4H7M-7 4H7";
const DOWN: &str = "M0 -9V8M-6 2L0 8L6 2";
const UP: &str = "M0 9V-8M-6 -2L0 -8L6 -2";
const SHIELD: &str = "M-17 -15H17V3L0 19L-17 3Z";
const HOUSE: &str = "M-17 15H17V-3L0 -19L-17 -3Z";

impl Glyph {
    /// Draws the sign around a place.
    pub(super) fn draw(self, canvas: &mut Canvas, x: i64, y: i64) {
        canvas.open_at("mark", x, y);
        canvas.path("halo", HALO);
        match self {
            Self::Of(mark) => draw_mark(canvas, mark),
            Self::Change(change) => draw_change(canvas, change),
        }
        canvas.close();
    }
}

/// Draws the frame of an injected point. The sign of the point is drawn over it.
pub(super) fn draw_injected(canvas: &mut Canvas, x: i64, y: i64) {
    canvas.open_at("injected", x, y);
    canvas.path("frame", "M-24 -24H24V24H-24Z");
    canvas.path("needle", "M24 -24L42 -42M36 -48L48 -36");
    canvas.close();
}

fn draw_mark(canvas: &mut Canvas, mark: Mark) {
    let class = mark.as_str();
    match mark {
        Mark::Active => canvas.path(class, DISC),
        Mark::Latent => canvas.path(class, DIAMOND),
        Mark::TenderPoint => canvas.path(class, TRIANGLE),
        Mark::Unclassified => canvas.path(class, RING),
        Mark::Resolved => {
            canvas.path("resolved-ring", DISC);
            canvas.path(class, CROSS);
        }
    }
}

fn draw_change(canvas: &mut Canvas, change: Change) {
    let (outline, class, sign) = match change {
        Change::New => (DISC, "sign", PLUS),
        Change::Gone => (DISC, "sign-dark", CROSS),
        Change::Persisting => (SQUARE, "sign", EQUALS),
        Change::Better => (SHIELD, "sign-dark", DOWN),
        Change::Worse => (HOUSE, "sign-dark", UP),
        Change::NotExamined => (RING, "sign-dark", "M0 0h.1"),
    };
    canvas.path(change.as_str(), outline);
    canvas.path(class, sign);
}
