//! Motion blur of a matte along the object's motion.

use super::active::{Active, Flat, Laid};
use super::clean_plane;
use super::coarse::Cells;
use super::object_motion::ObjectMotion;
use super::shrunk::shrunk;
use crate::warp::{Sampling, sample};
use crate::{Flow, FlowError};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Samples along the longest streak.
const MOST: usize = 33;
/// A streak shorter than this, in pixels, is no blur.
const SHORTEST: f32 = 0.25;

/// The matte as a shutter that is open for `shutter` of the time between two frames sees it (angle / 360 degrees), centred
/// on the frame. `motion` is that to the next frame, or the opposite of that to the previous one. What does not change
/// along its streak stays as it is: core and background do. The field may have another size than the matte, over the same
/// picture.
///
/// # Errors
/// [`FlowError::Empty`] when there is no pixel.
pub fn edge_motion_blur(matte: &Plane<f32>, motion: &Flow, shutter: f32) -> Result<Plane<f32>, FlowError> {
    let size = (matte.width(), matte.height());
    if matte.is_empty() || motion.vectors.is_empty() {
        return Err(FlowError::Empty);
    }
    let matte = clean_plane(matte);
    let shutter = if shutter.is_finite() { shutter.clamp(0.0, 2.0) } else { 0.0 };
    let small = shrunk(&matte, (motion.width, motion.height));
    let object = ObjectMotion::of(size, small.as_ref(), motion, None);
    let cells = Cells::of(size.0, size.1);
    let flat = Flat::of(cells, &matte);
    let laid = Laid { flat: &flat, motion: &object, times: [-0.5 * shutter, 0.5 * shutter] };
    let active = Active::of(cells, &flat, &[laid]);
    let mut out = matte.clone();
    let rows = || [0; 3].map(|_| vec![0f32; size.0]);
    out.par_rows_mut().enumerate().for_each_init(rows, |rows, (y, out)| {
        for columns in active.runs(y) {
            object.spread(y, columns.clone(), rows);
            for (x, out) in columns.clone().zip(&mut out[columns]) {
                *out = streak(&matte, [x, y], [rows[0][x] * shutter, rows[1][x] * shutter]);
            }
        }
    });
    Ok(out)
}

/// The mean over a streak round a pixel.
fn streak(matte: &Plane<f32>, [x, y]: [usize; 2], [u, v]: [f32; 2]) -> f32 {
    let length = u.hypot(v);
    let own = matte.row(y)[x];
    if length < SHORTEST {
        return own;
    }
    // One sample a pixel, an odd number of them.
    let count = ((length.ceil() as usize) | 1).min(MOST);
    let at = |index: usize| {
        let part = (index as f32 + 0.5) / count as f32 - 0.5;
        sample(matte, x as f32 + part * u, y as f32 + part * v, Sampling::Bilinear)
    };
    let sum: f32 = (0..count).map(at).sum();
    // The mean of equal values may miss them by a rounding.
    let mean = sum / count as f32;
    if (mean - own).abs() < 1e-6 { own } else { mean.clamp(0.0, 1.0) }
}
