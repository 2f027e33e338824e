//! Work that another thread does while the calling thread listens to its abort.

use std::{
    any::Any,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
};

use crate::abort::{Abort, POLL};

/// How interruptible work ended.
pub(super) enum Outcome<T> {
    /// It came to its own end; `interrupted` says whether it had been told to stop.
    Done { value: T, interrupted: bool },
    /// It panicked, with these words.
    Panicked(String),
    /// The system had no thread for it, in its words.
    NoThread(String),
}

/// Does `work` on a thread of its own and asks `abort` on the calling thread every few milliseconds, because a host's
/// abort function may only be called from a thread the host knows. Once aborted, `interrupt` is called at every
/// such moment (the work may have nothing to interrupt yet) and the work is waited for, since it borrows from the
/// caller. The thread is joined before this returns, so none is ever left
/// behind. A panic inside `work` becomes a value: none may reach a host.
///
/// Starting the thread costs about 20 microseconds, against milliseconds at least for any model.
pub(super) fn interruptible<T: Send>(
    abort: &dyn Abort,
    interrupt: impl Fn(),
    work: impl FnOnce() -> T + Send,
) -> Outcome<T> {
    let (done, finished) = mpsc::sync_channel::<()>(1);
    thread::scope(|scope| {
        let work = move || {
            let _tell = done; // Dropped when the work ends, in whatever way: that wakes the caller.
            work()
        };
        let worker = match thread::Builder::new().name("sam3roto-infer".to_owned()).spawn_scoped(scope, work) {
            Ok(worker) => worker,
            Err(error) => return Outcome::NoThread(error.to_string()),
        };
        let mut interrupted = false;
        while finished.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
            interrupted = interrupted || abort.aborted();
            if interrupted {
                interrupt();
            }
        }
        match worker.join() {
            Ok(value) => Outcome::Done { value, interrupted },
            Err(panic) => Outcome::Panicked(words(&*panic)),
        }
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("an internal check failed: {}", text.unwrap_or("no details"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::abort::NeverAbort;

    #[test]
    fn abort_is_asked_on_the_calling_thread_and_interrupts_the_work() {
        let caller = thread::current().id();
        let stop = AtomicBool::new(false);
        let interrupt = || stop.store(true, Ordering::Relaxed);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            thread::current().id()
        };
        let asked_elsewhere = AtomicBool::new(false);
        let abort = || {
            asked_elsewhere.fetch_or(thread::current().id() != caller, Ordering::Relaxed);
            true
        };
        let Outcome::Done { value, interrupted } = interruptible(&abort, interrupt, work) else {
            panic!("the work did not panic");
        };
        assert!(interrupted && value != caller);
        assert!(!asked_elsewhere.load(Ordering::Relaxed));
    }

    #[test]
    fn a_panic_becomes_words() {
        let outcome = interruptible(&NeverAbort, || {}, || -> () { panic!("shape {}", 7) });
        let Outcome::Panicked(words) = outcome else { panic!("the panic got lost") };
        assert!(words.contains("shape 7"), "{words}");
    }
}
