//! The guided filter: a matte that follows the edges of a picture.
//!
//! He, Sun and Tang, "Guided Image Filtering" (ECCV 2010); the subsampled mode after He and Sun, "Fast Guided Filter"
//! (arXiv 1505.00996, 2015). In every window the matte is fitted by a linear function of the guide.
//!
//! Bands of rows are worked on at the same time. Their length depends on height and radius alone, so any number of threads
//! adds in the same order. Within a band everything streams: a row of the matte comes out as soon as the rows that it
//! depends on are known, while these are still in the processor's caches.

mod band;
mod model;
mod scaling;

use crate::window_means::{Extent, same_size};
use crate::workspace::{fit_plane, safe_alpha};
use band::Band;
use model::{Colour, Grey, Model};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use scaling::Scaling;

/// The least epsilon: a window of one colour must not be divided by zero.
const LEAST_EPSILON: f32 = 1e-9;
/// Rows of a band, of the picture that fits are made on, unless the radius asks for more: in full, and subsampled.
const BAND: [usize; 2] = [128, 64];
/// Rows of a band for each pixel of the radius: the rows around a band that it depends on are worked on twice.
const BAND_PER_RADIUS: usize = 8;

/// How a matte is filtered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuidedSettings {
    /// How far a window reaches, in pixels of the guide.
    pub radius: usize,
    /// The variance of the guide, in squares of its values, below which the filter smooths.
    pub epsilon: f32,
    /// The fit is done on a picture smaller by this factor; 1 is exact, 4 costs about a quarter.
    pub subsample: usize,
}

/// Filters mattes; keeps its memory, so that a second frame of a size allocates nothing. The result is the same for any
/// number of threads, and that of OpenCV's `ximgproc.guidedFilter` within 1e-4.
#[derive(Debug, Default)]
pub struct GuidedFilter {
    bands: Vec<(Band, Scaling)>,
}

impl GuidedFilter {
    /// Filters by a grey guide of display-referred values, 0..1. NaN counts as 0 in both. `out` takes on the matte's size;
    /// where guide and matte differ in size, the matte comes out as it is.
    pub fn grey(&mut self, guide: &Plane<f32>, alpha: &Plane<f32>, settings: &GuidedSettings, out: &mut Plane<f32>) {
        self.filter::<Grey>(guide, alpha, settings, out);
    }

    /// As [`grey`](Self::grey), by the colours of the guide: tells apart what is equally bright.
    pub fn colour(
        &mut self,
        guide: &Plane<[f32; 3]>,
        alpha: &Plane<f32>,
        settings: &GuidedSettings,
        out: &mut Plane<f32>,
    ) {
        self.filter::<Colour>(guide, alpha, settings, out);
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let rooms = self.bands.capacity() * size_of::<(Band, Scaling)>();
        self.bands.iter().map(|(band, scaling)| band.byte_size() + scaling.byte_size()).sum::<usize>() + rooms
    }

    fn filter<M: Model>(
        &mut self,
        guide: &Plane<M::Pixel>,
        alpha: &Plane<f32>,
        settings: &GuidedSettings,
        out: &mut Plane<f32>,
    ) {
        let (width, height) = (alpha.width(), alpha.height());
        fit_plane(out, width, height);
        // A window of one pixel is fitted by its matte alone.
        if !same_size(guide, alpha) || alpha.is_empty() || settings.radius == 0 {
            out.data_mut().iter_mut().zip(alpha.data()).for_each(|(out, &alpha)| *out = safe_alpha(alpha));
            return;
        }
        let job = Job::<M>::of(guide, alpha, settings);
        let rows = job.band_rows();
        let count = job.extent.height.div_ceil(rows);
        if self.bands.len() < count {
            self.bands.resize_with(count, Default::default);
        }
        let bands = out.data_mut().par_chunks_mut(width * rows * job.step).zip(self.bands.par_iter_mut());
        bands.enumerate().for_each(|(number, (out, (band, scaling)))| match job.step {
            1 => job.exact(number * rows, band, out),
            _ => job.subsampled(number * rows, band, scaling, out),
        });
    }
}

/// A frame to be filtered.
struct Job<'a, M: Model> {
    guide: &'a Plane<M::Pixel>,
    alpha: &'a Plane<f32>,
    epsilon: f32,
    /// Pixels of the picture along a pixel that is fitted.
    step: usize,
    /// Of the picture that is fitted.
    extent: Extent,
}

impl<'a, M: Model> Job<'a, M> {
    fn of(guide: &'a Plane<M::Pixel>, alpha: &'a Plane<f32>, settings: &GuidedSettings) -> Self {
        let epsilon = if settings.epsilon.is_nan() { 0.0 } else { settings.epsilon }.clamp(LEAST_EPSILON, 1e9);
        let wanted = settings.subsample.max(1);
        let step = if alpha.width() > wanted && alpha.height() > wanted { wanted } else { 1 };
        let (width, height) = (alpha.width().div_ceil(step), alpha.height().div_ceil(step));
        // Mirrored further than the picture, a window says nothing new.
        let radius = (settings.radius / step).clamp(1, 2 * width.max(height));
        Self { guide, alpha, epsilon, step, extent: Extent { width, height, radius } }
    }

    /// Rows of a band, of the picture that is fitted: as even as can be.
    fn band_rows(&self) -> usize {
        let most = BAND[usize::from(self.step > 1)].max(BAND_PER_RADIUS * self.extent.radius);
        self.extent.height.div_ceil(self.extent.height.div_ceil(most))
    }

    /// Filters the rows `out` of a band that begins at row `first`.
    fn exact(&self, first: usize, band: &mut Band, out: &mut [f32]) {
        band.begin::<M>(self.extent, first);
        for (y, out) in (first..).zip(out.chunks_exact_mut(self.alpha.width())) {
            let sample = |y: usize, to: &mut [f32]| M::sample(self.guide.row(y), self.alpha.row(y), to);
            let fits = band.mean_fits::<M>(y, self.epsilon, sample);
            M::evaluate(self.guide.row(y), fits, fits.len() / M::LANES, out);
        }
    }

    /// As [`exact`](Self::exact), with fits of a smaller picture, `first` being a row of it.
    fn subsampled(&self, first: usize, band: &mut Band, scaling: &mut Scaling, out: &mut [f32]) {
        let (width, before) = (self.alpha.width(), first.saturating_sub(1));
        band.begin::<M>(self.extent, before);
        scaling.begin::<M>(width, self.extent, self.step, before);
        for (y, out) in (first * self.step..).zip(out.chunks_exact_mut(width)) {
            while let Some(wanted) = scaling.wants(y) {
                let shrink = |y: usize, to: &mut [f32]| scaling.shrink::<M>(self.guide, self.alpha, y, to);
                let fits = band.mean_fits::<M>(wanted, self.epsilon, shrink);
                scaling.take(fits);
            }
            let (fits, stride) = scaling.row::<M>(y);
            M::evaluate(self.guide.row(y), fits, stride, out);
        }
    }
}
