//! Giving up and giving way: how a caller says that it no longer needs a result, and how soon it needs it.

use std::time::Duration;

use crate::InferenceError;

/// How often a waiting call asks [`Abort::aborted`]. Short enough that a compositor scrubbing the timeline does not
/// feel it, long enough that a host whose abort function takes a lock is not bothered.
pub(crate) const POLL: Duration = Duration::from_millis(10);

/// Who goes first where several wait for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Priority {
    /// Somebody looks at the screen and waits.
    #[default]
    Interactive,
    /// Work ahead of need: analysis, prefetch, warm-up.
    Background,
}

/// Says whether the caller still wants the result. Asked from the calling thread only, every few milliseconds.
///
/// Implemented for closures: `&|| host.aborted()`.
pub trait Abort: Sync {
    /// `true` once the result is no longer wanted. It may never become `false` again within one call.
    fn aborted(&self) -> bool;

    /// How soon the result is wanted. Constant within one call.
    fn priority(&self) -> Priority {
        Priority::Interactive
    }

    /// Goes on while the result is wanted.
    ///
    /// # Errors
    /// [`InferenceError::Aborted`] once it is not.
    fn check(&self) -> Result<(), InferenceError> {
        if self.aborted() { Err(InferenceError::Aborted) } else { Ok(()) }
    }
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

/// A caller that lets interactive ones go first.
#[derive(Clone, Copy)]
pub struct Background<'a>(pub &'a dyn Abort);

impl Abort for Background<'_> {
    fn aborted(&self) -> bool {
        self.0.aborted()
    }

    fn priority(&self) -> Priority {
        Priority::Background
    }
}
