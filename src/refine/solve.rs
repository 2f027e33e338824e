//! The refined frame.

use flow::{Direction, Flow, FlowError, Neighbour, RefineSettings, edge_motion_blur, refine};
use raster::Plane;

use super::film::Look;
use super::neighbours::{Near, Window};
use super::settings::Settings;
use crate::stages::{self, Stage};

/// Motion in the refined frame and how far it can be trusted, at the working size.
pub struct Step {
    /// To the next frame; where there is none, the opposite of that to the frame before.
    pub flow: Flow,
    /// 0..1.
    pub confidence: Plane<f32>,
}

/// What the panel says, in the words of the library. `scale` is pixels for each canonical unit along y.
pub fn refine_settings(settings: &Settings, scale: f64) -> RefineSettings {
    RefineSettings {
        strength: settings.strength as f32,
        edge_band: (settings.edge_band * scale) as f32,
        keep_contrast: settings.edge_contrast as f32,
        keep_detail: settings.detail_keep as f32,
        remove_pops: settings.remove_pops,
    }
}

/// The matte of a frame that looks so, refined by its neighbours and blurred as the panel says.
///
/// # Errors
/// As [`refine`].
pub fn solve(
    (matte, look): (&Plane<f32>, &Look),
    window: &Window,
    settings: &Settings,
    scale: f64,
) -> Result<Plane<f32>, FlowError> {
    stages::measure(Stage::Refine, || {
        let motions: Vec<(Flow, Plane<f32>)> = window.frames.iter().map(unpacked).collect();
        let neighbours: Vec<Neighbour<'_>> = window
            .frames
            .iter()
            .zip(&motions)
            .map(|(near, (motion, confidence))| Neighbour {
                distance: near.distance,
                matte: &near.matte,
                motion,
                confidence,
                pictures: Some([&look.picture.colours, &near.look.picture.colours]),
            })
            .collect();
        let refined = refine(matte, &neighbours, &refine_settings(settings, scale))?;
        match settings.shutter.zip(step(window)) {
            Some((shutter, step)) => edge_motion_blur(&refined, &step.flow, shutter as f32),
            None => Ok(refined),
        }
    })
}

/// The motion to the next frame; nothing for a frame that stands alone.
pub fn step(window: &Window) -> Option<Step> {
    let near = window.adjacent()?;
    let (mut flow, confidence) = unpacked(near);
    if near.distance < 0 {
        flow.vectors.iter_mut().for_each(|vector| *vector = vector.map(|part| -part));
    }
    Some(Step { flow, confidence })
}

fn unpacked(near: &Near) -> (Flow, Plane<f32>) {
    let direction: Direction = near.motion.direction;
    (near.motion.pair.flow(direction), near.motion.pair.confidence(direction))
}
