//! Variational refinement: the motion that makes brightness and its slopes agree and is smooth.
//!
//! Minimises over the motion (Brox et al. 2004, in the form of Kroeger et al. 2016, section 2.3): a robust difference of
//! brightness and a robust difference of both its slopes, each divided by the length of its derivatives, and a robust
//! length of the motion's own slopes. Fixed-point iterations fix the robust weights; red-black successive over-relaxation
//! then solves the linear system. As each cell's neighbours are of the other colour, the order of cells does not matter,
//! and neither does the number of threads.

use super::checker::{Board, gather};
use super::derivatives::{Derivatives, TERMS, Term, deal_row};
use super::grid::task_rows;
use super::pyramid::Level;
use super::system::{Motion, Parts, Sweep, System, assemble, relax, weigh};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Solver sweeps in each fixed-point iteration (OpenCV's setting in its DIS flow).
const SWEEPS: usize = 5;

/// What is kept of the cells of one colour.
#[derive(Default)]
struct Colour {
    /// The brightness term and the two slope terms.
    terms: [Term; TERMS],
    /// The motion to refine.
    start: [Vec<f32>; 2],
    /// What is added to it.
    change: [Vec<f32>; 2],
    /// Weight of smoothness between a cell and its right and lower neighbours.
    smooth: Vec<f32>,
    system: System,
}

/// Working memory of the refinement.
#[derive(Default)]
pub(super) struct Refinement {
    derivatives: Derivatives,
    colours: [Colour; 2],
}

impl Refinement {
    /// Refines the level's motion in place with this many fixed-point iterations.
    pub fn refine(&mut self, level: &mut Level, iterations: usize) {
        let board = Board { width: level.from.width, height: level.from.height };
        self.derivatives.take(level);
        self.start(board, level);
        for _ in 0..iterations {
            for colour in 0..2 {
                self.weigh(board, colour);
            }
            for colour in 0..2 {
                self.assemble(board, colour);
            }
            for _ in 0..SWEEPS {
                self.relax(board, 0);
                self.relax(board, 1);
            }
        }
        self.finish(board, level);
    }

    /// Deals derivatives and motion to the colours; no change yet.
    fn start(&mut self, board: Board, level: &Level) {
        for colour in &mut self.colours {
            let Colour { terms, start, change, smooth, system } = colour;
            for field in terms.iter_mut().flatten().chain(start).chain(system.fields_mut()) {
                field.resize(board.len(), 0.0);
            }
            // Of these the border is read, and must be zero.
            for field in change.iter_mut().chain([smooth]) {
                field.clear();
                field.resize(board.len(), 0.0);
            }
        }
        let [red, black] = &mut self.colours;
        let stride = board.stride();
        for (motion, (red, black)) in level.motion.iter().zip(red.start.iter_mut().zip(&mut black.start)) {
            let rows = board.inner(red).chunks_exact_mut(stride).zip(board.inner(black).chunks_exact_mut(stride));
            for (y, (red, black)) in rows.enumerate() {
                deal_row(board, y, motion.row(y), [red, black].map(|row| &mut row[1..stride - 1]));
            }
        }
        self.derivatives.deal(board, &mut red.terms, &mut black.terms);
    }

    /// Weights of smoothness at a colour's cells, from the motion as it is.
    fn weigh(&mut self, board: Board, colour: usize) {
        let (Colour { start, change, smooth, .. }, other) = pair(&mut self.colours, colour);
        let rows = board.inner(smooth).par_chunks_exact_mut(board.stride()).with_min_len(task_rows(board.stride()));
        rows.enumerate().for_each(|(y, smooth)| {
            let own = Motion { start: own(board, colour, y, start), change: own(board, colour, y, change) };
            let (near, near_change) = (round(board, colour, y, &other.start), round(board, colour, y, &other.change));
            let right = Motion { start: near[0], change: near_change[0] };
            let below = Motion { start: near[1], change: near_change[1] };
            // A neighbour that is not there is as the cell itself.
            let below = if y + 1 < board.height { below } else { own };
            let (cells, inner) = (board.cells(colour, y), cells_with_right(board, colour, y));
            weigh(own, right, below, &mut smooth[1..1 + inner]);
            let last = inner..cells;
            weigh(own.cut(last.clone()), own.cut(last.clone()), below.cut(last), &mut smooth[1 + inner..1 + cells]);
        });
    }

    /// The linear system of a colour's cells.
    fn assemble(&mut self, board: Board, colour: usize) {
        let (Colour { terms, start, change, smooth, system }, other) = pair(&mut self.colours, colour);
        let [xx, xy, yy, x, y] =
            system.fields_mut().map(|field| board.inner(field).par_chunks_exact_mut(board.stride()));
        let rows = (xx, xy, yy, x, y).into_par_iter().with_min_len(task_rows(board.stride()));
        rows.enumerate().for_each(|(row, (xx, xy, yy, x, y))| {
            let own_motion = Motion { start: own(board, colour, row, start), change: own(board, colour, row, change) };
            let mut near = round(board, colour, row, &other.start);
            let mut neighbours = 2.0;
            if row + 1 == board.height {
                near[1] = own_motion.start;
                neighbours -= 1.0;
            }
            let parts = Parts {
                terms: terms.each_ref().map(|term| own(board, colour, row, term)),
                own: own_motion,
                round: near,
                smooth: smoothness(board, colour, row, smooth, &other.smooth),
                neighbours,
            };
            let (cells, inner) = (board.cells(colour, row), cells_with_right(board, colour, row));
            let [xx, xy, yy, x, y] = [xx, xy, yy, x, y].map(|out| out[1..1 + cells].split_at_mut(inner));
            assemble(parts, xx.0, xy.0, yy.0, x.0, y.0);
            near[0] = own_motion.start;
            let last = Parts { round: near, neighbours: neighbours - 1.0, ..parts }.cut(inner..cells);
            assemble(last, xx.1, xy.1, yy.1, x.1, y.1);
        });
    }

    /// One sweep of the solver over a colour's cells.
    fn relax(&mut self, board: Board, colour: usize) {
        let (Colour { change, smooth, system, .. }, other) = pair(&mut self.colours, colour);
        let [du, dv] = change.each_mut().map(|field| board.inner(field).par_chunks_exact_mut(board.stride()));
        let System { inverse_xx, xy, inverse_yy, x, y } = system;
        let system = [inverse_xx, xy, inverse_yy, x, y].map(|field| field.as_slice());
        du.zip(dv).with_min_len(task_rows(board.stride())).enumerate().for_each(|(y, (du, dv))| {
            let cells = board.cells(colour, y);
            let sweep = Sweep {
                system: system.map(|field| &board.row(field, y)[1..1 + cells]),
                smooth: smoothness(board, colour, y, smooth, &other.smooth),
                round: round(board, colour, y, &other.change),
            };
            relax(sweep, &mut du[1..1 + cells], &mut dv[1..1 + cells]);
        });
    }

    /// Adds the change to the level's motion.
    fn finish(&mut self, board: Board, level: &mut Level) {
        let [red, black] = &mut self.colours;
        for (axis, motion) in level.motion.iter_mut().enumerate() {
            for colour in [&mut *red, &mut *black] {
                for (start, change) in colour.start[axis].iter_mut().zip(&colour.change[axis]) {
                    *start += change;
                }
            }
            for (y, row) in motion.data.chunks_exact_mut(board.width).enumerate() {
                let [red, black] = [&red.start[axis], &black.start[axis]].map(|field| &board.row(field, y)[1..]);
                if board.phase(0, y) == 0 { gather(red, black, row) } else { gather(black, red, row) }
            }
        }
    }
}

/// The colour itself and the other one.
fn pair([red, black]: &mut [Colour; 2], colour: usize) -> (&mut Colour, &Colour) {
    if colour == 0 { (red, black) } else { (black, red) }
}

/// Cells of a row that have a neighbour at right.
fn cells_with_right(board: Board, colour: usize, y: usize) -> usize {
    let cells = board.cells(colour, y);
    if board.phase(colour, y) + 2 * cells == board.width + 1 { cells - 1 } else { cells }
}

/// A row of cells of some fields.
fn own<const N: usize>(board: Board, colour: usize, y: usize, fields: &[Vec<f32>; N]) -> [&[f32]; N] {
    fields.each_ref().map(|field| &board.row(field, y)[1..1 + board.cells(colour, y)])
}

/// Of both fields of the other colour, what lies right, below, left and above of a row of cells.
fn round(board: Board, colour: usize, y: usize, other: &[Vec<f32>; 2]) -> [[&[f32]; 2]; 4] {
    let near = other.each_ref().map(|field| board.neighbours(field, colour, y));
    [near.map(|n| n.right), near.map(|n| n.below), near.map(|n| n.left), near.map(|n| n.above)]
}

/// Weights of smoothness of a row of cells, of those at left and above.
fn smoothness<'a>(board: Board, colour: usize, y: usize, mine: &'a [f32], other: &'a [f32]) -> [&'a [f32]; 3] {
    let near = board.neighbours(other, colour, y);
    [&board.row(mine, y)[1..1 + board.cells(colour, y)], near.left, near.above]
}
