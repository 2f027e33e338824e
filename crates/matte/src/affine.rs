//! The matte as a function of the picture's colour, pixel by pixel: alpha = a . rgb + b.

use crate::moments::{Moments, Window};
use crate::tiles::{STRIP, Tile, tiles_near_edge};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Radius of the windows the fit is made in, in pixels of the guide.
const WINDOW: usize = 2;
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

/// The fit at each pixel of the guide.
#[derive(Debug)]
pub(crate) struct Fit {
    /// Factors of red, green and blue (0..1, display-referred), and the constant; each times the trust, so that
    /// between a pixel with a fit and one without, only the first one counts.
    pub colour: Plane<[f32; 4]>,
    /// How far to believe the fit, 0..1; 0 away from the edge.
    pub trust: Plane<f32>,
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

/// Fits `mask` (0..1, on the guide's grid) by the guide's colours in a band round the edge of `distance`: the guided
/// filter with a colour guide (He, Sun, Tang, "Guided Image Filtering", 2010, equations 14 to 18) with small windows;
/// and the share of variance that colour explains (the coefficient of determination) as its trust.
pub(crate) fn fit(guide: &Plane<[u8; 3]>, mask: &Plane<f32>, distance: &Plane<f32>, settings: &FitSettings) -> Fit {
    let (width, height) = (guide.width(), guide.height());
    let mut fit = Fit { colour: Plane::new(width, height, [0f32; 4]), trust: Plane::new(width, height, 0f32) };
    let strip = (width * STRIP).max(1);
    let colour = fit.colour.data_mut().par_chunks_mut(strip);
    let trust = fit.trust.data_mut().par_chunks_mut(strip);
    colour.zip(trust).enumerate().for_each_init(TileFit::default, |tile_fit, (index, (colour, trust))| {
        for tile in tiles_near_edge(distance, index, settings.limit) {
            tile_fit.solve(guide, mask, distance, &tile, settings.limit + BEYOND);
            for (row, y) in tile.y.clone().enumerate() {
                for (column, x) in tile.x.clone().enumerate() {
                    let away = distance.row(y)[x].abs();
                    if away < settings.limit {
                        let index = row * width + x;
                        let (factors, belief) = tile_fit.mean(row, column);
                        let belief = settings.trust * belief * ((settings.limit - away) / FADE).min(1.0);
                        colour[index] = with_contrast(factors, settings.contrast).map(|factor| factor * belief);
                        trust[index] = belief;
                    }
                }
            }
        }
    });
    fit
}

fn with_contrast([r, g, b, constant]: [f32; 4], contrast: f32) -> [f32; 4] {
    [r * contrast, g * contrast, b * contrast, (constant - 0.5) * contrast + 0.5]
}

/// The fits of a tile and a margin of [`MEAN`] round it.
#[derive(Default)]
struct TileFit {
    moments: Moments,
    width: usize,
    /// Factors, constant and trust; nothing outside the picture and far from the edge.
    fits: Vec<Option<([f32; 4], f32)>>,
}

impl TileFit {
    fn solve(&mut self, guide: &Plane<[u8; 3]>, mask: &Plane<f32>, distance: &Plane<f32>, tile: &Tile, limit: f32) {
        self.moments.gather(guide, mask, tile.with_margin(WINDOW + MEAN), WINDOW);
        let area = tile.with_margin(MEAN);
        self.width = area.width;
        self.fits.clear();
        self.fits.resize(area.width * area.height, None);
        let (to, from) = area.columns_inside(guide.width());
        for (row, y) in area.rows_inside(guide.height()) {
            for (column, d) in to.clone().zip(&distance.row(y)[from.clone()]) {
                if d.abs() < limit {
                    self.fits[row * area.width + column] = Some(solve(&self.moments.window(row, column)));
                }
            }
        }
    }

    /// The mean over the fits round the tile's pixel (`row`, `column`).
    fn mean(&self, row: usize, column: usize) -> ([f32; 4], f32) {
        let (mut factors, mut trust, mut count) = ([0f32; 4], 0f32, 0f32);
        for row in row..=row + 2 * MEAN {
            let start = row * self.width + column;
            for (fit, belief) in self.fits[start..=start + 2 * MEAN].iter().flatten() {
                for (sum, value) in factors.iter_mut().zip(fit) {
                    *sum += value;
                }
                trust += belief;
                count += 1.0;
            }
        }
        let share = 1.0 / count.max(1.0);
        (factors.map(|sum| sum * share), trust * share)
    }
}

/// Ridge regression of the mask on the colours: factors, constant, trust.
fn solve(window: &Window) -> ([f32; 4], f32) {
    let factors = solve_symmetric(window.colours, window.with_mask);
    let dot = |other: [f32; 3]| factors[0] * other[0] + factors[1] * other[1] + factors[2] * other[2];
    let explained = dot(window.with_mask) / (window.mask_variance.max(0.0) + NO_EDGE);
    let constant = window.mask - dot(window.colour);
    ([factors[0], factors[1], factors[2], constant], (explained / EXPLAINED).clamp(0.0, 1.0))
}

/// Solves (C + FLAT I) x = v for a covariance matrix C (rr, rg, rb, gg, gb, bb), by its factors L D L'. The diagonal
/// keeps every pivot positive.
fn solve_symmetric([rr, rg, rb, gg, gb, bb]: [f32; 6], v: [f32; 3]) -> [f32; 3] {
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
        let [x, y, z] = solve_symmetric(c, v);
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
        let flat = fit(&Plane::new(24, 9, [90, 80, 70]), &mask, &distance, &settings);
        assert!(flat.trust.data().iter().all(|&trust| trust < 1e-6));
        let picture = mask.map(|&m| if m > 0.5 { [200, 180, 30] } else { [20, 60, 90] });
        let drawn = fit(&picture, &mask, &distance, &settings);
        for (x, expected) in [(11, 0.0), (12, 1.0)] {
            let [r, g, b, constant] = drawn.colour.row(4)[x];
            let colour = picture.row(4)[x].map(|byte| f32::from(byte) / 255.0);
            let alpha = r * colour[0] + g * colour[1] + b * colour[2] + constant;
            assert!((alpha - expected).abs() < 0.03, "{alpha}");
            assert_eq!(drawn.trust.row(4)[x], 1.0);
        }
        assert_eq!(drawn.trust.row(4)[2], 0.0, "beyond the band");
    }
}
