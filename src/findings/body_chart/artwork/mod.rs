//! Our own drawings of the seven views, as data: lines and shapes on a field of 1000 by 1000.
//!
//! A symmetric view is drawn once as its left half and mirrored in the middle; the right profile is
//! the left one mirrored. Every drawing is laid over the chart's landmarks and the catalogue's usual
//! places, so that a point placed by coordinates falls on the muscle it names. Points of the past
//! were placed on these lines: a change that moves an outline is a new chart version.

mod chest;
mod head_neck_anterior;
mod head_neck_lateral;
mod head_neck_posterior;
mod low_back;
mod upper_back;

use crate::findings::chart::View;

/// What a shape shows, in the order of painting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// The silhouette.
    Skin,
    /// Hair, or a soft shadow.
    Shade,
    /// Strands of hair.
    Hair,
    /// A bone felt or seen under the skin.
    Bone,
    /// A bone's edge or crest.
    Ridge,
    /// A muscle lying under others.
    DeepMuscle,
    /// A muscle lying under the skin.
    Muscle,
    /// The course of a muscle's fibres.
    Fibre,
    /// Features of the surface: eyes, ears, folds.
    Detail,
    /// The body's outline.
    Edge,
}

impl Layer {
    pub(super) const ALL: [Self; 10] = [
        Self::Skin,
        Self::Shade,
        Self::Hair,
        Self::Bone,
        Self::Ridge,
        Self::DeepMuscle,
        Self::Muscle,
        Self::Fibre,
        Self::Detail,
        Self::Edge,
    ];

    /// The word the style sheet knows this layer by.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Skin => "skin",
            Self::Shade => "shade",
            Self::Hair => "hair",
            Self::Bone => "bone",
            Self::Ridge => "ridge",
            Self::DeepMuscle => "deep",
            Self::Muscle => "muscle",
            Self::Fibre => "fibre",
            Self::Detail => "detail",
            Self::Edge => "edge",
        }
    }
}

/// One path of a drawing.
pub(super) struct Shape {
    pub(super) layer: Layer,
    pub(super) path: &'static str,
}

/// A bony landmark with its short name beside it.
pub(super) struct Landmark {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) name: &'static str,
}

/// The drawing of one view.
pub(super) struct Artwork {
    /// Drawn as they are and mirrored in the middle.
    pub(super) halves: &'static [Shape],
    /// Drawn once.
    pub(super) whole: &'static [Shape],
    pub(super) landmarks: &'static [Landmark],
    /// Whether all of it is turned to face the other way.
    pub(super) is_turned: bool,
}

const fn shape(layer: Layer, path: &'static str) -> Shape {
    Shape { layer, path }
}

const fn landmark(x: i64, y: i64, name: &'static str) -> Landmark {
    Landmark { x, y, name }
}

/// The drawing of a view.
pub(super) const fn of(view: View) -> Artwork {
    match view {
        View::HeadNeckPosterior => head_neck_posterior::ARTWORK,
        View::HeadNeckAnterior => head_neck_anterior::ARTWORK,
        View::HeadNeckLeft => head_neck_lateral::LEFT,
        View::HeadNeckRight => head_neck_lateral::RIGHT,
        View::UpperBack => upper_back::ARTWORK,
        View::Chest => chest::ARTWORK,
        View::LowBack => low_back::ARTWORK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::chart::CHART_VERSION;

    const CATALOGUE: &str =
        include_str!("../../../../migrations/2026-11-22-000700_muscle_catalogue/up.sql");

    type Corner = (f64, f64);

    /// The corners of a silhouette made of moves, lines and cubic curves, all absolute.
    fn corners(path: &str) -> Vec<Corner> {
        let mut corners: Vec<Corner> = Vec::new();
        let lines = path
            .replace('M', "\nM")
            .replace('L', "\nL")
            .replace('C', "\nC");
        for command in lines
            .replace('Z', "")
            .lines()
            .filter(|line| !line.is_empty())
        {
            let (kind, numbers) = command.split_at(1);
            let numbers = numbers.replace('-', " -");
            let numbers: Vec<f64> = numbers
                .split_whitespace()
                .map(|number| number.parse().unwrap())
                .collect();
            let ends: Vec<Corner> = numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect();
            if kind == "C" {
                for curve in ends.chunks(3) {
                    let start = *corners.last().unwrap();
                    corners.extend((1..=20).map(|step| {
                        curve_at(
                            start,
                            [curve[0], curve[1], curve[2]],
                            f64::from(step) / 20.0,
                        )
                    }));
                }
            } else {
                corners.extend(ends);
            }
        }
        corners
    }

    fn curve_at(start: Corner, [first, second, end]: [Corner; 3], part: f64) -> Corner {
        let rest = 1.0 - part;
        let blend = |start: f64, first: f64, second: f64, end: f64| {
            rest.powi(3) * start
                + 3.0 * rest * rest * part * first
                + 3.0 * rest * part * part * second
                + part.powi(3) * end
        };
        (
            blend(start.0, first.0, second.0, end.0),
            blend(start.1, first.1, second.1, end.1),
        )
    }

    fn encloses(corners: &[Corner], (x, y): Corner) -> bool {
        let mut is_inside = false;
        for (index, &(from_x, from_y)) in corners.iter().enumerate() {
            let (to_x, to_y) = corners[(index + 1) % corners.len()];
            if (from_y > y) != (to_y > y)
                && x < (to_x - from_x) * (y - from_y) / (to_y - from_y) + from_x
            {
                is_inside = !is_inside;
            }
        }
        is_inside
    }

    fn lies_on_the_body(view: View, x: f64, y: f64) -> bool {
        let artwork = of(view);
        let x = if artwork.is_turned { 1000.0 - x } else { x };
        let halves = artwork
            .halves
            .iter()
            .map(|shape| (shape, x.min(1000.0 - x)));
        let whole = artwork.whole.iter().map(|shape| (shape, x));
        halves
            .chain(whole)
            .filter(|(shape, _)| shape.layer == Layer::Skin)
            .any(|(shape, x)| encloses(&corners(shape.path), (x, y)))
    }

    #[test]
    fn every_usual_place_lies_on_the_body() {
        let mut count = 0;
        for row in CATALOGUE.lines().filter(|line| line.starts_with("    ('")) {
            let fields: Vec<&str> = row.rsplit(", ").collect();
            let view = View::parse(fields[3].trim_matches('\'')).unwrap();
            let x: f64 = fields[2].parse().unwrap();
            let y: f64 = fields[1].parse().unwrap();
            assert!(lies_on_the_body(view, x * 1000.0, y * 1000.0), "{row}");
            assert!(
                lies_on_the_body(view.mirrored(), 1000.0 - x * 1000.0, y * 1000.0),
                "{row}"
            );
            count += 1;
        }
        assert_eq!(count, 68);
    }

    #[test]
    fn the_landmarks_of_the_convention_lie_on_the_body_and_the_air_does_not() {
        let behind = View::HeadNeckPosterior;
        let body = [
            (500.0, 25.0),
            (500.0, 300.0),
            (400.0, 400.0),
            (500.0, 660.0),
            (66.0, 744.0),
        ];
        for (x, y) in body {
            assert!(lies_on_the_body(behind, x, y), "{x} {y}");
        }
        for (x, y) in [(500.0, 15.0), (250.0, 500.0), (100.0, 100.0)] {
            assert!(!lies_on_the_body(behind, x, y), "{x} {y}");
        }
    }

    #[test]
    fn every_view_has_a_body_an_outline_and_muscles() {
        for &view in View::ALL {
            let artwork = of(view);
            for layer in [Layer::Skin, Layer::Edge, Layer::Muscle] {
                let mut shapes = artwork.halves.iter().chain(artwork.whole);
                assert!(shapes.any(|shape| shape.layer == layer), "{view}");
            }
        }
    }

    /// FNV-1a over every path, so that a line cannot move unnoticed.
    fn fingerprint() -> u64 {
        let shapes = View::ALL.iter().flat_map(|&view| {
            let artwork = of(view);
            artwork.halves.iter().chain(artwork.whole)
        });
        shapes
            .filter(|shape| matches!(shape.layer, Layer::Skin | Layer::Edge | Layer::Bone))
            .flat_map(|shape| shape.path.bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }

    #[test]
    fn outlines_and_bones_move_only_with_a_new_chart_version() {
        assert_eq!((CHART_VERSION, fingerprint()), (1, 0x0a77_d086_50ed_e203));
    }
}
