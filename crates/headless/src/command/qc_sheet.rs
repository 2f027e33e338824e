//! A contact sheet: the worst frames of a track, with the matte laid over them and what is the matter below.

use super::error::CommandError;
use super::qc_figures::{Figures, Row};
use super::table::wrapped;
use crate::host::{Components, Depth, Frame, HostError, Instance, RenderRequest, Value};
use crate::sequence::SequenceError;
use canvas::{Canvas, Colour, LETTER};
use image::ImageEncoder;
use image::codecs::png::PngEncoder;

/// Width of a picture on the sheet, in pixels.
const TILE: usize = 480;
/// Pictures side by side.
const COLUMNS: usize = 3;
/// Between pictures, and round them.
const GAP: usize = 16;
/// Letters of the captions are this many times their least size, and this many lines lie below a picture.
const SCALE: usize = 2;
const LINES: usize = 3;
const LINE: usize = LETTER * SCALE + 6;

const PAPER: Colour = [255; 3];
const INK: Colour = [40, 40, 44];
const BAD: Colour = [190, 70, 10];

/// The option of the effect's parameter `outputMode` that lays the matte over the picture.
const OVERLAY_VIEW: i32 = 3;

/// The sheet of the worst frames as a PNG file's content.
pub(super) fn sheet(instance: &Instance, figures: &Figures, count: usize) -> Result<Vec<u8>, CommandError> {
    instance.set("outputMode", Value::Integer(OVERLAY_VIEW))?;
    let worst = figures.worst(count);
    let tiles = worst.iter().map(|row| Ok(tile(&instance.render(&RenderRequest::at(row.frame))?.frame)?));
    let tiles: Vec<Canvas> = tiles.collect::<Result<_, CommandError>>()?;
    let tallest = tiles.iter().map(|tile| tile.height).max().unwrap_or_default();
    let (columns, rows) = (COLUMNS.min(tiles.len()), tiles.len().div_ceil(COLUMNS));
    let cell = (TILE + GAP, tallest + LINES * LINE + GAP);
    let mut page = Canvas::new(columns * cell.0 + GAP, rows * cell.1 + GAP, PAPER);
    for (index, (picture, row)) in tiles.iter().zip(&worst).enumerate() {
        let (x, y) = (GAP + index % COLUMNS * cell.0, GAP + index / COLUMNS * cell.1);
        page.place(picture, (x, y));
        caption(&mut page, row, figures.below, (x, y + tallest + 6));
    }
    let mut file = Vec::new();
    let (width, height) = (page.width as u32, page.height as u32);
    let written = PngEncoder::new(&mut file).write_image(
        page.pixels.as_flattened(),
        width,
        height,
        image::ExtendedColorType::Rgb8,
    );
    written.map_err(|error| SequenceError::Write { path: "the contact sheet".into(), problem: error.to_string() })?;
    Ok(file)
}

fn caption(page: &mut Canvas, row: &Row, below: u8, (x, y): (usize, usize)) {
    let reasons = row.reasons(below).join(", ");
    let first = format!("frame {}  object {}  score {}", row.frame, row.object, row.score());
    let others = wrapped(&reasons, TILE / (LETTER * SCALE));
    let lines = [(first, INK)].into_iter().chain(others.into_iter().map(|line| (line, BAD)));
    for (index, (line, colour)) in lines.take(LINES).enumerate() {
        page.text((x as i32, (y + index * LINE) as i32), SCALE as i32, &line, colour);
    }
}

/// A rendered frame at the width of the sheet's pictures, colours as they are.
fn tile(frame: &Frame) -> Result<Canvas, HostError> {
    let bytes = frame.converted(Depth::Byte, Components::Rgb)?;
    let (width, height) = (bytes.width(), bytes.height());
    let rows = (0..height).flat_map(|y| bytes.row(y).as_chunks::<3>().0);
    let whole = Canvas { width, height, pixels: rows.copied().collect() };
    let shown_width = (width as f64 * frame.pixel_aspect()).max(1.0);
    let height = (height as f64 * TILE as f64 / shown_width).round().max(1.0) as usize;
    Ok(whole.resized(TILE, height))
}
