//! Host characters, as one table of data.
//!
//! What each real host does is from its public documentation and source, from plugins that work round it, and from running Natron and
//! MLT. A profile imitates what plugins have stumbled over; it is no promise about a host's every version.

use super::{Components, Context, Depth, ParamKind};
use serde::{Deserialize, Serialize};

/// A host whose character can be imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The specification to the letter, everything offered, rows padded, the output larger than what is to be rendered.
    Strict,
    /// Foundry Nuke.
    Nuke,
    /// Blackmagic DaVinci Resolve.
    Resolve,
    /// Blackmagic Fusion.
    Fusion,
    /// Natron.
    Natron,
    /// MLT, as in Kdenlive and Shotcut.
    Mlt,
}

impl Profile {
    /// Every profile.
    pub const ALL: &'static [Self] = &[Self::Strict, Self::Nuke, Self::Resolve, Self::Fusion, Self::Natron, Self::Mlt];

    /// Its traits.
    pub fn character(self) -> &'static Character {
        match self {
            Self::Strict => &STRICT,
            Self::Nuke => &NUKE,
            Self::Resolve => &RESOLVE,
            Self::Fusion => &FUSION,
            Self::Natron => &NATRON,
            Self::Mlt => &MLT,
        }
    }

    /// The name that stands for it on a command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Nuke => "nuke",
            Self::Resolve => "resolve",
            Self::Fusion => "fusion",
            Self::Natron => "natron",
            Self::Mlt => "mlt",
        }
    }
}

/// What a host says about the scale of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageScale {
    /// The scale of the render.
    Right,
    /// 1, whatever it is.
    AlwaysOne,
    /// The inverse of the render's.
    Inverse,
}

/// What a host gives when an image of an unconnected clip is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyImage {
    /// A failure and a null handle.
    Fails,
    /// Success and an image without data.
    WithoutData,
}

/// Which message suites a host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageSuites {
    /// Version 1.
    FirstOnly,
    /// Versions 1 and 2.
    Both,
    /// Versions 1 and 2, the second with null members for what it adds.
    BothButEmpty,
}

/// What the multi-thread suite does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// Runs threads.
    Real,
    /// Claims one processor and runs on the caller.
    Dummy,
}

/// The traits of a host. Start from a profile's and change single ones to see what each does to a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Character {
    /// The name that the host gives itself to plugins.
    pub name: &'static str,
    /// Its name for users.
    pub label: &'static str,
    /// Its version.
    pub version: &'static [i32],
    /// OFX version that it claims; properties that came later do not exist.
    pub api: (i32, i32),
    /// Contexts, favourite first.
    pub contexts: &'static [Context],
    /// Depths of images.
    pub depths: &'static [Depth],
    /// Channels of images.
    pub components: &'static [Components],
    /// Renders parts of frames.
    pub tiles: bool,
    /// Inputs may differ in size and origin.
    pub multi_resolution: bool,
    /// Effects may look at other times; else every time gives the current frame.
    pub temporal_access: bool,
    /// Clips may differ in depth.
    pub multiple_depths: bool,
    /// Clips may differ in pixel aspect ratio.
    pub multiple_pixel_aspects: bool,
    /// Row bytes are negative: the top row comes first in memory.
    pub negative_rows: bool,
    /// Bytes behind each row.
    pub row_padding: usize,
    /// Pixels by which input images are larger than what is in them, on every side; black.
    pub input_margin: i32,
    /// Pixels by which the output image is larger than the render window, on every side.
    pub output_margin: i32,
    /// What images say about their scale.
    pub image_scale: ImageScale,
    /// Pixel aspect ratios are given as 0.
    pub pixel_aspect_zero: bool,
    /// All images are called unpremultiplied.
    pub always_unpremultiplied: bool,
    /// Progressive frames are rendered as "both fields".
    pub says_both_fields: bool,
    /// Unconnected clips claim to be connected.
    pub claims_connected: bool,
    /// Unconnected clips have no depth and no components; else those of the project.
    pub unconnected_is_none: bool,
    /// What fetching from an unconnected clip gives.
    pub empty_image: EmptyImage,
    /// Text can have keys.
    pub string_animation: bool,
    /// Check boxes can have keys.
    pub boolean_animation: bool,
    /// Choices can have keys.
    pub choice_animation: bool,
    /// Custom parameters can have keys.
    pub custom_animation: bool,
    /// Effects can see keys; else they count none though values move.
    pub shows_keys: bool,
    /// Copying parameters works; else it succeeds and does nothing.
    pub copies_params: bool,
    /// Parameter kinds that are refused.
    pub refused_params: &'static [ParamKind],
    /// Defaults of positions are fractions of the project unless the effect says otherwise.
    pub normalised_defaults: bool,
    /// Sliders without a display range of their own reach from -1 to 1.
    pub narrow_ranges: bool,
    /// Writing parameters while an instance is created is refused.
    pub refuses_writes_in_create: bool,
    /// Setting a property that the host does not know is refused; else it is kept.
    pub fixed_properties: bool,
    /// Works without a user interface.
    pub is_background: bool,
    /// Every frame gets an instance of its own, unless the effect is not thread safe at all.
    pub fresh_instances: bool,
    /// Load and describe are repeated for every instance, after an unload at discovery.
    pub repeats_describe: bool,
    /// Load and describe must be answered with OK and nothing else.
    pub insists_on_ok: bool,
    /// Tells the effect of changes.
    pub instance_changed: bool,
    /// Asks whether the effect is an identity.
    pub asks_identity: bool,
    /// Renders even when the effect calls itself an identity.
    pub renders_identity: bool,
    /// Asks which frames are needed.
    pub asks_frames_needed: bool,
    /// Asks for the region of definition.
    pub asks_region_of_definition: bool,
    /// Does not render an effect that shows a persistent error.
    pub must_clear_errors: bool,
    /// Renders an effect although a clip that it demands is not connected.
    pub renders_unconnected: bool,
    /// Shows overlays.
    pub overlays: bool,
    /// Offers the draw suite.
    pub draw_suite: bool,
    /// Message suites.
    pub messages: MessageSuites,
    /// Highest version of the progress suite; 0 for none.
    pub progress: i32,
    /// Offers the time line suite.
    pub time_line: bool,
    /// What the multi-thread suite does.
    pub threads: Threads,
}

impl Character {
    /// Whether parameters of this kind can have keys.
    pub fn animates(&self, kind: ParamKind) -> bool {
        match kind {
            ParamKind::String => self.string_animation,
            ParamKind::Boolean => self.boolean_animation,
            ParamKind::Choice => self.choice_animation,
            ParamKind::Custom => self.custom_animation,
            ParamKind::Group | ParamKind::Page | ParamKind::PushButton => false,
            _ => true,
        }
    }
}

/// A constant, so that the other hosts can be told by their differences.
const SPECIFICATION: Character = Character {
    name: "org.sam3roto.headless",
    label: "sam3roto",
    version: &[0, 1, 0],
    api: (1, 5),
    contexts: &[Context::General, Context::Filter, Context::Generator, Context::Transition, Context::Retimer],
    depths: Depth::ALL,
    components: Components::ALL,
    tiles: true,
    multi_resolution: true,
    temporal_access: true,
    multiple_depths: false,
    multiple_pixel_aspects: false,
    negative_rows: false,
    row_padding: 16,
    input_margin: 0,
    output_margin: 2,
    image_scale: ImageScale::Right,
    pixel_aspect_zero: false,
    always_unpremultiplied: false,
    says_both_fields: false,
    claims_connected: false,
    unconnected_is_none: true,
    empty_image: EmptyImage::Fails,
    string_animation: true,
    boolean_animation: true,
    choice_animation: true,
    custom_animation: true,
    shows_keys: true,
    copies_params: true,
    refused_params: &[],
    normalised_defaults: false,
    narrow_ranges: false,
    refuses_writes_in_create: true,
    fixed_properties: true,
    is_background: false,
    fresh_instances: false,
    repeats_describe: false,
    insists_on_ok: false,
    instance_changed: true,
    asks_identity: true,
    renders_identity: false,
    asks_frames_needed: true,
    asks_region_of_definition: true,
    must_clear_errors: false,
    renders_unconnected: false,
    overlays: true,
    draw_suite: true,
    messages: MessageSuites::Both,
    progress: 2,
    time_line: true,
    threads: Threads::Real,
};

static STRICT: Character = SPECIFICATION;

static NUKE: Character = Character {
    name: "uk.co.thefoundry.nuke",
    label: "Nuke",
    version: &[17, 0, 1],
    api: (1, 4),
    contexts: &[Context::General, Context::Filter, Context::Generator, Context::Transition, Context::Retimer],
    depths: &[Depth::Float],
    components: &[Components::Rgba, Components::Alpha],
    row_padding: 0,
    output_margin: 0,
    normalised_defaults: true,
    fixed_properties: false,
    must_clear_errors: true,
    draw_suite: false,
    progress: 1,
    ..SPECIFICATION
};

static RESOLVE: Character = Character {
    name: "DaVinciResolve",
    label: "DaVinci Resolve",
    version: &[14, 3, 0],
    api: (1, 3),
    contexts: &[Context::Filter, Context::General, Context::Generator, Context::Transition],
    depths: &[Depth::Float, Depth::Short, Depth::Byte],
    components: &[Components::Rgba],
    tiles: false,
    multi_resolution: false,
    row_padding: 0,
    output_margin: 0,
    image_scale: ImageScale::AlwaysOne,
    claims_connected: true,
    unconnected_is_none: false,
    string_animation: false,
    copies_params: false,
    refused_params: &[ParamKind::Integer2D, ParamKind::Integer3D],
    narrow_ranges: true,
    refuses_writes_in_create: false,
    fixed_properties: false,
    renders_identity: true,
    renders_unconnected: true,
    asks_region_of_definition: false,
    draw_suite: false,
    messages: MessageSuites::BothButEmpty,
    progress: 1,
    threads: Threads::Dummy,
    ..SPECIFICATION
};

static FUSION: Character = Character {
    name: "com.blackmagicdesign.Fusion",
    label: "Fusion",
    version: &[19, 0, 0],
    api: (1, 0),
    contexts: &[Context::Filter, Context::General, Context::Generator, Context::Transition],
    depths: &[Depth::Float, Depth::Short, Depth::Byte],
    components: &[Components::Rgba],
    tiles: false,
    multi_resolution: false,
    row_padding: 0,
    output_margin: 0,
    image_scale: ImageScale::Inverse,
    pixel_aspect_zero: true,
    string_animation: false,
    refuses_writes_in_create: false,
    fixed_properties: false,
    draw_suite: false,
    messages: MessageSuites::FirstOnly,
    progress: 1,
    ..SPECIFICATION
};

static NATRON: Character = Character {
    name: "fr.inria.Natron",
    label: "Natron",
    version: &[2, 5, 0],
    api: (1, 4),
    contexts: &[Context::General, Context::Filter, Context::Generator, Context::Transition, Context::Paint],
    depths: &[Depth::Float, Depth::Short, Depth::Byte],
    components: &[Components::Rgba, Components::Alpha, Components::Rgb],
    row_padding: 0,
    output_margin: 0,
    refuses_writes_in_create: false,
    draw_suite: false,
    progress: 2,
    ..SPECIFICATION
};

static MLT: Character = Character {
    name: "org.mltframework",
    label: "MLT",
    version: &[7, 41, 0],
    contexts: &[Context::Filter],
    components: &[Components::Rgba, Components::Rgb],
    tiles: false,
    multi_resolution: false,
    temporal_access: false,
    negative_rows: true,
    row_padding: 0,
    output_margin: 0,
    always_unpremultiplied: true,
    says_both_fields: true,
    empty_image: EmptyImage::WithoutData,
    string_animation: false,
    boolean_animation: false,
    choice_animation: false,
    custom_animation: false,
    shows_keys: false,
    refuses_writes_in_create: false,
    fixed_properties: false,
    is_background: true,
    fresh_instances: true,
    repeats_describe: true,
    insists_on_ok: true,
    instance_changed: false,
    asks_identity: false,
    asks_frames_needed: false,
    overlays: false,
    draw_suite: false,
    ..SPECIFICATION
};
