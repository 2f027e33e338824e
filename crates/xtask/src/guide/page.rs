//! Pictures side by side, each with a line below.

use super::scene::SIZE;
use crate::demo::{pictures, png_files};
use crate::error::Error;
use canvas::{Canvas, Colour, LETTER};
use std::path::Path;

/// Width of a tile in pixels: three fit into the page of a browser.
const WIDTH: usize = 320;
const GAP: usize = 8;

const PAPER: Colour = [255; 3];
const INK: Colour = [60, 60, 64];
const INCLUDE: Colour = [90, 255, 110];
const BOX: Colour = [255, 220, 60];

/// A picture and its line.
#[derive(Clone)]
pub struct Tile {
    picture: Canvas,
    name: String,
}

impl Tile {
    /// A file's colours as they are.
    pub fn shown(path: &Path) -> Result<Self, Error> {
        Ok(Self::of(pictures::plate(&png_files::read(path)?, false)))
    }

    /// A file's alpha.
    pub fn matte(path: &Path) -> Result<Self, Error> {
        Ok(Self::of(pictures::matte(&png_files::read(path)?)))
    }

    /// What a file's alpha shows, over another background.
    pub fn cut_out(path: &Path) -> Result<Self, Error> {
        Ok(Self::of(pictures::cutout(&png_files::read(path)?, false)))
    }

    fn of(whole: Canvas) -> Self {
        let height = WIDTH * whole.height / whole.width.max(1);
        Self { picture: whole.resized(WIDTH, height), name: String::new() }
    }

    /// With a click drawn where it was made.
    pub fn with_point(mut self, at: [f64; 2]) -> Self {
        let at = self.place(at);
        self.picture.mark(at, true, 5, INCLUDE);
        self
    }

    /// With a box drawn as it was dragged.
    pub fn with_box(mut self, corners: [[f64; 2]; 2]) -> Self {
        let [(x1, y1), (x2, y2)] = corners.map(|corner| self.place(corner));
        for inset in 0..2 {
            self.picture.outline([x1 + inset, y1 + inset, x2 - inset, y2 - inset], BOX);
        }
        self
    }

    /// With a line below.
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    fn place(&self, [x, y]: [f64; 2]) -> (i32, i32) {
        let scale = self.picture.width as f64 / SIZE.0 as f64;
        ((x * scale).round() as i32, (y * scale).round() as i32)
    }
}

/// Rows of tiles.
pub struct Page(Vec<Vec<Tile>>);

impl Page {
    /// A page of rows that are equally long.
    pub fn of<const ROWS: usize, const COLUMNS: usize>(rows: [[Tile; COLUMNS]; ROWS]) -> Self {
        Self(rows.into_iter().map(Vec::from).collect())
    }

    /// Draws the page and writes it.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        png_files::write_small(&self.drawn(), path)
    }

    fn drawn(&self) -> Canvas {
        let height = self.0.iter().flatten().map(|tile| tile.picture.height).max().unwrap_or_default();
        let cell = (WIDTH + GAP, height + LETTER + 2 * GAP);
        let columns = self.0.first().map_or(0, Vec::len);
        let mut page = Canvas::new((columns * cell.0).saturating_sub(GAP), self.0.len() * cell.1, PAPER);
        for (row, tiles) in self.0.iter().enumerate() {
            for (column, tile) in tiles.iter().enumerate() {
                let (x, y) = (column * cell.0, row * cell.1);
                page.place(&tile.picture, (x, y));
                page.text((x as i32, (y + height + GAP / 2) as i32), 1, &tile.name, INK);
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(colour: Colour) -> Tile {
        Tile::of(Canvas::new(SIZE.0, SIZE.1, colour))
    }

    #[test]
    fn tiles_lie_side_by_side_and_rows_below_each_other() {
        let page = Page::of([[tile([255, 0, 0]), tile([0, 255, 0])], [tile([0, 0, 255]), tile([9; 3])]]).drawn();
        let below = 180 + LETTER + 2 * GAP;
        let seen = [(5, 5), (WIDTH + GAP + 5, 5), (5, below + 5)].map(|(x, y)| page.at(x, y));
        assert_eq!(seen, [Some([255, 0, 0]), Some([0, 255, 0]), Some([0, 0, 255])]);
    }

    #[test]
    fn prompts_are_drawn_where_they_were_made() {
        let tile = tile([0; 3]).with_point([480.0, 270.0]).with_box([[96.0, 54.0], [192.0, 108.0]]);
        assert_eq!([(160, 90), (32, 18)].map(|(x, y)| tile.picture.at(x, y)), [Some(INCLUDE), Some(BOX)]);
    }
}
