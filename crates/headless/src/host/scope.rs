//! Which action runs on which thread, and what it has done so far.
//!
//! Suite functions get handles, but what they may do depends on the action that the plugin is in. Every call into a plugin opens a scope
//! on its thread; threads of the multi-thread suite share the scope of their caller. A plugin's own threads have none: they are
//! counted to the running action of the effect they name.

use super::effect::Effect;
use super::image::{Image, RenderTarget};
use super::{HostError, Message, RectD, Violation};
use parking_lot::Mutex;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Why something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    User,
    Plugin,
    Time,
}

/// What an action is, as far as the rules depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Load, unload.
    Library,
    /// Describe.
    Describe,
    /// Describe in context.
    DescribeInContext,
    /// Create instance.
    Create,
    /// Destroy instance.
    Destroy,
    /// Begin, changed, end.
    Changed(Reason),
    /// Render.
    Render,
    /// Regions, identity, preferences, sequence and other questions.
    Query,
    /// Sync private data.
    Sync,
    /// Draw of an interact.
    Draw,
    /// Pen, key and other events of an interact.
    Event,
}

impl Phase {
    /// Whether parameters may be written (ofxParam.h: instance changed and interact actions; and syncing, whose purpose it is).
    pub(super) fn writes_params(self) -> bool {
        matches!(self, Self::Changed(_) | Self::Event | Self::Sync)
    }

    /// Whether images may be fetched.
    pub(super) fn fetches_images(self) -> bool {
        matches!(self, Self::Render | Self::Changed(Reason::User))
    }
}

/// One running action.
pub(super) struct Scope {
    pub(super) effect: Option<Arc<Effect>>,
    pub(super) action: &'static CStr,
    pub(super) phase: Phase,
    /// Time of the action on the effect's time line.
    pub(super) time: Option<f64>,
    /// Proxy scale of the action.
    pub(super) scale: (f64, f64),
    /// What is rendered into.
    pub(super) target: Option<Arc<RenderTarget>>,
    /// What the effect said to need of each input.
    pub(super) regions: BTreeMap<String, RectD>,
    pub(super) found: Mutex<Findings>,
    image_nanos: AtomicU64,
    kept: Mutex<HashMap<usize, Arc<CStr>>>,
}

/// What came up during an action.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) violations: Vec<Violation>,
    pub(super) messages: Vec<Message>,
    /// Images not yet released, by handle.
    pub(super) images: HashMap<usize, Arc<Image>>,
    /// First failure of an image source.
    pub(super) source_error: Option<HostError>,
}

impl Scope {
    /// A scope of an action without time, images or target.
    pub(super) fn new(effect: Option<Arc<Effect>>, action: &'static CStr, phase: Phase) -> Self {
        Self {
            effect,
            action,
            phase,
            time: None,
            scale: (1.0, 1.0),
            target: None,
            regions: BTreeMap::new(),
            found: Mutex::default(),
            image_nanos: AtomicU64::new(0),
            kept: Mutex::default(),
        }
    }

    /// The same at a time and a proxy scale.
    pub(super) fn at(self, time: f64, scale: (f64, f64)) -> Self {
        Self { time: Some(time), scale, ..self }
    }

    /// The same as a render into `target`, for which the effect said to need `regions` of its inputs.
    pub(super) fn rendering_into(self, target: &Arc<RenderTarget>, regions: &BTreeMap<String, RectD>) -> Self {
        Self { target: Some(target.clone()), regions: regions.clone(), ..self }
    }

    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        self.action.to_string_lossy().into_owned()
    }

    /// Notes time spent on delivering an image.
    pub(super) fn spent_on_images(&self, time: Duration) {
        self.image_nanos.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Time spent on delivering images.
    pub(super) fn image_time(&self) -> Duration {
        Duration::from_nanos(self.image_nanos.load(Ordering::Relaxed))
    }
}

struct Entry {
    scope: Option<Arc<Scope>>,
    spawned: Option<u32>,
}

/// Texts handed to a thread without a scope stay alive this long: the last so many of them.
const KEPT_WITHOUT_SCOPE: usize = 256;

thread_local! {
    static STACK: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static KEPT: RefCell<std::collections::VecDeque<Arc<CStr>>> = const { RefCell::new(std::collections::VecDeque::new()) };
}

/// Leaves the scope when dropped.
pub(super) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        STACK.with_borrow_mut(|stack| stack.pop());
    }
}

/// Enters a scope on this thread; `spawned` is the thread index of the multi-thread suite.
pub(super) fn enter(scope: Option<Arc<Scope>>, spawned: Option<u32>) -> Entered {
    STACK.with_borrow_mut(|stack| stack.push(Entry { scope, spawned }));
    Entered(())
}

/// The innermost scope of this thread.
pub(super) fn current() -> Option<Arc<Scope>> {
    STACK.with_borrow(|stack| stack.last().and_then(|entry| entry.scope.clone()))
}

/// How many actions are nested on this thread.
pub(super) fn depth() -> usize {
    STACK.with_borrow(Vec::len)
}

/// The thread index of the multi-thread suite, on threads that it spawned.
pub(super) fn spawned_index() -> Option<u32> {
    STACK.with_borrow(|stack| stack.last().and_then(|entry| entry.spawned))
}

/// The scope that a call about `effect` belongs to: this thread's, else the newest running action of the effect.
pub(super) fn of(effect: &Effect) -> Option<Arc<Scope>> {
    current().or_else(|| effect.running())
}

/// The name of the running action for messages.
pub(super) fn action_name() -> String {
    current().map_or_else(|| "no action".to_owned(), |scope| scope.name())
}

/// Notes a breach of the rules: with the running action, else with the effect, else only in the log.
pub(super) fn violate(effect: Option<&Effect>, violation: Violation) {
    log::warn!("{violation}");
    if let Some(scope) = current().or_else(|| effect.and_then(Effect::running)) {
        scope.found.lock().violations.push(violation);
    } else if let Some(effect) = effect {
        effect.late_violations.lock().push(violation);
    }
}

/// Keeps a text alive whose pointer goes to the plugin: until the running action ends.
pub(super) fn keep(text: &Arc<CStr>) {
    if let Some(scope) = current() {
        scope.kept.lock().entry(text.as_ptr().addr()).or_insert_with(|| text.clone());
        return;
    }
    KEPT.with_borrow_mut(|kept| {
        if kept.len() == KEPT_WITHOUT_SCOPE {
            kept.pop_front();
        }
        kept.push_back(text.clone());
    });
}
