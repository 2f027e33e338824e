//! Backward warping: one frame's picture as another frame's pixels see it.

use crate::field::between;
use crate::{Flow, FlowError};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// How to read between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sampling {
    /// Linear between the four pixels round a place: soft, never beyond their values.
    #[default]
    Bilinear,
    /// The Catmull-Rom cubic (Keys 1981, a = -1/2) over sixteen pixels: keeps detail, may overshoot at edges.
    Bicubic,
}

/// A pixel that can be mixed with others.
pub trait Pixel: Copy + Default + Send + Sync {
    /// This pixel with `weight` times another one added. What is not a number counts as 0.
    fn plus(self, weight: f32, other: Self) -> Self;
}

impl Pixel for f32 {
    #[inline(always)]
    fn plus(self, weight: f32, other: Self) -> Self {
        if other.is_finite() { self + weight * other } else { self }
    }
}

impl<const N: usize> Pixel for [f32; N]
where
    [f32; N]: Default,
{
    #[inline(always)]
    fn plus(mut self, weight: f32, other: Self) -> Self {
        for (sum, other) in self.iter_mut().zip(other) {
            *sum = sum.plus(weight, other);
        }
        self
    }
}

/// What each pixel's vector points at: `out(x, y) = picture((x, y) + flow(x, y))`.
///
/// With the motion from frame t to frame s and the picture of s, this is s brought onto t. Beyond the picture its border
/// is repeated; samples and vectors that are not finite numbers count as 0.
///
/// # Errors
/// [`FlowError::Size`] when the field is not of the picture's size, [`FlowError::Empty`] when there is no pixel.
pub fn warp<P: Pixel>(picture: &Plane<P>, flow: &Flow, sampling: Sampling) -> Result<Plane<P>, FlowError> {
    let mut out = Plane::new(picture.width(), picture.height(), P::default());
    warp_into(picture, flow, sampling, &mut out)?;
    Ok(out)
}

/// As [`warp`], into a plane that is there already.
///
/// # Errors
/// As [`warp`]; also [`FlowError::Size`] when `out` is of another size.
pub fn warp_into<P: Pixel>(
    picture: &Plane<P>,
    flow: &Flow,
    sampling: Sampling,
    out: &mut Plane<P>,
) -> Result<(), FlowError> {
    let size = (picture.width(), picture.height());
    FlowError::unless_same("the field of motion", size, (flow.width, flow.height))?;
    FlowError::unless_same("the plane to write to", size, (out.width(), out.height()))?;
    if picture.is_empty() {
        return Err(FlowError::Empty);
    }
    out.par_rows_mut().enumerate().for_each(|(y, out)| {
        for (x, (out, vector)) in out.iter_mut().zip(flow.row(y)).enumerate() {
            let [u, v] = vector.map(|part| if part.is_finite() { part } else { 0.0 });
            *out = sample(picture, x as f32 + u, y as f32 + v, sampling);
        }
    });
    Ok(())
}

/// The picture at a place between pixels, the border repeated. The default value for a picture without pixels.
pub fn sample<P: Pixel>(picture: &Plane<P>, x: f32, y: f32, sampling: Sampling) -> P {
    if picture.is_empty() {
        return P::default();
    }
    match sampling {
        Sampling::Bilinear => bilinear(picture, x, y),
        Sampling::Bicubic => bicubic(picture, x, y),
    }
}

#[inline(always)]
fn bilinear<P: Pixel>(picture: &Plane<P>, x: f32, y: f32) -> P {
    let ((left, right, fx), (top, bottom, fy)) = (between(x, picture.width()), between(y, picture.height()));
    let (above, below) = (picture.row(top), picture.row(bottom));
    P::default()
        .plus((1.0 - fx) * (1.0 - fy), above[left])
        .plus(fx * (1.0 - fy), above[right])
        .plus((1.0 - fx) * fy, below[left])
        .plus(fx * fy, below[right])
}

fn bicubic<P: Pixel>(picture: &Plane<P>, x: f32, y: f32) -> P {
    let (columns, across) = cubic(x, picture.width());
    let (rows, down) = cubic(y, picture.height());
    let mut out = P::default();
    for (&row, &down) in rows.iter().zip(&down) {
        let row = picture.row(row);
        for (&column, &across) in columns.iter().zip(&across) {
            out = out.plus(across * down, row[column]);
        }
    }
    out
}

/// Four neighbours of a place on an axis and their weights.
fn cubic(place: f32, count: usize) -> ([usize; 4], [f32; 4]) {
    let (first, _, t) = between(place, count);
    let last = count as isize - 1;
    let (t2, t3) = (t * t, t * t * t);
    let at = std::array::from_fn(|i| (first as isize + i as isize - 1).clamp(0, last) as usize);
    let weights =
        [-0.5 * t + t2 - 0.5 * t3, 1.0 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2.0 * t2 - 1.5 * t3, -0.5 * t2 + 0.5 * t3];
    (at, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Plane<f32> {
        let data = (0..width * height).map(|i| (i % width) as f32 + 10.0 * (i / width) as f32).collect();
        Plane::from_vec(width, height, data).unwrap()
    }

    #[test]
    fn a_picture_is_read_where_the_vectors_point() {
        for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
            let out = warp(&ramp(12, 9), &Flow::from_fn(12, 9, |_, _| [1.25, -0.5]), sampling).unwrap();
            for (x, y) in [(3, 3), (5, 4), (8, 6)] {
                let expected = x as f32 + 1.25 + 10.0 * (y as f32 - 0.5);
                let found = *out.get(x, y).unwrap();
                assert!((found - expected).abs() < 1e-3, "{sampling:?}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn no_motion_keeps_every_bit() {
        let picture = ramp(7, 5);
        for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
            assert_eq!(warp(&picture, &Flow::still(7, 5), sampling).unwrap(), picture);
        }
    }

    #[test]
    fn beyond_the_picture_is_its_border() {
        let out = warp(&ramp(4, 3), &Flow::from_fn(4, 3, |_, _| [1e30, -1e30]), Sampling::Bicubic).unwrap();
        assert!(out.data().iter().all(|&value| value == 3.0));
    }

    #[test]
    fn samples_and_vectors_that_are_no_numbers_count_as_nothing() {
        let mut picture = ramp(6, 6);
        picture.row_mut(2)[2] = f32::NAN;
        let flow = Flow::from_fn(6, 6, |x, _| [if x == 4 { f32::NAN } else { 0.5 }, f32::INFINITY]);
        for sampling in [Sampling::Bilinear, Sampling::Bicubic] {
            let out = warp(&picture, &flow, sampling).unwrap();
            assert!(out.data().iter().all(|value| value.is_finite()));
            assert_eq!(out.get(4, 1), Some(&14.0));
        }
    }

    #[test]
    fn colours_are_warped_like_grey() {
        let grey = ramp(8, 8);
        let colour = grey.map(|&value| [value, 2.0 * value, 0.0]);
        let flow = Flow::from_fn(8, 8, |x, y| [x as f32 * 0.3, 1.0 - y as f32 * 0.2]);
        let (grey, colour) =
            (warp(&grey, &flow, Sampling::Bicubic).unwrap(), warp(&colour, &flow, Sampling::Bicubic).unwrap());
        assert!(grey.data().iter().zip(colour.data()).all(|(grey, colour)| colour[0] == *grey && colour[2] == 0.0));
    }

    #[test]
    fn other_sizes_and_empty_pictures_are_refused() {
        let error = warp(&ramp(4, 4), &Flow::still(4, 5), Sampling::Bilinear).unwrap_err();
        assert!(matches!(error, FlowError::Size { found_height: 5, .. }));
        let empty: Plane<f32> = Plane::new(0, 3, 0.0);
        assert!(matches!(warp(&empty, &Flow::still(0, 3), Sampling::Bilinear), Err(FlowError::Empty)));
        assert_eq!(sample(&empty, 1.0, 1.0, Sampling::Bicubic), 0.0);
    }
}
