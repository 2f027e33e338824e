//! The outlines of recent mattes, for the viewer to draw. Drawing never starts inference: it shows what there is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Closed lines in canonical coordinates.
pub type Lines = Arc<Vec<Vec<[f64; 2]>>>;

/// The box round all lines; `None` without any.
pub fn bounding_box(lines: &[Vec<[f64; 2]>]) -> Option<[[f64; 2]; 2]> {
    let grown = |[low, high]: [[f64; 2]; 2], point: &[f64; 2]| {
        [[low[0].min(point[0]), low[1].min(point[1])], [high[0].max(point[0]), high[1].max(point[1])]]
    };
    let mut points = lines.iter().flatten();
    let first = *points.next()?;
    Some(points.fold([first, first], grown))
}

/// How many frames are remembered: enough for stepping back and forth, next to nothing in memory.
const REMEMBERED: usize = 64;

/// The outlines of an instance's last rendered frames.
#[derive(Default)]
pub struct Outlines {
    recent: Mutex<VecDeque<(f64, Lines)>>,
}

impl Outlines {
    /// Remembers the outline of a frame.
    pub fn put(&self, time: f64, lines: Vec<Vec<[f64; 2]>>) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(known, _)| *known != time);
        recent.push_back((time, Arc::new(lines)));
        if recent.len() > REMEMBERED {
            recent.pop_front();
        }
    }

    /// The outline of a frame, empty when it was not rendered lately.
    pub fn at(&self, time: f64) -> Lines {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().rev().find(|(known, _)| *known == time).map(|(_, lines)| lines.clone()).unwrap_or_default()
    }

    /// Forgets all: the prompts have changed.
    pub fn clear(&self) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_outline_of_a_frame_is_shown() {
        let outlines = Outlines::default();
        outlines.put(5.0, vec![vec![[1.0, 1.0]]]);
        outlines.put(5.0, vec![vec![[2.0, 2.0]]]);
        assert_eq!(*outlines.at(5.0), vec![vec![[2.0, 2.0]]]);
        assert!(outlines.at(6.0).is_empty());
    }

    #[test]
    fn the_box_round_lines_holds_all_of_them() {
        let lines = [vec![[1.0, 5.0], [3.0, -2.0]], Vec::new(), vec![[0.5, 0.0]]];
        assert_eq!(bounding_box(&lines), Some([[0.5, -2.0], [3.0, 5.0]]));
        assert_eq!(bounding_box(&[Vec::new()]), None);
    }

    #[test]
    fn old_frames_are_forgotten() {
        let outlines = Outlines::default();
        for frame in 0..=REMEMBERED {
            outlines.put(frame as f64, vec![Vec::new()]);
        }
        assert!(outlines.at(0.0).is_empty());
        assert_eq!(outlines.at(REMEMBERED as f64).len(), 1);
    }
}
