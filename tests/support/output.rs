//! MatteOutput in our own host, on pictures that are drawn here.

use std::sync::OnceLock;

use headless::host::{
    Components, Depth, Frame, Instance, InstanceOptions, Plugin, Premultiplication, RectI, Still, Value,
};

use super::strict;

/// The effect under test.
pub const OUTPUT: &str = "org.sam3roto.MatteOutput";

/// What an instance is made of.
#[derive(Default)]
pub struct Setup {
    /// Clips by name.
    pub clips: Vec<(&'static str, Frame)>,
    /// Values by script name.
    pub values: Vec<(&'static str, Value)>,
}

/// The effect in a strict host.
pub fn plugin() -> Option<&'static Plugin> {
    static PLUGIN: OnceLock<Option<Plugin>> = OnceLock::new();
    let find = || Some(strict()?.0.plugin(OUTPUT).expect("the bundle has MatteOutput"));
    PLUGIN.get_or_init(find).as_ref()
}

/// An instance in floating point.
pub fn instance(setup: Setup) -> Option<Instance> {
    let mut options = InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() };
    for (name, frame) in setup.clips {
        options.clips.insert(name.into(), Box::new(Still::new(frame, (0.0, 100.0))));
    }
    options.values = setup.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Some(Instance::create(plugin()?, options).expect("the instance is made"))
}

/// A float frame of RGBA with its lower left corner at 0, 0; `pixel(column, row)`, row 0 at the top.
pub fn drawn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [f32; 4]) -> Frame {
    let mut data = Vec::with_capacity(width * height * 16);
    for y in 0..height {
        for x in 0..width {
            pixel(x, y).iter().for_each(|value| data.extend_from_slice(&value.to_ne_bytes()));
        }
    }
    let bounds = RectI { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
    Frame::new(bounds, Depth::Float, Components::Rgba, data).expect("a frame")
}

/// As [`drawn`], of alpha alone.
pub fn drawn_alpha(width: usize, height: usize, alpha: impl Fn(usize, usize) -> f32) -> Frame {
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let data = rows.flat_map(|(x, y)| alpha(x, y).to_ne_bytes()).collect();
    let bounds = RectI { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
    Frame::new(bounds, Depth::Float, Components::Alpha, data).expect("a frame")
}

/// The colour of the object that [`scene`] draws.
pub const OBJECT: [f32; 3] = [0.8, 0.35, 0.2];

/// A soft disc with a thin line out of it, an island and a hole: how much of a pixel of a frame so large it covers.
pub fn shape(width: usize, height: usize, x: usize, y: usize) -> f32 {
    let (u, v) = ((x as f32 + 0.5) / height as f32, (y as f32 + 0.5) / height as f32);
    let aspect = width as f32 / height as f32;
    let from = |cx: f32, cy: f32, radius: f32, soft: f32| {
        ((radius - (u - cx * aspect).hypot(v - cy)) / soft + 0.5).clamp(0.0, 1.0)
    };
    let hair =
        if u > 0.5 * aspect && u < 0.9 * aspect { (1.0 - ((v - 0.5) * 40.0).abs()).clamp(0.0, 0.8) } else { 0.0 };
    let disc = from(0.4, 0.5, 0.3, 0.06) - from(0.33, 0.42, 0.03, 0.02);
    disc.max(hair).max(from(0.85, 0.15, 0.03, 0.02)).clamp(0.0, 1.0)
}

/// The shape's object in front of a green slope, opaque.
pub fn scene(width: usize, height: usize) -> Frame {
    drawn(width, height, |x, y| {
        let alpha = shape(width, height, x, y);
        let behind = [0.1, 0.6 - 0.2 * y as f32 / height as f32, 0.2];
        let colour = |c: usize| alpha * OBJECT[c] + (1.0 - alpha) * behind[c];
        [colour(0), colour(1), colour(2), 1.0]
    })
    .with_premultiplication(Premultiplication::Opaque)
}

/// The shape's matte.
pub fn matte(width: usize, height: usize) -> Frame {
    drawn_alpha(width, height, |x, y| shape(width, height, x, y))
}

/// Scene and matte, with values.
pub fn on_scene(width: usize, height: usize, values: &[(&'static str, Value)]) -> Option<Instance> {
    let clips = vec![("Source", scene(width, height)), ("Matte", matte(width, height))];
    instance(Setup { clips, values: values.to_vec() })
}
