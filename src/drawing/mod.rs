//! A small SVG writer: drawings of one size, frames with axes over the unit square, marks in them. `drawing.css` beside
//! this file gives the marks their look, on reports and on the desk. Pure.

use std::fmt::{Display, Write as _};

/// A drawing with its words and the table behind it.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What it says, in a few words.
    pub heading: String,
    /// What it says, in a sentence or two.
    pub words: String,
    /// The drawing; every text in it is escaped.
    pub svg: String,
    /// Heads of the table's columns; the first column names the rows.
    pub heads: Vec<&'static str>,
    /// The rows of the table.
    pub rows: Vec<Vec<String>>,
}

/// Width of every drawing; a phone shows it in its natural size.
const WIDTH: f64 = 340.0;

/// A rectangle of the drawing whose content is given in shares of its sides: (0, 0) is its lower left corner,
/// (1, 1) its upper right one.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Its upper side, from the top of the drawing.
    pub top: f64,
    /// How high it is.
    pub height: f64,
}

impl Frame {
    const LEFT: f64 = 45.0;
    const RIGHT: f64 = 6.0;

    fn x(x: f64) -> f64 {
        Self::LEFT + (WIDTH - Self::LEFT - Self::RIGHT) * x.clamp(0.0, 1.0)
    }

    fn y(self, y: f64) -> f64 {
        self.top + self.height * (1.0 - y.clamp(0.0, 1.0))
    }
}

/// On which side of its place a text stands.
#[derive(Debug, Clone, Copy)]
pub enum Anchor {
    /// After it.
    Start,
    /// Around it.
    Middle,
    /// Before it.
    End,
}

/// A drawing under way. Classes give marks their look, see the style sheet.
#[derive(Debug)]
pub struct Drawing(String);

impl Drawing {
    /// Begins a drawing of this height. `id` is unique in the page; `title` and `description` are what those
    /// hear who do not see it.
    pub fn new(id: &str, height: f64, title: &str, description: &str) -> Self {
        Self(format!(
            "<svg class=\"drawing\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n",
            escaped(title),
            escaped(description)
        ))
    }

    /// Vertical grid lines with their labels below.
    pub fn columns(&mut self, frame: Frame, ticks: &[(f64, &str)]) {
        for &(x, name) in ticks {
            self.line("grid", frame, [(x, 0.0), (x, 1.0)]);
            // The last one would stick out.
            let anchor = if x < 1.0 { Anchor::Middle } else { Anchor::End };
            self.text("tick", Frame::x(x), frame.y(0.0) + 15.0, anchor, name);
        }
    }

    /// Horizontal grid lines with their labels at the left.
    pub fn rows(&mut self, frame: Frame, ticks: &[(f64, &str)]) {
        for &(y, name) in ticks {
            self.line("grid", frame, [(0.0, y), (1.0, y)]);
            self.text("tick", Frame::LEFT - 6.0, frame.y(y) + 4.0, Anchor::End, name);
        }
    }

    /// What the axes mean: across, below the tick labels, and up, above the frame.
    pub fn axes(&mut self, frame: Frame, across: &str, up: &str) {
        self.text("axis", Frame::x(0.5), frame.y(0.0) + 32.0, Anchor::Middle, across);
        self.text("axis", Frame::x(0.0), frame.y(1.0) - 9.0, Anchor::Start, up);
    }

    /// Straight lines from point to point.
    pub fn line(&mut self, class: &str, frame: Frame, points: impl IntoIterator<Item = (f64, f64)>) {
        let _ = write!(self.0, "<polyline class=\"{class}\" points=\"");
        for (place, (x, y)) in points.into_iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            let _ = write!(self.0, "{space}{:.1},{:.1}", Frame::x(x), frame.y(y));
        }
        self.0.push_str("\"/>\n");
    }

    /// A filled rectangle between two corners; `title` shows when pointed at.
    pub fn bar(&mut self, class: &str, frame: Frame, from: (f64, f64), to: (f64, f64), title: impl Display) {
        let (left, right) = (Frame::x(from.0.min(to.0)), Frame::x(from.0.max(to.0)));
        let (top, bottom) = (frame.y(from.1.max(to.1)), frame.y(from.1.min(to.1)));
        let _ = writeln!(
            self.0,
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}\
             </title></rect>",
            right - left,
            bottom - top,
            escaped(&title.to_string())
        );
    }

    /// A dot; `title` shows when pointed at.
    pub fn dot(&mut self, class: &str, frame: Frame, at: (f64, f64), title: impl Display) {
        let (x, y) = (Frame::x(at.0), frame.y(at.1));
        let _ = writeln!(
            self.0,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}</title></circle>",
            escaped(&title.to_string())
        );
    }

    /// A label inside the frame, `dx` and `dy` units away from its place.
    pub fn label(
        &mut self,
        class: &str,
        frame: Frame,
        at: (f64, f64),
        (dx, dy): (f64, f64),
        anchor: Anchor,
        text: impl Display,
    ) {
        self.text(class, Frame::x(at.0) + dx, frame.y(at.1) + dy, anchor, text);
    }

    fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: impl Display) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = text.to_string();
        let _ = writeln!(
            self.0,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(&text)
        );
    }

    /// The finished drawing.
    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    html_escape::encode_double_quoted_attribute(text)
}
