//! What belongs to a node in the host rather than to the plugin's instance of it: time, project, messages, progress, abort. It outlives
//! the plugin's instance where a host makes a fresh one for every frame.

use super::suites::ImageMemory;
use super::{Message, MessageKind, ProgressEvent, Project, Violation};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

type ProgressWatch = dyn Fn(&ProgressEvent) -> bool + Send + Sync;
type Answer = dyn Fn(&str) -> bool + Send + Sync;

/// The state of a node.
pub(super) struct Session {
    abort: AtomicBool,
    time: Mutex<f64>,
    project: RwLock<Project>,
    messages: Mutex<Vec<Message>>,
    persistent: Mutex<Option<Message>>,
    progress_watch: RwLock<Option<Arc<ProgressWatch>>>,
    answer: RwLock<Option<Arc<Answer>>>,
    progress_open: AtomicBool,
    edit_depth: AtomicI32,
    /// Whether breaches of the rules are noted here rather than raised.
    tolerant: AtomicBool,
    tolerated: Mutex<Vec<Violation>>,
    /// Image memory not yet freed, by handle.
    pub(super) image_memory: Mutex<HashMap<usize, Arc<ImageMemory>>>,
}

impl Session {
    /// A fresh node.
    pub(super) fn new() -> Arc<Self> {
        let project = Project::usual();
        Arc::new(Self {
            abort: AtomicBool::new(false),
            time: Mutex::new(project.range.0),
            project: RwLock::new(project),
            messages: Mutex::default(),
            persistent: Mutex::default(),
            progress_watch: RwLock::default(),
            answer: RwLock::default(),
            progress_open: AtomicBool::new(false),
            edit_depth: AtomicI32::new(0),
            tolerant: AtomicBool::new(false),
            tolerated: Mutex::default(),
            image_memory: Mutex::default(),
        })
    }

    /// Whether renders are asked to stop.
    pub(super) fn aborted(&self) -> bool {
        self.abort.load(Ordering::Acquire)
    }

    /// Raises or lowers the abort flag.
    pub(super) fn set_abort(&self, abort: bool) {
        self.abort.store(abort, Ordering::Release);
    }

    /// Notes breaches of the rules rather than raising them, from now on.
    pub(super) fn tolerate(&self) {
        self.tolerant.store(true, Ordering::Release);
    }

    /// Takes note of breaches where they are tolerated; else gives them back to be raised.
    pub(super) fn swallow(&self, violations: Vec<Violation>) -> Vec<Violation> {
        if !self.tolerant.load(Ordering::Acquire) {
            return violations;
        }
        self.tolerated.lock().extend(violations);
        Vec::new()
    }

    /// Takes the tolerated breaches.
    pub(super) fn take_tolerated(&self) -> Vec<Violation> {
        std::mem::take(&mut self.tolerated.lock())
    }

    /// Current time.
    pub(super) fn time(&self) -> f64 {
        *self.time.lock()
    }

    /// Moves the time line.
    pub(super) fn set_time(&self, time: f64) {
        *self.time.lock() = time;
    }

    /// The project.
    pub(super) fn project(&self) -> Project {
        *self.project.read()
    }

    /// Changes the project.
    pub(super) fn set_project(&self, project: Project) {
        *self.project.write() = project;
    }

    /// Notes a message.
    pub(super) fn tell(&self, message: Message) {
        if message.persistent {
            *self.persistent.lock() = Some(message.clone());
        }
        self.messages.lock().push(message);
    }

    /// Takes all messages.
    pub(super) fn take_messages(&self) -> Vec<Message> {
        std::mem::take(&mut self.messages.lock())
    }

    /// The standing message.
    pub(super) fn persistent(&self) -> Option<Message> {
        self.persistent.lock().clone()
    }

    /// The standing message, if it is an error.
    pub(super) fn standing_error(&self) -> Option<Message> {
        self.persistent().filter(|message| matches!(message.kind, MessageKind::Error | MessageKind::Fatal))
    }

    /// Removes the standing message.
    pub(super) fn clear_persistent(&self) {
        *self.persistent.lock() = None;
    }

    /// Who looks at progress.
    pub(super) fn watch_progress(&self, watch: Arc<ProgressWatch>) {
        *self.progress_watch.write() = Some(watch);
    }

    /// Who answers questions.
    pub(super) fn answer_with(&self, answer: Arc<Answer>) {
        *self.answer.write() = Some(answer);
    }

    /// The answer to a question; no when nobody answers.
    pub(super) fn ask(&self, question: &str) -> bool {
        let answer = self.answer.read().clone();
        answer.is_some_and(|answer| answer(question))
    }

    /// Opens the progress bar; false when it is open already.
    pub(super) fn progress_start(&self, label: String, id: String) -> bool {
        if self.progress_open.swap(true, Ordering::AcqRel) {
            return false;
        }
        self.progress(&ProgressEvent::Start { label, id });
        true
    }

    /// Moves the progress bar; none when it is closed, else whether to go on.
    pub(super) fn progress_update(&self, done: f64) -> Option<bool> {
        let open = self.progress_open.load(Ordering::Acquire);
        open.then(|| self.progress(&ProgressEvent::Update(done)) && !self.aborted())
    }

    /// Closes the progress bar; false when it was closed.
    pub(super) fn progress_end(&self) -> bool {
        let open = self.progress_open.swap(false, Ordering::AcqRel);
        if open {
            self.progress(&ProgressEvent::End);
        }
        open
    }

    fn progress(&self, event: &ProgressEvent) -> bool {
        let watch = self.progress_watch.read().clone();
        watch.is_none_or(|watch| watch(event))
    }

    /// Opens (1) or closes (-1) an edit block; returns how many are open then.
    pub(super) fn edit(&self, step: i32) -> i32 {
        self.edit_depth.fetch_add(step, Ordering::AcqRel) + step
    }

    /// Closes whatever is still open, and says what it was.
    pub(super) fn close_open_ends(&self) -> Vec<&'static str> {
        let mut open = Vec::new();
        if self.edit_depth.swap(0, Ordering::AcqRel) != 0 {
            open.push("an edit block");
        }
        if self.progress_end() {
            open.push("the progress bar");
        }
        open
    }
}
