//! The project that instances live in: picture area, frame rate, time line.

use super::RectD;
use super::effect::Effect;
use super::property::name;
use openfx_sys as sys;

/// The project that an instance lives in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Project {
    /// Picture area, canonical coordinates.
    pub area: RectD,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// Frames per second.
    pub frame_rate: f64,
    /// First and last frame of the time line, both included.
    pub range: (f64, f64),
}

impl Project {
    /// A full HD project of 100 frames at 24 frames per second.
    pub(super) fn usual() -> Self {
        Self { area: RectD::new(0.0, 0.0, 1920.0, 1080.0), pixel_aspect: 1.0, frame_rate: 24.0, range: (1.0, 100.0) }
    }

    /// The project that the connected clips suggest: that of "Source", else of the first.
    pub(super) fn of(effect: &Effect) -> Self {
        let clips = effect.inputs();
        let source = name(sys::kOfxImageEffectSimpleSourceClipName);
        let main = clips.iter().find(|clip| clip.name.as_c_str() == source && clip.source().is_some());
        let main = main.or_else(|| clips.iter().find(|clip| clip.source().is_some())).and_then(|clip| clip.source());
        let Some(main) = main else { return Self::usual() };
        let (format, range) = (main.format(), main.range());
        Self { area: main.rod(range.0), pixel_aspect: format.pixel_aspect, frame_rate: format.frame_rate, range }
    }
}

/// Writes the project into the properties of the instance.
pub(super) fn describe_project(effect: &Effect, interactive: bool) {
    let project = effect.session.project();
    effect.session.set_time(project.range.0);
    let (area, properties) = (project.area, &effect.properties);
    let size = vec![area.x2 - area.x1, area.y2 - area.y1];
    properties.put(name(sys::kOfxImageEffectPropProjectSize), size);
    properties.put(name(sys::kOfxImageEffectPropProjectOffset), vec![area.x1, area.y1]);
    properties.put(name(sys::kOfxImageEffectPropProjectExtent), vec![area.x2, area.y2]);
    properties.put(name(sys::kOfxImageEffectPropProjectPixelAspectRatio), vec![project.pixel_aspect]);
    properties.put(name(sys::kOfxImageEffectPropFrameRate), vec![project.frame_rate]);
    let duration = project.range.1 - project.range.0 + 1.0;
    properties.put(name(sys::kOfxImageEffectInstancePropEffectDuration), vec![duration]);
    properties.put(name(sys::kOfxPropIsInteractive), vec![i32::from(interactive)]);
}

/// Gives a fresh instance the project of its node.
pub(super) fn copy_project(from: &Effect, to: &Effect) {
    let time = from.session.time();
    describe_project(to, from.properties.flag(name(sys::kOfxPropIsInteractive)));
    to.session.set_time(time);
}
