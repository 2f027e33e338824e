//! Mends a matte at the frame's edge, where networks and filters let it fade although the object goes on.

use raster::Plane;
use rayon::iter::ParallelIterator;

/// Replaces the outermost `width` pixels on all four sides by what lies further in, drawn straight outwards. A fraction of
/// a pixel lies between its neighbours. At most half the frame; NaN and less than 0 change nothing.
pub fn mend_border(alpha: &mut Plane<f32>, width: f32) {
    let (columns, rows) = (alpha.width(), alpha.height());
    if width.is_nan() || width <= 0.0 || alpha.is_empty() {
        return;
    }
    alpha.par_rows_mut().for_each(|row| {
        for (to, (from, next, part)) in sources(columns, width) {
            row[to] = row[from] + part * (row[next] - row[from]);
        }
    });
    let data = alpha.data_mut();
    for (to, (from, next, part)) in sources(rows, width) {
        for x in 0..columns {
            let (here, there) = (data[from * columns + x], data[next * columns + x]);
            data[to * columns + x] = here + part * (there - here);
        }
    }
}

/// For each outer sample of `count`, ordered so that none is read after it was written: the two samples it lies between
/// and how far from the first one.
fn sources(count: usize, width: f32) -> impl Iterator<Item = (usize, (usize, usize, f32))> {
    let width = width.min((count - 1) as f32 * 0.5);
    let (whole, part) = (width as usize, width.fract());
    let reach = width.ceil() as usize;
    let low = (0..reach).map(move |at| (at, (whole, (whole + 1).min(count - 1), part)));
    let high =
        (0..reach).map(move |at| (count - 1 - at, (count - 1 - whole, (count - 1).saturating_sub(whole + 1), part)));
    low.chain(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faded_border_is_filled_from_within_on_all_sides() {
        let mut alpha = Plane::new(9, 7, 0.0);
        for y in 2..5 {
            alpha.row_mut(y)[2..7].fill(1.0);
        }
        mend_border(&mut alpha, 2.0);
        assert!(alpha.data().iter().all(|&alpha| alpha == 1.0));
    }

    #[test]
    fn a_fraction_of_a_pixel_moves_a_little_and_huge_widths_are_held() {
        let mut alpha = Plane::from_vec(5, 1, vec![0.0, 0.5, 1.0, 0.5, 0.0]).unwrap();
        mend_border(&mut alpha, 0.5);
        assert_eq!(alpha.data(), [0.25, 0.5, 1.0, 0.5, 0.25]);
        mend_border(&mut alpha, 1e9);
        assert!(alpha.data().iter().all(|&alpha| alpha == 1.0));
        for (width, height) in [(1, 1), (2, 1), (1, 3)] {
            mend_border(&mut Plane::new(width, height, 0.5), 3.0);
        }
    }
}
