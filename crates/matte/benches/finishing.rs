//! Finishing a matte, held against scipy, OpenCV and pymatting: what comes out, and milliseconds per megapixel on one thread.
//!
//! `cargo xtask bench finishing [--runs 3]`. The references run in the same run (resources/bench/finishing.py) where
//! SAM3ROTO_PYTHON has what resources/parity/finishing-requirements.txt names.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

use matte::{
    AlphaFinish, AlphaSettings, ClosedForm, DistanceTransform, ForegroundEstimate, GuidedFilter, GuidedSettings,
    TrimapMaker,
};
use raster::Plane;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

const WIDTH: usize = 1024;
const HEIGHT: usize = 1024;

/// Name, the least factor it must be faster by, and the largest mean square error.
const PROMISES: [(&str, f64, f64); 6] = [
    ("distance", 2.0, 1e-12),
    ("guided-grey", 2.0, 1e-8),
    ("guided-colour", 2.0, 1e-8),
    ("guided-fast", 2.0, 1e-4),
    ("foreground", 1.0, 1e-3),
    ("closed-form", 1.0, 1e-3),
];

fn main() -> ExitCode {
    let runs = runs();
    let (picture, alpha) = drawn();
    let mut trimap = Plane::new(0, 0, 0.0);
    TrimapMaker::default().make(&alpha, 10.0, 10.0, &mut trimap);
    let mask = alpha.map(|&alpha| u8::from(alpha < 0.5));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("finishing");
    write(&folder, &picture, &alpha, &trimap, &mask);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let ours = pool.install(|| ours(runs, &picture, &alpha, &trimap, &mask));
    let theirs = theirs(&folder, runs);
    println!("One thread, {WIDTH}x{HEIGHT}, the fastest of {runs} runs, ms per megapixel\n");
    println!("{:<14} {:>9} {:>10} {:>8} {:>12}", "", "ours", "reference", "faster", "square error");
    let mut holds = true;
    for (name, faster, error) in PROMISES {
        let (result, time) = &ours[name];
        let Some((reference, other)) = theirs.get(name) else {
            println!("{name:<14} {:>9.1} {:>10}", per_megapixel(*time), "-");
            continue;
        };
        let clamp = |value: f32| if name == "distance" { value } else { value.clamp(0.0, 1.0) };
        let squares = result.iter().zip(reference).map(|(a, &b)| f64::from(a - clamp(b)).powi(2));
        let off = squares.sum::<f64>() / result.len() as f64;
        println!(
            "{name:<14} {:>9.1} {:>10.1} {:>8.2} {off:>12.1e}",
            per_megapixel(*time),
            per_megapixel(*other),
            other / time
        );
        holds &= other / time >= faster && off <= error;
    }
    for (name, time) in pool.install(|| chains(runs, &alpha)) {
        println!("{name:<14} {:>9.1}", per_megapixel(time));
    }
    let verdict = match (theirs.is_empty(), holds) {
        (true, _) => "SKIPPED: nothing was compared, for SAM3ROTO_PYTHON lacks the references",
        (false, true) => "holds",
        (false, false) => "FAILS",
    };
    println!("\n{verdict}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn per_megapixel(milliseconds: f64) -> f64 {
    milliseconds * 1e6 / (WIDTH * HEIGHT) as f64
}

fn runs() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--runs").skip(1);
    arguments.next().and_then(|runs| runs.parse().ok()).unwrap_or(3)
}

/// A wavy blob with a soft edge over a background, both with texture.
fn drawn() -> (Plane<[f32; 3]>, Plane<f32>) {
    let depth =
        |x: f32, y: f32| 300.0 + 40.0 * (11.0 * (y - 500.0).atan2(x - 520.0)).sin() - (x - 520.0).hypot(y - 500.0);
    let at = |i: usize| ((i % WIDTH) as f32, (i / WIDTH) as f32);
    let alpha = (0..WIDTH * HEIGHT).map(|i| (depth(at(i).0, at(i).1) / 12.0 + 0.5).clamp(0.0, 1.0));
    let alpha = Plane::from_vec(WIDTH, HEIGHT, alpha.collect()).unwrap();
    let colours = alpha.data().iter().enumerate().map(|(i, &alpha)| {
        let (x, y) = at(i);
        let texture = 0.05 * ((x * 0.071).sin() + (y * 0.053).cos());
        let noise = ((i as u32).wrapping_mul(2_654_435_761) >> 16) as f32 / 65536.0 * 0.02;
        let (object, behind) = ([0.75, 0.55, 0.3], [0.2, 0.35, 0.55]);
        std::array::from_fn(|c| alpha * (object[c] + texture) + (1.0 - alpha) * (behind[c] - texture) + noise)
    });
    (Plane::from_vec(WIDTH, HEIGHT, colours.collect()).unwrap(), alpha)
}

/// The least milliseconds of so many runs; one more before them fills the workspace.
fn fastest(runs: usize, mut work: impl FnMut()) -> f64 {
    work();
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    });
    times.fold(f64::INFINITY, f64::min)
}

fn ours(
    runs: usize,
    picture: &Plane<[f32; 3]>,
    alpha: &Plane<f32>,
    trimap: &Plane<f32>,
    mask: &Plane<u8>,
) -> BTreeMap<&'static str, (Vec<f32>, f64)> {
    let mut found = BTreeMap::new();
    let mut out = Plane::new(0, 0, 0.0);
    let mut transform = DistanceTransform::default();
    let time = fastest(runs, || transform.to_zero(mask, &mut out));
    found.insert("distance", (out.data().to_vec(), time));
    let mut filter = GuidedFilter::default();
    let grey = picture.map(|colour| colour.iter().sum::<f32>() / 3.0);
    let settings = GuidedSettings { radius: 8, epsilon: 1e-3, subsample: 1 };
    let time = fastest(runs, || filter.grey(&grey, alpha, &settings, &mut out));
    found.insert("guided-grey", (out.data().to_vec(), time));
    let time = fastest(runs, || filter.colour(picture, alpha, &settings, &mut out));
    found.insert("guided-colour", (out.data().to_vec(), time));
    let fast = GuidedSettings { subsample: 4, ..settings };
    let time = fastest(runs, || filter.colour(picture, alpha, &fast, &mut out));
    found.insert("guided-fast", (out.data().to_vec(), time));
    let (mut foreground, mut background) = (Plane::new(0, 0, [0.0; 3]), Plane::new(0, 0, [0.0; 3]));
    let mut estimate = ForegroundEstimate::default();
    let time = fastest(runs, || estimate.estimate(picture, alpha, &mut foreground, &mut background));
    found.insert("foreground", (foreground.into_vec().into_flattened(), time));
    let mut matting = ClosedForm::default();
    let mut solution = None;
    let time = fastest(1, || solution = Some(matting.solve(picture, trimap, &|| false, &mut out)));
    println!("closed form: {:?}", solution.unwrap());
    found.insert("closed-form", (out.data().to_vec(), time));
    found
}

/// Milliseconds of what no reference does in one piece.
fn chains(runs: usize, alpha: &Plane<f32>) -> Vec<(&'static str, f64)> {
    let settings = [
        ("grow", AlphaSettings { grow: 3.5, ..Default::default() }),
        ("feather", AlphaSettings { feather: 12.0, ..Default::default() }),
        ("blur", AlphaSettings { blur: 3.0, ..Default::default() }),
        ("holes, specks", AlphaSettings { fill_holes: 50.0, remove_specks: 50.0, ..Default::default() }),
    ];
    let mut finish = AlphaFinish::default();
    let mut out = alpha.clone();
    let mut time = |settings| {
        fastest(runs, || {
            out.data_mut().copy_from_slice(alpha.data());
            finish.apply(&mut out, settings, 1.0);
        })
    };
    settings.iter().map(|(name, settings)| (*name, time(settings))).collect()
}

fn write(folder: &Path, picture: &Plane<[f32; 3]>, alpha: &Plane<f32>, trimap: &Plane<f32>, mask: &Plane<u8>) {
    std::fs::create_dir_all(folder).unwrap();
    let mask = mask.map(|&value| f32::from(value));
    let planes = [("picture", picture.as_bytes()), ("alpha", alpha.as_bytes()), ("trimap", trimap.as_bytes())];
    for (name, bytes) in planes.into_iter().chain([("mask", mask.as_bytes())]) {
        std::fs::write(folder.join(format!("{name}.f32")), bytes).unwrap();
    }
}

/// The references' results and milliseconds; nothing where they cannot run.
fn theirs(folder: &Path, runs: usize) -> BTreeMap<String, (Vec<f32>, f64)> {
    let Some(python) = std::env::var_os("SAM3ROTO_PYTHON") else { return BTreeMap::new() };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../resources/bench/finishing.py");
    let mut command = Command::new(python);
    command.arg(script).arg("--inputs").arg(folder);
    command.args(["--width".into(), WIDTH.to_string(), "--height".into(), HEIGHT.to_string()]);
    let output = command.args(["--runs".into(), runs.to_string()]).output().unwrap();
    if !output.status.success() {
        println!("without references: {}", String::from_utf8_lossy(&output.stderr).trim());
        return BTreeMap::new();
    }
    let lines = String::from_utf8(output.stdout).unwrap();
    let times = lines.lines().filter_map(|line| line.split_once(' '));
    let found = times.map(|(name, time)| {
        let bytes = std::fs::read(folder.join(format!("{name}.f32"))).unwrap();
        let samples = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
        (name.to_owned(), (samples, time.trim().parse().unwrap()))
    });
    found.collect()
}
