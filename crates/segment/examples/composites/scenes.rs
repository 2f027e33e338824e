//! What happens in each shot.

use std::f32::consts::TAU;

use crate::layers::{Pose, STANDING};

/// Pixels of the pictures: those of DAVIS.
pub const WIDTH: u32 = 854;
pub const HEIGHT: u32 = 480;

/// Poses while the shutter is open.
const SHUTTER: usize = 7;

/// What is followed.
#[derive(Clone, Copy)]
pub enum Object {
    /// The object of a shot.
    Shot(usize),
    /// A round thing with a background for a skin.
    Blob(usize),
}

/// Where something stands on a frame; `None` where it is away.
type Path = fn(f32) -> Option<Pose>;

/// A shot to be made.
#[derive(Clone, Copy)]
pub struct Scene {
    pub name: &'static str,
    pub object: Object,
    /// Frame of the object's shot on the first frame.
    pub first: usize,
    pub background: usize,
    pub frames: usize,
    pub pose: Path,
    /// Something that looks like the object, behind it: the object as it is so many frames later.
    pub other: Option<Path>,
    pub apart: usize,
    /// From where to where across something stands before the object.
    pub before: Option<(f32, f32)>,
    /// How much of the time between two frames the shutter is open.
    pub open: f32,
}

impl Scene {
    /// The times at which the object is seen for a frame, from it on.
    pub fn shutter(&self) -> impl Iterator<Item = f32> {
        let steps = if self.open > 0.0 { SHUTTER } else { 1 };
        (0..steps).map(move |step| self.open * (step as f32 / SHUTTER as f32 - 0.5))
    }
}

const PLAIN: Scene = Scene {
    name: "",
    object: Object::Shot(0),
    first: 0,
    background: 0,
    frames: 24,
    pose: |_| Some(STANDING),
    other: None,
    apart: 0,
    before: None,
    open: 0.0,
};

/// A straight way, in shares of the picture a frame.
fn moving(from: (f32, f32), by: (f32, f32), time: f32) -> Pose {
    Pose { at: (from.0 + by.0 * time, from.1 + by.1 * time), ..STANDING }
}

/// One of each kind, some with several objects.
pub const SCENES: [Scene; 12] = [
    Scene {
        name: "turns-and-grows",
        pose: |t| Some(Pose { height: 0.25 + 0.02 * t, turned: 0.04 * t, ..moving((0.3, 0.5), (0.015, 0.0), t) }),
        ..PLAIN
    },
    Scene {
        name: "hides",
        object: Object::Shot(1),
        first: 10,
        background: 1,
        pose: |t| Some(Pose { height: 0.6, ..moving((0.2, 0.55), (0.026, 0.0), t) }),
        before: Some((0.42, 0.6)),
        ..PLAIN
    },
    Scene {
        name: "leaves-and-returns",
        first: 20,
        background: 2,
        pose: |t| {
            (!(9.0..15.0).contains(&t)).then(|| {
                let from = if t < 9.0 {
                    moving((0.6, 0.6), (0.06, 0.0), t)
                } else {
                    moving((1.1, 0.4), (-0.05, 0.01), t - 15.0)
                };
                Pose { height: 0.4, ..from }
            })
        },
        ..PLAIN
    },
    Scene {
        name: "twin-crosses",
        object: Object::Shot(1),
        first: 30,
        background: 2,
        pose: |t| Some(Pose { height: 0.55, ..moving((0.3, 0.55), (0.016, 0.0), t) }),
        other: Some(|t| Some(Pose { height: 0.55, ..moving((0.75, 0.5), (-0.018, 0.0), t) })),
        apart: 15,
        ..PLAIN
    },
    Scene {
        name: "small-and-fast",
        object: Object::Shot(1),
        first: 50,
        background: 1,
        pose: |t| {
            Some(Pose {
                height: 0.18,
                at: (0.5 + 0.3 * (TAU * t / 16.0).sin(), 0.45 + 0.2 * (TAU * t / 11.0).cos()),
                ..STANDING
            })
        },
        open: 0.5,
        ..PLAIN
    },
    Scene {
        name: "faint",
        first: 5,
        background: 3,
        pose: |t| Some(Pose { height: 0.45, solid: 0.55, ..moving((0.35, 0.55), (0.012, 0.0), t) }),
        ..PLAIN
    },
    Scene {
        name: "light-changes",
        object: Object::Blob(3),
        background: 0,
        pose: |t| Some(Pose { light: 0.8 + 0.45 * (TAU * t / 12.0).cos(), ..moving((0.35, 0.45), (0.014, 0.004), t) }),
        ..PLAIN
    },
    Scene {
        name: "blob-turns",
        object: Object::Blob(1),
        background: 2,
        pose: |t| Some(Pose { turned: 0.12 * t, height: 0.5 - 0.01 * t, ..moving((0.65, 0.5), (-0.015, 0.005), t) }),
        ..PLAIN
    },
    Scene {
        name: "blobs-meet",
        object: Object::Blob(0),
        background: 3,
        pose: |t| Some(Pose { height: 0.4, ..moving((0.3, 0.5), (0.017, 0.0), t) }),
        other: Some(|t| Some(Pose { height: 0.4, ..moving((0.75, 0.6), (-0.016, -0.003), t) })),
        apart: 12,
        ..PLAIN
    },
    Scene {
        name: "blurred",
        object: Object::Shot(1),
        first: 70,
        background: 0,
        pose: |t| {
            Some(Pose {
                height: 0.5,
                turned: 0.3 * (TAU * t / 10.0).sin(),
                at: (0.5 + 0.25 * (TAU * t / 14.0).sin(), 0.5),
                ..STANDING
            })
        },
        open: 0.8,
        ..PLAIN
    },
    Scene {
        name: "comes-near",
        object: Object::Shot(1),
        first: 40,
        background: 3,
        pose: |t| Some(Pose { height: 0.3 + 0.045 * t, ..moving((0.5, 0.5), (0.006, 0.01), t) }),
        ..PLAIN
    },
    Scene {
        name: "twin-and-pillar",
        first: 30,
        background: 1,
        pose: |t| Some(Pose { height: 0.35, ..moving((0.15, 0.6), (0.032, 0.0), t) }),
        other: Some(|t| Some(Pose { height: 0.35, ..moving((0.8, 0.3), (-0.006, 0.0), t) })),
        apart: 8,
        before: Some((0.45, 0.58)),
        ..PLAIN
    },
];
