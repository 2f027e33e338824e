//! What colour the object has where it is mixed with its background.
//!
//! Germer, Uelwer, Conrad and Harmeling, "Fast Multi-Level Foreground Estimation" (ICPR 2020). Constants are those of the
//! paper's own program, pymatting.

use crate::window_means::same_size;
use crate::workspace::{fit_plane, fit_vec, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// How strongly neighbours are alike where alpha is even, and how much more so per difference of alpha.
const REGULARIZATION: f32 = 1e-5;
const GRADIENT_WEIGHT: f32 = 1.0;
/// Rounds on pictures up to this side, and on larger ones.
const SMALL_SIDE: usize = 32;
const SMALL_ROUNDS: usize = 10;
const LARGE_ROUNDS: usize = 2;
/// Alphas beyond these are taken as object and background for the colours to begin with.
const OBJECT: f32 = 0.9;
const BACKGROUND: f32 = 0.1;
/// Rows of a task: the first row of one sees the last round's row above.
const BAND: usize = 64;

/// Foreground and background of a pixel: red, green, blue each.
pub(crate) type Pair = [[f32; 3]; 2];
/// Columns that are solved or left alone together.
pub(crate) const BLOCK: usize = 32;

/// Estimates colours; keeps its memory, so that a second frame of a size allocates nothing.
#[derive(Debug)]
pub struct ForegroundEstimate {
    now: Plane<Pair>,
    before: Plane<Pair>,
    small: Plane<[f32; 4]>,
    rounds: Rounds,
}

impl Default for ForegroundEstimate {
    fn default() -> Self {
        Self { now: no_plane(), before: no_plane(), small: no_plane(), rounds: Rounds::default() }
    }
}

impl ForegroundEstimate {
    /// Writes the object's colours of every pixel to `foreground`, and those behind it to `background`, so that
    /// alpha x foreground + (1 - alpha) x background is about the picture. Straight, not premultiplied.
    ///
    /// Colours may be of any range: where the picture goes beyond 0..`most` they are bounded by its largest value. NaN
    /// counts as 0. Where picture and alpha differ in size, both results are the picture. The same result for any number
    /// of threads.
    pub fn estimate(
        &mut self,
        picture: &Plane<[f32; 3]>,
        alpha: &Plane<f32>,
        foreground: &mut Plane<[f32; 3]>,
        background: &mut Plane<[f32; 3]>,
    ) {
        let (width, height) = (picture.width(), picture.height());
        fit_plane(foreground, width, height);
        fit_plane(background, width, height);
        if !same_size(picture, alpha) || picture.is_empty() {
            foreground.data_mut().copy_from_slice(picture.data());
            return background.data_mut().copy_from_slice(picture.data());
        }
        let (start, most) = beginning(picture, alpha);
        let longest = width.max(height);
        let levels = (longest as f64).log2().ceil() as usize;
        fit_plane(&mut self.before, 1, 1);
        self.before.data_mut()[0] = start;
        for level in 0..=levels {
            let share = if levels == 0 { 1.0 } else { level as f64 / levels as f64 };
            let side = |full: usize| ((full as f64).powf(share).round_ties_even() as usize).clamp(1, full);
            self.level(picture, alpha, side(width), side(height), most);
        }
        let pairs = self.before.par_rows();
        let rows = foreground.par_rows_mut().zip(background.par_rows_mut()).zip(pairs);
        rows.for_each(|((foreground, background), pairs)| {
            for ((foreground, background), pair) in foreground.iter_mut().zip(background).zip(pairs) {
                (*foreground, *background) = (pair[0], pair[1]);
            }
        });
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        (self.now.data().len() + self.before.data().len()) * size_of::<Pair>() + self.small.data().len() * 16
    }

    /// Solves one size, beginning with the smaller one's result.
    fn level(&mut self, picture: &Plane<[f32; 3]>, alpha: &Plane<f32>, width: usize, height: usize, most: f32) {
        fit_plane(&mut self.small, width, height);
        self.small.par_rows_mut().enumerate().for_each(|(y, out)| {
            let from = y * picture.height() / height;
            let (colours, alphas) = (picture.row(from), alpha.row(from));
            for (x, out) in out.iter_mut().enumerate() {
                let x = x * colours.len() / width;
                let [r, g, b] = colours[x].map(safe_colour);
                *out = [r, g, b, safe_alpha(alphas[x])];
            }
        });
        fit_plane(&mut self.now, width, height);
        let before = &self.before;
        self.now.par_rows_mut().enumerate().for_each(|(y, out)| {
            let from = before.row(y * before.height() / height);
            for (x, out) in out.iter_mut().enumerate() {
                *out = from[x * from.len() / width];
            }
        });
        self.rounds.solve(&self.small, &mut self.now, most, None);
        std::mem::swap(&mut self.now, &mut self.before);
    }
}

/// Solves one size; keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    edges: Vec<[Vec<Pair>; 2]>,
}

impl Rounds {
    /// As many rounds as this size takes. `picture` holds red, green, blue and alpha. `blocks`: which blocks of [`BLOCK`]
    /// pixels of each row are solved; all without it.
    pub fn solve(
        &mut self,
        picture: &Plane<[f32; 4]>,
        pairs: &mut Plane<Pair>,
        most: f32,
        blocks: Option<&Plane<bool>>,
    ) {
        let side = pairs.width().max(pairs.height());
        for _ in 0..if side <= SMALL_SIDE { SMALL_ROUNDS } else { LARGE_ROUNDS } {
            self.round(picture, pairs, most, blocks);
        }
    }

    /// Every pixel once, from top to bottom within a band of rows (Gauss-Seidel); across bands the last round's values.
    fn round(&mut self, picture: &Plane<[f32; 4]>, pairs: &mut Plane<Pair>, most: f32, blocks: Option<&Plane<bool>>) {
        let (width, height) = (pairs.width(), pairs.height());
        let bands = height.div_ceil(BAND);
        fit_vec(&mut self.edges, bands);
        for (band, [above, below]) in self.edges.iter_mut().take(bands).enumerate() {
            let copy = |to: &mut Vec<Pair>, y: usize| {
                to.clear();
                to.extend_from_slice(pairs.row(y));
            };
            copy(above, (band * BAND).saturating_sub(1));
            copy(below, ((band + 1) * BAND).min(height - 1));
        }
        let rows = pairs.data_mut().par_chunks_mut(width * BAND).zip(self.edges.par_iter_mut());
        rows.enumerate().for_each(|(band, (rows, [above, below]))| {
            let count = rows.len() / width;
            for index in 0..count {
                let y = band * BAND + index;
                let blocks = blocks.map(|blocks| blocks.row(y));
                if blocks.is_some_and(|blocks| !blocks.contains(&true)) {
                    continue;
                }
                let (before, rest) = rows.split_at_mut(index * width);
                let (here, after) = rest.split_at_mut(width);
                let above =
                    if index > 0 { Some(&before[(index - 1) * width..]) } else { (y > 0).then_some(&above[..]) };
                let below =
                    if index + 1 < count { Some(&after[..width]) } else { (y + 1 < height).then_some(&below[..]) };
                solve_row(picture, y, here, [above, below], most, blocks);
            }
        });
    }
}

fn solve_row(
    small: &Plane<[f32; 4]>,
    y: usize,
    here: &mut [Pair],
    [above, below]: [Option<&[Pair]>; 2],
    most: f32,
    blocks: Option<&[bool]>,
) {
    let (row, last) = (small.row(y), here.len() - 1);
    let (row_above, row_below) = (small.row(y.saturating_sub(1)), small.row((y + 1).min(small.height() - 1)));
    for x in 0..here.len() {
        if blocks.is_some_and(|blocks| !blocks[x / BLOCK]) {
            continue;
        }
        let [r, g, b, alpha] = row[x];
        let (left, right) = (x.saturating_sub(1), (x + 1).min(last));
        let neighbours = [
            (row[left][3], here[left]),
            (row[right][3], here[right]),
            (row_above[x][3], above.map_or(here[x], |above| above[x])),
            (row_below[x][3], below.map_or(here[x], |below| below[x])),
        ];
        let weight = |other: f32| REGULARIZATION + GRADIENT_WEIGHT * (alpha - other).abs();
        here[x] = solve_pixel([r, g, b], alpha, neighbours.map(|(other, pair)| (weight(other), pair)), most);
    }
}

/// Both colours of a pixel, as like those of its weighted neighbours as the picture lets them be.
fn solve_pixel(colour: [f32; 3], alpha: f32, neighbours: [(f32, Pair); 4], most: f32) -> Pair {
    let rest = 1.0 - alpha;
    let (mut object, mut behind) = (colour.map(|c| alpha * c), colour.map(|c| rest * c));
    let mut pull = 0.0;
    for (weight, pair) in neighbours {
        pull += weight;
        for c in 0..3 {
            object[c] += weight * pair[0][c];
            behind[c] += weight * pair[1][c];
        }
    }
    let (a, b, c) = (alpha * alpha + pull, alpha * rest, rest * rest + pull);
    let share = 1.0 / (a * c - b * b);
    [
        std::array::from_fn(|i| ((c * object[i] - b * behind[i]) * share).clamp(0.0, most)),
        std::array::from_fn(|i| ((a * behind[i] - b * object[i]) * share).clamp(0.0, most)),
    ]
}

/// Both colours of a pixel whose neighbours all have `pair`; `others` are the neighbours' alphas.
pub(crate) fn solve_alone(colour: [f32; 3], alpha: f32, others: [f32; 4], pair: Pair, most: f32) -> Pair {
    let weight = |other: f32| REGULARIZATION + GRADIENT_WEIGHT * (alpha - other).abs();
    solve_pixel(colour, alpha, others.map(|other| (weight(other), pair)), most)
}

/// The mean colours of what is surely object and surely background, and the largest value of the picture (at least 1).
fn beginning(picture: &Plane<[f32; 3]>, alpha: &Plane<f32>) -> (Pair, f32) {
    beginning_of(picture.data().iter().copied().zip(alpha.data().iter().copied()))
}

/// As [`beginning`], of pixels and their alphas.
pub(crate) fn beginning_of(pixels: impl Iterator<Item = ([f32; 3], f32)>) -> (Pair, f32) {
    let (mut sums, mut counts, mut most) = ([[0f64; 3]; 2], [1e-5f64; 2], 1f32);
    for (colour, alpha) in pixels {
        let (colour, alpha) = (colour.map(safe_colour), safe_alpha(alpha));
        most = colour.into_iter().fold(most, f32::max);
        let side = if alpha > OBJECT {
            0
        } else if alpha < BACKGROUND {
            1
        } else {
            continue;
        };
        counts[side] += 1.0;
        sums[side].iter_mut().zip(colour).for_each(|(sum, value)| *sum += f64::from(value));
    }
    (std::array::from_fn(|side| sums[side].map(|sum| (sum / counts[side]) as f32)), most)
}

/// Highest value a colour is taken at: that of half floats.
const BRIGHTEST: f32 = 65504.0;

pub(crate) fn safe_colour(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, BRIGHTEST) }
}
