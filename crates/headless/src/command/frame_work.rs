//! Going through frames with several threads.

use super::interrupt::Interrupt;
use super::options::OnError;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What became of the frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Finished frames, ascending.
    pub done: Vec<i32>,
    /// Frames that failed, ascending, and why.
    pub failed: Vec<(i32, String)>,
}

/// Does `work` for every frame, in order of the list, `threads` at a time. Stops beginning new ones when the interrupt is raised, or
/// when a frame fails and `on_error` says so; a frame that fails after the interrupt counts as not begun. `failed` hears of every
/// failure as it happens.
pub fn for_each_frame(
    frames: &[i32],
    threads: usize,
    on_error: OnError,
    interrupt: &Interrupt,
    work: impl Fn(i32) -> Result<(), String> + Sync,
    failed: impl Fn(i32, &str) + Sync,
) -> Outcome {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let outcome = Mutex::new(Outcome::default());
    let worker = || {
        while !interrupt.is_raised() && !stopped.load(Ordering::SeqCst) {
            let Some(&frame) = frames.get(next.fetch_add(1, Ordering::SeqCst)) else { break };
            match work(frame) {
                Ok(()) => outcome.lock().done.push(frame),
                Err(_) if interrupt.is_raised() => break,
                Err(reason) => {
                    stopped.fetch_or(on_error == OnError::Stop, Ordering::SeqCst);
                    failed(frame, &reason);
                    outcome.lock().failed.push((frame, reason));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(frames.len()).max(1) {
            scope.spawn(worker);
        }
        worker();
    });
    let mut outcome = outcome.into_inner();
    outcome.done.sort_unstable();
    outcome.failed.sort_unstable();
    outcome
}
