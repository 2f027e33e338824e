//! Who runs next where only one may run: first come, first served, interactive callers before those in the background.

use std::{collections::VecDeque, fmt};

use crate::{
    abort::{Abort, POLL, Priority},
    sync::{Condvar, Mutex, MutexGuard},
};

/// After so many interactive turns in a row one in the background gets its turn, so that an analysis comes to its end
/// even while somebody scrubs the timeline all day.
const INTERACTIVE_IN_A_ROW: u32 = 8;

/// A value that one caller at a time may use, in fair order. No lock is held while it is used: it changes hands.
pub struct Turns<T> {
    state: Mutex<State<T>>,
    /// The value came back, or somebody left the queue.
    changed: Condvar,
}

struct State<T> {
    /// `None` while somebody uses it.
    value: Option<T>,
    queue: Queue,
}

/// A place in the queue. Numbers are given in the order of arrival.
type Ticket = u64;

/// Those who wait, as pure bookkeeping.
#[derive(Debug, Default)]
struct Queue {
    arrived: Ticket,
    interactive: VecDeque<Ticket>,
    background: VecDeque<Ticket>,
    interactive_in_a_row: u32,
}

impl Queue {
    fn enter(&mut self, priority: Priority) -> Ticket {
        self.arrived += 1;
        let ticket = self.arrived;
        self.line(priority).push_back(ticket);
        ticket
    }

    fn leave(&mut self, ticket: Ticket) {
        self.interactive.retain(|&waiting| waiting != ticket);
        self.background.retain(|&waiting| waiting != ticket);
    }

    /// Whose turn it is.
    fn first(&self) -> Option<Ticket> {
        self.next_line().and_then(|priority| match priority {
            Priority::Interactive => self.interactive.front().copied(),
            Priority::Background => self.background.front().copied(),
        })
    }

    /// The first begins its turn.
    fn begin(&mut self) {
        let Some(priority) = self.next_line() else { return };
        // Counted only while somebody in the background waits for it.
        self.interactive_in_a_row = match priority {
            Priority::Interactive if !self.background.is_empty() => self.interactive_in_a_row + 1,
            _ => 0,
        };
        self.line(priority).pop_front();
    }

    fn next_line(&self) -> Option<Priority> {
        match (self.interactive.is_empty(), self.background.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Priority::Interactive),
            (true, false) => Some(Priority::Background),
            (false, false) if self.interactive_in_a_row >= INTERACTIVE_IN_A_ROW => Some(Priority::Background),
            (false, false) => Some(Priority::Interactive),
        }
    }

    fn line(&mut self, priority: Priority) -> &mut VecDeque<Ticket> {
        match priority {
            Priority::Interactive => &mut self.interactive,
            Priority::Background => &mut self.background,
        }
    }
}

impl<T> Turns<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        let state = State { value: Some(value), queue: Queue::default() };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Uses the value when the caller's turn has come; `None` when `abort` said so before that. Who gives up, or
    /// panics, leaves no hole in the queue, and the value is there for the next.
    pub fn with<R>(&self, abort: &dyn Abort, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut turn = self.wait(abort)?;
        turn.value.as_mut().map(work)
    }

    /// Callers waiting now.
    pub fn waiting(&self) -> usize {
        let state = self.state.lock();
        state.queue.interactive.len() + state.queue.background.len()
    }

    fn wait(&self, abort: &dyn Abort) -> Option<Turn<'_, T>> {
        if abort.aborted() {
            return None;
        }
        let ticket = self.state.lock().queue.enter(abort.priority());
        // Before the lock, so that it is dropped after it, also when the abort panics.
        let place = InQueue { turns: self, ticket };
        let mut state = self.state.lock();
        loop {
            if state.queue.first() == Some(place.ticket)
                && let Some(value) = state.value.take()
            {
                state.queue.begin();
                return Some(Turn { turns: self, value: Some(value) });
            }
            self.changed.wait_for(&mut state, POLL);
            if MutexGuard::unlocked(&mut state, || abort.aborted()) {
                return None;
            }
        }
    }
}

/// The right to use the value, which it holds.
struct Turn<'a, T> {
    turns: &'a Turns<T>,
    value: Option<T>,
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.turns.state.lock().value = self.value.take();
        self.turns.changed.notify_all();
    }
}

/// A place in the queue, given up when its holder stops waiting in whatever way.
struct InQueue<'a, T> {
    turns: &'a Turns<T>,
    ticket: Ticket,
}

impl<T> Drop for InQueue<'_, T> {
    fn drop(&mut self) {
        self.turns.state.lock().queue.leave(self.ticket);
        self.turns.changed.notify_all();
    }
}

impl<T> fmt::Debug for Turns<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(feature = "interleave")))]
mod tests {
    use super::*;

    fn served(queue: &mut Queue, count: usize) -> Vec<Ticket> {
        (0..count)
            .filter_map(|_| {
                let first = queue.first();
                queue.begin();
                first
            })
            .collect()
    }

    #[test]
    fn first_come_first_served_and_interactive_before_background() {
        use Priority::*;
        let mut queue = Queue::default();
        for priority in [Background, Interactive, Background, Interactive] {
            queue.enter(priority);
        }
        assert_eq!(served(&mut queue, 5), [2, 4, 1, 3]);
    }

    #[test]
    fn the_background_gets_a_turn_after_eight_interactive_ones() {
        let mut queue = Queue::default();
        for _ in 0..30 {
            queue.enter(Priority::Interactive);
        }
        for _ in 0..2 {
            queue.enter(Priority::Background);
        }
        let order = served(&mut queue, 32);
        assert_eq!([order[8], order[17]], [31, 32]);
        assert!(order[..8].iter().chain(&order[9..17]).eq(&(1..=16).collect::<Vec<_>>()));
    }

    #[test]
    fn who_leaves_the_queue_is_passed_over() {
        let mut queue = Queue::default();
        for _ in 0..3 {
            queue.enter(Priority::Interactive);
        }
        queue.leave(1);
        queue.leave(7);
        assert_eq!(served(&mut queue, 3), [2, 3]);
    }

    #[test]
    fn a_panic_while_it_is_used_gives_the_value_back() {
        let turns = Turns::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            turns.with(&crate::NeverAbort, |value| {
                *value += 1;
                panic!("on purpose");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(turns.with(&crate::NeverAbort, |value| *value), Some(2));
    }
}
