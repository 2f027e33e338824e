//! The figures of a comparison, drawn over the frames: one panel for each figure.

use super::compare_shot::Comparison;
use super::compare_table::{FIGURES, Figure};
use super::error::CommandError;
use crate::host::{Components, Depth, Frame, RectI};
use crate::sequence::SequenceError;
use canvas::{Canvas, Colour, text_width};

/// Everything is drawn at twice the size and made smaller, which smooths the lines.
const FINE: i32 = 2;
/// Panels side by side.
const COLUMNS: usize = 2;
/// A panel's size, its margins to the axes (left, top, right, bottom) and the page's head, in pixels of the finished plot.
const PANEL: (i32, i32) = (720, 250);
const MARGINS: [i32; 4] = [84, 36, 24, 34];
const HEAD: i32 = 44;
/// Letters are 8 pixels wide, twice.
const LETTERS: i32 = 2;

const PAPER: Colour = [255; 3];
const INK: Colour = [40, 40, 44];
const GRID: Colour = [224, 224, 228];
const CURVE: Colour = [31, 110, 180];
const MEAN: Colour = [214, 104, 24];

/// The plot as a picture.
///
/// # Errors
/// When it is too large to be addressed.
pub(super) fn plot(comparison: &Comparison) -> Result<Frame, CommandError> {
    let shown: Vec<&Figure> = FIGURES.iter().filter(|figure| (figure.of)(&comparison.shot.mean).is_some()).collect();
    let rows = shown.len().div_ceil(COLUMNS) as i32;
    let (width, height) = (PANEL.0 * COLUMNS as i32, HEAD + PANEL.1 * rows);
    let mut page = Canvas::new((width * FINE) as usize, (height * FINE) as usize, PAPER);
    legend(&mut page, comparison);
    for (index, figure) in shown.into_iter().enumerate() {
        let (column, row) = ((index % COLUMNS) as i32, (index / COLUMNS) as i32);
        Panel::new(comparison, figure, (column * PANEL.0, HEAD + row * PANEL.1)).draw(&mut page);
    }
    let page = page.resized(width as usize, height as usize);
    let bounds = RectI::new(0, 0, width, height);
    let frame = Frame::new(bounds, Depth::Byte, Components::Rgb, page.pixels.into_flattened());
    Ok(frame.map_err(SequenceError::from)?)
}

/// What the two lines mean.
fn legend(page: &mut Canvas, comparison: &Comparison) {
    let (y, left) = (14, MARGINS[0]);
    let middle = y + 4 * LETTERS;
    line(page, (left, middle), (left + 40, middle), CURVE);
    text(page, (left + 52, y), "frame");
    let next = left + 200;
    dashes(page, (next, next + 40), middle);
    let count = comparison.frames.len();
    text(page, (next + 52, y), &format!("mean of {count} {}", if count == 1 { "frame" } else { "frames" }));
}

/// One figure over the frames.
struct Panel<'a> {
    comparison: &'a Comparison,
    figure: &'a Figure,
    /// Left, top, right and bottom of the area between the axes.
    area: [i32; 4],
    /// Least and greatest frame, at least one apart.
    frames: (f64, f64),
    values: Ticks,
}

impl<'a> Panel<'a> {
    fn new(comparison: &'a Comparison, figure: &'a Figure, corner: (i32, i32)) -> Self {
        let [left, top, right, bottom] = MARGINS;
        let area = [corner.0 + left, corner.1 + top, corner.0 + PANEL.0 - right, corner.1 + PANEL.1 - bottom];
        let values = comparison.shot.frames.iter().filter_map(figure.of);
        let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), v| (least.min(v), most.max(v)));
        let first = f64::from(comparison.first_frame());
        let last = comparison.frames.last().map_or(first, |last| f64::from(*last));
        let frames = if last > first { (first, last) } else { (first - 0.5, first + 0.5) };
        Self { comparison, figure, area, frames, values: Ticks::around(least, most, 4) }
    }

    fn x(&self, frame: f64) -> i32 {
        let [left, _, right, _] = self.area;
        left + (f64::from(right - left) * (frame - self.frames.0) / (self.frames.1 - self.frames.0)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        let [_, top, _, bottom] = self.area;
        let (least, most) = self.values.ends();
        bottom - (f64::from(bottom - top) * (value - least) / (most - least)).round() as i32
    }

    fn draw(&self, page: &mut Canvas) {
        self.axes(page);
        let [left, top, right, _] = self.area;
        let direction = if self.figure.higher_is_better { "higher is better" } else { "lower is better" };
        text(page, (left, top - 24), &format!("{}  {}", self.figure.label, self.figure.meaning));
        let right_text = |page: &mut Canvas, line: &str| {
            text(page, (right - text_width(line, LETTERS as usize) as i32, top - 24), line);
        };
        if text_width(self.figure.meaning, LETTERS as usize) < 300 {
            right_text(page, direction);
        }
        if let Some(mean) = (self.figure.of)(&self.comparison.shot.mean) {
            dashes(page, (left, right), self.y(mean));
        }
        self.curve(page);
    }

    fn axes(&self, page: &mut Canvas) {
        let [left, top, right, bottom] = self.area;
        for value in self.values.all() {
            let y = self.y(value);
            line(page, (left, y), (right, y), GRID);
            let label = self.values.text(value);
            text(page, (left - 8 - text_width(&label, LETTERS as usize) as i32, y - 4 * LETTERS), &label);
        }
        let ticks = Ticks::within(self.frames.0, self.frames.1, 8);
        for frame in ticks.all().filter(|frame| (self.frames.0..=self.frames.1).contains(frame)) {
            let x = self.x(frame);
            line(page, (x, bottom), (x, bottom + 5), INK);
            let label = format!("{frame:.0}");
            text(page, (x - text_width(&label, LETTERS as usize) as i32 / 2, bottom + 10), &label);
        }
        line(page, (left, top), (left, bottom), INK);
        line(page, (left, bottom), (right, bottom), INK);
    }

    /// The values, joined where frame follows frame.
    fn curve(&self, page: &mut Canvas) {
        let mut before: Option<(i32, (i32, i32))> = None;
        for (frame, figures) in self.comparison.rows() {
            let Some(value) = (self.figure.of)(figures) else {
                before = None;
                continue;
            };
            let here = (self.x(f64::from(frame)), self.y(value));
            match before {
                Some((last, there)) if last.checked_add(1) == Some(frame) => {
                    page.line(fine(there), fine(here), 2 * FINE, CURVE);
                }
                // The first of a run, or all alone: a dot.
                _ => page.line(fine(here), fine(here), 4 * FINE, CURVE),
            }
            before = Some((frame, here));
        }
    }
}

/// Round numbers along an axis.
struct Ticks {
    /// The first of them in steps.
    first: i64,
    last: i64,
    step: f64,
}

impl Ticks {
    /// About `count` numbers; the outer ones enclose what lies between `least` and `most`.
    fn around(least: f64, most: f64, count: u32) -> Self {
        // A flat line still needs a height.
        let range = if most - least > 1e-9 { most - least } else { least.abs().max(1e-3) };
        let step = round_step(range / f64::from(count));
        let (first, last) = ((least / step + 1e-9).floor() as i64, (most / step - 1e-9).ceil() as i64);
        Self { first, last: last.max(first + 1), step }
    }

    /// At most about `count` whole numbers between the ends.
    fn within(least: f64, most: f64, count: u32) -> Self {
        let step = round_step((most - least) / f64::from(count)).max(1.0);
        Self { first: (least / step).ceil() as i64, last: (most / step).floor() as i64, step }
    }

    fn ends(&self) -> (f64, f64) {
        (self.first as f64 * self.step, self.last as f64 * self.step)
    }

    fn all(&self) -> impl Iterator<Item = f64> {
        let step = self.step;
        (self.first..=self.last).map(move |index| index as f64 * step)
    }

    /// With as many digits as tell the steps apart.
    fn text(&self, value: f64) -> String {
        let digits = (-self.step.log10()).ceil().clamp(0.0, 6.0) as usize;
        format!("{value:.digits$}")
    }
}

/// 1, 2 or 5 times a power of ten: the least that is no smaller.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999).unwrap_or(10.0);
    factor * power
}

fn fine((x, y): (i32, i32)) -> (i32, i32) {
    (x * FINE, y * FINE)
}

fn line(page: &mut Canvas, from: (i32, i32), to: (i32, i32), colour: Colour) {
    page.line(fine(from), fine(to), FINE, colour);
}

fn dashes(page: &mut Canvas, (left, right): (i32, i32), y: i32) {
    for x in (left..right).step_by(12) {
        line(page, (x, y), ((x + 7).min(right), y), MEAN);
    }
}

fn text(page: &mut Canvas, at: (i32, i32), line: &str) {
    page.text(fine(at), LETTERS * FINE, line, INK);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers_that_enclose_the_values() {
        let ticks = Ticks::around(0.912, 0.968, 4);
        assert_eq!(
            ticks.all().map(|value| ticks.text(value)).collect::<Vec<_>>(),
            ["0.90", "0.92", "0.94", "0.96", "0.98"]
        );
        let flat = Ticks::around(1.0, 1.0, 4);
        assert!(flat.ends().0 <= 1.0 && flat.ends().1 >= 1.0 && flat.ends().0 < flat.ends().1);
        let none = Ticks::around(0.0, 0.0, 4);
        assert!(none.ends().0 <= 0.0 && none.ends().1 > 0.0);
        let frames = Ticks::within(1.0, 50.0, 8);
        assert_eq!(frames.all().collect::<Vec<_>>(), [10.0, 20.0, 30.0, 40.0, 50.0]);
    }
}
