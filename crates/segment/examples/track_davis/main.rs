//! How well a model follows objects through footage whose true masks are known: the Jaccard index (J) of every frame.
//!
//! ```text
//! SAM3ROTO_ONNXRUNTIME=... SAM3ROTO_MODELS=... cargo run --release -p segment --example track_davis -- \
//!     [--model mobilesam] [--prompts 1] [--every-prompt] [--cache FOLDER] [--out FOLDER] SHOT...
//! ```
//!
//! A shot is a folder with `frames/` (pictures, in the order of their names) and `masks/` (as many, over one half where
//! the object is), as DAVIS 2016 has them. `--prompts N`: on how many frames a user prompts, the first and with several
//! the last among them. Each span between two prompts is conditioned by its ends, with `--every-prompt` by all of them.
//! `--cache`: where encoder outputs are kept from one run to the next. `--out`: where the masks go, to be looked at.

mod user;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use inference::{DiskOptions, Engine, EngineOptions, Limits, NeverAbort};
use raster::Plane;
use segment::{
    Embedding, ImageSegmenter, LAYOUTS, Point, Prompt, Segmentation, open,
    tracker::{FramePrompt, TrackerOptions},
};

use user::{Click, Said};

/// As in the plugin.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

type Any<T> = Result<T, Box<dyn Error>>;

struct Options {
    model: String,
    prompts: usize,
    every_prompt: bool,
    cache: Option<PathBuf>,
    out: Option<PathBuf>,
    shots: Vec<PathBuf>,
}

impl Options {
    fn parse() -> Any<Self> {
        let mut options = Self {
            model: "mobilesam".to_owned(),
            prompts: 1,
            every_prompt: false,
            cache: None,
            out: None,
            shots: Vec::new(),
        };
        let mut words = env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--model" => options.model = value()?,
                "--prompts" => options.prompts = value()?.parse::<usize>()?.max(1),
                "--every-prompt" => options.every_prompt = true,
                "--cache" => options.cache = Some(value()?.into()),
                "--out" => options.out = Some(value()?.into()),
                _ => options.shots.push(word.into()),
            }
        }
        if options.shots.is_empty() { Err("which shots? Folders with frames/ and masks/".into()) } else { Ok(options) }
    }
}

fn main() -> Any<()> {
    let options = Options::parse()?;
    let path = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("{name} is not set"));
    let engine = Engine::new(EngineOptions {
        library: path("SAM3ROTO_ONNXRUNTIME")?,
        model_dirs: vec![path("SAM3ROTO_MODELS")?],
        layouts: LAYOUTS,
        threads: 2,
        features: Limits::bytes(16 << 20),
        disk: options.cache.clone().map(|folder| DiskOptions { folder, max_bytes: 8 << 30 }),
        ..EngineOptions::default()
    });
    let model = open(&engine, &options.model)?;
    for folder in &options.shots {
        Shot::open(folder, &*model)?.report(&engine, &options)?;
    }
    Ok(())
}

struct Shot<'a> {
    name: String,
    frames: Vec<PathBuf>,
    masks: Vec<PathBuf>,
    model: &'a dyn ImageSegmenter,
}

/// A frame with a prompt.
struct Told {
    frame: usize,
    picture: Embedding,
    prompt: FramePrompt,
}

/// Frames that are tracked one after the other from a prompted one on, perhaps towards another.
struct Span {
    start: usize,
    end: Option<usize>,
    frames: Vec<usize>,
}

impl<'a> Shot<'a> {
    fn open(folder: &Path, model: &'a dyn ImageSegmenter) -> Any<Self> {
        let files = |sub: &str| -> Any<Vec<PathBuf>> {
            let entries = fs::read_dir(folder.join(sub)).map_err(|error| format!("{}: {error}", folder.display()))?;
            let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Any<Vec<_>>>()?;
            files.sort();
            Ok(files)
        };
        let (frames, masks) = (files("frames")?, files("masks")?);
        if frames.is_empty() || frames.len() != masks.len() {
            return Err(format!("{}: {} frames, {} masks", folder.display(), frames.len(), masks.len()).into());
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, frames, masks, model })
    }

    fn report(&self, engine: &Arc<Engine>, options: &Options) -> Any<()> {
        let last = self.frames.len() - 1;
        let asked = options.prompts.min(self.frames.len());
        let prompted: Vec<usize> = (0..asked).map(|index| index * last / (asked - 1).max(1)).collect();
        let told = prompted.iter().map(|&frame| self.told(frame)).collect::<Any<Vec<_>>>()?;
        let trackers = self.model.trackers().ok_or("the model has no tracker")?;
        let decoder = || engine.counters().stages.get("decode").map_or(0.0, |stage| stage.total_ms);
        let mut overlaps = vec![0f64; self.frames.len()];
        let (mut own, mut steps) = (0f64, 0u32);
        for span in spans(&prompted, self.frames.len()) {
            let mut tracker = trackers.start(TrackerOptions::default(), &NeverAbort)?;
            let at = told[span.start].frame;
            let mask = tracker.prompt(0, &told[span.start].picture, &told[span.start].prompt, &NeverAbort)?;
            overlaps[at] = jaccard(&mask, &self.mask(at)?);
            for (index, one) in told.iter().enumerate().filter(|(index, _)| *index != span.start) {
                if span.end == Some(index) || options.every_prompt {
                    // Those that lie behind count as far ahead.
                    let distance =
                        if span.end == Some(index) { one.frame.abs_diff(at) } else { usize::MAX / 2 + index };
                    tracker.prompt(distance, &one.picture, &one.prompt, &NeverAbort)?;
                }
            }
            for frame in span.frames {
                let picture = self.embedding(frame)?;
                let (start, decoded) = (Instant::now(), decoder());
                let mask = tracker.step(frame.abs_diff(at), &picture, &NeverAbort)?;
                own += start.elapsed().as_secs_f64() * 1e3 - (decoder() - decoded);
                steps += 1;
                overlaps[frame] = jaccard(&mask, &self.mask(frame)?);
                if let Some(folder) = options.out.as_ref().map(|folder| folder.join(&self.name)) {
                    fs::create_dir_all(&folder)?;
                    picture_of(&mask, picture.picture_size())?.save(folder.join(format!("{frame:05}.png")))?;
                }
            }
        }
        let tracked: Vec<f64> = (0..=last).filter(|frame| !prompted.contains(frame)).map(|at| overlaps[at]).collect();
        println!(
            "{}: J {:.4} over all frames, worst tenth {:.3}, {:.4} without the prompted ones {prompted:?}; {:.0} ms a frame without networks",
            self.name,
            mean(&overlaps),
            worst_tenth(&overlaps),
            mean(&tracked),
            own / f64::from(steps.max(1))
        );
        let percent: Vec<String> = overlaps.iter().map(|overlap| format!("{:.0}", overlap * 100.0)).collect();
        println!("  {}", percent.join(" "));
        Ok(())
    }

    fn told(&self, frame: usize) -> Any<Told> {
        let picture = self.embedding(frame)?;
        let truth = self.mask(frame)?;
        let (width, height) = (truth.width(), truth.height());
        let size = picture.picture_size();
        let scale = (size.0 as f32 / width as f32, size.1 as f32 / height as f32);
        let told = |said: &Said| FramePrompt {
            points: said.clicks.iter().map(|click| point(click, scale)).collect(),
            box_: said.box_.map(|[x1, y1, x2, y2]| [x1 * scale.0, y1 * scale.1, x2 * scale.0, y2 * scale.1]),
            ..FramePrompt::default()
        };
        let said = user::prompt(&truth, |said| -> Any<Plane<bool>> {
            let FramePrompt { points, box_, .. } = told(said);
            let prompt = Prompt { points, box_, ..Prompt::default() };
            let found = self.model.segment(&picture, &prompt, &NeverAbort)?;
            Ok(found.resampled(width, height).map(|&logit| logit > 0.0))
        })?;
        Ok(Told { frame, prompt: told(&said), picture })
    }

    fn embedding(&self, frame: usize) -> Any<Embedding> {
        let still = image::open(&self.frames[frame])?.to_rgb8();
        let (width, height) = (still.width() as usize, still.height() as usize);
        let layout = raster::PixelLayout::packed(width, height, raster::Depth::Byte, raster::Components::Rgb);
        let view = raster::PixelView::new(still.as_raw(), layout)?;
        let (width, height) = self.model.input_size(width, height);
        let picture = raster::model_picture(&view, raster::SourceEncoding::Display, false, width, height);
        Ok(self.model.embed(&picture, &NeverAbort)?)
    }

    fn mask(&self, frame: usize) -> Any<Plane<bool>> {
        let still = image::open(&self.masks[frame])?.to_luma8();
        let inside = still.as_raw().iter().map(|&value| value > 127).collect();
        Ok(Plane::from_vec(still.width() as usize, still.height() as usize, inside)?)
    }
}

/// A click as a point of the model's picture, which is so many times the true mask's size.
fn point(click: &Click, scale: (f32, f32)) -> Point {
    Point { x: click.at.0 * scale.0, y: click.at.1 * scale.1, include: click.include }
}

/// White inside, at the size of the model's picture.
fn picture_of(mask: &Segmentation, (width, height): (usize, usize)) -> Any<image::GrayImage> {
    let values = mask.resampled(width, height).data().iter().map(|&logit| if logit > 0.0 { 255 } else { 0 }).collect();
    image::GrayImage::from_raw(width as u32, height as u32, values).ok_or_else(|| "an empty picture".into())
}

/// Back from the first prompt, between each two, and on from the last.
fn spans(prompted: &[usize], frames: usize) -> Vec<Span> {
    let before = (0..prompted.first().copied().unwrap_or(0)).rev().collect();
    let mut spans = vec![Span { start: 0, end: None, frames: before }];
    for (start, &frame) in prompted.iter().enumerate() {
        let next = prompted.get(start + 1);
        let frames = (frame + 1..next.copied().unwrap_or(frames)).collect();
        spans.push(Span { start, end: next.map(|_| start + 1), frames });
    }
    spans
}

/// The mean of the worst tenth of the frames.
fn worst_tenth(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.truncate(values.len().div_ceil(10));
    mean(&sorted)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Intersection over union at the size of the true mask; of two empty masks 1.
fn jaccard(found: &Segmentation, truth: &Plane<bool>) -> f64 {
    let found = found.resampled(truth.width(), truth.height());
    let (mut both, mut either) = (0u64, 0u64);
    for (&logit, &truth) in found.data().iter().zip(truth.data()) {
        both += u64::from(logit > 0.0 && truth);
        either += u64::from(logit > 0.0 || truth);
    }
    if either == 0 { 1.0 } else { both as f64 / either as f64 }
}
