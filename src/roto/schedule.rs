//! Which prompts speak for a frame: the keyframes of the active prompts are the prompt frames.

/// The prompt frames of a node, sorted, each once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schedule {
    frames: Vec<f64>,
}

impl Schedule {
    /// Makes the schedule from key times in any order, with repeats; times that are not finite are dropped.
    pub fn new(key_times: impl IntoIterator<Item = f64>) -> Self {
        let mut frames: Vec<f64> = key_times.into_iter().filter(|t| t.is_finite()).collect();
        frames.sort_by(f64::total_cmp);
        frames.dedup();
        Self { frames }
    }

    /// The prompt frames, ascending. Empty when nothing is keyed.
    pub fn frames(&self) -> &[f64] {
        &self.frames
    }

    /// The prompt frame that speaks for `time`: the nearest at or before it, else the nearest after it.
    /// `None` when nothing is keyed: the prompts are then the same on all frames.
    pub fn governing(&self, time: f64) -> Option<f64> {
        let after = self.frames.partition_point(|&frame| frame <= time);
        self.frames.get(after.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_counted_once() {
        assert_eq!(Schedule::new([30.0, 1.0, 30.0, 12.5, f64::NAN]).frames(), [1.0, 12.5, 30.0]);
    }

    #[test]
    fn the_nearest_earlier_prompt_frame_speaks() {
        let schedule = Schedule::new([10.0, 20.0]);
        assert_eq!(schedule.governing(10.0), Some(10.0));
        assert_eq!(schedule.governing(19.9), Some(10.0));
        assert_eq!(schedule.governing(20.0), Some(20.0));
        assert_eq!(schedule.governing(900.0), Some(20.0));
    }

    #[test]
    fn before_the_first_key_the_first_speaks() {
        assert_eq!(Schedule::new([10.0, 20.0]).governing(-5.0), Some(10.0));
    }

    #[test]
    fn without_keys_nobody_speaks() {
        assert_eq!(Schedule::new([]).governing(3.0), None);
    }
}
