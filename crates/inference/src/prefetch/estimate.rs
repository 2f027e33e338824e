//! How far a pass is, and how long it will still take.

use std::time::{Duration, Instant};

/// How often a caller is told while nothing happens: often enough for a moving bar and a Cancel button that answers.
const RHYTHM: Duration = Duration::from_millis(100);

/// How far a pass is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassProgress {
    /// Frames finished.
    pub done: usize,
    /// Frames in all.
    pub total: usize,
    /// What the rest will take at the speed so far; `None` before the first frame is finished.
    pub remaining: Option<Duration>,
}

impl PassProgress {
    /// From 0 to 1; 1 for a pass of no frames.
    pub fn fraction(&self) -> f64 {
        if self.total == 0 { 1.0 } else { self.done as f64 / self.total as f64 }
    }
}

/// Counts frames and watches the clock.
pub(super) struct Meter {
    start: Instant,
    told: Option<Instant>,
    done: usize,
    total: usize,
}

impl Meter {
    pub fn new(total: usize) -> Self {
        Self { start: Instant::now(), told: None, done: 0, total }
    }

    pub fn add(&mut self, frames: usize) {
        self.done += frames;
    }

    /// The progress, where it is time to tell it.
    pub fn due(&mut self) -> Option<PassProgress> {
        if self.told.is_some_and(|told| told.elapsed() < RHYTHM) {
            return None;
        }
        self.told = Some(Instant::now());
        Some(self.now())
    }

    pub fn now(&self) -> PassProgress {
        let remaining = remaining(self.start.elapsed(), self.done, self.total);
        PassProgress { done: self.done, total: self.total, remaining }
    }
}

fn remaining(elapsed: Duration, done: usize, total: usize) -> Option<Duration> {
    let rest = total.saturating_sub(done);
    (done > 0).then(|| elapsed.mul_f64(rest as f64 / done as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_per_frame_as_what_is_done() {
        let seconds = Duration::from_secs;
        assert_eq!(remaining(seconds(10), 5, 20), Some(seconds(30)));
        assert_eq!(remaining(seconds(10), 20, 20), Some(Duration::ZERO));
        assert_eq!(remaining(seconds(10), 0, 20), None);
    }

    #[test]
    fn a_pass_of_no_frames_is_finished() {
        assert_eq!(Meter::new(0).now().fraction(), 1.0);
    }
}
