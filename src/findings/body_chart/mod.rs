//! The body chart as a picture: the points of a visit on our own drawings, and the difference
//! between two visits.
//!
//! The picture is part of reports. Colour-blind people read it, and so do screen readers, and it is
//! printed without colour. Therefore a mark differs in shape and filling as well as in colour, every
//! point is named beside the drawing, L and R are the patient's own sides, and the description says
//! in words what the drawing shows. The same points always give the same bytes: positions are whole
//! numbers, points are sorted before they are drawn, and no font is loaded.

mod artwork;
mod canvas;
mod difference;
mod head;
mod labels;
mod legend;
mod marks;
mod panel;
mod zones;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::chart::{ChartPoint, Side, View};
use super::classification::{Activity, Classification, Classified};
use super::course::Course;
use crate::platform::text::text_enum;
use canvas::Canvas;
use head::Head;
use legend::Sample;
use marks::Glyph;
use panel::{Item, Panel, Referred};

pub(crate) use difference::{BodyChartDifference, render_difference};
pub(crate) use head::Subject;

text_enum! {
    /// The kind of mark a point is drawn with.
    pub(crate) enum Mark {
        Active = "active",
        Latent = "latent",
        TenderPoint = "tender_point",
        /// Palpated or injected, and neither a trigger point nor a tender point.
        Unclassified = "unclassified",
        /// Found at an earlier visit, and no longer there.
        Resolved = "resolved",
    }
}

impl Mark {
    /// Returns the mark for what a visit found at a point.
    pub(crate) const fn of(classified: Classified, course: Course) -> Self {
        match (course, classified.activity, classified.classification) {
            (Course::Resolved, _, _) => Self::Resolved,
            (_, Activity::Active, _) => Self::Active,
            (_, Activity::Latent, _) => Self::Latent,
            (_, Activity::None, Classification::TenderPoint) => Self::TenderPoint,
            (_, Activity::None, _) => Self::Unclassified,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Latent => "latent",
            Self::TenderPoint => "tender point",
            Self::Unclassified => "unclassified",
            Self::Resolved => "resolved",
        }
    }
}

/// A point to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChartedPoint {
    pub(crate) point_id: Uuid,
    /// The name of the muscle that clinicians use.
    pub(crate) muscle: String,
    pub(crate) side: Side,
    pub(crate) place: ChartPoint,
    pub(crate) mark: Mark,
    pub(crate) is_injected: bool,
    /// What went in.
    pub(crate) given: Given,
    /// Where pain was referred to, in the words of who examined.
    pub(crate) referred_zones: Vec<String>,
}

/// What went into one point, or over all points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) volume_ml: Decimal,
    /// Of a drug that is dosed in units.
    pub(crate) units: Option<Decimal>,
}

impl Given {
    /// Both together.
    pub(crate) fn and(self, more: Self) -> Self {
        let units = self.units.unwrap_or_default() + more.units.unwrap_or_default();
        Self {
            volume_ml: self.volume_ml + more.volume_ml,
            units: (self.units.is_some() || more.units.is_some()).then_some(units),
        }
    }

    /// Such as `5 U` or `0.2 mL`; none for a dry needle.
    fn words(self) -> Option<String> {
        match self.units {
            Some(units) => Some(format!("{} U", units.normalize())),
            None if self.volume_ml.is_zero() => None,
            None => Some(format!("{} mL", self.volume_ml.normalize())),
        }
    }
}

/// The points of one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyChart {
    /// The text above the drawing, such as the date of the visit.
    pub(crate) heading: String,
    /// Who it is of; none on a picture that shows nobody.
    pub(crate) subject: Option<Subject>,
    pub(crate) points: Vec<ChartedPoint>,
}

impl BodyChart {
    /// What went in over all sites, in words.
    fn given(&self) -> Option<String> {
        let injected = self.points.iter().filter(|point| point.is_injected);
        let sites = injected.clone().count();
        let given = injected.fold(Given::default(), |sum, point| sum.and(point.given));
        let noun = if sites == 1 { "site" } else { "sites" };
        let words = given.words();
        (sites > 0).then(|| match words {
            Some(words) => format!("Injected: {words} at {sites} {noun}"),
            None => format!("Needled dry: {sites} {noun}"),
        })
    }
}

/// Draws the points of a visit: one drawing for each view that has points.
pub(crate) fn render(chart: &BodyChart) -> String {
    let items = chart.points.iter().map(item).collect();
    let head = Head {
        title: &chart.heading,
        subject: chart.subject.as_ref(),
        given: chart.given(),
    };
    picture(&head, "No point was recorded.", items, legend::OF_A_VISIT)
}

/// Draws one view without points.
pub(crate) fn render_view(view: View) -> String {
    let mut canvas = Canvas::new(view.title(), &[], panel::FIELD, panel::FIELD);
    panel::draw_field(&mut canvas, view);
    canvas.finish()
}

fn item(point: &ChartedPoint) -> Item {
    let mut status = format!("{}, {}", point.side, point.mark.words());
    status.push_str(&injected_words(point));
    Item {
        point_id: point.point_id,
        place: point.place,
        moved_from: None,
        name: point.muscle.clone(),
        status,
        glyph: Glyph::Of(point.mark),
        is_injected: point.is_injected,
        referred: referred(point),
    }
}

/// That it was injected, and with how much.
fn injected_words(point: &ChartedPoint) -> String {
    match (point.is_injected, point.given.words()) {
        (false, _) => String::new(),
        (true, None) => ", needled".to_owned(),
        (true, Some(words)) => format!(", injected {words}"),
    }
}

fn referred(point: &ChartedPoint) -> Vec<Referred> {
    let side = point.side;
    let zones = point.referred_zones.iter().cloned();
    zones.map(|zone| Referred { zone, side }).collect()
}

/// Draws the views below each other, in the order of the chart, and the legend below them.
fn picture(head: &Head<'_>, nothing: &str, mut items: Vec<Item>, samples: &[Sample]) -> String {
    items.sort_by_key(Item::order);
    let panels: Vec<Panel> = View::ALL
        .iter()
        .filter_map(|&view| {
            Panel::of(
                view,
                items
                    .iter()
                    .filter(|item| item.place.view() == view)
                    .collect(),
            )
        })
        .collect();
    let legend_top = head.height() + panels.iter().map(Panel::height).sum::<i64>();
    let nothing_height = if panels.is_empty() { panel::HEADER } else { 0 };
    let height = legend_top + nothing_height + legend::height(samples);

    let mut described = head.description();
    described.extend(panels.iter().map(Panel::description));
    if panels.is_empty() {
        described.push(nothing.to_owned());
    }
    let mut canvas = Canvas::new(head.title, &described, panel::WIDTH, height);
    head.draw(&mut canvas);
    let mut top = head.height();
    let referred: Vec<&Referred> = items.iter().flat_map(|item| &item.referred).collect();
    for panel in &panels {
        panel.draw(&mut canvas, top, &referred);
        top += panel.height();
    }
    if panels.is_empty() {
        canvas.text("nothing", panel::WIDTH / 2, top + 40, nothing);
    }
    legend::draw(&mut canvas, samples, legend_top + nothing_height);
    canvas.finish()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    pub(super) fn point(id: u128, view: View, x: i64, y: i64, mark: Mark) -> ChartedPoint {
        let place = ChartPoint::parse(view, Decimal::new(x, 3), Decimal::new(y, 3)).unwrap();
        ChartedPoint {
            point_id: Uuid::from_u128(id),
            muscle: "Trapezius, upper".to_owned(),
            side: place.expected_side(),
            place,
            mark,
            is_injected: false,
            given: Given::default(),
            referred_zones: Vec::new(),
        }
    }

    fn chart(points: Vec<ChartedPoint>) -> BodyChart {
        BodyChart {
            heading: "Visit of 1 March 2026".to_owned(),
            subject: None,
            points,
        }
    }

    #[test]
    fn the_same_points_give_the_same_bytes_in_any_order() {
        let points: Vec<_> = (0..40)
            .map(|id| {
                let place = i64::try_from(id).unwrap() * 23 % 1000;
                point(
                    id,
                    View::HeadNeckPosterior,
                    place,
                    999 - place,
                    Mark::Active,
                )
            })
            .collect();
        let mut reversed = points.clone();
        reversed.reverse();
        assert_eq!(render(&chart(points)), render(&chart(reversed)));
    }

    /// The findings of an invented visit.
    #[expect(clippy::too_many_lines, reason = "a list of findings")]
    fn example() -> BodyChart {
        let points = [
            (
                View::HeadNeckPosterior,
                270,
                700,
                Mark::Active,
                "Trapezius, upper",
                true,
            ),
            (
                View::HeadNeckPosterior,
                450,
                385,
                Mark::Latent,
                "Suboccipital group",
                false,
            ),
            (
                View::HeadNeckPosterior,
                580,
                440,
                Mark::Latent,
                "Splenius capitis",
                true,
            ),
            (
                View::HeadNeckPosterior,
                640,
                760,
                Mark::Resolved,
                "Levator scapulae",
                false,
            ),
            (
                View::HeadNeckPosterior,
                700,
                690,
                Mark::Active,
                "Trapezius, upper",
                true,
            ),
            (
                View::HeadNeckLeft,
                420,
                220,
                Mark::Active,
                "Temporalis",
                true,
            ),
            (
                View::HeadNeckLeft,
                350,
                440,
                Mark::TenderPoint,
                "Masseter, superficial part",
                false,
            ),
            (
                View::HeadNeckLeft,
                480,
                600,
                Mark::Latent,
                "Sternocleidomastoid",
                false,
            ),
        ];
        let numbered = points.into_iter().zip(1..);
        let points = numbered.map(
            |((view, x, y, mark, muscle, is_injected), id)| ChartedPoint {
                muscle: muscle.to_owned(),
                is_injected,
                given: Given {
                    volume_ml: Decimal::new(if is_injected { 2 } else { 0 }, 1),
                    units: None,
                },
                referred_zones: match (muscle, mark) {
                    ("Trapezius, upper", _) => vec!["temple".to_owned(), "behind_eye".to_owned()],
                    ("Suboccipital group", _) => vec!["occiput".to_owned()],
                    _ => Vec::new(),
                },
                ..point(id, view, x, y, mark)
            },
        );
        BodyChart {
            heading: "Visit of 3 March 2026".to_owned(),
            subject: Some(Subject {
                patient_name: "Vera Invented".to_owned(),
                birth_date: "1984-05-12".parse().unwrap(),
                record_number: "P-EXAMPLE1".to_owned(),
                provider_name: "Dr. Invented".to_owned(),
            }),
            points: points.collect(),
        }
    }

    #[test]
    fn the_picture_in_the_documents_is_what_the_service_draws() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/body-chart.svg");
        let drawn = render(&example());
        if std::env::var_os("WRITE_PICTURES").is_some() {
            std::fs::write(path, &drawn).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == drawn,
            "run this test with WRITE_PICTURES=1 to draw docs/pictures/body-chart.svg anew"
        );
    }

    #[test]
    fn only_views_with_points_are_drawn() {
        let svg = render(&chart(vec![point(
            1,
            View::LowBack,
            360,
            750,
            Mark::Latent,
        )]));
        assert!(svg.contains(View::LowBack.title()));
        assert!(!svg.contains(View::Chest.title()));
    }

    #[test]
    fn a_visit_without_points_says_so() {
        let svg = render(&chart(Vec::new()));
        assert_eq!(svg.matches("No point was recorded.").count(), 2);
    }

    #[test]
    fn every_mark_has_its_own_shape() {
        let mut shapes: Vec<String> = Mark::ALL
            .iter()
            .map(|&mark| {
                let mut canvas = Canvas::new("", &[], 10, 10);
                Glyph::Of(mark).draw(&mut canvas, 0, 0);
                let drawn = canvas.finish();
                drawn
                    .split_once("</defs>")
                    .unwrap()
                    .1
                    .replace(mark.as_str(), "")
            })
            .collect();
        shapes.sort();
        shapes.dedup();
        assert_eq!(shapes.len(), Mark::ALL.len());
    }

    #[test]
    fn an_injected_point_is_framed_and_says_so() {
        let mut injected = point(1, View::HeadNeckPosterior, 270, 700, Mark::Active);
        let plain = render(&chart(vec![injected.clone()]));
        injected.is_injected = true;
        let framed = render(&chart(vec![injected]));
        assert!(framed.contains("left, active, needled"));
        let count = |svg: &str| svg.matches(r#"<g class="injected""#).count();
        assert_eq!(count(&framed), count(&plain) + 1);
    }

    #[test]
    fn the_picture_says_whose_it_is_and_what_went_in() {
        let svg = render(&example());
        for words in [
            "Vera Invented · born 12 May 1984 · record P-EXAMPLE1",
            "Provider: Dr. Invented",
            "Injected: 0.8 mL at 4 sites",
            "left, active, injected 0.2 mL",
        ] {
            assert!(svg.contains(words), "{words}");
        }
        let mut toxin = point(1, View::HeadNeckPosterior, 270, 700, Mark::Unclassified);
        toxin.is_injected = true;
        toxin.given = Given {
            volume_ml: Decimal::new(1, 1),
            units: Some(Decimal::new(50, 1)),
        };
        let svg = render(&chart(vec![toxin]));
        assert!(svg.contains("left, unclassified, injected 5 U"));
        assert!(svg.contains("Injected: 5 U at 1 site"));
    }

    #[test]
    fn referred_pain_is_shaded_where_the_drawn_views_show_it_and_named_in_words() {
        let mut refers = point(1, View::HeadNeckLeft, 480, 600, Mark::Active);
        refers.side = Side::Left;
        refers.referred_zones = vec!["temple".to_owned(), "little toe".to_owned()];
        let svg = render(&chart(vec![refers]));
        // One on the head, and one in the legend.
        assert_eq!(svg.matches(r#"<ellipse class="referred""#).count(), 2);
        assert!(svg.contains("refers to temple, little toe"));
    }

    #[test]
    fn points_of_a_dense_drawing_have_numbers_that_their_names_repeat() {
        let many = |count: u128| {
            let points = (1..=count).map(|id| {
                let place = 60 * i64::try_from(id).unwrap();
                point(
                    id,
                    View::HeadNeckPosterior,
                    place,
                    999 - place,
                    Mark::Active,
                )
            });
            render(&chart(points.collect()))
        };
        assert_eq!(many(3).matches(r#"<text class="number""#).count(), 0);
        let twelve = many(12);
        assert_eq!(twelve.matches(r#"<text class="number""#).count(), 12);
        for number in 1..=12 {
            assert!(
                twelve.contains(&format!(">{number} \u{b7} Trapezius, upper<")),
                "{number}"
            );
        }
        let near = render(&chart(vec![
            point(1, View::HeadNeckPosterior, 270, 700, Mark::Active),
            point(2, View::HeadNeckPosterior, 290, 715, Mark::Latent),
        ]));
        assert_eq!(near.matches(r#"<text class="number""#).count(), 2);
    }

    /// `LOOK_AT_PICTURES` names a folder to write them to.
    #[test]
    fn pictures_of_few_and_many_sites_can_be_looked_at() {
        for count in [3_u128, 12, 31] {
            let points = (1..=count).map(|id| {
                let step = i64::try_from(id).unwrap();
                let view =
                    [View::HeadNeckAnterior, View::HeadNeckPosterior][usize::from(id % 3 == 0)];
                let (x, y) = (380 + step * 83 % 240, 120 + step * 47 % 420);
                ChartedPoint {
                    is_injected: true,
                    given: Given {
                        volume_ml: Decimal::new(1, 1),
                        units: (count == 31).then(|| Decimal::from(5)),
                    },
                    referred_zones: if id == 3 {
                        vec!["temple".to_owned()]
                    } else {
                        Vec::new()
                    },
                    ..point(id, view, x, y, Mark::ALL[usize::try_from(id).unwrap() % 5])
                }
            });
            let drawn = render(&BodyChart {
                points: points.collect(),
                ..example()
            });
            assert_eq!(
                drawn.matches("<g class=\"point\"").count(),
                usize::try_from(count).unwrap()
            );
            if let Some(folder) = std::env::var_os("LOOK_AT_PICTURES") {
                let file = std::path::Path::new(&folder).join(format!("sites-{count}.svg"));
                std::fs::write(file, drawn).unwrap();
            }
        }
    }

    #[test]
    fn names_are_escaped() {
        let mut named = point(1, View::HeadNeckPosterior, 270, 700, Mark::Active);
        named.muscle = "<script>&\"'\u{1}".to_owned();
        let svg = render(&chart(vec![named]));
        assert!(svg.contains("&lt;script&gt;&amp;&quot;&#39;"));
        assert!(!svg.contains("<script>"));
        assert!(!svg.contains('\u{1}'));
    }

    #[test]
    fn sides_are_lettered_as_the_patients_own() {
        let letters = |view| {
            let svg = render_view(view);
            let found: Vec<String> = svg
                .split(r#"<text class="side" x=""#)
                .skip(1)
                .map(|rest| rest.split("</text>").next().unwrap().to_owned())
                .collect();
            found
        };
        assert_eq!(
            letters(View::UpperBack),
            [r#"48" y="72">L"#, r#"952" y="72">R"#]
        );
        assert_eq!(
            letters(View::Chest),
            [r#"48" y="72">R"#, r#"952" y="72">L"#]
        );
        assert_eq!(letters(View::HeadNeckLeft), [r#"48" y="72">L"#]);
        assert_eq!(letters(View::HeadNeckRight), [r#"952" y="72">R"#]);
    }

    #[test]
    fn a_finding_is_drawn_as_what_it_amounts_to() {
        let mark = |classification, activity, course| {
            Mark::of(
                Classified {
                    classification,
                    activity,
                },
                course,
            )
        };
        let definite = Classification::Definite;
        assert_eq!(mark(definite, Activity::Active, Course::New), Mark::Active);
        assert_eq!(
            mark(definite, Activity::Latent, Course::Persistent),
            Mark::Latent
        );
        let tender = Classification::TenderPoint;
        assert_eq!(
            mark(tender, Activity::None, Course::Recurred),
            Mark::TenderPoint
        );
        let none = Classification::None;
        assert_eq!(mark(none, Activity::None, Course::New), Mark::Unclassified);
        assert_eq!(mark(none, Activity::None, Course::Resolved), Mark::Resolved);
    }
}
