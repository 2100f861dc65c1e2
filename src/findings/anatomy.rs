//! The anatomy check: muscle, side, view and coordinates of a finding must agree.
//!
//! A left muscle drawn on the right half can lead to needling the wrong side. So a disagreement is
//! rejected, and the refusal says what would have agreed. A provider may override the check with a
//! reason, because bodies vary and drawings are only drawings.
//!
//! Three rules decide. A paired muscle is left or right and an unpaired one lies in the midline. A
//! view can show a muscle when it covers its region from an aspect on which the muscle lies; a
//! muscle with parts is shown wherever one of its parts is. The coordinates lie on the side's own
//! half of the view, clear of the narrow band in the middle in which left and right are too close.
//! A point far from the usual place of the muscle only gives advice, because usual places are
//! illustrative.

use rust_decimal::Decimal;

use super::chart::{Aspect, ChartPoint, Side, View, agreeing_x, half_of};
use crate::platform::text::text_enum;

/// A point farther than this from the usual place gives advice. In the unit of the view.
const USUAL_PLACE_RADIUS: Decimal = Decimal::from_parts(2, 0, 0, false, 1);

text_enum! {
    /// The region of the body a muscle belongs to.
    pub(crate) enum Region {
        Head = "head",
        Neck = "neck",
        ShoulderGirdle = "shoulder_girdle",
        UpperBack = "upper_back",
        Chest = "chest",
        Abdomen = "abdomen",
        LowBack = "low_back",
        Gluteal = "gluteal",
    }
}

impl View {
    /// The regions that this view covers, at any depth.
    pub(crate) const fn regions(self) -> &'static [Region] {
        match self {
            Self::HeadNeckPosterior => &[
                Region::Head,
                Region::Neck,
                Region::ShoulderGirdle,
                Region::UpperBack,
            ],
            Self::HeadNeckAnterior => &[
                Region::Head,
                Region::Neck,
                Region::ShoulderGirdle,
                Region::Chest,
            ],
            Self::HeadNeckLeft | Self::HeadNeckRight => {
                &[Region::Head, Region::Neck, Region::ShoulderGirdle]
            }
            Self::UpperBack => &[
                Region::Neck,
                Region::ShoulderGirdle,
                Region::UpperBack,
                Region::LowBack,
            ],
            Self::Chest => &[
                Region::Neck,
                Region::ShoulderGirdle,
                Region::Chest,
                Region::Abdomen,
            ],
            Self::LowBack => &[Region::UpperBack, Region::LowBack, Region::Gluteal],
        }
    }
}

/// Where a muscle, or a part of it, lies: its region and its usual place on the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    pub(crate) region: Region,
    /// The default point of the catalogue; for a paired muscle, that of the left one.
    pub(crate) usual_place: ChartPoint,
}

impl Home {
    /// Whether a view shows this home.
    fn is_shown_by(self, view: View) -> bool {
        if !view.regions().contains(&self.region) {
            return false;
        }
        match (self.usual_place.view().aspect(), view.aspect()) {
            (_, Aspect::Lateral(_))
            | (Aspect::Lateral(_) | Aspect::Anterior, Aspect::Anterior)
            | (Aspect::Posterior, Aspect::Posterior) => true,
            (Aspect::Posterior, Aspect::Anterior) => self.region == Region::ShoulderGirdle,
            (Aspect::Lateral(_), Aspect::Posterior) => self.region != Region::Head,
            (Aspect::Anterior, Aspect::Posterior) => false,
        }
    }
}

/// The facts about a muscle that the anatomy check needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MuscleAnatomy {
    pub(crate) is_paired: bool,
    pub(crate) home: Home,
    /// The homes of the parts of the muscle, or of the members of the group. Empty for most muscles.
    pub(crate) parts: Vec<Home>,
}

impl MuscleAnatomy {
    /// The sides the muscle can have.
    pub(crate) const fn sides(&self) -> &'static [Side] {
        if self.is_paired {
            &[Side::Left, Side::Right]
        } else {
            &[Side::Midline]
        }
    }

    /// The views that can show the muscle on one side, in the order of the chart.
    pub(crate) fn views(&self, side: Side) -> Vec<View> {
        View::ALL
            .iter()
            .copied()
            .filter(|&view| agreeing_x(view, side).is_some() && self.is_shown_by(view))
            .collect()
    }

    /// The usual place of the muscle on one side.
    pub(crate) fn usual_place(&self, side: Side) -> ChartPoint {
        let place = self.home.usual_place;
        if side == Side::Right {
            place.mirrored()
        } else {
            place
        }
    }

    fn is_shown_by(&self, view: View) -> bool {
        self.home.is_shown_by(view) || self.parts.iter().any(|part| part.is_shown_by(view))
    }
}

text_enum! {
    /// A way in which muscle, side, view and coordinates disagree.
    pub(crate) enum Disagreement {
        /// A paired muscle given as midline, or an unpaired one given as left or right.
        SideOfMuscle = "side_of_muscle",
        /// The view does not show the muscle.
        ViewOfMuscle = "view_of_muscle",
        /// The view shows only the other side.
        SideOfView = "side_of_view",
        /// The coordinates lie on the other half of the view, or off its midline.
        SideOfPosition = "side_of_position",
    }
}

/// The sides, views and coordinates that would have agreed with the muscle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WouldAgree {
    /// The sides the muscle has.
    pub(crate) sides: Vec<Side>,
    /// The side of the coordinates, if the muscle has that side.
    pub(crate) side_of_position: Option<Side>,
    /// The views that show the muscle on the given side, or on any side if it has no such side.
    pub(crate) views: Vec<View>,
    /// The range of x in the given view that agrees with the given side.
    pub(crate) x_between: Option<(Decimal, Decimal)>,
    /// The usual place of the muscle on the given side.
    pub(crate) usual_place: ChartPoint,
}

/// Muscle, side, view and coordinates do not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("muscle, side, view and coordinates do not agree")]
pub(crate) struct AnatomyRefused {
    /// Never empty.
    pub(crate) disagreements: Vec<Disagreement>,
    pub(crate) would_agree: Box<WouldAgree>,
}

/// Advice, which does not stop the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnatomyAdvice {
    /// The point lies far from the usual place of the muscle.
    FarFromUsualPlace(ChartPoint),
}

/// Checks that muscle, side and place agree. Returns advice when the place is unusual.
pub(crate) fn check(
    muscle: &MuscleAnatomy,
    side: Side,
    point: &ChartPoint,
) -> Result<Option<AnatomyAdvice>, AnatomyRefused> {
    let disagreements = disagreements(muscle, side, point);
    if disagreements.is_empty() {
        return Ok(advice(muscle, side, point));
    }
    Err(AnatomyRefused {
        disagreements,
        would_agree: Box::new(would_agree(muscle, side, point)),
    })
}

fn disagreements(muscle: &MuscleAnatomy, side: Side, point: &ChartPoint) -> Vec<Disagreement> {
    let mut found = Vec::new();
    if !muscle.sides().contains(&side) {
        found.push(Disagreement::SideOfMuscle);
    }
    if !muscle.is_shown_by(point.view()) {
        found.push(Disagreement::ViewOfMuscle);
    }
    match agreeing_x(point.view(), side) {
        None => found.push(Disagreement::SideOfView),
        Some((from, to)) if point.x() < from || point.x() > to => {
            found.push(Disagreement::SideOfPosition);
        }
        Some(_) => {}
    }
    found
}

fn would_agree(muscle: &MuscleAnatomy, side: Side, point: &ChartPoint) -> WouldAgree {
    let of_position = if muscle.is_paired {
        half_of(point.view(), point.x())
    } else {
        point.expected_side()
    };
    let asked = if muscle.sides().contains(&side) {
        side
    } else if muscle.is_paired && of_position != Side::Midline {
        of_position
    } else {
        muscle.sides().first().copied().unwrap_or(Side::Midline)
    };
    let views = muscle.views(asked);
    WouldAgree {
        sides: muscle.sides().to_vec(),
        side_of_position: muscle.sides().contains(&of_position).then_some(of_position),
        x_between: if views.contains(&point.view()) {
            agreeing_x(point.view(), asked)
        } else {
            None
        },
        views,
        usual_place: muscle.usual_place(asked),
    }
}

fn advice(muscle: &MuscleAnatomy, side: Side, point: &ChartPoint) -> Option<AnatomyAdvice> {
    // A muscle with parts is larger than its usual place shows.
    if !muscle.parts.is_empty() {
        return None;
    }
    let usual_place = muscle.usual_place(side);
    let squared = usual_place.distance_squared(point)?;
    (squared > USUAL_PLACE_RADIUS * USUAL_PLACE_RADIUS)
        .then_some(AnatomyAdvice::FarFromUsualPlace(usual_place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str =
        include_str!("../../migrations/2026-12-01-000810_muscle_catalogue/up.sql");

    /// One row of the catalogue: its fields as the migration spells them, without quotes.
    fn fields(row: &str) -> Vec<String> {
        let mut is_quoted = false;
        row.trim_start_matches(['(', ' '])
            .split(|letter| {
                is_quoted ^= letter == '\'';
                letter == ',' && !is_quoted
            })
            .map(|field| field.trim().trim_matches('\'').to_owned())
            .collect()
    }

    fn catalogue() -> Vec<Vec<String>> {
        CATALOGUE
            .lines()
            .filter(|line| line.starts_with("    ('"))
            .map(fields)
            .collect()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(view: View, x: &str, y: &str) -> ChartPoint {
        ChartPoint::parse(view, decimal(x), decimal(y)).unwrap()
    }

    fn muscle(code: &str) -> MuscleAnatomy {
        let catalogue = catalogue();
        let home = |row: &Vec<String>| Home {
            region: Region::parse(&row[5]).unwrap(),
            usual_place: at(View::parse(&row[15]).unwrap(), &row[16], &row[17]),
        };
        let row = catalogue.iter().find(|row| row[0] == code).unwrap();
        MuscleAnatomy {
            is_paired: row[6] == "true",
            home: home(row),
            parts: catalogue
                .iter()
                .filter(|part| part[1] == code)
                .map(home)
                .collect(),
        }
    }

    fn refused(code: &str, side: Side, point: ChartPoint) -> AnatomyRefused {
        check(&muscle(code), side, &point).unwrap_err()
    }

    #[test]
    fn every_catalogue_point_and_its_mirror_agree() {
        assert_eq!(catalogue().len(), 68);
        for row in catalogue() {
            let muscle = muscle(&row[0]);
            for &side in muscle.sides() {
                let place = muscle.usual_place(side);
                assert_eq!(check(&muscle, side, &place), Ok(None), "{} {side}", row[0]);
            }
        }
    }

    #[test]
    fn a_left_muscle_on_the_right_half_is_refused_with_both_ways_out() {
        let point = at(View::HeadNeckPosterior, "0.73", "0.70");
        let refused = refused("trapezius_upper", Side::Left, point);
        assert_eq!(refused.disagreements, [Disagreement::SideOfPosition]);
        assert_eq!(refused.would_agree.side_of_position, Some(Side::Right));
        assert_eq!(
            refused.would_agree.x_between,
            Some((Decimal::ZERO, decimal("0.495")))
        );
        assert_eq!(
            refused.would_agree.usual_place,
            at(View::HeadNeckPosterior, "0.27", "0.70")
        );
    }

    #[test]
    fn the_same_x_is_the_other_side_from_the_front() {
        let behind = at(View::HeadNeckPosterior, "0.3", "0.7");
        let front = at(View::HeadNeckAnterior, "0.3", "0.7");
        let muscle = muscle("trapezius_upper");
        assert!(check(&muscle, Side::Left, &behind).is_ok());
        assert!(check(&muscle, Side::Right, &front).is_ok());
        assert!(check(&muscle, Side::Left, &front).is_err());
    }

    #[test]
    fn a_paired_muscle_is_never_midline() {
        let refused = refused(
            "splenius_capitis",
            Side::Midline,
            at(View::HeadNeckPosterior, "0.42", "0.44"),
        );
        let expected = [Disagreement::SideOfMuscle, Disagreement::SideOfPosition];
        assert_eq!(refused.disagreements, expected);
        assert_eq!(refused.would_agree.sides, [Side::Left, Side::Right]);
        assert_eq!(refused.would_agree.side_of_position, Some(Side::Left));
    }

    #[test]
    fn an_unpaired_muscle_is_always_midline() {
        let refused = refused(
            "procerus",
            Side::Left,
            at(View::HeadNeckAnterior, "0.5", "0.235"),
        );
        let expected = [Disagreement::SideOfMuscle, Disagreement::SideOfPosition];
        assert_eq!(refused.disagreements, expected);
        assert_eq!(refused.would_agree.sides, [Side::Midline]);
        assert_eq!(refused.would_agree.views, [View::HeadNeckAnterior]);
        let off = check(
            &muscle("procerus"),
            Side::Midline,
            &at(View::HeadNeckAnterior, "0.53", "0.235"),
        );
        assert_eq!(
            off.unwrap_err().disagreements,
            [Disagreement::SideOfPosition]
        );
    }

    #[test]
    fn a_paired_muscle_beside_the_spine_lies_on_its_own_side() {
        let muscle = muscle("multifidus_lumborum");
        for (x, is_left, is_right) in [
            ("0.49", true, false),
            ("0.495", true, false),
            ("0.49501", false, false),
            ("0.5", false, false),
            ("0.505", false, true),
        ] {
            let point = at(View::LowBack, x, "0.4");
            assert_eq!(check(&muscle, Side::Left, &point).is_ok(), is_left, "{x}");
            assert_eq!(check(&muscle, Side::Right, &point).is_ok(), is_right, "{x}");
            assert!(check(&muscle, Side::Midline, &point).is_err());
        }
    }

    #[test]
    fn none_of_a_thousand_mirrored_points_passes() {
        let codes: Vec<String> = catalogue().iter().map(|row| row[0].clone()).collect();
        let paired: Vec<MuscleAnatomy> = codes
            .iter()
            .map(|code| muscle(code))
            .filter(|muscle| muscle.is_paired)
            .collect();
        let (mut tried, mut passed) = (0, 0);
        for number in 0..1_000_usize {
            let muscle = &paired[number % paired.len()];
            let side = [Side::Left, Side::Right][number / paired.len() % 2];
            let usual = muscle.usual_place(side);
            let moved = |value: Decimal, by: usize| {
                let by = Decimal::new(i64::try_from(by % 41).unwrap() - 20, 3);
                (value + by).clamp(Decimal::ZERO, Decimal::ONE)
            };
            let x = moved(usual.x(), number * 7);
            let right = ChartPoint::parse(usual.view(), x, moved(usual.y(), number * 13)).unwrap();
            tried += 1;
            let is_accepted = check(muscle, side, &right.mirrored()).is_ok();
            // What already lay on the other side of the spine was wrong before it was mirrored.
            passed += usize::from(is_accepted && check(muscle, side, &right).is_ok());
        }
        println!("{tried} mirrored points, {passed} passed");
        assert_eq!(passed, 0);
    }

    #[test]
    fn a_lateral_view_shows_its_own_side_only() {
        let refused = refused(
            "masseter",
            Side::Right,
            at(View::HeadNeckLeft, "0.36", "0.42"),
        );
        assert_eq!(refused.disagreements, [Disagreement::SideOfView]);
        let views = [View::HeadNeckAnterior, View::HeadNeckRight];
        assert_eq!(refused.would_agree.views, views);
        assert_eq!(refused.would_agree.x_between, None);
    }

    #[test]
    fn a_muscle_is_refused_on_a_view_that_cannot_show_it() {
        let cases = [
            ("masseter", View::LowBack),
            ("masseter", View::HeadNeckPosterior),
            ("occipitalis", View::HeadNeckAnterior),
            ("trapezius_upper", View::LowBack),
            ("gluteus_maximus", View::UpperBack),
            ("pectoralis_major", View::UpperBack),
            ("rhomboid_major", View::Chest),
            ("longus_colli", View::HeadNeckPosterior),
            ("rectus_abdominis", View::LowBack),
        ];
        for (code, view) in cases {
            // On the left half of a view from the back, and of one from the front.
            let left = agreeing_x(view, Side::Left).unwrap();
            let x = (left.0 + left.1) / Decimal::TWO;
            let point = ChartPoint::parse(view, x, decimal("0.5")).unwrap();
            let refused = refused(code, Side::Left, point);
            assert_eq!(
                refused.disagreements,
                [Disagreement::ViewOfMuscle],
                "{code} {view}"
            );
            assert!(!refused.would_agree.views.contains(&view), "{code} {view}");
        }
    }

    #[test]
    fn a_whole_muscle_is_shown_wherever_one_of_its_parts_is() {
        let low = at(View::UpperBack, "0.42", "0.50");
        assert_eq!(check(&muscle("trapezius"), Side::Left, &low), Ok(None));
        let cervical = at(View::HeadNeckPosterior, "0.47", "0.58");
        assert_eq!(
            check(&muscle("multifidus"), Side::Left, &cervical),
            Ok(None)
        );
    }

    #[test]
    fn an_unusual_place_is_only_advice() {
        let advice = check(
            &muscle("trapezius_upper"),
            Side::Left,
            &at(View::HeadNeckPosterior, "0.27", "0.20"),
        );
        let usual = at(View::HeadNeckPosterior, "0.27", "0.70");
        assert_eq!(advice, Ok(Some(AnatomyAdvice::FarFromUsualPlace(usual))));
    }
}
