//! The prompts of a frame, gathered from the host's parameters.
//!
//! A slot is a point or the box. A slot is active at a prompt frame when its "use" is on there. The keyframes of the
//! active slots are the prompt frames; at other frames the governing prompt frame says WHICH slots speak and whether
//! they include or exclude, while their positions are the host's own interpolation at the frame itself, so that a
//! point keyed along a moving object follows it.

use super::geometry::FrameGeometry;
use super::schedule::Schedule;

/// How many point slots the panel has.
pub const POINT_SLOTS: usize = 8;

/// One of the panel's prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A point, counted from 0.
    Point(usize),
    /// The box.
    Box,
}

impl Slot {
    /// All slots of the panel.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..POINT_SLOTS).map(Self::Point).chain([Self::Box])
    }
}

/// What the prompts need to know of the host's parameters. Positions are canonical.
pub trait PromptParameters {
    /// Why a parameter could not be read.
    type Error;
    /// Whether the slot is switched on at `time`.
    fn used(&self, slot: Slot, time: f64) -> Result<bool, Self::Error>;
    /// Whether the point includes (else it excludes) at `time`.
    fn includes(&self, point: usize, time: f64) -> Result<bool, Self::Error>;
    /// The point's position at `time`.
    fn position(&self, point: usize, time: f64) -> Result<[f64; 2], Self::Error>;
    /// Two opposite corners of the box at `time`, in any order.
    fn corners(&self, time: f64) -> Result<[[f64; 2]; 2], Self::Error>;
    /// The times of all keyframes of the slot's parameters, in any order.
    fn key_times(&self, slot: Slot) -> Result<Vec<f64>, Self::Error>;
}

/// A point that speaks for a frame, canonical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointPrompt {
    /// The slot, counted from 0.
    pub slot: usize,
    /// Canonical position.
    pub position: [f64; 2],
    /// Include, else exclude.
    pub include: bool,
}

/// All that speaks for one frame, canonical.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FramePrompts {
    /// Active points in slot order.
    pub points: Vec<PointPrompt>,
    /// The box as left, bottom, right, top.
    pub bounding_box: Option<[f64; 4]>,
}

impl FramePrompts {
    /// Whether nothing speaks.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty() && self.bounding_box.is_none()
    }
}

/// The prompt frames: the key times at which the keyed slot is switched on.
pub fn schedule<P: PromptParameters>(parameters: &P) -> Result<Schedule, P::Error> {
    let mut times = Vec::new();
    for slot in Slot::all() {
        for time in parameters.key_times(slot)? {
            if parameters.used(slot, time)? {
                times.push(time);
            }
        }
    }
    Ok(Schedule::new(times))
}

/// What speaks for the frame at `time`.
///
/// Hosts that animate without telling of keys (MLT counts 0 keys) take the switches at `time` itself.
pub fn prompts_at<P: PromptParameters>(parameters: &P, time: f64) -> Result<FramePrompts, P::Error> {
    let governing = schedule(parameters)?.governing(time).unwrap_or(time);
    let mut prompts = FramePrompts::default();
    for slot in Slot::all() {
        if !parameters.used(slot, governing)? {
            continue;
        }
        match slot {
            Slot::Point(point) => prompts.points.push(PointPrompt {
                slot: point,
                position: parameters.position(point, time)?,
                include: parameters.includes(point, governing)?,
            }),
            Slot::Box => prompts.bounding_box = Some(ordered_box(parameters.corners(time)?)),
        }
    }
    Ok(prompts)
}

/// Left, bottom, right, top of a box given by two opposite corners in any order.
fn ordered_box([a, b]: [[f64; 2]; 2]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])]
}

/// The prompts in a model's pixels, and what had to be left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelPrompts {
    /// Points: x, y in model pixels (y down), include.
    pub points: Vec<([f32; 2], bool)>,
    /// Left, top, right, bottom in model pixels, cut to the picture.
    pub bounding_box: Option<[f32; 4]>,
    /// What was left out, in words for the user.
    pub left_out: Vec<String>,
}

impl ModelPrompts {
    /// Whether anything says what the object is: an include point or the box. Exclude points alone do not.
    pub fn say_what(&self) -> bool {
        self.bounding_box.is_some() || self.points.iter().any(|&(_, include)| include)
    }
}

/// Brings prompts to model pixels. Points off the picture and boxes without area on it are left out and told.
pub fn to_model(prompts: &FramePrompts, geometry: &FrameGeometry) -> ModelPrompts {
    let mut model = ModelPrompts::default();
    for point in &prompts.points {
        let position = geometry.to_model(point.position);
        if geometry.contains(position) {
            model.points.push((position, point.include));
        } else {
            let [x, y] = point.position;
            model.left_out.push(format!(
                "Point {} at {x:.1}, {y:.1} lies outside the picture and is ignored: move it or switch it off.",
                point.slot + 1
            ));
        }
    }
    if let Some(canonical) = prompts.bounding_box {
        match box_to_model(canonical, geometry) {
            Some(clipped) => model.bounding_box = Some(clipped),
            None => model
                .left_out
                .push("The box is empty or outside the picture and is ignored: draw it round the object.".into()),
        }
    }
    model
}

/// A box smaller than this in model pixels, in either direction, holds nothing a model could see.
const SMALLEST_BOX: f32 = 1.0;

fn box_to_model(canonical: [f64; 4], geometry: &FrameGeometry) -> Option<[f32; 4]> {
    let [left, bottom, right, top] = canonical;
    let [x1, y1] = geometry.to_model([left, top]);
    let [x2, y2] = geometry.to_model([right, bottom]);
    let [w, h] = geometry.model_size().map(|n| n as f32);
    let clipped = [x1.max(0.0), y1.max(0.0), x2.min(w), y2.min(h)];
    // A comparison that is false for NaN too.
    let has_area = clipped[2] - clipped[0] >= SMALLEST_BOX && clipped[3] - clipped[1] >= SMALLEST_BOX;
    has_area.then_some(clipped)
}

#[cfg(test)]
#[path = "prompts_tests.rs"]
mod tests;
