//! Widens the edge of a mask.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Output rows made by one task of the vertical pass.
const STRIP: usize = 32;

/// A box of any width: `whole` pixels to each side count in full, the next one by `part`.
#[derive(Clone, Copy)]
struct BoxFilter {
    whole: usize,
    part: f32,
}

impl BoxFilter {
    fn of_width(width: f32) -> Self {
        let side = ((width - 1.0) * 0.5).max(0.0);
        Self { whole: side as usize, part: side.fract() }
    }

    /// Offsets and weights, which sum to 1.
    fn taps(self) -> impl Iterator<Item = (isize, f32)> {
        let reach = self.whole as isize + 1;
        let total = 1.0 + 2.0 * (self.whole as f32 + self.part);
        (-reach..=reach).map(move |at| (at, if at.abs() == reach { self.part } else { 1.0 } / total))
    }
}

/// Adds about `width` pixels to the width of the mask's edge: two means over boxes of half that width, each way, the
/// border's pixels repeated. Where the mask is 0 or 1 all round it stays exactly so.
pub(crate) fn feather(mask: &Plane<f32>, width: f32) -> Plane<f32> {
    let filter = BoxFilter::of_width(width * 0.5 + 1.0);
    let once = down(&across(mask, filter), filter);
    let mut soft = down(&across(&once, filter), filter);
    // Sums of weights are 1 only nearly.
    soft.par_rows_mut().for_each(|row| {
        for value in row {
            *value = ((*value - 0.5) * 1.0001 + 0.5).clamp(0.0, 1.0);
        }
    });
    soft
}

fn across(mask: &Plane<f32>, filter: BoxFilter) -> Plane<f32> {
    let mut out = Plane::new(mask.width(), mask.height(), 0f32);
    let margin = filter.whole + 1;
    out.par_rows_mut().enumerate().for_each_init(Vec::new, |padded: &mut Vec<f32>, (y, out)| {
        let row = mask.row(y);
        let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
        padded.clear();
        padded.resize(margin, *first);
        padded.extend_from_slice(row);
        padded.resize(row.len() + 2 * margin, *last);
        for (shift, (_, weight)) in filter.taps().enumerate() {
            for (out, value) in out.iter_mut().zip(&padded[shift..]) {
                *out += weight * value;
            }
        }
    });
    out
}

fn down(mask: &Plane<f32>, filter: BoxFilter) -> Plane<f32> {
    let (width, height) = (mask.width(), mask.height());
    let mut out = Plane::new(width, height, 0f32);
    out.data_mut().par_chunks_mut((width * STRIP).max(1)).enumerate().for_each(|(strip, rows)| {
        for (index, out) in rows.chunks_exact_mut(width).enumerate() {
            let y = (strip * STRIP + index) as isize;
            for (offset, weight) in filter.taps() {
                let from = (y + offset).clamp(0, height as isize - 1) as usize;
                for (out, value) in out.iter_mut().zip(mask.row(from)) {
                    *out += weight * value;
                }
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_becomes_a_ramp_of_about_the_width_and_flat_parts_stay() {
        let mask = Plane::from_vec(60, 3, [[0f32; 30], [1f32; 30]].concat().repeat(3)).unwrap();
        for width in [1.0f32, 4.5, 12.0] {
            let soft = feather(&mask, width);
            let row = soft.row(1);
            assert!(row.is_sorted());
            assert!((row[29] + row[30] - 1.0).abs() < 1e-5);
            let ramp = row.iter().filter(|&&value| value > 0.0 && value < 1.0).count() as f32;
            assert!(ramp >= width && ramp <= width + 5.0, "{ramp} pixels for {width}");
            assert_eq!((row[5], row[54]), (0.0, 1.0));
        }
    }

    #[test]
    fn a_single_pixel_keeps_its_value() {
        assert!((feather(&Plane::new(1, 1, 0.25), 8.0).data()[0] - 0.25).abs() < 1e-3);
        assert!(feather(&Plane::new(0, 5, 0.0), 8.0).is_empty());
    }
}
