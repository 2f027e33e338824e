//! The contact sheet: frames in columns; the picture with its prompts, the matte and the cutout below each other.

use super::frames::{Rendered, spread};
use super::job::{Job, Prompts};
use super::pictures;
use super::png_files::{self, Picture};
use crate::error::Error;
use canvas::{Canvas, Colour, LETTER, text_width};
use std::path::Path;

const MOST_FRAMES: usize = 10;
/// Columns beside each other; further ones go below.
const COLUMNS: usize = 5;
/// Longest side of a picture on the sheet.
const CELL: usize = 320;
const GAP: usize = 6;
const ROWS: [&str; 3] = ["picture", "matte", "cutout"];

const PAPER: Colour = [24, 24, 26];
const INK: Colour = [225, 225, 225];
const FAINT: Colour = [150, 150, 150];
const INCLUDE: Colour = [90, 255, 110];
const EXCLUDE: Colour = [255, 90, 70];
const BOX: Colour = [255, 220, 60];

/// Where things lie on the sheet, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    cell: (usize, usize),
    frames: usize,
    left: usize,
    /// Height of the line with the frame number.
    head: usize,
}

impl Layout {
    fn new(frames: usize, (width, height): (usize, usize)) -> Self {
        let longest = width.max(height).max(1);
        let side = |length: usize| (length * CELL / longest).max(1);
        let left = GAP * 2 + ROWS.iter().map(|row| text_width(row, 1)).max().unwrap_or_default();
        Self { cell: (side(width), side(height)), frames, left, head: GAP * 2 + LETTER * 2 }
    }

    /// Top left corner of a cell: of a frame, by its place among those shown, and a row.
    fn cell_at(&self, index: usize, row: usize) -> (usize, usize) {
        let (column, band) = (index % COLUMNS, index / COLUMNS);
        let top = band * self.band_height() + self.head;
        (self.left + column * (self.cell.0 + GAP), top + row * (self.cell.1 + GAP))
    }

    fn band_height(&self) -> usize {
        self.head + ROWS.len() * (self.cell.1 + GAP)
    }

    fn bands(&self) -> usize {
        self.frames.div_ceil(COLUMNS)
    }

    fn size(&self) -> (usize, usize) {
        let width = self.left + self.frames.min(COLUMNS) * (self.cell.0 + GAP);
        (width, self.bands() * self.band_height() + LETTER + GAP * 2)
    }
}

/// A column of the sheet.
struct Column {
    frame: i32,
    prompts: Prompts,
    picture: Picture,
}

/// Draws the sheet and writes it.
pub fn write(rendered: &[Rendered], job: &Job, credit: Option<&str>, linear: bool, path: &Path) -> Result<(), Error> {
    let frames: Vec<i32> = rendered.iter().map(|rendered| rendered.frame).collect();
    let shown = spread(&frames, &job.prompt_frames(), MOST_FRAMES);
    let mut columns = Vec::new();
    for rendered in rendered.iter().filter(|rendered| shown.contains(&rendered.frame)) {
        let picture = png_files::read(&rendered.path)?;
        let prompts = job.at(rendered.frame, picture.height as f64);
        columns.push(Column { frame: rendered.frame, prompts, picture });
    }
    let Some(first) = columns.first() else {
        return Err(Error::Usage("no frame was rendered, so there is nothing to show".to_owned()));
    };
    let layout = Layout::new(columns.len(), (first.picture.width, first.picture.height));
    let (width, height) = layout.size();
    let mut sheet = Canvas::new(width, height, PAPER);
    for band in 0..layout.bands() {
        for (row, name) in ROWS.iter().enumerate() {
            let y = layout.cell_at(band * COLUMNS, row).1 + layout.cell.1 / 2;
            sheet.text((GAP as i32, y as i32), 1, name, INK);
        }
    }
    for (index, column) in columns.iter().enumerate() {
        draw_column(&mut sheet, &layout, index, column, linear);
    }
    let legend = "+ include   x exclude   large on prompt frames, small where interpolated   ";
    let legend = format!("{legend}{}", credit.unwrap_or_default());
    sheet.text((layout.left as i32, (height - LETTER - GAP) as i32), 1, &legend, FAINT);
    png_files::write(&sheet, path)
}

fn draw_column(sheet: &mut Canvas, layout: &Layout, index: usize, column: &Column, linear: bool) {
    let Column { frame, prompts, picture } = column;
    let small = |picture: Canvas| picture.resized(layout.cell.0, layout.cell.1);
    let mut plate = small(pictures::plate(picture, linear));
    draw_prompts(&mut plate, prompts, (picture.width, picture.height));
    let cells = [plate, small(pictures::matte(picture)), small(pictures::cutout(picture, linear))];
    for (row, cell) in cells.iter().enumerate() {
        sheet.place(cell, layout.cell_at(index, row));
    }
    let (left, top) = layout.cell_at(index, 0);
    let (x, y) = (left as i32, (top - layout.head + GAP) as i32);
    sheet.text((x, y), 2, &format!("{frame}"), INK);
    if prompts.keyed {
        let beside = x + text_width(&format!("{frame} "), 2) as i32;
        sheet.text((beside, y + LETTER as i32 / 2), 1, "prompted", FAINT);
    }
}

fn draw_prompts(cell: &mut Canvas, prompts: &Prompts, (width, height): (usize, usize)) {
    let scale = (cell.width as f64 / width as f64, cell.height as f64 / height as f64);
    let place = |x: f64, y: f64| ((x * scale.0) as i32, (y * scale.1) as i32);
    if let Some([left, top, right, bottom]) = prompts.r#box {
        let ((x1, y1), (x2, y2)) = (place(left, top), place(right, bottom));
        cell.outline([x1, y1, x2, y2], BOX);
    }
    let size = if prompts.keyed { 5 } else { 2 };
    for point in &prompts.points {
        let colour = if point.include { INCLUDE } else { EXCLUDE };
        cell.mark(place(point.x, point.y), point.include, size, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_the_pictures_shape() {
        let cell = |width, height| Layout::new(1, (width, height)).cell;
        assert_eq!([cell(1280, 720), cell(720, 1280), cell(9000, 1)], [(320, 180), (180, 320), (320, 1)]);
    }

    #[test]
    fn cells_stay_on_the_sheet_and_apart() {
        let layout = Layout::new(7, (1280, 720));
        let (width, height) = layout.size();
        let cells: Vec<_> = (0..7).flat_map(|index| (0..3).map(move |row| layout.cell_at(index, row))).collect();
        for (number, &(x, y)) in cells.iter().enumerate() {
            assert!(x + 320 <= width && y + 180 <= height, "{x}, {y}");
            assert!(cells[..number].iter().all(|&(a, b)| x.abs_diff(a) >= 320 || y.abs_diff(b) >= 180), "{x}, {y}");
        }
    }

    #[test]
    fn the_sheet_shows_picture_matte_and_cutout_of_each_frame() {
        let home = tempfile::tempdir().unwrap();
        let rendered = [4, 8].map(|frame| Rendered { frame, path: home.path().join(format!("roto.{frame:04}.png")) });
        // Without alpha the whole picture is inside.
        for rendered in &rendered {
            png_files::write(&Canvas::new(64, 32, [255, 0, 0]), &rendered.path).unwrap();
        }
        let job: Job = toml::from_str("[set]\npoint1Use = true\n[key.point1Position]\n4 = \"tl:48,16\"").unwrap();
        let path = home.path().join("sheet.png");
        write(&rendered, &job, Some("credit"), false, &path).unwrap();
        let sheet = png_files::read(&path).unwrap();
        let layout = Layout::new(2, (64, 32));
        assert_eq!((sheet.width, sheet.height), layout.size());
        let pixel = |row: usize, x: usize, y: usize| {
            let (left, top) = layout.cell_at(1, row);
            let [r, g, b, _] = sheet.pixels[(top + y) * sheet.width + left + x].map(|sample| (sample >> 8) as u8);
            [r, g, b]
        };
        assert_eq!([pixel(0, 40, 40), pixel(1, 40, 40), pixel(2, 40, 40)], [[255, 0, 0], [255; 3], [255, 0, 0]]);
        // The mark lies where the point was placed.
        assert_eq!(pixel(0, 240, 80), INCLUDE);
    }
}
