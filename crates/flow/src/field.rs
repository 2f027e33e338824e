//! A motion vector for every pixel.

use crate::FlowError;
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Where each pixel of one frame lies in another.
///
/// The vector of pixel (x, y) says that what is seen there is at (x, y) + vector in the other frame. Vectors are in
/// pixels of this field, x to the right, y down.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flow {
    /// Vectors in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The vectors, row after row, the top row first: `width * height` of them.
    pub vectors: Vec<[f32; 2]>,
}

impl Flow {
    /// No motion anywhere.
    pub fn still(width: usize, height: usize) -> Self {
        Self { width, height, vectors: vec![[0.0; 2]; width.saturating_mul(height)] }
    }

    /// A field from a function of the pixel (x, y).
    pub fn from_fn(width: usize, height: usize, vector: impl Fn(usize, usize) -> [f32; 2]) -> Self {
        let vectors = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| vector(x, y)).collect();
        Self { width, height, vectors }
    }

    /// Row `y`; an empty slice when there is no such row.
    pub fn row(&self, y: usize) -> &[[f32; 2]] {
        self.vectors.get(y * self.width..(y + 1) * self.width).unwrap_or(&[])
    }

    /// The vector at column `x` of row `y`, or nothing outside.
    pub fn get(&self, x: usize, y: usize) -> Option<[f32; 2]> {
        if x < self.width { self.row(y).get(x).copied() } else { None }
    }

    /// Makes it a field of this size, reusing its memory. What the vectors are then is not said.
    pub(crate) fn reshape(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.vectors.resize(width * height, [0.0; 2]);
    }

    /// The vector at a place between pixels (pixel centres at whole numbers), bilinear, the border's vectors repeated.
    /// No motion in an empty field or at a place that is not a number.
    pub fn at(&self, x: f32, y: f32) -> [f32; 2] {
        if self.vectors.is_empty() {
            return [0.0; 2];
        }
        let ((left, right, fx), (top, bottom, fy)) = (between(x, self.width), between(y, self.height));
        let (above, below) = (self.row(top), self.row(bottom));
        std::array::from_fn(|axis| {
            let upper = above[left][axis] + fx * (above[right][axis] - above[left][axis]);
            let lower = below[left][axis] + fx * (below[right][axis] - below[left][axis]);
            upper + fy * (lower - upper)
        })
    }

    /// The same motion on a grid of `width` x `height` over the same picture: bilinear between pixel centres, and the
    /// vectors scaled with the sides.
    ///
    /// # Errors
    /// [`FlowError::Empty`] when this field or the new one has no pixel.
    pub fn resized(&self, width: usize, height: usize) -> Result<Self, FlowError> {
        if self.vectors.is_empty() || width == 0 || height == 0 {
            return Err(FlowError::Empty);
        }
        if (width, height) == (self.width, self.height) {
            return Ok(self.clone());
        }
        let scale = [width as f32 / self.width as f32, height as f32 / self.height as f32];
        let mut out = Self::still(width, height);
        out.vectors.par_chunks_exact_mut(width).enumerate().for_each(|(y, row)| {
            let from_y = (y as f32 + 0.5) / scale[1] - 0.5;
            for (x, out) in row.iter_mut().enumerate() {
                let [u, v] = self.at((x as f32 + 0.5) / scale[0] - 0.5, from_y);
                *out = [u * scale[0], v * scale[1]];
            }
        });
        Ok(out)
    }

    /// Mean distance of the vectors of two fields in pixels (the end-point error), over pixels where `known` says so.
    /// Nothing when the sizes differ or no pixel counts.
    pub fn end_point_error(&self, truth: &Flow, known: impl Fn(usize, usize) -> bool) -> Option<f64> {
        if (self.width, self.height) != (truth.width, truth.height) {
            return None;
        }
        let places = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        let errors = places.zip(self.vectors.iter().zip(&truth.vectors)).filter(|((x, y), _)| known(*x, *y));
        let (sum, count) = errors.fold((0.0, 0usize), |(sum, count), (_, (a, b))| {
            (sum + f64::from((a[0] - b[0]).hypot(a[1] - b[1])), count + 1)
        });
        (count > 0).then(|| sum / count as f64)
    }

    /// The horizontal and the vertical parts as planes.
    pub fn planes(&self) -> [Plane<f32>; 2] {
        [0, 1].map(|axis| {
            let mut plane = Plane::new(self.width, self.height, 0f32);
            for (out, vector) in plane.data_mut().iter_mut().zip(&self.vectors) {
                *out = vector[axis];
            }
            plane
        })
    }
}

/// The two neighbours of a place on an axis of `count` pixels, and how far it is from the first to the second.
/// A place that is not a number is 0.
pub(crate) fn between(place: f32, count: usize) -> (usize, usize, f32) {
    let last = count.saturating_sub(1);
    // `max` takes the number of the two when one is none.
    let place = place.max(0.0).min(last as f32);
    let first = place as usize;
    (first, (first + 1).min(last), place - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resizing_keeps_the_motion_of_the_picture() {
        let flow = Flow::from_fn(8, 4, |_, _| [1.5, -2.0]);
        let large = flow.resized(24, 8).unwrap();
        assert_eq!((large.width, large.height), (24, 8));
        assert!(large.vectors.iter().all(|v| (v[0] - 4.5).abs() < 1e-6 && (v[1] + 4.0).abs() < 1e-6));
        assert_eq!(flow.resized(8, 4).unwrap(), flow);
    }

    #[test]
    fn a_gradual_motion_stays_in_its_place_when_resized() {
        // u = x + 1/2 from the left border: on twice the grid the same picture motion is twice as many pixels.
        let flow = Flow::from_fn(16, 16, |x, _| [x as f32 + 0.5, 0.0]);
        let large = flow.resized(32, 32).unwrap();
        for x in 1..31 {
            assert!((large.get(x, 9).unwrap()[0] - (x as f32 + 0.5)).abs() < 1e-4, "at {x}");
        }
    }

    #[test]
    fn empty_fields_are_refused_and_places_outside_are_the_border() {
        assert!(matches!(Flow::default().resized(4, 4), Err(FlowError::Empty)));
        assert!(matches!(Flow::still(2, 2).resized(0, 4), Err(FlowError::Empty)));
        assert_eq!(Flow::default().at(1.0, f32::NAN), [0.0; 2]);
        let flow = Flow::from_fn(3, 2, |x, y| [x as f32, y as f32]);
        assert_eq!(flow.at(1e9, -4.0), [2.0, 0.0]);
        assert_eq!(flow.at(f32::NAN, 0.5), [0.0, 0.5]);
        assert_eq!(flow.get(3, 0), None);
        assert_eq!(flow.get(0, 2), None);
    }

    #[test]
    fn the_end_point_error_counts_known_pixels_only() {
        let (a, b) = (Flow::still(2, 1), Flow::from_fn(2, 1, |x, _| [3.0 * x as f32, 4.0 * x as f32]));
        assert_eq!(a.end_point_error(&b, |_, _| true), Some(2.5));
        assert_eq!(a.end_point_error(&b, |x, _| x == 0), Some(0.0));
        assert_eq!(a.end_point_error(&b, |_, _| false), None);
        assert_eq!(a.end_point_error(&Flow::still(1, 2), |_, _| true), None);
    }
}
