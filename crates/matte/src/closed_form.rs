//! Closed-form matting of the unknown band: conjugate gradients, preconditioned with an incomplete Cholesky factor.

use crate::laplacian::{BEFORE, Equations, OFFSETS};
use crate::window_means::same_size;
use crate::workspace::fit_plane;
use raster::Plane;

/// The residual, as a share of the right side's length, at which alpha is found.
const TOLERANCE: f64 = 1e-5;
/// Share of the diagonal's length that is nothing but rounding.
const ROUNDING: f64 = 1e-7;
/// Steps after which it is taken as it is.
const MOST_STEPS: usize = 2000;
/// What is added to the diagonal, as a share of it, until the factor exists; pymatting's.
const SHIFTS: [f64; 6] = [0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0];
/// A diagonal entry up to this belongs to a pixel in no window.
const NO_WINDOW: f64 = 1e-12;

/// How the equations were solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solution {
    /// Pixels that were unknown.
    pub unknowns: usize,
    /// Steps of conjugate gradients.
    pub steps: usize,
    /// What is left of the residual, as a share of the right side's length.
    pub residual: f64,
}

/// Finds alpha in the unknown band of a trimap; keeps its memory from frame to frame.
#[derive(Debug, Default)]
pub struct ClosedForm {
    equations: Equations,
    /// The factor, laid out as the matrix; its diagonal inverted.
    factor: Vec<[f64; BEFORE]>,
    inverse: Vec<f64>,
    alpha: Vec<f64>,
    residual: Vec<f64>,
    direction: Vec<f64>,
    product: Vec<f64>,
    solved: Vec<f64>,
}

impl ClosedForm {
    /// Solves for the pixels whose trimap lies between 0.1 and 0.9; the others become 0 and 1. `picture` holds
    /// display-referred colours, 0..1. The result, within 0..1, is that of pymatting's `estimate_alpha_cf`.
    ///
    /// `stop` is asked at every step; once it says so, what is found so far comes out. Where picture and trimap differ in
    /// size, and in frames less than three pixels wide or high, unknown pixels keep the trimap's value.
    pub fn solve(
        &mut self,
        picture: &Plane<[f32; 3]>,
        trimap: &Plane<f32>,
        stop: &dyn Fn() -> bool,
        out: &mut Plane<f32>,
    ) -> Solution {
        fit_plane(out, trimap.width(), trimap.height());
        for (out, &value) in out.data_mut().iter_mut().zip(trimap.data()) {
            *out = if value >= 0.9 {
                1.0
            } else if value > 0.1 {
                value
            } else {
                0.0
            };
        }
        if !same_size(picture, trimap) {
            return Solution { unknowns: 0, steps: 0, residual: 0.0 };
        }
        self.equations.set_up(picture, trimap);
        let equations = &mut self.equations;
        self.alpha.clear();
        self.alpha.extend(equations.pixels.iter().map(|&pixel| f64::from(trimap.data()[pixel as usize])));
        for ((diagonal, right), &alpha) in equations.diagonal.iter_mut().zip(&mut equations.right).zip(&self.alpha) {
            if *diagonal <= NO_WINDOW {
                (*diagonal, *right) = (1.0, alpha);
            }
        }
        let solution = self.conjugate_gradients(stop);
        for (&pixel, &alpha) in self.equations.pixels.iter().zip(&self.alpha) {
            if alpha.is_finite() {
                out.data_mut()[pixel as usize] = alpha.clamp(0.0, 1.0) as f32;
            }
        }
        solution
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.equations.byte_size() + self.factor.capacity() * (BEFORE + 6) * 8
    }

    fn conjugate_gradients(&mut self, stop: &dyn Fn() -> bool) -> Solution {
        let unknowns = self.alpha.len();
        for values in [&mut self.residual, &mut self.direction, &mut self.product, &mut self.solved] {
            values.clear();
            values.resize(unknowns, 0.0);
        }
        self.factorize();
        // Where nothing known is near, the right side is 0: then against what rounding leaves.
        let goal =
            length(&self.equations.right).max(ROUNDING * length(&self.equations.diagonal)).max(f64::MIN_POSITIVE);
        multiply(&self.equations, &self.alpha, &mut self.product);
        for ((residual, right), product) in self.residual.iter_mut().zip(&self.equations.right).zip(&self.product) {
            *residual = right - product;
        }
        let mut energy = 0.0;
        let mut steps = 0;
        while length(&self.residual) > TOLERANCE * goal && steps < MOST_STEPS && !stop() {
            self.precondition();
            let next = dot(&self.residual, &self.solved);
            let keep = if steps == 0 { 0.0 } else { next / energy };
            energy = next;
            for (direction, solved) in self.direction.iter_mut().zip(&self.solved) {
                *direction = solved + keep * *direction;
            }
            multiply(&self.equations, &self.direction, &mut self.product);
            let bend = dot(&self.direction, &self.product);
            if !(energy > 0.0 && bend > 0.0) {
                break;
            }
            let way = energy / bend;
            for (alpha, direction) in self.alpha.iter_mut().zip(&self.direction) {
                *alpha += way * direction;
            }
            for (residual, product) in self.residual.iter_mut().zip(&self.product) {
                *residual -= way * product;
            }
            steps += 1;
        }
        Solution { unknowns, steps, residual: length(&self.residual) / goal }
    }

    fn factorize(&mut self) {
        for shift in SHIFTS {
            if self.try_factorize(shift) {
                return;
            }
        }
        // The diagonal alone.
        self.factor.fill([0.0; BEFORE]);
        self.inverse.clear();
        self.inverse.extend(self.equations.diagonal.iter().map(|diagonal| diagonal.sqrt().recip()));
    }

    /// The incomplete Cholesky factor without fill-in. False where a pivot is not positive.
    fn try_factorize(&mut self, shift: f64) -> bool {
        let equations = &self.equations;
        self.factor.clear();
        self.factor.resize(equations.diagonal.len(), [0.0; BEFORE]);
        self.inverse.clear();
        let shared = shared_neighbours();
        for row in 0..equations.diagonal.len() {
            let mut entries = equations.before[row];
            let mut pivot = equations.diagonal[row] * (1.0 + shift);
            for slot in 0..BEFORE {
                let column = equations.neighbours[row][slot] as usize;
                if column == row {
                    continue;
                }
                let other = &self.factor[column];
                let mut value = entries[slot];
                for &(mine, its) in shared[slot].iter().take_while(|pair| pair.0 < BEFORE) {
                    value -= entries[mine] * other[its];
                }
                entries[slot] = value * self.inverse[column];
                pivot -= entries[slot] * entries[slot];
            }
            if pivot.is_nan() || pivot <= 1e-6 * equations.diagonal[row] {
                return false;
            }
            self.factor[row] = entries;
            self.inverse.push(pivot.sqrt().recip());
        }
        true
    }

    /// `solved` = the residual through the factor, forwards and back.
    fn precondition(&mut self) {
        let neighbours = &self.equations.neighbours;
        let factor = self.factor.iter().zip(neighbours).zip(&self.inverse);
        for (row, ((entries, columns), inverse)) in factor.clone().enumerate() {
            let mut value = self.residual[row];
            // A neighbour that there is not is the row itself, with a factor of 0.
            for (entry, &column) in entries.iter().zip(columns) {
                value -= entry * self.solved[column as usize];
            }
            self.solved[row] = value * inverse;
        }
        for (row, ((entries, columns), inverse)) in factor.enumerate().rev() {
            let value = self.solved[row] * inverse;
            for (entry, &column) in entries.iter().zip(columns) {
                self.solved[column as usize] -= entry * value;
            }
            self.solved[row] = value;
        }
    }
}

/// For each neighbour: the neighbours it shares with the pixel, as slots of the pixel and of the neighbour; closed by a
/// slot that does not exist.
fn shared_neighbours() -> [[(usize, usize); BEFORE]; BEFORE] {
    std::array::from_fn(|slot| {
        let mut pairs = [(BEFORE, BEFORE); BEFORE];
        let both = OFFSETS[..slot].iter().enumerate().filter_map(|(mine, offset)| {
            let from_it = [offset[0] - OFFSETS[slot][0], offset[1] - OFFSETS[slot][1]];
            OFFSETS.iter().position(|&its| its == from_it).map(|its| (mine, its))
        });
        pairs.iter_mut().zip(both).for_each(|(pair, found)| *pair = found);
        pairs
    })
}

/// `out` = matrix x `values`.
fn multiply(equations: &Equations, values: &[f64], out: &mut [f64]) {
    out.iter_mut().zip(&equations.diagonal).zip(values).for_each(|((out, diagonal), value)| *out = diagonal * value);
    for (row, (entries, neighbours)) in equations.before.iter().zip(&equations.neighbours).enumerate() {
        let value = values[row];
        let mut sum = 0.0;
        for (entry, &column) in entries.iter().zip(neighbours) {
            sum += entry * values[column as usize];
            out[column as usize] += entry * value;
        }
        out[row] += sum;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn length(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}
