//! The matting Laplacian of a picture, among the unknown pixels of a trimap.
//!
//! Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting" (IEEE TPAMI 30, 2008): in every window of
//! 3 x 3 alpha is a linear function of the colours.

use raster::Plane;

/// Keeps alpha from following colours where a window has only one; pymatting's.
const EPSILON: f64 = 1e-7;
/// Pixels of a window.
const WINDOW: usize = 9;
/// Neighbours of a pixel that share a window with it and come before it: two to the left, five in each of two rows above.
pub(crate) const BEFORE: usize = 12;
/// Columns and rows from a pixel to these neighbours.
pub(crate) const OFFSETS: [[isize; 2]; BEFORE] =
    [[-2, -2], [-1, -2], [0, -2], [1, -2], [2, -2], [-2, -1], [-1, -1], [0, -1], [1, -1], [2, -1], [-2, 0], [-1, 0]];

/// Trimap values from here on are object, and up to here background.
const OBJECT: f32 = 0.9;
const BACKGROUND: f32 = 0.1;
/// Marks a pixel that is known.
const KNOWN: u32 = u32::MAX;

/// Equations for the unknown pixels, counted row by row: matrix x alpha = right side. The matrix is symmetric; of each row
/// what lies before the diagonal is held.
#[derive(Debug, Default)]
pub(crate) struct Equations {
    /// The pixels the unknowns are.
    pub pixels: Vec<u32>,
    pub diagonal: Vec<f64>,
    pub before: Vec<[f64; BEFORE]>,
    /// Which unknowns `before` belongs to; the row's own where there is none (its entry is 0).
    pub neighbours: Vec<[u32; BEFORE]>,
    pub right: Vec<f64>,
    /// The unknown each pixel is.
    unknowns: Vec<u32>,
}

impl Equations {
    /// Sets them up. `picture` and `trimap` have one size.
    pub fn set_up(&mut self, picture: &Plane<[f32; 3]>, trimap: &Plane<f32>) {
        let (width, height) = (trimap.width(), trimap.height());
        self.pixels.clear();
        self.unknowns.clear();
        for (pixel, &value) in trimap.data().iter().enumerate() {
            let unknown = value > BACKGROUND && value < OBJECT;
            self.unknowns.push(if unknown { self.pixels.len() as u32 } else { KNOWN });
            if unknown {
                self.pixels.push(pixel as u32);
            }
        }
        let count = self.pixels.len();
        self.neighbours.clear();
        for (row, &pixel) in self.pixels.iter().enumerate() {
            let (x, y) = (pixel as usize % width, pixel as usize / width);
            self.neighbours.push(OFFSETS.map(|[dx, dy]| {
                let at = (x.checked_add_signed(dx).filter(|&x| x < width)).zip(y.checked_add_signed(dy));
                let unknown = at.map_or(KNOWN, |(x, y)| self.unknowns[y * width + x]);
                if unknown == KNOWN { row as u32 } else { unknown }
            }));
        }
        for values in [&mut self.diagonal, &mut self.right] {
            values.clear();
            values.resize(count, 0.0);
        }
        self.before.clear();
        self.before.resize(count, [0.0; BEFORE]);
        for y in 1..height.saturating_sub(1) {
            for x in 1..width.saturating_sub(1) {
                self.add_window(picture, trimap, y * width + x);
            }
        }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let per_unknown = 4 + 8 + BEFORE * 12 + 8;
        self.pixels.capacity() * per_unknown + self.unknowns.capacity() * 4
    }

    fn add_window(&mut self, picture: &Plane<[f32; 3]>, trimap: &Plane<f32>, centre: usize) {
        let width = trimap.width();
        let corner = centre - width - 1;
        let pixel = |index: usize| corner + index / 3 * width + index % 3;
        let unknowns: [u32; WINDOW] = std::array::from_fn(|i| self.unknowns[pixel(i)]);
        if unknowns.iter().all(|&unknown| unknown == KNOWN) {
            return;
        }
        let mut colours: [[f64; 3]; WINDOW] =
            std::array::from_fn(|i| picture.data()[pixel(i)].map(|value| f64::from(safe_colour(value))));
        let weights = weights(&mut colours);
        for i in 0..WINDOW {
            if unknowns[i] == KNOWN {
                continue;
            }
            let row = unknowns[i] as usize;
            for j in 0..WINDOW {
                let alike = (0..3).fold(1.0, |sum, c| sum + weights[i][c] * colours[j][c]);
                let value = if i == j { 1.0 } else { 0.0 } - alike / WINDOW as f64;
                if unknowns[j] == KNOWN {
                    if trimap.data()[pixel(j)] >= OBJECT {
                        self.right[row] -= value;
                    }
                } else if i == j {
                    self.diagonal[row] += value;
                } else if j < i {
                    self.before[row][slot(i, j)] += value;
                }
            }
        }
    }
}

/// Which of [`OFFSETS`] leads from pixel `i` of a window to pixel `j`.
fn slot(i: usize, j: usize) -> usize {
    let (down, right) = (i / 3 - j / 3, 2 + j % 3 - i % 3);
    match down {
        2 => right,
        1 => 5 + right,
        _ => 10 + right,
    }
}

/// Takes the mean off the colours; their covariance matrix's inverse times each of them.
fn weights(colours: &mut [[f64; 3]; WINDOW]) -> [[f64; 3]; WINDOW] {
    let area = WINDOW as f64;
    for c in 0..3 {
        let mean = colours.iter().map(|colour| colour[c]).sum::<f64>() / area;
        colours.iter_mut().for_each(|colour| colour[c] -= mean);
    }
    let covariance = |a: usize, b: usize| colours.iter().map(|colour| colour[a] * colour[b]).sum::<f64>() / area;
    let (rg, rb, gb) = (covariance(0, 1), covariance(0, 2), covariance(1, 2));
    let [rr, gg, bb] = [0, 1, 2].map(|c| covariance(c, c) + EPSILON / area);
    let (c_rr, c_rg, c_rb) = (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb);
    let (c_gg, c_gb, c_bb) = (rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg);
    let share = 1.0 / (rr * c_rr + rg * c_rg + rb * c_rb);
    colours.map(|[r, g, b]| {
        [
            (c_rr * r + c_rg * g + c_rb * b) * share,
            (c_rg * r + c_gg * g + c_gb * b) * share,
            (c_rb * r + c_gb * g + c_bb * b) * share,
        ]
    })
}

fn safe_colour(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-1e4, 1e4) }
}
