//! Writing the output image, rows in parallel.

use openfx::{Components, OutputImage, RectI, Result};
use raster::{PixelRowMut, Plane};
use rayon::iter::ParallelIterator;

use crate::picture::compose::{OutputMode, compose};
use crate::picture::placed::Placed;

/// What is written.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Source put together with a matte.
    Matte(&'a Plane<f32>, OutputMode),
    /// A picture of its own.
    Picture(&'a Plane<[f32; 4]>),
}

/// Paints one frame.
#[derive(Clone, Copy)]
pub struct Painter<'a> {
    /// The source; without one the colours are black.
    pub source: Option<Placed<'a>>,
    /// Where the planes of `content` lie.
    pub bounds: RectI,
    /// What is written.
    pub content: Content<'a>,
}

/// What one thread needs for a row.
#[derive(Default)]
struct Row {
    pixels: Vec<[f32; 4]>,
    alpha: Vec<f32>,
}

impl Painter<'_> {
    /// Writes the part of `window` that the output image has.
    ///
    /// # Errors
    /// [`openfx::Error::BadImage`] for an output image that cannot be viewed.
    pub fn paint(&self, mut output: OutputImage<'_>, window: RectI) -> Result<()> {
        let window = output.writable(window);
        if window.is_empty() {
            return Ok(());
        }
        let mut view = output.view_mut(window)?;
        let width = view.width();
        view.par_rows_mut().for_each_init(Row::default, |row, mut target| {
            // View rows count from the top, host rows from the bottom.
            let y = window.y2 - 1 - target.y() as i32;
            row.pixels.resize(width, [0.0; 4]);
            match self.content {
                Content::Picture(picture) => self.cut(picture, y, window.x1, [0.0, 0.0, 0.0, 1.0], &mut row.pixels),
                Content::Matte(matte, mode) => {
                    row.alpha.resize(width, 0.0);
                    self.cut(matte, y, window.x1, 0.0, &mut row.alpha);
                    if mode == OutputMode::MatteInAlpha && self.copy(y, window.x1, &row.alpha, &mut target) {
                        return;
                    }
                    self.compose(mode, y, window.x1, row);
                }
            }
            target.write_rgba(0, &row.pixels);
        });
        Ok(())
    }

    /// Copies a row's stored colours as they are, where nothing has to be computed of them.
    fn copy(&self, y: i32, x1: i32, alpha: &[f32], target: &mut PixelRowMut<'_>) -> bool {
        let Some(source) = self.source else { return false };
        let layout = source.view.layout();
        let as_it_is = layout.components != Components::Alpha
            && target.components() == Components::Rgba
            && layout.depth == target.depth();
        let Some((row, column, inside)) = source.overlap(y, x1, alpha.len()).filter(|_| as_it_is) else { return false };
        let pixel = layout.pixel_bytes();
        let stored = source.view.row(row).get(column * pixel..(column + alpha.len()) * pixel);
        match stored {
            Some(stored) if inside == (0..alpha.len()) => target.copy_with_alpha(stored, layout.components, alpha),
            _ => return false,
        }
        true
    }

    fn compose(&self, mode: OutputMode, y: i32, x1: i32, row: &mut Row) {
        match self.source {
            Some(source) => source.read(y, x1, &mut row.pixels),
            None => row.pixels.fill([0.0; 4]),
        }
        let premultiplied = self.source.is_some_and(|source| source.premultiplied);
        for (pixel, &alpha) in row.pixels.iter_mut().zip(&row.alpha) {
            *pixel = compose(mode, *pixel, premultiplied, alpha);
        }
    }

    /// The part of a plane's row that lies at host row `y` from host column `x1`.
    fn cut<T: Copy>(&self, plane: &Plane<T>, y: i32, x1: i32, outside: T, out: &mut [T]) {
        let row = usize::try_from(i64::from(self.bounds.y2) - 1 - i64::from(y)).map_or(&[][..], |row| plane.row(row));
        let offset = i64::from(x1) - i64::from(self.bounds.x1);
        for (x, out) in (offset..).zip(out) {
            *out = usize::try_from(x).ok().and_then(|x| row.get(x)).copied().unwrap_or(outside);
        }
    }
}
