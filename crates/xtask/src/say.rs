//! What the tasks tell: one line a thing, aligned.

use std::time::{Duration, Instant};

/// "  verb        what".
pub fn line(verb: &str, what: &str) {
    println!("{verb:>10}  {what}");
}

/// Names a step, and its time once it is done.
pub struct Step {
    verb: &'static str,
    what: String,
    begun: Instant,
}

impl Step {
    /// Begins a step; nothing is said until it ends.
    pub fn begin(verb: &'static str, what: impl Into<String>) -> Self {
        Self { verb, what: what.into(), begun: Instant::now() }
    }

    /// Tells the step and its time, and returns the time.
    pub fn end(self) -> Duration {
        let took = self.begun.elapsed();
        line(self.verb, &format!("{}  {}", self.what, seconds(took)));
        took
    }
}

/// "3.2 s", "4 min 07 s".
pub fn seconds(time: Duration) -> String {
    let total = time.as_secs_f64();
    match total < 99.95 {
        true => format!("{total:.1} s"),
        false => format!("{} min {:02} s", (total / 60.0) as u64, (total as u64) % 60),
    }
}

/// "23.8 MB".
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_readable() {
        assert_eq!(seconds(Duration::from_millis(3240)), "3.2 s");
        assert_eq!(seconds(Duration::from_secs(247)), "4 min 07 s");
    }
}
