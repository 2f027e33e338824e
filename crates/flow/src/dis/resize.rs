//! Smaller pictures by mean over areas, larger fields by linear interpolation.

use super::grid::{Grid, stripe_rows};
use crate::field::{Flow, between};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// A sample of a picture: a byte, or a float on the same scale, 0..255.
pub trait Sample: Copy + Sync + Into<f32> {}

impl Sample for u8 {}
impl Sample for f32 {}

/// A picture's rows, the last ones repeated where a larger picture is asked for.
pub(super) struct Source<'a, T> {
    pub samples: &'a [T],
    pub width: usize,
    pub height: usize,
}

impl<'a, T: Sample> Source<'a, T> {
    pub fn of_plane(plane: &'a Plane<T>) -> Self {
        Self { samples: plane.data(), width: plane.width(), height: plane.height() }
    }

    fn row(&self, y: usize) -> &'a [T] {
        let y = y.min(self.height - 1);
        &self.samples[y * self.width..(y + 1) * self.width]
    }

    /// The picture with its right column and its last row repeated up to this size.
    pub fn extend(&self, width: usize, height: usize, out: &mut Grid) {
        out.reshape(width, height);
        for (y, out) in out.data.chunks_exact_mut(width).enumerate() {
            let row = self.row(y);
            for (x, out) in out.iter_mut().enumerate() {
                *out = clean(row[x.min(row.len() - 1)]);
            }
        }
    }

    /// The mean over each output pixel's area. `scratch` is working memory.
    pub fn shrink(&self, width: usize, height: usize, out: &mut Grid, scratch: &mut Vec<f32>) {
        out.reshape(width, height);
        let whole = (self.width.is_multiple_of(width)).then(|| self.width / width);
        let rows = stripe_rows(height);
        scratch.resize(height.div_ceil(rows) * self.width, 0.0);
        let stripes = out.data.par_chunks_mut(rows * width).zip(scratch.par_chunks_exact_mut(self.width));
        stripes.enumerate().for_each(|(stripe, (out, column_means))| {
            for (index, out) in out.chunks_exact_mut(width).enumerate() {
                self.mean_of_rows(Area::of(stripe * rows + index, self.height, height), column_means);
                match whole {
                    Some(2) => fold::<2>(column_means, out),
                    Some(4) => fold::<4>(column_means, out),
                    _ => mean_of_columns(column_means, out),
                }
            }
        });
    }

    fn mean_of_rows(&self, area: Area, out: &mut [f32]) {
        let add = |row: &[T], weight: f32, out: &mut [f32]| {
            for (out, &value) in out.iter_mut().zip(row) {
                *out += weight * clean(value);
            }
        };
        out.fill(0.0);
        let mut weights = area.weights();
        let first = weights.next();
        if let Some((y, weight)) = first {
            for (out, &value) in out.iter_mut().zip(self.row(y)) {
                *out = weight * clean(value);
            }
        }
        for (y, weight) in weights {
            add(self.row(y), weight, out);
        }
    }
}

impl<'a> Source<'a, f32> {
    pub fn of_grid(grid: &'a Grid) -> Self {
        Self { samples: &grid.data, width: grid.width, height: grid.height }
    }
}

/// A value 0..255; what is not a number counts as 0.
#[inline(always)]
fn clean<T: Sample>(value: T) -> f32 {
    let value = value.into();
    let value = if value > 0.0 { value } else { 0.0 };
    if value < 255.0 { value } else { 255.0 }
}

/// The source pixels that an output pixel covers.
#[derive(Clone, Copy)]
struct Area {
    from: f32,
    to: f32,
}

impl Area {
    fn of(index: usize, source: usize, output: usize) -> Self {
        let scale = source as f32 / output as f32;
        Self { from: index as f32 * scale, to: ((index + 1) as f32 * scale).min(source as f32) }
    }

    /// Source pixels with their share of the area.
    fn weights(self) -> impl Iterator<Item = (usize, f32)> {
        let size = self.to - self.from;
        // A share that is only rounding is left out.
        let (first, end) = ((self.from + 1e-3) as usize, (self.to - 1e-3).ceil() as usize);
        (first..end).map(move |at| {
            let (low, high) = (self.from.max(at as f32), self.to.min((at + 1) as f32));
            (at, (high - low) / size)
        })
    }
}

fn fold<const N: usize>(row: &[f32], out: &mut [f32]) {
    let (groups, _) = row.as_chunks::<N>();
    for (out, group) in out.iter_mut().zip(groups) {
        *out = group.iter().sum::<f32>() * (1.0 / N as f32);
    }
}

fn mean_of_columns(row: &[f32], out: &mut [f32]) {
    let width = out.len();
    for (x, out) in out.iter_mut().enumerate() {
        *out = Area::of(x, row.len(), width).weights().map(|(at, weight)| weight * row[at]).sum();
    }
}

/// Where to read between two samples of a row: `first`, `second`, and how far from the one to the other.
#[derive(Clone, Copy, Default)]
struct Tap {
    first: u32,
    second: u32,
    part: f32,
}

/// Taps of linear interpolation between pixel centres, the border repeated.
fn linear_taps(source: usize, output: usize, taps: &mut Vec<Tap>) {
    let scale = source as f32 / output as f32;
    taps.clear();
    taps.extend((0..output).map(|index| {
        let (first, second, part) = between((index as f32 + 0.5) * scale - 0.5, source);
        Tap { first: first as u32, second: second as u32, part }
    }));
}

/// Enlarges fields; it keeps its working memory.
#[derive(Default)]
pub(super) struct Enlarging {
    across: Vec<Tap>,
    down: Vec<Tap>,
    /// Two rows for every stripe, between which the output row lies.
    rows: Vec<f32>,
}

impl Enlarging {
    /// The field on a larger grid over the same picture, its vectors scaled with the sides.
    pub fn grids(&mut self, from: [&Grid; 2], to: [&mut Grid; 2]) {
        for (axis, (from, to)) in from.into_iter().zip(to).enumerate() {
            let scale = self.prepare(from, (to.width, to.height))[axis];
            let across = &self.across;
            let blended = &mut self.rows[..from.width];
            for (out, tap) in to.data.chunks_exact_mut(to.width).zip(&self.down) {
                blend(from, *tap, scale, blended);
                for (out, tap) in out.iter_mut().zip(across) {
                    *out = tap.of(blended);
                }
            }
        }
    }

    /// The same into vectors.
    pub fn vectors(&mut self, from: [&Grid; 2], to: &mut Flow) {
        let scale = self.prepare(from[0], (to.width, to.height));
        let (from_width, width) = (from[0].width, to.width);
        let rows = stripe_rows(to.height);
        let (across, down) = (&self.across, &self.down);
        let stripes = to.vectors.par_chunks_mut(rows * width).zip(self.rows.par_chunks_exact_mut(from_width * 2));
        stripes.zip(down.par_chunks(rows)).for_each(|((out, blended), down)| {
            let (blended_u, blended_v) = blended.split_at_mut(from_width);
            for (out, tap) in out.chunks_exact_mut(width).zip(down) {
                blend(from[0], *tap, scale[0], blended_u);
                blend(from[1], *tap, scale[1], blended_v);
                for (out, tap) in out.iter_mut().zip(across) {
                    *out = [tap.of(blended_u), tap.of(blended_v)];
                }
            }
        });
    }

    /// Sets taps and working rows; how much longer each part of a vector becomes.
    fn prepare(&mut self, from: &Grid, (width, height): (usize, usize)) -> [f32; 2] {
        linear_taps(from.width, width, &mut self.across);
        linear_taps(from.height, height, &mut self.down);
        self.rows.resize(height.div_ceil(stripe_rows(height)) * from.width * 2, 0.0);
        [width as f32 / from.width as f32, height as f32 / from.height as f32]
    }
}

fn blend(from: &Grid, tap: Tap, scale: f32, out: &mut [f32]) {
    let (above, below) = (from.row(tap.first as usize), from.row(tap.second as usize));
    for ((out, &above), &below) in out.iter_mut().zip(above).zip(below) {
        *out = scale * (above + tap.part * (below - above));
    }
}

impl Tap {
    fn of(self, row: &[f32]) -> f32 {
        let (first, second) = (row[self.first as usize], row[self.second as usize]);
        first + self.part * (second - first)
    }
}
