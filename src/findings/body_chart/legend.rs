//! The legend: rows of samples under the drawings that explain the signs.

use super::Mark;
use super::canvas::Canvas;
use super::difference::Change;
use super::marks::{self, Glyph};
use super::panel::WIDTH;
use crate::findings::chart::CHART_VERSION;

/// One sign and its meaning.
pub(super) struct Sample {
    sign: Sign,
    words: &'static str,
}

/// What is drawn before the words.
#[derive(Clone, Copy)]
enum Sign {
    Of(Glyph),
    Injected,
    Referred,
}

const fn mark(mark: Mark, words: &'static str) -> Sample {
    Sample {
        sign: Sign::Of(Glyph::Of(mark)),
        words,
    }
}

const fn change(change: Change, words: &'static str) -> Sample {
    Sample {
        sign: Sign::Of(Glyph::Change(change)),
        words,
    }
}

const INJECTED: Sample = Sample {
    sign: Sign::Injected,
    words: "Injected (frame around the sign)",
};

const REFERRED: Sample = Sample {
    sign: Sign::Referred,
    words: "Referred pain (shaded)",
};

/// The signs of one visit.
pub(super) const OF_A_VISIT: &[Sample] = &[
    mark(Mark::Active, "Active trigger point"),
    mark(Mark::Latent, "Latent trigger point"),
    mark(Mark::TenderPoint, "Tender point"),
    mark(Mark::Unclassified, "Unclassified"),
    mark(Mark::Resolved, "Resolved"),
    INJECTED,
    REFERRED,
];

/// The signs between two visits.
pub(super) const OF_A_DIFFERENCE: &[Sample] = &[
    change(Change::New, "New"),
    change(Change::Gone, "Gone"),
    change(Change::Persisting, "Unchanged"),
    change(Change::Better, "Better"),
    change(Change::Worse, "Worse"),
    change(Change::NotExamined, "Not examined again"),
    INJECTED,
    REFERRED,
];

const COLUMNS: usize = 3;
const ROW: i64 = 84;

/// How much of the picture's height the legend takes.
pub(super) fn height(samples: &[Sample]) -> i64 {
    rows(samples) * ROW + 90
}

fn rows(samples: &[Sample]) -> i64 {
    i64::try_from(samples.len().div_ceil(COLUMNS)).unwrap_or_default()
}

/// Draws the samples below `top`.
pub(super) fn draw(canvas: &mut Canvas, samples: &[Sample], top: i64) {
    let foot = format!(
        "L and R are the patient's left and right. Schematic drawing, version {CHART_VERSION}."
    );
    let mut y = top + 40;
    for row in samples.chunks(COLUMNS) {
        let mut x = 240;
        for sample in row {
            match sample.sign {
                Sign::Of(glyph) => glyph.draw(canvas, x, y),
                Sign::Injected => marks::draw_injected(canvas, x, y),
                Sign::Referred => canvas.ellipse("referred", (x, y), (28, 20)),
            }
            canvas.text("status", x + 62, y + 9, sample.words);
            x += 590;
        }
        y += ROW;
    }
    canvas.text("status foot", WIDTH / 2, y + 4, &foot);
}
