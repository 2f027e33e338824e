//! A picture to draw on: rectangles, lines, prompt marks, text. Everything is cut at the edges.
#![forbid(unsafe_code)]

use font8x8::{BASIC_FONTS, UnicodeFonts};

/// Side of a letter of the built-in font.
pub const LETTER: usize = 8;

/// Red, green, blue as they are shown.
pub type Colour = [u8; 3];

/// A picture of 8 bits a channel, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The pixels, row after row: `width * height` of them.
    pub pixels: Vec<Colour>,
}

impl Canvas {
    /// A picture of one colour.
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: vec![colour; width * height] }
    }

    /// The colour of a pixel, if there is one.
    pub fn at(&self, x: usize, y: usize) -> Option<Colour> {
        (x < self.width).then(|| self.pixels.get(y * self.width + x).copied()).flatten()
    }

    /// Fills the pixels of a rectangle, `x2` and `y2` not among them.
    pub fn fill(&mut self, [x1, y1, x2, y2]: [i32; 4], colour: Colour) {
        let clamped = |value: i32, most: usize| usize::try_from(value).unwrap_or(0).min(most);
        let (x1, x2) = (clamped(x1, self.width), clamped(x2, self.width));
        for y in clamped(y1, self.height)..clamped(y2, self.height) {
            let row = y * self.width;
            self.pixels.get_mut(row + x1..row + x2).unwrap_or_default().fill(colour);
        }
    }

    /// The outline of a rectangle, drawn inwards, one pixel thick.
    pub fn outline(&mut self, [x1, y1, x2, y2]: [i32; 4], colour: Colour) {
        for side in [[x1, y1, x2, y1 + 1], [x1, y2 - 1, x2, y2], [x1, y1, x1 + 1, y2], [x2 - 1, y1, x2, y2]] {
            self.fill(side, colour);
        }
    }

    /// A plus for what belongs to the object, a cross for what does not: told apart by shape, not only by colour. `size` is the length
    /// of an arm.
    pub fn mark(&mut self, (x, y): (i32, i32), include: bool, size: i32, colour: Colour) {
        const EDGE: Colour = [16, 16, 16];
        for (reach, half, colour) in [(size + 1, 3, EDGE), (size, 2, colour)] {
            for step in -reach..=reach {
                let arms = if include { [(step, 0), (0, step)] } else { [(step, step), (step, -step)] };
                for (dx, dy) in arms {
                    self.fill([x + dx - half + 1, y + dy - half + 1, x + dx + half, y + dy + half], colour);
                }
            }
        }
    }

    /// A straight line from pixel to pixel, both included, drawn with a square pen of `thickness` pixels.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), thickness: i32, colour: Colour) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let steps = dx.abs().max(dy.abs()).max(1);
        for step in 0..=steps {
            let along = f64::from(step) / f64::from(steps);
            let at = |from: i32, by: i32| from + (f64::from(by) * along).round() as i32 - thickness / 2;
            let (x, y) = (at(from.0, dx), at(from.1, dy));
            self.fill([x, y, x + thickness, y + thickness], colour);
        }
    }

    /// A line of text, its top left corner at (x, y).
    pub fn text(&mut self, (x, y): (i32, i32), scale: i32, line: &str, colour: Colour) {
        for (index, letter) in (0..).zip(line.chars()) {
            let rows = BASIC_FONTS.get(letter).or_else(|| BASIC_FONTS.get('?')).unwrap_or_default();
            let left = x + index * LETTER as i32 * scale;
            for (row, bits) in (0..).zip(rows) {
                for column in (0..8).filter(|column| bits >> column & 1 == 1) {
                    let (px, py) = (left + column * scale, y + row * scale);
                    self.fill([px, py, px + scale, py + scale], colour);
                }
            }
        }
    }

    /// Puts a picture with its top left corner at (x, y).
    pub fn place(&mut self, picture: &Self, (x, y): (usize, usize)) {
        for (row, source) in picture.pixels.chunks_exact(picture.width.max(1)).enumerate() {
            let begin = (y + row) * self.width + x;
            if let Some(target) = self.pixels.get_mut(begin..begin + picture.width) {
                target.copy_from_slice(source);
            }
        }
    }

    /// The picture at another size: every pixel is the mean of those that it covers (at least one).
    pub fn resized(&self, width: usize, height: usize) -> Self {
        let span = |index: usize, count: usize, of: usize| {
            let begin = index * of / count.max(1);
            begin..((index + 1) * of / count.max(1)).max(begin + 1).min(of)
        };
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (rows, columns) = (span(y, height, self.height), span(x, width, self.width));
                let (mut sum, mut count) = ([0u32; 3], 0u32);
                for row in rows {
                    let row = row * self.width;
                    for pixel in self.pixels.get(row + columns.start..row + columns.end).unwrap_or_default() {
                        sum = std::array::from_fn(|c| sum[c] + u32::from(pixel[c]));
                        count += 1;
                    }
                }
                pixels.push(sum.map(|sum| ((sum + count / 2) / count.max(1)) as u8));
            }
        }
        Self { width, height, pixels }
    }
}

/// Width of a line of text.
pub fn text_width(line: &str, scale: usize) -> usize {
    line.chars().count() * LETTER * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = [0; 3];
    const WHITE: Colour = [255; 3];

    fn lit(canvas: &Canvas) -> usize {
        canvas.pixels.iter().filter(|pixel| **pixel != BLACK).count()
    }

    #[test]
    fn nothing_is_drawn_beyond_the_edges() {
        let mut canvas = Canvas::new(4, 4, BLACK);
        canvas.fill([-5, -5, 90, 1], WHITE);
        assert_eq!(lit(&canvas), 4);
        canvas.fill([3, 3, 1, 1], WHITE);
        canvas.mark((-100, 2), true, 3, WHITE);
        canvas.text((-100, -100), 2, "x", WHITE);
        assert_eq!(lit(&canvas), 4);
    }

    #[test]
    fn a_line_reaches_both_of_its_ends_without_a_gap() {
        for (to, pixels) in [((8, 4), 7), ((2, 9), 9), ((2, 1), 1)] {
            let mut canvas = Canvas::new(10, 10, BLACK);
            canvas.line((2, 1), to, 1, WHITE);
            assert_eq!((canvas.at(2, 1), canvas.at(to.0 as usize, to.1 as usize)), (Some(WHITE), Some(WHITE)));
            assert_eq!(lit(&canvas), pixels, "to {to:?}");
        }
    }

    #[test]
    fn the_two_marks_differ_in_shape() {
        let drawn = |include| {
            let mut canvas = Canvas::new(21, 21, BLACK);
            canvas.mark((10, 10), include, 6, WHITE);
            (canvas.at(10, 4), canvas.at(5, 5))
        };
        assert_eq!(drawn(true), (Some(WHITE), Some(BLACK)));
        assert_eq!(drawn(false), (Some(BLACK), Some(WHITE)));
    }

    #[test]
    fn letters_leave_ink_within_their_width() {
        let mut canvas = Canvas::new(40, 16, BLACK);
        canvas.text((0, 0), 2, "12", WHITE);
        assert!(lit(&canvas) > 20);
        let beyond = text_width("12", 2);
        assert!((beyond..40).all(|x| (0..16).all(|y| canvas.at(x, y) == Some(BLACK))));
    }

    #[test]
    fn a_smaller_picture_holds_the_means_of_the_larger() {
        let mut canvas = Canvas::new(4, 2, BLACK);
        canvas.fill([0, 0, 1, 2], WHITE);
        assert_eq!(canvas.resized(2, 1).pixels, [[128; 3], BLACK]);
        assert_eq!(canvas.resized(4, 2), canvas);
        assert_eq!(Canvas::new(1, 1, WHITE).resized(3, 2), Canvas::new(3, 2, WHITE));
    }
}
