//! Milliseconds to bring a mask to frame size, per frame: `cargo bench -p matte`.
//!
//! A wavy blob that fills a quarter of the frame: its edge is about as long as that of a person. The second column of
//! times is for logits that are undecided everywhere, where every pixel is near the edge.

use matte::{EdgeSettings, EdgeUpsample};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use std::time::Instant;

fn main() {
    let guide = picture(1024, 576);
    let blob = logits(8.0);
    let undecided = logits(0.05);
    println!("{} threads, ms per frame (best of 5)", rayon::current_num_threads());
    println!("{:>10} {:>9} {:>7} {:>7} {:>15}", "frame", "prepare", "rows", "total", "undecided total");
    for (width, height) in [(1280, 720), (1920, 1080), (3840, 2160)] {
        let frame = picture(width, height).map(|colour| colour.map(|byte| f32::from(byte) / 255.0));
        let (prepare, rows) = time(&blob, &guide, &frame);
        let (undecided_prepare, undecided_rows) = time(&undecided, &guide, &frame);
        println!(
            "{:>10} {prepare:>9.1} {rows:>7.1} {:>7.1} {:>15.1}",
            format!("{width}x{height}"),
            prepare + rows,
            undecided_prepare + undecided_rows
        );
    }
}

/// Milliseconds of preparing and of reading all rows, each the best of five.
fn time(logits: &Plane<f32>, guide: &Plane<[u8; 3]>, frame: &Plane<[f32; 3]>) -> (f64, f64) {
    let (width, height) = (frame.width(), frame.height());
    let mut out = Plane::new(width, height, 0f32);
    let (mut prepare, mut rows) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..5 {
        let start = Instant::now();
        let matte = EdgeUpsample::prepare(logits, guide, &EdgeSettings::default());
        prepare = prepare.min(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        out.par_rows_mut().enumerate().for_each(|(y, out)| {
            let mut colours = |x: usize, to: &mut [[f32; 3]]| to.copy_from_slice(&frame.row(y)[x..x + to.len()]);
            matte.alpha_row_from(width, height, y, 0, &mut colours, out);
        });
        rows = rows.min(start.elapsed().as_secs_f64() * 1e3);
        std::hint::black_box(&out);
    }
    (prepare, rows)
}

/// How far (x, y), in 0..1 of the frame's height, is inside the blob.
fn depth(x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.89, y - 0.5);
    0.3 + 0.07 * (9.0 * y.atan2(x)).sin() - x.hypot(y)
}

fn logits(steepness: f32) -> Plane<f32> {
    let samples = (0..256 * 144).map(|i| {
        let (x, y) = ((i % 256) as f32 + 0.5, (i / 256) as f32 + 0.5);
        (depth(x / 144.0, y / 144.0) * 144.0 * steepness).clamp(-20.0, 18.0)
    });
    Plane::from_vec(256, 144, samples.collect()).unwrap_or_else(|_| Plane::new(0, 0, 0.0))
}

/// The blob on a darker ground, with texture.
fn picture(width: usize, height: usize) -> Plane<[u8; 3]> {
    let pixels = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f32 / height as f32, (i / width) as f32 / height as f32);
        let texture = 20.0 * ((x * 190.0).sin() + (y * 170.0).cos());
        let colour = if depth(x, y) > 0.0 { [180.0, 140.0, 110.0] } else { [60.0, 90.0, 70.0] };
        colour.map(|value: f32| (value + texture) as u8)
    });
    Plane::from_vec(width, height, pixels.collect()).unwrap_or_else(|_| Plane::new(0, 0, [0; 3]))
}
