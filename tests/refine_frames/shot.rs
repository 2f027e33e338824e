//! A disc that moves over a ground of stripes, and its matte that jitters: the shot of the tests of RAFTRefine.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::{Arc, Mutex};

use headless::host::{
    Bundle, ClipFormat, Components, Depth, Frame, ImageSource, Instance, InstanceOptions, NoPicture, Plugin, Profile,
    RectD, RectI, RenderRequest, SourceError, Value,
};

use super::support::*;

/// The effect under test.
pub const REFINE: &str = "org.sam3roto.TemporalRefine";
/// The frame's size.
pub const SIZE: [i32; 2] = [192, 128];
/// Pixels by which the disc moves to the right from frame to frame.
pub const STEP: f32 = 2.0;

/// Pixels by which the matte is off, by frame.
const JITTER: [f32; 9] = [2.1, -2.6, 0.4, 2.9, -1.7, -0.3, 2.4, -2.9, 1.2];

/// What a clip shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The disc on its ground, opaque.
    Picture,
    /// The same with the jittering matte in alpha.
    PictureWithMatte,
    /// The matte, its edge off by some pixels in each frame.
    Matte,
    /// The matte as it should be.
    Truth,
    /// Samples that are no numbers.
    Nonsense,
}

/// One of the shot's clips.
#[derive(Clone)]
pub struct Shot {
    pub shows: Shows,
    pub range: (f64, f64),
    /// Frames without a picture.
    pub missing: Vec<f64>,
    /// Frames that are black.
    pub black: Vec<f64>,
    /// From this frame on the ground is another and the disc stands elsewhere.
    pub cut_at: f64,
    /// Pixels by which the disc moves.
    pub step: f32,
    /// Where the lower left corner lies, and the size.
    pub bounds: RectI,
    /// Which frames were fetched.
    pub fetched: Arc<Mutex<Vec<f64>>>,
}

impl Shot {
    pub fn of(shows: Shows, first: f64, last: f64) -> Self {
        Self {
            shows,
            range: (first, last),
            missing: Vec::new(),
            black: Vec::new(),
            cut_at: f64::INFINITY,
            step: STEP,
            bounds: RectI { x1: 0, y1: 0, x2: SIZE[0], y2: SIZE[1] },
            fetched: Arc::default(),
        }
    }

    fn pixel(&self, time: f64, x: i32, y: i32) -> [f32; 4] {
        if self.black.contains(&time) {
            return [0.0, 0.0, 0.0, if self.shows == Shows::Picture { 1.0 } else { 0.0 }];
        }
        let other_shot = time >= self.cut_at;
        let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
        let middle = 60.0 + self.step * time as f32 + if other_shot { 50.0 } else { 0.0 };
        let jitter = JITTER[(time.floor() as i64).rem_euclid(JITTER.len() as i64) as usize];
        let disc = |middle: f32| (30.5 - (x - middle).hypot(y - 64.0)).clamp(0.0, 1.0);
        let alpha = match self.shows {
            Shows::Truth => disc(middle),
            Shows::Nonsense => f32::NAN,
            _ => disc(middle + jitter),
        };
        if matches!(self.shows, Shows::Matte | Shows::Truth | Shows::Nonsense) {
            return [alpha; 4];
        }
        let ground = |x: f32, y: f32| 0.45 + 0.2 * (x * 0.31).sin() + 0.2 * (y * 0.23 + x * 0.04).cos();
        let figure = |x: f32, y: f32| 0.5 + 0.25 * (x * 0.5).sin() * (y * 0.4).cos() + 0.2 * (y * 0.7 + x * 0.3).sin();
        let inside = disc(middle);
        let (own, behind) = (figure(x - middle, y - 64.0), if other_shot { 1.0 - ground(y, x) } else { ground(x, y) });
        let value = behind + inside * (own - behind);
        [value, value * 0.8, 0.3 + 0.4 * inside, if self.shows == Shows::Picture { 1.0 } else { alpha }]
    }
}

impl ImageSource for Shot {
    fn range(&self) -> (f64, f64) {
        self.range
    }

    fn format(&self) -> ClipFormat {
        ClipFormat {
            premultiplication: headless::host::Premultiplication::Unpremultiplied,
            ..ClipFormat::new(Depth::Float, Components::Rgba)
        }
    }

    fn rod(&self, _: f64) -> RectD {
        let RectI { x1, y1, x2, y2 } = self.bounds;
        RectD { x1: x1.into(), y1: y1.into(), x2: x2.into(), y2: y2.into() }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        self.fetched.lock().unwrap().push(time);
        if self.missing.contains(&time) {
            return Err(NoPicture.into());
        }
        let RectI { x1, y1, x2, y2 } = self.bounds;
        let rows = (y1..y2).rev().flat_map(|y| (x1..x2).map(move |x| (x, y)));
        let data = rows.flat_map(|(x, y)| self.pixel(time, x, y)).flat_map(f32::to_ne_bytes).collect();
        let frame = Frame::new(self.bounds, Depth::Float, Components::Rgba, data)?;
        Ok(frame.with_premultiplication(headless::host::Premultiplication::Unpremultiplied))
    }
}

pub fn opened(profile: Profile) -> Option<(Bundle, Plugin)> {
    let (bundle, _) = open(profile)?;
    let plugin = bundle.plugin(REFINE).expect("the bundle has RAFTRefine");
    Some((bundle, plugin))
}

/// An instance with a picture on Source and, where there is one, a matte on Matte.
pub fn instance(plugin: &Plugin, source: &Shot, matte: Option<&Shot>) -> Instance {
    let mut options = InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() };
    options.clips.insert("Source".into(), Box::new(source.clone()));
    if let Some(matte) = matte {
        options.clips.insert("Matte".into(), Box::new(matte.clone()));
    }
    let instance = Instance::create(plugin, options).expect("the instance is made");
    // The samples are display-referred.
    instance.set("sourceEncoding", Value::Integer(1)).unwrap();
    instance
}

/// An instance with the shot's picture and its jittering matte.
pub fn jittering(plugin: &Plugin, first: f64, last: f64) -> Instance {
    instance(plugin, &Shot::of(Shows::Picture, first, last), Some(&Shot::of(Shows::Matte, first, last)))
}

pub fn matte(instance: &Instance, time: f64) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(time)).frame)
}

/// What a clip holds at a time.
pub fn held(shot: &Shot, time: f64) -> Vec<f32> {
    alpha(&shot.frame(time).unwrap())
}

/// The mean squared difference.
pub fn error(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "mattes of one size");
    a.iter().zip(b).map(|(a, b)| f64::from((a - b) * (a - b))).sum::<f64>() / a.len() as f64
}

pub fn said(instance: &Instance) -> String {
    instance.persistent_message().map(|message| message.text).unwrap_or_default()
}

pub fn status(instance: &Instance) -> String {
    // Anything the user does lets the panel catch up.
    instance.set("effectVersion", Value::Text("1".into())).unwrap();
    let Value::Text(line) = instance.get("status").unwrap() else { panic!("the status is no text") };
    line
}

/// Pairs of frames whose motion was found so far in this process.
pub fn pairs_found(bundle: &Bundle) -> u64 {
    report(bundle, "doctor")["motions"]["misses"].as_u64().expect("the motions are counted")
}
