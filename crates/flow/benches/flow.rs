//! DIS optical flow held against OpenCV's: end-point error and milliseconds per megapixel on one thread.
//!
//! `cargo xtask bench flow [--runs 10]`. Pairs are drawn, so that their motion is known exactly; where SAM3ROTO_CLIPS names
//! a folder with `flow/*img0.ppm`, `*img1.ppm` and `*flow.flo`, these are taken as well. OpenCV runs in the same run
//! (resources/bench/flow.py).
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "../tests/support/procedural.rs"]
mod procedural;

use flow::{Dis, Flow, Preset};
use procedural::Affine;
use raster::Plane;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

const PRESETS: [(&str, Preset); 3] =
    [("ultrafast", Preset::UltraFast), ("fast", Preset::Fast), ("medium", Preset::Medium)];

/// Two pictures and the motion from the one to the other.
struct Pair {
    name: String,
    pictures: [Plane<u8>; 2],
    truth: Flow,
    /// Whether a pixel's motion counts: those that leave a drawn picture do not.
    known: Box<dyn Fn(usize, usize) -> bool + Send + Sync>,
}

fn main() -> ExitCode {
    let runs = runs();
    let pairs = pairs();
    let opencv = opencv(&pairs, runs);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    println!("One thread, the fastest of {runs} runs; error: mean end-point error in pixels\n");
    println!(
        "{:<12} {:>9} {:<10} {:>8} {:>8} {:>7} {:>8} {:>8} {:>7}",
        "pair", "size", "preset", "error", "OpenCV", "ratio", "ms/MP", "OpenCV", "ratio"
    );
    let mut holds = true;
    for (name, preset) in PRESETS {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for pair in &pairs {
            let (width, height) = (pair.truth.width, pair.truth.height);
            let (flow, time) = pool.install(|| measure(preset, pair, runs));
            let error = flow.end_point_error(&pair.truth, &pair.known).unwrap();
            let per_megapixel = time / (width * height) as f64 * 1e6;
            let mut line = format!("{:<12} {:>9} {name:<10} {error:>8.3}", pair.name, format!("{width}x{height}"));
            if let Some((flow, time)) = opencv.get(&(pair.name.clone(), name.to_owned())) {
                let other = flow.end_point_error(&pair.truth, &pair.known).unwrap();
                let other_time = time / (width * height) as f64 * 1e6;
                ours += per_megapixel;
                theirs += other_time;
                line += &format!(
                    " {other:>8.3} {:>7.3} {per_megapixel:>8.1} {other_time:>8.1} {:>7.2}",
                    error / other,
                    per_megapixel / other_time
                );
                // Where both are far below a pixel, a difference is not worth a verdict.
                holds &= preset != Preset::Medium || error <= other * 1.05 || error - other < 0.01;
            } else {
                line += &format!(" {:>8} {:>7} {per_megapixel:>8.1}", "", "");
            }
            println!("{line}");
        }
        if theirs > 0.0 {
            println!("{name}: {:.2} of OpenCV's time\n", ours / theirs);
            holds &= ours <= theirs;
        }
    }
    if opencv.is_empty() {
        println!("SKIPPED: nothing was compared, for SAM3ROTO_PYTHON lacks OpenCV");
        return ExitCode::SUCCESS;
    }
    println!(
        "{}",
        if holds {
            "holds: no slower, and medium's error within 5 %"
        } else {
            "FAILS: slower, or medium's error beyond 5 %"
        }
    );
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn runs() -> usize {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [] => 10,
        [name, number] if name == "--runs" => number.parse().unwrap(),
        _ => panic!("options, with their defaults: --runs 10"),
    }
}

fn measure(preset: Preset, pair: &Pair, runs: usize) -> (Flow, f64) {
    let (mut dis, mut flow) = (Dis::new(preset), Flow::default());
    let fastest = (0..runs)
        .map(|_| {
            let start = Instant::now();
            dis.flow_into(&pair.pictures[0], &pair.pictures[1], &mut flow).unwrap();
            start.elapsed().as_secs_f64() * 1e3
        })
        .fold(f64::INFINITY, f64::min);
    (flow, fastest)
}

fn pairs() -> Vec<Pair> {
    let middle = [256.0, 192.0];
    let drawn = [
        ("translation", Affine::translation([7.3, -4.6]), 512, 384),
        ("rotation", Affine::turn(3.0, 1.0, middle), 512, 384),
        ("zoom", Affine::turn(0.0, 1.06, middle), 512, 384),
        ("affine", Affine { matrix: [[1.03, 0.04], [-0.02, 0.97]], centre: middle, shift: [5.0, 3.0] }, 512, 384),
        ("affine HD", Affine { matrix: [[1.01, 0.02], [-0.01, 0.99]], centre: middle, shift: [12.0, 5.0] }, 1920, 1080),
    ];
    let mut pairs: Vec<Pair> = drawn
        .into_iter()
        .zip(1..)
        .map(|((name, map, width, height), seed)| Pair {
            name: name.replace(' ', "-"),
            pictures: map.pair(width, height, seed * 100),
            truth: map.flow(width, height),
            known: Box::new(move |x, y| map.stays(x, y, width, height)),
        })
        .collect();
    match std::env::var_os("SAM3ROTO_CLIPS") {
        Some(folder) => pairs.extend(filmed(&PathBuf::from(folder).join("flow"))),
        None => println!("SAM3ROTO_CLIPS is not set: drawn pairs only"),
    }
    pairs
}

/// The pairs of a folder, as FlyingChairs has them.
fn filmed(folder: &Path) -> Vec<Pair> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        files.filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix("img0.ppm").map(str::to_owned)).collect();
    names.sort();
    let pair = |name: String| Pair {
        pictures: [0, 1].map(|index| grey(&folder.join(format!("{name}img{index}.ppm")))),
        truth: read_flo(&folder.join(format!("{name}flow.flo"))),
        known: Box::new(|_, _| true),
        name: format!("chairs-{name}"),
    };
    names.into_iter().map(pair).collect()
}

/// A binary PPM as 8-bit grey.
fn grey(path: &Path) -> Plane<u8> {
    let bytes = std::fs::read(path).unwrap();
    let mut at = 0;
    let words: Vec<&str> = (0..4)
        .map(|_| {
            let start = at + bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace()).unwrap();
            at = start + bytes[start..].iter().position(u8::is_ascii_whitespace).unwrap();
            std::str::from_utf8(&bytes[start..at]).unwrap()
        })
        .collect();
    assert_eq!((words[0], words[3]), ("P6", "255"));
    let (width, height): (usize, usize) = (words[1].parse().unwrap(), words[2].parse().unwrap());
    let (colours, _) = bytes[at + 1..].as_chunks::<3>();
    let colours = Plane::from_vec(width, height, colours.to_vec()).unwrap();
    flow::luma_of_bytes(&colours).map(|value| value.round() as u8)
}

fn read_flo(path: &Path) -> Flow {
    let bytes = std::fs::read(path).unwrap();
    let (words, _) = bytes.as_chunks::<4>();
    let side = |index: usize| u32::from_le_bytes(words[index]) as usize;
    let (vectors, _) = words[3..].as_chunks::<2>();
    Flow { width: side(1), height: side(2), vectors: vectors.iter().map(|v| v.map(f32::from_le_bytes)).collect() }
}

/// OpenCV's flows and milliseconds by pair and preset; nothing without a Python that has OpenCV.
fn opencv(pairs: &[Pair], runs: usize) -> BTreeMap<(String, String), (Flow, f64)> {
    let Some(python) = std::env::var_os("SAM3ROTO_PYTHON") else {
        println!("SAM3ROTO_PYTHON is not set: ours alone");
        return BTreeMap::new();
    };
    let folder = tempfile::tempdir().unwrap();
    for pair in pairs {
        for (index, picture) in pair.pictures.iter().enumerate() {
            let mut file = format!("P5 {} {} 255\n", picture.width(), picture.height()).into_bytes();
            file.extend_from_slice(picture.data());
            std::fs::write(folder.path().join(format!("{}.{index}.pgm", pair.name)), file).unwrap();
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/bench/flow.py");
    let output = Command::new(python)
        .arg(script)
        .arg("--pairs")
        .arg(folder.path())
        .args(["--runs", &runs.to_string()])
        .output()
        .unwrap();
    if !output.status.success() {
        println!("OpenCV did not run: ours alone\n{}", String::from_utf8_lossy(&output.stderr));
        return BTreeMap::new();
    }
    let lines = String::from_utf8(output.stdout).unwrap();
    let measured = lines.lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let flow = read_flo(&folder.path().join(format!("{}.{}.flo", words[0], words[1])));
        ((words[0].to_owned(), words[1].to_owned()), (flow, words[2].parse().unwrap()))
    });
    measured.collect()
}
