//! Numbered frames and video files, in and out.
