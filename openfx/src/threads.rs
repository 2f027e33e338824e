//! Work on the host's own threads.

use std::ffi::{c_uint, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};
use crate::guard;
use crate::instance::Instance;
use crate::status::Status;
use crate::suites::call;

/// What the host's threads run: `work(index, count)`.
type Work<'a> = dyn Fn(u32, u32) + Sync + 'a;

impl Instance {
    /// How many threads the host would like to be used; 1 where it does not say.
    #[must_use]
    pub fn host_threads(&self) -> u32 {
        if self.loaded.host.quirks.no_host_threads {
            return 1;
        }
        let Some(suite) = self.loaded.suites.multi_thread else { return 1 };
        let mut count = 0;
        // SAFETY: the target is a local.
        let status = unsafe { call!(suite.multiThreadNumCPUs(&raw mut count)) };
        if status.is_ok() { count.max(1) } else { 1 }
    }

    /// Runs `work(index, count)` for every index below `count` on the host's threads and waits for all of them. In the
    /// calling thread where the host has none, or only pretends (Resolve).
    ///
    /// # Errors
    /// [`Error::Effect`] when one of them panicked; the host's failure.
    pub fn run_on_host_threads(&self, count: u32, work: &Work<'_>) -> Result<()> {
        match self.loaded.suites.multi_thread {
            Some(suite) if !self.loaded.host.quirks.no_host_threads && suite.multiThread.is_some() => {
                let job = Job { work, panicked: AtomicBool::new(false) };
                // SAFETY: the host calls `run_job` with `job` only before `multiThread` returns; `work` may be shared.
                let status =
                    unsafe { call!(suite.multiThread(Some(run_job), count, (&raw const job).cast_mut().cast())) };
                job.outcome()?;
                status.check("multiThread", "the effect")
            }
            _ => {
                let run = || (0..count).for_each(|index| work(index, count));
                guard::catch("a thread", run).map_err(Error::Effect)
            }
        }
    }
}

struct Job<'a> {
    work: &'a Work<'a>,
    panicked: AtomicBool,
}

impl Job<'_> {
    fn outcome(&self) -> Result<()> {
        if self.panicked.load(Ordering::Acquire) {
            return Err(Error::Effect("internal error in a host thread; the log has the details".to_owned()));
        }
        Ok(())
    }
}

unsafe extern "C" fn run_job(index: c_uint, count: c_uint, job: *mut c_void) {
    // SAFETY: `run_on_host_threads` passes its job and keeps it until all threads are done.
    let Some(job) = (unsafe { job.cast::<Job<'_>>().as_ref() }) else { return };
    let status = guard::guard("a host thread", || {
        (job.work)(index, count);
        Status::OK
    });
    if !status.is_ok() {
        job.panicked.store(true, Ordering::Release);
    }
}
