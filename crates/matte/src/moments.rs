//! Means and covariances of colours and mask over small windows.

use crate::tiles::Area;
use raster::Plane;

/// Sums kept for a window: the number of pixels, r, g, b, the mask m, rr, rg, rb, gg, gb, bb, rm, gm, bm and mm.
const SUMS: usize = 15;

/// What a window says: means and covariances.
pub(crate) struct Window {
    /// Mean of red, green, blue.
    pub colour: [f32; 3],
    /// Mean of the mask.
    pub mask: f32,
    /// Covariances of the colours: rr, rg, rb, gg, gb, bb.
    pub colours: [f32; 6],
    /// Covariances of each colour with the mask.
    pub with_mask: [f32; 3],
    /// Variance of the mask.
    pub mask_variance: f32,
}

/// The sums over the window round each pixel of an area, each sum in a plane of its own so that loops vectorise.
#[derive(Default)]
pub(crate) struct Moments {
    width: usize,
    sums: [Vec<f32>; SUMS],
    scratch: Vec<f32>,
}

impl Moments {
    /// Takes the pixels of `area` and sums them over windows of `2 * radius + 1` squared. Pixels outside the picture
    /// count for nothing. The windows' centres are the pixels of `area` without a margin of `radius`.
    pub fn gather(&mut self, guide: &Plane<[u8; 3]>, mask: &Plane<f32>, area: Area, radius: usize) {
        for plane in &mut self.sums {
            plane.clear();
            plane.resize(area.width * area.height, 0.0);
        }
        let (to, from) = area.columns_inside(guide.width());
        for (row, y) in area.rows_inside(guide.height()) {
            let pixels = guide.row(y)[from.clone()].iter().zip(&mask.row(y)[from.clone()]);
            let start = row * area.width + to.start;
            for (index, (colour, &m)) in (start..).zip(pixels) {
                let [r, g, b] = colour.map(|byte| f32::from(byte) * (1.0 / 255.0));
                let terms = [1.0, r, g, b, m, r * r, r * g, r * b, g * g, g * b, b * b, r * m, g * m, b * m, m * m];
                for (plane, term) in self.sums.iter_mut().zip(terms) {
                    plane[index] = term;
                }
            }
        }
        self.width = area.width - 2 * radius;
        for plane in &mut self.sums {
            sum_windows(plane, &mut self.scratch, area, radius);
        }
    }

    /// The window whose centre is at (`row`, `column`), counted from the first window of the area.
    pub fn window(&self, row: usize, column: usize) -> Window {
        let index = row * self.width + column;
        let per_pixel = 1.0 / self.sums[0][index].max(1.0);
        let [_, r, g, b, m, rr, rg, rb, gg, gb, bb, rm, gm, bm, mm] =
            self.sums.each_ref().map(|plane| plane[index] * per_pixel);
        Window {
            colour: [r, g, b],
            mask: m,
            colours: [rr - r * r, rg - r * g, rb - r * b, gg - g * g, gb - g * b, bb - b * b],
            with_mask: [rm - r * m, gm - g * m, bm - b * m],
            mask_variance: mm - m * m,
        }
    }
}

/// Replaces `plane`, rows of `area.width`, by the sums over its windows, rows of `area.width - 2 * radius`.
fn sum_windows(plane: &mut Vec<f32>, scratch: &mut Vec<f32>, area: Area, radius: usize) {
    let width = area.width - 2 * radius;
    scratch.clear();
    scratch.resize(width * area.height, 0.0);
    for (out, row) in scratch.chunks_exact_mut(width).zip(plane.chunks_exact(area.width)) {
        for shift in 0..=2 * radius {
            for (out, value) in out.iter_mut().zip(&row[shift..]) {
                *out += value;
            }
        }
    }
    plane.clear();
    plane.resize(width * (area.height - 2 * radius), 0.0);
    for (y, out) in plane.chunks_exact_mut(width).enumerate() {
        for row in scratch[y * width..].chunks_exact(width).take(2 * radius + 1) {
            for (out, value) in out.iter_mut().zip(row) {
                *out += value;
            }
        }
    }
}
