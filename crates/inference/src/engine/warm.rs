//! Loading models before they are needed, off the render thread.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::Engine;
use crate::{abort::Background, session::ModelFile, sync::Mutex};

/// The models to load, and the one thread that loads them.
#[derive(Default)]
pub(super) struct WarmUp(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<ModelFile>,
    worker: Option<Worker>,
}

struct Worker {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
    /// Set under the lock, when the worker has found nothing to do and will not look again.
    leaving: Arc<AtomicBool>,
}

impl Worker {
    fn join(self) {
        if self.thread.join().is_err() {
            log::error!("the thread that loads models ahead of need panicked");
        }
    }
}

impl WarmUp {
    /// Has the models loaded one after the other. Returns at once.
    pub fn begin(&self, engine: &Arc<Engine>, models: Vec<ModelFile>) {
        let mut state = self.0.lock();
        state.waiting.extend(models);
        let working = |worker: &Worker| !worker.leaving.load(Ordering::Relaxed) && !worker.thread.is_finished();
        if state.waiting.is_empty() || state.worker.as_ref().is_some_and(working) {
            return;
        }
        // It is on its way out and takes no lock any more. Whoever waits for quiet later must not miss it.
        if let Some(worker) = state.worker.take() {
            worker.join();
        }
        let (stop, leaving) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let work = {
            let (engine, stop, leaving) = (Arc::clone(engine), Arc::clone(&stop), Arc::clone(&leaving));
            move || work(&engine, &stop, &leaving)
        };
        match thread::Builder::new().name("sam3roto-warm".to_owned()).spawn(work) {
            Ok(thread) => state.worker = Some(Worker { thread, stop, leaving }),
            Err(error) => {
                // The first render loads them instead.
                log::debug!("no thread to load models ahead of need: {error}");
                state.waiting.clear();
            }
        }
    }

    /// Stops loading and waits for the thread to end: a load under way is cancelled. Nothing runs after this.
    pub fn quiesce(&self) {
        let mut state = self.0.lock();
        state.waiting.clear();
        let worker = state.worker.take();
        drop(state);
        let Some(worker) = worker else { return };
        worker.stop.store(true, Ordering::Relaxed);
        worker.join();
    }

    fn next(&self, leaving: &AtomicBool) -> Option<ModelFile> {
        let mut state = self.0.lock();
        let next = state.waiting.pop_front();
        leaving.store(next.is_none(), Ordering::Relaxed);
        next
    }
}

fn work(engine: &Engine, stop: &AtomicBool, leaving: &AtomicBool) {
    let stopped = || stop.load(Ordering::Relaxed);
    while let Some(model) = engine.warm_up.next(leaving) {
        if stopped() {
            return;
        }
        if let Err(error) = engine.placed(&model, &Background(&stopped)) {
            // The render that needs it tells the user.
            log::debug!("loading ahead of need: {error}");
        }
    }
}

impl fmt::Debug for WarmUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarmUp").field("waiting", &self.0.lock().waiting.len()).finish_non_exhaustive()
    }
}
