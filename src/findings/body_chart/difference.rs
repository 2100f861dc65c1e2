//! How a patient's points differ between two visits.
//!
//! A point that the later visit found resolved is gone. A point that the later visit did not examine
//! is marked as not examined, and never as gone.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::head::Head;
use super::marks::Glyph;
use super::panel::Item;
use super::{BodyChart, ChartedPoint, Mark, injected_words, legend, picture, referred};
use crate::findings::chart::ChartPoint;
use crate::platform::text::text_enum;

text_enum! {
    /// The change of a point from one visit to a later one.
    pub(crate) enum Change {
        /// The earlier visit did not have it.
        New = "new",
        /// The later visit found it resolved.
        Gone = "gone",
        /// Both visits found the same.
        Persisting = "persisting",
        /// The later visit found less than the earlier one.
        Better = "better",
        /// The later visit found more than the earlier one.
        Worse = "worse",
        /// The later visit did not examine it.
        NotExamined = "not_examined",
    }
}

/// Two visits of one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyChartDifference {
    /// The text above the drawing, such as the dates of both visits.
    pub(crate) heading: String,
    pub(crate) from: BodyChart,
    pub(crate) to: BodyChart,
}

/// Draws the change of every point of two visits. A frame marks a point that the later visit
/// injected.
pub(crate) fn render_difference(difference: &BodyChartDifference) -> String {
    let before = by_point(&difference.from.points);
    let after = by_point(&difference.to.points);
    let mut items: Vec<Item> = after
        .values()
        .map(|now| item(before.get(&now.point_id).copied(), now))
        .collect();
    for (point_id, before) in &before {
        if !after.contains_key(point_id) {
            items.push(not_examined(before));
        }
    }
    let nothing = "Neither visit has a point.";
    let head = Head {
        title: &difference.heading,
        subject: difference.to.subject.as_ref(),
        given: difference.to.given(),
    };
    picture(&head, nothing, items, legend::OF_A_DIFFERENCE)
}

fn by_point(points: &[ChartedPoint]) -> BTreeMap<Uuid, &ChartedPoint> {
    points.iter().map(|point| (point.point_id, point)).collect()
}

/// How much a mark says was found: an active point more than a latent one, and so on.
const fn severity(mark: Mark) -> u8 {
    match mark {
        Mark::Resolved => 0,
        Mark::Unclassified => 1,
        Mark::TenderPoint => 2,
        Mark::Latent => 3,
        Mark::Active => 4,
    }
}

/// Returns the change of a point that the later visit examined.
fn change(before: Option<Mark>, now: Mark) -> Change {
    match (before, now) {
        (_, Mark::Resolved) => Change::Gone,
        (None, _) => Change::New,
        (Some(before), now) if before == now => Change::Persisting,
        (Some(before), now) if severity(now) < severity(before) => Change::Better,
        (Some(_), _) => Change::Worse,
    }
}

fn item(before: Option<&ChartedPoint>, now: &ChartedPoint) -> Item {
    let change = change(before.map(|point| point.mark), now.mark);
    let was = before.map_or("", |point| point.mark.words());
    let is = now.mark.words();
    let became = match change {
        Change::New => format!("new, {is}"),
        Change::Gone if was.is_empty() => "gone".to_owned(),
        Change::Gone => format!("gone, was {was}"),
        Change::Persisting => format!("still {is}"),
        Change::Better => format!("better: {was} → {is}"),
        Change::Worse => format!("worse: {was} → {is}"),
        Change::NotExamined => format!("not examined again, was {was}"),
    };
    let injected = injected_words(now);
    Item {
        point_id: now.point_id,
        place: now.place,
        moved_from: before.and_then(|point| moved_from(&point.place, &now.place)),
        name: now.muscle.clone(),
        status: format!("{}, {became}{injected}", now.side),
        glyph: Glyph::Change(change),
        is_injected: now.is_injected,
        referred: referred(now),
    }
}

fn not_examined(before: &ChartedPoint) -> Item {
    Item {
        point_id: before.point_id,
        place: before.place,
        moved_from: None,
        name: before.muscle.clone(),
        status: format!("{}, not examined, was {}", before.side, before.mark.words()),
        glyph: Glyph::Change(Change::NotExamined),
        is_injected: false,
        referred: Vec::new(),
    }
}

/// Returns the earlier place, if both places lie on one drawing and differ.
fn moved_from(before: &ChartPoint, now: &ChartPoint) -> Option<ChartPoint> {
    (before.view() == now.view() && before != now).then_some(*before)
}

#[cfg(test)]
mod tests {
    use super::super::tests::point;
    use super::*;
    use crate::findings::chart::View;

    fn visit(points: Vec<ChartedPoint>) -> BodyChart {
        BodyChart {
            heading: String::new(),
            subject: None,
            points,
        }
    }

    fn difference(from: Vec<ChartedPoint>, to: Vec<ChartedPoint>) -> String {
        let heading = "From 1 March to 15 March 2026".to_owned();
        render_difference(&BodyChartDifference {
            heading,
            from: visit(from),
            to: visit(to),
        })
    }

    fn one(id: u128, mark: Mark) -> ChartedPoint {
        point(id, View::HeadNeckPosterior, 270, 700, mark)
    }

    #[test]
    fn each_point_says_what_became_of_it() {
        let from = vec![
            one(1, Mark::Active),
            one(2, Mark::Active),
            one(3, Mark::Latent),
            one(4, Mark::Active),
            one(6, Mark::Resolved),
        ];
        let to = vec![
            one(1, Mark::Latent),
            one(2, Mark::Resolved),
            one(3, Mark::Latent),
            one(5, Mark::Active),
            one(6, Mark::Active),
        ];
        let svg = difference(from, to);
        for words in [
            "left, better: active → latent",
            "left, gone, was active",
            "left, still latent",
            "left, not examined, was active",
            "left, new, active",
            "left, worse: resolved → active",
        ] {
            assert!(svg.contains(words), "{words}");
        }
    }

    #[test]
    fn a_point_that_was_not_examined_again_is_not_gone() {
        let svg = difference(vec![one(1, Mark::Active)], Vec::new());
        assert!(!svg.contains("left, gone"));
        assert!(svg.contains("left, not examined"));
    }

    #[test]
    fn a_point_that_moved_shows_where_it_was() {
        let before = point(1, View::HeadNeckPosterior, 250, 690, Mark::Active);
        let svg = difference(vec![before.clone()], vec![one(1, Mark::Active)]);
        assert!(svg.contains(r#"<path class="moved" d="M250 690L270 700"/>"#));
        let still = difference(vec![before.clone()], vec![before]);
        assert!(!still.contains(r#"<path class="moved""#));
    }

    #[test]
    fn every_change_has_its_own_sign() {
        let svg = difference(vec![one(1, Mark::Active)], vec![one(2, Mark::Active)]);
        for change in Change::ALL {
            assert!(
                svg.contains(&format!(r#"<path class="{change}""#)),
                "{change}"
            );
        }
    }
}
