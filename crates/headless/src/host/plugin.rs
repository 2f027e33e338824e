//! One effect of a bundle: loaded and described.

use super::action::{Outcome, act, arguments, perform, scope_of};
use super::bundle::BundleInner;
use super::effect::Effect;
use super::gate::Gate;
use super::library::RawPlugin;
use super::property::{name, text};
use super::scope::{Phase, Scope};
use super::{Context, Description, HostError, Status, Violation};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A loaded effect. Cheap to clone; the library stays loaded as long as any clone or instance lives.
#[derive(Clone)]
pub struct Plugin {
    pub(super) inner: Arc<PluginInner>,
}

/// What all clones of a plugin share. Unloads the effect when dropped.
pub(super) struct PluginInner {
    pub(super) raw: RawPlugin,
    descriptor: Mutex<Arc<Effect>>,
    loaded: AtomicBool,
    /// For effects of which only one render may run at all.
    pub(super) gate: Gate,
    /// Dropped last: it keeps the library in memory.
    pub(super) bundle: Arc<BundleInner>,
}

impl Plugin {
    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.inner.raw.id
    }

    /// What it says about itself, in every context that host and effect share.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn describe(&self) -> Result<Description, HostError> {
        let contexts = self.inner.contexts();
        let described: Result<Vec<_>, HostError> =
            contexts.into_iter().map(|context| Ok((context, self.inner.describe_in_context(context)?))).collect();
        Ok(Description::of(&self.inner, &described?))
    }
}

impl PluginInner {
    /// Loads and describes an effect as hosts do when they look for plugins.
    pub(super) fn discover(bundle: &Arc<BundleInner>, raw: &RawPlugin) -> Result<Arc<Self>, HostError> {
        let path = bundle.path.to_string_lossy();
        let descriptor = Effect::descriptor(&bundle.host, raw.entry, &raw.id, &path);
        let plugin = Arc::new(Self {
            raw: raw.clone(),
            descriptor: Mutex::new(descriptor),
            loaded: AtomicBool::new(false),
            gate: Gate::default(),
            bundle: bundle.clone(),
        });
        plugin.load_and_describe()?;
        if bundle.host.character.repeats_describe {
            plugin.unload()?;
        }
        Ok(plugin)
    }

    fn load_and_describe(&self) -> Result<(), HostError> {
        self.load()?;
        let path = self.bundle.path.to_string_lossy();
        let descriptor = Effect::descriptor(&self.bundle.host, self.raw.entry, &self.raw.id, &path);
        let mut outcome = act(&descriptor, scope_of(&descriptor, sys::kOfxActionDescribe, Phase::Describe), None, None);
        outcome.findings.violations.extend(check_descriptor(&descriptor));
        self.insist(outcome)?;
        *self.descriptor.lock() = descriptor;
        Ok(())
    }

    /// Loads the effect unless it is loaded already; again where the host does so for every instance.
    fn load(&self) -> Result<(), HostError> {
        let count = &self.raw.use_count;
        let _passage = count.gate.pass();
        if count.unloaded.swap(false, Ordering::AcqRel) {
            self.bundle.enumerate_again()?;
        }
        let first = count.users.load(Ordering::Acquire) == 0;
        if first || self.bundle.host.character.repeats_describe {
            self.insist(self.bare_action(sys::kOfxActionLoad))?;
        }
        if !self.loaded.swap(true, Ordering::AcqRel) {
            count.users.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    /// An action of the library as a whole, without a handle.
    fn bare_action(&self, action: &'static [u8]) -> Outcome {
        perform(self.raw.entry, Scope::new(None, name(action), Phase::Library), std::ptr::null(), None, None)
    }

    /// Takes success, or where the host is so, nothing but OK.
    fn insist(&self, outcome: Outcome) -> Result<(), HostError> {
        let outcome = outcome.accept_from(&self.raw.id)?;
        if self.bundle.host.character.insists_on_ok && outcome.status != Status::OK {
            return Err(HostError::Action {
                id: self.raw.id.clone(),
                action: outcome.action.to_string_lossy().into_owned(),
                status: outcome.status,
                messages: outcome.findings.messages,
            });
        }
        Ok(())
    }

    fn unload(&self) -> Result<(), HostError> {
        let count = &self.raw.use_count;
        let _passage = count.gate.pass();
        if self.loaded.swap(false, Ordering::AcqRel) && count.users.fetch_sub(1, Ordering::AcqRel) == 1 {
            count.unloaded.store(true, Ordering::Release);
            self.bare_action(sys::kOfxActionUnload).accept_from(&self.raw.id)?;
        }
        Ok(())
    }

    /// The descriptor as described last.
    pub(super) fn descriptor(&self) -> Arc<Effect> {
        self.descriptor.lock().clone()
    }

    /// Contexts that the effect offers.
    pub(super) fn offered_contexts(&self) -> Vec<Context> {
        let offered = self.descriptor().properties.all::<Arc<CStr>>(name(sys::kOfxImageEffectPropSupportedContexts));
        offered.unwrap_or_default().iter().filter_map(|context| Context::from_ofx(context)).collect()
    }

    /// Contexts that host and effect share, the host's favourite first.
    pub(super) fn contexts(&self) -> Vec<Context> {
        let offered = self.offered_contexts();
        self.bundle.host.character.contexts.iter().copied().filter(|context| offered.contains(context)).collect()
    }

    /// A descriptor for one context. Where the host is so, load and describe are repeated before.
    pub(super) fn describe_in_context(&self, context: Context) -> Result<Arc<Effect>, HostError> {
        if self.bundle.host.character.repeats_describe {
            self.load_and_describe()?;
        }
        let effect = self.descriptor().context_descriptor();
        let args = arguments();
        args.put(name(sys::kOfxImageEffectPropContext), vec![text(context.ofx())]);
        let action = sys::kOfxImageEffectActionDescribeInContext;
        let mut outcome = act(&effect, scope_of(&effect, action, Phase::DescribeInContext), Some(&args), None);
        outcome.findings.violations.extend(check_context(&effect, context));
        outcome.accept_from(&self.raw.id)?;
        Ok(effect)
    }
}

impl Drop for PluginInner {
    fn drop(&mut self) {
        if let Err(error) = self.unload() {
            log::error!("{error}");
        }
    }
}

/// What every effect has to say.
fn check_descriptor(effect: &Effect) -> Vec<Violation> {
    let needed = [
        (sys::kOfxImageEffectPropSupportedContexts as &'static [u8], "no supported context"),
        (sys::kOfxImageEffectPropSupportedPixelDepths, "no supported pixel depth"),
    ];
    let missing = needed.iter().filter(|(key, _)| effect.properties.first::<Arc<CStr>>(name(key)).is_empty());
    missing.map(|(_, problem)| bad_answer(sys::kOfxActionDescribe, format!("the effect names {problem}"))).collect()
}

/// The clips that a context demands (ofxImageEffect.h, contexts), and groups that exist.
fn check_context(effect: &Effect, context: Context) -> Vec<Violation> {
    let action = sys::kOfxImageEffectActionDescribeInContext;
    let mut clips = vec![sys::kOfxImageEffectOutputClipName as &'static [u8]];
    match context {
        Context::Filter | Context::Paint | Context::Retimer => clips.push(sys::kOfxImageEffectSimpleSourceClipName),
        Context::Transition => {
            clips.push(sys::kOfxImageEffectTransitionSourceFromClipName);
            clips.push(sys::kOfxImageEffectTransitionSourceToClipName);
        }
        Context::General | Context::Generator => {}
    }
    let missing = clips.into_iter().filter(|clip| effect.clip(name(clip)).is_none());
    let missing = missing.map(|clip| format!("context {context:?} has no clip {}", name(clip).to_string_lossy()));
    let mute = effect.clips().into_iter().filter(|clip| clip.accepted().is_empty());
    let mute = mute.map(|clip| format!("clip {} accepts no components", clip.label()));
    let orphans = effect.params.all().into_iter().filter_map(|param| {
        let parent = param.properties.first::<Arc<CStr>>(name(sys::kOfxParamPropParent));
        let known = parent.is_empty() || effect.params.get(&parent).is_some();
        (!known).then(|| {
            format!("parameter {} sits in a group {} that does not exist", param.label(), parent.to_string_lossy())
        })
    });
    missing.chain(mute).chain(orphans).map(|problem| bad_answer(action, problem)).collect()
}

pub(super) fn bad_answer(action: &'static [u8], problem: String) -> Violation {
    Violation::BadAnswer { action: name(action).to_string_lossy().into_owned(), problem }
}
