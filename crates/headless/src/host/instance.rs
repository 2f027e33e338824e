//! Instances of an effect: creation, clips, destruction. Parameters are in `edit`, rendering in `render`.

use super::action::{Changed, Outcome, act, notify, scope_of};
use super::clip::Clip;
use super::describe::thread_safety;
use super::effect::Effect;
use super::gate::Gate;
use super::negotiate::{Wish, negotiate};
use super::overlay::Shown;
use super::param::default_of;
use super::plugin::PluginInner;
use super::project::describe_project;
use super::property::name;
use super::scope::{Phase, Reason};
use super::session::Session;
use super::suites::canonical_default;
use super::{
    Components, Context, Depth, HostError, ImageSource, Message, Plugin, ProgressEvent, Project, RenderThreadSafety,
    Value, Violation,
};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// How an instance is made.
#[derive(Default)]
pub struct InstanceOptions {
    /// What to use the effect as; none for the host's favourite among those that the effect offers.
    pub context: Option<Context>,
    /// The project; none to follow the clips connected from the start (a full HD frame at 24 frames per second without any).
    pub project: Option<Project>,
    /// The depth that the host would like to work in; none for that of the source.
    pub depth: Option<Depth>,
    /// The channels that the host would like for the output; none for those of the source.
    pub components: Option<Components>,
    /// Whether a user has the effect open in an editor.
    pub interactive: bool,
    /// Whether it is rendered although a clip that the effect demands is not connected, as some hosts do.
    pub render_unconnected: bool,
    /// Whether breaches of the rules are noted for [`Instance::take_violations`] rather than raised as errors, as real hosts do.
    pub tolerant: bool,
    /// Clips connected before the instance is created, as when a project is opened.
    pub clips: BTreeMap<String, Box<dyn ImageSource>>,
    /// Values set before the instance is created, as when a project is opened.
    pub values: BTreeMap<String, Value>,
    /// Keys set before the instance is created.
    pub keys: BTreeMap<String, Vec<(f64, Value)>>,
}

/// An instance of an effect. All methods take `&self` and may be called from any thread; renders run at the same time as far as the
/// effect allows (else they wait for each other). Dropping it destroys it; [`Instance::destroy`] also tells what was wrong.
pub struct Instance {
    pub(super) effect: Arc<Effect>,
    pub(super) session: Arc<Session>,
    /// The descriptor that fresh instances are made from.
    pub(super) descriptor: Arc<Effect>,
    pub(super) context: Context,
    pub(super) wish: Wish,
    pub(super) render_unconnected: bool,
    pub(super) gate: Gate,
    /// Overlays that may still be open: they go before the instance does.
    pub(super) overlays: Mutex<Vec<Weak<Shown>>>,
    /// Dropped last: it keeps the library in memory.
    pub(super) plugin: Arc<PluginInner>,
}

impl Instance {
    /// Creates an instance: DescribeInContext, CreateInstance, and the clip preferences.
    ///
    /// # Errors
    /// When host and effect share no context or format, a named clip or parameter does not exist, an action fails, or the rules are
    /// broken.
    pub fn create(plugin: &Plugin, options: InstanceOptions) -> Result<Self, HostError> {
        let plugin = plugin.inner.clone();
        let context = choose_context(&plugin, options.context)?;
        let descriptor = plugin.describe_in_context(context)?;
        let session = Session::new();
        if options.tolerant {
            session.tolerate();
        }
        let effect = descriptor.instance(context, session.clone());
        let wish = Wish { depth: options.depth, components: options.components };
        let instance = Self {
            effect,
            session,
            descriptor,
            context,
            wish,
            render_unconnected: options.render_unconnected,
            gate: Gate::default(),
            overlays: Mutex::default(),
            plugin,
        };
        for (label, source) in options.clips {
            instance.input(&label)?.connect(Some(Arc::from(source)));
        }
        instance.session.set_project(options.project.unwrap_or_else(|| Project::of(&instance.effect)));
        describe_project(&instance.effect, options.interactive);
        set_defaults(&instance.effect);
        instance.preset(&options.values, &options.keys)?;
        negotiate(&instance.effect, wish)?;
        if !instance.is_fresh_per_frame() {
            give_birth(&instance.effect, wish)?;
        }
        Ok(instance)
    }

    /// Values and keys from a saved project: set without telling the plugin, which does not exist yet.
    fn preset(
        &self,
        values: &BTreeMap<String, Value>,
        keys: &BTreeMap<String, Vec<(f64, Value)>>,
    ) -> Result<(), HostError> {
        for (label, value) in values {
            let param = self.effect.params.find(label)?;
            let datum = param.datum(value)?;
            param.write(|curve| curve.set(0.0, datum));
        }
        for (label, keys) in keys {
            let param = self.keyed_param(label)?;
            for (time, value) in keys {
                let datum = param.datum(value)?;
                param.write(|curve| curve.set_key(*time, datum));
            }
        }
        Ok(())
    }

    /// The context that it was made for.
    pub fn context(&self) -> Context {
        self.context
    }

    /// Whether every frame gets a plugin instance of its own, so that the one behind this node was never created.
    pub(super) fn is_fresh_per_frame(&self) -> bool {
        self.plugin.bundle.host.character.fresh_instances
            && thread_safety(&self.descriptor.properties) != RenderThreadSafety::Unsafe
    }

    /// An input or the output.
    fn any_clip(&self, label: &str) -> Result<Arc<Clip>, HostError> {
        let clips = self.effect.clips();
        let found = clips.iter().find(|clip| clip.name.to_bytes() == label.as_bytes()).cloned();
        found.ok_or_else(|| HostError::NoClip {
            name: label.to_owned(),
            available: clips.iter().map(|clip| clip.label()).collect(),
        })
    }

    /// An input.
    fn input(&self, label: &str) -> Result<Arc<Clip>, HostError> {
        self.any_clip(label)?;
        let inputs = self.effect.inputs();
        let found = inputs.iter().find(|clip| clip.name.to_bytes() == label.as_bytes()).cloned();
        found.ok_or_else(|| HostError::NoClip {
            name: format!("{label} to connect to"),
            available: inputs.iter().map(|clip| clip.label()).collect(),
        })
    }

    /// One of its clips.
    ///
    /// # Errors
    /// [`HostError::NoClip`].
    pub fn clip(&self, label: &str) -> Result<ClipRef<'_>, HostError> {
        Ok(ClipRef { instance: self, clip: self.any_clip(label)? })
    }

    /// Raises the abort flag: every running render is asked to stop, and renders begun later too, until [`Instance::resume`].
    pub fn abort(&self) {
        self.session.set_abort(true);
    }

    /// Lowers the abort flag.
    pub fn resume(&self) {
        self.session.set_abort(false);
    }

    /// Calls `watch` on every progress step; when it returns false the plugin is told to cancel.
    pub fn on_progress(&self, watch: impl Fn(&ProgressEvent) -> bool + Send + Sync + 'static) {
        self.session.watch_progress(Arc::new(watch));
    }

    /// Answers the plugin's yes or no questions. Without this the answer is no.
    pub fn on_question(&self, answer: impl Fn(&str) -> bool + Send + Sync + 'static) {
        self.session.answer_with(Arc::new(answer));
    }

    /// Takes all messages since the last time.
    pub fn take_messages(&self) -> Vec<Message> {
        self.session.take_messages()
    }

    /// Takes the breaches of the rules since the last time, where the instance is tolerant; else they were errors.
    pub fn take_violations(&self) -> Vec<Violation> {
        self.session.take_tolerated()
    }

    /// The message that stands on the node now.
    pub fn persistent_message(&self) -> Option<Message> {
        self.session.persistent()
    }

    /// Removes the message that stands on the node, as a user does.
    pub fn clear_persistent_message(&self) {
        self.session.clear_persistent();
    }

    /// Asks the effect to write its private data into parameters, as before saving a project.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn sync_private_data(&self) -> Result<(), HostError> {
        self.errand(sys::kOfxActionSyncPrivateData, Phase::Sync)
    }

    /// Asks the effect to drop its caches.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn purge_caches(&self) -> Result<(), HostError> {
        self.errand(sys::kOfxActionPurgeCaches, Phase::Query)
    }

    /// Tells the effect that its editor opens.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn begin_edit(&self) -> Result<(), HostError> {
        self.errand(sys::kOfxActionBeginInstanceEdit, Phase::Query)
    }

    /// Tells the effect that its editor closes.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn end_edit(&self) -> Result<(), HostError> {
        self.errand(sys::kOfxActionEndInstanceEdit, Phase::Query)
    }

    /// An action without arguments, where the plugin has an instance.
    fn errand(&self, action: &'static [u8], phase: Phase) -> Result<(), HostError> {
        if self.effect.born.load(Ordering::Acquire) {
            act(&self.effect, scope_of(&self.effect, action, phase), None, None).accept(&self.effect)?;
        }
        Ok(())
    }

    /// Destroys the instance.
    ///
    /// # Errors
    /// When the action fails, or the rules were broken now or earlier without being told yet.
    pub fn destroy(self) -> Result<(), HostError> {
        self.end()
    }

    fn end(&self) -> Result<(), HostError> {
        let overlays = std::mem::take(&mut *self.overlays.lock());
        let closed: Result<(), HostError> =
            overlays.iter().filter_map(Weak::upgrade).try_for_each(|shown| shown.close());
        let buried = bury(&self.effect);
        closed.and(buried)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            log::error!("{error}");
        }
    }
}

fn choose_context(plugin: &PluginInner, asked: Option<Context>) -> Result<Context, HostError> {
    let shared = plugin.contexts();
    let chosen = asked.map_or(shared.first(), |asked| shared.iter().find(|context| **context == asked));
    chosen.copied().ok_or_else(|| HostError::NoContext {
        id: plugin.raw.id.clone(),
        asked,
        offered: plugin.offered_contexts(),
    })
}

/// Creates the plugin's instance and asks for its clip preferences.
pub(super) fn give_birth(effect: &Arc<Effect>, wish: Wish) -> Result<(), HostError> {
    let created = act(effect, scope_of(effect, sys::kOfxActionCreateInstance, Phase::Create), None, None);
    created.accept(effect)?;
    effect.born.store(true, Ordering::Release);
    negotiate(effect, wish)
}

/// Destroys the plugin's instance, if it has one.
pub(super) fn bury(effect: &Arc<Effect>) -> Result<(), HostError> {
    if !effect.born.swap(false, Ordering::AcqRel) {
        return Ok(());
    }
    let action = sys::kOfxActionDestroyInstance;
    let mut outcome: Outcome = act(effect, scope_of(effect, action, Phase::Destroy), None, None);
    let memory = std::mem::take(&mut *effect.session.image_memory.lock()).len();
    if memory > 0 {
        let what = format!("{memory} block(s) of image memory");
        let action = name(action).to_string_lossy().into_owned();
        outcome.findings.violations.push(Violation::LeftOpen { action, what });
    }
    outcome.accept(effect).map(|_| ())
}

/// Puts every parameter at its default, in canonical coordinates.
fn set_defaults(effect: &Effect) {
    let area = effect.session.project().area;
    let (size, offset) = ((area.x2 - area.x1, area.y2 - area.y1), (area.x1, area.y1));
    for param in effect.params.all() {
        if let Some(datum) = default_of(param.kind, &param.properties) {
            let datum = canonical_default(&param, datum, size, offset);
            param.write(|curve| curve.set(0.0, datum));
        }
    }
}

/// A clip of an instance.
pub struct ClipRef<'a> {
    instance: &'a Instance,
    clip: Arc<Clip>,
}

impl ClipRef<'_> {
    /// Connects a source, with the InstanceChanged actions and new clip preferences.
    ///
    /// # Errors
    /// [`HostError::NoClip`] for the output; when no format can be agreed on, an action fails or the rules are broken.
    pub fn connect(&self, source: Box<dyn ImageSource>) -> Result<(), HostError> {
        self.change(Some(Arc::from(source)))
    }

    /// Takes the source away, with the InstanceChanged actions and new clip preferences.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn disconnect(&self) -> Result<(), HostError> {
        self.change(None)
    }

    fn change(&self, source: Option<Arc<dyn ImageSource>>) -> Result<(), HostError> {
        let instance = self.instance;
        instance.input(&self.clip.label())?.connect(source);
        negotiate(&instance.effect, instance.wish)?;
        let time = instance.session.time();
        let outcome = notify(&instance.effect, Reason::User, Changed::Clip(&self.clip.name), time);
        outcome.accept(&instance.effect)?;
        Ok(())
    }

    /// Whether a source is connected.
    pub fn is_connected(&self) -> bool {
        self.clip.source().is_some()
    }

    /// The agreed depth; none for an unconnected input.
    pub fn depth(&self) -> Option<Depth> {
        self.clip.agreed().map(|agreed| agreed.depth)
    }

    /// The agreed channels; none for an unconnected input.
    pub fn components(&self) -> Option<Components> {
        self.clip.agreed().map(|agreed| agreed.components)
    }
}
