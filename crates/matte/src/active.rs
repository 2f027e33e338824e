//! The part of a matte in which anything can change.

use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Pixels that are looked at together for one that differs.
const BLOCK: usize = 64;

/// A rectangle of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// First and last column, first and last row.
type Bounds = [usize; 4];

impl Window {
    /// The rectangle outside of which the matte is all 0, or all 1 where that one is smaller, with `margin` pixels more on
    /// each side as far as the matte goes. Nothing where the whole matte is 0 or the whole is 1.
    pub fn active(alpha: &Plane<f32>, margin: usize) -> Option<Self> {
        let smaller = |a: Option<Bounds>, b: Option<Bounds>| {
            let area = |[left, right, top, bottom]: Bounds| (right - left + 1) * (bottom - top + 1);
            a.zip(b).map(|(a, b)| if area(b) < area(a) { b } else { a })
        };
        let [left, right, top, bottom] = smaller(bounds_of_others(alpha, 0.0), bounds_of_others(alpha, 1.0))?;
        let (x, y) = (left.saturating_sub(margin), top.saturating_sub(margin));
        let width = right.saturating_add(margin + 1).min(alpha.width()) - x;
        let height = bottom.saturating_add(margin + 1).min(alpha.height()) - y;
        Some(Self { x, y, width, height })
    }

    /// Copies the window of `from` into `to`, which has the window's own size.
    pub fn copy(&self, from: &Plane<f32>, to: &mut Plane<f32>) {
        to.par_rows_mut().enumerate().for_each(|(y, to)| {
            to.copy_from_slice(&from.row(self.y + y)[self.x..self.x + self.width]);
        });
    }

    /// Copies it back.
    pub fn paste(&self, from: &Plane<f32>, to: &mut Plane<f32>) {
        let columns = self.x..self.x + self.width;
        to.par_rows_mut().skip(self.y).zip(from.par_rows()).for_each(|(to, from)| {
            to[columns.clone()].copy_from_slice(from);
        });
    }
}

/// Where the values lie that are others than `value`.
fn bounds_of_others(alpha: &Plane<f32>, value: f32) -> Option<Bounds> {
    let of_row = |(y, row): (usize, &[f32])| {
        let (left, right) = ends_of_others(row, value)?;
        Some([left, right, y, y])
    };
    let together = |a: Bounds, b: Bounds| [a[0].min(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].max(b[3])];
    alpha.par_rows().enumerate().filter_map(of_row).reduce_with(together)
}

/// The first and the last sample that is another than `value`.
fn ends_of_others(row: &[f32], value: f32) -> Option<(usize, usize)> {
    // Without a way out of the loop blocks are done many samples at a time.
    let differs = |block: &[f32]| block.iter().fold(false, |any, &sample| any | (sample != value));
    let first = row.chunks(BLOCK).position(differs)? * BLOCK;
    let last = (row.rchunks(BLOCK).position(differs)? * BLOCK).min(row.len());
    let other = |sample: &f32| *sample != value;
    let left = first + row[first..].iter().position(other)?;
    let right = row[..row.len() - last].iter().rposition(other)?;
    Some((left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, value: f32, others: &[(usize, usize)]) -> Plane<f32> {
        let mut plane = Plane::new(width, height, value);
        others.iter().for_each(|&(x, y)| plane.row_mut(y)[x] = 0.25);
        plane
    }

    #[test]
    fn the_window_holds_all_that_is_not_the_one_value_round_it() {
        for value in [0.0, 1.0] {
            let alpha = plane(300, 90, value, &[(130, 20), (70, 41), (131, 40)]);
            let window = Window::active(&alpha, 0).unwrap();
            assert_eq!(window, Window { x: 70, y: 20, width: 62, height: 22 });
            let window = Window::active(&alpha, 50).unwrap();
            assert_eq!(window, Window { x: 20, y: 0, width: 162, height: 90 });
            assert_eq!(Window::active(&plane(300, 90, value, &[]), 5), None);
        }
        assert_eq!(Window::active(&plane(0, 0, 0.0, &[]), 5), None);
        let nothing = plane(70, 2, f32::NAN, &[]);
        assert_eq!(Window::active(&nothing, 1), Some(Window { x: 0, y: 0, width: 70, height: 2 }));
    }

    #[test]
    fn a_window_comes_back_to_its_place() {
        let alpha = plane(9, 7, 0.0, &[(3, 2), (5, 4)]);
        let window = Window::active(&alpha, 1).unwrap();
        let mut part = Plane::new(window.width, window.height, 0.0);
        window.copy(&alpha, &mut part);
        let mut out = Plane::new(9, 7, 0.0);
        window.paste(&part, &mut out);
        assert_eq!(out, alpha);
    }
}
