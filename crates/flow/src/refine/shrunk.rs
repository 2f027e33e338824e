//! A matte at the size at which motion was searched.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::borrow::Cow;

/// The matte at another size, each pixel the mean over its area; itself where it has the size already. Made for smaller
/// sizes; of a larger one every pixel is the one it lies in.
pub(super) fn shrunk(matte: &Plane<f32>, (width, height): (usize, usize)) -> Cow<'_, Plane<f32>> {
    if (width, height) == (matte.width(), matte.height()) {
        return Cow::Borrowed(matte);
    }
    let columns: Vec<_> = (0..width).map(|x| span(x, width, matte.width())).collect();
    let mut out = Plane::new(width, height, 0f32);
    out.par_rows_mut().enumerate().for_each_init(
        || vec![0f32; matte.width()],
        |sums, (y, out)| {
            let lines = span(y, height, matte.height());
            sums.fill(0.0);
            for line in lines.clone() {
                sums.iter_mut().zip(matte.row(line)).for_each(|(sum, alpha)| *sum += alpha);
            }
            for (out, columns) in out.iter_mut().zip(&columns) {
                let count = (lines.len() * columns.len()) as f32;
                *out = sums[columns.clone()].iter().sum::<f32>() / count;
            }
        },
    );
    Cow::Owned(out)
}

/// The whole pixels of `count` that pixel `index` of `of` covers: at least one.
fn span(index: usize, of: usize, count: usize) -> std::ops::Range<usize> {
    let edge = |index: usize| (index * count + of / 2) / of;
    let first = edge(index).min(count - 1);
    first..edge(index + 1).clamp(first + 1, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_keep_the_sum_and_the_place() {
        let matte = Plane::from_vec(6, 4, (0..24).map(|i| if i % 6 < 2 { 1.0 } else { 0.0 }).collect()).unwrap();
        assert_eq!(shrunk(&matte, (3, 2)).data(), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(shrunk(&matte, (6, 4)).as_ref(), &matte);
    }

    #[test]
    fn every_size_covers_all_of_the_matte() {
        for (count, of) in [(1920, 854), (7, 3), (3, 7), (1, 1), (5, 1), (1, 5)] {
            let spans: Vec<_> = (0..of).map(|index| span(index, of, count)).collect();
            assert_eq!((spans[0].start, spans[of - 1].end), (0, count), "{count} to {of}");
            assert!(spans.windows(2).all(|pair| pair[1].start <= pair[0].end), "{count} to {of}: no gap");
        }
    }
}
