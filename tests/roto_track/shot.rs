//! The fixtures' shot in the host of the tests, and what the tests ask of it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use headless::host::{
    Bundle, ClipFormat, Depth, Frame, ImageSource, Instance, InstanceOptions, NoPicture, Plugin, Profile, RectD, RectI,
    RenderRequest, SourceError, Value,
};
use headless::sequence::read_picture;

use super::support::*;

pub const EACH_FRAME: i32 = 1;

/// A tiny model: its folder among the fixtures, its choice in the panel, the side of its pictures.
#[derive(Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub choice: i32,
    pub side: i32,
}

pub const SAM3: Model = Model { name: "sam3", choice: 1, side: 112 };
pub const SAM2: Model = Model { name: "sam2", choice: 2, side: 128 };
pub const MODELS: [Model; 2] = [SAM3, SAM2];

/// Told of every frame that is fetched.
pub type Watch = Arc<Mutex<Option<Box<dyn Fn(f64) + Send>>>>;

/// The shot of 24 frames that the fixtures are about, over and over.
#[derive(Clone)]
pub struct Shot {
    frames: Arc<Vec<Frame>>,
    range: (f64, f64),
    missing: Vec<f64>,
    pub watch: Watch,
}

impl Shot {
    pub fn of(model: Model, first: f64, last: f64) -> Self {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("resources/export/fixtures").join(model.name);
        let strip = read_picture(&file.join("frames.png")).expect("a PNG").frame;
        let bounds = RectI { x1: 0, y1: 0, x2: model.side, y2: model.side };
        let rows: Vec<&[u8]> = (0..strip.height()).map(|y| strip.row(y)).collect();
        let frame = |rows: &[&[u8]]| Frame::new(bounds, strip.depth(), strip.components(), rows.concat()).unwrap();
        let frames = Arc::new(rows.chunks(model.side as usize).map(frame).collect());
        Self { frames, range: (first, last), missing: Vec::new(), watch: Watch::default() }
    }

    pub fn over(first: f64, last: f64) -> Self {
        Self::of(SAM2, first, last)
    }

    pub fn without(self, missing: &[f64]) -> Self {
        Self { missing: missing.to_vec(), ..self }
    }
}

impl ImageSource for Shot {
    fn range(&self) -> (f64, f64) {
        self.range
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(self.frames[0].depth(), self.frames[0].components())
    }

    fn rod(&self, _: f64) -> RectD {
        let side = self.frames[0].width() as f64;
        RectD { x1: 0.0, y1: 0.0, x2: side, y2: side }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        if let Some(watch) = &*self.watch.lock().unwrap() {
            watch(time);
        }
        if self.missing.contains(&time) {
            return Err(NoPicture.into());
        }
        // Between two frames the earlier one.
        Ok(self.frames[(time.floor() as i64).rem_euclid(self.frames.len() as i64) as usize].clone())
    }
}

pub fn opened() -> (Bundle, Plugin) {
    open(Profile::Strict).expect("the bundle was there outside")
}

pub fn instance(plugin: &Plugin, shot: &Shot, model: Model) -> Instance {
    let mut options = InstanceOptions { depth: Some(Depth::Float), interactive: true, ..InstanceOptions::default() };
    options.clips.insert("Source".into(), Box::new(shot.clone()));
    let instance = Instance::create(plugin, options).expect("the instance is made");
    instance.set("model", Value::Integer(model.choice)).unwrap();
    // A wide edge: most logits show.
    instance.set("softness", Value::Double(1.0)).unwrap();
    instance
}

/// Keys a point of an object at a frame.
pub fn key(instance: &Instance, slot: usize, time: f64, at: [f64; 2]) {
    instance.set(&format!("point{slot}Use"), Value::Boolean(true)).unwrap();
    instance.set_key(&format!("point{slot}Position"), time, Value::Double2D(at)).unwrap();
}

/// The frames' mattes in the order of `times`, asked for in another order.
pub fn mattes_asked(instance: &Instance, times: &[f64], order: &[usize]) -> Vec<Vec<f32>> {
    let mut mattes = vec![Vec::new(); times.len()];
    for &index in order {
        mattes[index] = matte(instance, times[index]);
    }
    mattes
}

pub fn mattes(instance: &Instance, times: &[f64]) -> Vec<Vec<f32>> {
    mattes_asked(instance, times, &(0..times.len()).collect::<Vec<_>>())
}

pub fn matte(instance: &Instance, time: f64) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(time)).frame)
}

pub fn times(first: i32, last: i32) -> Vec<f64> {
    (first..=last).map(f64::from).collect()
}

pub fn decoded(bundle: &Bundle) -> u64 {
    counter(bundle, "decoder_runs")
}

pub fn status(instance: &Instance) -> String {
    // Anything the user does lets the panel catch up.
    instance.set("invert", Value::Boolean(false)).unwrap();
    let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
    line
}
