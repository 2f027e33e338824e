//! Temporal refinement on corrupted mattes: how much of the corruption goes, and what a clean matte loses.
//!
//! `cargo xtask bench refine [--frames 1000] [--seed 0]`. SAM3ROTO_CLIPS names a folder with `davis/NAME/frames` and
//! `davis/NAME/masks`; of each clip so many frames are taken. The true matte is the mask, a little softened. Corrupted, its
//! edge jitters (displaced by noise of 1.2 pixels, smooth over 40 pixels, new in every frame) and in seven frames of ten
//! there is a pop beside the object, likewise a hole inside it, with radii of 4 to 13 pixels. Everything is seeded. Then
//! the time for an HD and a UHD frame with motion that is there already, searched in pictures of 960 pixels as the effect
//! does; six neighbours, a disc of half the height. `--seed` begins another series of corruptions.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark ends where something is missing")]

#[path = "../tests/support/corruption.rs"]
mod corruption;
#[path = "../tests/support/procedural.rs"]
mod procedural;

use corruption::{corrupted, softened};
use flow::{Dis, Flow, Neighbour, Preset, RefineSettings, Sampling, confidence, is_cut, refine, warp, window};
use metrics::{FrameFigures, ShotMeter, warp_error};
use raster::Plane;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

const RADIUS: i32 = 3;

fn main() {
    let [frames, seed] = options();
    println!("{} threads, window of {RADIUS} frames each side\n", rayon::current_num_threads());
    match std::env::var_os("SAM3ROTO_CLIPS") {
        Some(folder) => quality(&Path::new(&folder).join("davis"), frames, seed as u32),
        None => println!("SAM3ROTO_CLIPS is not set: times only\n"),
    }
    speed();
}

/// How many frames of each clip, and which series of corruptions.
fn options() -> [usize; 2] {
    let mut values = [1000, 0];
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    for pair in arguments.chunks(2) {
        match pair {
            [name, number] if name == "--frames" => values[0] = number.parse().unwrap(),
            [name, number] if name == "--seed" => values[1] = number.parse().unwrap(),
            _ => panic!("options, with their defaults: --frames 1000 --seed 0"),
        }
    }
    values
}

fn quality(folder: &Path, frames: usize, seed: u32) {
    println!(
        "{:<12} {:<8} {:>8} {:>14} {:>14} {:>14} {:>14} {:>12}",
        "clip", "strength", "matte", "dtSSD", "MSE", "J", "F", "excess warp"
    );
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for clip in names {
        let shot = Shot::read(&clip, frames);
        let name = clip.file_name().unwrap().to_string_lossy().into_owned();
        shot.judge(&name, seed);
    }
}

/// A clip's pictures, their brightness, and true mattes.
struct Shot {
    pictures: Vec<Plane<[u8; 3]>>,
    luma: Vec<Plane<f32>>,
    truth: Vec<Plane<f32>>,
}

/// A way to treat the shot, and what came of it.
struct Trial {
    strength: f32,
    corrupted: bool,
    before: ShotMeter,
    after: ShotMeter,
    last: Option<[Plane<f32>; 2]>,
}

impl Shot {
    fn read(folder: &Path, frames: usize) -> Self {
        let list = |name: &str| {
            let mut files: Vec<_> =
                std::fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            files.into_iter().take(frames)
        };
        let pictures = list("frames").map(|path| {
            let picture = image::open(path).unwrap().to_rgb8();
            let (pixels, _) = picture.as_raw().as_chunks::<3>();
            let size = (picture.width() as usize, picture.height() as usize);
            Plane::from_vec(size.0, size.1, pixels.to_vec()).unwrap()
        });
        let pictures: Vec<_> = pictures.collect();
        let truth = list("masks").map(|path| {
            let mask = image::open(path).unwrap().to_luma8();
            let size = (mask.width() as usize, mask.height() as usize);
            let alpha = mask.as_raw().iter().map(|&value| if value > 0 { 1.0 } else { 0.0 }).collect();
            softened(&Plane::from_vec(size.0, size.1, alpha).unwrap())
        });
        let luma = pictures.iter().map(flow::luma_of_bytes).collect();
        Self { pictures, luma, truth: truth.collect() }
    }

    fn judge(&self, name: &str, seed: u32) {
        let broken: Vec<Plane<f32>> =
            self.truth.iter().zip(1000 * seed..).map(|(truth, frame)| corrupted(truth, frame)).collect();
        let default = RefineSettings::default().strength;
        let trial = |(strength, corrupted)| Trial {
            strength,
            corrupted,
            before: ShotMeter::default(),
            after: ShotMeter::default(),
            last: None,
        };
        let mut trials = [(default, true), (1.0, true), (default, false), (1.0, false)].map(trial);
        let mut motions = Motions::default();
        let last = self.truth.len() as i32 - 1;
        for t in 0..=last {
            let cut_after = |t: i32| is_cut(&self.luma[t as usize], &self.luma[t as usize + 1]).unwrap();
            let others: Vec<i32> = window(t, RADIUS, 0..=last, cut_after).filter(|&s| s != t).collect();
            for &s in &others {
                motions.find(&self.luma, t as usize, s as usize);
            }
            let trust: Vec<Plane<f32>> = others.iter().map(|&s| motions.trust(&self.luma, t, s)).collect();
            for trial in &mut trials {
                let mattes = if trial.corrupted { &broken } else { &self.truth };
                let neighbours: Vec<Neighbour> = others
                    .iter()
                    .zip(&trust)
                    .map(|(&s, confidence)| Neighbour {
                        distance: s - t,
                        matte: &mattes[s as usize],
                        motion: &motions.flows[&(t as usize, s as usize)],
                        confidence,
                        pictures: Some([&self.pictures[t as usize], &self.pictures[s as usize]]),
                    })
                    .collect();
                let settings = RefineSettings { strength: trial.strength, ..RefineSettings::default() };
                let refined = refine(&mattes[t as usize], &neighbours, &settings).unwrap();
                let back = (t > 0).then(|| (&motions.flows[&(t as usize, t as usize - 1)], &trust, &others));
                let step = back.and_then(|(flow, trust, others)| {
                    let trust = &trust[others.iter().position(|&s| s == t - 1)?];
                    Some((flow, trust))
                });
                trial.take(&refined, &mattes[t as usize], &self.truth[t as usize], step);
            }
            motions.forget_before(t as usize);
        }
        for trial in trials {
            trial.print(name);
        }
    }
}

impl Trial {
    fn take(
        &mut self,
        refined: &Plane<f32>,
        matte: &Plane<f32>,
        truth: &Plane<f32>,
        step: Option<(&Flow, &Plane<f32>)>,
    ) {
        self.before.add(matte, truth, None).unwrap();
        let excess = self.last.as_ref().zip(step).map(|([refined_before, truth_before], (flow, trust))| {
            let error = |now: &Plane<f32>, before: &Plane<f32>| {
                warp_error(now, &warp(before, flow, Sampling::Bilinear).unwrap(), trust).unwrap()
            };
            error(refined, refined_before) - error(truth, truth_before)
        });
        self.after.add(refined, truth, excess).unwrap();
        self.last = Some([refined.clone(), truth.clone()]);
    }

    fn print(self, name: &str) {
        let (before, after) = (self.before.finish().mean, self.after.finish().mean);
        let change = |of: fn(&FrameFigures) -> f64| {
            let (before, after) = (of(&before), of(&after));
            if before < 1e-9 {
                format!("{after:.2}")
            } else {
                format!("{before:.2} {:+.0} %", (after / before - 1.0) * 100.0)
            }
        };
        let share = |of: fn(&FrameFigures) -> f64| format!("{:.4} {:+.4}", of(&before), of(&after) - of(&before));
        println!(
            "{name:<12} {:<8} {:>8} {:>14} {:>14} {:>14} {:>14} {:>12.2}",
            self.strength,
            if self.corrupted { "broken" } else { "clean" },
            change(|figures| figures.dtssd.unwrap_or(0.0)),
            change(|figures| figures.mse),
            share(|figures| figures.j),
            share(|figures| figures.f),
            after.excess_warp.unwrap_or(0.0),
        );
    }
}

/// Motion between frames, as long as it is needed.
struct Motions {
    dis: Dis,
    flows: BTreeMap<(usize, usize), Flow>,
}

impl Default for Motions {
    fn default() -> Self {
        Self { dis: Dis::new(Preset::Medium), flows: BTreeMap::new() }
    }
}

impl Motions {
    fn find(&mut self, luma: &[Plane<f32>], t: usize, s: usize) {
        for (from, to) in [(t, s), (s, t)] {
            if !self.flows.contains_key(&(from, to)) {
                let flow = self.dis.flow(&luma[from], &luma[to]).unwrap();
                self.flows.insert((from, to), flow);
            }
        }
    }

    fn trust(&self, luma: &[Plane<f32>], t: i32, s: i32) -> Plane<f32> {
        let (t, s) = (t as usize, s as usize);
        confidence(&self.flows[&(t, s)], &self.flows[&(s, t)], &luma[t], &luma[s]).unwrap()
    }

    fn forget_before(&mut self, t: usize) {
        self.flows.retain(|(from, to), _| from + RADIUS as usize > t && to + RADIUS as usize > t);
    }
}

/// The longer side of the pictures in which the effect searches motion.
const WORKING: usize = 960;

fn speed() {
    println!("\n{:<10} {:>10} {:>14} {:>12}  ms per frame, the fastest of 5", "frame", "refine", "confidence", "warp");
    for (width, height) in [(1920, 1080), (3840, 2160)] {
        let matte = corruption::disc(width, height, [0.5, 0.5]);
        let moved = corruption::disc(width, height, [0.505, 0.5]);
        let still = corruption::disc(width, height, [0.5, 0.503]);
        let (small_width, small_height) = flow::fitted(width, height, WORKING);
        let [motion, back] = [0.005, -0.005]
            .map(|part| Flow::from_fn(small_width, small_height, |_, _| [small_width as f32 * part, 0.0]));
        let trust = Plane::new(small_width, small_height, 1f32);
        let picture = Plane::new(small_width, small_height, [128u8; 3]);
        let pictures = Some([&picture; 2]);
        let neighbours: Vec<Neighbour> = [-3, -2, -1, 1, 2, 3]
            .map(|distance| Neighbour { distance, matte: &moved, motion: &motion, confidence: &trust, pictures })
            .to_vec();
        let fastest = |work: &dyn Fn()| {
            let run = |_| {
                let start = Instant::now();
                work();
                start.elapsed().as_secs_f64() * 1e3
            };
            (0..5).map(run).fold(f64::INFINITY, f64::min)
        };
        let refining = fastest(&|| drop(refine(&still, &neighbours, &RefineSettings::default()).unwrap()));
        let small = corruption::disc(small_width, small_height, [0.5, 0.5]);
        let trusting = fastest(&|| drop(confidence(&motion, &back, &small, &small).unwrap()));
        let whole = Flow::from_fn(width, height, |_, _| [width as f32 * 0.005, 0.0]);
        let warping = fastest(&|| drop(warp(&matte, &whole, Sampling::Bilinear).unwrap()));
        println!("{:<10} {refining:>10.0} {trusting:>14.0} {warping:>12.0}", format!("{width}x{height}"));
    }
}
