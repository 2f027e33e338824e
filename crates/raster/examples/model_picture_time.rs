//! Milliseconds of `model_picture` per frame: `cargo run --release -p raster --example model_picture_time`.

use raster::{Components, Depth, PixelLayout, PixelView, SourceEncoding, model_picture};
use std::time::Instant;

fn main() {
    println!("{:>11} {:>6} {:>8} {:>9}", "frame", "depth", "encoding", "ms");
    for (width, height) in [(1280, 720), (1920, 1080), (3840, 2160)] {
        for depth in [Depth::Byte, Depth::Half, Depth::Float] {
            let layout = PixelLayout::packed(width, height, depth, Components::Rgba);
            // Half and float patterns of this byte are ordinary small numbers.
            let bytes = vec![0x3au8; layout.row_length() * height];
            let Ok(view) = PixelView::new(&bytes, layout) else { continue };
            for encoding in [SourceEncoding::Display, SourceEncoding::Linear, SourceEncoding::Log] {
                let best = (0..7)
                    .map(|_| {
                        let start = Instant::now();
                        std::hint::black_box(model_picture(&view, encoding, false, 1024, 576));
                        start.elapsed().as_secs_f64() * 1e3
                    })
                    .fold(f64::INFINITY, f64::min);
                println!("{width:>6}x{height:<4} {depth:>6?} {encoding:>8?} {best:>9.1}");
            }
        }
    }
}
