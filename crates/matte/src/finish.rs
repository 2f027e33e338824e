//! The alpha part of finishing a matte: levels, holes, specks, border, edge.

use crate::blur::Blur;
use crate::border::mend_border;
use crate::choke::{choke, feather_by_distance};
use crate::euclidean::DistanceTransform;
use crate::levels::Levels;
use crate::regions::Regions;
use crate::workspace::{fit_plane, no_plane};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// What is done to a matte. Lengths are in canonical units (pixels of the full-size frame), areas in squares of them: a
/// proxy looks the same. Numbers out of range are brought into it, and what is not a number counts as the default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AlphaSettings {
    /// Black point, white point and gamma of the matte as it comes in.
    pub levels: Levels,
    /// Holes of at most this area are filled.
    pub fill_holes: f64,
    /// Islands of at most this area are removed.
    pub remove_specks: f64,
    /// How far from the frame's edge the matte is drawn anew from further in.
    pub border: f32,
    /// How far the edge is moved outwards; negative: inwards.
    pub grow: f32,
    /// Width of the feather.
    pub feather: f32,
    /// Where the feather lies: -1 inside, 0 on both sides, 1 outside.
    pub feather_bias: f32,
    /// Standard deviation of the blur.
    pub blur: f32,
}

/// Finishes alphas; keeps its memory, so that a second frame of a size allocates no planes.
#[derive(Debug)]
pub struct AlphaFinish {
    transform: DistanceTransform,
    regions: Regions,
    blur: Blur,
    distance: Plane<f32>,
    moved: Plane<f32>,
}

impl Default for AlphaFinish {
    fn default() -> Self {
        Self {
            transform: DistanceTransform::default(),
            regions: Regions::default(),
            blur: Blur::default(),
            distance: no_plane(),
            moved: no_plane(),
        }
    }
}

impl AlphaFinish {
    /// Does what the settings say, in their order: [`clean`](Self::clean), then [`shape`](Self::shape). `scale`: pixels of
    /// this plane per canonical unit (a half-size proxy has 0.5). The result lies within 0..1 and is the same for any number
    /// of threads. NaN counts as 0.
    pub fn apply(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        self.clean(alpha, settings, scale);
        self.shape(alpha, settings, scale);
    }

    /// The first half: levels, holes, specks, the frame's border. What is still to be matted must be clean before.
    pub fn clean(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        let area = f64::from(usable(scale)).powi(2);
        settings.levels.apply_to(alpha);
        self.regions.fill_holes(alpha, settings.fill_holes * area);
        self.regions.remove_specks(alpha, settings.remove_specks * area);
        mend_border(alpha, pixels(settings.border, scale));
    }

    /// The second half: where the edge lies, and how soft it is.
    pub fn shape(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        self.grow(alpha, pixels(settings.grow, scale));
        self.feather(alpha, pixels(settings.feather, scale), settings.feather_bias);
        self.blur.blur(alpha, pixels(settings.blur, scale));
    }

    /// Moves the edge outwards by `amount` pixels (see [`choke`]).
    pub fn grow(&mut self, alpha: &mut Plane<f32>, amount: f32) {
        if amount == 0.0 || amount.is_nan() {
            return;
        }
        self.transform.signed(alpha, &mut self.distance);
        fit_plane(&mut self.moved, alpha.width(), alpha.height());
        choke(alpha, &self.distance, amount, &mut self.moved);
        alpha.par_rows_mut().zip(self.moved.par_rows()).for_each(|(alpha, moved)| alpha.copy_from_slice(moved));
    }

    /// Feathers the edge over `width` pixels in all; `bias` -1 puts them inside, 0 on both sides, 1 outside.
    pub fn feather(&mut self, alpha: &mut Plane<f32>, width: f32, bias: f32) {
        if width.is_nan() || width <= 0.0 {
            return;
        }
        let bias = if bias.is_nan() { 0.0 } else { bias.clamp(-1.0, 1.0) };
        self.transform.signed(alpha, &mut self.distance);
        let outside = width * 0.5 * (1.0 + bias);
        fit_plane(&mut self.moved, alpha.width(), alpha.height());
        feather_by_distance(alpha, &self.distance, width - outside, outside, &mut self.moved);
        alpha.par_rows_mut().zip(self.moved.par_rows()).for_each(|(alpha, moved)| alpha.copy_from_slice(moved));
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes = (self.distance.data().len() + self.moved.data().len()) * size_of::<f32>();
        planes + self.transform.byte_size() + self.regions.byte_size() + self.blur.byte_size()
    }
}

/// A scale one can multiply by: 1 for what is none.
pub(crate) fn usable(scale: f32) -> f32 {
    if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
}

/// A length in pixels; 0 for what is not a number.
pub(crate) fn pixels(length: f32, scale: f32) -> f32 {
    if length.is_nan() { 0.0 } else { (length * usable(scale)).clamp(-1e5, 1e5) }
}
