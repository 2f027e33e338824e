//! Whole shots through the plugin, tracked from prompts on a few of their frames: what another prompt frame brings.
//!
//! `cargo xtask bench keys [--keys 3] [--frames N]`. `--frames` ends every shot earlier.
//!
//! Shots with known masks: SAM3ROTO_CLIPS names a folder with `davis/NAME/frames` and `davis/NAME/masks`, as DAVIS 2016
//! has them; the footage is never part of this repository, and without it the demo alone is tracked. A user who sees the
//! true mask places a box and three clicks on the first frame, and then on so many, evenly apart from the first to the
//! last: the box is that of the mask, the first click lies where the mask is deepest, each other one
//! where what came out is deepest in the wrong (see `user`). J and F are those of DAVIS (region and contour), on the
//! alpha that comes out at full size, cut at one half.
//!
//! The demo shot has no true masks: see `demo`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "support/demo_keys.rs"]
mod demo;
#[path = "support/mod.rs"]
mod figures;
#[path = "support/footage.rs"]
mod footage;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../crates/segment/examples/track_davis/user.rs"]
mod user;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use figures::options;
use headless::host::{
    ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, Plugin, Profile, RectD,
    RenderRequest, SourceError, Value,
};
use headless::sequence::read_picture;
use metrics::{boundary_f, default_boundary_tolerance, jaccard};
use raster::Plane;
use support::*;
use user::Said;

/// What the project promises of prompts on the first frame: shot and J.
const PROMISED: [(&str, f64); 2] = [("blackswan", 0.92), ("dance-twirl", 0.74)];

fn main() -> ExitCode {
    let [keys, frames] = options([("keys", 3), ("frames", 1000)]);
    let Some((_bundle, plugin)) = open(Profile::Strict) else { return ExitCode::SUCCESS };
    let mut verdict = figures::Verdict::default();
    match std::env::var_os("SAM3ROTO_CLIPS") {
        Some(folder) => with_truth(&plugin, &PathBuf::from(folder).join("davis"), keys, frames, &mut verdict),
        None => println!("SKIPPED: SAM3ROTO_CLIPS names no folder with shots of known masks, none was measured"),
    }
    demo::compare(&plugin, frames);
    verdict.exit_code()
}

/// Tracks every shot of a folder from one prompt frame and from so many.
fn with_truth(plugin: &Plugin, folder: &Path, keys: usize, frames: usize, verdict: &mut figures::Verdict) {
    println!("{:<20} {:>7} {:>8} {:>8} {:>14} {:>14}", "shot", "prompts", "J", "F", "J worst tenth", "J not prompted");
    for path in in_order(folder) {
        let shot = Shot::read(&path, frames);
        for count in [1, keys.min(shot.frames.len())] {
            let found = shot.measure(plugin, count);
            println!(
                "{:<20} {count:>7} {:>8.4} {:>8.4} {:>14.4} {:>14.4}",
                shot.name, found.j, found.f, found.worst, found.between
            );
            let promised = PROMISED.iter().filter(|(name, _)| count == 1 && shot.is_whole && shot.name == *name);
            promised.for_each(|(name, j)| {
                verdict.tell(found.j >= *j, &format!("J of {name} is at least {j}"), &format!("{:.4}", found.j));
            });
        }
    }
}

/// What a folder holds, by name.
fn in_order(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

/// Means over a shot.
struct Figures {
    j: f64,
    f: f64,
    /// J of the worst tenth of the frames.
    worst: f64,
    /// J of the frames without a prompt.
    between: f64,
}

#[derive(Clone)]
struct Shot {
    name: String,
    frames: Vec<PathBuf>,
    masks: Vec<PathBuf>,
    first: Frame,
    /// Whether it was not ended earlier.
    is_whole: bool,
}

impl ImageSource for Shot {
    fn range(&self) -> (f64, f64) {
        (0.0, (self.frames.len() - 1) as f64)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, _: f64) -> RectD {
        RectD { x1: 0.0, y1: 0.0, x2: self.first.width() as f64, y2: self.first.height() as f64 }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        Ok(frame_of(&self.frames[time as usize]))
    }
}

fn frame_of(path: &Path) -> Frame {
    let picture = read_picture(path).unwrap_or_else(|error| panic!("{error}"));
    picture.frame.converted(Depth::Byte, Components::Rgba).expect("any picture can be RGBA")
}

impl Shot {
    fn read(folder: &Path, most: usize) -> Self {
        let (mut frames, mut masks) = (in_order(&folder.join("frames")), in_order(&folder.join("masks")));
        assert!(!frames.is_empty() && frames.len() == masks.len(), "{}: frames without masks", folder.display());
        let is_whole = frames.len() <= most;
        frames.truncate(most);
        masks.truncate(most);
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { name, is_whole, first: frame_of(&frames[0]), frames, masks }
    }

    /// Tracks from prompts on so many frames, and compares all mattes with the true masks.
    fn measure(&self, plugin: &Plugin, prompts: usize) -> Figures {
        let last = self.frames.len() - 1;
        let prompted: Vec<usize> = (0..prompts).map(|index| index * last / (prompts - 1).max(1)).collect();
        let instance = self.instance(plugin);
        for &frame in &prompted {
            // On an instance of its own: a user who has not yet tracked.
            let alone = self.instance(plugin);
            let found = |said: &Said| {
                self.say(&alone, frame, said);
                Ok::<_, Infallible>(self.matte(&alone, frame).map(|&alpha| alpha >= 0.5))
            };
            let Ok(said) = user::prompt(&self.truth(frame).map(|&inside| inside >= 0.5), found);
            self.say(&instance, frame, &said);
        }
        let tolerance = default_boundary_tolerance(self.first.width(), self.first.height());
        let mut overlaps = Vec::new();
        let mut contours = Vec::new();
        for frame in 0..=last {
            let (matte, truth) = (self.matte(&instance, frame), self.truth(frame));
            overlaps.push(jaccard(&matte, &truth).expect("one size"));
            contours.push(boundary_f(&matte, &truth, tolerance).expect("one size"));
        }
        let between: Vec<f64> = (0..=last).filter(|frame| !prompted.contains(frame)).map(|at| overlaps[at]).collect();
        let (j, f, between) = (mean(&overlaps), mean(&contours), mean(&between));
        overlaps.sort_by(f64::total_cmp);
        overlaps.truncate(self.frames.len().div_ceil(10));
        Figures { j, f, worst: mean(&overlaps), between }
    }

    fn instance(&self, plugin: &Plugin) -> Instance {
        let mut options = InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() };
        options.clips.insert("Source".into(), Box::new(self.clone()));
        Instance::create(plugin, options).expect("the instance is made")
    }

    /// Keys what the user says on a frame. Canonical coordinates go upwards.
    fn say(&self, instance: &Instance, frame: usize, said: &Said) {
        let time = frame as f64;
        let height = self.first.height() as f64;
        let at = |x: f32, y: f32| Value::Double2D([f64::from(x), height - f64::from(y)]);
        if let Some([left, top, right, bottom]) = said.box_ {
            instance.set("boxUse", Value::Boolean(true)).unwrap();
            instance.set_key("boxCorner1", time, at(left, top)).unwrap();
            instance.set_key("boxCorner2", time, at(right, bottom)).unwrap();
        }
        for (slot, click) in (1..).zip(&said.clicks) {
            instance.set(&format!("point{slot}Use"), Value::Boolean(true)).unwrap();
            let kind = Value::Integer(i32::from(!click.include));
            instance.set_key(&format!("point{slot}Type"), time, kind).unwrap();
            instance.set_key(&format!("point{slot}Position"), time, at(click.at.0, click.at.1)).unwrap();
        }
    }

    /// The alpha that comes out.
    fn matte(&self, instance: &Instance, frame: usize) -> Plane<f32> {
        let rendered = render(instance, &RenderRequest::at(frame as f64)).frame;
        Plane::from_vec(rendered.width(), rendered.height(), alpha(&rendered)).expect("a full frame")
    }

    fn truth(&self, frame: usize) -> Plane<f32> {
        let mask = frame_of(&self.masks[frame]);
        let inside = rgba(&mask).into_iter().map(|[red, ..]| f32::from(u8::from(red > 0.5))).collect();
        Plane::from_vec(mask.width(), mask.height(), inside).expect("a full frame")
    }
}

/// The mean; 0 of nothing.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
