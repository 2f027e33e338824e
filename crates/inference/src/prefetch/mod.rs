//! A pass over many frames: the next ones are fetched and converted while the network works on the last ones.

mod estimate;

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread::{self, Scope},
};

use estimate::Meter;
pub use estimate::PassProgress;

use crate::{
    abort::{Abort, Background, POLL},
    error::InferenceError,
};

/// Batches that are ready or at work at most. One is worked on, one is ready when it ends; more would only be memory.
const AHEAD: usize = 2;

/// A pass over `total` frames, `batch` of them at a time.
pub struct Pass<'a> {
    /// How many frames.
    pub total: usize,
    /// Frames of one inference; 0 counts as 1.
    pub batch: usize,
    /// Whether the caller still wants it; asked on the calling thread only.
    pub abort: &'a dyn Abort,
}

impl Pass<'_> {
    /// Goes through frames 0 to `total`.
    ///
    /// `prepare(frame)` runs on the calling thread, where a host hands out its images: it gives what the network needs
    /// of the frame, or `None` where everything is known already. `infer(batch, abort)` runs on a thread of its own, in
    /// the order of the frames, and keeps its results itself; its abort has the priority of work in the background.
    /// `progress` is told on the calling thread after each step and a few times a second while there is nothing else
    /// to do; where it gives `false` the pass ends as if aborted. What was finished before an end of any kind stays
    /// finished.
    ///
    /// # Errors
    /// The first error of `prepare` or `infer`; [`InferenceError::Aborted`] (as `E`) when the caller gave up. The
    /// thread has ended by then.
    pub fn run<P: Send, E: From<InferenceError> + Send>(
        &self,
        mut prepare: impl FnMut(usize) -> Result<Option<P>, E>,
        infer: impl Fn(Vec<P>, &dyn Abort) -> Result<(), E> + Send,
        progress: impl FnMut(PassProgress) -> bool,
    ) -> Result<(), E> {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            // However this function ends, also by a panic in the caller's code, the thread must stop waiting and working.
            let _stop = StopAtEnd(&stop);
            let mut line = Line::start(scope, &stop, infer)?;
            let mut watch = Watch { abort: self.abort, meter: Meter::new(self.total), progress };
            let mut gathered = Vec::new();
            for frame in 0..self.total {
                watch.listen()?;
                match prepare(frame)? {
                    Some(prepared) => gathered.push(prepared),
                    None => watch.finished(1),
                }
                if gathered.len() >= self.batch.max(1) {
                    line.hand_over(std::mem::take(&mut gathered), &mut watch)?;
                }
                line.take_finished(&mut watch)?;
            }
            if !gathered.is_empty() {
                line.hand_over(gathered, &mut watch)?;
            }
            line.finish(&mut watch)
        })
    }
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The caller's side of waiting: abort and progress.
struct Watch<'a, F> {
    abort: &'a dyn Abort,
    meter: Meter,
    progress: F,
}

impl<F: FnMut(PassProgress) -> bool> Watch<'_, F> {
    /// Asks whether to go on; tells the progress when it is time.
    fn listen(&mut self) -> Result<(), InferenceError> {
        let cancelled = self.abort.aborted() || self.meter.due().is_some_and(|progress| !(self.progress)(progress));
        if cancelled { Err(InferenceError::Aborted) } else { Ok(()) }
    }

    fn finished(&mut self, frames: usize) {
        self.meter.add(frames);
    }
}

/// The thread that infers, with what it was given and has not given back.
struct Line<P, E> {
    /// `None` once there is nothing more to give.
    jobs: Option<SyncSender<Vec<P>>>,
    results: Receiver<Result<usize, E>>,
    in_flight: usize,
}

impl<P: Send, E: From<InferenceError> + Send> Line<P, E> {
    fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        stop: &'scope AtomicBool,
        infer: impl Fn(Vec<P>, &dyn Abort) -> Result<(), E> + Send + 'scope,
    ) -> Result<Self, E>
    where
        P: 'scope,
        E: 'scope,
    {
        let (jobs, waiting) = mpsc::sync_channel::<Vec<P>>(AHEAD);
        let (done, results) = mpsc::channel();
        let work = move || {
            let stopped = || stop.load(Ordering::Relaxed);
            while let Ok(batch) = waiting.recv() {
                let frames = batch.len();
                let result =
                    if stopped() { Err(InferenceError::Aborted.into()) } else { infer(batch, &Background(&stopped)) };
                if done.send(result.map(|()| frames)).is_err() {
                    break;
                }
            }
        };
        let spawned = thread::Builder::new().name("sam3roto-pass".to_owned()).spawn_scoped(scope, work);
        spawned.map_err(|error| InferenceError::NoThread { reason: error.to_string() })?;
        Ok(Self { jobs: Some(jobs), results, in_flight: 0 })
    }

    /// Gives a batch to the thread, once there is room for it.
    fn hand_over<F: FnMut(PassProgress) -> bool>(&mut self, batch: Vec<P>, watch: &mut Watch<'_, F>) -> Result<(), E> {
        while self.in_flight >= AHEAD {
            self.wait(watch)?;
        }
        // A closed line means that the thread has ended by a panic: told when the results are asked for.
        if self.jobs.as_ref().is_some_and(|jobs| jobs.send(batch).is_ok()) {
            self.in_flight += 1;
        }
        Ok(())
    }

    /// Takes what is finished without waiting.
    fn take_finished<F: FnMut(PassProgress) -> bool>(&mut self, watch: &mut Watch<'_, F>) -> Result<(), E> {
        while let Ok(result) = self.results.try_recv() {
            self.land(result, watch)?;
        }
        Ok(())
    }

    /// Waits for all that was given.
    fn finish<F: FnMut(PassProgress) -> bool>(mut self, watch: &mut Watch<'_, F>) -> Result<(), E> {
        self.jobs = None;
        while self.in_flight > 0 {
            self.wait(watch)?;
        }
        // The last word, whatever the rhythm: 100 percent. Whoever cancels at it wants nothing more to begin.
        if (watch.progress)(watch.meter.now()) { Ok(()) } else { Err(InferenceError::Aborted.into()) }
    }

    fn wait<F: FnMut(PassProgress) -> bool>(&mut self, watch: &mut Watch<'_, F>) -> Result<(), E> {
        match self.results.recv_timeout(POLL) {
            Ok(result) => self.land(result, watch)?,
            Err(RecvTimeoutError::Timeout) => {}
            // The thread panicked; the scope passes the panic on to the caller when it joins.
            Err(RecvTimeoutError::Disconnected) => self.in_flight = 0,
        }
        Ok(watch.listen()?)
    }

    fn land<F>(&mut self, result: Result<usize, E>, watch: &mut Watch<'_, F>) -> Result<(), E>
    where
        F: FnMut(PassProgress) -> bool,
    {
        self.in_flight -= 1;
        watch.finished(result?);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
