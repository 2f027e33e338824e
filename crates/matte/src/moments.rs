//! Means and covariances of colours and mask over small windows.

use crate::tiles::Area;
use crate::wide::{LANES, Lanes, compiled_for_avx2};
use raster::Plane;

/// Radius of the windows, in pixels of the guide.
pub(crate) const WINDOW: usize = 2;
const SIDE: usize = 2 * WINDOW + 1;

/// Sums kept for a window: r, g, b, the mask m, rr, rg, rb, gg, gb, bb, rm, gm, bm and mm.
const SUMS: usize = 14;
const MASK: usize = 3;

/// The mask that is fitted.
#[derive(Clone, Copy)]
pub(crate) enum Mask<'a> {
    /// Distances from the edge, positive inside: the mask rises from 0 to 1 over the pixel at the edge.
    Edge(&'a Plane<f32>),
    /// The mask itself.
    Soft(&'a Plane<f32>),
}

/// What the windows of neighbouring pixels say: means and covariances.
pub(crate) struct Windows {
    /// Means of red, green, blue.
    pub colour: [Lanes; 3],
    /// Mean of the mask.
    pub mask: Lanes,
    /// Covariances of the colours: rr, rg, rb, gg, gb, bb.
    pub colours: [Lanes; 6],
    /// Covariances of each colour with the mask.
    pub with_mask: [Lanes; 3],
    /// Variance of the mask.
    pub mask_variance: Lanes,
}

/// The sums over the window round each pixel of an area, each sum in a plane of its own so that loops vectorise.
#[derive(Default)]
pub(crate) struct Moments {
    /// Pixels that a window has: those outside the picture count for nothing.
    counts: Vec<f32>,
    sums: [Vec<f32>; SUMS],
    scratch: Vec<f32>,
}

impl Moments {
    /// Sums the pixels of `area` and [`WINDOW`] pixels round it, so that each pixel of it is the centre of a window.
    pub fn gather(&mut self, guide: &Plane<[u8; 3]>, mask: Mask<'_>, area: Area) {
        let around = WINDOW as isize;
        let whole = Area {
            x: area.x - around,
            y: area.y - around,
            width: area.width + 2 * WINDOW,
            height: area.height + 2 * WINDOW,
        };
        for plane in &mut self.sums {
            plane.clear();
            plane.resize(whole.width * whole.height, 0.0);
        }
        let (to, from) = whole.columns_inside(guide.width());
        for (row, y) in whole.rows_inside(guide.height()) {
            let to = row * whole.width + to.start..row * whole.width + to.end;
            let mut rows = self.sums.each_mut().map(|plane| &mut plane[to.clone()]);
            match mask {
                Mask::Soft(plane) => rows[MASK].copy_from_slice(&plane.row(y)[from.clone()]),
                Mask::Edge(plane) => {
                    for (mask, distance) in rows[MASK].iter_mut().zip(&plane.row(y)[from.clone()]) {
                        *mask = (distance + 0.5).clamp(0.0, 1.0);
                    }
                }
            }
            terms(&mut rows, &guide.row(y)[from.clone()]);
        }
        for plane in &mut self.sums {
            sum_windows(plane, &mut self.scratch, whole.width);
        }
        self.count(area, [guide.width(), guide.height()]);
    }

    fn count(&mut self, area: Area, [width, height]: [usize; 2]) {
        let inside = |centre: isize, size: usize| {
            let ends = [centre - WINDOW as isize, centre + WINDOW as isize + 1];
            let [start, end] = ends.map(|end| end.clamp(0, size as isize));
            (end - start) as f32
        };
        self.counts.clear();
        for y in (area.y..).take(area.height) {
            let rows = inside(y, height);
            self.counts.extend((area.x..).take(area.width).map(|x| rows * inside(x, width)));
        }
        self.counts.resize(area.width * area.height + LANES, 0.0);
    }

    /// The windows of the pixels from number `index` of the area on, row after row.
    #[inline(always)]
    pub fn windows(&self, index: usize) -> Windows {
        let per_pixel = Lanes::all(1.0) / Lanes::load(&self.counts, index).max(1.0);
        let [r, g, b, m, rr, rg, rb, gg, gb, bb, rm, gm, bm, mm] =
            self.sums.each_ref().map(|plane| Lanes::load(plane, index) * per_pixel);
        Windows {
            colour: [r, g, b],
            mask: m,
            colours: [rr - r * r, rg - r * g, rb - r * b, gg - g * g, gb - g * b, bb - b * b],
            with_mask: [rm - r * m, gm - g * m, bm - b * m],
            mask_variance: mm - m * m,
        }
    }
}

compiled_for_avx2! {
    /// Colours and all products of a row, whose mask is there.
    fn terms(rows: &mut [&mut [f32]; SUMS], guide: &[[u8; 3]]) = terms_inline;
}

#[inline(always)]
fn terms_inline(rows: &mut [&mut [f32]; SUMS], guide: &[[u8; 3]]) {
    let (terms, products) = rows.split_at_mut(MASK + 1);
    for (channel, row) in terms[..MASK].iter_mut().enumerate() {
        for (term, colour) in row.iter_mut().zip(guide) {
            *term = f32::from(colour[channel]) * (1.0 / 255.0);
        }
    }
    let factors = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3), (3, 3)];
    for (row, (a, b)) in products.iter_mut().zip(factors) {
        for ((product, a), b) in row.iter_mut().zip(&*terms[a]).zip(&*terms[b]) {
            *product = a * b;
        }
    }
}

compiled_for_avx2! {
    /// Replaces `plane`, rows of `width`, by the sums over its windows, rows of `width - 2 * WINDOW`, and a few numbers
    /// more: the last windows are read together with some behind them.
    fn sum_windows(plane: &mut Vec<f32>, scratch: &mut Vec<f32>, width: usize) = sum_windows_inline;
}

#[inline(always)]
fn sum_windows_inline(plane: &mut Vec<f32>, scratch: &mut Vec<f32>, width: usize) {
    let windows = width - 2 * WINDOW;
    let height = plane.len() / width;
    scratch.clear();
    scratch.resize(windows * height, 0.0);
    for (out, row) in scratch.chunks_exact_mut(windows).zip(plane.chunks_exact(width)) {
        sum_rows(out, std::array::from_fn(|shift| &row[shift..shift + windows]));
    }
    let rows = height - 2 * WINDOW;
    plane.clear();
    plane.resize(windows * rows + LANES, 0.0);
    for (y, out) in plane.chunks_exact_mut(windows).take(rows).enumerate() {
        sum_rows(out, std::array::from_fn(|shift| &scratch[(y + shift) * windows..][..windows]));
    }
}

#[inline(always)]
fn sum_rows(out: &mut [f32], [a, b, c, d, e]: [&[f32]; SIDE]) {
    for (((((out, a), b), c), d), e) in out.iter_mut().zip(a).zip(b).zip(c).zip(d).zip(e) {
        *out = a + b + c + d + e;
    }
}
