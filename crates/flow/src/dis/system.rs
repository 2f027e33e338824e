//! The linear system of one fixed-point iteration, row by row.
//!
//! Each function has its outputs as arguments of their own, so that the compiler knows that they overlap nothing and
//! makes vector instructions of the loops.

use super::derivatives::{FLOOR, TERMS};

/// Weight of the motion's smoothness (OpenCV's DIS: alpha 20).
const SMOOTH: f32 = 20.0;
/// Weight of equal brightness (OpenCV's DIS: delta 5).
const BRIGHTNESS: f32 = 5.0;
/// Weight of equal slopes of brightness (OpenCV's DIS: gamma 10).
const SLOPE: f32 = 10.0;
/// Square under the robust norms' roots (OpenCV 5's DIS: epsilon 0.01).
const ROUNDING: f32 = 0.01 * 0.01;
/// Over-relaxation (OpenCV: omega 1.6).
const RELAXATION: f32 = 1.6;

/// The system at the cells of one colour: for the change (du, dv) of a cell
/// `du = (x + neighbours - xy dv) inverse_xx`, `dv = (y + neighbours - xy du) inverse_yy`.
#[derive(Default)]
pub(super) struct System {
    pub inverse_xx: Vec<f32>,
    pub xy: Vec<f32>,
    pub inverse_yy: Vec<f32>,
    pub x: Vec<f32>,
    pub y: Vec<f32>,
}

impl System {
    pub fn fields_mut(&mut self) -> [&mut Vec<f32>; 5] {
        [&mut self.inverse_xx, &mut self.xy, &mut self.inverse_yy, &mut self.x, &mut self.y]
    }
}

/// Rows of the motion so far (u, v) and of the change to it (du, dv).
#[derive(Clone, Copy)]
pub(super) struct Motion<'a> {
    pub start: [&'a [f32]; 2],
    pub change: [&'a [f32]; 2],
}

impl<'a> Motion<'a> {
    pub fn cut(self, range: std::ops::Range<usize>) -> Self {
        let cut = |row: &'a [f32]| &row[range.clone()];
        Self { start: self.start.map(cut), change: self.change.map(cut) }
    }

    /// The first `count` cells of all four rows.
    fn rows(self, count: usize) -> [[&'a [f32]; 2]; 2] {
        [self.start, self.change].map(|rows| rows.map(|row| &row[..count]))
    }
}

/// Weights of smoothness between cells and their right and lower neighbours.
pub(super) fn weigh(own: Motion, right: Motion, below: Motion, out: &mut [f32]) {
    let count = out.len();
    let [[u, v], [du, dv]] = own.rows(count);
    let [[right_u, right_v], [right_du, right_dv]] = right.rows(count);
    let [[below_u, below_v], [below_du, below_dv]] = below.rows(count);
    for i in 0..count {
        let (here_u, here_v) = (u[i] + du[i], v[i] + dv[i]);
        let (across_u, across_v) = (right_u[i] + right_du[i] - here_u, right_v[i] + right_dv[i] - here_v);
        let (down_u, down_v) = (below_u[i] + below_du[i] - here_u, below_v[i] + below_dv[i] - here_v);
        let across = across_u * across_u + across_v * across_v;
        let down = down_u * down_u + down_v * down_v;
        out[i] = 0.5 * SMOOTH / (across + down + ROUNDING).sqrt();
    }
}

/// What the system of a row is made of.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    /// The terms' derivatives along x, y and time.
    pub terms: [[&'a [f32]; 3]; TERMS],
    pub own: Motion<'a>,
    /// Motion before refinement right, below, left and above.
    pub round: [[&'a [f32]; 2]; 4],
    /// Weights of smoothness of the cells themselves, of those at left and above.
    pub smooth: [&'a [f32]; 3],
    /// How many of the neighbours right and below there are.
    pub neighbours: f32,
}

impl<'a> Parts<'a> {
    pub fn cut(self, range: std::ops::Range<usize>) -> Self {
        let cut = |row: &'a [f32]| &row[range.clone()];
        Self {
            terms: self.terms.map(|term| term.map(cut)),
            own: self.own.cut(range.clone()),
            round: self.round.map(|row| row.map(cut)),
            smooth: self.smooth.map(cut),
            neighbours: self.neighbours,
        }
    }
}

/// The system at a row of cells: `inverse_xx`, `xy`, `inverse_yy`, `x`, `y`.
pub(super) fn assemble(
    parts: Parts,
    inverse_xx: &mut [f32],
    xy: &mut [f32],
    inverse_yy: &mut [f32],
    x: &mut [f32],
    y: &mut [f32],
) {
    let count = inverse_xx.len();
    let Parts { terms, own, round, smooth, neighbours } = parts.cut(0..count);
    let [[ax, ay, at], [bx, by, bt], [cx, cy, ct]] = terms.map(|term| term.map(|row| &row[..count]));
    let [[u, v], [du, dv]] = own.rows(count);
    let [[right_u, right_v], [below_u, below_v], [left_u, left_v], [above_u, above_v]] =
        round.map(|rows| rows.map(|row| &row[..count]));
    let [weight, at_left, at_above] = smooth.map(|row| &row[..count]);
    let (xy, inverse_yy, x, y) = (&mut xy[..count], &mut inverse_yy[..count], &mut x[..count], &mut y[..count]);
    for i in 0..count {
        let a = at[i] + ax[i] * du[i] + ay[i] * dv[i];
        let b = bt[i] + bx[i] * du[i] + by[i] * dv[i];
        let c = ct[i] + cx[i] * du[i] + cy[i] * dv[i];
        let of_brightness = 0.5 * BRIGHTNESS / (a * a + ROUNDING).sqrt();
        let of_slopes = 0.5 * SLOPE / (b * b + c * c + ROUNDING).sqrt();
        let stiff = FLOOR + neighbours * weight[i] + at_left[i] + at_above[i];
        let xx = of_brightness * (ax[i] * ax[i]) + of_slopes * (bx[i] * bx[i] + cx[i] * cx[i]);
        let yy = of_brightness * (ay[i] * ay[i]) + of_slopes * (by[i] * by[i] + cy[i] * cy[i]);
        let pull_u = weight[i] * ((right_u[i] - u[i]) + (below_u[i] - u[i]))
            + at_left[i] * (left_u[i] - u[i])
            + at_above[i] * (above_u[i] - u[i]);
        let pull_v = weight[i] * ((right_v[i] - v[i]) + (below_v[i] - v[i]))
            + at_left[i] * (left_v[i] - v[i])
            + at_above[i] * (above_v[i] - v[i]);
        inverse_xx[i] = 1.0 / (xx + stiff);
        inverse_yy[i] = 1.0 / (yy + stiff);
        xy[i] = of_brightness * (ax[i] * ay[i]) + of_slopes * (bx[i] * by[i] + cx[i] * cy[i]);
        x[i] = pull_u - (of_brightness * (ax[i] * at[i]) + of_slopes * (bx[i] * bt[i] + cx[i] * ct[i]));
        y[i] = pull_v - (of_brightness * (ay[i] * at[i]) + of_slopes * (by[i] * bt[i] + cy[i] * ct[i]));
    }
}

/// What one solver sweep over a row reads.
#[derive(Clone, Copy)]
pub(super) struct Sweep<'a> {
    /// As [`System`] has them.
    pub system: [&'a [f32]; 5],
    /// Weights of smoothness of the cells themselves, of those at left and above.
    pub smooth: [&'a [f32]; 3],
    /// Changes right, below, left and above.
    pub round: [[&'a [f32]; 2]; 4],
}

/// One over-relaxed step of a row of cells.
pub(super) fn relax(sweep: Sweep, du: &mut [f32], dv: &mut [f32]) {
    let count = du.len();
    let dv = &mut dv[..count];
    let [inverse_xx, xy, inverse_yy, x, y] = sweep.system.map(|row| &row[..count]);
    let [weight, at_left, at_above] = sweep.smooth.map(|row| &row[..count]);
    let [[right_u, right_v], [below_u, below_v], [left_u, left_v], [above_u, above_v]] =
        sweep.round.map(|rows| rows.map(|row| &row[..count]));
    for i in 0..count {
        let pull_u = weight[i] * (right_u[i] + below_u[i]) + at_left[i] * left_u[i] + at_above[i] * above_u[i];
        let pull_v = weight[i] * (right_v[i] + below_v[i]) + at_left[i] * left_v[i] + at_above[i] * above_v[i];
        let u = (pull_u + x[i] - dv[i] * xy[i]) * inverse_xx[i];
        let u = du[i] + RELAXATION * (u - du[i]);
        let v = (pull_v + y[i] - u * xy[i]) * inverse_yy[i];
        du[i] = u;
        dv[i] += RELAXATION * (v - dv[i]);
    }
}
