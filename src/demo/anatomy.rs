//! Where the demo finds trigger points and where it needles.
//!
//! The muscles are those most often injected for headache; the places are the usual ones of the
//! body chart, moved a little from patient to patient. The toxin sites are the 31 of the fixed
//! pattern: five units each, 155 in all.

use rust_decimal::Decimal;

use crate::platform::decimal::ExactDecimal;

use super::dice::Dice;

/// A muscle with the place of its left side, in thousandths of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Muscle {
    pub(super) code: &'static str,
    left_view: &'static str,
    right_view: &'static str,
    x: i32,
    y: i32,
    pub(super) refers_to: &'static [&'static str],
}

/// A place on the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) muscle: &'static str,
    pub(super) side: &'static str,
    pub(super) view: &'static str,
    pub(super) x: ExactDecimal,
    pub(super) y: ExactDecimal,
}

const fn muscle(
    code: &'static str,
    view: &'static str,
    (x, y): (i32, i32),
    refers_to: &'static [&'static str],
) -> Muscle {
    Muscle {
        code,
        left_view: view,
        right_view: view,
        x,
        y,
        refers_to,
    }
}

const fn lateral(
    code: &'static str,
    (x, y): (i32, i32),
    refers_to: &'static [&'static str],
) -> Muscle {
    Muscle {
        code,
        left_view: "HN_LAT_L",
        right_view: "HN_LAT_R",
        x,
        y,
        refers_to,
    }
}

/// Where points are found.
pub(super) const MUSCLES: &[Muscle] = &[
    muscle(
        "trapezius_upper",
        "HN_POST",
        (270, 700),
        &["temple", "behind_eye"],
    ),
    muscle(
        "levator_scapulae",
        "HN_POST",
        (360, 760),
        &["angle_of_neck"],
    ),
    muscle("splenius_capitis", "HN_POST", (420, 440), &["vertex"]),
    muscle(
        "semispinalis_capitis",
        "HN_POST",
        (450, 420),
        &["forehead", "temple"],
    ),
    muscle("occipitalis", "HN_POST", (440, 250), &["behind_eye"]),
    muscle("infraspinatus", "UB_POST", (250, 260), &["shoulder"]),
    muscle("rhomboid_minor", "UB_POST", (400, 160), &["shoulder_blade"]),
    lateral("temporalis", (420, 220), &["temple", "upper_teeth"]),
    lateral("masseter_superficial", (350, 440), &["cheek", "eyebrow"]),
    lateral("scm_sternal", (480, 600), &["occiput", "around_eye"]),
];

impl Muscle {
    /// The place on one side, up to so many thousandths away from the usual one.
    pub(super) fn spot(&self, is_left: bool, (right, down): (i32, i32)) -> Spot {
        let (x, y) = (self.x + right, self.y + down);
        Spot {
            muscle: self.code,
            side: if is_left { "left" } else { "right" },
            view: if is_left {
                self.left_view
            } else {
                self.right_view
            },
            x: thousandths(if is_left { x } else { 1000 - x }),
            y: thousandths(y),
        }
    }

    /// A place a little off the usual one.
    pub(super) fn somewhere(&self, dice: &mut Dice) -> Spot {
        let is_left = dice.chance(50);
        self.spot(is_left, (dice.between(-15, 15), dice.between(-20, 20)))
    }
}

fn thousandths(count: i32) -> ExactDecimal {
    ExactDecimal(Decimal::new(i64::from(count), 3))
}

/// Muscles of the fixed toxin pattern with the sites of one side.
const TOXIN: &[(Muscle, &[(i32, i32)])] = &[
    (
        muscle("corrugator_supercilii", "HN_ANT", (540, 225), &[]),
        &[(0, 0)],
    ),
    (
        muscle("frontalis", "HN_ANT", (560, 150), &[]),
        &[(0, 0), (30, 0)],
    ),
    (
        lateral("temporalis", (420, 220), &[]),
        &[(0, 0), (-20, -20), (20, -20), (0, -40)],
    ),
    (
        muscle("occipitalis", "HN_POST", (440, 250), &[]),
        &[(0, 0), (-25, 10), (-25, -15)],
    ),
    (
        muscle("splenius_capitis", "HN_POST", (420, 440), &[]),
        &[(0, 0), (10, 25)],
    ),
    (
        muscle("trapezius_upper", "HN_POST", (270, 700), &[]),
        &[(0, 0), (-35, 10), (35, -15)],
    ),
];

/// The 31 sites of the fixed pattern.
pub(super) fn toxin_sites() -> Vec<Spot> {
    let mut sites = vec![Spot {
        muscle: "procerus",
        side: "midline",
        view: "HN_ANT",
        x: thousandths(500),
        y: thousandths(235),
    }];
    for (muscle, offsets) in TOXIN {
        for is_left in [true, false] {
            sites.extend(offsets.iter().map(|offset| muscle.spot(is_left, *offset)));
        }
    }
    sites
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_fixed_pattern_has_31_sites() {
        assert_eq!(super::toxin_sites().len(), 31);
    }
}
