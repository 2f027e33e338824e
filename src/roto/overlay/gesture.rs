//! What the pen and the keyboard mean in the viewer: a state machine without a host.
//!
//! * Click on empty picture: a point of the active object is added. With Shift or Alt it excludes.
//! * Drag from empty picture: the box round the active object is drawn.
//! * Drag a point or a corner of a box, of whichever object: it moves.
//! * Delete or Backspace: what was touched last is switched off.

use crate::roto::prompts::{BoxMeaning, Slot};

/// A point that a viewer shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownPoint {
    /// Counted from 0.
    pub slot: usize,
    /// Canonical.
    pub position: [f64; 2],
    /// Include, else exclude.
    pub include: bool,
    /// The object it speaks of, counted from 0.
    pub object: usize,
}

/// A box that a viewer shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShownBox {
    /// Counted from 0.
    pub slot: usize,
    /// Two opposite corners, canonical.
    pub corners: [[f64; 2]; 2],
    /// What it says.
    pub meaning: BoxMeaning,
    /// The object it speaks of, counted from 0.
    pub object: usize,
}

/// The prompts a viewer shows at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    /// Of all objects.
    pub points: Vec<ShownPoint>,
    /// Of all objects.
    pub boxes: Vec<ShownBox>,
}

impl Shown {
    /// The object of each prompt.
    pub fn objects(&self) -> impl Iterator<Item = usize> {
        self.points.iter().map(|point| point.object).chain(self.boxes.iter().map(|shown| shown.object))
    }
}

/// What can be taken hold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handle {
    /// A point's slot.
    Point(usize),
    /// A corner of a box: its slot, and which of the two stored corners gives its x, and which its y.
    Corner(usize, usize, usize),
}

impl Handle {
    /// The slot it belongs to.
    pub fn slot(self) -> Slot {
        match self {
            Self::Point(slot) => Slot::Point(slot),
            Self::Corner(slot, ..) => Slot::Box(slot),
        }
    }
}

/// What a gesture asks to be written to the parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edit {
    /// A new point of the active object in the next free slot.
    AddPoint {
        /// Canonical.
        position: [f64; 2],
        /// Include, else exclude.
        include: bool,
    },
    /// A point elsewhere.
    MovePoint {
        /// Counted from 0.
        slot: usize,
        /// Canonical.
        position: [f64; 2],
    },
    /// The box round the active object with these opposite corners, switched on.
    DrawBox {
        /// Canonical, in any order.
        corners: [[f64; 2]; 2],
    },
    /// A box elsewhere.
    SetBox {
        /// Counted from 0.
        slot: usize,
        /// Canonical, in any order.
        corners: [[f64; 2]; 2],
    },
    /// A point or a box switched off, its keys removed.
    Remove(Slot),
}

/// How near to a handle the pen takes hold of it, in screen pixels.
const REACH: f64 = 10.0;
/// How far the pen must travel, in screen pixels, before a click becomes a drag.
const CLICK_TRAVEL: f64 = 5.0;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Gesture {
    #[default]
    Idle,
    Pressed {
        at: [f64; 2],
        include: bool,
    },
    Holding {
        handle: Handle,
    },
    DrawingBox {
        from: [f64; 2],
    },
}

/// The pen's state in one viewer.
#[derive(Debug, Clone, Default)]
pub struct Pen {
    gesture: Gesture,
    selected: Option<Slot>,
}

impl Pen {
    /// What was touched last and still is shown.
    pub fn selected(&self) -> Option<Slot> {
        self.selected
    }

    /// The pen goes down at a canonical position. `pixel` is the size of a screen pixel in canonical units.
    pub fn down(&mut self, at: [f64; 2], pixel: [f64; 2], exclude: bool, shown: &Shown) {
        self.gesture = match nearest_handle(at, pixel, shown) {
            Some(handle) => {
                self.selected = Some(handle.slot());
                Gesture::Holding { handle }
            }
            None => Gesture::Pressed { at, include: !exclude },
        };
    }

    /// The pen moves while down (or not: then nothing is asked).
    pub fn moved(&mut self, to: [f64; 2], pixel: [f64; 2], shown: &Shown) -> Option<Edit> {
        if let Gesture::Pressed { at, .. } = self.gesture
            && distance(at, to, pixel) > CLICK_TRAVEL
        {
            self.gesture = Gesture::DrawingBox { from: at };
        }
        match self.gesture {
            Gesture::Holding { handle: Handle::Point(slot) } => Some(Edit::MovePoint { slot, position: to }),
            Gesture::Holding { handle: Handle::Corner(slot, x, y) } => {
                let mut corners = shown.boxes.iter().find(|shown| shown.slot == slot)?.corners;
                corners[x][0] = to[0];
                corners[y][1] = to[1];
                Some(Edit::SetBox { slot, corners })
            }
            Gesture::DrawingBox { from } => Some(Edit::DrawBox { corners: [from, to] }),
            Gesture::Idle | Gesture::Pressed { .. } => None,
        }
    }

    /// The pen goes up: a click that did not travel adds a point.
    pub fn up(&mut self) -> Option<Edit> {
        match std::mem::take(&mut self.gesture) {
            Gesture::Pressed { at, include } => Some(Edit::AddPoint { position: at, include }),
            _ => None,
        }
    }

    /// Delete or Backspace: asks to remove what was touched last.
    pub fn delete(&mut self) -> Option<Edit> {
        self.gesture = Gesture::Idle;
        self.selected.take().map(Edit::Remove)
    }

    /// This slot was filled or drawn: it is the one touched last.
    pub fn added(&mut self, slot: Slot) {
        self.selected = Some(slot);
    }

    /// The viewer lost its focus: what was begun is dropped.
    pub fn released(&mut self) {
        self.gesture = Gesture::Idle;
    }

    /// The handle that is being dragged.
    pub fn held(&self) -> Option<Handle> {
        if let Gesture::Holding { handle } = self.gesture { Some(handle) } else { None }
    }

    /// Whether the pen holds something, so that the host must not use the motion for itself.
    pub fn is_busy(&self) -> bool {
        self.gesture != Gesture::Idle
    }
}

/// The four handles of a box.
pub fn corner_handles(shown: &ShownBox) -> [(Handle, [f64; 2]); 4] {
    let &ShownBox { slot, corners, .. } = shown;
    [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(x, y)| (Handle::Corner(slot, x, y), [corners[x][0], corners[y][1]]))
}

fn nearest_handle(at: [f64; 2], pixel: [f64; 2], shown: &Shown) -> Option<Handle> {
    let points = shown.points.iter().map(|point| (Handle::Point(point.slot), point.position));
    let corners = shown.boxes.iter().flat_map(corner_handles);
    points
        .chain(corners)
        .map(|(handle, position)| (handle, distance(at, position, pixel)))
        .filter(|&(_, distance)| distance <= REACH)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(handle, _)| handle)
}

/// Screen pixels between two canonical positions.
fn distance(a: [f64; 2], b: [f64; 2], pixel: [f64; 2]) -> f64 {
    let size = |v: f64| if v.abs() > 0.0 { v.abs() } else { 1.0 };
    ((a[0] - b[0]) / size(pixel[0])).hypot((a[1] - b[1]) / size(pixel[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXEL: [f64; 2] = [1.0, 1.0];

    fn one_point() -> Shown {
        let point = ShownPoint { slot: 3, position: [100.0, 100.0], include: true, object: 0 };
        Shown { points: vec![point], ..Shown::default() }
    }

    #[test]
    fn a_click_on_empty_picture_adds_an_including_point() {
        let mut pen = Pen::default();
        pen.down([10.0, 20.0], PIXEL, false, &Shown::default());
        assert_eq!(pen.moved([12.0, 20.0], PIXEL, &Shown::default()), None, "a tremble is no drag");
        assert_eq!(pen.up(), Some(Edit::AddPoint { position: [10.0, 20.0], include: true }));
        assert!(!pen.is_busy());
    }

    #[test]
    fn with_the_modifier_the_point_excludes() {
        let mut pen = Pen::default();
        pen.down([10.0, 20.0], PIXEL, true, &Shown::default());
        assert_eq!(pen.up(), Some(Edit::AddPoint { position: [10.0, 20.0], include: false }));
    }

    #[test]
    fn dragging_a_point_moves_it_and_adds_none() {
        let mut pen = Pen::default();
        pen.down([104.0, 98.0], PIXEL, false, &one_point());
        assert_eq!(
            pen.moved([150.0, 120.0], PIXEL, &one_point()),
            Some(Edit::MovePoint { slot: 3, position: [150.0, 120.0] })
        );
        assert_eq!(pen.up(), None);
        assert_eq!(pen.selected(), Some(Slot::Point(3)));
    }

    #[test]
    fn reach_is_measured_on_the_screen_not_in_the_picture() {
        let mut pen = Pen::default();
        pen.down([130.0, 100.0], [4.0, 4.0], false, &one_point());
        assert_eq!(pen.selected(), Some(Slot::Point(3)), "30 units are 7.5 pixels on a zoomed-out screen");
        let mut pen = Pen::default();
        pen.down([104.0, 100.0], [0.25, 0.25], false, &one_point());
        assert_eq!(pen.selected(), None, "4 units are 16 pixels on a zoomed-in screen");
    }

    #[test]
    fn dragging_from_empty_picture_draws_a_box() {
        let mut pen = Pen::default();
        pen.down([10.0, 10.0], PIXEL, false, &Shown::default());
        let corners = [[10.0, 10.0], [60.0, 40.0]];
        assert_eq!(pen.moved([60.0, 40.0], PIXEL, &Shown::default()), Some(Edit::DrawBox { corners }));
        pen.added(Slot::Box(2));
        assert_eq!(pen.up(), None);
        assert_eq!(pen.delete(), Some(Edit::Remove(Slot::Box(2))));
    }

    #[test]
    fn each_corner_of_each_box_moves_alone() {
        let of = |slot, corners| ShownBox { slot, corners, meaning: BoxMeaning::Round, object: slot };
        let boxes = vec![of(0, [[0.0, 0.0], [90.0, 90.0]]), of(1, [[0.0, 0.0], [100.0, 50.0]])];
        let shown = Shown { points: Vec::new(), boxes };
        let mut pen = Pen::default();
        pen.down([100.0, 0.0], PIXEL, false, &shown);
        let corners = [[0.0, 5.0], [90.0, 50.0]];
        assert_eq!(pen.moved([90.0, 5.0], PIXEL, &shown), Some(Edit::SetBox { slot: 1, corners }));
    }

    #[test]
    fn delete_removes_what_was_touched_last_and_only_once() {
        let mut pen = Pen::default();
        pen.down([100.0, 100.0], PIXEL, false, &one_point());
        pen.up();
        assert_eq!(pen.delete(), Some(Edit::Remove(Slot::Point(3))));
        assert_eq!(pen.delete(), None);
    }

    #[test]
    fn losing_the_focus_drops_the_gesture() {
        let mut pen = Pen::default();
        pen.down([10.0, 10.0], PIXEL, false, &Shown::default());
        pen.released();
        assert_eq!(pen.up(), None);
    }
}
