//! Numbered frames and video files, in and out.
//!
//! * [`Pattern`]: `shot.%04d.exr`, `shot.####.png`: which files belong to a shot and where a frame is written to.
//! * [`FrameSet`]: `1-100x5,130`: which frames are meant.
//! * [`Footage`]: a shot that is read: numbered files, one still, or a video through ffmpeg, with a small cache of decoded frames.
//! * [`Picture`]: one decoded frame: a host [`Frame`](crate::host::Frame) with its display window.
//! * [`matte_plane`] and [`brightness_plane`]: a decoded frame as numbers to measure on.
//! * [`read_picture`] and [`write_picture`]: EXR, PNG, JPEG and TIFF; writing is all or nothing.
//!
//! Rectangles are in OFX pixel coordinates, y up. A file's rows count downwards, so its windows are mirrored inside its display window:
//! the display window keeps its numbers, and a data window in the upper left corner of the picture ends up at the top.

mod cache;
mod commit;
mod error;
mod exr_in;
mod exr_out;
mod ffmpeg;
mod footage;
mod format;
mod frames;
mod pam;
mod pattern;
mod picture;
mod pixels;
mod planes;
mod still_in;
mod still_out;
mod tiff_in;
mod tiff_out;
mod video;
mod write;

pub use error::SequenceError;
pub use ffmpeg::{FfmpegError, FfmpegSearch, find_ffmpeg};
pub use footage::{Footage, FootageKind, FootageOptions};
pub use format::{ExrCompression, Format, read_picture};
pub use frames::{FrameSet, FrameSetError, describe_frames};
pub use pattern::{Numbered, Pattern};
pub use picture::Picture;
pub use pixels::{luma_as_alpha, premultiplied, straight};
pub use planes::{MatteChannel, brightness_plane, matte_plane};
pub use video::{VideoFile, VideoInfo};
pub use write::{Provenance, WriteSettings, write_picture};
