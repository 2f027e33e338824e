//! Renders of SAM3Roto, timed stage by stage by the bundle's own report.

#![allow(dead_code, reason = "each benchmark uses its part")]

use headless::host::{Bundle, Components, Depth, Frame, Instance, RectI, RenderRequest};
use serde_json::Value as Json;

use crate::figures::{median, milliseconds};
use crate::support::{render, report, rgba};

/// Milliseconds of one render, and how often the network ran in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Run {
    /// What a user waits for: the host's questions and the render action, without the host's own work on images.
    pub total: f64,
    /// The network looks at the picture.
    pub encode: f64,
    /// The network answers the prompts.
    pub decode: f64,
    /// The name of the picture.
    pub key: f64,
    /// The picture as the model sees it.
    pub picture: f64,
    /// The mask to a matte at the picture's size.
    pub matte: f64,
    /// The output image.
    pub paint: f64,
    /// Runs of the encoder.
    pub encodings: u64,
    /// Runs of the decoder.
    pub decodings: u64,
}

impl Run {
    /// Everything but the network.
    pub fn own(&self) -> f64 {
        self.total - self.encode - self.decode
    }

    /// The median of some renders, figure by figure.
    pub fn median_of(runs: &[Self], figure: impl Fn(&Self) -> f64) -> f64 {
        median(runs.iter().map(figure))
    }

    /// Names the columns of [`Self::row`].
    pub fn heading() -> String {
        let names = ["total", "encode", "decode", "key", "picture", "matte", "paint", "own"];
        names.map(|name| format!("{name:>8}")).concat()
    }

    /// The medians of some renders.
    pub fn row(runs: &[Self]) -> String {
        let figures: [fn(&Self) -> f64; 8] = [
            |run| run.total,
            |run| run.encode,
            |run| run.decode,
            |run| run.key,
            |run| run.picture,
            |run| run.matte,
            |run| run.paint,
            Self::own,
        ];
        figures.map(|figure| format!("{:>8.1}", Self::median_of(runs, figure))).concat()
    }
}

/// Renders a frame.
pub fn timed(bundle: &Bundle, instance: &Instance, request: &RenderRequest) -> Run {
    let before = report(bundle, "counters");
    let timings = render(instance, request).timings;
    let after = report(bundle, "counters");
    let spent = |name: &str| stage(&after, name) - stage(&before, name);
    let count = |name: &str| after[name].as_u64().unwrap_or(0) - before[name].as_u64().unwrap_or(0);
    Run {
        total: milliseconds(timings.prepare + timings.render),
        encode: spent("encode"),
        decode: spent("decode"),
        key: spent("source_key"),
        picture: spent("model_picture"),
        matte: spent("matte"),
        paint: spent("paint"),
        encodings: count("encoder_runs"),
        decodings: count("decoder_runs"),
    }
}

/// Milliseconds of a stage so far, of the network or of the plugin.
fn stage(report: &Json, name: &str) -> f64 {
    let network = report["stages"][name]["total_ms"].as_f64();
    let own = report["plugin_stages"].as_array().into_iter().flatten();
    let own = own.filter(|entry| entry["name"] == name).filter_map(|entry| entry["total_ms"].as_f64()).next();
    network.or(own).unwrap_or(0.0)
}

/// The picture in float at another size: nearest pixel, for only its size matters here.
pub fn enlarged(frame: &Frame, width: usize, height: usize) -> Frame {
    let pixels = rgba(frame);
    let mut data = Vec::with_capacity(width * height * 16);
    for y in 0..height {
        let row = y * frame.height() / height;
        for x in 0..width {
            for value in pixels[row * frame.width() + x * frame.width() / width] {
                data.extend_from_slice(&value.to_ne_bytes());
            }
        }
    }
    let bounds = RectI { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
    Frame::new(bounds, Depth::Float, Components::Rgba, data).expect("a frame")
}
