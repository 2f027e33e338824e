//! The prompts in a job file of the `sam3roto render` command. The only place that knows the names of the effect's parameters.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Point slots of the effect.
pub const SLOTS: usize = 8;

/// The effect that the demo renders.
pub const EFFECT: &str = "org.sam3roto.Roto";

/// Names of the parameters of a point slot, counted from 1.
pub fn point_use(slot: usize) -> String {
    format!("point{slot}Use")
}
/// See [`point_use`].
pub fn point_type(slot: usize) -> String {
    format!("point{slot}Type")
}
/// See [`point_use`].
pub fn point_position(slot: usize) -> String {
    format!("point{slot}Position")
}
/// The box's switch.
pub const BOX_USE: &str = "boxUse";
/// Two opposite corners of the box.
pub const BOX_CORNERS: [&str; 2] = ["boxCorner1", "boxCorner2"];
/// The value of a point's type that keeps it out of the matte.
pub const EXCLUDE: &str = "Exclude";

/// A point prompt, in pixels from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub x: f64,
    pub y: f64,
    pub include: bool,
}

/// The prompts that speak for a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompts {
    /// Whether the frame has keyframes of its own; otherwise positions are those between its neighbours'.
    pub keyed: bool,
    pub points: Vec<Mark>,
    /// Left, top, right, bottom, from the top left corner.
    pub r#box: Option<[f64; 4]>,
}

/// The part of a job file that holds prompts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Job {
    set: BTreeMap<String, toml::Value>,
    key: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

impl Job {
    /// Reads a job file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        Self::parse(&text).map_err(|problem| Error::Invalid { path: path.to_owned(), problem })
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// Frames with keyframes of prompts, ascending.
    pub fn prompt_frames(&self) -> Vec<i32> {
        let mut frames: Vec<i32> =
            self.key.values().flat_map(|keys| keys.keys()).filter_map(|frame| frame.parse().ok()).collect();
        frames.sort_unstable();
        frames.dedup();
        frames
    }

    /// The prompts at a frame of a picture `height` pixels high. The nearest earlier prompt frame (else the nearest later) says which
    /// speak; positions are interpolated linearly.
    pub fn at(&self, frame: i32, height: f64) -> Prompts {
        let frames = self.prompt_frames();
        let governing = frames.iter().rev().find(|&&key| key <= frame).or(frames.first()).copied().unwrap_or(frame);
        let points = (1..=SLOTS).filter(|&slot| self.is_on(&point_use(slot), governing)).filter_map(|slot| {
            let [x, y] = self.position(&point_position(slot), frame, height)?;
            Some(Mark { x, y, include: !self.excludes(slot) })
        });
        let corners = BOX_CORNERS.map(|name| self.position(name, frame, height));
        let r#box = match corners {
            [Some(a), Some(b)] if self.is_on(BOX_USE, governing) => {
                Some([a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])])
            }
            _ => None,
        };
        Prompts { keyed: frames.binary_search(&frame).is_ok(), points: points.collect(), r#box }
    }

    fn excludes(&self, slot: usize) -> bool {
        match self.set.get(&point_type(slot)) {
            Some(toml::Value::String(label)) => label.eq_ignore_ascii_case(EXCLUDE),
            Some(toml::Value::Integer(number)) => *number == 1,
            _ => false,
        }
    }

    /// A switch: its value, or that of its latest keyframe.
    fn is_on(&self, name: &str, frame: i32) -> bool {
        let keys = self.key.get(name).map(numbered).unwrap_or_default();
        let keyed = keys.range(..=frame).next_back().or_else(|| keys.iter().next());
        match keyed.map(|(_, value)| *value).or_else(|| self.set.get(name)) {
            Some(toml::Value::Boolean(on)) => *on,
            Some(toml::Value::Integer(number)) => *number != 0,
            _ => false,
        }
    }

    /// A position from the top left corner.
    fn position(&self, name: &str, frame: i32, height: f64) -> Option<[f64; 2]> {
        let Some(keys) = self.key.get(name).map(numbered).filter(|keys| !keys.is_empty()) else {
            return position(self.set.get(name)?, height);
        };
        let before = keys.range(..=frame).next_back();
        let after = keys.range(frame..).next();
        let (first, second) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (Some(only), None) | (None, Some(only)) => (only, only),
            (None, None) => return None,
        };
        let (a, b) = (position(first.1, height)?, position(second.1, height)?);
        let span = second.0 - first.0;
        let share = if span == 0 { 0.0 } else { f64::from(frame - first.0) / f64::from(span) };
        Some([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share])
    }
}

fn numbered(keys: &BTreeMap<String, toml::Value>) -> BTreeMap<i32, &toml::Value> {
    keys.iter().filter_map(|(frame, value)| Some((frame.parse().ok()?, value))).collect()
}

/// "640,360" and [640, 360] count y up from the bottom, "tl:640,360" down from the top.
fn position(value: &toml::Value, height: f64) -> Option<[f64; 2]> {
    let number = |value: &toml::Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    match value {
        toml::Value::Array(both) => match both.as_slice() {
            [x, y] => Some([number(x)?, height - number(y)?]),
            _ => None,
        },
        toml::Value::String(text) => {
            let (pair, from_top) = match text.strip_prefix("tl:") {
                Some(rest) => (rest, true),
                None => (text.as_str(), false),
            };
            let (x, y) = pair.split_once(',')?;
            let (x, y): (f64, f64) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
            Some([x, if from_top { y } else { height - y }])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    const JOB: &str = r#"
        [set]
        point1Use = true
        point2Use = true
        point2Type = "Exclude"
        point2Position = [10, 20]
        boxUse = true
        boxCorner1 = "tl:50,60"
        boxCorner2 = "tl:5,6"
        [key.point1Position]
        10 = "tl:100,40"
        20 = "tl:200,60"
    "#;

    #[test]
    fn positions_between_keys_are_interpolated_and_sides_hold() {
        let job = Job::parse(JOB).unwrap();
        let point = |frame| (job.at(frame, 100.0).points[0].x, job.at(frame, 100.0).points[0].y);
        assert_eq!(
            (point(1), point(10), point(15), point(99)),
            ((100.0, 40.0), (100.0, 40.0), (150.0, 50.0), (200.0, 60.0))
        );
        assert_eq!(job.prompt_frames(), [10, 20]);
        assert!(job.at(20, 100.0).keyed && !job.at(15, 100.0).keyed);
    }

    #[test]
    fn values_without_keys_hold_on_every_frame() {
        let prompts = Job::parse(JOB).unwrap().at(12, 100.0);
        assert_eq!(prompts.points[1], Mark { x: 10.0, y: 80.0, include: false });
        assert_eq!(prompts.r#box, Some([5.0, 6.0, 50.0, 60.0]));
    }

    #[test]
    fn switches_hold_their_last_key() {
        let job = Job::parse("[key.point1Use]\n5 = true\n9 = false\n[set]\npoint1Position = \"1,2\"").unwrap();
        let count = |frame| job.at(frame, 10.0).points.len();
        assert_eq!([count(1), count(5), count(8), count(9), count(50)], [1, 1, 1, 0, 0]);
    }

    #[test]
    fn the_demos_prompts_lie_in_its_picture_on_every_frame() {
        let job = Job::read(&Workspace::find().unwrap().path("resources/demo/rabbit.toml")).unwrap();
        for frame in 1..=132 {
            let prompts = job.at(frame, 720.0);
            assert_eq!(prompts.points.len(), SLOTS);
            assert_eq!(prompts.points.iter().filter(|point| point.include).count(), 6);
            let [x1, y1, x2, y2] = prompts.r#box.unwrap();
            assert!(0.0 <= x1 && x1 < x2 && x2 <= 1280.0 && 0.0 <= y1 && y1 < y2 && y2 <= 720.0);
            assert!(prompts.points.iter().all(|point| point.x < 1280.0 && point.y < 720.0));
        }
    }
}
