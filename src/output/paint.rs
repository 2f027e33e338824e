//! Writing the output image: rows in parallel, each from its source row and the finished matte.

use matte::Delivery;
use openfx::{Components, Error, OutputImage, RectI};
use raster::PixelRowMut;
use rayon::iter::ParallelIterator;

use super::inputs::Inputs;
use super::mode::OutputMode;
use super::settings::Settings;
use crate::picture::compose::{self, straight};
use crate::picture::placed::Placed;

/// Pixels written at a time, on the stack.
const BLOCK: usize = 128;
/// The greys of the checkerboard, and the side of its squares in canonical units.
const GREYS: [f32; 2] = [0.3, 0.5];
const SQUARE: f32 = 32.0;

/// A frame that only has to be put together.
#[derive(Clone, Copy)]
pub struct Finished<'a> {
    /// The matte and the colours.
    pub delivery: &'a Delivery,
    /// The images.
    pub inputs: &'a Inputs<'a>,
    /// What is written.
    pub settings: &'a Settings,
    /// Pixels per canonical unit.
    pub scale: f32,
}

/// Writes transparent black.
///
/// # Errors
/// [`Error::BadImage`] for an output image that cannot be viewed; so below.
pub fn clear(output: OutputImage<'_>, window: RectI) -> Result<(), Error> {
    rows(output, window, |_, _, pixels| pixels.fill([0.0; 4]), |_, _, _, _| false)
}

/// Writes the source as it is.
///
/// # Errors
/// As [`clear`].
pub fn pass_through(source: &Placed<'_>, output: OutputImage<'_>, window: RectI) -> Result<(), Error> {
    rows(output, window, |y, x, pixels| source.read(y, x, pixels), |_, _, _, _| false)
}

/// Writes a frame.
///
/// # Errors
/// As [`clear`].
pub fn paint(finished: &Finished<'_>, output: OutputImage<'_>, window: RectI) -> Result<(), Error> {
    rows(
        output,
        window,
        |y, x, pixels| finished.pixels(y, x, pixels),
        |y, x, width, row| finished.as_stored(y, x, width, row),
    )
}

/// `pixels(host row, first host column, pixels)` fills a part of a row; `whole` writes a row on its own where it can.
fn rows(
    mut output: OutputImage<'_>,
    window: RectI,
    pixels: impl Fn(i32, i32, &mut [[f32; 4]]) + Sync,
    whole: impl Fn(i32, i32, usize, &mut PixelRowMut<'_>) -> bool + Sync,
) -> Result<(), Error> {
    let window = output.writable(window);
    if window.is_empty() {
        return Ok(());
    }
    let mut view = output.view_mut(window)?;
    let width = view.width();
    view.par_rows_mut().for_each(|mut row| {
        // View rows count from the top, host rows from the bottom.
        let y = window.y2 - 1 - row.y() as i32;
        if whole(y, window.x1, width, &mut row) {
            return;
        }
        let mut block = [[0f32; 4]; BLOCK];
        for x in (0..width).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(width - x)];
            pixels(y, window.x1 + x as i32, block);
            row.write_rgba(x, block);
        }
    });
    Ok(())
}

impl Finished<'_> {
    /// The matte beside the stored colours of the source, as they are; false where anything has to be computed of them.
    fn as_stored(&self, y: i32, x: i32, width: usize, row: &mut PixelRowMut<'_>) -> bool {
        let Inputs { source, .. } = self.inputs;
        let layout = source.view.layout();
        let kept = self.settings.output == OutputMode::MatteInAlpha
            && layout.components != Components::Alpha
            && row.components() == Components::Rgba
            && layout.depth == row.depth();
        let alpha = self.delivery.alpha();
        let Some((line, column, inside)) = source.overlap(y, x, width).filter(|_| kept) else { return false };
        let pixel = layout.pixel_bytes();
        let stored = source.view.row(line).get(column * pixel..(column + width) * pixel);
        let alphas = alpha.row(line).get(column..column + width);
        let (Some(stored), Some(alphas), true) = (stored, alphas, inside == (0..width)) else { return false };
        row.copy_with_alpha(stored, layout.components, alphas);
        true
    }

    fn pixels(&self, y: i32, x: i32, pixels: &mut [[f32; 4]]) {
        let Inputs { source, .. } = self.inputs;
        source.read(y, x, pixels);
        let Some((line, column, inside)) = source.overlap(y, x, pixels.len()) else { return };
        let alphas = self.delivery.alpha().row(line).get(column..).unwrap_or_default();
        let first = inside.start;
        if let (OutputMode::Background, Some(background)) = (self.settings.output, &self.inputs.background) {
            let mut behind = [[0f32; 4]; BLOCK];
            background.read(y, x, &mut behind[..pixels.len()]);
            for ((index, pixel), &alpha) in pixels[inside].iter_mut().enumerate().zip(alphas) {
                let [r, g, b, _] = behind[first + index];
                *pixel = self.pixel(column + index, line, *pixel, alpha, [r, g, b]);
            }
            return;
        }
        for ((index, pixel), &alpha) in pixels[inside].iter_mut().enumerate().zip(alphas) {
            *pixel = self.pixel(column + index, line, *pixel, alpha, [0.0; 3]);
        }
    }

    /// The output pixel of column `x` and row `y` of the frame, from the source's.
    fn pixel(&self, x: usize, y: usize, source: [f32; 4], alpha: f32, background: [f32; 3]) -> [f32; 4] {
        let premultiplied = self.inputs.source.premultiplied;
        let over = |behind: [f32; 3]| {
            let [r, g, b, a] = self.cut_out(x, y, source, alpha);
            [r + (1.0 - a) * behind[0], g + (1.0 - a) * behind[1], b + (1.0 - a) * behind[2], 1.0]
        };
        match self.settings.output {
            OutputMode::Premultiplied => self.cut_out(x, y, source, alpha),
            OutputMode::Straight => {
                let [r, g, b] = self.object(x, y, source);
                let wrapped = self.delivery.wrapped(x, y);
                let share = if alpha > 0.0 { 1.0 / alpha } else { 0.0 };
                [r + share * wrapped[0], g + share * wrapped[1], b + share * wrapped[2], alpha]
            }
            OutputMode::MatteInAlpha => {
                compose::compose(compose::OutputMode::MatteInAlpha, source, premultiplied, alpha)
            }
            OutputMode::MatteAsRgb => [alpha, alpha, alpha, 1.0],
            OutputMode::Overlay => compose::compose(compose::OutputMode::Overlay, source, premultiplied, alpha),
            OutputMode::Trimap => {
                let value = self.delivery.trimap().get(x, y).copied().unwrap_or(0.0);
                [value, value, value, 1.0]
            }
            OutputMode::Parts => {
                let [core, edge, hair] = self.delivery.parts(x, y).map(|part| part * alpha);
                [core, edge, hair, 1.0]
            }
            OutputMode::Checkerboard => over(self.checkerboard(x, y)),
            OutputMode::Black => over([0.0; 3]),
            OutputMode::White => over([1.0; 3]),
            OutputMode::Colour => over(self.settings.view_colour),
            OutputMode::Background => over(background),
        }
    }

    /// The object's colour, straight.
    fn object(&self, x: usize, y: usize, source: [f32; 4]) -> [f32; 3] {
        self.delivery.colour(x, y, straight(source, self.inputs.source.premultiplied))
    }

    /// The object multiplied by the matte: nothing at all where that is 0, also of colours that are not finite.
    fn cut_out(&self, x: usize, y: usize, source: [f32; 4], alpha: f32) -> [f32; 4] {
        if alpha == 0.0 {
            return [0.0; 4];
        }
        let [r, g, b] = self.object(x, y, source).map(|value| value * alpha);
        let wrapped = self.delivery.wrapped(x, y);
        [r + wrapped[0], g + wrapped[1], b + wrapped[2], alpha]
    }

    fn checkerboard(&self, x: usize, y: usize) -> [f32; 3] {
        let side = (SQUARE * self.scale).max(1.0);
        let square = |at: usize| (at as f32 / side) as usize;
        [GREYS[(square(x) + square(y)) % 2]; 3]
    }
}
