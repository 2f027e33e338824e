//! Instances of an effect: parameters, clips, renders.

use super::{
    Components, Context, Depth, HostError, ImageSource, Message, Overlay, OverlayView, Plugin, ProgressEvent, RectD, RenderRequest,
    Rendered, Value,
};
use std::collections::BTreeMap;

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

/// How an instance is made.
#[derive(Default)]
pub struct InstanceOptions {
    /// What to use the effect as; none for the host's favourite among those that the effect offers.
    pub context: Option<Context>,
    /// The project; none to follow the first connected clip (a full HD frame at 24 frames per second until there is one).
    pub project: Option<Project>,
    /// The depth that the host would like to work in; none for that of the source.
    pub depth: Option<Depth>,
    /// The channels that the host would like for the output; none for those of the source.
    pub components: Option<Components>,
    /// Clips connected before the instance is created, as when a project is opened.
    pub clips: BTreeMap<String, Box<dyn ImageSource>>,
    /// Values set before the instance is created, as when a project is opened.
    pub values: BTreeMap<String, Value>,
    /// Keys set before the instance is created.
    pub keys: BTreeMap<String, Vec<(f64, Value)>>,
}

/// An instance of an effect. All methods take `&self` and may be called from any thread; renders run at the same time as far as the
/// effect allows (else they wait for each other). Dropping it destroys it; [`Instance::destroy`] also tells what was wrong.
pub struct Instance {}

impl Instance {
    /// Creates an instance: DescribeInContext, CreateInstance, and the clip preferences.
    ///
    /// # Errors
    /// When host and effect share no context or format, an action fails, or the rules are broken.
    pub fn create(plugin: &Plugin, options: InstanceOptions) -> Result<Self, HostError> {
        let _ = (plugin, options);
        todo!()
    }

    /// Sets a parameter as a user does, with the InstanceChanged actions. On an animated parameter this sets a key at the current
    /// time.
    ///
    /// # Errors
    /// [`HostError::NoParam`], [`HostError::ValueType`]; else when an action fails or the rules are broken.
    pub fn set(&self, param: &str, value: Value) -> Result<(), HostError> {
        let _ = (param, value);
        todo!()
    }

    /// Sets a key as a user does.
    ///
    /// # Errors
    /// As [`Instance::set`]; [`HostError::NotAnimated`] where the parameter has no keys.
    pub fn set_key(&self, param: &str, time: f64, value: Value) -> Result<(), HostError> {
        let _ = (param, time, value);
        todo!()
    }

    /// Deletes the key at a time, if there is one. Returns whether there was.
    ///
    /// # Errors
    /// As [`Instance::set_key`].
    pub fn delete_key(&self, param: &str, time: f64) -> Result<bool, HostError> {
        let _ = (param, time);
        todo!()
    }

    /// The value at the current time.
    ///
    /// # Errors
    /// [`HostError::NoParam`]; [`HostError::ValueType`] for groups, pages and buttons.
    pub fn get(&self, param: &str) -> Result<Value, HostError> {
        let _ = param;
        todo!()
    }

    /// The value at a time, interpolated between keys.
    ///
    /// # Errors
    /// As [`Instance::get`].
    pub fn get_at(&self, param: &str, time: f64) -> Result<Value, HostError> {
        let _ = (param, time);
        todo!()
    }

    /// Times of all keys, ascending; empty where the parameter is constant.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn keys(&self, param: &str) -> Result<Vec<f64>, HostError> {
        let _ = param;
        todo!()
    }

    /// Whether the parameter is enabled in the user interface now.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn is_enabled(&self, param: &str) -> Result<bool, HostError> {
        let _ = param;
        todo!()
    }

    /// Whether the parameter is hidden in the user interface now.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn is_secret(&self, param: &str) -> Result<bool, HostError> {
        let _ = param;
        todo!()
    }

    /// Presses a push button as a user does. Returns what the effect told the user meanwhile.
    ///
    /// # Errors
    /// [`HostError::NoParam`], [`HostError::ValueType`] where it is no button; else when an action fails or the rules are broken.
    pub fn press(&self, button: &str) -> Result<Vec<Message>, HostError> {
        let _ = button;
        todo!()
    }

    /// Moves the time line, with an InstanceChanged for the time.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn set_time(&self, time: f64) -> Result<(), HostError> {
        let _ = time;
        todo!()
    }

    /// One of its clips.
    ///
    /// # Errors
    /// [`HostError::NoClip`].
    pub fn clip(&self, name: &str) -> Result<ClipRef<'_>, HostError> {
        let _ = name;
        todo!()
    }

    /// Renders a frame: regions, frames needed, identity, begin sequence, render, end sequence.
    ///
    /// # Errors
    /// [`HostError::NotConnected`] without a required clip, [`HostError::Aborted`], [`HostError::PersistentError`] where the host
    /// insists on that, [`HostError::Source`] when an input frame could not be read, [`HostError::Action`] with what the effect told
    /// the user, and [`HostError::Violations`].
    pub fn render(&self, request: &RenderRequest) -> Result<Rendered, HostError> {
        let _ = request;
        todo!()
    }

    /// The effect's region of definition, canonical.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn region_of_definition(&self, time: f64, scale: (f64, f64)) -> Result<RectD, HostError> {
        let _ = (time, scale);
        todo!()
    }

    /// Raises the abort flag: every running render is asked to stop, and renders begun later too, until [`Instance::resume`].
    pub fn abort(&self) {
        todo!()
    }

    /// Lowers the abort flag.
    pub fn resume(&self) {
        todo!()
    }

    /// Calls `watch` on every progress step; when it returns false the plugin is told to cancel.
    pub fn on_progress(&self, watch: impl Fn(&ProgressEvent) -> bool + Send + Sync + 'static) {
        let _ = watch;
        todo!()
    }

    /// Answers the plugin's yes or no questions. Without this the answer is no.
    pub fn on_question(&self, answer: impl Fn(&str) -> bool + Send + Sync + 'static) {
        let _ = answer;
        todo!()
    }

    /// Takes all messages since the last time.
    pub fn take_messages(&self) -> Vec<Message> {
        todo!()
    }

    /// The message that stands on the node now.
    pub fn persistent_message(&self) -> Option<Message> {
        todo!()
    }

    /// Removes the message that stands on the node, as a user does.
    pub fn clear_persistent_message(&self) {
        todo!()
    }

    /// Asks the effect to write its private data into parameters, as before saving a project.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn sync_private_data(&self) -> Result<(), HostError> {
        todo!()
    }

    /// Asks the effect to drop its caches.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn purge_caches(&self) -> Result<(), HostError> {
        todo!()
    }

    /// Opens the overlay in a viewer; none when the effect has none that this host can show.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn overlay(&self, view: OverlayView) -> Result<Option<Overlay>, HostError> {
        let _ = view;
        todo!()
    }

    /// Destroys the instance.
    ///
    /// # Errors
    /// When the action fails, or the rules were broken now or earlier without being told yet.
    pub fn destroy(self) -> Result<(), HostError> {
        todo!()
    }
}

/// A clip of an instance.
pub struct ClipRef<'a> {
    _instance: &'a Instance,
}

impl ClipRef<'_> {
    /// Connects a source, with the InstanceChanged actions and new clip preferences.
    ///
    /// # Errors
    /// When no format can be agreed on, an action fails or the rules are broken.
    pub fn connect(&self, source: Box<dyn ImageSource>) -> Result<(), HostError> {
        let _ = source;
        todo!()
    }

    /// Takes the source away, with the InstanceChanged actions and new clip preferences.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn disconnect(&self) -> Result<(), HostError> {
        todo!()
    }

    /// Whether a source is connected.
    pub fn is_connected(&self) -> bool {
        todo!()
    }

    /// The agreed depth; none for an unconnected input.
    pub fn depth(&self) -> Option<Depth> {
        todo!()
    }

    /// The agreed channels; none for an unconnected input.
    pub fn components(&self) -> Option<Components> {
        todo!()
    }
}
