//! What the end-to-end tests share: the bundle in our own host, and frames of the demo shot.
//!
//! The bundle, the demo clip and ffmpeg come from the environment, which `cargo xtask test` sets. Without it a test says
//! so and skips; with `SAM3ROTO_TESTS_REQUIRE` set, a missing piece fails it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]
#![allow(dead_code, reason = "each test file uses its part")]

pub mod onnx;
pub mod output;
pub mod process;
pub mod tiny_model;
pub mod workplace;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use headless::host::{
    Bundle, Components, Depth, Frame, Host, Instance, InstanceOptions, Plugin, Profile, RectI, RenderRequest, Rendered,
    Still, Value,
};
use headless::sequence::VideoFile;

/// The effect under test.
pub const ROTO: &str = "org.sam3roto.Roto";

/// The path in an environment variable, or a loud skip.
pub fn from_environment(variable: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    assert!(
        std::env::var_os("SAM3ROTO_TESTS_REQUIRE").is_none(),
        "{variable} is not set although SAM3ROTO_TESTS_REQUIRE asks for every test to run"
    );
    // Past the test harness, which would keep the words of a passing test to itself.
    #[allow(clippy::explicit_write, reason = "eprintln is captured")]
    writeln!(std::io::stderr(), "SKIPPED: {variable} is not set; run the tests with `cargo xtask test`").unwrap();
    None
}

/// The `sam3roto` command beside a bundle.
pub fn sam3roto_beside(bundle: &Path) -> Command {
    Command::new(bundle.with_file_name(format!("sam3roto{}", std::env::consts::EXE_SUFFIX)))
}

/// The bundle opened in a host of this character. The library is one per process: open one host at a time.
pub fn open(profile: Profile) -> Option<(Bundle, Plugin)> {
    let path = from_environment("SAM3ROTO_BUNDLE")?;
    let bundle = Bundle::open(&Host::new(profile), &path).expect("the bundle loads");
    let plugin = bundle.plugin(ROTO).expect("the bundle has SAM3Roto");
    Some((bundle, plugin))
}

/// The bundle in a strict host, opened once for all tests of the process.
pub fn strict() -> Option<&'static (Bundle, Plugin)> {
    static STRICT: OnceLock<Option<(Bundle, Plugin)>> = OnceLock::new();
    STRICT.get_or_init(|| open(Profile::Strict)).as_ref()
}

/// A frame of the demo shot, 1280x720, 8 bits.
pub fn demo_frame(number: i32) -> Frame {
    static CLIP: OnceLock<VideoFile> = OnceLock::new();
    let clip = CLIP.get_or_init(|| {
        let path = from_environment("SAM3ROTO_DEMO_CLIP").expect("the demo clip");
        let ffmpeg = from_environment("SAM3ROTO_FFMPEG").expect("ffmpeg");
        VideoFile::open(&path, &ffmpeg, 4).expect("the demo clip opens")
    });
    clip.frame(number).expect("the frame decodes").frame.clone()
}

/// A frame in which the demo's rabbit stands free.
pub const RABBIT_FRAME: i32 = 100;
/// The rabbit's belly there (canonical, y up).
pub const RABBIT: [f64; 2] = [460.0, 320.0];

/// An instance with `frame` on Source, still over frames 0 to 200. Its prompts are placed on frame 0.
pub fn instance_on(plugin: &Plugin, frame: Frame) -> Instance {
    still_instance(plugin, frame, InstanceOptions::default())
}

/// As [`instance_on`], with the host's images in floating point: mattes as they are, not rounded to bytes.
pub fn float_instance_on(plugin: &Plugin, frame: Frame) -> Instance {
    still_instance(plugin, frame, InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() })
}

fn still_instance(plugin: &Plugin, frame: Frame, mut options: InstanceOptions) -> Instance {
    options.clips.insert("Source".into(), Box::new(Still::new(frame, (0.0, 200.0))));
    let instance = Instance::create(plugin, options).expect("the instance is made");
    instance.set("referenceFrame", Value::Integer(0)).unwrap();
    instance
}

/// Switches a point on.
pub fn place_point(instance: &Instance, slot: usize, at: [f64; 2], include: bool) {
    instance.set(&format!("point{slot}Type"), Value::Integer(i32::from(!include))).unwrap();
    instance.set(&format!("point{slot}Position"), Value::Double2D(at)).unwrap();
    instance.set(&format!("point{slot}Use"), Value::Boolean(true)).unwrap();
}

/// Switches the box on.
pub fn place_box(instance: &Instance, corner: [f64; 2], opposite: [f64; 2]) {
    instance.set("boxCorner1", Value::Double2D(corner)).unwrap();
    instance.set("boxCorner2", Value::Double2D(opposite)).unwrap();
    instance.set("boxUse", Value::Boolean(true)).unwrap();
}

/// Renders one frame; violations and failures end the test.
pub fn render(instance: &Instance, request: &RenderRequest) -> Rendered {
    instance.render(request).expect("the frame renders")
}

/// The alpha of every pixel, row 0 at the top, 0..1.
pub fn alpha(frame: &Frame) -> Vec<f32> {
    rgba(frame).into_iter().map(|pixel| pixel[3]).collect()
}

/// Every pixel as RGBA, row 0 at the top. Byte and float frames only: the tests ask for no other.
pub fn rgba(frame: &Frame) -> Vec<[f32; 4]> {
    let channels = match frame.components() {
        Components::Rgba => 4,
        Components::Rgb => 3,
        Components::Alpha => 1,
    };
    let sample = |bytes: &[u8]| match frame.depth() {
        Depth::Byte => f32::from(bytes[0]) / 255.0,
        Depth::Float => f32::from_ne_bytes(bytes.try_into().unwrap()),
        other => panic!("the tests read byte and float frames, not {other:?}"),
    };
    let sample_bytes = frame.pixel_bytes() / channels;
    let mut pixels = Vec::with_capacity(frame.width() * frame.height());
    for y in 0..frame.height() {
        for pixel in frame.row(y).chunks_exact(frame.pixel_bytes()) {
            let values: Vec<f32> = pixel.chunks_exact(sample_bytes).map(sample).collect();
            pixels.push(match *values.as_slice() {
                [a] => [0.0, 0.0, 0.0, a],
                [r, g, b] => [r, g, b, 1.0],
                [r, g, b, a] => [r, g, b, a],
                _ => unreachable!("one, three or four channels"),
            });
        }
    }
    pixels
}

/// A byte RGBA frame of one colour with its lower left corner at `origin`.
pub fn flat_frame(origin: (i32, i32), width: i32, height: i32, rgba: [u8; 4]) -> Frame {
    let bounds = RectI { x1: origin.0, y1: origin.1, x2: origin.0 + width, y2: origin.1 + height };
    let data = rgba.repeat(usize::try_from(width * height).unwrap());
    Frame::new(bounds, Depth::Byte, Components::Rgba, data).expect("a frame")
}

/// A byte RGBA frame of soft stripes over a slope, others for each `number`.
pub fn striped_frame(width: i32, height: i32, number: usize) -> Frame {
    let bounds = RectI { x1: 0, y1: 0, x2: width, y2: height };
    let mut data = Vec::with_capacity(usize::try_from(width * height * 4).unwrap());
    for y in 0..height {
        for x in 0..width {
            let stripe = (f64::from(x + y) * 0.07 + number as f64 * 0.61).sin() * 70.0 + 128.0;
            let slope = 255 * y / height;
            data.extend([stripe as u8, slope as u8, (number * 37 % 256) as u8, 255]);
        }
    }
    Frame::new(bounds, Depth::Byte, Components::Rgba, data).expect("a frame")
}

/// Intersection over union of two mattes cut at one half.
pub fn iou(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "mattes of one size");
    let (mut both, mut either) = (0u64, 0u64);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (*a >= 0.5, *b >= 0.5);
        both += u64::from(a && b);
        either += u64::from(a || b);
    }
    if either == 0 { 1.0 } else { both as f64 / either as f64 }
}

/// One of the engine's counters, from the bundle's own report.
pub fn counter(bundle: &Bundle, name: &str) -> u64 {
    let report = report(bundle, "counters");
    report[name].as_u64().unwrap_or_else(|| panic!("no counter {name} in {report}"))
}

/// The bundle's own report on a topic.
pub fn report(bundle: &Bundle, topic: &str) -> serde_json::Value {
    let text = bundle.report("Sam3RotoReport", topic).expect("the bundle reports");
    serde_json::from_str(&text).expect("the report is JSON")
}
