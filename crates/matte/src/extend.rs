//! Draws an object's colours outwards over its edge, so that no background shows through a soft or grown matte.

use crate::workspace::{fit_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Extends colours; keeps its memory from frame to frame.
///
/// Push and pull (Gortler, Grzeszczuk, Szeliski and Cohen, "The Lumigraph", SIGGRAPH 1996): means of the object's colours
/// over ever larger squares, then back down, where each pixel takes from the larger square what itself it lacks.
#[derive(Debug, Default)]
pub struct EdgeExtend {
    /// Premultiplied red, green and blue, and the weight, 0..1; each half as wide and high as the one before.
    levels: Vec<Plane<[f32; 4]>>,
}

impl EdgeExtend {
    /// Straight colours for every pixel into `out`: where `weight` (0..1, such as the matte with a high black point) is 1,
    /// the colour itself, less of it as the weight falls, and none of it at 0, filled up smoothly from what is nearest.
    /// Without any weight, and where the sizes differ, the colours stay. Colours that are no numbers weigh nothing.
    pub fn extend(&mut self, colours: &Plane<[f32; 3]>, weight: &Plane<f32>, out: &mut Plane<[f32; 3]>) {
        let (width, height) = (colours.width(), colours.height());
        fit_plane(out, width, height);
        out.data_mut().copy_from_slice(colours.data());
        if (width, height) != (weight.width(), weight.height()) || colours.is_empty() {
            return;
        }
        let count = width.max(height).next_power_of_two().trailing_zeros() as usize + 1;
        self.levels.resize_with(count, || Plane::new(0, 0, [0.0; 4]));
        let mut size = (width, height);
        for level in &mut self.levels {
            fit_plane(level, size.0, size.1);
            size = (size.0.div_ceil(2), size.1.div_ceil(2));
        }
        self.levels[0].par_rows_mut().enumerate().for_each(|(y, row)| {
            for ((to, &colour), &weight) in row.iter_mut().zip(colours.row(y)).zip(weight.row(y)) {
                let known = colour.iter().all(|value| value.is_finite());
                let weight = if known { safe_alpha(weight) } else { 0.0 };
                let [r, g, b] = colour.map(|value| if known { value * weight } else { 0.0 });
                *to = [r, g, b, weight];
            }
        });
        for level in 1..count {
            let (fine, coarse) = self.levels.split_at_mut(level);
            gather(&fine[level - 1], &mut coarse[0]);
        }
        for level in (1..count).rev() {
            let (fine, coarse) = self.levels.split_at_mut(level);
            spread(&coarse[0], &mut fine[level - 1]);
        }
        out.par_rows_mut().zip(self.levels[0].par_rows()).for_each(|(out, row)| {
            for (out, [r, g, b, weight]) in out.iter_mut().zip(row) {
                if *weight > 0.0 {
                    *out = [r / weight, g / weight, b / weight];
                }
            }
        });
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.levels.iter().map(|level| size_of_val(level.data())).sum()
    }
}

/// Four pixels into one; together they weigh at most 1.
fn gather(fine: &Plane<[f32; 4]>, coarse: &mut Plane<[f32; 4]>) {
    coarse.par_rows_mut().enumerate().for_each(|(y, row)| {
        for (x, to) in row.iter_mut().enumerate() {
            let mut sum = [0f32; 4];
            for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| (2 * x + dx, 2 * y + dy)) {
                if let Some(pixel) = fine.get(x, y) {
                    (0..4).for_each(|c| sum[c] += pixel[c]);
                }
            }
            let share = 1.0 / sum[3].max(1.0);
            *to = sum.map(|value| value * share);
        }
    });
}

/// What a pixel lacks of the weight 1 comes from between the coarse pixels round it.
fn spread(coarse: &Plane<[f32; 4]>, fine: &mut Plane<[f32; 4]>) {
    let near = |index: usize, count: usize| {
        let (here, other) =
            (index / 2, if index.is_multiple_of(2) { (index / 2).saturating_sub(1) } else { index / 2 + 1 });
        (here, other.min(count - 1))
    };
    fine.par_rows_mut().enumerate().for_each(|(y, row)| {
        let (here, other) = near(y, coarse.height());
        let (upper, lower) = (coarse.row(here), coarse.row(other));
        for (x, pixel) in row.iter_mut().enumerate() {
            let lacks = 1.0 - pixel[3];
            if lacks <= 0.0 {
                continue;
            }
            let (here, other) = near(x, coarse.width());
            for c in 0..4 {
                let between = 0.75 * (0.75 * upper[here][c] + 0.25 * upper[other][c])
                    + 0.25 * (0.75 * lower[here][c] + 0.25 * lower[other][c]);
                pixel[c] += lacks * between;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_reach_every_pixel_and_the_background_none() {
        let (width, height) = (37, 21);
        let mut colours = Plane::new(width, height, [0.0, 1.0, f32::NAN]);
        let mut weight = Plane::new(width, height, 0.0);
        colours.row_mut(9)[12..15].fill([5.0, 0.25, 0.5]);
        weight.row_mut(9)[12..15].fill(1.0);
        let mut out = Plane::new(0, 0, [0.0; 3]);
        EdgeExtend::default().extend(&colours, &weight, &mut out);
        for colour in out.data() {
            assert!((0..3).all(|c| (colour[c] - [5.0, 0.25, 0.5][c]).abs() < 1e-4), "{colour:?}");
        }
    }

    #[test]
    fn without_any_weight_colours_stay() {
        let colours = Plane::new(1, 1, [0.5; 3]);
        let mut out = Plane::new(0, 0, [0.0; 3]);
        EdgeExtend::default().extend(&colours, &Plane::new(1, 1, f32::NAN), &mut out);
        assert_eq!(out, colours);
    }
}
