//! What the host asks for, action by action.

use std::ffi::{CStr, CString};
use std::ops::RangeInclusive;

use raster::{Components, Depth, RectI};

use crate::clip::ClipKey;
use crate::names;
use crate::parameters::Key;
use crate::pixels::{Field, Premultiplication, components_name, depth_name, scale};
use crate::properties::{PropertySet, clip_property};

/// What to render.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RenderArgs {
    /// The frame, in the clip's time.
    pub time: f64,
    /// The pixels to write, in pixel coordinates at `scale`.
    pub window: RectI,
    /// Pixels for each canonical unit, x and y; below 1 for proxies. x is also divided by the pixel aspect ratio.
    pub scale: [f64; 2],
    /// Which field.
    pub field: Field,
    /// Frames come in order.
    pub sequential: bool,
    /// The user is waiting for it.
    pub interactive: bool,
    /// A quick look is enough.
    pub draft: bool,
    /// It is for a thumbnail.
    pub thumbnail: bool,
}

/// What a sequence of renders will be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequenceArgs {
    /// First and last frame.
    pub range: [f64; 2],
    /// From frame to frame.
    pub step: f64,
    /// As in [`RenderArgs`].
    pub scale: [f64; 2],
    /// The host is used by a person.
    pub interactive: bool,
    /// Frames come in order.
    pub sequential: bool,
    /// A quick look is enough.
    pub draft: bool,
}

/// Time and scale of a question about regions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegionArgs {
    /// The frame.
    pub time: f64,
    /// As in [`RenderArgs`].
    pub scale: [f64; 2],
}

/// "The output is this clip at that time."
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// The clip to pass through.
    pub clip: ClipKey,
    /// Its frame.
    pub time: f64,
}

/// Why something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The user changed it.
    UserEdited,
    /// The plugin changed it.
    PluginEdited,
    /// Time moved on and it is animated.
    Time,
}

impl Reason {
    /// As the host says; the user where it does not.
    pub(crate) fn of(arguments: &PropertySet<'_>) -> Self {
        if arguments.string_is(names::CHANGE_REASON, names::CHANGE_PLUGIN_EDITED) {
            Self::PluginEdited
        } else if arguments.string_is(names::CHANGE_REASON, names::CHANGE_TIME) {
            Self::Time
        } else {
            Self::UserEdited
        }
    }
}

/// Something changed on the instance. Hosts also name things this effect does not have (Resolve: "Source", "Output",
/// "ResolveUseAlphaForTrackCompositing"): ask with [`Change::is`] and ignore the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Why.
    pub reason: Reason,
    /// At which frame.
    pub time: f64,
    /// As in [`RenderArgs`].
    pub scale: [f64; 2],
    pub(crate) name: CString,
    pub(crate) is_clip: bool,
}

impl Change {
    /// Whether this parameter changed, or this button was pressed.
    #[must_use]
    pub fn is(&self, key: impl Key) -> bool {
        !self.is_clip && self.name.as_c_str() == key.name()
    }

    /// Whether this clip changed.
    #[must_use]
    pub fn is_clip(&self, key: ClipKey) -> bool {
        self.is_clip && self.name.as_c_str() == key.name()
    }

    /// The name of what changed.
    #[must_use]
    pub fn name(&self) -> &CStr {
        &self.name
    }
}

impl RenderArgs {
    pub(crate) fn read(arguments: &PropertySet<'_>) -> Self {
        Self {
            time: time(arguments),
            window: window(arguments),
            scale: scale(arguments.doubles(names::RENDER_SCALE)),
            field: Field::of(arguments, names::FIELD_TO_RENDER),
            sequential: arguments.flag(names::SEQUENTIAL_STATUS).unwrap_or(false),
            interactive: arguments.flag(names::INTERACTIVE_STATUS).unwrap_or(false),
            draft: arguments.flag(names::RENDER_DRAFT).unwrap_or(false),
            thumbnail: thumbnail(arguments),
        }
    }
}

impl SequenceArgs {
    pub(crate) fn read(arguments: &PropertySet<'_>) -> Self {
        Self {
            range: arguments.doubles(names::FRAME_RANGE).unwrap_or([0.0, 0.0]),
            step: arguments.double(names::FRAME_STEP, 0).unwrap_or(1.0),
            scale: scale(arguments.doubles(names::RENDER_SCALE)),
            interactive: arguments
                .flag(names::INTERACTIVE_STATUS)
                .or_else(|| arguments.flag(names::IS_INTERACTIVE))
                .unwrap_or(false),
            sequential: arguments.flag(names::SEQUENTIAL_STATUS).unwrap_or(false),
            draft: arguments.flag(names::RENDER_DRAFT).unwrap_or(false),
        }
    }
}

impl RegionArgs {
    pub(crate) fn read(arguments: &PropertySet<'_>) -> Self {
        Self { time: time(arguments), scale: scale(arguments.doubles(names::RENDER_SCALE)) }
    }
}

impl Change {
    pub(crate) fn read(arguments: &PropertySet<'_>) -> Self {
        Self {
            reason: Reason::of(arguments),
            time: time(arguments),
            scale: scale(arguments.doubles(names::RENDER_SCALE)),
            name: arguments.with_c_string(names::NAME, 0, CStr::to_owned).unwrap_or_default(),
            is_clip: arguments.string_is(names::TYPE, names::TYPE_CLIP),
        }
    }
}

pub(crate) fn time(arguments: &PropertySet<'_>) -> f64 {
    arguments.double(names::TIME, 0).filter(|time| time.is_finite()).unwrap_or(0.0)
}

fn window(arguments: &PropertySet<'_>) -> RectI {
    let [x1, y1, x2, y2] = arguments.ints(names::RENDER_WINDOW).unwrap_or_default();
    RectI { x1, y1, x2, y2 }
}

/// "true" in OpenFX 1.5.1; an int in hosts that took the property for a flag.
fn thumbnail(arguments: &PropertySet<'_>) -> bool {
    arguments
        .with_c_string(names::THUMBNAIL_RENDER, 0, |text| text == c"true")
        .or_else(|| arguments.flag(names::THUMBNAIL_RENDER))
        .unwrap_or(false)
}

/// The answer to "which frames do you need".
pub struct FramesNeeded<'a> {
    pub(crate) answers: &'a PropertySet<'a>,
    pub(crate) clip_ranges: &'a dyn Fn(ClipKey) -> Option<(f64, f64)>,
    pub(crate) counts: Vec<(ClipKey, i32)>,
}

impl FramesNeeded<'_> {
    /// Asks for frames `first..=last` of `clip`, cut to the frames the clip has (at least its nearest one). May be
    /// called several times for a clip.
    pub fn add(&mut self, clip: ClipKey, frames: RangeInclusive<f64>) {
        let (mut first, mut last) = (*frames.start(), *frames.end());
        if first > last || first.is_nan() || last.is_nan() {
            return;
        }
        if let Some((begin, end)) = (self.clip_ranges)(clip) {
            first = first.clamp(begin, end);
            last = last.clamp(begin, end);
        }
        let count = match self.counts.iter_mut().find(|(known, _)| *known == clip) {
            Some((_, count)) => count,
            None => {
                self.counts.push((clip, 0));
                let Some((_, count)) = self.counts.last_mut() else { return };
                count
            }
        };
        let name = clip_property(names::CLIP_FRAMES, clip.name());
        self.answers.offer(&name, *count * 2, first);
        self.answers.offer(&name, *count * 2 + 1, last);
        *count += 1;
    }
}

/// The answer to "what will your output be". What is not said stays as the host would have it.
pub struct ClipPreferences<'a> {
    pub(crate) answers: &'a PropertySet<'a>,
    pub(crate) said: bool,
}

impl ClipPreferences<'_> {
    /// The components of a clip, one of those in its row.
    pub fn components(&mut self, clip: ClipKey, components: Components) {
        self.offer(&clip_property(names::PREFERENCE_COMPONENTS, clip.name()), components_name(components));
    }

    /// The depth of a clip.
    pub fn depth(&mut self, clip: ClipKey, depth: Depth) {
        self.offer(&clip_property(names::PREFERENCE_DEPTH, clip.name()), depth_name(depth));
    }

    /// The pixel aspect ratio of a clip.
    pub fn pixel_aspect(&mut self, clip: ClipKey, aspect: f64) {
        self.offer(&clip_property(names::PREFERENCE_PIXEL_ASPECT, clip.name()), aspect);
    }

    /// How the output's colours relate to its alpha.
    pub fn output_premultiplication(&mut self, premultiplication: Premultiplication) {
        self.offer(names::PREMULTIPLICATION, premultiplication.name());
    }

    /// The output changes over time although no parameter does.
    pub fn frame_varying(&mut self, varying: bool) {
        self.offer(names::FRAME_VARYING, varying);
    }

    /// The output is defined between frames.
    pub fn continuous_samples(&mut self, continuous: bool) {
        self.offer(names::CLIP_CONTINUOUS_SAMPLES, continuous);
    }

    fn offer(&mut self, name: &CStr, value: impl crate::properties::PropertyValue) {
        self.answers.offer(name, 0, value);
        self.said = true;
    }
}
