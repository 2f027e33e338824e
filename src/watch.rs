//! Work of which the progress is told while it runs, and which ends where the answer is to cancel.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use inference::{Abort, PassProgress};

/// How often the progress is told while a network runs or loads: often enough for a Cancel button that answers.
const RHYTHM: Duration = Duration::from_millis(100);

/// How far it is, and who is told. As an [`Abort`] it tells in its rhythm and is aborted from the first answer to
/// cancel on; it may be asked from the thread alone that the host called.
pub struct Watch<F>(Mutex<Watched<F>>);

struct Watched<F> {
    /// Taken out while it is told: it calls the host.
    progress: Option<F>,
    told: Option<Instant>,
    start: Instant,
    cancelled: bool,
    done: usize,
    total: usize,
}

impl<F: FnMut(PassProgress) -> bool + Send> Watch<F> {
    /// Work of so many steps. `progress` answers whether to go on.
    pub fn new(total: usize, progress: F) -> Self {
        let progress = Some(progress);
        Self(Mutex::new(Watched { progress, told: None, start: Instant::now(), cancelled: false, done: 0, total }))
    }

    /// A step is finished.
    pub fn finished_one(&self) {
        self.lock().done += 1;
    }

    /// Whether the answer was to cancel.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Tells the progress now, whatever the rhythm; not to somebody who cancelled: what was under way then may still have
    /// come to its end.
    pub fn tell(&self) {
        let mut watched = self.lock();
        if watched.cancelled {
            return;
        }
        watched.told = Some(Instant::now());
        let Watched { done, total, start, .. } = *watched;
        let rest = total.saturating_sub(done);
        let remaining = (done > 0).then(|| start.elapsed().mul_f64(rest as f64 / done as f64));
        let Some(mut progress) = watched.progress.take() else { return };
        drop(watched);
        let goes_on = progress(PassProgress { done, total, remaining });
        let mut watched = self.lock();
        watched.progress = Some(progress);
        watched.cancelled |= !goes_on;
    }

    fn lock(&self) -> MutexGuard<'_, Watched<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: FnMut(PassProgress) -> bool + Send> Abort for Watch<F> {
    fn aborted(&self) -> bool {
        let due = {
            let watched = self.lock();
            !watched.cancelled && watched.told.is_none_or(|told| told.elapsed() >= RHYTHM)
        };
        if due {
            self.tell();
        }
        self.lock().cancelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_cancelled_it_stays_so_and_nobody_is_asked_again() {
        let mut asked = 0;
        {
            let watch = Watch::new(3, |_| {
                asked += 1;
                false
            });
            assert!(watch.aborted() && watch.aborted());
            watch.finished_one();
            watch.tell();
            assert!(watch.is_cancelled());
        }
        assert_eq!(asked, 1);
    }

    #[test]
    fn steps_are_counted_and_between_two_beats_nobody_is_told() {
        let mut told = Vec::new();
        {
            let watch = Watch::new(2, |progress: PassProgress| {
                told.push(progress.done);
                true
            });
            assert!(!watch.aborted() && !watch.aborted());
            watch.finished_one();
            watch.tell();
        }
        assert_eq!(told, [0, 1]);
    }
}
