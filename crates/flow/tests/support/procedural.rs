//! Pictures whose motion is known exactly.

#![allow(dead_code, reason = "each test and benchmark uses its part")]

use flow::Flow;
use raster::Plane;

/// An affine map of the plane: a point p goes to `matrix` (p - `centre`) + `centre` + `shift`.
#[derive(Clone, Copy)]
pub struct Affine {
    pub matrix: [[f32; 2]; 2],
    pub centre: [f32; 2],
    pub shift: [f32; 2],
}

impl Affine {
    pub fn translation(shift: [f32; 2]) -> Self {
        Self { matrix: [[1.0, 0.0], [0.0, 1.0]], centre: [0.0; 2], shift }
    }

    /// A turn by `degrees` and a growth by `scale` about a point.
    pub fn turn(degrees: f32, scale: f32, centre: [f32; 2]) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self { matrix: [[scale * cos, -scale * sin], [scale * sin, scale * cos]], centre, shift: [0.0; 2] }
    }

    pub fn of(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [dx, dy] = [x - self.centre[0], y - self.centre[1]];
        [0, 1].map(|i| self.matrix[i][0] * dx + self.matrix[i][1] * dy + self.centre[i] + self.shift[i])
    }

    fn inverse(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [[a, b], [c, d]] = self.matrix;
        let determinant = a * d - b * c;
        let (dx, dy) = (x - self.centre[0] - self.shift[0], y - self.centre[1] - self.shift[1]);
        [(d * dx - b * dy) / determinant + self.centre[0], (a * dy - c * dx) / determinant + self.centre[1]]
    }

    /// The motion of every pixel.
    pub fn flow(&self, width: usize, height: usize) -> Flow {
        Flow::from_fn(width, height, |x, y| {
            let to = self.of([x as f32, y as f32]);
            [to[0] - x as f32, to[1] - y as f32]
        })
    }

    /// A picture of noise and the same picture moved.
    pub fn pair(&self, width: usize, height: usize, seed: u32) -> [Plane<u8>; 2] {
        let draw = |place: &dyn Fn([f32; 2]) -> [f32; 2]| {
            let pixels = (0..width * height).map(|i| place([(i % width) as f32, (i / width) as f32]));
            Plane::from_vec(width, height, pixels.map(|p| noise(p, seed).round() as u8).collect()).unwrap()
        };
        [draw(&|p| p), draw(&|p| self.inverse(p))]
    }

    /// Whether the pixel is still in the picture afterwards.
    pub fn stays(&self, x: usize, y: usize, width: usize, height: usize) -> bool {
        let [to_x, to_y] = self.of([x as f32, y as f32]);
        to_x >= 0.0 && to_y >= 0.0 && to_x <= (width - 1) as f32 && to_y <= (height - 1) as f32
    }
}

/// Smooth noise 0..255 of wavelengths from 4 to 64 pixels.
pub fn noise([x, y]: [f32; 2], seed: u32) -> f32 {
    let octaves = [(64.0, 0.36), (32.0, 0.25), (16.0, 0.18), (8.0, 0.13), (4.0, 0.08)];
    let value: f32 =
        octaves.iter().zip(seed..).map(|((size, weight), seed)| weight * lattice(x / size, y / size, seed)).sum();
    ((value - 0.5) * 1.6 + 0.5).clamp(0.0, 1.0) * 255.0
}

fn lattice(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (fx, fy) = (ease(x - left), ease(y - top));
    let at = |dx: i32, dy: i32| random(left as i32 + dx, top as i32 + dy, seed);
    let above = at(0, 0) + fx * (at(1, 0) - at(0, 0));
    let below = at(0, 1) + fx * (at(1, 1) - at(0, 1));
    above + fy * (below - above)
}

/// A number 0..1 that belongs to a point and a seed.
pub fn random(x: i32, y: i32, seed: u32) -> f32 {
    let mut hash =
        (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca6b) ^ seed.wrapping_mul(0xc2b2_ae35);
    for _ in 0..2 {
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x7feb_352d);
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x846c_a68b);
    }
    (hash >> 8) as f32 / (1u32 << 24) as f32
}
