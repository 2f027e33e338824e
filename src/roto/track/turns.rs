//! One thread tracks a span at a time; the others wait for what it finds. And which frames of a span have a state.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use inference::{Abort, InferenceError, Key};

/// How often a waiting thread asks its host whether to go on.
const POLL: Duration = Duration::from_millis(10);

/// More spans than these are not remembered: they are of prompts that were moved on since.
const MOST_SPANS: usize = 1024;

/// The spans that are or were tracked.
#[derive(Debug, Default)]
pub struct Turns {
    spans: Mutex<HashMap<Key, Known>>,
    /// A frame was found, or a span is free.
    news: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    busy: bool,
    /// Frames after which a state was kept.
    states: BTreeSet<usize>,
}

/// What a thread that wants a frame of a span gets.
pub enum Turn<'a> {
    /// Track: nobody else does.
    Mine(TurnGuard<'a>),
    /// Somebody else found something: look again.
    News,
}

/// The right to track a span, until dropped.
pub struct TurnGuard<'a> {
    turns: &'a Turns,
    span: Key,
}

impl Turns {
    /// Waits until the span is free, or a frame was found.
    ///
    /// # Errors
    /// [`InferenceError::Aborted`].
    pub fn take(&self, span: Key, abort: &dyn Abort) -> Result<Turn<'_>, InferenceError> {
        let mut spans = self.lock();
        if spans.len() >= MOST_SPANS {
            spans.retain(|_, known| known.busy);
        }
        let known = spans.entry(span).or_default();
        if !known.busy {
            known.busy = true;
            return Ok(Turn::Mine(TurnGuard { turns: self, span }));
        }
        drop(self.news.wait_timeout(spans, POLL).unwrap_or_else(PoisonError::into_inner));
        if abort.aborted() { Err(InferenceError::Aborted) } else { Ok(Turn::News) }
    }

    /// No state is kept any more.
    pub fn forget(&self) {
        self.lock().values_mut().for_each(|known| known.states.clear());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Known>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnGuard<'_> {
    /// Tells the others that a frame was found, and that there is a state after it.
    pub fn found(&self, frame: usize) {
        self.turns.lock().entry(self.span).or_default().states.insert(frame);
        self.turns.news.notify_all();
    }

    /// The frames from `last` down that had a state, and may still have.
    pub fn states(&self, last: usize) -> Vec<usize> {
        let spans = self.turns.lock();
        spans.get(&self.span).map(|known| known.states.range(..=last).rev().copied().collect()).unwrap_or_default()
    }

    /// The state after a frame is gone.
    pub fn lost(&self, frame: usize) {
        if let Some(known) = self.turns.lock().get_mut(&self.span) {
            known.states.remove(&frame);
        }
    }
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.turns.lock().get_mut(&self.span) {
            known.busy = false;
        }
        self.turns.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use inference::NeverAbort;

    use super::*;

    #[test]
    fn one_thread_tracks_a_span_and_the_others_hear_of_it() {
        let (turns, inside, found) = (Turns::default(), AtomicUsize::new(0), AtomicBool::new(false));
        let tracked = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    while !found.load(Ordering::SeqCst) {
                        let Turn::Mine(tracking) = turns.take(Key(1), &NeverAbort).unwrap() else { continue };
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        if !found.swap(true, Ordering::SeqCst) {
                            tracked.fetch_add(1, Ordering::SeqCst);
                            tracking.found(1);
                        }
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(tracked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn who_gives_up_waiting_leaves_and_other_spans_wait_for_nobody() {
        let turns = Turns::default();
        let Ok(Turn::Mine(_first)) = turns.take(Key(1), &NeverAbort) else { panic!("free") };
        assert!(matches!(turns.take(Key(1), &|| true), Err(InferenceError::Aborted)));
        assert!(matches!(turns.take(Key(1), &NeverAbort), Ok(Turn::News)));
        assert!(matches!(turns.take(Key(2), &NeverAbort), Ok(Turn::Mine(_))));
    }

    #[test]
    fn the_nearest_states_come_first_and_lost_ones_no_more() {
        let turns = Turns::default();
        let Ok(Turn::Mine(tracking)) = turns.take(Key(1), &NeverAbort) else { panic!("free") };
        [3, 1, 2, 9].into_iter().for_each(|frame| tracking.found(frame));
        tracking.lost(2);
        assert_eq!(tracking.states(3), [3, 1]);
        drop(tracking);
        let Ok(Turn::Mine(tracking)) = turns.take(Key(1), &NeverAbort) else { panic!("free again") };
        assert_eq!(tracking.states(100), [9, 3, 1]);
        turns.forget();
        assert!(tracking.states(100).is_empty());
    }
}
