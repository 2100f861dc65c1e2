//! An SVG document that is being written: elements, escaped text and one style sheet.

use super::artwork;

/// Width and height of the drawing of a view.
pub(super) const FIELD: i64 = 1000;

/// Width of the column of names on each side of the drawing.
pub(super) const COLUMN: i64 = 510;

/// The width of the whole picture.
pub(super) const WIDTH: i64 = FIELD + 2 * COLUMN;

/// Colours and widths, for light and dark surroundings. No meaning depends on colour alone.
const STYLE: &str = include_str!("style.css");

/// The shading of muscles, and the fillings that distinguish marks without colour.
const DEFINITIONS: &str = concat!(
    r#"<linearGradient id="tp-muscle" x1="0.1" y1="0" x2="0.9" y2="1">"#,
    r#"<stop class="tendon" offset="0"/><stop class="belly" offset="0.45"/>"#,
    r#"<stop class="tendon" offset="1"/></linearGradient>"#,
    r#"<pattern id="tp-stripes" width="7" height="7" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="pattern-ground" width="7" height="7"/>"#,
    r#"<path class="stripes" d="M0 3.5H7"/></pattern>"#,
    r#"<pattern id="tp-dots" width="8" height="8" patternUnits="userSpaceOnUse">"#,
    r#"<rect class="pattern-ground" width="8" height="8"/>"#,
    r#"<circle class="dots" cx="4" cy="4" r="2.2"/></pattern>"#,
    r#"<pattern id="tp-hatch" width="9" height="9" patternUnits="userSpaceOnUse">"#,
    r#"<path class="hatch" d="M-2 11L11 -2M-2 2L2 -2M7 11L11 7"/></pattern>"#,
    r#"<clipPath id="tp-field"><rect width="1000" height="1000" rx="24"/></clipPath>"#,
);

/// An SVG document being written.
pub(super) struct Canvas {
    svg: String,
}

impl Canvas {
    /// Opens a document with its title and description for screen readers.
    pub(super) fn new(title: &str, described: &[String], width: i64, height: i64) -> Self {
        let mut canvas = Self { svg: String::new() };
        canvas.raw(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{}\" height=\"{}\" role=\"img\" aria-labelledby=\"tp-title tp-desc\">\n",
            width / 2,
            height / 2,
        ));
        canvas.raw(&format!(
            "<title id=\"tp-title\">{}</title>\n",
            escaped(title)
        ));
        let described = escaped(&described.join(" "));
        canvas.raw(&format!("<desc id=\"tp-desc\">{described}</desc>\n"));
        canvas.raw(&format!(
            "<style>{}{STYLE}</style>\n<defs>{DEFINITIONS}</defs>\n",
            artwork::STYLE
        ));
        canvas.raw(&format!(
            "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"
        ));
        canvas
    }

    /// Closes the document.
    pub(super) fn finish(mut self) -> String {
        self.raw("</svg>\n");
        self.svg
    }

    /// Opens a group whose origin is this place.
    pub(super) fn open_at(&mut self, class: &str, x: i64, y: i64) {
        self.raw(&format!(
            "<g class=\"{class}\" transform=\"translate({x} {y})\">\n"
        ));
    }

    pub(super) fn open(&mut self, attributes: &str) {
        self.raw(&format!("<g {attributes}>\n"));
    }

    pub(super) fn close(&mut self) {
        self.raw("</g>\n");
    }

    /// The text that a pointer resting on the group shows.
    pub(super) fn title(&mut self, text: &str) {
        self.raw(&format!("<title>{}</title>\n", escaped(text)));
    }

    pub(super) fn ellipse(&mut self, class: &str, (x, y): (i64, i64), (width, height): (i64, i64)) {
        self.raw(&format!(
            "<ellipse class=\"{class}\" cx=\"{x}\" cy=\"{y}\" rx=\"{width}\" ry=\"{height}\"/>\n"
        ));
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        self.raw(&format!("<path class=\"{class}\" d=\"{path}\"/>\n"));
    }

    pub(super) fn bare_path(&mut self, path: &str) {
        self.raw(&format!("<path d=\"{path}\"/>\n"));
    }

    pub(super) fn text(&mut self, class: &str, x: i64, y: i64, text: &str) {
        let text = escaped(text);
        self.raw(&format!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n"
        ));
    }

    fn raw(&mut self, markup: &str) {
        self.svg.push_str(markup);
    }
}

/// Escapes text for XML. Control characters become spaces, because XML cannot carry them.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
