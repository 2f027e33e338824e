//! A contact sheet: the worst frames of a track, with the matte laid over them and what is the matter below.

use super::error::CommandError;
use super::qc_figures::{Figures, Row};
use super::table::wrapped;
use crate::host::{Components, Depth, Frame, Instance, RenderRequest, Value};
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
    let tiles = worst.iter().map(|row| Ok(tile(&instance.render(&RenderRequest::at(row.frame))?.frame)));
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
fn tile(frame: &Frame) -> Canvas {
    let channels = match frame.components() {
        Components::Rgba => 4,
        Components::Rgb => 3,
        Components::Alpha => 1,
    };
    let bytes = frame.pixel_bytes() / channels;
    let shown = |sample: &[u8]| match (frame.depth(), sample) {
        (Depth::Byte, [value]) => *value,
        (Depth::Short, [low, high]) => (u16::from_ne_bytes([*low, *high]) / 257) as u8,
        (Depth::Half, [low, high]) => to_byte(half::f16::from_ne_bytes([*low, *high]).to_f32()),
        (Depth::Float, [a, b, c, d]) => to_byte(f32::from_ne_bytes([*a, *b, *c, *d])),
        _ => 0,
    };
    let colour = |pixel: &[u8]| -> Colour {
        let value = |channel: usize| shown(pixel.get(channel * bytes..(channel + 1) * bytes).unwrap_or_default());
        if channels == 1 { [value(0); 3] } else { [value(0), value(1), value(2)] }
    };
    let (width, height) = (frame.width(), frame.height());
    let rows = (0..height).flat_map(|y| frame.row(y).chunks_exact(frame.pixel_bytes().max(1)));
    let whole = Canvas { width, height, pixels: rows.map(colour).collect() };
    let shown_width = (width as f64 * frame.pixel_aspect()).max(1.0);
    let height = (height as f64 * TILE as f64 / shown_width).round().max(1.0) as usize;
    whole.resized(TILE, height)
}

fn to_byte(value: f32) -> u8 {
    // What is not a number becomes 0.
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}
