//! The demo shot as a host's clip.

use std::sync::OnceLock;

use headless::host::{ClipFormat, Components, Depth, Frame, ImageSource, RectD, SourceError};

use crate::support::demo_frame;

/// Frames of the demo shot, counted from 1.
pub const LAST: usize = 132;

/// The demo shot, 1280x720, 8 bits, all of it in memory: tracking asks for the ends of a span again and again, and a
/// video begins anew for each frame that lies behind.
pub struct DemoShot;

/// A frame of the demo shot.
pub fn demo_shot(number: usize) -> &'static Frame {
    static FRAMES: OnceLock<Vec<Frame>> = OnceLock::new();
    let read = |number| demo_frame(number).converted(Depth::Byte, Components::Rgba).expect("any picture can be RGBA");
    let frames = FRAMES.get_or_init(|| (1..=LAST as i32).map(read).collect());
    &frames[number - 1]
}

impl ImageSource for DemoShot {
    fn range(&self) -> (f64, f64) {
        (1.0, LAST as f64)
    }

    fn format(&self) -> ClipFormat {
        ClipFormat::new(Depth::Byte, Components::Rgba)
    }

    fn rod(&self, _: f64) -> RectD {
        let first = demo_shot(1);
        RectD { x1: 0.0, y1: 0.0, x2: first.width() as f64, y2: first.height() as f64 }
    }

    fn frame(&self, time: f64) -> Result<Frame, SourceError> {
        Ok(demo_shot(time as usize).clone())
    }
}
