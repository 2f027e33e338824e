//! What the tests of networks share: the library, the exporter's fixtures, and small graphs of the public contracts.
#![allow(dead_code)] // Every test file uses its own part.
#![allow(clippy::expect_used, clippy::unwrap_used)] // A fixture that cannot be read fails its test.

#[path = "../../../../tests/support/onnx.rs"]
pub mod onnx;
#[path = "../../../../tests/support/safetensors.rs"]
pub mod safetensors;

#[path = "../../../../tests/support/promised.rs"]
mod promised;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use flow::{BothWays, Choice, DisEstimator, FlowEstimator, LAYOUTS, Preset, choose};
use inference::{Engine, EngineOptions, NeverAbort};
pub use promised::library;
use raster::Plane;

/// The folder with the tiny RAFTs.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/export/fixtures/flow")
}

pub const KINDS: [&str; 2] = ["raft_small", "raft_large"];

/// An engine over a folder of models.
pub fn engine(library: &Path, models: PathBuf) -> Arc<Engine> {
    engine_with_threads(library, models, 1)
}

pub fn engine_with_threads(library: &Path, models: PathBuf, threads: usize) -> Arc<Engine> {
    let model_dirs = vec![models];
    Engine::new(EngineOptions {
        library: library.to_owned(),
        model_dirs,
        layouts: LAYOUTS,
        threads,
        ..EngineOptions::default()
    })
}

/// What is built in.
pub fn dis() -> Arc<dyn FlowEstimator> {
    Arc::new(DisEstimator::new(Preset::Fast, 960))
}

/// Chooses and fails where none can be.
pub fn chosen(engine: &Arc<Engine>, asked: &str) -> Choice {
    choose(engine, asked, &dis(), &NeverAbort).unwrap_or_else(|error| panic!("{asked}: {error}"))
}

pub fn both(estimator: &dyn FlowEstimator, [a, b]: &[Plane<[u8; 3]>; 2]) -> BothWays {
    estimator.both(a, b, &NeverAbort).unwrap_or_else(|error| panic!("{error}"))
}

/// The two frames of a tiny RAFT, cut from the top left.
pub fn frames(kind: &str, width: usize, height: usize) -> [Plane<[u8; 3]>; 2] {
    let strip = image::open(fixtures().join(kind).join("frames.png")).expect("a PNG").to_rgb8();
    let side = strip.width() as usize;
    let pixels: &[[u8; 3]] = strip.as_raw().as_chunks().0;
    [0, 1].map(|frame| {
        let rows = pixels[frame * side * side..].chunks(side).take(height);
        let cut = rows.flat_map(|row| row[..width].iter().copied()).collect();
        Plane::from_vec(width, height, cut).expect("a frame")
    })
}

/// A picture whose red grows to the right and whose green grows downwards.
pub fn ramp(width: usize, height: usize, start: usize) -> Plane<[u8; 3]> {
    let pixel = |i: usize| [(start + i % width) as u8, (2 * (i / width)) as u8, 7];
    Plane::from_vec(width, height, (0..width * height).map(pixel).collect()).expect("a picture")
}

/// A graph that stands in for a network: tensors of a public contract, and as motion what can be foreseen.
#[derive(Clone, Copy)]
pub struct StandIn<'a> {
    pub images: [&'a str; 2],
    /// Number of pairs, height and width; `None` is a free one.
    pub shape: [Option<u64>; 3],
    /// Outputs in order. The one of motion is the difference of the first two channels, second picture less the first.
    pub outputs: &'a [(&'a str, Gives)],
}

/// What an output gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// `second - first` of the first two channels [n, 2, H, W].
    Motion,
    /// A number that is none everywhere.
    NoNumbers,
    /// The same at an eighth of the size, as RAFT's first output.
    Coarse,
    /// Weights 0, and the logarithms of both scales from red / 51 of the first picture [n, 4, H, W].
    Mixture,
    /// All three channels, which is no motion.
    Colours,
}

impl StandIn<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let [n, height, width] = self.shape;
        let mut graph = onnx::Graph::default();
        self.images.iter().for_each(|name| graph.input(name, &[n, Some(3), height, width]));
        let [first, second] = self.images;
        graph.wholes("starts", &[0]);
        graph.wholes("ends", &[2]);
        graph.wholes("one", &[1]);
        graph.wholes("channel", &[1]);
        graph.floats("zero", &[1], &[0.0]);
        graph.floats("scale", &[1], &[1.0 / 51.0]);
        graph.node("difference", "Sub", &[second, first], &[]);
        graph.node("red", "Slice", &[first, "starts", "one", "channel"], &[]);
        for (name, gives) in self.outputs {
            let channels = match gives {
                Gives::Motion => {
                    graph.node(name, "Slice", &["difference", "starts", "ends", "channel"], &[]);
                    2
                }
                Gives::NoNumbers => {
                    graph.node("two", "Slice", &["difference", "starts", "ends", "channel"], &[]);
                    graph.node("none", "Mul", &["two", "zero"], &[]);
                    graph.node(name, "Div", &["none", "zero"], &[]);
                    2
                }
                Gives::Coarse => {
                    graph.node("pair", "Slice", &["difference", "starts", "ends", "channel"], &[]);
                    let sides =
                        [onnx::Attribute::Wholes("kernel_shape", &[8, 8]), onnx::Attribute::Wholes("strides", &[8, 8])];
                    graph.node(name, "AveragePool", &["pair"], &sides);
                    2
                }
                Gives::Mixture => {
                    graph.node("weight", "Mul", &["red", "zero"], &[]);
                    graph.node("log_scale", "Mul", &["red", "scale"], &[]);
                    let along = [onnx::Attribute::Whole("axis", 1)];
                    graph.node(name, "Concat", &["weight", "weight", "log_scale", "log_scale"], &along);
                    4
                }
                Gives::Colours => {
                    graph.node(name, "Identity", &["difference"], &[]);
                    3
                }
            };
            let [h, w] = if *gives == Gives::Coarse { [None, None] } else { [height, width] };
            graph.output(name, &[n, Some(channels), h, w]);
        }
        graph.into_model()
    }

    /// Writes it into a folder of its own, with a manifest or without.
    pub fn install(&self, models: &Path, name: &str, manifest: Option<&str>) {
        let folder = models.join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("network.onnx"), self.bytes()).unwrap();
        if let Some(manifest) = manifest {
            let files = "[[files]]\npath = \"network.onnx\"\nrole = \"flow\"\n";
            fs::write(folder.join("model.toml"), format!("name = \"{name}\"\n{manifest}\n{files}")).unwrap();
        }
    }
}
