//! Calling a plugin: one action, from the opened scope to what came of it.

use super::effect::Effect;
use super::handle::{Handle, Tag};
use super::image::Content;
use super::property::{PropertySet, name, text};
use super::scope::{self, Findings, Phase, Reason, Scope};
use super::{HostError, Status, Violation};
use openfx_sys as sys;
use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A plugin's main entry, or that of an interact.
pub(super) type Entry =
    unsafe extern "C" fn(*const c_char, *const c_void, sys::OfxPropertySetHandle, sys::OfxPropertySetHandle) -> i32;

/// Actions nested deeper than this are a plugin answering itself without end.
const MAX_DEPTH: usize = 32;

/// What came of an action.
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) action: &'static CStr,
    pub(super) findings: Findings,
    /// Time that the host itself spent on delivering images.
    pub(super) image_time: Duration,
}

impl Outcome {
    /// The outcome of an action on an effect, if it is a success and no rule was broken that is not tolerated.
    ///
    /// # Errors
    /// As [`Outcome::accept_from`].
    pub(super) fn accept(mut self, effect: &Effect) -> Result<Self, HostError> {
        self.findings.violations = effect.session.swallow(std::mem::take(&mut self.findings.violations));
        self.accept_from(&effect.id)
    }

    /// The outcome of an action of the effect called `id`, if it is a success and no rule was broken.
    ///
    /// # Errors
    /// [`HostError::Violations`], [`HostError::Source`], [`HostError::Action`].
    pub(super) fn accept_from(mut self, id: &str) -> Result<Self, HostError> {
        if !self.findings.violations.is_empty() {
            let violations = std::mem::take(&mut self.findings.violations);
            return Err(HostError::Violations { id: id.to_owned(), violations });
        }
        if let Some(error) = self.findings.source_error.take() {
            return Err(error);
        }
        if self.status != Status::OK && self.status != Status::REPLY_DEFAULT {
            return Err(HostError::Action {
                id: id.to_owned(),
                action: self.action.to_string_lossy().into_owned(),
                status: self.status,
                messages: std::mem::take(&mut self.findings.messages),
            });
        }
        Ok(self)
    }

    /// Adds what came up in a later action of the same errand; the first failure stays the status.
    pub(super) fn followed_by(mut self, later: Self) -> Self {
        self.findings.violations.extend(later.findings.violations);
        self.findings.messages.extend(later.findings.messages);
        self.findings.source_error = self.findings.source_error.or(later.findings.source_error);
        self.image_time += later.image_time;
        if matches!(self.status, Status::OK | Status::REPLY_DEFAULT) {
            self.status = later.status;
            self.action = later.action;
        }
        self
    }
}

/// Calls an entry point within `scope` and looks at what it left behind.
///
/// `handle` goes to the plugin as it is: null, or the number of a live handle.
pub(super) fn perform(
    entry: Entry,
    scope: Scope,
    handle: *const c_void,
    in_args: Option<&PropertySet>,
    out_args: Option<&PropertySet>,
) -> Outcome {
    let scope = Arc::new(scope);
    let outermost = scope::depth() == 0;
    if let Some(effect) = &scope.effect {
        effect.started(&scope);
    }
    let status = {
        let _entered = scope::enter(Some(scope.clone()), None);
        let args = |set: Option<&PropertySet>| set.map_or(std::ptr::null_mut(), |set| set.handle().as_ptr());
        // SAFETY: the entry comes from a loaded plugin that its caller keeps loaded; the action is a NUL-terminated string, and the
        // handles are numbers that only our own suites resolve.
        unsafe { entry(scope.action.as_ptr(), handle, args(in_args), args(out_args)) }
    };
    if let Some(effect) = &scope.effect {
        effect.ended(&scope);
    }
    collect(&scope, Status(status), outermost)
}

fn collect(scope: &Scope, status: Status, outermost: bool) -> Outcome {
    let mut findings = std::mem::take(&mut *scope.found.lock());
    for (_, image) in std::mem::take(&mut findings.images) {
        let (action, clip) = (scope.name(), image.clip.clone());
        if let Content::Input { pixels, frame } = &image.content
            && !pixels.holds(frame)
        {
            findings.violations.push(Violation::WroteInput { action: action.clone(), clip: clip.clone() });
        }
        findings.violations.push(Violation::ImageLeaked { action, clip, time: image.time });
    }
    if let Some(effect) = &scope.effect {
        if outermost && scope.phase != Phase::Render {
            let open = effect.session.close_open_ends().into_iter();
            findings
                .violations
                .extend(open.map(|what| Violation::LeftOpen { action: scope.name(), what: what.to_owned() }));
        }
        findings.violations.append(&mut effect.late_violations.lock());
    }
    Outcome { status, action: scope.action, findings, image_time: scope.image_time() }
}

/// Calls an action of an effect on its own handle.
pub(super) fn act(
    effect: &Arc<Effect>,
    scope: Scope,
    in_args: Option<&PropertySet>,
    out_args: Option<&PropertySet>,
) -> Outcome {
    perform(effect.entry, scope, effect.handle.as_ptr::<c_void>(), in_args, out_args)
}

/// A scope of an action on an effect.
pub(super) fn scope_of(effect: &Arc<Effect>, action: &'static [u8], phase: Phase) -> Scope {
    Scope::new(Some(effect.clone()), name(action), phase)
}

/// An empty set of arguments, closed: the plugin can set only what is offered.
pub(super) fn arguments() -> Arc<PropertySet> {
    let set = Arc::new(PropertySet::unpublished(&[], (1, 0), true, Handle::reserve(Tag::Object)));
    set.handle().publish(&set);
    set
}

/// What changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Changed<'a> {
    Param(&'a CStr),
    Clip(&'a CStr),
    /// The time line moved.
    Time,
}

/// Tells an effect that something changed: begin, changed, end. Does nothing where the host has no such habit, or the plugin has no
/// instance yet.
pub(super) fn notify(effect: &Arc<Effect>, reason: Reason, changed: Changed<'_>, time: f64) -> Outcome {
    let quiet = Outcome {
        status: Status::OK,
        action: name(sys::kOfxActionInstanceChanged),
        findings: Findings::default(),
        image_time: Duration::ZERO,
    };
    if !effect.host.character.instance_changed || !effect.born.load(Ordering::Acquire) {
        return quiet;
    }
    if scope::depth() >= MAX_DEPTH {
        let problem = "changes its own parameters in answer to its own changes without end".to_owned();
        scope::violate(Some(effect), Violation::BadAnswer { action: scope::action_name(), problem });
        return quiet;
    }
    let args = change_arguments(reason, changed, time);
    let steps = [
        sys::kOfxActionBeginInstanceChanged as &[u8],
        sys::kOfxActionInstanceChanged,
        sys::kOfxActionEndInstanceChanged,
    ];
    let call = |action| {
        let scope = scope_of(effect, action, Phase::Changed(reason)).at(time, (1.0, 1.0));
        act(effect, scope, Some(&args), None)
    };
    steps.into_iter().fold(quiet, |outcome, action| outcome.followed_by(call(action)))
}

fn change_arguments(reason: Reason, changed: Changed<'_>, time: f64) -> Arc<PropertySet> {
    let args = arguments();
    let reason = match reason {
        Reason::User => name(sys::kOfxChangeUserEdited),
        Reason::Plugin => name(sys::kOfxChangePluginEdited),
        Reason::Time => name(sys::kOfxChangeTime),
    };
    args.put(name(sys::kOfxPropChangeReason), vec![text(reason)]);
    args.put(name(sys::kOfxPropTime), vec![time]);
    args.put(name(sys::kOfxImageEffectPropRenderScale), vec![1.0, 1.0]);
    let (kind, what) = match changed {
        Changed::Param(label) => (name(sys::kOfxTypeParameter), label),
        Changed::Clip(label) => (name(sys::kOfxTypeClip), label),
        // The specification has no object for a move in time; hosts name the effect's type.
        Changed::Time => (name(sys::kOfxTypeImageEffectInstance), c""),
    };
    args.put(name(sys::kOfxPropType), vec![text(kind)]);
    args.put(name(sys::kOfxPropName), vec![text(what)]);
    args
}
