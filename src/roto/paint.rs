//! Writing the output image: rows in parallel, each from its source row and its alpha row.

use openfx::{Components, Error, OutputImage, RectI};
use raster::PixelRowMut;
use rayon::iter::ParallelIterator;

use super::mask::FrameMask;
use super::settings::Settings;
use crate::picture::compose::{OutputMode, compose, outline_pixel};
use crate::picture::placed::Placed;

/// What the alpha is made of.
pub enum Content<'a> {
    /// The source goes through untouched.
    PassThrough,
    /// Nothing is selected: a transparent matte, whatever the other settings.
    Nothing,
    /// A mask, and what limits it or is cut out of it.
    Mask {
        /// The mask of the source picture.
        mask: &'a FrameMask<'a>,
        /// The Matte clip's image.
        matte: Option<Placed<'a>>,
    },
}

/// Paints one frame.
pub struct Painter<'a> {
    settings: &'a Settings,
    source: Option<Placed<'a>>,
    content: Content<'a>,
}

/// A row of stored pixels, and what its alpha is made of.
struct Stored<'a> {
    pixels: &'a [u8],
    components: Components,
    mask: &'a FrameMask<'a>,
    matte: Option<Placed<'a>>,
}

/// What one thread needs for a row.
#[derive(Default)]
struct Row {
    pixels: Vec<[f32; 4]>,
    alpha: Vec<f32>,
    middle: Vec<f32>,
    above: Vec<f32>,
    below: Vec<f32>,
    matte_pixels: Vec<[f32; 4]>,
    matte: Vec<f32>,
}

impl<'a> Painter<'a> {
    /// A painter of `content` over `source`.
    pub fn new(settings: &'a Settings, source: Option<Placed<'a>>, content: Content<'a>) -> Self {
        Self { settings, source, content }
    }

    /// Writes the part of `window` that the output image has.
    ///
    /// # Errors
    /// [`Error::BadImage`] for an output image that cannot be viewed.
    pub fn paint(&self, mut output: OutputImage<'_>, window: RectI) -> Result<(), Error> {
        let window = output.writable(window);
        if window.is_empty() {
            return Ok(());
        }
        let mut view = output.view_mut(window)?;
        let width = view.width();
        view.par_rows_mut().for_each_init(Row::default, |row, mut target| {
            // View rows count from the top, host rows from the bottom.
            let y = window.y2 - 1 - target.y() as i32;
            if let Some(Stored { pixels, components, mask, matte }) = self.as_stored(y, window.x1, width, &target) {
                row.alpha.resize(width, 0.0);
                self.alpha(mask, matte, y, window.x1, row);
                return target.copy_with_alpha(pixels, components, &row.alpha);
            }
            row.pixels.resize(width, [0.0; 4]);
            self.row(y, window.x1, row);
            target.write_rgba(0, &row.pixels);
        });
        Ok(())
    }

    /// The stored source pixels of a row whose colours come out as they are, in the form they have, and what its alpha is
    /// made of; `None` where anything has to be computed of the colours.
    fn as_stored(&self, y: i32, x1: i32, width: usize, target: &PixelRowMut<'_>) -> Option<Stored<'_>> {
        let Content::Mask { mask, matte } = &self.content else { return None };
        let source = self.source.as_ref()?;
        let layout = source.view.layout();
        let as_it_is = self.settings.output == OutputMode::MatteInAlpha
            && layout.components != Components::Alpha
            && target.components() == Components::Rgba
            && layout.depth == target.depth();
        let (row, column, inside) = source.overlap(y, x1, width).filter(|_| as_it_is)?;
        let pixel = layout.pixel_bytes();
        let pixels = source.view.row(row).get(column * pixel..)?.get(..width * pixel)?;
        let (mask, matte) = (mask, *matte);
        (inside == (0..width)).then_some(Stored { pixels, components: layout.components, mask, matte })
    }

    fn row(&self, y: i32, x1: i32, row: &mut Row) {
        match self.source {
            Some(source) => source.read(y, x1, &mut row.pixels),
            None => return row.pixels.fill([0.0; 4]),
        }
        let premultiplied = self.source.is_some_and(|source| source.premultiplied);
        match &self.content {
            Content::PassThrough => {}
            Content::Nothing => {
                for pixel in &mut row.pixels {
                    *pixel = compose(self.settings.output, *pixel, premultiplied, 0.0);
                }
            }
            Content::Mask { mask, matte } => {
                row.alpha.resize(row.pixels.len(), 0.0);
                self.alpha(mask, *matte, y, x1, row);
                for (pixel, &alpha) in row.pixels.iter_mut().zip(&row.alpha) {
                    *pixel = compose(self.settings.output, *pixel, premultiplied, alpha);
                }
                if self.settings.output == OutputMode::Overlay {
                    self.outline(mask, *matte, y, x1, row);
                }
            }
        }
    }

    /// The finished alpha of a row, into `row.alpha`.
    fn alpha(&self, mask: &FrameMask<'_>, matte: Option<Placed<'_>>, y: i32, x1: i32, row: &mut Row) {
        mask.alpha_row(y, x1, &mut row.alpha);
        if self.settings.invert {
            mask.invert_row(y, x1, &mut row.alpha);
        }
        if let Some(matte) = matte {
            row.matte_pixels.resize(row.alpha.len(), [0.0; 4]);
            row.matte.resize(row.alpha.len(), 0.0);
            matte.read_matte(y, x1, &mut row.matte_pixels, &mut row.matte);
            self.settings.matte_input.apply(&row.matte, &mut row.alpha);
        }
    }

    /// Draws the outline over a row of the overlay view: pixels inside that have one outside within the line's width,
    /// left, right, above or below.
    fn outline(&self, mask: &FrameMask<'_>, matte: Option<Placed<'_>>, y: i32, x1: i32, row: &mut Row) {
        let reach = mask.outline_width();
        let step = reach as i32;
        let width = row.pixels.len();
        let mut around = |y: i32, out: fn(&mut Row) -> &mut Vec<f32>| {
            row.alpha.resize(width + 2 * reach, 0.0);
            self.alpha(mask, matte, y, x1.saturating_sub(step), row);
            let alpha = std::mem::take(&mut row.alpha);
            row.alpha = std::mem::replace(out(row), alpha);
        };
        around(y.saturating_add(step), |row| &mut row.above);
        around(y.saturating_sub(step), |row| &mut row.below);
        around(y, |row| &mut row.middle);
        let inside = |line: &[f32], column: usize| line.get(column).is_some_and(|&alpha| alpha >= 0.5);
        for (column, pixel) in row.pixels.iter_mut().enumerate() {
            let here = column + reach;
            let surrounded = inside(&row.middle, here - reach)
                && inside(&row.middle, here + reach)
                && inside(&row.above, here)
                && inside(&row.below, here);
            if inside(&row.middle, here) && !surrounded {
                *pixel = outline_pixel();
            }
        }
    }
}
