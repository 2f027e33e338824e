//! A few decoded frames.

use super::Picture;
use std::collections::VecDeque;
use std::sync::Arc;

/// The frames used last, at most a fixed number of them.
#[derive(Debug)]
pub(super) struct FrameCache {
    capacity: usize,
    /// Least recently used first.
    frames: VecDeque<(i32, Arc<Picture>)>,
}

impl FrameCache {
    /// Holds up to `capacity` frames, at least one.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), frames: VecDeque::new() }
    }

    /// How many frames it holds.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// A frame, if it is there; it then counts as used.
    pub(super) fn get(&mut self, frame: i32) -> Option<Arc<Picture>> {
        let place = self.frames.iter().position(|(number, _)| *number == frame)?;
        let entry = self.frames.remove(place)?;
        let picture = Arc::clone(&entry.1);
        self.frames.push_back(entry);
        Some(picture)
    }

    /// Keeps a frame, dropping the one not used for longest where there is no room.
    pub(super) fn put(&mut self, frame: i32, picture: Arc<Picture>) {
        self.frames.retain(|(number, _)| *number != frame);
        while self.frames.len() >= self.capacity {
            self.frames.pop_front();
        }
        self.frames.push_back((frame, picture));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{Components, Depth, Frame, RectI};

    #[test]
    fn the_frame_not_used_for_longest_makes_room() {
        let frame = Frame::new(RectI::new(0, 0, 1, 1), Depth::Byte, Components::Alpha, vec![7]).unwrap();
        let picture = Arc::new(Picture::new(frame));
        let mut cache = FrameCache::new(2);
        cache.put(1, Arc::clone(&picture));
        cache.put(2, Arc::clone(&picture));
        assert!(cache.get(1).is_some());
        cache.put(3, Arc::clone(&picture));
        assert!(cache.get(2).is_none());
        assert!(cache.get(1).is_some() && cache.get(3).is_some());
        assert_eq!(Arc::strong_count(&picture), 3);
    }
}
