//! Mattes, and what goes wrong with them.

#![allow(dead_code, reason = "each test and benchmark uses its part")]

use crate::procedural::random;
use flow::{Flow, Sampling, warp};
use raster::Plane;

/// Jitter of the edge: root mean square of its displacement along each axis, and over how much of it it is smooth; pixels.
const JITTER: f32 = 1.2;
const SMOOTH_OVER: f32 = 40.0;
/// Share of frames with a pop, likewise of those with a hole.
const OFTEN: f32 = 0.7;
/// How far from the object a pop's middle lies at most, in pixels.
const BESIDE: f32 = 30.0;

/// A mask with its edge softened as a camera does: 3x3, weights 1 2 1.
pub fn softened(mask: &Plane<f32>) -> Plane<f32> {
    let mut soft = mask.clone();
    let (width, height) = (mask.width(), mask.height());
    for y in 0..height {
        for x in 0..width {
            let at = |dx: isize, dy: isize| {
                let (x, y) = (x.saturating_add_signed(dx).min(width - 1), y.saturating_add_signed(dy).min(height - 1));
                mask.row(y)[x]
            };
            let weights = [(-1, 1.0), (0, 2.0), (1, 1.0)];
            let lines =
                weights.map(|(dy, down)| weights.map(|(dx, across)| down * across * at(dx, dy)).iter().sum::<f32>());
            soft.row_mut(y)[x] = lines.iter().sum::<f32>() / 16.0;
        }
    }
    soft
}

/// A disc of a quarter of the height about a place in 0..1, its edge one pixel soft.
pub fn disc(width: usize, height: usize, [x, y]: [f32; 2]) -> Plane<f32> {
    let (middle_x, middle_y, radius) = (x * width as f32, y * height as f32, height as f32 * 0.25);
    let alpha = |i: usize| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        (radius + 0.5 - (x - middle_x).hypot(y - middle_y)).clamp(0.0, 1.0)
    };
    Plane::from_vec(width, height, (0..width * height).map(alpha).collect()).unwrap()
}

/// The true matte of frame `frame` with a jittering edge and, in some frames, a pop and a hole. The same for the same frame.
pub fn corrupted(truth: &Plane<f32>, frame: u32) -> Plane<f32> {
    let mut matte = warp(truth, &jitter(truth.width(), truth.height(), frame), Sampling::Bilinear).unwrap();
    let mut chance = Chance { seed: frame, drawn: 0 };
    if chance.next() < OFTEN {
        spot(&mut matte, &mut chance, 1.0, |x, y| beside(truth, x, y));
    }
    if chance.next() < OFTEN {
        spot(&mut matte, &mut chance, 0.0, |x, y| truth.row(y)[x] > 0.5);
    }
    matte
}

fn jitter(width: usize, height: usize, frame: u32) -> Flow {
    let side = |pixels: usize| (pixels as f32 / SMOOTH_OVER).ceil() as usize + 2;
    // Four uniform numbers have the variance 1/3; between points of a lattice a third to a half of it is lost.
    let normal = |x: usize, y: usize, axis: u32| {
        let part = |i: u32| random(x as i32, y as i32, 8 * frame + 4 * axis + i + 1_000_000) - 0.5;
        (0..4).map(part).sum::<f32>() * 3f32.sqrt() * JITTER
    };
    let lattice = Flow::from_fn(side(width), side(height), |x, y| [normal(x, y, 0), normal(x, y, 1)]);
    Flow::from_fn(width, height, |x, y| lattice.at(x as f32 / SMOOTH_OVER, y as f32 / SMOOTH_OVER))
}

/// Numbers 0..1 that follow from a seed.
struct Chance {
    seed: u32,
    drawn: i32,
}

impl Chance {
    fn next(&mut self) -> f32 {
        self.drawn += 1;
        random(self.drawn, 77, self.seed + 5_000_000)
    }
}

/// A disc of the given alpha with its middle where `allowed` says.
fn spot(matte: &mut Plane<f32>, chance: &mut Chance, alpha: f32, allowed: impl Fn(usize, usize) -> bool) {
    let (width, height) = (matte.width(), matte.height());
    for _ in 0..1000 {
        let (x, y) = (chance.next() * width as f32, chance.next() * height as f32);
        if !allowed(x as usize, y as usize) {
            continue;
        }
        let radius = 4.0 + 9.0 * chance.next();
        for row in 0..height {
            for (column, value) in matte.row_mut(row).iter_mut().enumerate() {
                let cover = (radius + 0.5 - (column as f32 - x).hypot(row as f32 - y)).clamp(0.0, 1.0);
                *value += cover * (alpha - *value);
            }
        }
        return;
    }
}

/// Outside the object and near it.
fn beside(truth: &Plane<f32>, x: usize, y: usize) -> bool {
    let reach = BESIDE as usize;
    let rows = y.saturating_sub(reach)..(y + reach).min(truth.height());
    let columns = x.saturating_sub(reach)..(x + reach).min(truth.width());
    truth.row(y)[x] < 0.5
        && rows.into_iter().any(|row| truth.row(row)[columns.clone()].iter().any(|&alpha| alpha > 0.5))
}
