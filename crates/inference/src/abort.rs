//! Giving up: how a caller says that it no longer needs a result.

use std::time::Duration;

/// How often a waiting call asks [`Abort::aborted`]. Short enough that a compositor scrubbing the timeline does not
/// feel it, long enough that a host whose abort function takes a lock is not bothered.
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// Says whether the caller still wants the result. Asked from the calling thread only, every few milliseconds.
///
/// Implemented for closures: `&|| host.aborted()`.
pub trait Abort: Sync {
    /// `true` once the result is no longer wanted. It may never become `false` again within one call.
    fn aborted(&self) -> bool;
}

impl<F: Fn() -> bool + Sync> Abort for F {
    fn aborted(&self) -> bool {
        self()
    }
}

/// The caller that always waits.
#[derive(Debug, Clone, Copy, Default)]
pub struct NeverAbort;

impl Abort for NeverAbort {
    fn aborted(&self) -> bool {
        false
    }
}
