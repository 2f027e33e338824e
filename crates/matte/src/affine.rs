//! The matte as a function of the picture's colour, pixel by pixel: alpha = a . rgb + b.

use crate::moments::{Mask, Moments, Windows};
use crate::tiles::{TILE, TILE_PIXELS, TILE_ROWS, Tile, tiles_near_edge};
use crate::wide::{LANES, Lanes, compiled_for_avx2};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Radius of the mean over neighbouring fits.
const MEAN: usize = 1;
/// Variance of colour below which a window counts as flat: sigma 0.055. Keeps noise and grain out of the matte.
const FLAT: f32 = 3e-3;
/// Share of the mask's variance that colour must explain before the fit counts in full.
const EXPLAINED: f32 = 0.15;
/// Variance of the mask that is no edge at all.
const NO_EDGE: f32 = 1e-4;
/// Over how many pixels the fit fades out before the end of the band.
const FADE: f32 = 2.0;
/// How far past the band windows are still fitted, for the mean over neighbours.
const BEYOND: f32 = 2.0;

/// Factors of red, green and blue (0..1, display-referred), the constant, and how far to believe them, 0..1. The first
/// four are multiplied by the last, so that between a pixel with a fit and one without, only the first one counts.
pub(crate) type PixelFit = [f32; 5];

/// The fit at each pixel of the guide: in a band round the edge, nothing elsewhere.
#[derive(Debug)]
pub(crate) struct Fit {
    /// For each tile of the guide, the number of its pixels among those that are kept.
    numbers: Vec<Option<u32>>,
    tiles_across: usize,
    /// The pixels of the tiles near the edge, tile after tile.
    pixels: Vec<PixelFit>,
}

impl Fit {
    /// The fit at a pixel of the guide.
    #[inline(always)]
    pub fn at(&self, x: usize, y: usize) -> PixelFit {
        let number = self.numbers.get(y / TILE_ROWS * self.tiles_across + x / TILE);
        let start = |number: u32| number as usize * TILE_PIXELS + y % TILE_ROWS * TILE + x % TILE;
        number.copied().flatten().and_then(|number| self.pixels.get(start(number))).copied().unwrap_or_default()
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        size_of_val(&self.numbers[..]) + size_of_val(&self.pixels[..])
    }
}

/// What the fit needs to know besides the planes.
pub(crate) struct FitSettings {
    /// Half the width of the band round the edge, in pixels of the guide.
    pub limit: f32,
    /// How far to believe the fit at most, 0..1.
    pub trust: f32,
    /// Contrast of the fit about 0.5: gives back what the means over windows take.
    pub contrast: f32,
}

/// Fits `mask` (on the guide's grid) by the guide's colours in a band round the edge of `distance`: the guided filter
/// with a colour guide (He, Sun, Tang, "Guided Image Filtering", 2010, equations 14 to 18) with small windows; and the
/// share of variance that colour explains (the coefficient of determination) as its trust.
pub(crate) fn fit(guide: &Plane<[u8; 3]>, mask: Mask<'_>, distance: &Plane<f32>, settings: &FitSettings) -> Fit {
    let tiles = tiles_near_edge(distance, settings.limit);
    let tiles_across = guide.width().div_ceil(TILE);
    let mut numbers = vec![None; tiles_across * guide.height().div_ceil(TILE_ROWS)];
    for (number, tile) in (0..).zip(&tiles) {
        numbers[tile.y.start / TILE_ROWS * tiles_across + tile.x.start / TILE] = Some(number);
    }
    let mut pixels = vec![PixelFit::default(); tiles.len() * TILE_PIXELS];
    let each = pixels.par_chunks_exact_mut(TILE_PIXELS).zip(tiles.par_iter());
    each.for_each_init(TileFit::default, |tile_fit, (pixels, tile)| {
        tile_fit.solve(guide, mask, distance, tile, settings.limit + BEYOND);
        for (row, y) in tile.y.clone().enumerate() {
            let start = y % TILE_ROWS * TILE + tile.x.start % TILE;
            let pixels = &mut pixels[start..start + tile.x.len()];
            mean_row(tile_fit, row, &distance.row(y)[tile.x.clone()], settings, pixels);
        }
    });
    Fit { numbers, tiles_across, pixels }
}

/// The fits of a tile and a margin of [`MEAN`] round it.
#[derive(Default)]
struct TileFit {
    moments: Moments,
    width: usize,
    /// 1 where there is a fit: not outside the picture and not far from the edge.
    fitted: Vec<f32>,
    /// Factors, constant and trust, each in a plane of its own; 0 where there is no fit.
    fits: [Vec<f32>; 5],
}

impl TileFit {
    fn solve(&mut self, guide: &Plane<[u8; 3]>, mask: Mask<'_>, distance: &Plane<f32>, tile: &Tile, limit: f32) {
        let area = tile.with_margin(MEAN);
        self.moments.gather(guide, mask, area);
        self.width = area.width;
        let count = area.width * area.height;
        for plane in self.fits.iter_mut().chain([&mut self.fitted]) {
            plane.clear();
            // The last pixels are read and written together with some behind them.
            plane.resize(count + LANES, 0.0);
        }
        let (to, from) = area.columns_inside(guide.width());
        for (row, y) in area.rows_inside(guide.height()) {
            let to = row * area.width + to.start..row * area.width + to.end;
            for (fitted, d) in self.fitted[to].iter_mut().zip(&distance.row(y)[from.clone()]) {
                *fitted = if d.abs() < limit { 1.0 } else { 0.0 };
            }
        }
        solve_all(self, count);
    }
}

compiled_for_avx2! {
    /// Solves for the first `count` pixels of a tile with its margin.
    fn solve_all(tile: &mut TileFit, count: usize) = solve_all_inline;
}

#[inline(always)]
fn solve_all_inline(tile: &mut TileFit, count: usize) {
    for start in (0..count).step_by(LANES) {
        let fitted = Lanes::load(&tile.fitted, start);
        if fitted.0 == [0.0; LANES] {
            continue;
        }
        for (plane, number) in tile.fits.iter_mut().zip(solve(&tile.moments.windows(start))) {
            fitted.with(number, |fitted, number| if fitted > 0.0 { number } else { 0.0 }).store(plane, start);
        }
    }
}

compiled_for_avx2! {
    /// The fits of a row of a tile, at `distance` from the edge: the means over those round each pixel.
    fn mean_row(tile: &TileFit, row: usize, distance: &[f32], settings: &FitSettings, pixels: &mut [PixelFit]) =
        mean_row_inline;
}

#[inline(always)]
fn mean_row_inline(tile: &TileFit, row: usize, distance: &[f32], settings: &FitSettings, pixels: &mut [PixelFit]) {
    let FitSettings { limit, trust, contrast } = *settings;
    for (block, (distance, pixels)) in distance.chunks(LANES).zip(pixels.chunks_mut(LANES)).enumerate() {
        if distance.iter().all(|d| d.abs() >= limit) {
            continue;
        }
        let [r, g, b, constant, explained] = tile.mean(row, block * LANES);
        let mut away = [limit; LANES];
        away.iter_mut().zip(distance).for_each(|(away, d)| *away = d.abs());
        let fade = ((Lanes::all(limit) - Lanes(away)) / FADE).min(1.0);
        let belief = Lanes::all(trust) * explained * fade;
        let factors = [r * contrast, g * contrast, b * contrast, (constant - 0.5) * contrast + 0.5];
        let [r, g, b, constant] = factors.map(|factor| factor * belief);
        for (i, pixel) in pixels.iter_mut().enumerate() {
            if away[i] < limit {
                *pixel = [r.0[i], g.0[i], b.0[i], constant.0[i], belief.0[i]];
            }
        }
    }
}

impl TileFit {
    /// The means over the fits round the tile's pixels from (`row`, `column`) on.
    #[inline(always)]
    fn mean(&self, row: usize, column: usize) -> [Lanes; 5] {
        let mut sums = [Lanes::all(0.0); 5];
        let mut count = Lanes::all(0.0);
        for row in row..=row + 2 * MEAN {
            for column in column..=column + 2 * MEAN {
                let at = row * self.width + column;
                for (sum, plane) in sums.iter_mut().zip(&self.fits) {
                    *sum += Lanes::load(plane, at);
                }
                count += Lanes::load(&self.fitted, at);
            }
        }
        let share = Lanes::all(1.0) / count.max(1.0);
        sums.map(|sum| sum * share)
    }
}

/// Ridge regression of the mask on the colours: factors, constant, trust.
#[inline(always)]
fn solve(windows: &Windows) -> [Lanes; 5] {
    let [r, g, b] = solve_symmetric(windows.colours, windows.with_mask);
    let dot = |other: [Lanes; 3]| r * other[0] + g * other[1] + b * other[2];
    let explained = dot(windows.with_mask) / (windows.mask_variance.max(0.0) + NO_EDGE);
    let constant = windows.mask - dot(windows.colour);
    [r, g, b, constant, (explained / EXPLAINED).clamp(0.0, 1.0)]
}

/// Solves (C + FLAT I) x = v for a covariance matrix C (rr, rg, rb, gg, gb, bb), by its factors L D L'. The diagonal
/// keeps every pivot positive.
#[inline(always)]
fn solve_symmetric([rr, rg, rb, gg, gb, bb]: [Lanes; 6], v: [Lanes; 3]) -> [Lanes; 3] {
    let d0 = rr.max(0.0) + FLAT;
    let (l1, l2) = (rg / d0, rb / d0);
    let d1 = (gg + FLAT - l1 * rg).max(FLAT);
    let l3 = (gb - l2 * rg) / d1;
    let d2 = (bb + FLAT - l2 * rb - l3 * l3 * d1).max(FLAT);
    let y1 = v[1] - l1 * v[0];
    let z = (v[2] - l2 * v[0] - l3 * y1) / d2;
    let y = y1 / d1 - l3 * z;
    let x = v[0] / d0 - l1 * y - l2 * z;
    [x, y, z]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solver_solves() {
        let (c, v) = ([0.03, 0.01, -0.004, 0.05, 0.02, 0.02], [0.02, -0.01, 0.03]);
        let [x, y, z] = solve_symmetric(c.map(Lanes::all), v.map(Lanes::all)).map(|lanes| lanes.0[3]);
        let [rr, rg, rb, gg, gb, bb] = c;
        let found =
            [(rr + FLAT) * x + rg * y + rb * z, rg * x + (gg + FLAT) * y + gb * z, rb * x + gb * y + (bb + FLAT) * z];
        for (found, expected) in found.iter().zip(v) {
            assert!((found - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn a_flat_picture_explains_nothing_and_a_picture_of_the_mask_everything() {
        let mask = Plane::from_vec(24, 9, [[0f32; 12], [1f32; 12]].concat().repeat(9)).unwrap();
        let distance = Plane::from_vec(24, 9, (0..24).map(|x| x as f32 - 11.5).collect::<Vec<_>>().repeat(9)).unwrap();
        let settings = FitSettings { limit: 4.0, trust: 1.0, contrast: 1.0 };
        let flat = fit(&Plane::new(24, 9, [90, 80, 70]), Mask::Soft(&mask), &distance, &settings);
        assert!((0..24 * 9).all(|pixel| flat.at(pixel % 24, pixel / 24)[4] < 1e-6));
        let picture = mask.map(|&m| if m > 0.5 { [200, 180, 30] } else { [20, 60, 90] });
        let drawn = fit(&picture, Mask::Soft(&mask), &distance, &settings);
        for (x, expected) in [(11, 0.0), (12, 1.0)] {
            let [r, g, b, constant, trust] = drawn.at(x, 4);
            let colour = picture.row(4)[x].map(|byte| f32::from(byte) / 255.0);
            let alpha = r * colour[0] + g * colour[1] + b * colour[2] + constant;
            assert!((alpha - expected).abs() < 0.03, "{alpha}");
            assert_eq!(trust, 1.0);
        }
        assert_eq!(drawn.at(2, 4), [0.0; 5], "beyond the band");
    }
}
