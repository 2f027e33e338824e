//! Where a matte is sure, and where matting has to find it out.

use crate::euclidean::DistanceTransform;
use crate::workspace::{fit_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Alphas this close to 0 and 1 are sure.
const SURE: f32 = 0.05;

/// Makes trimaps; keeps its memory from frame to frame.
#[derive(Debug)]
pub struct TrimapMaker {
    transform: DistanceTransform,
    mask: Plane<u8>,
    distance: Plane<f32>,
}

impl Default for TrimapMaker {
    fn default() -> Self {
        Self { transform: DistanceTransform::default(), mask: no_plane(), distance: no_plane() }
    }
}

impl TrimapMaker {
    /// A trimap of the matte into `out`: 1 is object, 0 background, 0.5 unknown. Unknown is what the matte is not sure of
    /// (0.05..0.95), widened by `inside` and `outside` pixels. NaN and less than 0 count as 0.
    pub fn make(&mut self, alpha: &Plane<f32>, inside: f32, outside: f32, out: &mut Plane<f32>) {
        self.each_side(alpha, inside, outside, out, |_, _| {});
    }

    /// As [`make`](Self::make), and into `weight` how much of what is found in the unknown band shall count: 1 where the matte
    /// is not sure, falling to 0 over the outer half of what it was widened by.
    pub fn make_weighted(
        &mut self,
        alpha: &Plane<f32>,
        inside: f32,
        outside: f32,
        out: &mut Plane<f32>,
        weight: &mut Plane<f32>,
    ) {
        fit_plane(weight, alpha.width(), alpha.height());
        weight.data_mut().fill(1.0);
        self.each_side(alpha, inside, outside, out, |distance, width| {
            weight.par_rows_mut().zip(distance.par_rows()).for_each(|(weight, distance)| {
                for (weight, &distance) in weight.iter_mut().zip(distance) {
                    let left = if distance > 0.0 { (width + 1.0 - distance) / (0.5 * width + 1.0) } else { 1.0 };
                    *weight = weight.min(left.max(0.0));
                }
            });
        });
    }

    /// `also(distance to what is not sure, width)` is called for the object's side, then for the background's.
    fn each_side(
        &mut self,
        alpha: &Plane<f32>,
        inside: f32,
        outside: f32,
        out: &mut Plane<f32>,
        mut also: impl FnMut(&Plane<f32>, f32),
    ) {
        fit_plane(out, alpha.width(), alpha.height());
        out.data_mut().fill(0.5);
        fit_plane(&mut self.mask, alpha.width(), alpha.height());
        for (sure, width) in [(1.0, inside), (0.0, outside)] {
            self.mask.par_rows_mut().zip(alpha.par_rows()).for_each(|(mask, alpha)| {
                for (mask, &alpha) in mask.iter_mut().zip(alpha) {
                    *mask = u8::from((safe_alpha(alpha) - sure).abs() <= SURE);
                }
            });
            let width = width.max(0.0);
            // One pixel from what is not sure is right beside it; beyond that nothing depends on how far it is.
            self.transform.near_zero(&self.mask, width + 1.0, &mut self.distance);
            out.par_rows_mut().zip(self.distance.par_rows()).for_each(|(out, distance)| {
                for (out, &distance) in out.iter_mut().zip(distance) {
                    if distance > width {
                        *out = sure;
                    }
                }
            });
            also(&self.distance, width);
        }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.transform.byte_size() + self.mask.data().len() + size_of_val(self.distance.data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_band_is_what_is_not_sure_and_as_much_more_as_asked_for() {
        let row: Vec<f32> = (0..30).map(|x| (x as f32 / 2.0 - 6.5).clamp(0.0, 1.0)).collect();
        let mut out = no_plane();
        for (inside, outside, from, to) in [(0.0, 0.0, 14, 15), (3.0, 2.0, 12, 18), (500.0, 500.0, 0, 30)] {
            let mut maker = TrimapMaker::default();
            maker.make(&Plane::from_vec(30, 1, row.clone()).unwrap(), inside, outside, &mut out);
            for (x, &value) in out.data().iter().enumerate() {
                let expected = if x < from {
                    0.0
                } else if x < to {
                    0.5
                } else {
                    1.0
                };
                assert_eq!(value, expected, "at {x} of {from}..{to}");
            }
        }
    }

    #[test]
    fn full_and_empty_mattes_are_sure_everywhere() {
        let mut out = no_plane();
        for alpha in [0.0, 1.0] {
            TrimapMaker::default().make(&Plane::new(5, 4, alpha), 500.0, 500.0, &mut out);
            assert!(out.data().iter().all(|&value| value == alpha));
        }
    }
}
