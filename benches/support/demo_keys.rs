//! The demo shot tracked from one, from three and from all of its prompt frames.
//!
//! There are no true masks to hold it against. The 17 prompt frames of `resources/demo/rabbit.toml` were placed by hand, so
//! that their track is the best that is known; the others take what the job says on its first frame, and on its first,
//! middle and last prompt frame. Told is how far the tracks agree (J of the one as if the other were the truth), and a
//! contact sheet is written to look at.

use std::path::Path;

use canvas::{Canvas, Colour, LETTER};
use headless::host::{Components, Depth, Frame, Instance, InstanceOptions, Plugin, RectI, RenderRequest, Value};
use headless::sequence::{Picture, Provenance, WriteSettings, write_picture};
use metrics::jaccard;
use raster::Plane;

use crate::footage::{DemoShot, LAST, demo_shot};
use crate::mean;
use crate::support::{alpha, render, rgba};

/// The tracks that are compared: so many prompt frames each; none for all that there are.
const TRACKS: [Option<usize>; 3] = [Some(1), Some(3), None];
/// Frames on the sheet, and the width of a picture there.
const SHOWN: usize = 6;
const TILE: usize = 320;
const GAP: usize = 8;
/// What the matte covers is tinted so, by half.
const TINT: Colour = [255, 60, 40];
const PAPER: Colour = [24, 24, 26];
const INK: Colour = [225, 225, 225];

/// Tracks, prints how far the tracks agree, and writes the sheet.
pub fn compare(plugin: &Plugin, frames: usize) {
    let job = Job::read();
    let last = LAST.min(frames);
    let prompted = TRACKS.map(|count| job.prompt_frames(count, last));
    let instances = prompted.each_ref().map(|prompted| job.instance(plugin, prompted));
    let sheet = Sheet::new(last);
    let mut page = sheet.page(&prompted);
    let mut agreements: Vec<[f64; 3]> = Vec::new();
    for frame in 1..=last {
        // Frame by frame, so that all tracks find its encoding in memory.
        let mattes = instances.each_ref().map(|instance| matte(instance, frame));
        let agreement = |a: usize, b: usize| jaccard(&mattes[a], &mattes[b]).expect("one size");
        agreements.push([agreement(0, 2), agreement(1, 2), agreement(0, 1)]);
        if let Some(column) = sheet.frames.iter().position(|&shown| shown == frame) {
            sheet.draw(&mut page, column, &mattes);
        }
    }
    println!("\n{:<44} {:>8} {:>14}", "demo, frames 1 to ".to_owned() + &last.to_string(), "J", "J worst tenth");
    let names = prompted.each_ref().map(|prompted| format!("{} prompt frames", prompted.len()));
    for (place, (a, b)) in [(0, 2), (1, 2), (0, 1)].into_iter().enumerate() {
        let mut all: Vec<f64> = agreements.iter().map(|row| row[place]).collect();
        let whole = mean(&all);
        all.sort_by(f64::total_cmp);
        all.truncate(last.div_ceil(10));
        println!("{:<44} {whole:>8.4} {:>14.4}", format!("{} against {}", names[a], names[b]), mean(&all));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo-output/keys.png");
    write(page, &path);
    println!("to look at: {}", path.display());
    instances.into_iter().for_each(|instance| instance.destroy().unwrap());
}

/// The demo's job, as far as it is about prompts.
struct Job(toml::Table);

impl Job {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/demo/rabbit.toml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    }

    /// The keyframes by parameter.
    fn keys(&self) -> impl Iterator<Item = (&str, &toml::Table)> {
        let keys = self.0["key"].as_table().expect("a table");
        keys.iter().map(|(name, keys)| (name.as_str(), keys.as_table().expect("keys by frame")))
    }

    /// Of the job's prompt frames up to `last` so many, evenly apart among them; all without a number.
    fn prompt_frames(&self, count: Option<usize>, last: usize) -> Vec<usize> {
        let frames = self.keys().flat_map(|(_, keys)| keys.keys());
        let mut frames: Vec<usize> = frames.map(|frame| frame.parse().expect("a frame")).collect();
        frames.retain(|&frame| frame <= last);
        frames.sort_unstable();
        frames.dedup();
        match count.filter(|&count| count < frames.len()) {
            Some(count) => (0..count).map(|index| frames[index * (frames.len() - 1) / (count - 1).max(1)]).collect(),
            None => frames,
        }
    }

    /// An instance with the job's prompts on these frames.
    fn instance(&self, plugin: &Plugin, prompted: &[usize]) -> Instance {
        let mut options = InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() };
        options.clips.insert("Source".into(), Box::new(DemoShot));
        let instance = Instance::create(plugin, options).expect("the instance is made");
        for (name, value) in self.0["set"].as_table().expect("a table") {
            let value = match value {
                toml::Value::Boolean(is_on) => Value::Boolean(*is_on),
                // The one choice of it: points that exclude.
                _ => Value::Integer(1),
            };
            instance.set(name, value).unwrap();
        }
        for (name, keys) in self.keys() {
            for &frame in prompted {
                let at = keys[&frame.to_string()].as_str().and_then(position).expect("tl:x,y");
                instance.set_key(name, frame as f64, Value::Double2D(at)).unwrap();
            }
        }
        instance
    }
}

/// "tl:x,y", which counts from the top, in canonical coordinates.
fn position(text: &str) -> Option<[f64; 2]> {
    let (x, y) = text.strip_prefix("tl:")?.split_once(',')?;
    Some([x.parse().ok()?, demo_shot(1).height() as f64 - y.parse::<f64>().ok()?])
}

fn matte(instance: &Instance, frame: usize) -> Plane<f32> {
    let rendered = render(instance, &RenderRequest::at(frame as f64)).frame;
    Plane::from_vec(rendered.width(), rendered.height(), alpha(&rendered)).expect("a full frame")
}

/// Frames in columns, tracks in rows.
struct Sheet {
    frames: Vec<usize>,
    tile: (usize, usize),
    /// Above each row: what it shows.
    head: usize,
}

impl Sheet {
    fn new(last: usize) -> Self {
        // Prompts lie on the first and the last frame: the middle of each part shows more.
        let frames = (0..SHOWN).map(|index| 1 + (2 * index + 1) * (last - 1) / (2 * SHOWN)).collect();
        let first = demo_shot(1);
        Self { frames, tile: (TILE, first.height() * TILE / first.width()), head: LETTER * 2 + GAP }
    }

    fn corner(&self, column: usize, row: usize) -> (usize, usize) {
        (GAP + column * (self.tile.0 + GAP), GAP + row * (self.head + self.tile.1 + GAP))
    }

    fn page(&self, prompted: &[Vec<usize>; 3]) -> Canvas {
        let (width, height) = self.corner(self.frames.len(), prompted.len());
        let mut page = Canvas::new(width, height, PAPER);
        for (row, frames) in prompted.iter().enumerate() {
            let (x, y) = self.corner(0, row);
            page.text((x as i32, y as i32), 2, &format!("prompt frames: {frames:?}"), INK);
        }
        page
    }

    fn draw(&self, page: &mut Canvas, column: usize, mattes: &[Plane<f32>; 3]) {
        let frame = demo_shot(self.frames[column]);
        for (row, matte) in mattes.iter().enumerate() {
            let (x, y) = self.corner(column, row);
            let mut tile = tinted(frame, matte).resized(self.tile.0, self.tile.1);
            tile.text((4, 4), 2, &self.frames[column].to_string(), INK);
            page.place(&tile, (x, y + self.head));
        }
    }
}

fn tinted(frame: &Frame, matte: &Plane<f32>) -> Canvas {
    let pixels = rgba(frame).into_iter().zip(matte.data());
    let pixels = pixels.map(|([r, g, b, _], alpha)| {
        let shown = [r, g, b].map(|value| value * 255.0);
        std::array::from_fn(|c| (shown[c] + 0.5 * alpha * (f32::from(TINT[c]) - shown[c])).round() as u8)
    });
    Canvas { width: matte.width(), height: matte.height(), pixels: pixels.collect() }
}

fn write(page: Canvas, path: &Path) {
    let bounds = RectI { x1: 0, y1: 0, x2: page.width as i32, y2: page.height as i32 };
    let data = page.pixels.as_flattened().to_vec();
    let frame = Frame::new(bounds, Depth::Byte, Components::Rgb, data).expect("a frame");
    let (settings, provenance) = (WriteSettings::default(), Provenance::default());
    write_picture(path, &Picture::new(frame), &settings, &provenance).unwrap_or_else(|error| panic!("{error}"));
}
