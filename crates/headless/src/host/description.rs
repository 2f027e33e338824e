//! What a plugin says about itself, as plain data.

use super::{Components, Context, Depth, HostError, ParamKind, RenderThreadSafety, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// All values of one property, as the plugin or the host set it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PropertyValues {
    /// Whole numbers and flags.
    Int(Vec<i32>),
    /// Numbers.
    Double(Vec<f64>),
    /// Texts.
    Text(Vec<String>),
    /// Pointers: only whether each is set.
    Pointer(Vec<bool>),
}

/// What an effect says about itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// Unique identifier.
    pub id: String,
    /// Major and minor version.
    pub version: (u32, u32),
    /// Name shown to users.
    pub label: String,
    /// Menu path, parts separated by "/".
    pub grouping: String,
    /// What it does, in words.
    pub text: String,
    /// Contexts that it offers, whether or not this host has them.
    pub contexts: Vec<Context>,
    /// Depths that it can handle.
    pub depths: Vec<Depth>,
    /// Its abilities.
    pub flags: EffectFlags,
    /// What it is in each context that host and effect share, the host's favourite first.
    pub described: Vec<ContextDescription>,
    /// Every property of the effect descriptor.
    pub properties: BTreeMap<String, PropertyValues>,
}

/// Abilities of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EffectFlags {
    /// Which renders may overlap.
    pub thread_safety: RenderThreadSafety,
    /// The host may split a render into threads by windows.
    pub host_frame_threading: bool,
    /// Can render parts of a frame.
    pub tiles: bool,
    /// Can handle inputs of different sizes and origins.
    pub multi_resolution: bool,
    /// Looks at other times than the one rendered.
    pub temporal: bool,
    /// Clips may have different depths.
    pub multiple_depths: bool,
    /// Clips may have different pixel aspect ratios.
    pub multiple_pixel_aspects: bool,
    /// Only one instance may exist.
    pub single_instance: bool,
    /// Has an overlay drawn with OpenGL.
    pub overlay_v1: bool,
    /// Has an overlay drawn with the draw suite.
    pub overlay_v2: bool,
}

/// An effect in one context.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContextDescription {
    /// The context.
    pub context: Context,
    /// Clips in the order of definition.
    pub clips: Vec<ClipDescription>,
    /// Parameters in the order of definition.
    pub params: Vec<ParamDescription>,
}

/// One clip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipDescription {
    /// Unique name.
    pub name: String,
    /// Name shown to users.
    pub label: String,
    /// Channels that it accepts, favourite first.
    pub components: Vec<Components>,
    /// May stay unconnected.
    pub optional: bool,
    /// Is a mask.
    pub mask: bool,
    /// Is asked for frames at other times.
    pub temporal: bool,
    /// Every property.
    pub properties: BTreeMap<String, PropertyValues>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParamDescription {
    /// Unique name.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// Name shown to users.
    pub label: String,
    /// Tool tip.
    pub hint: String,
    /// Name of the group that it sits in; empty at the top.
    pub parent: String,
    /// Name for scripts.
    pub script_name: String,
    /// Value at start; none for kinds without a value.
    pub default: Option<Value>,
    /// Smallest and largest value, for numbers; as many entries as the kind has dimensions.
    pub range: Option<(Vec<f64>, Vec<f64>)>,
    /// Smallest and largest value of a slider.
    pub display_range: Option<(Vec<f64>, Vec<f64>)>,
    /// Labels of a choice.
    pub choices: Vec<String>,
    /// May have keys.
    pub animates: bool,
    /// Not shown.
    pub secret: bool,
    /// Can be edited.
    pub enabled: bool,
    /// Every property.
    pub properties: BTreeMap<String, PropertyValues>,
}

impl ContextDescription {
    /// The parameter of this name.
    ///
    /// # Errors
    /// [`HostError::NoParam`] listing what there is.
    pub fn param(&self, name: &str) -> Result<&ParamDescription, HostError> {
        self.params.iter().find(|param| param.name == name).ok_or_else(|| HostError::NoParam {
            name: name.to_owned(),
            available: self.params.iter().map(|param| param.name.clone()).collect(),
        })
    }

    /// The clip of this name.
    ///
    /// # Errors
    /// [`HostError::NoClip`] listing what there is.
    pub fn clip(&self, name: &str) -> Result<&ClipDescription, HostError> {
        self.clips.iter().find(|clip| clip.name == name).ok_or_else(|| HostError::NoClip {
            name: name.to_owned(),
            available: self.clips.iter().map(|clip| clip.name.clone()).collect(),
        })
    }
}

impl ParamDescription {
    /// Reads a value for this parameter from text: see [`ParamKind::parse`].
    ///
    /// # Errors
    /// [`HostError::ValueText`] when the text does not read as such a value.
    pub fn parse(&self, text: &str) -> Result<Value, HostError> {
        self.kind.parse(&self.name, &self.choices, text)
    }
}
