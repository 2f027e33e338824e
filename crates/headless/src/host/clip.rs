//! One clip of an effect descriptor or instance.

use super::effect::Effect;
use super::handle::{Handle, Tag};
use super::property::{NAMES, PropertySet, name, text};
use super::{ClipFormat, Components, Depth, ImageSource, Premultiplication, schema};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::ffi::{CStr, CString};
use std::sync::{Arc, Weak};

/// What host and effect agreed on for a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Agreed {
    pub(super) depth: Depth,
    pub(super) components: Components,
    pub(super) premultiplication: Premultiplication,
    pub(super) pixel_aspect: f64,
}

/// A clip.
pub(super) struct Clip {
    pub(super) handle: Handle,
    pub(super) name: CString,
    pub(super) properties: Arc<PropertySet>,
    pub(super) effect: Weak<Effect>,
    state: Mutex<State>,
}

#[derive(Default, Clone)]
struct State {
    source: Option<Arc<dyn ImageSource>>,
    agreed: Option<Agreed>,
}

impl Clip {
    /// A clip as the plugin defines it.
    pub(super) fn describe(effect: &Weak<Effect>, label: &CStr, api: (i32, i32), closed: bool) -> Arc<Self> {
        let properties = PropertySet::new(&[schema::CLIP], api, closed);
        for key in NAMES {
            properties.put(name(key), vec![text(label)]);
        }
        Self::publish(effect.clone(), label.to_owned(), properties)
    }

    /// The same clip in an instance, unconnected.
    pub(super) fn instantiate(&self, effect: &Weak<Effect>, api: (i32, i32)) -> Arc<Self> {
        let properties = self.properties.duplicate();
        properties.add(&[schema::CLIP_INSTANCE], api);
        Self::publish(effect.clone(), self.name.clone(), properties)
    }

    fn publish(effect: Weak<Effect>, label: CString, properties: Arc<PropertySet>) -> Arc<Self> {
        let handle = Handle::reserve(Tag::Object);
        let clip = Arc::new(Self { handle, name: label, properties, effect, state: Mutex::default() });
        clip.handle.publish(&clip);
        clip
    }

    /// Its name as a Rust string.
    pub(super) fn label(&self) -> String {
        self.name.to_string_lossy().into_owned()
    }

    /// Whether this is the effect's output.
    pub(super) fn is_output(&self) -> bool {
        self.name.as_c_str() == name(sys::kOfxImageEffectOutputClipName)
    }

    /// Whether the effect can do without it.
    pub(super) fn is_optional(&self) -> bool {
        self.properties.flag(name(sys::kOfxImageClipPropOptional))
    }

    /// Channels that it accepts, favourite first.
    pub(super) fn accepted(&self) -> Vec<Components> {
        let names = self.properties.all::<Arc<CStr>>(name(sys::kOfxImageEffectPropSupportedComponents));
        names.unwrap_or_default().iter().filter_map(|name| Components::from_ofx(name)).collect()
    }

    /// The connected source.
    pub(super) fn source(&self) -> Option<Arc<dyn ImageSource>> {
        self.state.lock().source.clone()
    }

    /// The format of the connected source.
    pub(super) fn format(&self) -> Option<ClipFormat> {
        self.source().map(|source| source.format())
    }

    /// Connects or disconnects a source.
    pub(super) fn connect(&self, source: Option<Arc<dyn ImageSource>>) {
        self.state.lock().source = source;
    }

    /// What was agreed on.
    pub(super) fn agreed(&self) -> Option<Agreed> {
        self.state.lock().agreed
    }

    /// Notes what was agreed on.
    pub(super) fn agree(&self, agreed: Option<Agreed>) {
        self.state.lock().agreed = agreed;
    }
}
