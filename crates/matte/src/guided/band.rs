//! Fits of a matte and their means, row after row.

use super::model::Model;
use crate::window_means::{Extent, WindowMeans};

/// Streams through some rows of a picture: of samples, fits and their means only the rows in reach are kept.
#[derive(Debug, Default, Clone)]
pub(super) struct Band {
    extent: Extent,
    samples: WindowMeans,
    fits: WindowMeans,
    /// The next rows to be sampled and fitted.
    next_sample: usize,
    next_fit: usize,
}

impl Band {
    /// Starts at row `first`.
    pub fn begin<M: Model>(&mut self, extent: Extent, first: usize) {
        self.extent = extent;
        self.samples.begin(extent, M::LANES, M::PRODUCTS);
        self.fits.begin(extent, M::LANES, &[]);
        self.next_fit = first.saturating_sub(extent.radius);
        self.next_sample = self.next_fit.saturating_sub(extent.radius);
    }

    /// The means over the fits round the pixels of row `y`, rows in order. `sample(y, to)` writes the samples of a row.
    pub fn mean_fits<M: Model>(&mut self, y: usize, epsilon: f32, mut sample: impl FnMut(usize, &mut [f32])) -> &[f32] {
        let Extent { height, radius, .. } = self.extent;
        while self.next_fit <= (y + radius).min(height - 1) {
            while self.next_sample <= (self.next_fit + radius).min(height - 1) {
                sample(self.next_sample, self.samples.row_mut(self.next_sample));
                self.next_sample += 1;
            }
            M::fit(self.samples.means(self.next_fit), epsilon, self.fits.row_mut(self.next_fit));
            self.next_fit += 1;
        }
        self.fits.means(y)
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.samples.byte_size() + self.fits.byte_size()
    }
}
