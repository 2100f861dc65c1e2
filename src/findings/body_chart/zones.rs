//! Where referred pain is felt, as shaded places on the drawings.
//!
//! Zones are words of whoever examined. The usual ones have a place on the views that show it; every zone is
//! named in the description of the picture, drawn or not.

use crate::findings::chart::{Side, View};

/// An ellipse on a view, in thousandths of it: of the patient's left side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ZonePlace {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

const fn place(x: i64, y: i64, width: i64, height: i64) -> ZonePlace {
    ZonePlace {
        x,
        y,
        width,
        height,
    }
}

/// The usual words, and where they are from the front, from behind and from the patient's left.
type Zone = (
    &'static [&'static str],
    Option<ZonePlace>,
    Option<ZonePlace>,
    Option<ZonePlace>,
);

const HEAD: &[Zone] = &[
    (
        &["forehead"],
        Some(place(570, 150, 55, 45)),
        None,
        Some(place(290, 150, 45, 55)),
    ),
    (
        &["temple"],
        Some(place(655, 205, 35, 50)),
        None,
        Some(place(385, 215, 60, 60)),
    ),
    (
        &["eyebrow"],
        Some(place(575, 222, 50, 22)),
        None,
        Some(place(280, 225, 35, 22)),
    ),
    (
        &["eye", "behind_eye", "around_eye", "orbit"],
        Some(place(575, 266, 55, 36)),
        None,
        Some(place(285, 268, 45, 40)),
    ),
    (
        &["ear"],
        Some(place(690, 305, 32, 60)),
        Some(place(305, 315, 32, 60)),
        Some(place(510, 340, 50, 75)),
    ),
    (
        &["cheek"],
        Some(place(600, 360, 50, 50)),
        None,
        Some(place(315, 365, 45, 45)),
    ),
    (
        &["upper_teeth"],
        Some(place(530, 408, 45, 22)),
        None,
        Some(place(245, 395, 35, 22)),
    ),
    (
        &["lower_teeth"],
        Some(place(530, 458, 45, 22)),
        None,
        Some(place(250, 440, 35, 22)),
    ),
    (
        &["jaw"],
        Some(place(600, 455, 50, 40)),
        None,
        Some(place(350, 480, 65, 40)),
    ),
    (
        &["nose"],
        Some(place(515, 335, 35, 55)),
        None,
        Some(place(215, 335, 30, 50)),
    ),
    (
        &["chin"],
        Some(place(515, 490, 40, 25)),
        None,
        Some(place(255, 510, 35, 25)),
    ),
    (
        &["vertex"],
        Some(place(520, 45, 70, 30)),
        Some(place(480, 65, 70, 40)),
        Some(place(470, 60, 80, 40)),
    ),
    (
        &["occiput"],
        None,
        Some(place(430, 285, 65, 60)),
        Some(place(660, 300, 60, 75)),
    ),
    (
        &["neck", "angle_of_neck", "back_of_neck"],
        Some(place(575, 615, 45, 75)),
        Some(place(425, 560, 45, 90)),
        Some(place(560, 600, 50, 90)),
    ),
    (
        &["shoulder"],
        Some(place(865, 770, 80, 70)),
        Some(place(140, 790, 80, 70)),
        Some(place(610, 900, 80, 60)),
    ),
    (
        &["shoulder_blade"],
        None,
        Some(place(280, 900, 110, 80)),
        None,
    ),
];

/// The same on the trunk, from the front and from behind.
const TRUNK: &[Zone] = &[
    (
        &["shoulder"],
        Some(place(885, 170, 80, 80)),
        Some(place(120, 160, 80, 80)),
        None,
    ),
    (
        &["shoulder_blade"],
        None,
        Some(place(250, 260, 100, 110)),
        None,
    ),
    (&["chest"], Some(place(690, 300, 120, 90)), None, None),
    (&["upper_back"], None, Some(place(420, 280, 60, 130)), None),
];

const LOW_BACK: &[Zone] = &[
    (&["low_back"], None, Some(place(420, 330, 70, 120)), None),
    (&["buttock"], None, Some(place(300, 700, 140, 120)), None),
];

/// Where a zone of one side lies on a view; none where the view does not show it.
pub(super) fn place_of(zone: &str, side: Side, view: View) -> Option<ZonePlace> {
    let zones = match view {
        View::LowBack => LOW_BACK,
        View::UpperBack | View::Chest => TRUNK,
        _ => HEAD,
    };
    let zone = zone.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let (_, front, behind, profile) = zones
        .iter()
        .find(|(words, ..)| words.contains(&zone.as_str()))?;
    let (of_left, is_of_side) = match view {
        View::HeadNeckLeft => (profile, side != Side::Right),
        View::HeadNeckRight => (profile, side != Side::Left),
        View::HeadNeckAnterior | View::Chest => (front, true),
        _ => (behind, true),
    };
    let of_left = of_left.filter(|_| is_of_side)?;
    // A view of the right side is the left one mirrored; elsewhere the right side lies opposite.
    let is_mirrored = side == Side::Right || view == View::HeadNeckRight;
    Some(if is_mirrored {
        ZonePlace {
            x: 1000 - of_left.x,
            ..of_left
        }
    } else {
        of_left
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_lies_on_the_side_of_the_patient_and_on_the_views_that_show_it() {
        let x = |zone, side, view| place_of(zone, side, view).map(|place| place.x);
        assert_eq!(x("temple", Side::Left, View::HeadNeckAnterior), Some(655));
        assert_eq!(x("temple", Side::Right, View::HeadNeckAnterior), Some(345));
        assert_eq!(x("temple", Side::Left, View::HeadNeckLeft), Some(385));
        assert_eq!(x("temple", Side::Right, View::HeadNeckRight), Some(615));
        assert_eq!(x("temple", Side::Right, View::HeadNeckLeft), None);
        assert_eq!(x("temple", Side::Left, View::HeadNeckPosterior), None);
        assert_eq!(x("Behind eye", Side::Left, View::HeadNeckLeft), Some(285));
        assert_eq!(
            x("occiput", Side::Right, View::HeadNeckPosterior),
            Some(570)
        );
        assert_eq!(x("little toe", Side::Left, View::LowBack), None);
    }
}
