//! What stands behind an image effect handle: a descriptor, a descriptor for one context, or an instance.

use super::action::Entry;
use super::bundle::HostState;
use super::clip::Clip;
use super::handle::{Handle, Tag};
use super::param::Param;
use super::property::{NAMES, PropertySet, name, text, text_of};
use super::scope::Scope;
use super::session::Session;
use super::{Context, HostError, ParamKind, Violation, schema};
use openfx_sys as sys;
use parking_lot::{Mutex, RwLock};
use std::ffi::CStr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

/// What an effect handle stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The plugin in general.
    Descriptor,
    /// The plugin in one context.
    ContextDescriptor,
    /// An instance.
    Instance,
}

/// An effect.
pub(super) struct Effect {
    pub(super) handle: Handle,
    pub(super) host: Arc<HostState>,
    pub(super) id: String,
    /// The plugin's main entry. Called only while the effect's plugin holds the library.
    pub(super) entry: Entry,
    pub(super) role: Role,
    /// Whether the plugin has an instance behind this handle: between create and destroy.
    pub(super) born: AtomicBool,
    pub(super) properties: Arc<PropertySet>,
    pub(super) params: Arc<ParamSet>,
    clips: RwLock<Vec<Arc<Clip>>>,
    /// What outlives the plugin's instance: time, messages, abort. Descriptors have one too, so that messages have a place.
    pub(super) session: Arc<Session>,
    running: Mutex<Vec<Weak<Scope>>>,
    /// Breaches seen outside any action; reported by the next one.
    pub(super) late_violations: Mutex<Vec<Violation>>,
    me: Weak<Effect>,
}

/// The parameters of an effect, behind a handle of their own.
pub(super) struct ParamSet {
    pub(super) handle: Handle,
    pub(super) effect: Weak<Effect>,
    params: RwLock<Vec<Arc<Param>>>,
}

impl ParamSet {
    /// All parameters in the order of definition.
    pub(super) fn all(&self) -> Vec<Arc<Param>> {
        self.params.read().clone()
    }

    /// The parameter of this name.
    pub(super) fn get(&self, label: &CStr) -> Option<Arc<Param>> {
        self.params.read().iter().find(|param| param.name.as_c_str() == label).cloned()
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// [`HostError::NoParam`] listing what there is.
    pub(super) fn find(&self, label: &str) -> Result<Arc<Param>, HostError> {
        let params = self.params.read();
        params.iter().find(|param| param.name.to_bytes() == label.as_bytes()).cloned().ok_or_else(|| {
            HostError::NoParam { name: label.to_owned(), available: params.iter().map(|param| param.label()).collect() }
        })
    }
}

impl Effect {
    /// The descriptor that the describe action fills.
    pub(super) fn descriptor(host: &Arc<HostState>, entry: Entry, id: &str, bundle: &str) -> Arc<Self> {
        let character = &host.character;
        let properties = PropertySet::new(&[schema::EFFECT], character.api, character.fixed_properties);
        for key in NAMES {
            properties.put(name(key), vec![text_of(id)]);
        }
        properties.put(name(sys::kOfxPluginPropFilePath), vec![text_of(bundle)]);
        Self::publish(host, entry, id, Role::Descriptor, properties, Session::new())
    }

    /// The descriptor that the describe in context action fills: what describe said, and nothing else yet.
    pub(super) fn context_descriptor(&self) -> Arc<Self> {
        let properties = self.properties.duplicate();
        let session = Session::new();
        let effect = Self::publish(&self.host, self.entry, &self.id, Role::ContextDescriptor, properties, session);
        for param in self.params.all() {
            let copy = param.instantiate(&effect.me);
            copy.properties.put(name(sys::kOfxPropType), vec![text(name(sys::kOfxTypeParameter))]);
            effect.params.params.write().push(copy);
        }
        effect
    }

    /// An instance of what was described in a context.
    pub(super) fn instance(&self, context: Context, session: Arc<Session>) -> Arc<Self> {
        let properties = self.properties.duplicate();
        properties.add(&[schema::EFFECT_INSTANCE], self.host.character.api);
        properties.put(name(sys::kOfxPropType), vec![text(name(sys::kOfxTypeImageEffectInstance))]);
        properties.put(name(sys::kOfxImageEffectPropContext), vec![text(context.ofx())]);
        properties.put(name(sys::kOfxImageEffectPropPluginHandle), vec![self.handle.number()]);
        let effect = Self::publish(&self.host, self.entry, &self.id, Role::Instance, properties, session);
        let params = self.params.all().iter().map(|param| param.instantiate(&effect.me)).collect();
        *effect.params.params.write() = params;
        let clips = self.clips().iter().map(|clip| clip.instantiate(&effect.me, self.host.character.api)).collect();
        *effect.clips.write() = clips;
        effect
    }

    fn publish(
        host: &Arc<HostState>,
        entry: Entry,
        id: &str,
        role: Role,
        properties: Arc<PropertySet>,
        session: Arc<Session>,
    ) -> Arc<Self> {
        let effect = Arc::new_cyclic(|me: &Weak<Self>| {
            let handle = Handle::reserve(Tag::Object);
            let params = Arc::new(ParamSet { handle, effect: me.clone(), params: RwLock::default() });
            params.handle.publish(&params);
            Self {
                handle: Handle::reserve(Tag::Object),
                host: host.clone(),
                id: id.to_owned(),
                entry,
                role,
                born: AtomicBool::new(false),
                properties,
                params,
                clips: RwLock::default(),
                session,
                running: Mutex::default(),
                late_violations: Mutex::default(),
                me: me.clone(),
            }
        });
        effect.handle.publish(&effect);
        effect
    }

    /// Adds a parameter; none when there is one of this name.
    pub(super) fn define_param(&self, kind: ParamKind, label: &CStr) -> Option<Arc<Param>> {
        let mut params = self.params.params.write();
        if params.iter().any(|param| param.name.as_c_str() == label) {
            return None;
        }
        let character = &self.host.character;
        let param = Param::describe(&self.me, kind, label, character.api, character.fixed_properties);
        if character.normalised_defaults && kind == ParamKind::Double2D {
            let system = text(name(sys::kOfxParamCoordinatesNormalised));
            param.properties.offer(name(sys::kOfxParamPropDefaultCoordinateSystem), vec![system], false);
        }
        if matches!(kind, ParamKind::Double | ParamKind::Double2D | ParamKind::Double3D) && character.narrow_ranges {
            param.properties.offer(name(sys::kOfxParamPropDisplayMin), vec![-1.0; kind.dimension()], false);
            param.properties.offer(name(sys::kOfxParamPropDisplayMax), vec![1.0; kind.dimension()], false);
        }
        params.push(param.clone());
        Some(param)
    }

    /// Adds a clip; a second definition of the same name gives the first one.
    pub(super) fn define_clip(&self, label: &CStr) -> Arc<Clip> {
        if let Some(clip) = self.clip(label) {
            return clip;
        }
        let character = &self.host.character;
        let clip = Clip::describe(&self.me, label, character.api, character.fixed_properties);
        self.clips.write().push(clip.clone());
        clip
    }

    /// All clips in the order of definition.
    pub(super) fn clips(&self) -> Vec<Arc<Clip>> {
        self.clips.read().clone()
    }

    /// All clips but the output.
    pub(super) fn inputs(&self) -> Vec<Arc<Clip>> {
        self.clips.read().iter().filter(|clip| !clip.is_output()).cloned().collect()
    }

    /// The clip of this name.
    pub(super) fn clip(&self, label: &CStr) -> Option<Arc<Clip>> {
        self.clips.read().iter().find(|clip| clip.name.as_c_str() == label).cloned()
    }

    /// The output clip.
    pub(super) fn output(&self) -> Option<Arc<Clip>> {
        self.clip(name(sys::kOfxImageEffectOutputClipName))
    }

    /// Notes a scope that runs on this effect.
    pub(super) fn started(&self, scope: &Arc<Scope>) {
        self.running.lock().push(Arc::downgrade(scope));
    }

    /// Forgets a scope that ended.
    pub(super) fn ended(&self, scope: &Arc<Scope>) {
        let scope = Arc::downgrade(scope);
        self.running.lock().retain(|running| !running.ptr_eq(&scope));
    }

    /// The newest running action, for calls from threads of the plugin's own.
    pub(super) fn running(&self) -> Option<Arc<Scope>> {
        self.running.lock().iter().rev().find_map(Weak::upgrade)
    }

    /// A whole-number flag of the effect.
    pub(super) fn flag(&self, key: &'static [u8]) -> bool {
        self.properties.flag(name(key))
    }
}
