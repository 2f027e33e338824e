//! The object's colours in its soft edge, for frames that are to be finished in a fraction of a second.

use crate::foreground::{BLOCK, Pair, Rounds, beginning_of, safe_colour, solve_alone};
use crate::workspace::{fit_plane, fit_vec, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Sizes up to this side are solved everywhere, so that colours reach every pixel; larger ones in the soft edge only.
const EVERYWHERE: usize = 64;
/// Rows that share a task and its scratch.
const BAND: usize = 16;

/// The picture's rows: fills a row of straight colours.
pub type Rows<'a> = &'a (dyn Fn(usize, &mut [[f32; 3]]) + Sync);

/// Estimates the colours of object and background as [`ForegroundEstimate`](crate::ForegroundEstimate) does, with two
/// differences: large sizes are solved where the matte is soft, and the full size pixel by pixel, on the colours of the
/// next smaller one. So neither the picture nor the result needs a plane, and the cost is that of the edge. Keeps its
/// memory from frame to frame; the result does not depend on threads.
#[derive(Debug)]
pub struct EdgeColours {
    fine: Plane<[f32; 4]>,
    small: Plane<[f32; 4]>,
    now: Plane<Pair>,
    before: Plane<Pair>,
    blocks: Plane<bool>,
    rounds: Rounds,
    scratch: Vec<Vec<[f32; 3]>>,
    most: f32,
}

impl Default for EdgeColours {
    fn default() -> Self {
        Self {
            fine: no_plane(),
            small: no_plane(),
            now: no_plane(),
            before: no_plane(),
            blocks: no_plane(),
            rounds: Rounds::default(),
            scratch: Vec::new(),
            most: 1.0,
        }
    }
}

impl EdgeColours {
    /// Looks at a frame: `alpha`, which says how much of each pixel is object, and the picture of the same size.
    pub fn prepare(&mut self, alpha: &Plane<f32>, picture: Rows<'_>) {
        let (width, height) = (alpha.width(), alpha.height());
        if alpha.is_empty() {
            return;
        }
        let levels = (width.max(height) as f64).log2().ceil() as usize;
        let solved = levels.max(1);
        let side = |full: usize, level: usize| {
            let share = if levels == 0 { 1.0 } else { level as f64 / levels as f64 };
            ((full as f64).powf(share).round_ties_even() as usize).clamp(1, full)
        };
        self.sample(alpha, picture, side(width, solved - 1), side(height, solved - 1));
        let pixels = self.fine.data().iter().map(|&[r, g, b, alpha]| ([r, g, b], alpha));
        let (start, most) = beginning_of(pixels);
        self.most = most;
        fit_plane(&mut self.before, 1, 1);
        self.before.data_mut()[0] = start;
        for level in 0..solved {
            self.level(side(width, level), side(height, level));
        }
    }

    /// The object's colour at a pixel, straight. Where `alpha` (that of [`prepare`](Self::prepare)) is 1 it is the pixel's
    /// own, bit for bit.
    pub fn object(&self, alpha: &Plane<f32>, x: usize, y: usize, colour: [f32; 3]) -> [f32; 3] {
        let here = alpha.get(x, y).copied().map_or(0.0, safe_alpha);
        if here >= 1.0 || self.before.is_empty() {
            return colour;
        }
        let at = |x: usize, y: usize| alpha.get(x, y).copied().map_or(here, safe_alpha);
        let others = [at(x.wrapping_sub(1), y), at(x + 1, y), at(x, y.wrapping_sub(1)), at(x, y + 1)];
        let own = colour.map(safe_colour);
        let most = own.into_iter().fold(self.most, f32::max);
        let pair = self.between(alpha, x, y);
        solve_alone(own, here, others, pair, most)[0]
    }

    /// The colour behind a pixel, smooth: what a screen shines with there.
    pub fn background(&self, alpha: &Plane<f32>, x: usize, y: usize) -> [f32; 3] {
        if self.before.is_empty() { [0.0; 3] } else { self.between(alpha, x, y)[1] }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let pixels = (self.fine.data().len() + self.small.data().len()) * size_of::<[f32; 4]>();
        let pairs = (self.now.data().len() + self.before.data().len()) * size_of::<Pair>();
        let scratch: usize = self.scratch.iter().map(Vec::capacity).sum();
        pixels + pairs + self.blocks.data().len() + scratch * size_of::<[f32; 3]>()
    }

    /// The picture at the largest size that is solved.
    fn sample(&mut self, alpha: &Plane<f32>, picture: Rows<'_>, width: usize, height: usize) {
        fit_plane(&mut self.fine, width, height);
        fit_vec(&mut self.scratch, height.div_ceil(BAND));
        let full = (alpha.width(), alpha.height());
        let bands = self.fine.data_mut().par_chunks_mut(width * BAND).zip(self.scratch.par_iter_mut());
        bands.enumerate().for_each(|(band, (rows, scratch))| {
            fit_vec(scratch, full.0);
            for (y, out) in (band * BAND..).zip(rows.chunks_exact_mut(width)) {
                let from = y * full.1 / height;
                picture(from, &mut scratch[..full.0]);
                let alphas = alpha.row(from);
                for (x, out) in out.iter_mut().enumerate() {
                    let x = x * full.0 / width;
                    let [r, g, b] = scratch[x].map(safe_colour);
                    *out = [r, g, b, safe_alpha(alphas[x])];
                }
            }
        });
    }

    fn level(&mut self, width: usize, height: usize) {
        let Self { fine, small, now, before, blocks, rounds, .. } = self;
        let whole = (width, height) == (fine.width(), fine.height());
        let picture: &Plane<[f32; 4]> = if whole {
            fine
        } else {
            fit_plane(small, width, height);
            small.par_rows_mut().enumerate().for_each(|(y, out)| {
                let from = fine.row(y * fine.height() / height);
                for (x, out) in out.iter_mut().enumerate() {
                    *out = from[x * from.len() / width];
                }
            });
            small
        };
        fit_plane(now, width, height);
        fit_plane(blocks, width.div_ceil(BLOCK), height);
        let rows = now.par_rows_mut().zip(blocks.par_rows_mut());
        rows.enumerate().for_each(|(y, (out, blocks))| {
            let from = before.row(y * before.height() / height);
            let pixels = picture.row(y);
            for (x, (out, &[r, g, b, alpha])) in out.iter_mut().zip(pixels).enumerate() {
                let [object, behind] = from[x * from.len() / width];
                // Where the matte is sure, one of the two is the picture.
                *out = [if alpha == 1.0 { [r, g, b] } else { object }, if alpha == 0.0 { [r, g, b] } else { behind }];
            }
            for (block, pixels) in blocks.iter_mut().zip(pixels.chunks(BLOCK)) {
                *block = pixels.iter().any(|pixel| pixel[3] > 0.0 && pixel[3] < 1.0);
            }
        });
        let everywhere = width.max(height) <= EVERYWHERE;
        rounds.solve(picture, now, self.most, if everywhere { None } else { Some(blocks) });
        std::mem::swap(now, before);
    }

    /// The colours of the largest solved size at a pixel of the full one, from the four that lie round it.
    fn between(&self, alpha: &Plane<f32>, x: usize, y: usize) -> Pair {
        let (width, height) = (self.before.width(), self.before.height());
        let place = |at: usize, full: usize, count: usize| {
            let at = ((at as f32 + 0.5) * count as f32 / full as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            (at as usize, (at as usize + 1).min(count - 1), at.fract())
        };
        let (left, right, across) = place(x, alpha.width(), width);
        let (top, bottom, down) = place(y, alpha.height(), height);
        let (upper, lower) = (self.before.row(top), self.before.row(bottom));
        std::array::from_fn(|side| {
            std::array::from_fn(|c| {
                let above = upper[left][side][c] + across * (upper[right][side][c] - upper[left][side][c]);
                let below = lower[left][side][c] + across * (lower[right][side][c] - lower[left][side][c]);
                above + down * (below - above)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ForegroundEstimate;

    /// A soft disc of one colour before a slope of another.
    fn scene(width: usize, height: usize) -> (Plane<[f32; 3]>, Plane<f32>) {
        let depth = |i: usize| {
            height as f32 * 0.3
                - ((i % width) as f32 - width as f32 / 2.0).hypot((i / width) as f32 - height as f32 / 2.0)
        };
        let alpha: Vec<f32> = (0..width * height).map(|i| (depth(i) / 6.0 + 0.5).clamp(0.0, 1.0)).collect();
        let colours = alpha.iter().enumerate().map(|(i, &alpha)| {
            let behind = [0.1, 0.8 - 0.3 * (i / width) as f32 / height as f32, 0.2];
            std::array::from_fn(|c| alpha * [3.0, 0.4, 0.3][c] + (1.0 - alpha) * behind[c])
        });
        let colours = Plane::from_vec(width, height, colours.collect()).unwrap();
        (colours, Plane::from_vec(width, height, alpha).unwrap())
    }

    #[test]
    fn the_objects_own_colour_is_found_in_its_soft_edge() {
        let (picture, alpha) = scene(300, 200);
        let mut colours = EdgeColours::default();
        colours.prepare(&alpha, &|y, row| row.copy_from_slice(picture.row(y)));
        let (mut whole, mut behind) = (Plane::new(0, 0, [0.0; 3]), Plane::new(0, 0, [0.0; 3]));
        ForegroundEstimate::default().estimate(&picture, &alpha, &mut whole, &mut behind);
        for y in 0..200 {
            for x in 0..300 {
                let found = colours.object(&alpha, x, y, picture.row(y)[x]);
                let here = alpha.row(y)[x];
                if here > 0.1 {
                    let off = (0..3).map(|c| (found[c] - [3.0, 0.4, 0.3][c]).abs()).fold(0.0, f32::max);
                    assert!(off < 0.12, "{found:?} at {x}, {y} where alpha is {here}");
                    assert!((0..3).all(|c| (found[c] - whole.row(y)[x][c]).abs() < 0.12));
                }
                if here < 0.9 {
                    let green = colours.background(&alpha, x, y)[1];
                    assert!((0.45..0.85).contains(&green), "{green}");
                }
            }
        }
    }

    #[test]
    fn any_size_and_any_number_of_threads_will_do() {
        for (width, height) in [(1, 1), (2, 1), (1, 90), (600, 3), (97, 61)] {
            let (picture, alpha) = scene(width, height);
            let found = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let mut colours = EdgeColours::default();
                    colours.prepare(&alpha, &|y, row| row.copy_from_slice(picture.row(y)));
                    let at = |i: usize| colours.object(&alpha, i % width, i / width, picture.data()[i]);
                    (0..width * height).map(at).collect::<Vec<_>>()
                })
            };
            let one = found(1);
            assert!(one.iter().flatten().all(|value| value.is_finite()));
            assert_eq!(one, found(3));
        }
    }
}
