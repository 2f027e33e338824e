//! Between the frame's pixels and the picture that a network is shown.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use segment::matting::{BACKGROUND, OBJECT, UNKNOWN};

/// What is shown begins and ends at multiples of this many pixels: it must not move with every hair from frame to frame.
const STEP: usize = 32;
/// Of what the matte is sure of, how much a network has to find for it to see the object at all.
const SEEN: f64 = 0.5;

/// A part of the frame, in pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// The part with all that a trimap does not know, and `margin` pixels more on each side; the whole where it knows all.
pub fn unknown_area(trimap: &Plane<f32>, margin: usize) -> Area {
    let of_row = |(y, row): (usize, &[f32])| {
        let unknown = |value: &f32| *value == 0.5;
        Some([row.iter().position(unknown)?, row.iter().rposition(unknown)?, y, y])
    };
    let together = |a: [usize; 4], b: [usize; 4]| [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].max(b[3])];
    let bounds = trimap.par_rows().enumerate().filter_map(of_row).reduce_with(together);
    let [left, right, top, bottom] = bounds.unwrap_or([0, usize::MAX - 1, 0, usize::MAX - 1]);
    let side = |first: usize, last: usize, count: usize| {
        let first = first.saturating_sub(margin) / STEP * STEP;
        let end = last.saturating_add(1 + margin).checked_next_multiple_of(STEP).unwrap_or(usize::MAX).min(count);
        (first, end - first)
    };
    let ((x, width), (y, height)) = (side(left, right, trimap.width()), side(top, bottom, trimap.height()));
    Area { x, y, width, height }
}

/// The trimap of an area at the size of the network's picture: a pixel is sure where all that it covers is.
pub fn small_trimap(trimap: &Plane<f32>, area: Area, (width, height): (usize, usize)) -> Plane<u8> {
    let covered = |at: usize, count: usize, from: usize, side: usize| {
        let first = from + at * side / count.max(1);
        let end = from + ((at + 1) * side).div_ceil(count.max(1));
        first..end.max(first + 1)
    };
    let mut small = Plane::new(width, height, UNKNOWN);
    small.par_rows_mut().enumerate().for_each(|(y, row)| {
        let rows = covered(y, height, area.y, area.height);
        for (x, out) in row.iter_mut().enumerate() {
            let columns = covered(x, width, area.x, area.width);
            let mut values = rows.clone().flat_map(|y| columns.clone().map(move |x| trimap.get(x, y).copied()));
            let first = values.next().flatten().unwrap_or(0.5);
            let same = values.all(|value| value.is_none_or(|value| value == first));
            *out = match first {
                _ if !same => UNKNOWN,
                0.0 => BACKGROUND,
                1.0 => OBJECT,
                _ => UNKNOWN,
            };
        }
    });
    small
}

/// Writes an alpha into its area of the frame, straight between its pixels; nothing elsewhere.
pub fn enlarge(alpha: &Plane<f32>, area: Area, out: &mut Plane<f32>) {
    let (width, height) = (alpha.width(), alpha.height());
    let place = |at: usize, from: usize, side: usize, count: usize| {
        let at = ((at - from) as f32 + 0.5) * count as f32 / side as f32 - 0.5;
        let at = at.clamp(0.0, (count - 1) as f32);
        (at as usize, (at as usize + 1).min(count - 1), at.fract())
    };
    let rows = area.y..area.y + area.height;
    out.par_rows_mut().enumerate().for_each(|(y, row)| {
        if !rows.contains(&y) || alpha.is_empty() {
            return row.fill(0.0);
        }
        let (top, bottom, down) = place(y, area.y, area.height, height);
        let (upper, lower) = (alpha.row(top), alpha.row(bottom));
        for (x, out) in row.iter_mut().enumerate() {
            *out = if (area.x..area.x + area.width).contains(&x) {
                let (left, right, across) = place(x, area.x, area.width, width);
                let above = upper[left] + across * (upper[right] - upper[left]);
                let below = lower[left] + across * (lower[right] - lower[left]);
                above + down * (below - above)
            } else {
                0.0
            };
        }
    });
}

/// Whether an alpha of the frame's size finds what the trimap is sure to be object. It does where that is sure of nothing.
pub fn sees_object(trimap: &Plane<f32>, alpha: &Plane<f32>) -> bool {
    let of_row = |(trimap, alpha): (&[f32], &[f32])| {
        let sure = trimap.iter().zip(alpha).filter(|(known, _)| **known == 1.0);
        sure.fold((0u64, 0f64), |(count, sum), (_, alpha)| (count + 1, sum + f64::from(*alpha)))
    };
    let rows = trimap.par_rows().zip(alpha.par_rows()).map(of_row);
    // Counted in whole steps, so that the sum does not depend on which thread adds first.
    let steps = |(count, sum): (u64, f64)| (count, (sum * 1024.0) as u64);
    let (count, sum) = rows.map(steps).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    count == 0 || sum as f64 >= SEEN * 1024.0 * count as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;

    fn trimap(width: usize, height: usize, unknown: &[(usize, usize)]) -> Plane<f32> {
        let mut trimap = Plane::new(width, height, 0.0);
        unknown.iter().for_each(|&(x, y)| trimap.row_mut(y)[x] = 0.5);
        trimap
    }

    #[test]
    fn the_area_holds_all_that_is_unknown_in_whole_steps() {
        let area = unknown_area(&trimap(400, 300, &[(170, 100), (250, 130)]), 20);
        assert_eq!(area, Area { x: 128, y: 64, width: 160, height: 96 });
        assert_eq!(unknown_area(&trimap(40, 30, &[(1, 1)]), 5), Area { x: 0, y: 0, width: 32, height: 30 });
        assert_eq!(unknown_area(&trimap(40, 30, &[]), 5), Area { x: 0, y: 0, width: 40, height: 30 });
    }

    #[test]
    fn a_smaller_trimap_is_sure_where_all_of_the_larger_one_is() {
        let mut full = trimap(64, 8, &[(13, 3)]);
        full.rows_mut().for_each(|row| row[32..].fill(1.0));
        let area = Area { x: 0, y: 0, width: 64, height: 8 };
        let small = small_trimap(&full, area, (16, 2));
        let unknown: Vec<_> = (0..32).filter(|&i| small.data()[i] == UNKNOWN).collect();
        assert_eq!(unknown, [3], "the pixel that covers column 13 and row 3");
        assert_eq!((small.row(0)[0], small.row(1)[15]), (BACKGROUND, OBJECT));
        assert_eq!(small_trimap(&full, area, (64, 8)).row(3)[13], UNKNOWN);
        // Pixels that are not square: wider than the frame.
        assert_eq!(small_trimap(&full, area, (128, 8)).row(0)[127], OBJECT);
    }

    #[test]
    fn an_alpha_of_the_areas_size_comes_back_as_it_is() {
        let alpha = Plane::from_vec(3, 2, vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).unwrap();
        let mut out = Plane::new(5, 4, 9.0);
        enlarge(&alpha, Area { x: 1, y: 2, width: 3, height: 2 }, &mut out);
        assert_eq!(out.row(2), [0.0, 0.1, 0.2, 0.3, 0.0]);
        assert_eq!((out.row(3)[3], out.row(0)[1]), (0.6, 0.0));
        let mut out = Plane::new(6, 1, 9.0);
        enlarge(&Plane::from_vec(2, 1, vec![0.0, 1.0]).unwrap(), Area { x: 0, y: 0, width: 6, height: 1 }, &mut out);
        assert!(out.row(0).is_sorted() && out.row(0)[0] == 0.0 && out.row(0)[5] == 1.0);
    }

    #[test]
    fn a_network_that_finds_less_than_half_of_the_object_does_not_see_it() {
        let mut known = trimap(100, 10, &[]);
        let alpha = Plane::new(100, 10, 0.4);
        assert!(sees_object(&known, &alpha), "sure of nothing");
        known.row_mut(5).fill(1.0);
        assert!(!sees_object(&known, &alpha));
        assert!(sees_object(&known, &Plane::new(100, 10, 0.6)));
    }
}
