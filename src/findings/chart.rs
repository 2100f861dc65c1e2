//! The geometry of the body chart: views, coordinates, sides and distances.
//!
//! No published standard places trigger points on a drawing, so the convention is our own, and a
//! chart version names it. The origin is the top left of a view as the viewer sees it; x runs to the
//! viewer's right and y runs down, both from 0 to 1. Seen from behind, the patient's left is the
//! viewer's left. Seen from the front, it is the viewer's right. A lateral view shows one side only.
//! A drawing may change its outlines only together with a new version and a mapping from the old
//! one, because earlier points were placed on the old drawing. `docs/body-chart.md` says more.

use rust_decimal::Decimal;

use crate::platform::text::text_enum;

/// The name of the set of drawings.
pub(crate) const CHART_ID: &str = "tautband-chart";

/// The version of the drawings. Every stored point has the version it was placed on.
pub(crate) const CHART_VERSION: i16 = 1;

/// Decimals of a coordinate, as many as the database column has.
const COORDINATE_DECIMALS: u32 = 5;

/// Half the width of the band around 0.5 that counts as the midline.
const MIDLINE_HALF_WIDTH: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// Half the width of the band around 0.5 in which left and right are too close to decide a side.
const DEAD_BAND_HALF_WIDTH: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

const MIDLINE: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// Two points this near may be the same point; a provider decides.
const SAME_POINT_DISTANCE: Decimal = Decimal::from_parts(3, 0, 0, false, 2);

text_enum! {
    /// One drawing of the body chart.
    pub(crate) enum View {
        /// Head, neck and shoulders from behind.
        HeadNeckPosterior = "HN_POST",
        /// Head, neck and shoulders from the front.
        HeadNeckAnterior = "HN_ANT",
        /// Head and neck, the left side, face to the viewer's left.
        HeadNeckLeft = "HN_LAT_L",
        /// Head and neck, the right side, face to the viewer's right.
        HeadNeckRight = "HN_LAT_R",
        /// Upper back, C7 to T12.
        UpperBack = "UB_POST",
        /// Chest and abdomen.
        Chest = "UB_ANT",
        /// Low back and buttocks.
        LowBack = "LB_POST",
    }
}

text_enum! {
    /// The patient's own side.
    pub(crate) enum Side {
        Left = "left",
        Right = "right",
        Midline = "midline",
    }
}

/// The direction from which a view shows the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// From behind: the patient's left is the viewer's left.
    Posterior,
    /// From the front: the patient's left is the viewer's right.
    Anterior,
    /// From one side, so the view shows only that side.
    Lateral(Side),
}

impl View {
    /// Returns the direction from which this view shows the patient.
    pub(crate) const fn aspect(self) -> Aspect {
        match self {
            Self::HeadNeckPosterior | Self::UpperBack | Self::LowBack => Aspect::Posterior,
            Self::HeadNeckAnterior | Self::Chest => Aspect::Anterior,
            Self::HeadNeckLeft => Aspect::Lateral(Side::Left),
            Self::HeadNeckRight => Aspect::Lateral(Side::Right),
        }
    }

    /// Returns the name that clinicians use for this view.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::HeadNeckPosterior => "Head, neck and shoulders from behind",
            Self::HeadNeckAnterior => "Head, neck and shoulders from the front",
            Self::HeadNeckLeft => "Head and neck, left side",
            Self::HeadNeckRight => "Head and neck, right side",
            Self::UpperBack => "Upper back",
            Self::Chest => "Chest and abdomen",
            Self::LowBack => "Low back and buttocks",
        }
    }

    /// Returns the view that shows the same place on the other side of the body.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::HeadNeckLeft => Self::HeadNeckRight,
            Self::HeadNeckRight => Self::HeadNeckLeft,
            other => other,
        }
    }
}

impl Side {
    /// Returns the other side; for the midline, the midline.
    #[cfg(test)]
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
            Self::Midline => Self::Midline,
        }
    }
}

/// Why a place on the chart was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChartPointRefused {
    #[error("x must lie between 0 and 1")]
    XOutOfRange,
    #[error("y must lie between 0 and 1")]
    YOutOfRange,
}

/// A place on one view; both coordinates lie in [0, 1] and keep exactly five decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChartPoint {
    view: View,
    x: Decimal,
    y: Decimal,
}

impl ChartPoint {
    /// Accepts a place whose coordinates lie in the view, edges included.
    ///
    /// Pointing devices send more digits, so a coordinate is rounded to five decimals. The fifth is
    /// four thousandths of a millimetre on the patient.
    pub(crate) fn parse(view: View, x: Decimal, y: Decimal) -> Result<Self, ChartPointRefused> {
        let unit = Decimal::ZERO..=Decimal::ONE;
        if !unit.contains(&x) {
            return Err(ChartPointRefused::XOutOfRange);
        }
        if !unit.contains(&y) {
            return Err(ChartPointRefused::YOutOfRange);
        }
        Ok(Self {
            view,
            x: five_decimals(x),
            y: five_decimals(y),
        })
    }

    pub(crate) const fn view(&self) -> View {
        self.view
    }

    pub(crate) const fn x(&self) -> Decimal {
        self.x
    }

    pub(crate) const fn y(&self) -> Decimal {
        self.y
    }

    /// The same place on the other side of the body.
    pub(crate) fn mirrored(&self) -> Self {
        Self {
            view: self.view.mirrored(),
            x: five_decimals(Decimal::ONE - self.x),
            y: self.y,
        }
    }

    /// The side this place lies on.
    pub(crate) fn expected_side(&self) -> Side {
        expected_side(self.view, self.x)
    }

    /// Whether two places are near enough to propose them as one lasting point.
    pub(crate) fn may_be_the_same_as(&self, other: &Self) -> bool {
        self.distance_squared(other)
            .is_some_and(|squared| squared <= SAME_POINT_DISTANCE * SAME_POINT_DISTANCE)
    }

    /// Returns the square of the distance in the unit of the view; `None` between different views.
    pub(crate) fn distance_squared(&self, other: &Self) -> Option<Decimal> {
        (self.view == other.view).then(|| {
            let across = self.x - other.x;
            let down = self.y - other.y;
            across * across + down * down
        })
    }
}

/// Returns the side that a place at `x` lies on. Within 0.02 of the middle it is the midline.
pub(crate) fn expected_side(view: View, x: Decimal) -> Side {
    let (viewers_left, viewers_right) = match view.aspect() {
        Aspect::Posterior => (Side::Left, Side::Right),
        Aspect::Anterior => (Side::Right, Side::Left),
        Aspect::Lateral(side) => return side,
    };
    if (x - MIDLINE).abs() <= MIDLINE_HALF_WIDTH {
        Side::Midline
    } else if x < MIDLINE {
        viewers_left
    } else {
        viewers_right
    }
}

/// Returns the half that a place lies on, also close to the midline; the midline only where the
/// sides are too close.
pub(crate) fn half_of(view: View, x: Decimal) -> Side {
    let sides = [Side::Left, Side::Right];
    let own = sides
        .into_iter()
        .find(|side| agreeing_x(view, *side).is_some_and(|(from, to)| from <= x && x <= to));
    own.unwrap_or(Side::Midline)
}

/// Returns the range of x that agrees with a side, both ends included; `None` if the view does not
/// show the side.
///
/// A left or right muscle close to the spine lies on its own half, and not in the middle band in which the
/// sides are too close.
pub(crate) fn agreeing_x(view: View, side: Side) -> Option<(Decimal, Decimal)> {
    let band = (MIDLINE - MIDLINE_HALF_WIDTH, MIDLINE + MIDLINE_HALF_WIDTH);
    let dead = (
        MIDLINE - DEAD_BAND_HALF_WIDTH,
        MIDLINE + DEAD_BAND_HALF_WIDTH,
    );
    let (viewers_left, viewers_right) = match view.aspect() {
        Aspect::Posterior => (Side::Left, Side::Right),
        Aspect::Anterior => (Side::Right, Side::Left),
        Aspect::Lateral(shown) => return (shown == side).then_some((Decimal::ZERO, Decimal::ONE)),
    };
    if side == viewers_left {
        Some((Decimal::ZERO, dead.0))
    } else if side == viewers_right {
        Some((dead.1, Decimal::ONE))
    } else {
        Some(band)
    }
}

fn five_decimals(value: Decimal) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(
        COORDINATE_DECIMALS,
        rust_decimal::RoundingStrategy::MidpointAwayFromZero,
    );
    rounded.rescale(COORDINATE_DECIMALS);
    rounded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(view: View, x: &str, y: &str) -> ChartPoint {
        ChartPoint::parse(view, decimal(x), decimal(y)).unwrap()
    }

    #[test]
    fn a_side_is_expected_from_view_and_x() {
        let vectors = [
            (View::HeadNeckPosterior, "0.27", Side::Left),
            (View::HeadNeckAnterior, "0.27", Side::Right),
            (View::HeadNeckAnterior, "0.55", Side::Left),
            (View::HeadNeckPosterior, "0.505", Side::Midline),
            (View::HeadNeckLeft, "0", Side::Left),
            (View::HeadNeckLeft, "0.5", Side::Left),
            (View::HeadNeckLeft, "1", Side::Left),
            (View::HeadNeckRight, "0.3", Side::Right),
            (View::UpperBack, "0.9", Side::Right),
            (View::Chest, "0.9", Side::Left),
            (View::LowBack, "0.1", Side::Left),
        ];
        for (view, x, side) in vectors {
            assert_eq!(expected_side(view, decimal(x)), side, "{view} {x}");
        }
    }

    #[test]
    fn the_midline_ends_two_hundredths_from_the_middle() {
        let view = View::HeadNeckPosterior;
        assert_eq!(expected_side(view, decimal("0.47999")), Side::Left);
        assert_eq!(expected_side(view, decimal("0.48")), Side::Midline);
        assert_eq!(expected_side(view, decimal("0.52")), Side::Midline);
        assert_eq!(expected_side(view, decimal("0.52001")), Side::Right);
    }

    #[test]
    fn the_mirror_of_a_left_point_is_its_right_twin() {
        let left = at(View::HeadNeckPosterior, "0.27", "0.70");
        assert_eq!(left.mirrored(), at(View::HeadNeckPosterior, "0.73", "0.70"));
        assert_eq!(left.mirrored().expected_side(), Side::Right);
        let lateral = at(View::HeadNeckLeft, "0.42", "0.22");
        assert_eq!(lateral.mirrored(), at(View::HeadNeckRight, "0.58", "0.22"));
    }

    #[test]
    fn the_edges_of_a_view_belong_to_it_and_nothing_beyond() {
        let view = View::LowBack;
        assert!(ChartPoint::parse(view, Decimal::ZERO, Decimal::ONE).is_ok());
        let x = ChartPoint::parse(view, decimal("1.000001"), Decimal::ZERO);
        assert_eq!(x, Err(ChartPointRefused::XOutOfRange));
        let x = ChartPoint::parse(view, decimal("-0.000001"), Decimal::ZERO);
        assert_eq!(x, Err(ChartPointRefused::XOutOfRange));
        let y = ChartPoint::parse(view, Decimal::ZERO, decimal("1.00001"));
        assert_eq!(y, Err(ChartPointRefused::YOutOfRange));
        let y = ChartPoint::parse(view, Decimal::ZERO, decimal("-0.00001"));
        assert_eq!(y, Err(ChartPointRefused::YOutOfRange));
    }

    #[test]
    fn five_decimals_are_kept() {
        let point = at(View::Chest, "0.123455", "1");
        assert_eq!(point.x().to_string(), "0.12346");
        assert_eq!(point.y().to_string(), "1.00000");
    }

    #[test]
    fn points_three_hundredths_apart_may_be_one() {
        let here = at(View::HeadNeckPosterior, "0.27", "0.70");
        assert!(here.may_be_the_same_as(&at(View::HeadNeckPosterior, "0.30", "0.70")));
        assert!(!here.may_be_the_same_as(&at(View::HeadNeckPosterior, "0.30001", "0.70")));
        assert!(here.may_be_the_same_as(&at(View::HeadNeckPosterior, "0.288", "0.724")));
        assert!(!here.may_be_the_same_as(&at(View::HeadNeckPosterior, "0.29", "0.725")));
        assert!(!here.may_be_the_same_as(&at(View::UpperBack, "0.27", "0.70")));
    }

    #[test]
    fn a_side_agrees_with_its_own_half_and_the_midline_with_its_band() {
        let left = agreeing_x(View::HeadNeckAnterior, Side::Left);
        assert_eq!(left, Some((decimal("0.505"), Decimal::ONE)));
        for (x, half) in [
            ("0.49500", Side::Left),
            ("0.49501", Side::Midline),
            ("0.50499", Side::Midline),
            ("0.50500", Side::Right),
        ] {
            assert_eq!(half_of(View::UpperBack, decimal(x)), half, "{x}");
        }
        let midline = agreeing_x(View::UpperBack, Side::Midline);
        assert_eq!(midline, Some((decimal("0.48"), decimal("0.52"))));
        assert_eq!(agreeing_x(View::HeadNeckLeft, Side::Right), None);
        assert_eq!(agreeing_x(View::HeadNeckRight, Side::Midline), None);
    }

    proptest! {
        #[test]
        fn mirroring_flips_the_side_and_twice_is_nothing(
            view in prop::sample::select(View::ALL),
            x in 0_i64..=100_000,
            y in 0_i64..=100_000,
        ) {
            let point = ChartPoint::parse(view, Decimal::new(x, 5), Decimal::new(y, 5)).unwrap();
            prop_assert_eq!(point.mirrored().mirrored(), point);
            prop_assert_eq!(point.mirrored().expected_side(), point.expected_side().mirrored());
        }

        #[test]
        fn the_expected_side_always_agrees(
            view in prop::sample::select(View::ALL),
            x in 0_i64..=100_000,
        ) {
            let x = Decimal::new(x, 5);
            let (from, to) = agreeing_x(view, expected_side(view, x)).unwrap();
            prop_assert!(from <= x && x <= to);
        }
    }
}
