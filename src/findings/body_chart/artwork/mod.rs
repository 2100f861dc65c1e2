//! The drawings of the seven views, read from the `.svg` files beside this module.
//!
//! A drawing program opens and edits the files; `docs/body-chart.md` says how. Each file is a
//! picture of 1000 by 1000 with one group for each layer. A symmetric layer holds its left half
//! once, and a `use` element mirrors it in the middle. The right profile is the left profile
//! mirrored, so both views share one file.
//!
//! Only the outlines of paths and the names of landmarks are read. Anything else that would change
//! the picture is an error: what the program shows is what the service draws.
//!
//! Every drawing is laid over the chart's landmarks and the catalogue's usual places, so that a
//! point placed by coordinates falls on the muscle it names. Earlier points were placed on these
//! lines: a change that moves an outline or a bone is a new chart version.

use std::sync::LazyLock;

use roxmltree::{Document, Node};

use crate::findings::chart::View;

/// The rules that colour a drawing; every file carries the same rules, so that it can stand alone.
pub(super) const STYLE: &str = include_str!("artwork.css");

const VIEW_BOX: &str = "0 0 1000 1000";

/// The classes of the layers, in the order of painting.
const LAYERS: [&str; 10] = [
    // The silhouette.
    "skin",   // Hair, or a soft shadow.
    "shade",  // Strands of hair.
    "hair",   // A bone that is felt or seen under the skin.
    "bone",   // The edge or crest of a bone.
    "ridge",  // A muscle that lies under others.
    "deep",   // A muscle that lies under the skin.
    "muscle", // The course of a muscle's fibres.
    "fibre",  // Features of the surface: eyes, ears, folds.
    "detail", // The outline of the body.
    "edge",
];

/// The class of the group of landmarks.
const LANDMARKS: &str = "landmark";

/// The outlines of one layer, as the `d` attributes of its paths.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) class: &'static str,
    /// Drawn as they are, and mirrored in the middle.
    pub(super) half: Vec<String>,
    /// Drawn once.
    pub(super) whole: Vec<String>,
}

/// The short name of a bony landmark, written beside it.
#[derive(Debug)]
pub(super) struct Landmark {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) name: String,
}

/// The drawing of one view.
#[derive(Debug)]
pub(super) struct Artwork {
    /// In the order of painting; a layer without paths is left out.
    pub(super) layers: Vec<Layer>,
    pub(super) landmarks: Vec<Landmark>,
}

/// Why a file cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undrawable {
    #[error("the file is not XML: {0}")]
    NotXml(#[from] roxmltree::Error),
    #[error("the view box is \"{0}\", and must be \"{VIEW_BOX}\"")]
    ViewBox(String),
    #[error("the layer \"{0}\" is unknown or out of order; the layers are {LAYERS:?}")]
    Layer(String),
    #[error("the element <{element}> in the layer \"{layer}\" cannot be drawn; make it a path")]
    Element { element: String, layer: String },
    #[error(
        "the attribute {attribute} of the path \"{path}\" cannot be drawn; a path has only `d`"
    )]
    Attribute { attribute: String, path: String },
    #[error("the half of the layer \"{0}\" must be mirrored by one `use` element")]
    Unmirrored(String),
    #[error("a landmark needs whole numbers as x and y, and a name")]
    Landmark,
}

static HEAD_NECK_POSTERIOR: LazyLock<Artwork> =
    LazyLock::new(|| Artwork::read(include_str!("head_neck_posterior.svg")));
static HEAD_NECK_ANTERIOR: LazyLock<Artwork> =
    LazyLock::new(|| Artwork::read(include_str!("head_neck_anterior.svg")));
static HEAD_NECK_LATERAL: LazyLock<Artwork> =
    LazyLock::new(|| Artwork::read(include_str!("head_neck_lateral.svg")));
static UPPER_BACK: LazyLock<Artwork> =
    LazyLock::new(|| Artwork::read(include_str!("upper_back.svg")));
static CHEST: LazyLock<Artwork> = LazyLock::new(|| Artwork::read(include_str!("chest.svg")));
static LOW_BACK: LazyLock<Artwork> = LazyLock::new(|| Artwork::read(include_str!("low_back.svg")));

/// The drawing of a view.
pub(super) fn of(view: View) -> &'static Artwork {
    match view {
        View::HeadNeckPosterior => &HEAD_NECK_POSTERIOR,
        View::HeadNeckAnterior => &HEAD_NECK_ANTERIOR,
        View::HeadNeckLeft | View::HeadNeckRight => &HEAD_NECK_LATERAL,
        View::UpperBack => &UPPER_BACK,
        View::Chest => &CHEST,
        View::LowBack => &LOW_BACK,
    }
}

/// Whether the view shows its drawing mirrored.
pub(super) fn is_turned(view: View) -> bool {
    view == View::HeadNeckRight
}

impl Artwork {
    #[expect(
        clippy::expect_used,
        reason = "the files are compiled in, and a test reads every one of them"
    )]
    fn read(file: &str) -> Self {
        Self::parse(file).expect("a compiled-in drawing can be drawn")
    }

    /// Reads a file, or says what keeps the service from drawing all of it.
    fn parse(file: &str) -> Result<Self, Undrawable> {
        let document = Document::parse(file)?;
        let root = document.root_element();
        let view_box = root.attribute("viewBox").unwrap_or_default();
        if view_box != VIEW_BOX {
            return Err(Undrawable::ViewBox(view_box.to_owned()));
        }
        let mut layers = Vec::new();
        let mut landmarks = Vec::new();
        let mut classes = LAYERS.into_iter();
        for group in root.children().filter(|node| node.has_tag_name("g")) {
            let class = group.attribute("class").unwrap_or_default();
            if class == LANDMARKS {
                landmarks = read_landmarks(group)?;
            } else {
                let known = classes.find(|known| *known == class);
                let known = known.ok_or_else(|| Undrawable::Layer(class.to_owned()))?;
                layers.push(Layer::parse(known, group)?);
            }
        }
        Ok(Self { layers, landmarks })
    }
}

impl Layer {
    fn parse(class: &'static str, group: Node<'_, '_>) -> Result<Self, Undrawable> {
        let mut layer = Self {
            class,
            ..Self::default()
        };
        let mut mirrored = Vec::new();
        let mut halves = Vec::new();
        for element in group.children().filter(Node::is_element) {
            match element.tag_name().name() {
                "path" => layer.whole.push(outline(element)?),
                "use" => mirrored.push(mirrored_id(element)),
                "g" => {
                    halves.push(element.attribute("id"));
                    for path in element.children().filter(Node::is_element) {
                        if !path.has_tag_name("path") {
                            return Err(element_in(class, path));
                        }
                        layer.half.push(outline(path)?);
                    }
                }
                _ => return Err(element_in(class, element)),
            }
        }
        if mirrored != halves || halves.len() > 1 || halves.contains(&None) {
            return Err(Undrawable::Unmirrored(class.to_owned()));
        }
        Ok(layer)
    }
}

fn element_in(layer: &str, element: Node<'_, '_>) -> Undrawable {
    Undrawable::Element {
        element: element.tag_name().name().to_owned(),
        layer: layer.to_owned(),
    }
}

/// The outline of a path that looks the same wherever it is copied to. Attributes of a drawing
/// program's own name space do not show.
fn outline(path: Node<'_, '_>) -> Result<String, Undrawable> {
    let mut outline = "";
    for attribute in path.attributes() {
        match attribute.name() {
            _ if attribute.namespace().is_some() => {}
            "d" => outline = attribute.value(),
            "id" => {}
            other => {
                return Err(Undrawable::Attribute {
                    attribute: other.to_owned(),
                    path: path.attribute("id").unwrap_or_default().to_owned(),
                });
            }
        }
    }
    Ok(outline.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The id of the group that a `use` element mirrors in the middle of the field.
fn mirrored_id<'file>(element: Node<'file, '_>) -> Option<&'file str> {
    let transform = element.attribute("transform")?.replace(',', " ");
    let attributes = element.attributes();
    let mut references = attributes.filter(|attribute| attribute.name() == "href");
    let reference = references.next()?.value();
    (transform == "matrix(-1 0 0 1 1000 0)")
        .then(|| reference.strip_prefix('#'))
        .flatten()
}

fn read_landmarks(group: Node<'_, '_>) -> Result<Vec<Landmark>, Undrawable> {
    let texts = group.children().filter(Node::is_element);
    texts
        .map(|text| {
            let number = |name| text.attribute(name)?.parse().ok();
            let name = text.descendants().find_map(|node| node.text())?;
            Some(Landmark {
                x: number("x")?,
                y: number("y")?,
                name: name.to_owned(),
            })
        })
        .map(|landmark| landmark.ok_or(Undrawable::Landmark))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::chart::CHART_VERSION;

    const CATALOGUE: &str =
        include_str!("../../../../migrations/2026-12-01-000810_muscle_catalogue/up.sql");

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
        let x = if is_turned(view) { 1000.0 - x } else { x };
        let skin = layer(view, "skin");
        let halves = skin.half.iter().map(|path| (path, x.min(1000.0 - x)));
        let whole = skin.whole.iter().map(|path| (path, x));
        halves
            .chain(whole)
            .any(|(path, x)| encloses(&corners(path), (x, y)))
    }

    fn layer(view: View, class: &str) -> &'static Layer {
        let mut layers = of(view).layers.iter();
        layers.find(|layer| layer.class == class).unwrap()
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
            for class in ["skin", "edge", "muscle"] {
                let layer = layer(view, class);
                assert!(!layer.half.is_empty() || !layer.whole.is_empty(), "{view}");
            }
        }
    }

    /// FNV-1a over the outlines that points were placed on, so that a line cannot move unnoticed.
    fn fingerprint() -> u64 {
        View::ALL
            .iter()
            .flat_map(|&view| &of(view).layers)
            .filter(|layer| ["skin", "edge", "bone"].contains(&layer.class))
            .flat_map(|layer| layer.half.iter().chain(&layer.whole))
            .flat_map(|path| path.bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }

    #[test]
    fn outlines_and_bones_move_only_with_a_new_chart_version() {
        assert_eq!((CHART_VERSION, fingerprint()), (1, 0x3701_3662_8b7a_75a1));
    }

    /// Every file, as the program and the reviewer see it.
    const FILES: [(&str, &str); 6] = [
        (
            "head_neck_posterior",
            include_str!("head_neck_posterior.svg"),
        ),
        ("head_neck_anterior", include_str!("head_neck_anterior.svg")),
        ("head_neck_lateral", include_str!("head_neck_lateral.svg")),
        ("upper_back", include_str!("upper_back.svg")),
        ("chest", include_str!("chest.svg")),
        ("low_back", include_str!("low_back.svg")),
    ];

    #[test]
    fn every_file_can_be_drawn_whole() {
        for (name, file) in FILES {
            let parsed = Artwork::parse(file);
            assert!(parsed.is_ok(), "{name}: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn every_file_stands_alone_with_the_style_of_the_service() {
        for (name, file) in FILES {
            let document = Document::parse(file).unwrap();
            let mut elements = document.descendants();
            let style = elements.find(|node| node.has_tag_name("style")).unwrap();
            assert_eq!(style.text().unwrap().trim(), STYLE.trim(), "{name}");
            let id_of = |node: Node<'_, '_>| node.attribute("id").map(str::to_owned);
            let ids: Vec<String> = document.descendants().filter_map(id_of).collect();
            assert!(ids.contains(&"tp-muscle".to_owned()), "{name}");
            let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
            assert_eq!(distinct.len(), ids.len(), "{name}");
        }
    }

    #[test]
    fn no_file_runs_or_loads_anything() {
        let passive = [
            "svg",
            "title",
            "desc",
            "style",
            "defs",
            "linearGradient",
            "stop",
            "g",
            "path",
            "use",
            "text",
        ];
        for (name, file) in FILES {
            assert!(!file.contains("<!"), "{name} has a document type");
            assert!(!STYLE.contains("@import"));
            let document = Document::parse(file).unwrap();
            for element in document.descendants().filter(Node::is_element) {
                let tag = element.tag_name().name();
                assert!(passive.contains(&tag), "{name} has <{tag}>");
                for attribute in element.attributes() {
                    let (key, value) = (attribute.name(), attribute.value());
                    assert!(!key.starts_with("on"), "{name} has {key}");
                    let is_outside = key == "href" && !value.starts_with('#');
                    assert!(
                        !is_outside && !value.contains("url("),
                        "{name}: {key}={value}"
                    );
                }
            }
        }
        assert_eq!(
            STYLE.matches("url(").count(),
            STYLE.matches("url(#").count()
        );
    }

    fn refused(inside: &str) -> String {
        let file = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000">{inside}</svg>"#
        );
        Artwork::parse(&file).unwrap_err().to_string()
    }

    #[test]
    fn what_the_service_would_draw_differently_is_an_error() {
        let group = |inside: &str| format!(r#"<g class="skin">{inside}</g>"#);
        assert_eq!(
            refused(&group("<circle r=\"9\"/>")),
            "the element <circle> in the layer \"skin\" cannot be drawn; make it a path"
        );
        assert_eq!(
            refused(&group(r#"<path id="ear" d="M0 0" transform="scale(2)"/>"#)),
            "the attribute transform of the path \"ear\" cannot be drawn; a path has only `d`"
        );
        assert_eq!(
            refused(&group(r#"<g id="skin-half"><path d="M0 0"/></g>"#)),
            "the half of the layer \"skin\" must be mirrored by one `use` element"
        );
        let wrong_order = r#"<g class="edge"/><g class="skin"/>"#;
        assert!(refused(wrong_order).starts_with("the layer \"skin\" is unknown or out of order"));
        let small = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>"#;
        let error = Artwork::parse(small).unwrap_err().to_string();
        assert_eq!(
            error,
            "the view box is \"0 0 9 9\", and must be \"0 0 1000 1000\""
        );
    }
}
